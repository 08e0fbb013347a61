"""Website hosts: index and error documents, redirects, routing rules, and the pages that tell of errors."""

import re

import pytest

from gateway.exchange import Call
from s3_buckets import allow, policy, refused

INDEX = {"IndexDocument": {"Suffix": "index.html"}}


@pytest.fixture
def site(s3, bucket):
    """A bucket that anybody may read: `site(IndexDocument={...})` configures it, `site.put(key, body)` stores pages."""
    s3.delete_public_access_block(Bucket=bucket)
    everything = allow(["s3:GetObject", "s3:ListBucket"], f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*", Principal="*")
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(everything))

    def configure(**configuration):
        s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=configuration)

    def put(key, body, **arguments):
        s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="text/html", **arguments)

    configure.put = put
    return configure


@pytest.fixture
def visit(endpoint, bucket):
    """What a browser hears: `visit("/page")`."""

    def get(path="/", method="GET", host="s3-website.localhost:4566", name=bucket, **headers):
        return Call(method, path, {"Host": f"{name}.{host}", **headers}).send(endpoint)

    return get


def page(answer):
    """A page of an error, with its ids taken out."""
    return re.sub(r"(RequestId|HostId): [^<]+", r"\1: -", answer.body.decode())


def error_page(title, *items, second=()):
    lines = [f"<html>\n<head><title>{title}</title></head>\n<body>\n<h1>{title}</h1>\n<ul>"]
    lines += [f"<li>{item}</li>" for item in [*items, "RequestId: -", "HostId: -"]]
    lines.append("</ul>")
    if second:
        lines.append("<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n<ul>")
        lines += [f"<li>{item}</li>" for item in second]
        lines.append("</ul>")
    return "\n".join([*lines, "<hr/>\n</body>\n</html>\n"])


MISSING = ("Code: NoSuchKey", "Message: The specified key does not exist.")


@pytest.mark.parametrize("host", ["s3-website-{}.amazonaws.com", "s3-website.{}.amazonaws.com", "s3-website.{}.localhost:4566"])
def test_a_website_of_another_region(site, visit, bucket, host):
    site(**INDEX)
    answer = visit(host=host.format("eu-west-1"))
    items = [
        "Code: IncorrectEndpoint",
        "Message: The specified bucket exists in another region. Please direct requests to the specified endpoint.",
        f"Endpoint: {bucket}.{host.format('us-east-1')}",
    ]
    assert (answer.status, page(answer)) == (400, error_page("400 Bad Request", *items))


@pytest.mark.parametrize("host", [
    "s3-website.localhost:4566", "s3-website-us-east-1.amazonaws.com", "s3-website.us-east-1.amazonaws.com",
    "s3-website.us-east-1.localhost:4566",
])
def test_index_documents(site, visit, host):
    site(**INDEX)
    site.put("index.html", b"home")
    site.put("docs/index.html", b"docs")
    site.put("page", b"page")
    for path, body in [("/", b"home"), ("", b"home"), ("/docs/", b"docs"), ("/page", b"page"), ("/page?query=1", b"page")]:
        answer = visit(path or "/", host=host)
        assert (answer.status, answer.headers["content-type"], answer.body) == (200, "text/html", body)
    head = visit("/page", "HEAD", host=host)
    assert (head.status, head.headers["content-length"], head.body) == (200, "4", b"")
    # A folder without its slash.
    moved = visit("/docs", host=host)
    assert (moved.status, moved.headers["location"]) == (302, "/docs/")


def test_parts_and_conditions(site, visit):
    site(**INDEX)
    site.put("page", b"0123456789")
    part = visit("/page", Range="bytes=2-4")
    assert (part.status, part.body, part.headers["content-range"]) == (206, b"234", "bytes 2-4/10")
    unchanged = visit("/page", **{"If-None-Match": visit("/page").headers["etag"]})
    assert (unchanged.status, unchanged.body) == (304, b"")


def test_what_is_missing(site, visit):
    site(**INDEX)
    for path, key in [("/", "index.html"), ("/nothing", "nothing"), ("/no/folder/", "no/folder/index.html")]:
        answer = visit(path)
        assert (answer.status, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert page(answer) == error_page("404 Not Found", *MISSING, f"Key: {key}")
        assert answer.headers["x-amz-error-code"] == "NoSuchKey" and answer.headers["x-amz-error-detail-key"] == key
        assert answer.headers["x-amz-error-message"] == "The specified key does not exist."
    assert visit("/nothing", "HEAD").body == b""


def test_error_documents(site, visit):
    site(**INDEX, ErrorDocument={"Key": "error.html"})
    answer = visit("/nothing")
    assert answer.status == 404
    assert page(answer) == error_page("404 Not Found", *MISSING, "Key: nothing", second=[*MISSING, "Key: error.html"])
    site.put("error.html", b"sorry")
    answer = visit("/nothing")
    assert (answer.status, answer.body, answer.headers["content-type"]) == (404, b"sorry", "text/html")
    assert answer.headers["x-amz-error-code"] == "NoSuchKey"


def test_what_is_no_website(s3, bucket, visit):
    answer = visit("/page")
    message = "The specified bucket does not have a website configuration"
    assert answer.status == 404
    assert page(answer) == error_page(
        "404 Not Found", "Code: NoSuchWebsiteConfiguration", f"Message: {message}", f"BucketName: {bucket}")
    answer = visit("/", name="nobodys-bucket")
    assert page(answer) == error_page(
        "404 Not Found", "Code: NoSuchBucket", "Message: The specified bucket does not exist", "BucketName: nobodys-bucket")


def test_websites_are_for_reading(site, visit):
    site(**INDEX)
    for method in ["POST", "DELETE", "PUT"]:
        answer = visit("/", method)
        assert answer.status == 405
        assert page(answer) == error_page(
            "405 Method Not Allowed", "Code: MethodNotAllowed", "Message: The specified method is not allowed against this resource.",
            f"Method: {method}", "ResourceType: OBJECT")


def test_what_is_not_public(s3, bucket, site, visit):
    site(**INDEX, ErrorDocument={"Key": "error.html"})
    site.put("index.html", b"home")
    s3.delete_bucket_policy(Bucket=bucket)
    answer = visit("/")
    denied = ("Code: AccessDenied", "Message: Access Denied")
    assert answer.status == 403
    assert page(answer) == error_page("403 Forbidden", *denied, second=denied)


def test_everything_is_elsewhere(site, visit):
    site(RedirectAllRequestsTo={"HostName": "example.com"})
    answer = visit("/a b/c".replace(" ", "%20"))
    assert (answer.status, answer.headers["location"]) == (301, "http://example.com/a%20b/c")
    site(RedirectAllRequestsTo={"HostName": "example.com", "Protocol": "https"})
    assert visit("/").headers["location"] == "https://example.com/"


def test_objects_that_are_elsewhere(s3, bucket, site, visit):
    site(**INDEX)
    site.put("old", b"old", WebsiteRedirectLocation="/new.html")
    site.put("out", b"out", WebsiteRedirectLocation="http://example.com/")
    for key, location in [("/old", "/new.html"), ("/out", "http://example.com/")]:
        answer = visit(key)
        assert (answer.status, answer.headers["location"]) == (301, location)
    # Behind the API it is an object like any other, and says so.
    read = s3.get_object(Bucket=bucket, Key="old")
    assert (read["Body"].read(), read["WebsiteRedirectLocation"]) == (b"old", "/new.html")
    for location in ["/" + "l" * 2048, "ftp://example.com/"]:
        with refused("InvalidRedirectLocation"):
            site.put("long", b"", WebsiteRedirectLocation=location)
    site.put("long", b"", WebsiteRedirectLocation="/" + "l" * 2047)


def test_routing_rules(site, visit, bucket):
    host = f"{bucket}.s3-website.localhost:4566"
    site(**INDEX, RoutingRules=[
        {"Condition": {"KeyPrefixEquals": "docs/"}, "Redirect": {"ReplaceKeyPrefixWith": "documents/"}},
        {"Condition": {"KeyPrefixEquals": "images/"}, "Redirect": {"ReplaceKeyWith": "folderdeleted.html", "HttpRedirectCode": "302"}},
        {"Condition": {"HttpErrorCodeReturnedEquals": "404", "KeyPrefixEquals": "api/"},
         "Redirect": {"HostName": "other.example.com", "Protocol": "https", "ReplaceKeyPrefixWith": "report-404/"}},
        {"Condition": {"HttpErrorCodeReturnedEquals": "404"}, "Redirect": {"HostName": "fallback.example.com"}},
    ])
    site.put("api/here", b"here")
    for path, status, location in [
        ("/docs/a", 301, f"http://{host}/documents/a"),
        ("/images/a", 302, f"http://{host}/folderdeleted.html"),
        ("/api/there", 301, "https://other.example.com/report-404/there"),
        ("/x/y", 301, "http://fallback.example.com/x/y"),
    ]:
        answer = visit(path)
        assert (answer.status, answer.headers["location"]) == (status, location)
    assert visit("/api/here").body == b"here"


def test_pages_across_origins(s3, bucket, site, visit):
    site(**INDEX)
    site.put("index.html", b"home")
    rule = {"AllowedMethods": ["GET"], "AllowedOrigins": ["http://a.example.com"]}
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
    answer = visit("/", Origin="http://a.example.com")
    assert (answer.status, answer.headers.get("access-control-allow-origin")) == (200, "http://a.example.com")
