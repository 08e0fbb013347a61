"""`GetWebIdentityToken`: tokens that services outside verify with the published keys; `AssumeRoot` without an organization."""

import base64
import json
import urllib.request

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def number(part):
    return int.from_bytes(decoded(part), "big")


def verify(token, keys):
    """The claims of a token, when one of the keys signed it."""
    signed, _, signature = token.rpartition(".")
    header, claims = (json.loads(decoded(part)) for part in signed.split("."))
    key = next(key for key in keys if key["kid"] == header["kid"])
    signature, signed = decoded(signature), signed.encode()
    if header["alg"] == "RS256":
        public = rsa.RSAPublicNumbers(number(key["e"]), number(key["n"])).public_key()
        public.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    else:
        r, s = (int.from_bytes(half, "big") for half in (signature[:48], signature[48:]))
        public = ec.EllipticCurvePublicNumbers(number(key["x"]), number(key["y"]), ec.SECP384R1()).public_key()
        public.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA384()))
    return claims


def test_tokens_are_verified_with_the_published_keys(home, endpoint):
    issuer = home.client("iam").enable_outbound_web_identity_federation()["IssuerIdentifier"]
    host = issuer.removeprefix("https://")

    def published(path):
        request = urllib.request.Request(f"{endpoint.url}/.well-known/{path}", headers={"Host": host, **endpoint.headers})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    configuration = published("openid-configuration")
    assert configuration["issuer"] == issuer and configuration["jwks_uri"] == f"{issuer}/.well-known/jwks.json"
    assert endpoint.admin("GET", f"issuers/{host}/.well-known/jwks.json") == published("jwks.json")
    for algorithm in ("RS256", "ES384"):
        answer = home.client("sts").get_web_identity_token(
            Audience=["https://api.example.com"], SigningAlgorithm=algorithm, DurationSeconds=600,
            Tags=[{"Key": "job", "Value": "7"}])
        claims = verify(answer["WebIdentityToken"], published("jwks.json")["keys"])
        assert (claims["iss"], claims["aud"]) == (issuer, "https://api.example.com")
        assert claims["exp"] - claims["iat"] == 600 and claims["exp"] == int(answer["Expiration"].timestamp())
        own = claims["https://sts.amazonaws.com/"]
        assert (own["aws_account"], own["request_tags"]) == (home.number, {"job": "7"})


def test_accounts_that_are_no_issuers(other, refused):
    status, code, _ = refused(
        other.client("sts").get_web_identity_token, Audience=["a"], SigningAlgorithm="ES384")
    assert (status, code) == (403, "OutboundWebIdentityFederationDisabledException")


def test_nobody_is_root_of_others_without_an_organization(home, other, refused):
    task = {"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}
    status, code, _ = refused(home.client("sts").assume_root, TargetPrincipal=other.number, TaskPolicyArn=task)
    assert (status, code) == (403, "AccessDenied")


def test_tokens_that_were_not_released(home, refused):
    assert refused(home.client("sts").get_delegated_access_token, TradeInToken="x")[1] == "AccessDenied"
