"""Uploads that are not what they say, or break off: they are refused, store nothing, and leave what was there."""

import base64
import hashlib
import socket
import zlib

import pytest

from gateway import chunks
from gateway.exchange import Call, open_socket, read_answer

OLD = b"the old object"
LARGE = bytes(range(256)) * 4096


@pytest.fixture
def old(s3, bucket):
    """The path of an object that is there."""
    s3.put_object(Bucket=bucket, Key="k", Body=OLD)
    return f"/{bucket}/k"


@pytest.fixture(autouse=True)
def unchanged(s3, bucket, old):
    """Afterwards the object is as it was, and nothing else is there."""
    yield
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == OLD
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["k"]
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def check(answer, code, message):
    assert answer.status == 400 and answer.error("rest-xml")[0] == code, answer
    assert message in answer.error("rest-xml")[1], answer


@pytest.fixture
def put(endpoint, issued, bucket):
    """Sends a signed request with these headers."""

    def send(path, body=b"new", **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return Call("PUT", path, headers, body).signed(endpoint, issued, "s3").send(endpoint)

    return send


@pytest.mark.parametrize("body", [b"new", LARGE], ids=["small", "large"])
@pytest.mark.parametrize("key", ["k", "other"])
def test_another_md5(put, bucket, body, key):
    digest = base64.b64encode(hashlib.md5(b"another").digest()).decode()
    check(put(f"/{bucket}/{key}", body, Content_MD5=digest), "BadDigest", "The Content-MD5 you specified did not match what we received.")


@pytest.mark.parametrize("digest", ["", "000", "not base64", "MTIz"])
def test_an_md5_that_is_none(put, old, digest):
    check(put(old, Content_MD5=digest), "InvalidDigest", "you specified")


@pytest.mark.parametrize(("name", "length"), [("CRC32", 4), ("CRC32C", 4), ("CRC64NVME", 8), ("SHA1", 20), ("SHA256", 32)])
@pytest.mark.parametrize("body", [b"new", LARGE], ids=["small", "large"])
def test_another_checksum(put, old, name, length, body):
    given = base64.b64encode(b"x" * length).decode()
    header = f"x_amz_checksum_{name.lower()}"
    check(put(old, body, **{header: given}), "BadDigest", f"The {name} you specified did not match the calculated checksum.")
    check(put(old, body, **{header: "AAAA"}), "InvalidRequest", f"Value for x-amz-checksum-{name.lower()} header is invalid.")


def test_two_checksums(put, old):
    sums = {"x_amz_checksum_crc32": "AAAAAA==", "x_amz_checksum_crc32c": "AAAAAA=="}
    check(put(old, **sums), "InvalidRequest", "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")


def test_another_sha256_than_was_signed(endpoint, issued, old):
    call = Call("PUT", old, {}, b"signed").signed(endpoint, issued, "s3")
    call.body = b"change"
    check(call.send(endpoint), "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match")


def framed(endpoint, key, path, pieces, declaration=chunks.UNSIGNED_TRAILER):
    return chunks.put(path, b"".join(pieces), declaration).signed(endpoint, key, "s3")


@pytest.mark.parametrize("key", ["k", "other"])
def test_another_checksum_in_a_trailer(endpoint, issued, bucket, key):
    pieces = [LARGE, b"end"]
    call = framed(endpoint, issued, f"/{bucket}/{key}", pieces)
    right = chunks.checksum(b"".join(pieces)).encode()
    call.body = chunks.unsigned_body_with_trailer(pieces).replace(right, base64.b64encode(zlib.crc32(b"x").to_bytes(4, "big")))
    check(call.send(endpoint), "BadDigest", "The CRC32 you specified did not match the calculated checksum.")


@pytest.mark.parametrize("key", ["k", "other"])
@pytest.mark.parametrize("cut", [1, 5, 100, 1000, len(LARGE)])
def test_frames_that_break_off(endpoint, issued, bucket, key, cut):
    pieces = [LARGE, b"end"]
    call = framed(endpoint, issued, f"/{bucket}/{key}", pieces)
    call.body = chunks.unsigned_body_with_trailer(pieces)[:-cut]
    assert call.send(endpoint).status == 400


@pytest.mark.parametrize("key", ["k", "other"])
@pytest.mark.parametrize("sent", [0, 1, 100_000, len(LARGE) - 1])
def test_a_client_that_dies(endpoint, issued, bucket, key, sent):
    call = Call("PUT", f"/{bucket}/{key}", {}, LARGE).signed(endpoint, issued, "s3")
    head = [f"PUT {call.path} HTTP/1.1", f"Host: {endpoint.url.split('//')[1]}", f"Content-Length: {len(LARGE)}"]
    head += [f"{name}: {value}" for name, value in {**call.headers, **endpoint.headers}.items()]
    with open_socket(endpoint) as connection:
        connection.sendall("\r\n".join([*head, "", ""]).encode() + LARGE[:sent])
        # The other half stays open: what is answered to the broken body, if anything, is an error.
        connection.shutdown(socket.SHUT_WR)
        answer = read_answer(connection, "PUT")
    assert answer is None or answer.status >= 400


def test_a_body_of_no_certain_length(endpoint, issued, old):
    call = Call("PUT", old, {"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}).signed(endpoint, issued, "s3")
    call.headers["Transfer-Encoding"] = "chunked"
    call.body = iter([b"new"])
    answer = call.send(endpoint)
    expected = ("MissingContentLength", "You must provide the Content-Length HTTP header.")
    assert (answer.status, answer.error("rest-xml")) == (411, expected)


def test_a_part_with_another_md5(s3, put, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts")["UploadId"]
    digest = base64.b64encode(hashlib.md5(b"another").digest()).decode()
    answer = put(f"/{bucket}/parts?partNumber=1&uploadId={upload}", LARGE, Content_MD5=digest)
    check(answer, "BadDigest", "did not match what we received")
    assert "Parts" not in s3.list_parts(Bucket=bucket, Key="parts", UploadId=upload)
    s3.abort_multipart_upload(Bucket=bucket, Key="parts", UploadId=upload)


def test_errors_of_head_have_no_body(endpoint, issued, bucket):
    for path, status in [(f"/{bucket}/missing", 404), ("/nobodys-bucket", 404), (f"/{bucket}/k?versionId=x", 400),
                         (f"/{bucket}/k?partNumber=0", 400)]:
        answer = Call("HEAD", path).signed(endpoint, issued, "s3").send(endpoint)
        assert (answer.status, answer.body) == (status, b""), (path, answer)
    answer = Call("HEAD", f"/{bucket}/k", {"Range": "bytes=100-"}).signed(endpoint, issued, "s3").send(endpoint)
    assert (answer.status, answer.body) == (416, b"")
