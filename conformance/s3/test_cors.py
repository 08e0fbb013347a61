"""Cross-origin requests: preflights, and what the answers of operations tell a browser. The texts are recorded from AWS."""

import pytest

from gateway.exchange import Call

ORIGIN = "https://app.example.com"
VARY = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"
NOT_ALLOWED = (
    "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / "
    "Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec."
)


@pytest.fixture
def rules(s3, bucket):
    """Configures the bucket: `rules({"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]})`."""

    def put(*rules):
        s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": list(rules)})

    return put


@pytest.fixture
def preflight(endpoint, bucket):
    """What a preflight hears: `preflight("PUT", "x-amz-date, content-type")`."""

    def ask(method="GET", headers=None, origin=ORIGIN, path=None, host="localhost"):
        asked = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}
        asked = {name: value for name, value in asked.items() if value is not None}
        path = f"/{bucket}/k" if path is None else path
        return Call("OPTIONS", path, {"Host": host, **asked}).send(endpoint)

    return ask


def granted(answer):
    """What an answer grants a browser, without the prefix of the headers."""
    prefix = "access-control-"
    return {name.removeprefix(prefix): value for name, value in answer.headers.items() if name.startswith(prefix)}


def forbidden(answer, message, method, resource):
    assert (answer.status, answer.error("rest-xml")) == (403, ("AccessForbidden", message)), answer
    assert f"<Method>{method}</Method><ResourceType>{resource}</ResourceType>".encode() in answer.body
    assert not granted(answer)


def test_a_preflight_says_what_it_is_about(preflight, rules):
    for configured in [False, True]:
        answer = preflight(origin=None)
        expected = ("BadRequest", "Insufficient information. Origin request header needed.")
        assert (answer.status, answer.error("rest-xml")) == (400, expected)
        if not configured:
            disabled = "CORSResponse: CORS is not enabled for this bucket."
            forbidden(preflight("PUT"), disabled, "PUT", "BUCKET")
            forbidden(preflight(None), disabled, "OPTIONS", "BUCKET")
            rules({"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]})
    answer = preflight(None)
    assert (answer.status, answer.error("rest-xml")[1]) == (400, "Invalid Access-Control-Request-Method: null")
    forbidden(preflight(path="/nobodys-bucket/k"), "CORSResponse: Bucket not found", "GET", "BUCKET")


def test_the_origin(preflight, rules, bucket):
    rules(
        {"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": [ORIGIN, "http://*.example.com"], "MaxAgeSeconds": 3000},
        {"AllowedMethods": ["HEAD"], "AllowedOrigins": ["*"], "ExposeHeaders": ["x-amz-request-id", "ETag"]},
    )
    answer = preflight()
    assert (answer.status, answer.body, answer.headers["vary"], answer.headers["content-length"]) == (200, b"", VARY, "0")
    own = {"allow-methods": "GET, PUT", "allow-credentials": "true", "max-age": "3000"}
    assert granted(answer) == {"allow-origin": ORIGIN, **own}
    for origin in ["http://a.example.com", "http://a.b.example.com", "http://.example.com"]:
        assert granted(preflight(origin=origin)) == {"allow-origin": origin, **own}
    for origin in ["https://a.example.com", "http://example.com", "http://a.example.com:8080", "null", f"{ORIGIN}/", ORIGIN.upper()]:
        forbidden(preflight(origin=origin), NOT_ALLOWED, "GET", "OBJECT")
    forbidden(preflight(origin="http://x.org", path=f"/{bucket}"), NOT_ALLOWED, "GET", "BUCKET")
    everybody = {"allow-origin": "*", "allow-methods": "HEAD", "expose-headers": "x-amz-request-id, ETag"}
    assert granted(preflight("HEAD", origin="null")) == everybody


def test_the_method(preflight, rules):
    rules({"AllowedMethods": ["GET", "PUT", "POST", "DELETE", "HEAD"], "AllowedOrigins": [ORIGIN]})
    for method in ["GET", "PUT", "POST", "DELETE", "HEAD"]:
        assert preflight(method).status == 200
    forbidden(preflight("PATCH"), NOT_ALLOWED, "PATCH", "OBJECT")
    forbidden(preflight("get"), NOT_ALLOWED, "get", "OBJECT")


def test_the_headers(preflight, rules):
    rules({"AllowedMethods": ["GET"], "AllowedOrigins": [ORIGIN], "AllowedHeaders": ["x-amz-*", "Content-Type"]})
    asked = "X-Amz-Date, content-type"
    assert granted(preflight("GET", asked))["allow-headers"] == "x-amz-date, content-type"
    assert "allow-headers" not in granted(preflight("GET"))
    forbidden(preflight("GET", f"{asked}, authorization"), NOT_ALLOWED, "GET", "OBJECT")
    rules({"AllowedMethods": ["GET"], "AllowedOrigins": [ORIGIN]})
    forbidden(preflight("GET", "x-amz-date"), NOT_ALLOWED, "GET", "OBJECT")
    rules({"AllowedMethods": ["GET"], "AllowedOrigins": [ORIGIN], "AllowedHeaders": ["*"]})
    assert granted(preflight("GET", "authorization"))["allow-headers"] == "authorization"


def test_the_first_rule_that_fits_decides(preflight, rules):
    rules(
        {"AllowedMethods": ["GET"], "AllowedOrigins": [ORIGIN], "AllowedHeaders": ["x-a"], "MaxAgeSeconds": 1},
        {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "AllowedHeaders": ["x-*"], "MaxAgeSeconds": 2},
    )
    assert granted(preflight("GET", "x-a"))["max-age"] == "1"
    assert granted(preflight("GET", "x-b"))["max-age"] == "2"


@pytest.mark.parametrize("host", ["{}.s3.localhost:4566", "{}.s3.us-east-1.amazonaws.com"])
def test_by_host_name(preflight, rules, bucket, host):
    rules({"AllowedMethods": ["GET"], "AllowedOrigins": [ORIGIN]})
    assert preflight(path="/k", host=host.format(bucket)).status == 200
    forbidden(preflight("PUT", path="/", host=host.format(bucket)), NOT_ALLOWED, "PUT", "BUCKET")


def test_answers_of_operations(endpoint, s3, bucket, rules, issued):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    rules({"AllowedMethods": ["GET", "HEAD"], "AllowedOrigins": [ORIGIN], "AllowedHeaders": ["x-a"], "ExposeHeaders": ["ETag"],
           "MaxAgeSeconds": 5})

    def call(method, path, origin=ORIGIN):
        return Call(method, path, {"Origin": origin}).signed(endpoint, issued, "s3").send(endpoint)

    expected = {"allow-origin": ORIGIN, "allow-methods": "GET, HEAD", "allow-credentials": "true", "expose-headers": "ETag",
                "max-age": "5"}
    for method, path, status in [
        ("GET", f"/{bucket}/k", 200),
        ("HEAD", f"/{bucket}/k", 200),
        ("GET", f"/{bucket}?list-type=2", 200),
        # Errors are for the page that asked as well.
        ("GET", f"/{bucket}/missing", 404),
    ]:
        answer = call(method, path)
        assert (answer.status, granted(answer), answer.headers["vary"]) == (status, expected, VARY)
    # What no rule grants is done all the same: the browser keeps the answer from the page.
    for answer in [call("GET", f"/{bucket}/k", "http://x.org"), call("PUT", f"/{bucket}/other")]:
        assert (answer.status, granted(answer)) == (200, {}) and "vary" not in answer.headers
