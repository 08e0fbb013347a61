"""Presigned URLs: made by boto3 and the AWS CLI, good until they expire, and for nothing else than what was signed."""

import http.client
from hashlib import sha256
from urllib.parse import urlsplit

import pytest

from gateway.exchange import TIMEOUT, Call
from s3_buckets import PATH_STYLE, allow, anonymous, open_up, policy, refused

WEEK = 7 * 24 * 3600


@pytest.fixture
def v4(signer):
    return signer(signature_version="s3v4")


@pytest.fixture
def v2(signer):
    return signer(signature_version="s3")


@pytest.fixture
def fetch(endpoint):
    """Sends a request to a URL as it is: `fetch(url, "PUT", b"body", {"Content-Type": "text/plain"})`."""

    def send(url, method="GET", body=b"", headers=()):
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return Call(method, path, {"Host": parts.netloc, **dict(headers)}, body).send(endpoint)

    return send


def url_of(client, operation, seconds=60, **parameters):
    return client.generate_presigned_url(operation, Params=parameters, ExpiresIn=seconds)


def check(answer, status, code, message=None):
    assert answer.status == status, answer
    found = answer.error("rest-xml")
    assert found[0] == code, answer
    if message is not None:
        assert message in found[1], answer


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_each_method_with_its_own_url(signer, bucket, fetch, version):
    client, object = signer(signature_version=version), {"Bucket": bucket, "Key": "dir/a key+ü&=?%"}
    put = fetch(url_of(client, "put_object", **object), "PUT", b"body")
    assert put.status == 200 and put.headers["etag"] == '"841a2d689ad86bd1611447453c22c6fc"', put
    get = url_of(client, "get_object", **object)
    assert fetch(get).body == b"body"
    head = fetch(url_of(client, "head_object", **object), "HEAD")
    assert (head.status, head.headers["content-length"], head.body) == (200, "4", b"")
    # A URL is for one method only.
    check(fetch(get, "DELETE"), 403, "SignatureDoesNotMatch")
    wrong = fetch(get, "HEAD")
    assert (wrong.status, wrong.body) == (403, b"")
    assert fetch(url_of(client, "delete_object", **object), "DELETE").status == 204
    check(fetch(get), 404, "NoSuchKey")


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_answers_are_overridden(signer, s3, bucket, fetch, version):
    client = signer(signature_version=version)
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ContentType="text/plain", ContentLanguage="de")
    wanted = {
        "ResponseContentType": "text/csv; charset=utf-8", "ResponseContentDisposition": 'attachment; filename="a b.csv"',
        "ResponseContentLanguage": "en", "ResponseContentEncoding": "gzip", "ResponseCacheControl": "no-store",
        "ResponseExpires": "Thu, 01 Dec 1994 16:00:00 GMT",
    }
    answer = fetch(url_of(client, "get_object", Bucket=bucket, Key="k", **wanted))
    assert answer.status == 200, answer
    for name, value in wanted.items():
        header = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name)
        assert answer.headers[header.removeprefix("-response-")] == value


def test_anonymous_requests_do_not_override(endpoint, s3, bucket, fetch):
    open_up(s3, bucket)
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ACL="public-read")
    nobody = anonymous(endpoint)
    assert nobody.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"
    with refused("InvalidRequest", "Request specific response headers cannot be used for anonymous GET requests."):
        nobody.get_object(Bucket=bucket, Key="k", ResponseContentType="text/html")


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_urls_expire(signer, s3, bucket, fetch, clock, version):
    client = signer(signature_version=version)
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    short, long = (url_of(client, "get_object", seconds, Bucket=bucket, Key="k") for seconds in (60, WEEK))
    assert fetch(short).status == 200
    clock(120)
    late = fetch(short)
    check(late, 403, "AccessDenied", "Request has expired")
    assert b"<Expires>" in late.body and b"<ServerTime>" in late.body
    assert (b"<X-Amz-Expires>60</X-Amz-Expires>" in late.body) == (version == "s3v4")
    assert fetch(short, "HEAD").body == b""
    clock(WEEK - 300)
    assert fetch(long).status == 200
    clock(300)
    check(fetch(long), 403, "AccessDenied", "Request has expired")


def test_a_week_is_the_longest(v4, bucket, fetch):
    url = url_of(v4, "get_object", WEEK + 1, Bucket=bucket, Key="k")
    code, text = "AuthorizationQueryParametersError", "X-Amz-Expires must be less than a week (in seconds); that is, the given"
    check(fetch(url), 400, code, text)
    check(fetch(url.replace(f"Expires={WEEK + 1}", "Expires=-1")), 400, code, "X-Amz-Expires must be non-negative")
    check(fetch(url.replace(f"Expires={WEEK + 1}", "Expires=x")), 400, code, "X-Amz-Expires should be a number")
    for name in ["X-Amz-Credential", "X-Amz-SignedHeaders", "X-Amz-Date", "X-Amz-Expires", "X-Amz-Signature"]:
        check(fetch(url.replace(f"{name}=", "x-other=")), 400, code, "Query-string authentication version 4 requires")
    check(fetch(url.replace("AWS4-HMAC-SHA256", "AWS4-NONE")), 400, code, "X-Amz-Algorithm only supports")


def test_what_was_signed_is_not_changed(v4, bucket, fetch):
    v4.put_object(Bucket=bucket, Key="k", Body=b"x")
    url = url_of(v4, "get_object", Bucket=bucket, Key="k", ResponseContentType="text/plain")
    for changed in [
        url.replace("/k?", "/l?"),
        url.replace("text%2Fplain", "text%2Fhtml"),
        url.replace("X-Amz-Expires=60", "X-Amz-Expires=61"),
        f"{url}&versionId=null",
    ]:
        assert changed != url
        answer = fetch(changed)
        check(answer, 403, "SignatureDoesNotMatch", "The request signature we calculated does not match")
        for element in ["StringToSign", "CanonicalRequest", "SignatureProvided", "AWSAccessKeyId"]:
            assert f"<{element}>".encode() in answer.body
    check(fetch(url, headers={"Authorization": "AWS4-HMAC-SHA256 Credential=x"}), 400, "InvalidArgument", "Only one auth")


def test_what_was_signed_of_version_2_is_not_changed(v2, s3, bucket, fetch):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    url = url_of(v2, "get_object", Bucket=bucket, Key="k", ResponseContentType="text/plain")
    check(fetch(url.replace("/k?", "/l?")), 403, "SignatureDoesNotMatch")
    check(fetch(url.replace("text%2Fplain", "text%2Fhtml")), 403, "SignatureDoesNotMatch")
    check(fetch(url.replace("Expires=", "Expired=")), 403, "AccessDenied",
          "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters")
    # Parameters that name nothing of S3 are not signed by it.
    assert fetch(f"{url}&other=1").status == 200


def test_version_2_is_refused_in_a_header(v2, bucket):
    with refused("InvalidRequest", "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."):
        v2.put_object(Bucket=bucket, Key="k", Body=b"x")


def test_signed_headers_must_come_as_they_were_signed(v4, bucket, fetch):
    url = url_of(v4, "put_object", Bucket=bucket, Key="k", ContentType="text/plain", Metadata={"colour": "red"})
    assert "content-type%3Bhost%3Bx-amz-meta-colour" in url
    sent = {"Content-Type": "text/plain", "x-amz-meta-colour": "red"}
    for bent in [{**sent, "Content-Type": "text/html"}, {**sent, "x-amz-meta-colour": "blue"}]:
        check(fetch(url, "PUT", b"body", bent), 403, "SignatureDoesNotMatch")
    check(fetch(url, "PUT", b"body", {"Content-Type": "text/plain"}), 403, "SignatureDoesNotMatch")
    extra = fetch(url, "PUT", b"body", {**sent, "x-amz-acl": "private"})
    check(extra, 403, "AccessDenied", "There were headers present in the request which were not signed")
    assert b"<HeadersNotSigned>x-amz-acl</HeadersNotSigned>" in extra.body
    assert fetch(url, "PUT", b"body", sent).status == 200
    head = v4.head_object(Bucket=bucket, Key="k")
    assert (head["ContentType"], head["Metadata"]) == ("text/plain", {"colour": "red"})


def test_a_url_of_temporary_credentials(endpoint, s3, bucket, issued, client, fetch, clock):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    iam = client("iam")
    user = endpoint.client("sts", **keys(iam.create_access_key(UserName=iam.create_user(UserName="ann")["User"]["UserName"])["AccessKey"]))
    statement = allow("s3:GetObject", "*")
    iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=policy(statement))
    session = user.get_session_token(DurationSeconds=900)["Credentials"]
    temporary = endpoint.client("s3", **keys(session), signature_version="s3v4", s3=PATH_STYLE)
    url = url_of(temporary, "get_object", 3600, Bucket=bucket, Key="k")
    assert "X-Amz-Security-Token=" in url and fetch(url).body == b"x"
    # The URL is good no longer than the credentials are.
    clock(1000)
    check(fetch(url), 400, "ExpiredToken", "The provided token has expired.")


def keys(credentials):
    named = {"aws_access_key_id": "AccessKeyId", "aws_secret_access_key": "SecretAccessKey", "aws_session_token": "SessionToken"}
    return {name: credentials.get(member) for name, member in named.items()}


def test_parts_are_uploaded_by_url(v4, bucket, fetch):
    upload = v4.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    which = {"Bucket": bucket, "Key": "k", "UploadId": upload}
    part = fetch(url_of(v4, "upload_part", **which, PartNumber=1), "PUT", b"part")
    done = {"Parts": [{"PartNumber": 1, "ETag": part.headers["etag"]}]}
    v4.complete_multipart_upload(**which, MultipartUpload=done)
    assert v4.get_object(Bucket=bucket, Key="k")["Body"].read() == b"part"


def test_by_host_name(signer, bucket, fetch, endpoint):
    client = signer(signature_version="s3v4", s3={"addressing_style": "path"})
    client.put_object(Bucket=bucket, Key="k", Body=b"x")
    # Botocore puts no bucket in front of an address.
    named = endpoint.url.replace("127.0.0.1", "localhost")
    virtual = signer(signature_version="s3v4", s3={"addressing_style": "virtual"}, endpoint_url=named)
    url = url_of(virtual, "get_object", Bucket=bucket, Key="k")
    assert urlsplit(url).netloc.startswith(f"{bucket}.")
    assert fetch(url).body == b"x"


@pytest.fixture
def deny(s3, bucket):
    """Has the bucket refuse an action under conditions: `deny("s3:GetObject", {"StringEquals": {...}})`."""

    def put(action, condition):
        statement = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": f"arn:aws:s3:::{bucket}/*",
                     "Condition": condition}
        s3.put_bucket_policy(Bucket=bucket, Policy=policy(statement))

    return put


def test_a_bucket_that_wants_signatures_in_headers(v4, v2, s3, bucket, fetch, deny):
    v4.put_object(Bucket=bucket, Key="k", Body=b"body")
    urls = [url_of(client, "get_object", Bucket=bucket, Key="k") for client in (v4, v2)]
    assert [fetch(url).body for url in urls] == [b"body", b"body"]
    deny("s3:GetObject", {"StringNotEquals": {"s3:authType": "REST-HEADER"}})
    for url in urls:
        check(fetch(url), 403, "AccessDenied")
    assert v4.get_object(Bucket=bucket, Key="k")["Body"].read() == b"body"
    deny("s3:GetObject", {"StringEquals": {"s3:authType": "REST-HEADER"}})
    assert [fetch(url).body for url in urls] == [b"body", b"body"]
    with refused("AccessDenied"):
        v4.get_object(Bucket=bucket, Key="k")


def test_a_bucket_that_wants_one_version_of_signatures(v4, v2, bucket, fetch, deny):
    v4.put_object(Bucket=bucket, Key="k", Body=b"body")
    new, old = [url_of(client, "get_object", Bucket=bucket, Key="k") for client in (v4, v2)]
    deny("s3:GetObject", {"StringNotEquals": {"s3:signatureversion": "AWS4-HMAC-SHA256"}})
    assert fetch(new).body == b"body"
    check(fetch(old), 403, "AccessDenied")
    deny("s3:GetObject", {"StringNotEquals": {"s3:signatureversion": "AWS"}})
    assert fetch(old).body == b"body"
    check(fetch(new), 403, "AccessDenied")


def test_a_bucket_that_wants_fresh_urls(v4, v2, bucket, fetch, clock, deny):
    v4.put_object(Bucket=bucket, Key="k", Body=b"body")
    new, old = [url_of(client, "get_object", 3600, Bucket=bucket, Key="k") for client in (v4, v2)]
    deny("s3:GetObject", {"NumericGreaterThan": {"s3:signatureAge": "600000"}})
    clock(590)
    assert fetch(new).body == b"body"
    clock(20)
    check(fetch(new), 403, "AccessDenied")
    # Of version 2 the age is always 0.
    assert fetch(old).body == b"body"


def test_a_bucket_that_wants_signed_payloads(endpoint, issued, bucket, deny):
    key, secret = issued
    deny("s3:PutObject", {"StringEquals": {"s3:x-amz-content-sha256": "UNSIGNED-PAYLOAD"}})

    def client(**s3):
        # botocore leaves payloads unsigned over TLS only.
        return endpoint.secure().client("s3", aws_access_key_id=key, aws_secret_access_key=secret,
                                        request_checksum_calculation="when_required", s3={**PATH_STYLE, **s3})

    client(payload_signing_enabled=True).put_object(Bucket=bucket, Key="k", Body=b"body")
    with refused("AccessDenied"):
        client(payload_signing_enabled=False).put_object(Bucket=bucket, Key="k", Body=b"body")


def test_a_bucket_that_wants_another_payload(endpoint, issued, bucket, deny):
    """Of requests that differ in nothing but the hash of their body, and come one after another."""
    deny("s3:PutObject", {"StringEquals": {"s3:x-amz-content-sha256": sha256(b"unwanted").hexdigest()}})
    connection = http.client.HTTPConnection(urlsplit(endpoint.url).netloc, timeout=TIMEOUT)
    bodies = [b"aa wanted", b"bb wanted", b"unwanted", b"cc wanted", b"unwanted"]
    calls = [Call("PUT", f"/{bucket}/k", {}, body).signed(endpoint, issued, "s3") for body in bodies]
    statuses = [call.send_on(connection, endpoint).status for call in calls]
    connection.close()
    assert statuses == [200, 200, 403, 200, 403]
