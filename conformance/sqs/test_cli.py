"""The AWS CLI."""

import json

import pytest

from cli import CliError


def test_a_queue_and_a_message(aws, unique_name):
    name = unique_name("cli")
    url = aws("sqs", "create-queue", "--queue-name", name, "--attributes", "VisibilityTimeout=5")["QueueUrl"]
    assert aws("sqs", "get-queue-url", "--queue-name", name)["QueueUrl"] == url
    sent = aws("sqs", "send-message", "--queue-url", url, "--message-body", "hello", "--message-attributes",
               json.dumps({"n": {"DataType": "Number", "StringValue": "1"}}))
    message = aws("sqs", "receive-message", "--queue-url", url, "--attribute-names", "All",
                  "--message-attribute-names", "All")["Messages"][0]
    assert message["MessageId"] == sent["MessageId"] and message["MessageAttributes"]["n"]["StringValue"] == "1"
    aws("sqs", "delete-message", "--queue-url", url, "--receipt-handle", message["ReceiptHandle"])
    attributes = aws("sqs", "get-queue-attributes", "--queue-url", url, "--attribute-names", "All")["Attributes"]
    assert attributes["VisibilityTimeout"] == "5" and attributes["ApproximateNumberOfMessages"] == "0"
    aws("sqs", "delete-queue", "--queue-url", url)
    with pytest.raises(CliError, match="AWS.SimpleQueueService.NonExistentQueue"):
        aws("sqs", "get-queue-url", "--queue-name", name)
