"""Requests below the SDKs: signed and then bent, or bytes of any kind, and answers as they came."""

import http.client
import json
import socket
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.parsers import ResponseParserFactory

from subject import REGION

TIMEOUT = 30


@dataclass
class Answer:
    """An answer as it came."""

    status: int
    headers: dict
    body: bytes

    def error(self, protocol):
        """Code and message, as botocore reads them in this protocol."""
        parser = ResponseParserFactory().create_parser(protocol)
        parts = {"status_code": self.status, "headers": http.client.HTTPMessage(), "body": self.body}
        for name, value in self.headers.items():
            parts["headers"][name] = value
        error = parser.parse(parts, None)["Error"]
        return error["Code"], error.get("Message", "")

    def json(self):
        return json.loads(self.body)


class DeclaredSigV4Auth(S3SigV4Auth):
    """Signs what a request declares of its body, where it declares something."""

    def _modify_request_before_signing(self, request):
        declared = request.headers.get("X-Amz-Content-SHA256")
        super()._modify_request_before_signing(request)
        if declared is not None:
            del request.headers["X-Amz-Content-SHA256"]
            request.headers["X-Amz-Content-SHA256"] = declared

    def payload(self, request):
        return request.headers.get("X-Amz-Content-SHA256") or super().payload(request)


@dataclass
class Call:
    """A request that is not sent yet: change what you like after it was signed."""

    method: str
    path: str
    headers: dict = field(default_factory=dict)
    body: bytes = b""

    def signed(self, endpoint, key, service, token=None, region=REGION):
        """The same with a signature in its headers."""
        kind = DeclaredSigV4Auth if service == "s3" else SigV4Auth
        return self._with(kind(Credentials(*key, token), service, region), endpoint)

    def presigned(self, endpoint, key, service, seconds, token=None):
        """The same with a signature in its URL."""
        kind = S3SigV4QueryAuth if service == "s3" else SigV4QueryAuth
        return self._with(kind(Credentials(*key, token), service, REGION, expires=seconds), endpoint)

    def _with(self, signer, endpoint):
        # The signed host is the one that the header names, wherever the request goes.
        host = self.headers.get("Host", urlsplit(endpoint.url).netloc)
        request = AWSRequest(self.method, f"http://{host}{self.path}", headers=dict(self.headers), data=self.body)
        signer.add_auth(request)
        url = urlsplit(request.url)
        path = f"{url.path}?{url.query}" if url.query else url.path
        return Call(self.method, path, dict(request.headers.items()), self.body)

    def send(self, endpoint):
        """The answer, on a connection of its own."""
        connection = http.client.HTTPConnection(urlsplit(endpoint.url).netloc, timeout=TIMEOUT)
        try:
            return self.send_on(connection, endpoint)
        finally:
            connection.close()

    def send_on(self, connection, endpoint):
        """The answer, on a connection that is kept."""
        headers = {**self.headers, **endpoint.headers}
        connection.request(self.method, self.path, body=self.body, headers=headers)
        answer = connection.getresponse()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())


def open_socket(endpoint):
    """A connection to the endpoint."""
    url = urlsplit(endpoint.url)
    return socket.create_connection((url.hostname, url.port), timeout=TIMEOUT)


def read_answer(connection, method="GET"):
    """The next answer on a connection; nothing when it was closed instead."""
    answer = http.client.HTTPResponse(connection, method=method)
    try:
        answer.begin()
    except (http.client.RemoteDisconnected, ConnectionResetError, http.client.BadStatusLine):
        return None
    return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())


def send_bytes(endpoint, data):
    """The answer to these bytes; nothing when the connection was closed instead."""
    with open_socket(endpoint) as connection:
        try:
            connection.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return read_answer(connection)


def to_the_endpoint(endpoint):
    """A handler of `before-send`: requests go to the endpoint whatever host they are for; the header `Host` keeps it."""
    there = urlsplit(endpoint.url).netloc

    def redirect(request, **_):
        url = urlsplit(request.url)
        if url.netloc != there:
            request.headers["Host"] = url.netloc
            request.url = urlunsplit(url._replace(netloc=there, scheme="http"))

    return redirect
