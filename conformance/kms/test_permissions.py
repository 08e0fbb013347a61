"""Permissions on keys as a user meets them: key policies, grants and what services do on somebody's behalf."""

import json

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def user(client):
    """Makes users: `user("alice", statements)`; the ARN and a client of KMS with the user's own key."""
    iam = client("iam")

    def create(name, *statements):
        arn = iam.create_user(UserName=name)["User"]["Arn"]
        if statements:
            document = json.dumps({"Version": "2012-10-17", "Statement": statements})
            iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
        made = iam.create_access_key(UserName=name)["AccessKey"]
        own = client("kms", aws_access_key_id=made["AccessKeyId"], aws_secret_access_key=made["SecretAccessKey"])
        return arn, own

    return create


def refused(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
    return caught.value.response["Error"]["Message"]


def test_the_default_policy_leaves_it_to_iam(key, user):
    metadata = key()
    _, nobody = user("nobody")
    allow = {"Effect": "Allow", "Action": "kms:Encrypt", "Resource": metadata["Arn"]}
    _, somebody = user("somebody", allow)
    text = refused(nobody.encrypt, KeyId=metadata["KeyId"], Plaintext=b"x")
    assert f"is not authorized to perform: kms:Encrypt on resource: {metadata['Arn']}" in text
    blob = somebody.encrypt(KeyId=metadata["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    refused(somebody.decrypt, CiphertextBlob=blob)


def test_a_grant_is_enough(kms, key, user):
    metadata = key()
    arn, alice = user("alice")
    grant = kms.create_grant(KeyId=metadata["KeyId"], GranteePrincipal=arn, Operations=["Encrypt", "DescribeKey"])
    arguments = {"KeyId": metadata["KeyId"], "GrantTokens": [grant["GrantToken"]]}
    assert alice.describe_key(**arguments)["KeyMetadata"]["KeyId"] == metadata["KeyId"]
    alice.encrypt(Plaintext=b"x", **arguments)
    kms.revoke_grant(KeyId=metadata["KeyId"], GrantId=grant["GrantId"])
    refused(alice.encrypt, KeyId=metadata["KeyId"], Plaintext=b"x")
