"""`AssumeRoleWithWebIdentity`: tokens of an OpenID Connect provider."""

import pytest
from botocore import UNSIGNED

from sts import identity_provider
from sts.accounts import allow, trust

HOST = "idp.example.com"


@pytest.fixture
def provider(home, endpoint):
    """The ARN of the provider, whose keys are known."""
    endpoint.admin("PUT", "oidc-jwks", {"issuer": identity_provider.ISSUER, "jwks": identity_provider.key_set()})
    return home.client("iam").create_open_id_connect_provider(
        Url=identity_provider.ISSUER, ClientIDList=["client-1", "client-2"])["OpenIDConnectProviderArn"]


@pytest.fixture
def role(home, provider):
    may = trust({"Federated": provider}, "sts:AssumeRoleWithWebIdentity", "sts:TagSession",
                StringEquals={f"{HOST}:aud": "client-1"}, StringLike={f"{HOST}:sub": "an*"})
    return home.role("web", may, allow("sqs:CreateQueue", StringEquals={"aws:PrincipalTag/team": "blue"}),
                     allow("sqs:ListQueues", StringEquals={f"{HOST}:sub": "ann"}))


@pytest.fixture
def assume(endpoint, role):
    """Calls without credentials."""
    sts = endpoint.client("sts", signature_version=UNSIGNED)

    def call(token, **more):
        return sts.assume_role_with_web_identity(
            **{"RoleArn": role, "RoleSessionName": "ses", "WebIdentityToken": token, **more})

    return call


def test_a_token_opens_a_role(home, provider, assume, time_of, refused):
    answer = assume(identity_provider.token(time_of()))
    assert answer["SubjectFromWebIdentityToken"] == "ann" and answer["Audience"] == "client-1"
    assert answer["Provider"] == provider
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{home.number}:assumed-role/web/ses"
    sqs = home.as_(answer["Credentials"], "sqs")
    sqs.list_queues()
    assert refused(sqs.create_queue, QueueName="q")[1] == "AccessDenied"


def test_tags_of_a_token(home, assume, time_of):
    tags = {"https://aws.amazon.com/tags": {"principal_tags": {"team": ["blue"]}, "transitive_tag_keys": ["team"]}}
    answer = assume(identity_provider.token(time_of(), **tags))
    assert answer["PackedPolicySize"] > 0
    home.as_(answer["Credentials"], "sqs").create_queue(QueueName="q")


@pytest.mark.parametrize("claims, error", [
    ({"aud": "client-3"}, (400, "InvalidIdentityToken", "Incorrect token audience")),
    ({"aud": "client-2"}, (403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")),
    ({"sub": "bob"}, (403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")),
    ({"sub": None}, (400, "InvalidIdentityToken", "Missing a required claim: sub")),
    ({"exp": None}, (400, "InvalidIdentityToken", "Missing a required claim: exp")),
    ({"iss": "https://other.example.com"},
     (400, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://other.example.com")),
])
def test_claims_that_do_not_fit(assume, time_of, refused, claims, error):
    assert refused(lambda: assume(identity_provider.token(time_of(), **claims))) == error


def test_tokens_expire_and_begin(assume, time_of, clock, refused):
    token = identity_provider.token(time_of())
    clock(600)
    status, code, message = refused(lambda: assume(token))
    assert (status, code) == (400, "ExpiredTokenException") and message.startswith("Token expired: current date/time")
    early = identity_provider.token(time_of(), nbf=time_of() + 500)
    assert refused(lambda: assume(early))[:2] == (400, "InvalidIdentityToken")


def test_signatures_and_other_texts(endpoint, assume, time_of, refused):
    token = identity_provider.token(time_of())
    head, claims, signature = token.split(".")
    forged = identity_provider.token(time_of(), sub="anna").split(".")[1]
    assert refused(lambda: assume(f"{head}.{forged}.{signature}"))[:2] == (400, "InvalidIdentityToken")
    for text in ("nonsense", f"{head}.{claims}", f"eyJhbGciOiJub25lIn0.{claims}."):
        assert "not a valid JWT" in refused(lambda: assume(text))[2]
    endpoint.admin("DELETE", f"oidc-jwks?issuer={identity_provider.ISSUER}")
    assert refused(lambda: assume(token))[:2] == (400, "IDPCommunicationError")
