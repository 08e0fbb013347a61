"""What KMS makes is what others understand: public keys, signatures, codes and ciphertexts, checked with `cryptography`."""

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, utils

from kms.importing import do_import

HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
MESSAGE = b"a message"


def public_key(kms, key_id):
    return serialization.load_der_public_key(kms.get_public_key(KeyId=key_id)["PublicKey"])


def hash_of(algorithm):
    return HASHES[algorithm[-3:]]


@pytest.mark.parametrize("spec", ["RSA_2048", "RSA_3072", "RSA_4096"])
def test_rsa_signatures(kms, key, spec):
    metadata = key(spec, "SIGN_VERIFY")
    public = public_key(kms, metadata["KeyId"])
    assert public.key_size == int(spec[-4:])
    for algorithm in metadata["SigningAlgorithms"]:
        function = hash_of(algorithm)
        if "PSS" in algorithm:
            scheme = padding.PSS(mgf=padding.MGF1(function), salt_length=function.digest_size)
        else:
            scheme = padding.PKCS1v15()
        arguments = {"KeyId": metadata["KeyId"], "SigningAlgorithm": algorithm}
        public.verify(kms.sign(Message=MESSAGE, **arguments)["Signature"], MESSAGE, scheme, function)
        digest = hashlib.new(f"sha{algorithm[-3:]}", MESSAGE).digest()
        signature = kms.sign(Message=digest, MessageType="DIGEST", **arguments)["Signature"]
        public.verify(signature, digest, scheme, utils.Prehashed(function))


@pytest.mark.parametrize("spec", ["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1"])
def test_ecdsa_signatures(kms, key, spec):
    metadata = key(spec, "SIGN_VERIFY")
    public = public_key(kms, metadata["KeyId"])
    (algorithm,) = metadata["SigningAlgorithms"]
    signed = kms.sign(KeyId=metadata["KeyId"], Message=MESSAGE, SigningAlgorithm=algorithm)
    public.verify(signed["Signature"], MESSAGE, ec.ECDSA(hash_of(algorithm)))


def test_ed25519_signatures(kms, key):
    metadata = key("ECC_NIST_EDWARDS25519", "SIGN_VERIFY")
    signed = kms.sign(KeyId=metadata["KeyId"], Message=MESSAGE, SigningAlgorithm="ED25519_SHA_512")
    public = public_key(kms, metadata["KeyId"])
    assert isinstance(public, ed25519.Ed25519PublicKey)
    public.verify(signed["Signature"], MESSAGE)


def test_ciphertexts_from_outside(kms, key):
    metadata = key("RSA_2048")
    public = public_key(kms, metadata["KeyId"])
    for algorithm, function in [("RSAES_OAEP_SHA_1", hashes.SHA1()), ("RSAES_OAEP_SHA_256", hashes.SHA256())]:
        scheme = padding.OAEP(mgf=padding.MGF1(function), algorithm=function, label=None)
        blob = public.encrypt(MESSAGE, scheme)
        answer = kms.decrypt(KeyId=metadata["KeyId"], CiphertextBlob=blob, EncryptionAlgorithm=algorithm)
        assert answer["Plaintext"] == MESSAGE


@pytest.mark.parametrize(
    "spec, curve",
    [("ECC_NIST_P256", ec.SECP256R1()), ("ECC_NIST_P384", ec.SECP384R1()), ("ECC_NIST_P521", ec.SECP521R1())],
)
def test_shared_secrets(kms, key, spec, curve):
    metadata = key(spec, "KEY_AGREEMENT")
    private = ec.generate_private_key(curve)
    public = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    derived = kms.derive_shared_secret(KeyId=metadata["KeyId"], KeyAgreementAlgorithm="ECDH", PublicKey=public)
    assert derived["SharedSecret"] == private.exchange(ec.ECDH(), public_key(kms, metadata["KeyId"]))


@pytest.mark.parametrize(
    "spec", ["RSA_2048", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519"]
)
def test_data_key_pairs(kms, key, spec):
    pair = kms.generate_data_key_pair(KeyId=key()["KeyId"], KeyPairSpec=spec)
    private = serialization.load_der_private_key(pair["PrivateKeyPlaintext"], None)
    public = serialization.load_der_public_key(pair["PublicKey"])
    form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    assert private.public_key().public_bytes(*form) == public.public_bytes(*form)
    assert kms.decrypt(CiphertextBlob=pair["PrivateKeyCiphertextBlob"])["Plaintext"] == pair["PrivateKeyPlaintext"]


def test_codes_of_an_imported_key(kms, key):
    metadata = key("HMAC_384", "GENERATE_VERIFY_MAC", Origin="EXTERNAL")
    secret = bytes(range(48))
    do_import(kms, metadata["KeyId"], secret)
    mac = kms.generate_mac(KeyId=metadata["KeyId"], Message=MESSAGE, MacAlgorithm="HMAC_SHA_384")["Mac"]
    assert mac == hmac.new(secret, MESSAGE, "sha384").digest()
