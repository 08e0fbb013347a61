"""`AssumeRoleWithSAML`: responses of a SAML provider."""

import base64
import hashlib

import pytest
from botocore import UNSIGNED
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sts import identity_provider
from sts.accounts import allow, trust

INVALID = (400, "InvalidIdentityToken")


@pytest.fixture
def provider(home):
    return home.client("iam").create_saml_provider(
        Name="idp", SAMLMetadataDocument=identity_provider.metadata().ljust(1000))["SAMLProviderArn"]


@pytest.fixture
def role(home, provider):
    may = trust({"Federated": provider}, "sts:AssumeRoleWithSAML", "sts:TagSession",
                StringEquals={"saml:aud": identity_provider.SIGN_IN, "saml:sub_type": "persistent"})
    return home.role("staff", may, allow("sqs:CreateQueue", StringEquals={"aws:PrincipalTag/team": "blue"}))


@pytest.fixture
def assume(endpoint, role, provider):
    sts = endpoint.client("sts", signature_version=UNSIGNED)

    def call(response, **more):
        return sts.assume_role_with_saml(
            **{"RoleArn": role, "PrincipalArn": provider, "SAMLAssertion": response, **more})

    return call


@pytest.fixture
def respond(time_of, role, provider):
    return lambda **more: identity_provider.response(time_of(), role, provider, **more)


def test_a_response_opens_a_role(home, assume, respond):
    answer = assume(respond(more=[("PrincipalTag:team", "blue"), ("SessionDuration", "1800")]))
    issuer = f"{identity_provider.ISSUER}/saml"
    assert (answer["Subject"], answer["SubjectType"], answer["Issuer"]) == ("ann-1", "persistent", issuer)
    assert answer["Audience"] == identity_provider.SIGN_IN
    name_qualifier = hashlib.sha1(f"{issuer}{home.number}/idp".encode()).digest()
    assert answer["NameQualifier"] == base64.b64encode(name_qualifier).decode()
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{home.number}:assumed-role/staff/ann"
    home.as_(answer["Credentials"], "sqs").create_queue(QueueName="q")


@pytest.mark.parametrize("bent, error", [
    ({"tamper": ("ann-1", "root")}, (*INVALID, "Response signature invalid")),
    ({"tamper": ("<ds:Signature ", "<ds:Nothing ")}, INVALID),
    ({"audience": "https://elsewhere.example.com"}, (*INVALID, "Response does not contain the required audience.")),
    ({"issuer": "https://elsewhere.example.com"}, (*INVALID, "Issuer not present in specified provider")),
    ({"name": None}, (*INVALID, "RoleSessionName is required in AuthnResponse")),
    ({"name": "a b"}, (*INVALID, "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}")),
    ({"more": [("SourceIdentity", "a")]},
     (*INVALID, 'Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"')),
])
def test_responses_that_do_not_fit(assume, respond, refused, bent, error):
    assert refused(lambda: assume(respond(**bent)))[:len(error)] == error


def test_a_response_is_for_its_role_and_provider(home, assume, respond, role, provider, time_of, refused):
    other = home.role("other", trust({"Federated": provider}, "sts:AssumeRoleWithSAML"))
    refusal = (403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML")
    assert refused(lambda: assume(respond(), RoleArn=other)) == refusal
    closed = home.role("closed", trust({"Service": "ec2.amazonaws.com"}))
    response = identity_provider.response(time_of(), closed, provider)
    assert refused(lambda: assume(response, RoleArn=closed)) == refusal
    absent = provider.replace("/idp", "/absent")
    assert refused(lambda: assume(respond(), PrincipalArn=absent)) == (*INVALID, "Specified provider doesn't exist")


def test_a_response_is_good_for_five_minutes(assume, respond, clock, refused):
    response = respond()
    clock(301)
    assert refused(lambda: assume(response))[:2] == (400, "ExpiredTokenException")
    assert refused(lambda: assume("no base 64!"))[2] == "Invalid base64 SAMLResponse"


def test_assertions_that_are_encrypted(home, provider, assume, respond, refused):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()).decode()
    response = identity_provider.encrypted(respond(), key.public_key())
    assert refused(assume, response=response)[:2] == INVALID, "nobody has the key yet"
    home.client("iam").update_saml_provider(
        SAMLProviderArn=provider, AddPrivateKey=pem, AssertionEncryptionMode="Required")
    assert assume(response)["Subject"] == "ann-1"
    assert refused(assume, response=respond())[:2] == INVALID, "it has to be encrypted now"
