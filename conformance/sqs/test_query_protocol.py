"""The query protocol, as older SDKs speak it."""

import json
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ElementTree
from urllib.error import HTTPError

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from subject import ACCESS_KEY, REGION, SECRET_KEY

NAMESPACE = "{http://queue.amazonaws.com/doc/2012-11-05/}"


def call(endpoint, action, **parameters):
    """Status and XML of a call."""
    form = urllib.parse.urlencode({"Action": action, "Version": "2012-11-05", **parameters})
    headers = {"Content-Type": "application/x-www-form-urlencoded", **endpoint.headers}
    request = AWSRequest("POST", endpoint.url + "/", headers=headers, data=form)
    SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), "sqs", REGION).add_auth(request)
    signed = request.prepare()
    try:
        with urllib.request.urlopen(
                urllib.request.Request(signed.url, data=form.encode(), headers=dict(signed.headers))) as answer:
            return answer.status, ElementTree.fromstring(answer.read())
    except HTTPError as error:
        return error.code, ElementTree.fromstring(error.read())


def text(document, path):
    return document.findtext("/".join(NAMESPACE + part for part in path.split("/")))


def test_a_message_there_and_back(endpoint):
    _, created = call(endpoint, "CreateQueue", QueueName="query", **{"Attribute.1.Name": "DelaySeconds", "Attribute.1.Value": "0"})
    url = text(created, "CreateQueueResult/QueueUrl")
    status, sent = call(endpoint, "SendMessage", QueueUrl=url, MessageBody="a<b>&c", **{
        "MessageAttribute.1.Name": "name", "MessageAttribute.1.Value.DataType": "String",
        "MessageAttribute.1.Value.StringValue": "value"})
    assert status == 200
    assert text(sent, "SendMessageResult/MD5OfMessageAttributes")
    _, received = call(endpoint, "ReceiveMessage", QueueUrl=url, **{"AttributeName.1": "All", "MessageAttributeName.1": "All"})
    assert text(received, "ReceiveMessageResult/Message/Body") == "a<b>&c"
    assert text(received, "ReceiveMessageResult/Message/MessageAttribute/Name") == "name"
    handle = text(received, "ReceiveMessageResult/Message/ReceiptHandle")
    status, _ = call(endpoint, "DeleteMessage", QueueUrl=url, ReceiptHandle=handle)
    assert status == 200


def test_an_unknown_queue_in_the_words_of_the_protocol(endpoint):
    status, answer = call(endpoint, "GetQueueUrl", QueueName="nobody")
    assert status == 400
    assert text(answer, "Error/Code") == "AWS.SimpleQueueService.NonExistentQueue"
    assert text(answer, "Error/Message") == "The specified queue does not exist for this wsdl version."
    assert text(answer, "Error/Detail") == ""


def test_permissions_name_actions_and_accounts(endpoint, sqs, unique_name):
    url = sqs.create_queue(QueueName=unique_name("shared"))["QueueUrl"]
    for accounts, actions, missing in [
        (["111122223333"], [], "Actions"), ([], ["SendMessage"], "PrincipalId"), ([], [], "Actions"),
    ]:
        with pytest.raises(ClientError, match=f"must contain the parameter {missing}"):
            sqs.add_permission(QueueUrl=url, Label="l", AWSAccountIds=accounts, Actions=actions)
    sqs.send_message(QueueUrl=url, MessageBody="it is still there")
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Resource": "*"}
    for wrong in [
        {"Statement": [{**statement, "Action": "s3:GetObject"}]},
        {"Statement": [{**statement, "Action": ["sqs:SendMessage"] * 8}]},
        {"Statement": [{**statement, "Action": "sqs:*", "Sid": str(n)} for n in range(21)]},
    ]:
        with pytest.raises(ClientError, match="Invalid value for the parameter Policy"):
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(wrong)})
