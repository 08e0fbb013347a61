"""Queues that are encrypted with KMS keys: who may send and receive."""

import json

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def encrypted(endpoint):
    """A KMS key, and the URL of a queue that is encrypted with it."""
    key = endpoint.client("kms").create_key()["KeyMetadata"]
    queue = endpoint.client("sqs").create_queue(QueueName="sealed", Attributes={"KmsMasterKeyId": key["KeyId"]})
    return key, queue["QueueUrl"]


def user(endpoint, *statements):
    iam = endpoint.client("iam")
    iam.create_user(UserName="ann")
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement} for statement in statements]}
    iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    return endpoint.client(
        "sqs", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"]
    )


def test_a_message_goes_through_and_kms_has_been_asked(endpoint, encrypted):
    _, url = encrypted
    sqs = endpoint.client("sqs")
    sqs.send_message(QueueUrl=url, MessageBody="a secret")
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == "a secret"
    asked = endpoint.admin("GET", "requests?service=kms")["requests"]
    assert "GenerateDataKey" in [call["operation"] for call in asked]


def test_the_key_that_aws_keeps_for_sqs_comes_into_being(endpoint):
    sqs = endpoint.client("sqs")
    url = sqs.create_queue(QueueName="q", Attributes={"KmsMasterKeyId": "alias/aws/sqs"})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="m")
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == "m"
    key = endpoint.client("kms").describe_key(KeyId="alias/aws/sqs")["KeyMetadata"]
    assert key["KeyManager"] == "AWS"


def test_a_sender_needs_the_permission_to_use_the_key(endpoint, encrypted):
    key, url = encrypted
    sender = user(endpoint, {"Action": "sqs:*", "Resource": "*"})
    with pytest.raises(ClientError) as denied:
        sender.send_message(QueueUrl=url, MessageBody="m")
    assert denied.value.response["Error"]["Code"] == "KMS.AccessDeniedException"
    policy = {"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": key["Arn"],
        "Condition": {"StringEquals": {"kms:ViaService": "sqs.us-east-1.amazonaws.com"}}}}
    endpoint.client("iam").put_user_policy(UserName="ann", PolicyName="kms", PolicyDocument=json.dumps(policy))
    sender.send_message(QueueUrl=url, MessageBody="m")
    (message,) = sender.receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == "m"


def test_a_disabled_key_stops_the_queue(endpoint, encrypted):
    key, url = encrypted
    endpoint.client("kms").disable_key(KeyId=key["KeyId"])
    with pytest.raises(ClientError) as refused:
        endpoint.client("sqs").send_message(QueueUrl=url, MessageBody="m")
    assert refused.value.response["Error"]["Code"] == "KMS.DisabledException"
