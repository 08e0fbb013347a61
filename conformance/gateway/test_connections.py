"""Connections: kept, pipelined, multiplexed, encrypted, idle, broken. None costs another anything."""

import contextlib
import http.client
import select
import socket
import ssl
import time
from urllib.parse import urlsplit

import boto3
import h2.config
import h2.connection
import h2.events
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from gateway.exchange import Call, open_socket, read_answer, send_bytes
from gateway.probes import PROBES

KEY = ("test", "test")
HEALTH = b"GET /_virga/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
# What a healthy server needs far less than, on a busy machine too.
SOON = 5


def is_healthy(endpoint):
    started = time.monotonic()
    answer = Call("GET", "/_virga/health").send(endpoint)
    return answer.status == 200 and time.monotonic() - started < SOON


def test_a_connection_serves_many_requests(endpoint):
    connection = http.client.HTTPConnection(urlsplit(endpoint.url).netloc, timeout=SOON)
    sockets = set()
    for name, probe in PROBES.items():
        answer = probe.call().signed(endpoint, KEY, probe.signing_name).send_on(connection, endpoint)
        assert answer.status in (200, 404, 501), name
        sockets.add(connection.sock)
    assert len(sockets) == 1
    assert None not in sockets
    connection.close()


@pytest.mark.parametrize("headers", [
    {"x-virga-world": "there-is-none"},
    {"X-Amz-Target": "AmazonSQS.NoSuchOperation", "Content-Type": "application/x-amz-json-1.0"},
])
def test_a_refused_request_whose_body_comes_late_leaves_the_connection_open(endpoint, headers):
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with open_socket(endpoint) as connection, connection.makefile("rb") as stream:
        connection.sendall(f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n{head}\r\n".encode())
        # Time for an answer that does not wait for the body.
        select.select([connection], [], [], 0.3)
        connection.sendall(b"{}")
        assert read_from(stream)[0] in (400, 404)
        connection.sendall(HEALTH)
        assert read_from(stream)[0] == 200


def test_requests_sent_at_once_are_answered_in_order(endpoint):
    probe = PROBES["json"].call().signed(endpoint, KEY, "dynamodb")
    head = "".join(f"{name}: {value}\r\n" for name, value in probe.headers.items())
    request = f"POST / HTTP/1.1\r\nContent-Length: {len(probe.body)}\r\n{head}\r\n".encode() + probe.body
    with open_socket(endpoint) as connection:
        connection.sendall(HEALTH + request + HEALTH)
        # One reader for all answers: it may read ahead.
        with connection.makefile("rb") as stream:
            statuses = [read_from(stream)[0] for _ in range(3)]
    assert statuses[0] == statuses[2] == 200
    assert statuses[1] in (200, 501)


def read_from(stream):
    status = int(stream.readline().split()[1])
    length = 0
    for line in iter(stream.readline, b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return status, stream.read(length)


def test_a_client_may_ask_for_the_end_of_the_connection(endpoint):
    with open_socket(endpoint) as connection:
        connection.sendall(HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert read_answer(connection).status == 200
        assert connection.recv(1) == b""


def test_http_1_0_is_answered_and_closed(endpoint):
    with open_socket(endpoint) as connection:
        connection.sendall(b"GET /_virga/health HTTP/1.0\r\n\r\n")
        assert read_answer(connection).status == 200
        assert connection.recv(1) == b""


@pytest.mark.parametrize("garbage", [
    b"\x00" * 1000,
    b"\xff\xfe\xfd\r\n\r\n",
    b"hello\r\n\r\n",
    b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET /\x00 HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
    b"GET / HTTP/1.1\r\nHo st: a\r\n\r\n",
    b"\x16\x03\x01" + b"\x00" * 200,
    b"\x16\x03\x01\xff\xff" + b"a" * 200,
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 200,
    b"SSH-2.0-OpenSSH\r\n",
], ids=lambda data: repr(data[:24]))
def test_garbage_is_refused_and_forgotten(endpoint, garbage):
    with open_socket(endpoint) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(garbage)
            connection.shutdown(socket.SHUT_WR)
        started = time.monotonic()
        with contextlib.suppress(ConnectionResetError):
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
            assert b" 200 " not in answer.split(b"\r\n")[0]
        assert time.monotonic() - started < SOON
    assert is_healthy(endpoint)


def test_half_a_request_holds_up_nobody(endpoint):
    with contextlib.ExitStack() as stack:
        for _ in range(100):
            connection = stack.enter_context(open_socket(endpoint))
            connection.sendall(b"POST / HTTP/1.1\r\nHost: local")
        assert is_healthy(endpoint)


@pytest.mark.parametrize("count", [101, 10_000])
def test_too_many_headers_are_refused(endpoint, count):
    headers = b"".join(b"X-H-%d: v\r\n" % number for number in range(count))
    answer = send_bytes(endpoint, b"GET /_virga/health HTTP/1.1\r\n" + headers + b"\r\n")
    assert answer is None or answer.status == 431
    assert is_healthy(endpoint)


def test_a_huge_header_is_refused(endpoint):
    answer = send_bytes(endpoint, b"GET / HTTP/1.1\r\nX-H: " + b"a" * (1 << 20) + b"\r\n\r\n")
    assert answer is None or answer.status == 431
    assert is_healthy(endpoint)


def test_a_huge_path_is_refused(endpoint):
    answer = send_bytes(endpoint, b"GET /" + b"a" * (1 << 20) + b" HTTP/1.1\r\n\r\n")
    assert answer is None or answer.status in (414, 431)
    assert is_healthy(endpoint)


def test_many_idle_connections_cost_others_nothing(endpoint):
    with contextlib.ExitStack() as stack:
        for _ in range(400):
            connection = stack.enter_context(open_socket(endpoint))
            connection.sendall(HEALTH)
            assert read_answer(connection).status == 200
        assert is_healthy(endpoint)


def test_a_client_that_reads_nothing_holds_up_nobody(endpoint):
    coverage = b"GET /_virga/coverage HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            connection = stack.enter_context(open_socket(endpoint))
            connection.sendall(coverage * 5)
        assert is_healthy(endpoint)


# HTTP/2.


class Http2:
    """A connection that speaks HTTP/2."""

    def __init__(self, connection, scheme):
        self.socket, self.scheme = connection, scheme
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        self.h2.initiate_connection()
        self.flush()

    def flush(self):
        self.socket.sendall(self.h2.data_to_send())

    def ask(self, call, endpoint):
        """Sends a request; its stream."""
        stream = self.h2.get_next_available_stream_id()
        headers = {name.lower(): value for name, value in {**call.headers, **endpoint.headers}.items()}
        host = headers.pop("host", urlsplit(endpoint.url).netloc)
        pseudo = [(":method", call.method), (":scheme", self.scheme), (":authority", host), (":path", call.path)]
        self.h2.send_headers(stream, pseudo + list(headers.items()), end_stream=not call.body)
        if call.body:
            self.h2.send_data(stream, call.body, end_stream=True)
        self.flush()
        return stream

    def answers(self, count):
        """Status and body by stream, once this many have ended."""
        found, ended = {}, set()
        while len(ended) < count:
            data = self.socket.recv(65536)
            assert data, "the connection was closed"
            for event in self.h2.receive_data(data):
                if isinstance(event, h2.events.ResponseReceived):
                    found[event.stream_id] = [int(dict(event.headers)[":status"]), b""]
                elif isinstance(event, h2.events.DataReceived):
                    found[event.stream_id][1] += event.data
                    self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                elif isinstance(event, h2.events.StreamEnded):
                    ended.add(event.stream_id)
            self.flush()
        return found


def ask_everything(connection, endpoint):
    """All probes at once, with signatures that are checked."""
    key = endpoint.admin("POST", "keys", {})
    key = (key["access_key_id"], key["secret_access_key"])
    names = {}
    for name, probe in PROBES.items():
        names[connection.ask(probe.call().signed(endpoint, key, probe.signing_name), endpoint)] = name
    return {names[stream]: answer for stream, answer in connection.answers(len(names)).items()}


def test_http_2_without_encryption_serves_every_protocol_on_one_connection(endpoint):
    with open_socket(endpoint) as connection:
        answers = ask_everything(Http2(connection, "http"), endpoint)
    assert {name: status for name, (status, _) in answers.items() if status not in (200, 404, 501)} == {}


# TLS.


@pytest.fixture
def encrypted(start_virga, tmp_path):
    """A virga with a data folder, and a context that trusts its authority alone."""
    virga = start_virga("--data", tmp_path / "data")
    # The authority is made when it is first needed.
    unverified = ssl.create_default_context()
    unverified.check_hostname = False
    unverified.verify_mode = ssl.CERT_NONE
    with open_socket(virga.endpoint) as plain, unverified.wrap_socket(plain, server_hostname="localhost"):
        pass
    return virga, tmp_path / "data" / "tls" / "ca.pem"


NAMES = [
    "localhost",
    "127.0.0.1",
    "sqs.us-east-1.localhost",
    "bucket.s3.us-east-1.localhost",
    "w1.world.localhost",
    "sqs.us-east-1.amazonaws.com",
]


@pytest.mark.parametrize("name", NAMES)
def test_encrypted_connections_have_certificates_for_every_name(encrypted, name):
    virga, authority = encrypted
    context = ssl.create_default_context(cafile=authority)
    with open_socket(virga.endpoint) as plain, context.wrap_socket(plain, server_hostname=name) as connection:
        connection.sendall(HEALTH)
        assert read_answer(connection).status == 200
        assert connection.version() in ("TLSv1.2", "TLSv1.3")


def test_a_stranger_does_not_trust_the_authority(encrypted):
    virga, _ = encrypted
    context = ssl.create_default_context()
    with open_socket(virga.endpoint) as plain, pytest.raises(ssl.SSLCertVerificationError):
        context.wrap_socket(plain, server_hostname="localhost")


def test_http_2_is_chosen_within_tls(encrypted):
    virga, authority = encrypted
    context = ssl.create_default_context(cafile=authority)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with open_socket(virga.endpoint) as plain, context.wrap_socket(plain, server_hostname="localhost") as connection:
        assert connection.selected_alpn_protocol() == "h2"
        answers = ask_everything(Http2(connection, "https"), virga.endpoint)
    assert {name: status for name, (status, _) in answers.items() if status not in (200, 404, 501)} == {}


def test_boto3_speaks_tls_with_the_authority_of_the_data_folder(encrypted):
    virga, authority = encrypted
    client = boto3.client(
        "dynamodb",
        endpoint_url=virga.endpoint.url.replace("http://127.0.0.1", "https://localhost"),
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        verify=str(authority),
        config=Config(retries={"max_attempts": 0}),
    )
    try:
        client.list_tables()
    except ClientError as error:
        assert error.response["Error"]["Code"] == "NotImplemented"


def test_the_authority_stays_the_same_after_a_restart(encrypted, start_virga, tmp_path):
    virga, authority = encrypted
    before = authority.read_text()
    virga.terminate()
    assert virga.exit_code() == 0
    again = start_virga("--data", tmp_path / "data")
    context = ssl.create_default_context(cafile=authority)
    with open_socket(again.endpoint) as plain, context.wrap_socket(plain, server_hostname="localhost"):
        pass
    assert authority.read_text() == before
