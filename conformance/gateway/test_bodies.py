"""Bodies: framed, streamed, announced, too large."""

import time

import pytest

from gateway import chunks
from gateway.exchange import Call, open_socket, read_answer, send_bytes
from gateway.probes import PROBES

KEY = ("test", "test")
# Chunks have at least 8 KiB, but for the last.
TAGGING = b"<Tagging>" + b" " * 8192 + b"<TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>"
PATH = "/bucket?tagging"
PIECES = [TAGGING[:8192], TAGGING[8192:]]
TARGET = b"X-Amz-Target: DynamoDB_20120810.ListTables\r\n"
SCOPE = b"Credential=test/20260102/us-east-1/dynamodb/aws4_request"
SIGNATURE = b"Authorization: AWS4-HMAC-SHA256 " + SCOPE + b", SignedHeaders=host, Signature=00\r\n"

PUT_OBJECT = (b"PUT /bucket/key HTTP/1.1\r\nHost: s3.us-east-1.amazonaws.com\r\n"
              + SIGNATURE.replace(b"/dynamodb/", b"/s3/"))


def outcome(answer):
    return answer.status, answer.error("rest-xml")[0]


# What S3 answers to a body that is as it should be: there is no such bucket.
READ = (404, "NoSuchBucket")


def framed(endpoint, key, declaration, pieces=PIECES):
    return chunks.put(PATH, b"".join(pieces), declaration).signed(endpoint, key, "s3")


def test_signed_chunks_are_read(endpoint, issued):
    key = issued()
    call = framed(endpoint, key, chunks.SIGNED)
    call.body = chunks.signed_body(call, key[1], PIECES)
    assert outcome(call.send(endpoint)) == READ


def test_a_chunk_that_was_changed_is_refused(endpoint, issued):
    key = issued()
    call = framed(endpoint, key, chunks.SIGNED)
    call.body = chunks.signed_body(call, key[1], PIECES).replace(b"<Value>v", b"<Value>w")
    assert outcome(call.send(endpoint)) == (403, "SignatureDoesNotMatch")


def test_chunks_in_another_order_are_refused(endpoint, issued):
    key = issued()
    call = framed(endpoint, key, chunks.SIGNED)
    signer = chunks.ChunkSigner(call, key[1])
    first, second = signer.chunk(PIECES[0]), signer.chunk(PIECES[1])
    call.body = second + first + signer.end() + b"\r\n"
    assert outcome(call.send(endpoint)) == (403, "SignatureDoesNotMatch")


def test_a_chunk_without_a_signature_is_refused(endpoint, issued):
    key = issued()
    call = framed(endpoint, key, chunks.SIGNED)
    call.body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(TAGGING), TAGGING)
    assert outcome(call.send(endpoint)) == (403, "SignatureDoesNotMatch")


def test_a_small_chunk_before_the_last_is_refused(endpoint, issued):
    for declaration in [chunks.SIGNED, chunks.UNSIGNED_TRAILER]:
        key = issued()
        pieces = [PIECES[0], PIECES[1][:5], PIECES[1][5:]]
        call = framed(endpoint, key, declaration, pieces)
        call.body = (chunks.signed_body(call, key[1], pieces) if declaration == chunks.SIGNED
                     else chunks.unsigned_body_with_trailer(pieces))
        answer = call.send(endpoint)
        assert outcome(answer) == (400, "InvalidChunkSizeError")
        assert b"<Chunk>3</Chunk><BadChunkSize>5</BadChunkSize>" in answer.body, answer.body


def test_chunks_without_the_last_are_refused(endpoint, issued):
    key = issued()
    call = framed(endpoint, key, chunks.SIGNED)
    signer = chunks.ChunkSigner(call, key[1])
    call.body = signer.chunk(PIECES[0]) + signer.chunk(PIECES[1])
    answer = call.send(endpoint)
    assert answer.status == 400, answer


def test_signed_chunks_with_a_trailer_are_read(endpoint, issued):
    key = issued()
    call = framed(endpoint, key, chunks.SIGNED_TRAILER)
    call.body = chunks.signed_body_with_trailer(call, key[1], PIECES)
    assert outcome(call.send(endpoint)) == READ


def test_a_trailer_that_was_changed_is_refused(endpoint, issued):
    key = issued()
    call = framed(endpoint, key, chunks.SIGNED_TRAILER)
    body = chunks.signed_body_with_trailer(call, key[1], PIECES)
    call.body = body.replace(chunks.checksum(TAGGING).encode(), chunks.checksum(b"other").encode())
    assert outcome(call.send(endpoint)) == (403, "SignatureDoesNotMatch")


def test_a_trailer_without_its_signature_is_refused(endpoint, issued):
    key = issued()
    call = framed(endpoint, key, chunks.SIGNED_TRAILER)
    signer = chunks.ChunkSigner(call, key[1])
    call.body = b"".join(signer.chunk(piece) for piece in PIECES) + signer.end()
    call.body += f"x-amz-checksum-crc32:{chunks.checksum(TAGGING)}\r\n\r\n".encode()
    answer = call.send(endpoint)
    assert answer.status in (400, 403), answer


def test_the_declared_hash_of_a_framed_body_is_checked(endpoint, issued):
    call = chunks.put(PATH, TAGGING, chunks.EMPTY_HASH).signed(endpoint, issued(), "s3")
    call.body = chunks.unsigned_body_with_trailer(PIECES)
    assert outcome(call.send(endpoint)) == (400, "XAmzContentSHA256Mismatch")


def test_unsigned_chunks_with_a_trailer_are_read(endpoint, issued):
    call = framed(endpoint, issued(), chunks.UNSIGNED_TRAILER)
    call.body = chunks.unsigned_body_with_trailer(PIECES)
    assert outcome(call.send(endpoint)) == READ


def test_unknown_keys_may_frame_their_bodies_too(endpoint):
    call = framed(endpoint, KEY, chunks.SIGNED)
    call.body = chunks.signed_body(call, "another", PIECES)
    assert outcome(call.send(endpoint)) == READ


@pytest.mark.parametrize("body", [
    b"zz\r\n",
    b"5\r\nabc",
    b"ffffffffffffffffff\r\n",
    b"-1\r\n",
    b"3\r\nabcXX0\r\n\r\n",
    b"",
    b"a" * 100_000,
    b"0\r\n" + b"x-a:b\r\n" * 100_000,
], ids=lambda body: repr(body[:20]))
def test_broken_frames_are_refused(endpoint, body):
    call = framed(endpoint, KEY, chunks.UNSIGNED_TRAILER)
    call.body = body
    assert call.send(endpoint).status == 400


def test_a_body_of_another_length_than_announced_is_refused(endpoint):
    call = framed(endpoint, KEY, chunks.UNSIGNED_TRAILER)
    call.body = chunks.unsigned_body_with_trailer([b"short"])
    assert call.send(endpoint).status == 400


# HTTP's own framing.


def dynamodb(head, body=b""):
    return b"POST / HTTP/1.1\r\nHost: localhost\r\n" + TARGET + SIGNATURE + head + b"\r\n" + body


def test_a_body_in_pieces_is_read(endpoint):
    body = b"2\r\n{\"\r\n6;x=y\r\nLimit\"\r\n5\r\n:101}\r\n0\r\nTrailer: x\r\n\r\n"
    answer = send_bytes(endpoint, dynamodb(b"Transfer-Encoding: chunked\r\n", body))
    assert answer.error("json")[0] == "ValidationException"
    assert "'101' at 'limit'" in answer.error("json")[1]


@pytest.mark.parametrize("head", [
    b"Content-Length: 2\r\nContent-Length: 3\r\n",
    b"Content-Length: -1\r\n",
    b"Content-Length: two\r\n",
    b"Transfer-Encoding: gzip\r\n",
], ids=repr)
def test_a_body_of_no_certain_length_is_refused(endpoint, head):
    answer = send_bytes(endpoint, dynamodb(head, b"{}"))
    assert answer is None or answer.status in (400, 501)


def test_a_length_beside_chunks_does_not_split_the_request(endpoint):
    head = b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"
    smuggled = b"GET /_virga/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with open_socket(endpoint) as connection:
        connection.sendall(dynamodb(head, b"2\r\n{}\r\n0\r\n\r\n" + smuggled))
        first = read_answer(connection)
    assert first is None or first.status in (400, 501, 200)


def test_a_client_that_waits_for_leave_is_given_it(endpoint):
    with open_socket(endpoint) as connection:
        connection.sendall(dynamodb(b"Content-Length: 13\r\nExpect: 100-continue\r\n"))
        leave = connection.recv(100)
        assert leave.startswith(b"HTTP/1.1 100 Continue\r\n"), leave
        connection.sendall(b'{"Limit":101}')
        assert read_answer(connection).error("json")[0] == "ValidationException"


def test_a_client_that_waits_for_leave_is_refused_before_it_sends(endpoint):
    head = b"PUT /bucket/key HTTP/1.1\r\nHost: s3.us-east-1.amazonaws.com\r\nContent-Length: 100\r\n"
    scope = SIGNATURE.replace(b"/dynamodb/", b"/s3/")
    answer = send_bytes(endpoint, head + scope + b"Expect: 100-continue\r\n\r\n")
    assert answer.status == 404


def test_a_body_that_was_refused_unread_ends_the_connection_in_words(endpoint):
    """A client that is not told sends its next request into a connection that is about to close."""
    long = b"Content-Length: 300000\r\n\r\n" + b"a" * 300_000
    for rest in [b"Content-Length: 100\r\nExpect: 100-continue\r\n\r\n", long]:
        answer = send_bytes(endpoint, PUT_OBJECT + rest)
        assert answer.status == 404 and answer.headers["connection"] == "close"
    answer = send_bytes(endpoint, PUT_OBJECT + b"Content-Length: 5\r\n\r\nhello")
    assert answer.status == 404 and "connection" not in answer.headers


def test_an_object_of_no_length_is_refused(endpoint):
    assert outcome(send_bytes(endpoint, PUT_OBJECT + b"\r\n")) == (411, "MissingContentLength")


@pytest.mark.parametrize("method, path, resource_type, allowed", [
    ("PUT", "/", "SERVICE", "GET"),
    ("PATCH", "/bucket", "BUCKET", "HEAD, DELETE, POST, GET, PUT"),
    ("PATCH", "/bucket/key", "OBJECT", "HEAD, DELETE, POST, GET, PUT"),
    ("POST", "/bucket/key", "OBJECT", "HEAD, DELETE, GET, PUT"),
])
def test_a_method_that_is_not_allowed(endpoint, method, path, resource_type, allowed):
    answer = Call(method, path).signed(endpoint, KEY, "s3").send(endpoint)
    assert outcome(answer) == (405, "MethodNotAllowed") and answer.headers["allow"] == allowed
    told = f"<Method>{method}</Method><ResourceType>{resource_type}</ResourceType>"
    assert told.encode() in answer.body, answer.body


def test_a_client_that_waits_for_leave_to_send_nothing(endpoint, unique_name):
    """botocore asks for leave also where there is nothing to send, and takes the answer for that to its next request."""
    s3, bucket = endpoint.client("s3", read_timeout=10), unique_name("bucket")
    s3.create_bucket(Bucket=bucket)
    for body in [b"", b"x", b"", b"", b"xx"]:
        s3.put_object(Bucket=bucket, Key="key", Body=body)
        assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == body


def test_a_body_larger_than_any_call_is_refused_before_it_is_sent(endpoint):
    answer = send_bytes(endpoint, dynamodb(b"Content-Length: 100000000\r\n", b"{"))
    assert (answer.status, answer.error("json")[0]) == (413, "RequestEntityTooLarge")


def test_a_body_in_pieces_that_never_ends_is_refused(endpoint):
    piece = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    with open_socket(endpoint) as connection:
        try:
            connection.sendall(dynamodb(b"Transfer-Encoding: chunked\r\n"))
            for _ in range(80):
                connection.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            return
        assert read_answer(connection).status == 413


def test_a_large_object_is_refused_in_words_that_the_client_can_read(client):
    s3 = client("s3", s3={"addressing_style": "path"})
    with pytest.raises(s3.exceptions.ClientError) as refused:
        s3.put_object(Bucket="bucket", Key="key", Body=b"a" * (20 << 20))
    assert refused.value.response["Error"]["Code"] == "NoSuchBucket"


def test_a_slow_body_holds_up_nobody(endpoint):
    with open_socket(endpoint) as slow:
        slow.sendall(dynamodb(b"Content-Length: 1000\r\n", b"{"))
        probe = PROBES["json"]
        started = time.monotonic()
        answer = probe.call().signed(endpoint, KEY, probe.signing_name).send(endpoint)
        assert answer.status in (200, 501)
        assert time.monotonic() - started < 5


def test_a_body_that_stops_is_no_request(endpoint):
    with open_socket(endpoint) as connection:
        connection.sendall(dynamodb(b"Content-Length: 1000\r\n", b"{"))
    assert Call("GET", "/_virga/health").send(endpoint).status == 200
