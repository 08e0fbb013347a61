"""A browser: a page on a website host that reads and writes a bucket across origins, and sends a form to it."""

import hashlib
import html
import json
import re

import pytest

from s3_buckets import PATH_STYLE, allow, policy

SCRIPT = """
const given = GIVEN, seen = {}, part = id => document.getElementById(id);

async function run() {
    const put = await fetch(given.put, {method: "PUT", body: "from a page", headers: given.headers});
    seen.put = [put.status, put.headers.get("ETag"), put.headers.get("x-amz-request-id")];
    const get = await fetch(given.get);
    seen.get = [get.status, get.headers.get("Content-Type"), await get.text()];
    seen.closed = await fetch(given.closed).catch(error => error.name);
    const form = part("form");
    form.action = given.form.url;
    for (const [name, value] of Object.entries(given.form.fields)) {
        const field = document.createElement("input");
        Object.assign(field, {type: "hidden", name, value});
        form.prepend(field);
    }
    const files = new DataTransfer();
    files.items.add(new File(["chosen by hand"], "my notes.txt", {type: "text/plain"}));
    part("file").files = files.files;
    const arrived = new Promise(done => part("frame").onload = done);
    form.submit();
    await arrived;
    seen.form = [part("frame").contentWindow.location.href, part("frame").contentDocument.body.textContent];
}

run().catch(error => seen.error = `${error}`).then(() => part("seen").textContent = JSON.stringify(seen));
"""
PAGE = f"""<!doctype html>
<meta charset="utf-8">
<pre id="seen"></pre>
<form id="form" method="post" enctype="multipart/form-data" target="frame"><input type="file" name="file" id="file"></form>
<iframe id="frame" name="frame"></iframe>
<script>{SCRIPT}</script>
"""


@pytest.fixture
def browse(program, tmp_path):
    """Opens a page and lets its scripts run; the document as it is then."""
    chromium = program("chromium", {})
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={tmp_path}/profile"]

    def dump(url):
        return chromium(*options, "--virtual-time-budget=60000", "--dump-dom", url)

    return dump


def test_a_page_reads_writes_and_uploads(shared_endpoint, unique_name, browse):
    key = shared_endpoint.admin("POST", "keys", {})
    s3 = shared_endpoint.client(
        "s3", aws_access_key_id=key["access_key_id"], aws_secret_access_key=key["secret_access_key"], s3=PATH_STYLE,
        signature_version="s3v4")
    site, data, closed = (unique_name(prefix) for prefix in ["site", "data", "closed"])
    for bucket in [site, data, closed]:
        s3.create_bucket(Bucket=bucket)
    origin = shared_endpoint.url.replace("127.0.0.1", "localhost").replace("//", f"//{site}.s3-website.")
    s3.delete_public_access_block(Bucket=site)
    s3.put_bucket_policy(Bucket=site, Policy=policy(allow("s3:GetObject", f"arn:aws:s3:::{site}/*", Principal="*")))
    s3.put_bucket_website(Bucket=site, WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    rule = {"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": [origin], "AllowedHeaders": ["*"], "ExposeHeaders": ["ETag"]}
    s3.put_bucket_cors(Bucket=data, CORSConfiguration={"CORSRules": [rule]})
    s3.put_object(Bucket=closed, Key="k", Body=b"kept from the page")

    def url(operation, bucket=data, **parameters):
        return s3.generate_presigned_url(operation, Params={"Bucket": bucket, "Key": "k", **parameters})

    redirect = {"success_action_redirect": f"{origin}/done.html"}
    given = {
        "put": url("put_object", ContentType="text/plain", Metadata={"by": "page"}),
        "headers": {"Content-Type": "text/plain", "x-amz-meta-by": "page"},
        "get": url("get_object"),
        "closed": url("get_object", closed),
        "form": s3.generate_presigned_post(data, "files/${filename}", redirect, [redirect]),
    }
    page = PAGE.replace("GIVEN", json.dumps(given))
    s3.put_object(Bucket=site, Key="index.html", Body=page, ContentType="text/html")
    s3.put_object(Bucket=site, Key="done.html", Body=b"thank you", ContentType="text/html")

    document = browse(f"{origin}/")
    seen = json.loads(html.unescape(re.search(r'<pre id="seen">(.*?)</pre>', document)[1]))
    assert "error" not in seen, seen
    # The id of the request is not exposed by the rule.
    assert seen["put"] == [200, f'"{hashlib.md5(b"from a page").hexdigest()}"', None]
    assert seen["get"] == [200, "text/plain", "from a page"]
    assert seen["closed"] == "TypeError"
    where, text = seen["form"]
    assert where.startswith(f"{origin}/done.html?bucket={data}&key=files%2Fmy%20notes.txt&etag=") and text == "thank you"
    assert s3.head_object(Bucket=data, Key="k")["Metadata"] == {"by": "page"}
    assert s3.get_object(Bucket=data, Key="files/my notes.txt")["Body"].read() == b"chosen by hand"
