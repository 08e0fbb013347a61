"""Uploads by the form of a page, as boto3 presigns them: what the policy allows is stored, everything else refused with the
texts that were recorded from AWS."""

import base64
from datetime import timedelta

import pytest
from botocore.auth import S3SigV4PostAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from gateway.exchange import Call
from s3_buckets import anonymous, open_up, policy

BOUNDARY = "----formboundary"


@pytest.fixture(params=["s3v4", "s3"])
def version(request):
    """The version of the signature."""
    return request.param


@pytest.fixture
def form(signer, bucket, version):
    """The fields of a presigned form: `form("key", {"acl": "private"}, [["starts-with", "$x", ""]])`."""

    def make(key="k", fields=None, conditions=(), seconds=60):
        client = signer(signature_version=version)
        given = dict(fields or {})
        named = [{name: value} for name, value in given.items()]
        made = client.generate_presigned_post(bucket, key, given, [*named, *conditions], seconds)
        return made["fields"]

    return make


def encoded(fields, file, name="a.txt"):
    """The body of a form; a file without a name is a field like the others."""
    parts = [(f'form-data; name="{field}"', value.encode()) for field, value in fields.items()]
    if file is not None:
        parts.append((f'form-data; name="file"; filename="{name}"' if name else 'form-data; name="file"', file))
    lines = [f"--{BOUNDARY}\r\nContent-Disposition: {head}\r\n\r\n".encode() + value + b"\r\n" for head, value in parts]
    return b"".join(lines) + f"--{BOUNDARY}--\r\n".encode()


@pytest.fixture
def submit(endpoint, bucket):
    """Sends a form to the bucket."""

    def send(fields, file=b"body", name="a.txt", **headers):
        head = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", **headers}
        return Call("POST", f"/{bucket}", head, encoded(fields, file, name)).send(endpoint)

    return send


def check(answer, status, code, message=None, **elements):
    assert (answer.status, answer.error("rest-xml")[0]) == (status, code), answer
    if message is not None:
        assert answer.error("rest-xml")[1] == message, answer
    for name, value in elements.items():
        assert f"<{name}>{value}</{name}>".encode() in answer.body, answer


def test_a_file_is_stored(s3, bucket, form, submit):
    fields = {"acl": "bucket-owner-full-control", "Content-Type": "text/plain", "x-amz-meta-colour": "red", "Cache-Control": "no-store",
              "tagging": "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>"}
    answer = submit(form("dir/a key", fields))
    assert (answer.status, answer.body) == (204, b""), answer
    assert answer.headers["etag"] == '"841a2d689ad86bd1611447453c22c6fc"'
    assert answer.headers["location"].endswith(f"/{bucket}/dir/a%20key")
    stored = s3.get_object(Bucket=bucket, Key="dir/a key")
    assert stored["Body"].read() == b"body" and stored["Metadata"] == {"colour": "red"} and stored["TagCount"] == 1
    assert (stored["ContentType"], stored["CacheControl"]) == ("text/plain", "no-store")


def test_the_name_of_the_file(s3, bucket, form, submit):
    assert submit(form("user/${filename}"), name="C:\\docs\\a b.txt").status == 204
    assert submit(form("field/${filename}"), name=None).status == 204
    listed = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert listed == ["field/${filename}", "user/a b.txt"]


@pytest.mark.parametrize(("wanted", "status"), [("200", 200), ("201", 201), ("204", 204), ("302", 204), ("x", 204)])
def test_the_status_that_a_form_wishes(bucket, form, submit, wanted, status):
    answer = submit(form("a&b", {"success_action_status": wanted}))
    assert answer.status == status
    if status == 201:
        assert answer.headers["content-type"] == "application/xml"
        for element in [f"<Bucket>{bucket}</Bucket>", "<Key>a&amp;b</Key>", "<ETag>&quot;841a2d689ad86bd1611447453c22c6fc&quot;</ETag>"]:
            assert element.encode() in answer.body, answer.body
        assert f"/{bucket}/a%26b</Location>".encode() in answer.body


def test_the_page_that_a_form_wishes(bucket, form, submit):
    answer = submit(form("a b", {"success_action_redirect": "http://example.com/done?x=1"}))
    page = f"http://example.com/done?x=1&bucket={bucket}&key=a%20b&etag=%22841a2d689ad86bd1611447453c22c6fc%22"
    assert (answer.status, answer.headers["location"]) == (303, page)
    # What is no URL counts for nothing.
    assert submit(form("k", {"success_action_redirect": "nowhere"})).status == 204


def test_conditions(s3, bucket, form, submit):
    failed = "Invalid according to Policy: Policy Condition failed: "
    prefix = ["starts-with", "$Content-Type", "image/"]
    fields = form("user/${filename}", conditions=[prefix])
    assert submit({**fields, "Content-Type": "image/png"}).status == 204
    check(submit({**fields, "Content-Type": "text/html"}), 403, "AccessDenied", f'{failed}["starts-with", "$Content-Type", "image/"]')
    check(submit({**fields, "Content-Type": "image/png", "key": "other"}), 403, "AccessDenied",
          f'{failed}["starts-with", "$key", "user/"]')
    check(submit({**fields, "Content-Type": "image/png", "acl": "private"}), 403, "AccessDenied",
          "Invalid according to Policy: Extra input fields: acl")
    assert submit({**fields, "Content-Type": "image/png", "x-ignore-this": "1"}).status == 204
    exact = form("k", {"x-amz-meta-a": "1"})
    check(submit({**exact, "x-amz-meta-a": "2"}), 403, "AccessDenied", f'{failed}["eq", "$x-amz-meta-a", "1"]')
    check(submit({**exact, "key": "l"}), 403, "AccessDenied", f'{failed}["eq", "$key", "k"]')
    without_dollar = form("k", conditions=[["eq", "success_action_redirect", "http://x"]])
    check(submit(without_dollar), 403, "AccessDenied", f'{failed}["eq", "success_action_redirect", "http://x"]')
    two = form("k", conditions=[{"acl": "private", "x-amz-meta-a": "1"}])
    text = "Invalid Policy: Invalid Simple-Condition: Simple-Conditions must have exactly one property specified."
    check(submit(two), 400, "InvalidPolicyDocument", text)


def test_the_length_of_the_file(s3, bucket, form, submit):
    fields = form(conditions=[["content-length-range", 5, 10]])
    check(submit(fields, b"a" * 12), 400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size",
          ProposedSize="12", MaxSizeAllowed="10")
    check(submit(fields, b"a"), 400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size",
          ProposedSize="1", MinSizeAllowed="5")
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    assert submit(fields, b"a" * 10).status == 204
    check(submit(form(conditions=[["content-length-range", "test", 10]])), 403, "AccessDenied",
          'Invalid according to Policy: Policy Condition failed: ["content-length-range", "test", "10"]')


def test_the_policy_expires(form, submit, clock):
    fields = form(seconds=60)
    clock(120)
    check(submit(fields), 403, "AccessDenied", "Invalid according to Policy: Policy expired.")


def test_the_signature(form, submit, version):
    fields = form()
    signature = "x-amz-signature" if version == "s3v4" else "signature"
    changed = dict(fields, policy=base64.b64encode(b"{}" + base64.b64decode(fields["policy"])).decode())
    check(submit(changed), 403, "SignatureDoesNotMatch")
    check(submit({**fields, signature: "AAAA"}), 403, "SignatureDoesNotMatch")


def test_fields_that_are_missing(form, submit, version):
    fields = {name.lower(): value for name, value in form().items()}
    missing = "Bucket POST must contain a field named '{}'.  If it is specified, please check the order of the fields."
    names = {"s3v4": ["X-Amz-Signature", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date"], "s3": ["Signature", "AWSAccessKeyId"]}
    for name in ["key", "policy", *names[version]]:
        fewer = {field: value for field, value in fields.items() if field != name.lower()}
        check(submit(fewer), 400, "InvalidArgument", missing.format(name), ArgumentName=name)
    # A form without anything of a signature is nobody's.
    check(submit({"key": fields["key"]}), 403, "AccessDenied", "Access Denied")
    check(submit(fields, None), 400, "InvalidArgument", "POST requires exactly one file upload per request.",
          ArgumentName="file", ArgumentValue="0")


def test_what_is_no_form(endpoint, bucket):
    for content_type in ["application/x-www-form-urlencoded", "text/plain"]:
        answer = Call("POST", f"/{bucket}", {"Content-Type": content_type}, b"a=b").send(endpoint)
        check(answer, 412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold",
              Condition="Bucket POST must be of the enclosure-type multipart/form-data")
    answer = Call("POST", f"/{bucket}", {"Content-Type": "multipart/form-data; boundary=x"}, b"nothing").send(endpoint)
    check(answer, 400, "MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data.")


def test_policies_that_are_none(endpoint, submit, issued, now):
    until = (now() + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def signed(document):
        # boto3 signs whatever is in the form of a policy.
        request = AWSRequest("POST", endpoint.url, headers={})
        request.context["s3-presign-post-fields"] = {"key": "k"}
        request.context["s3-presign-post-policy"] = document
        S3SigV4PostAuth(Credentials(*issued), "s3", "us-east-1").add_auth(request)
        return request.context["s3-presign-post-fields"]

    check(submit(signed({"expiration": "tomorrow", "conditions": []})), 400, "InvalidPolicyDocument")
    check(submit(signed({"expiration": until, "conditions": [{"key": "k"}, ["in", "$acl", "a"]]})), 400, "InvalidPolicyDocument")
    check(submit(signed({"expiration": until, "conditions": []})), 403, "AccessDenied")


def test_forms_of_nobody(endpoint, s3, bucket, submit):
    open_up(s3, bucket)
    s3.put_bucket_acl(Bucket=bucket, ACL="public-read-write")
    assert submit({"key": "k", "acl": "public-read"}).status == 204
    assert anonymous(endpoint).get_object(Bucket=bucket, Key="k")["Body"].read() == b"body"


def test_a_form_across_origins(s3, bucket, form, submit):
    rule = {"AllowedMethods": ["POST"], "AllowedOrigins": ["http://page.example.com"]}
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
    answer = submit(form(), Origin="http://page.example.com")
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (204, "http://page.example.com")
    refused = submit({"key": "k"}, Origin="http://page.example.com")
    assert (refused.status, refused.headers["access-control-allow-origin"]) == (403, "http://page.example.com")


def test_a_bucket_that_wants_no_forms(s3, bucket, form, submit):
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*",
                 "Condition": {"StringEquals": {"s3:authType": "POST"}}}
    assert submit(form()).status == 204
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(statement))
    check(submit(form()), 403, "AccessDenied")
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
