"""Who is calling: signatures of keys that the cloud issued, and what the refused are told, protocol by protocol.

Codes and statuses are those of the "Common Errors" page of each service; EC2 and S3 have their own."""

import http.client
import re
from urllib.parse import urlsplit

import pytest

from gateway.exchange import TIMEOUT, Call
from gateway.probes import FORM, PROBES

every_protocol = pytest.mark.parametrize("name", PROBES)

UNKNOWN = ("AKIAAAAAAAAAAAAAAAAA", "secret")
# EC2 and S3 have codes of their own. Clients of CloudWatch, which is compatible with the query protocol, are told
# the query protocol's codes.
MISMATCH = {
    "query": (403, "SignatureDoesNotMatch"),
    "ec2": (401, "AuthFailure"),
    "json": (400, "InvalidSignatureException"),
    "rest-json": (403, "InvalidSignatureException"),
    "rest-xml": (403, "SignatureDoesNotMatch"),
    "s3": (403, "SignatureDoesNotMatch"),
    "cbor": (400, "SignatureDoesNotMatch"),
}
MISSING = {
    "query": (403, "MissingAuthenticationToken"),
    "ec2": (400, "MissingParameter"),
    "json": (400, "MissingAuthenticationTokenException"),
    "rest-json": (403, "MissingAuthenticationTokenException"),
    "rest-xml": (403, "MissingAuthenticationToken"),
    "cbor": (400, "MissingAuthenticationToken"),
}
INCOMPLETE = {
    "query": (400, "IncompleteSignature"),
    "ec2": (401, "AuthFailure"),
    "json": (400, "IncompleteSignatureException"),
    "rest-json": (403, "IncompleteSignatureException"),
    "rest-xml": (400, "IncompleteSignature"),
    "s3": (400, "AuthorizationHeaderMalformed"),
    "cbor": (400, "IncompleteSignature"),
}
UNKNOWN_KEY = {
    "query": (403, "InvalidClientTokenId"),
    "ec2": (401, "AuthFailure"),
    "json": (400, "UnrecognizedClientException"),
    "rest-json": (403, "UnrecognizedClientException"),
    "rest-xml": (403, "InvalidClientTokenId"),
    "s3": (403, "InvalidAccessKeyId"),
    "cbor": (400, "InvalidClientTokenId"),
}
SKEWED = {**MISMATCH, "ec2": (400, "RequestExpired"), "s3": (403, "RequestTimeTooSkewed")}
EXPIRED_URL = {**MISMATCH, "ec2": (400, "RequestExpired"), "s3": (403, "AccessDenied")}
UNREADABLE_DATE = {**INCOMPLETE, "s3": (403, "AccessDenied")}
NEEDLESS_TOKEN = {**UNKNOWN_KEY, "s3": (400, "InvalidToken")}
OTHER_SERVICE = {**MISMATCH, "s3": (400, "AuthorizationHeaderMalformed")}
CHANGED_BODIES = {
    "query": b"Action=ListUsers&Version=2010-05-08&Marker=m",
    "ec2": b"Action=DescribeVpcs&Version=2016-11-15&MaxResults=5",
    "json": b'{"Limit": 1}',
    "s3": PROBES["s3"].body.replace(b"v", b"w"),
    "cbor": b"\xbf\xff",
}
# S3's clients declare the hash of the body, and S3 compares.
CHANGED_BODY = {**MISMATCH, "s3": (400, "XAmzContentSHA256Mismatch")}


def refused(answer, name):
    """Status and code of a refusal; its message is never empty."""
    code, message = answer.error(PROBES[name].protocol)
    assert message, (answer.status, code)
    return answer.status, code


def accepted(answer):
    """Whether the caller was let in: what comes then is the service's."""
    return answer.status in (200, 204, 404, 501)


@every_protocol
def test_a_right_signature_is_accepted(endpoint, issued, name):
    probe = PROBES[name]
    answer = probe.call().signed(endpoint, issued(), probe.signing_name).send(endpoint)
    assert accepted(answer), answer


@every_protocol
def test_a_right_signature_for_the_endpoints_own_address_is_accepted(endpoint, issued, name):
    probe = PROBES[name]
    call = Call(probe.method, probe.path, dict(probe.headers), probe.body)
    assert accepted(call.signed(endpoint, issued(), probe.signing_name).send(endpoint))


@every_protocol
def test_a_wrong_secret_is_refused(endpoint, issued, name):
    probe = PROBES[name]
    key = (issued()[0], "wrong")
    answer = probe.call().signed(endpoint, key, probe.signing_name).send(endpoint)
    assert refused(answer, name) == MISMATCH[name]


@pytest.mark.parametrize("name", CHANGED_BODIES)
def test_a_body_that_was_changed_after_signing_is_refused(endpoint, issued, name):
    probe = PROBES[name]
    call = probe.call().signed(endpoint, issued(), probe.signing_name)
    call.body = CHANGED_BODIES[name]
    assert refused(call.send(endpoint), name) == CHANGED_BODY[name]


@every_protocol
def test_a_signed_header_that_was_changed_is_refused(endpoint, issued, name):
    probe = PROBES[name]
    call = probe.call(**{"X-Amz-Meta-Colour": "red"}).signed(endpoint, issued(), probe.signing_name)
    call.headers["X-Amz-Meta-Colour"] = "blue"
    assert refused(call.send(endpoint), name) == MISMATCH[name]


@every_protocol
def test_a_connection_that_has_signed_right_before_is_held_to_it(endpoint, issued, name):
    """Heads that repeat themselves are remembered by connection; each signature is checked all the same."""
    probe, key, other = PROBES[name], issued(), issued()
    connection = http.client.HTTPConnection(urlsplit(endpoint.url).netloc, timeout=TIMEOUT)

    def call(key, date=None):
        signed = probe.call().signed(endpoint, key, probe.signing_name)
        if date:
            signed.headers["X-Amz-Date"] = date
        return signed.send_on(connection, endpoint)

    for _ in range(3):
        assert accepted(call(key))
        assert accepted(call(other))
        assert refused(call((key[0], "wrong")), name) == MISMATCH[name]
        assert refused(call(key, "20200101T000000Z"), name) == SKEWED[name]
        assert refused(call(key, "yesterday"), name) == UNREADABLE_DATE[name]
    connection.close()


@every_protocol
def test_a_path_that_was_changed_is_refused(endpoint, issued, name):
    probe = PROBES[name]
    call = probe.call().signed(endpoint, issued(), probe.signing_name)
    call.path += "&x=y" if "?" in call.path else "?x=y"
    assert refused(call.send(endpoint), name) == MISMATCH[name]


@pytest.mark.parametrize("name", MISSING)
def test_an_unsigned_call_is_refused(endpoint, name):
    assert refused(PROBES[name].call().send(endpoint), name) == MISSING[name]


def test_s3_lets_the_anonymous_through_to_the_policies(endpoint):
    assert accepted(PROBES["s3"].call().send(endpoint))


def test_an_operation_that_asks_for_no_signature_takes_none(endpoint):
    body = (
        b"Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fr"
        b"&RoleSessionName=session&WebIdentityToken=token"
    )
    answer = Call("POST", "/", {"Host": "sts.amazonaws.com", "Content-Type": FORM}, body).send(endpoint)
    code, _ = answer.error("query")
    assert code not in ("MissingAuthenticationToken", "AccessDenied"), answer


@every_protocol
def test_an_incomplete_authorization_is_refused(endpoint, issued, name):
    probe = PROBES[name]
    scope = f"20260102/us-east-1/{probe.signing_name}/aws4_request"
    call = probe.call(Authorization=f"AWS4-HMAC-SHA256 Credential={issued()[0]}/{scope}")
    assert refused(call.send(endpoint), name) == INCOMPLETE[name]


@every_protocol
def test_an_authorization_that_names_no_key_is_refused(endpoint, name):
    call = PROBES[name].call(Authorization="AWS4-HMAC-SHA256 gibberish")
    expected = (400, "InvalidArgument") if name == "s3" else INCOMPLETE[name]
    assert refused(call.send(endpoint), name) == expected


def test_the_sentences_of_a_wrong_signature_tell_the_canonical_request(endpoint, issued):
    probe = PROBES["query"]
    answer = probe.call().signed(endpoint, (issued()[0], "wrong"), "iam").send(endpoint)
    _, message = answer.error("query")
    assert message.startswith("The request signature we calculated does not match the signature you provided.")
    assert "The Canonical String for this request should have been\n'POST\n/\n" in message
    assert "The String-to-Sign should have been\n'AWS4-HMAC-SHA256\n" in message


def test_s3_tells_what_it_signed(endpoint, issued):
    key = issued()
    answer = PROBES["s3"].call().signed(endpoint, (key[0], "wrong"), "s3").send(endpoint)
    for element in ("AWSAccessKeyId", "StringToSign", "SignatureProvided", "CanonicalRequest"):
        assert f"<{element}>".encode() in answer.body, answer.body
    assert f"<AWSAccessKeyId>{key[0]}</AWSAccessKeyId>".encode() in answer.body


@every_protocol
def test_a_signature_for_another_service_is_refused(endpoint, issued, name):
    answer = PROBES[name].call().signed(endpoint, issued(), "kms").send(endpoint)
    assert refused(answer, name) == OTHER_SERVICE[name]
    if name == "query":
        _, message = answer.error("query")
        assert message == "Credential should be scoped to correct service: 'iam'. "


@every_protocol
def test_an_unknown_key_is_refused_where_authentication_is_strict(strict, name):
    probe = PROBES[name]
    answer = probe.call().signed(strict.endpoint, UNKNOWN, probe.signing_name).send(strict.endpoint)
    assert refused(answer, name) == UNKNOWN_KEY[name]


@every_protocol
def test_an_issued_key_is_accepted_where_authentication_is_strict(strict, name):
    probe = PROBES[name]
    key = strict.endpoint.admin("POST", "keys", {})
    key = (key["access_key_id"], key["secret_access_key"])
    assert accepted(probe.call().signed(strict.endpoint, key, probe.signing_name).send(strict.endpoint))


@every_protocol
def test_an_unknown_key_is_let_in_by_default(endpoint, name):
    probe = PROBES[name]
    assert accepted(probe.call().signed(endpoint, UNKNOWN, probe.signing_name).send(endpoint))


@every_protocol
def test_a_signature_of_sixteen_minutes_ago_is_refused(endpoint, issued, clock, name):
    probe = PROBES[name]
    call = probe.call().signed(endpoint, issued(), probe.signing_name)
    clock(14 * 60)
    assert accepted(call.send(endpoint))
    clock(2 * 60)
    answer = call.send(endpoint)
    assert refused(answer, name) == SKEWED[name]
    if name not in ("ec2", "s3"):
        _, message = answer.error(probe.protocol)
        form = r"Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 15 min\.\)"
        assert re.fullmatch(form, message)


@every_protocol
def test_a_signature_of_the_future_is_refused(endpoint, issued, name):
    probe = PROBES[name]
    endpoint.admin("PUT", "clock", {"now": "2020-01-01T00:00:00Z"})
    answer = probe.call().signed(endpoint, issued(), probe.signing_name).send(endpoint)
    assert refused(answer, name) == SKEWED[name]


PRESIGNED = {
    "query": Call("GET", "/?Action=ListUsers&Version=2010-05-08", {"Host": "iam.amazonaws.com"}),
    "rest-json": PROBES["rest-json"].call(),
    "rest-xml": PROBES["rest-xml"].call(),
    "s3": Call("GET", "/bucket/key", {"Host": "s3.us-east-1.amazonaws.com"}),
    "ec2": Call("GET", "/?Action=DescribeVpcs&Version=2016-11-15", {"Host": "ec2.us-east-1.amazonaws.com"}),
}


@pytest.mark.parametrize("name", PRESIGNED)
def test_a_presigned_url_is_good_until_it_expires(endpoint, issued, clock, name):
    call = PRESIGNED[name].presigned(endpoint, issued(), PROBES[name].signing_name, 60)
    assert accepted(call.send(endpoint))
    # S3 alone goes by X-Amz-Expires; elsewhere a URL is good for 15 minutes at least.
    clock(61 if name == "s3" else 901)
    assert refused(call.send(endpoint), name) == EXPIRED_URL[name]


@pytest.mark.parametrize("name", PRESIGNED)
def test_a_presigned_url_of_a_wrong_secret_is_refused(endpoint, issued, name):
    call = PRESIGNED[name].presigned(endpoint, (issued()[0], "wrong"), PROBES[name].signing_name, 60)
    assert refused(call.send(endpoint), name) == MISMATCH[name]


@every_protocol
def test_a_session_token_with_a_key_that_has_none_is_refused(endpoint, issued, name):
    probe = PROBES[name]
    answer = probe.call().signed(endpoint, issued(), probe.signing_name, token="token").send(endpoint)
    assert refused(answer, name) == NEEDLESS_TOKEN[name]


def test_two_mechanisms_at_once_are_refused(endpoint, issued):
    key = issued()
    call = PRESIGNED["s3"].presigned(endpoint, key, "s3", 60).signed(endpoint, key, "s3")
    assert refused(call.send(endpoint), "s3") == (400, "InvalidArgument")


def test_a_key_is_good_in_its_own_world_only(endpoint, issued, shared_endpoint):
    probe = PROBES["query"]
    other = shared_endpoint.new_world()
    key = (issued()[0], "wrong")
    # There it is an unknown key, which any secret fits.
    assert accepted(probe.call().signed(other, key, "iam").send(other))
    assert refused(probe.call().signed(endpoint, key, "iam").send(endpoint), "query") == MISMATCH["query"]
    other.end_world()


@pytest.fixture
def strict(start_virga):
    """A virga that refuses unknown keys."""
    return start_virga("--ephemeral", "--auth", "strict")
