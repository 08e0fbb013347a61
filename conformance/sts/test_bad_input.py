"""Bad credentials, service by service and protocol by protocol: SQS in both its protocols, IAM and STS in the query
protocol, KMS in JSON 1.1, DynamoDB in JSON 1.0. S3, which has codes of its own, is in
gateway/test_signatures.py. Codes, statuses and messages are AWS's."""

import dataclasses
import json
import urllib.parse

import pytest

from gateway.exchange import Call
from sts.accounts import allow, trust

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclasses.dataclass
class Probe:
    """A call that needs no resource."""

    service: str
    protocol: str
    call: Call

    @property
    def is_json(self):
        return self.protocol == "json"


def query(service, action, version):
    body = urllib.parse.urlencode({"Action": action, "Version": version}).encode()
    return Probe(service, "query", Call("POST", "/", dict(FORM), body))


def in_json(service, target, version):
    headers = {"Content-Type": f"application/x-amz-json-{version}", "X-Amz-Target": target}
    return Probe(service, "json", Call("POST", "/", headers, b"{}"))


PROBES = {
    "sqs-json": in_json("sqs", "AmazonSQS.ListQueues", "1.0"),
    "sqs-query": query("sqs", "ListQueues", "2012-11-05"),
    "iam": query("iam", "ListUsers", "2010-05-08"),
    "sts": query("sts", "GetCallerIdentity", "2011-06-15"),
    "kms": in_json("kms", "TrentService.ListKeys", "1.1"),
    "dynamodb": in_json("dynamodb", "DynamoDB_20120810.ListTables", "1.0"),
}
every_service = pytest.mark.parametrize("name", PROBES)

# Status and code in the query protocol, and in JSON.
MISMATCH = (403, "SignatureDoesNotMatch"), (400, "InvalidSignatureException")
UNKNOWN = (403, "InvalidClientTokenId"), (400, "UnrecognizedClientException")
EXPIRED = (403, "ExpiredToken"), (400, "ExpiredTokenException")
MISSING = (403, "MissingAuthenticationToken"), (400, "MissingAuthenticationTokenException")
INCOMPLETE = (400, "IncompleteSignature"), (400, "IncompleteSignatureException")


@pytest.fixture
def session(home):
    """Credentials of a session that may do anything."""
    user = home.user("ann", allow("*"))
    # A session of a role, because one of a user may not call IAM.
    role = home.role("probed", trust({"AWS": home.number}), allow("*"))
    return home.as_(user, "sts").assume_role(RoleArn=role, RoleSessionName="ses", DurationSeconds=900)["Credentials"]


def key(credentials):
    return credentials["AccessKeyId"], credentials["SecretAccessKey"]


def error(answer, probe):
    """Status, code and message. SQS's query names of errors are not botocore's business here."""
    code, message = answer.error(probe.protocol)
    return answer.status, code, message


def check(endpoint, name, call, expected, *parts):
    probe = PROBES[name]
    status, code, message = error(call.send(endpoint), probe)
    wanted = expected[probe.is_json]
    if name == "sqs-json":
        # SQS answers in JSON with a header for clients that know the codes of the query protocol; botocore heeds it.
        wanted = wanted[0], expected[False][1]
    assert (status, code) == wanted, message
    for part in parts:
        assert part in message


@every_service
def test_a_session_is_let_in_with_its_token(endpoint, session, name):
    probe = PROBES[name]
    call = probe.call.signed(endpoint, key(session), probe.service, session["SessionToken"])
    assert call.send(endpoint).status == 200


@every_service
def test_a_wrong_secret(endpoint, session, name):
    probe = PROBES[name]
    wrong = session["AccessKeyId"], "x" * 40
    check(endpoint, name, probe.call.signed(endpoint, wrong, probe.service, session["SessionToken"]), MISMATCH,
          "The request signature we calculated does not match the signature you provided.")


@every_service
def test_a_session_without_its_token_or_with_anothers(endpoint, home, session, name):
    probe = PROBES[name]
    check(endpoint, name, probe.call.signed(endpoint, key(session), probe.service), UNKNOWN,
          "The security token included in the request is invalid")
    other = home.client("sts").get_session_token()["Credentials"]["SessionToken"]
    check(endpoint, name, probe.call.signed(endpoint, key(session), probe.service, other), UNKNOWN,
          "The security token included in the request is invalid")


@every_service
def test_a_long_term_key_with_a_token(endpoint, home, session, name):
    probe = PROBES[name]
    user = home.user("bob", allow("*"))
    check(endpoint, name, probe.call.signed(endpoint, key(user), probe.service, session["SessionToken"]), UNKNOWN)


@every_service
def test_an_inactive_or_deleted_key(endpoint, home, name):
    probe = PROBES[name]
    user = home.user("bob", allow("*"))
    iam = home.client("iam")
    iam.update_access_key(UserName="bob", AccessKeyId=user["AccessKeyId"], Status="Inactive")
    check(endpoint, name, probe.call.signed(endpoint, key(user), probe.service), UNKNOWN)
    iam.update_access_key(UserName="bob", AccessKeyId=user["AccessKeyId"], Status="Active")
    assert probe.call.signed(endpoint, key(user), probe.service).send(endpoint).status == 200


@every_service
def test_an_expired_session(endpoint, session, clock, name):
    probe = PROBES[name]
    clock(901)
    call = probe.call.signed(endpoint, key(session), probe.service, session["SessionToken"])
    check(endpoint, name, call, EXPIRED, "The security token included in the request is expired")


@every_service
def test_a_clock_that_is_wrong(endpoint, session, name):
    probe = PROBES[name]
    call = probe.call.signed(endpoint, key(session), probe.service, session["SessionToken"])
    endpoint.admin("POST", "clock/advance", {"seconds": 15 * 60 - 30})
    # The session itself has not expired yet, but the signature is almost as old as it may be.
    assert call.send(endpoint).status == 200
    endpoint.admin("POST", "clock/advance", {"seconds": 40})
    check(endpoint, name, call, MISMATCH, "Signature expired: ", "- 15 min.)")


@every_service
def test_no_signature_at_all(endpoint, name):
    check(endpoint, name, PROBES[name].call, MISSING)


@every_service
def test_a_header_that_is_cut_off(endpoint, session, name):
    probe = PROBES[name]
    call = probe.call.signed(endpoint, key(session), probe.service, session["SessionToken"])
    call.headers["Authorization"] = call.headers["Authorization"].split(", Signature=")[0]
    check(endpoint, name, call, INCOMPLETE, "Authorization header requires 'Signature' parameter.")


@every_service
def test_another_body_than_was_signed(endpoint, session, name):
    probe = PROBES[name]
    call = probe.call.signed(endpoint, key(session), probe.service, session["SessionToken"])
    call.body = json.dumps({"Limit": 5}).encode() if probe.is_json else call.body + b"&Marker=x"
    check(endpoint, name, call, MISMATCH)


@pytest.mark.parametrize("name", ["sqs-query", "iam", "sts"])
def test_presigned_urls(endpoint, session, name):
    probe = PROBES[name]
    get = Call("GET", f"/?{probe.call.body.decode()}")

    def presigned(seconds):
        return get.presigned(endpoint, key(session), probe.service, seconds, session["SessionToken"])

    assert presigned(60).send(endpoint).status == 200
    tampered = presigned(60)
    tampered.path = tampered.path.replace("X-Amz-Expires=60", "X-Amz-Expires=61")
    check(endpoint, name, tampered, MISMATCH)
    check(endpoint, name, presigned(7 * 24 * 3600 + 1), INCOMPLETE, "X-Amz-Expires must be less than a week")
    # Services other than S3 give every presigned request 15 minutes at least.
    old = presigned(60)
    endpoint.admin("POST", "clock/advance", {"seconds": 15 * 60 + 1})
    check(endpoint, name, old, MISMATCH, "Signature expired: ")
