"""An identity provider of the tests: JSON Web Tokens and SAML responses, signed with the key beside this file."""

import base64
import datetime
import hashlib
import json
from pathlib import Path

import rsa

HERE = Path(__file__).parent
KEY = rsa.PrivateKey.load_pkcs1((HERE / "identity_provider.key").read_bytes())
CERTIFICATE = "".join((HERE / "identity_provider.pem").read_text().strip().splitlines()[1:-1])
ISSUER = "https://idp.example.com"
SIGN_IN = "https://signin.aws.amazon.com/saml"
ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes"


def url_base64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value):
    return url_base64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def key_set():
    return {"keys": [{"kty": "RSA", "kid": "k1", "use": "sig", "alg": "RS256", "n": number(KEY.n), "e": number(KEY.e)}]}


def token(now, **claims):
    """A token; a claim of None is left out."""
    usual = {"iss": ISSUER, "sub": "ann", "aud": "client-1", "iat": now, "exp": now + 600}
    claims = {name: value for name, value in {**usual, **claims}.items() if value is not None}
    header = {"alg": "RS256", "kid": "k1", "typ": "JWT"}
    signed = ".".join(url_base64(json.dumps(part).encode()) for part in (header, claims))
    return f"{signed}.{url_base64(rsa.sign(signed.encode(), KEY, 'SHA-256'))}"


def metadata():
    return (
        '<?xml version="1.0"?><md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" '
        f'entityID="{ISSUER}/saml"><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        '<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>'
        f"<ds:X509Certificate>{CERTIFICATE}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" '
        f'Location="{ISSUER}/sso"></md:SingleSignOnService></md:IDPSSODescriptor></md:EntityDescriptor>'
    )


def response(now, role, provider, *, audience=SIGN_IN, issuer=f"{ISSUER}/saml", name="ann", tamper=None, more=()):
    """A response in base 64 whose assertion is signed. What is written here is canonical already."""

    def time(seconds):
        return datetime.datetime.fromtimestamp(now + seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")

    attributes = [("Role", f"{role},{provider}"), ("RoleSessionName", name), *more]
    attributes = "".join(
        f'<saml:Attribute Name="{ATTRIBUTES}/{key}"><saml:AttributeValue>{value}</saml:AttributeValue></saml:Attribute>'
        for key, value in attributes
        if value is not None
    )
    opening = (
        '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a" '
        f'IssueInstant="{time(0)}" Version="2.0"><saml:Issuer>{issuer}</saml:Issuer>'
    )
    rest = (
        '<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">ann-1</saml:NameID>'
        '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData '
        f'NotOnOrAfter="{time(300)}" Recipient="{SIGN_IN}"></saml:SubjectConfirmationData></saml:SubjectConfirmation>'
        f'</saml:Subject><saml:Conditions NotBefore="{time(-60)}" NotOnOrAfter="{time(300)}"><saml:AudienceRestriction>'
        f"<saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>"
        f"<saml:AttributeStatement>{attributes}</saml:AttributeStatement></saml:Assertion>"
    )
    digest = base64.b64encode(hashlib.sha256((opening + rest).encode()).digest()).decode()
    exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"
    info = (
        '<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">'
        f'<ds:CanonicalizationMethod Algorithm="{exclusive}"></ds:CanonicalizationMethod>'
        '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></ds:SignatureMethod>'
        '<ds:Reference URI="#_a"><ds:Transforms>'
        '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></ds:Transform>'
        f'<ds:Transform Algorithm="{exclusive}"></ds:Transform></ds:Transforms>'
        '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod>'
        f"<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
    )
    value = base64.b64encode(rsa.sign(info.encode(), KEY, "SHA-256")).decode()
    signature = (
        f'<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">{info}'
        f"<ds:SignatureValue>{value}</ds:SignatureValue></ds:Signature>"
    )
    document = (
        '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r" Version="2.0">'
        '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>'
        f"{opening}{signature}{rest}</samlp:Response>"
    )
    if tamper:
        assert tamper[0] in document
        document = document.replace(*tamper)
    return base64.b64encode(document.encode()).decode()


def encrypted(response_text, public_key):
    """A response whose assertion is encrypted for a key of AWS's side."""
    import os

    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    document = base64.b64decode(response_text).decode()
    start, end = document.index("<saml:Assertion"), document.index("</samlp:Response>")
    secret, nonce = os.urandom(32), os.urandom(12)
    content = base64.b64encode(nonce + AESGCM(secret).encrypt(nonce, document[start:end].encode(), None)).decode()
    oaep = padding.OAEP(mgf=padding.MGF1(hashes.SHA1()), algorithm=hashes.SHA1(), label=None)
    wrapped = base64.b64encode(public_key.encrypt(secret, oaep)).decode()
    assertion = (
        '<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" '
        'xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">'
        '<xenc:EncryptedData><xenc:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"/><ds:KeyInfo>'
        '<xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/>'
        f"<xenc:CipherData><xenc:CipherValue>{wrapped}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>"
        f"<xenc:CipherData><xenc:CipherValue>{content}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>"
        "</saml:EncryptedAssertion>"
    )
    return base64.b64encode((document[:start] + assertion + document[end:]).encode()).decode()
