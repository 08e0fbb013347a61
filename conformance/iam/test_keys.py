"""Users with keys of their own: signatures are verified, and policies decide."""

import json

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def user(iam, endpoint):
    """A user's clients: `user("sqs")`. The user is `ann`."""
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]

    def client(service):
        return endpoint.client(
            service, aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])

    client.key = key
    return client


def refused(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]


def test_a_user_may_what_its_policies_allow(iam, user, sqs):
    url = sqs.create_queue(QueueName="queue")["QueueUrl"]
    error = refused(user("sqs").send_message, QueueUrl=url, MessageBody="m")
    assert error["Code"] in ("AccessDenied", "AccessDeniedException")
    assert "because no identity-based policy allows the sqs:sendmessage action" in error["Message"].lower()
    iam.attach_user_policy(UserName="ann", PolicyArn="arn:aws:iam::aws:policy/AmazonSQSFullAccess")
    assert user("sqs").send_message(QueueUrl=url, MessageBody="m")["MessageId"]
    iam.detach_user_policy(UserName="ann", PolicyArn="arn:aws:iam::aws:policy/AmazonSQSFullAccess")
    refused(user("sqs").send_message, QueueUrl=url, MessageBody="m")


def test_a_boundary_takes_away(iam, user):
    iam.attach_user_policy(UserName="ann", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    user("iam").list_users()
    iam.put_user_permissions_boundary(
        UserName="ann", PermissionsBoundary="arn:aws:iam::aws:policy/AmazonSQSFullAccess")
    assert "permissions boundary" in refused(user("iam").list_users)["Message"]
    user("sqs").list_queues()


def test_a_key_that_is_off_and_one_that_is_gone(iam, user):
    statement = {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}
    iam.put_user_policy(UserName="ann", PolicyName="own", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": statement}))
    assert user("iam").get_user()["User"]["UserName"] == "ann"
    key = user.key["AccessKeyId"]
    used = iam.get_access_key_last_used(AccessKeyId=key)
    assert used["AccessKeyLastUsed"]["ServiceName"] == "iam" and used["UserName"] == "ann"
    iam.update_access_key(UserName="ann", AccessKeyId=key, Status="Inactive")
    assert refused(user("iam").get_user)["Code"] == "InvalidClientTokenId"
    iam.update_access_key(UserName="ann", AccessKeyId=key, Status="Active")
    iam.update_user(UserName="ann", NewUserName="anna")
    assert user("iam").get_user()["User"]["UserName"] == "anna"
    iam.delete_access_key(UserName="anna", AccessKeyId=key)


def test_a_wrong_secret(iam, user, endpoint):
    client = endpoint.client(
        "iam", aws_access_key_id=user.key["AccessKeyId"], aws_secret_access_key="wrong")
    assert refused(client.get_user)["Code"] == "SignatureDoesNotMatch"
