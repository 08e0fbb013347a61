"""Directory buckets of S3, for the tests of what they have."""

import socket

import pytest

from s3_buckets import OWNER, client_of, policy

ZONE = "use1-az4"
NAME = f"my--{ZONE}--x-s3"
ARN = f"arn:aws:s3express:us-east-1:{OWNER}:bucket/{NAME}"


def configuration(zone=ZONE):
    """What a request to create a directory bucket says."""
    return {
        "Location": {"Type": "AvailabilityZone", "Name": zone},
        "Bucket": {"Type": "Directory", "DataRedundancy": "SingleAvailabilityZone"},
    }


@pytest.fixture
def names_of_buckets(monkeypatch):
    """Clients put the bucket before the host name, which not every machine resolves."""
    resolve = socket.getaddrinfo

    def local(host, *arguments, **options):
        return resolve("localhost" if str(host).endswith(".localhost") else host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", local)


def express_client(endpoint, access_key=OWNER, secret_key="test"):
    """A client that addresses buckets as the SDKs do."""
    return endpoint.client("s3", aws_access_key_id=access_key, aws_secret_access_key=secret_key)


def user_client(endpoint, *statements):
    """A client of a user of the owner's account with these statements as a policy."""
    iam = client_of(endpoint, OWNER, "iam")
    iam.create_user(UserName="ann")
    if statements:
        iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=policy(*statements))
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    return express_client(endpoint, key["AccessKeyId"], key["SecretAccessKey"])
