"""What policies decide can be explained, and what was used can be turned into the smallest policy."""

import json
import urllib.parse
import urllib.request

import pytest
from botocore.exceptions import ClientError

SENDING = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Sending",
            "Effect": "Allow",
            "Action": ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:GetQueueUrl"],
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}},
        }
    ],
}


@pytest.fixture
def ann(endpoint):
    """SQS as a user who may send and receive, and the user's ARN."""
    iam = endpoint.client("iam")
    arn = iam.create_user(UserName="ann")["User"]["Arn"]
    iam.put_user_policy(UserName="ann", PolicyName="sending", PolicyDocument=json.dumps(SENDING))
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    sqs = endpoint.client(
        "sqs", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"]
    )
    return sqs, arn


@pytest.fixture
def url(endpoint):
    return endpoint.client("sqs").create_queue(QueueName="jobs")["QueueUrl"]


def explained(endpoint, answer):
    return endpoint.admin("GET", f"requests/{answer['ResponseMetadata']['RequestId']}")


def test_a_denied_call_is_explained(endpoint, ann, url):
    sqs, arn = ann
    with pytest.raises(ClientError) as denied:
        sqs.delete_queue(QueueUrl=url)
    error = denied.value.response
    assert error["Error"]["Code"] == "AccessDenied"
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 403
    queue = "arn:aws:sqs:us-east-1:000000000000:jobs"
    assert error["Error"]["Message"] == (
        f"User: {arn} is not authorized to perform: sqs:DeleteQueue on resource: {queue} because no identity-based "
        "policy allows the sqs:DeleteQueue action"
    )
    call = explained(endpoint, error)
    assert call["caller"]["arn"] == arn
    (access,) = call["accesses"]
    assert not access["allowed"]
    assert access["reason"] == error["Error"]["Message"]
    assert "sending" in json.dumps(access["explanation"]), "the policy that was looked at"


def test_an_allowed_call_is_explained_with_the_values_of_its_conditions(endpoint, ann, url):
    sqs, _ = ann
    call = explained(endpoint, sqs.send_message(QueueUrl=url, MessageBody="hello"))
    (access,) = call["accesses"]
    assert access["allowed"]
    assert access["condition_keys"] == {"aws:requestedregion": ["us-east-1"]}
    assert "Sending" in json.dumps(access["explanation"])


def test_calls_that_were_denied_can_be_listed(endpoint, ann, url):
    sqs, _ = ann
    sqs.send_message(QueueUrl=url, MessageBody="hello")
    with pytest.raises(ClientError):
        sqs.purge_queue(QueueUrl=url)
    denied = endpoint.admin("GET", "requests?denied=true")["requests"]
    assert [call["operation"] for call in denied] == ["PurgeQueue"]


def test_the_smallest_policy_allows_what_was_done_and_nothing_else(endpoint, ann, url):
    sqs, arn = ann
    sqs.get_queue_url(QueueName="jobs")
    sqs.send_message(QueueUrl=url, MessageBody="hello")
    page = f"iam/least-privilege?principal={urllib.parse.quote(arn, safe='')}"
    policy = endpoint.admin("GET", page)
    assert policy == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["sqs:GetQueueUrl", "sqs:SendMessage"],
                "Resource": ["arn:aws:sqs:us-east-1:000000000000:jobs"],
            }
        ],
    }
    iam = endpoint.client("iam")
    iam.put_user_policy(UserName="ann", PolicyName="sending", PolicyDocument=json.dumps(policy))
    sqs.send_message(QueueUrl=url, MessageBody="again")
    with pytest.raises(ClientError) as denied:
        sqs.receive_message(QueueUrl=url)
    assert denied.value.response["Error"]["Code"] == "AccessDenied"
    request = urllib.request.Request(f"{endpoint.url}/_virga/{page}&format=hcl", headers=endpoint.headers)
    with urllib.request.urlopen(request) as answer:
        assert answer.read().decode().startswith('data "aws_iam_policy_document" "ann" {')


def test_a_permission_that_is_taken_away_is_gone_at_once(endpoint, ann, url):
    sqs, _ = ann
    sqs.send_message(QueueUrl=url, MessageBody="hello")
    endpoint.client("iam").delete_user_policy(UserName="ann", PolicyName="sending")
    with pytest.raises(ClientError) as denied:
        sqs.send_message(QueueUrl=url, MessageBody="hello")
    assert denied.value.response["Error"]["Code"] == "AccessDenied"


def test_the_border_between_accounts_holds_for_root_users_too(endpoint, url):
    other = endpoint.client("sqs", aws_access_key_id="111122223333")
    with pytest.raises(ClientError) as denied:
        other.send_message(QueueUrl=url, MessageBody="hello")
    assert "because no resource-based policy allows the sqs:SendMessage action" in str(denied.value)
    owner = endpoint.client("sqs")
    owner.add_permission(QueueUrl=url, Label="l", AWSAccountIds=["111122223333"], Actions=["SendMessage"])
    other.send_message(QueueUrl=url, MessageBody="hello")
    owner.remove_permission(QueueUrl=url, Label="l")
    with pytest.raises(ClientError):
        other.send_message(QueueUrl=url, MessageBody="hello")
