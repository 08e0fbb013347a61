"""Bodies framed in `aws-chunked`, signed chunk by chunk.
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html"""

import base64
import hashlib
import hmac
import zlib

from gateway.exchange import Call
from subject import REGION

SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
EMPTY_HASH = hashlib.sha256(b"").hexdigest()


def digest(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


class ChunkSigner:
    """Signs the chunks of a request whose headers are signed already."""

    def __init__(self, call, secret):
        self.date = call.headers["X-Amz-Date"]
        self.scope = f"{self.date[:8]}/{REGION}/s3/aws4_request"
        key = b"AWS4" + secret.encode()
        for part in self.scope.split("/"):
            key = digest(key, part)
        self.key = key
        self.previous = call.headers["Authorization"].rsplit("Signature=", 1)[1]

    def sign(self, kind, *lines):
        text = "\n".join([f"AWS4-HMAC-SHA256-{kind}", self.date, self.scope, self.previous, *lines])
        self.previous = digest(self.key, text).hex()
        return self.previous

    def chunk(self, data):
        signature = self.sign("PAYLOAD", EMPTY_HASH, hashlib.sha256(data).hexdigest())
        return b"%x;chunk-signature=%s\r\n%s\r\n" % (len(data), signature.encode(), data)

    def end(self):
        signature = self.sign("PAYLOAD", EMPTY_HASH, EMPTY_HASH)
        return b"0;chunk-signature=%s\r\n" % signature.encode()

    def trailer(self, name, value):
        line = f"{name}:{value}"
        signature = self.sign("TRAILER", hashlib.sha256(f"{line}\n".encode()).hexdigest())
        return f"{line}\r\nx-amz-trailer-signature:{signature}\r\n".encode()


def checksum(data):
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


def put(path, data, declaration, **headers):
    """A request, not signed yet, that declares how its body will be framed."""
    headers = {
        "X-Amz-Content-SHA256": declaration,
        "Content-Encoding": "aws-chunked",
        "X-Amz-Decoded-Content-Length": str(len(data)),
        **headers,
    }
    if declaration != SIGNED:
        headers["X-Amz-Trailer"] = "x-amz-checksum-crc32"
    return Call("PUT", path, headers)


def signed_body(call, secret, pieces):
    signer = ChunkSigner(call, secret)
    return b"".join(signer.chunk(piece) for piece in pieces) + signer.end() + b"\r\n"


def signed_body_with_trailer(call, secret, pieces):
    signer = ChunkSigner(call, secret)
    body = b"".join(signer.chunk(piece) for piece in pieces) + signer.end()
    return body + signer.trailer("x-amz-checksum-crc32", checksum(b"".join(pieces))) + b"\r\n"


def unsigned_body_with_trailer(pieces):
    body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    trailer = f"x-amz-checksum-crc32:{checksum(b''.join(pieces))}\r\n".encode()
    return body + b"0\r\n" + trailer + b"\r\n"
