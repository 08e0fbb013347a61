"""Fixtures of S3's tests: a client, a bucket, a key that the cloud has issued."""

import datetime

import pytest

from s3_buckets import PATH_STYLE


@pytest.fixture
def s3(client):
    """A boto3 client of Amazon S3."""
    return client("s3")


@pytest.fixture
def bucket(s3, unique_name):
    """A bucket."""
    name = unique_name("bucket")
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def issued(endpoint):
    """An access key that the cloud has issued, with its secret: signatures made with it are checked. It is the root user's
    of the account that `test` stands for."""
    key = endpoint.admin("POST", "keys", {})
    return key["access_key_id"], key["secret_access_key"]


@pytest.fixture
def signer(endpoint, issued):
    """Makes clients with the issued key: `signer(signature_version="s3v4")`."""

    def make(**config):
        key, secret = issued
        config.setdefault("s3", PATH_STYLE)
        return endpoint.client("s3", aws_access_key_id=key, aws_secret_access_key=secret, **config)

    return make


@pytest.fixture
def now(endpoint):
    """The world's time."""

    def read():
        time = endpoint.admin("GET", "clock")["now"]
        return datetime.datetime.fromisoformat(time.replace("Z", "+00:00"))

    return read
