"""What the tests of AWS KMS share."""

import pytest


@pytest.fixture
def kms(client):
    """A boto3 client of AWS KMS."""
    return client("kms")


@pytest.fixture
def key(kms):
    """Makes keys: `key("ECC_NIST_P256", "SIGN_VERIFY")`; their metadata."""

    def create(spec="SYMMETRIC_DEFAULT", usage="ENCRYPT_DECRYPT", **arguments):
        return kms.create_key(KeySpec=spec, KeyUsage=usage, **arguments)["KeyMetadata"]

    return create
