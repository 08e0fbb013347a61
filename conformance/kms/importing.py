"""Wrapping key material for an import, as its owner would."""

import os

from cryptography.hazmat.primitives import hashes, keywrap, serialization
from cryptography.hazmat.primitives.asymmetric import padding

SHA256 = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)


def do_import(kms, key_id, material, algorithm="RSAES_OAEP_SHA_256", **arguments):
    """Imports key material as it comes from outside; the answer."""
    parameters = kms.get_parameters_for_import(
        KeyId=key_id, WrappingAlgorithm=algorithm, WrappingKeySpec="RSA_2048")
    public = serialization.load_der_public_key(parameters["PublicKey"])
    if algorithm == "RSA_AES_KEY_WRAP_SHA_256":
        inner = os.urandom(32)
        wrapped = public.encrypt(inner, SHA256) + keywrap.aes_key_wrap_with_padding(inner, material)
    else:
        wrapped = public.encrypt(material, SHA256)
    arguments.setdefault("ExpirationModel", "KEY_MATERIAL_DOES_NOT_EXPIRE")
    return kms.import_key_material(
        KeyId=key_id, ImportToken=parameters["ImportToken"], EncryptedKeyMaterial=wrapped, **arguments)
