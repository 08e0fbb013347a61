"""A service of several protocols answers in the one it was asked in."""

import json

import pytest

from gateway.exchange import Call
from gateway.probes import FORM, PROBES

KEY = ("test", "test")
METRICS = "GraniteServiceVersion20100801"


def cloudwatch(protocol, operation):
    if protocol == "query":
        return Call("POST", "/", {"Content-Type": FORM}, f"Action={operation}&Version=2010-08-01".encode())
    if protocol == "json":
        headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"{METRICS}.{operation}"}
        return Call("POST", "/", headers, b"{}")
    path = f"/service/{METRICS}/operation/{operation}"
    return Call("POST", path, dict(PROBES["cbor"].headers), b"\xa0")


@pytest.mark.parametrize(("protocol", "parser", "content_type"), [
    ("query", "query", "text/xml"),
    ("json", "json", "application/x-amz-json-1.0"),
    ("cbor", "smithy-rpc-v2-cbor", "application/cbor"),
])
def test_cloudwatch_answers_in_the_protocol_it_was_asked_in(endpoint, protocol, parser, content_type):
    # The operation needs members that are not there.
    answer = cloudwatch(protocol, "DescribeAlarmsForMetric").signed(endpoint, KEY, "monitoring").send(endpoint)
    assert answer.status == 400
    assert answer.headers["content-type"].startswith(content_type)
    code, message = answer.error(parser)
    assert code in ("ValidationError", "ValidationException", "MissingParameter", "InvalidParameterValue"), answer
    assert "etricName" in message
    assert ("smithy-protocol" in answer.headers) == (protocol == "cbor")


def sqs(protocol, operation, **members):
    if protocol == "query":
        form = "&".join(f"{name}={value}" for name, value in {"Action": operation, **members}.items())
        return Call("POST", "/", {"Content-Type": FORM}, f"{form}&Version=2012-11-05".encode())
    headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"AmazonSQS.{operation}"}
    return Call("POST", "/", headers, json.dumps(members).encode())


def test_sqs_answers_json_with_the_codes_of_the_query_protocol(endpoint):
    answer = sqs("json", "GetQueueUrl", QueueName="nobody").signed(endpoint, KEY, "sqs").send(endpoint)
    assert answer.status == 400
    assert answer.headers["content-type"] == "application/x-amz-json-1.0"
    assert answer.headers["x-amzn-query-error"] == "AWS.SimpleQueueService.NonExistentQueue;Sender"
    assert answer.json() == {
        "__type": "com.amazonaws.sqs#QueueDoesNotExist",
        "message": "The specified queue does not exist.",
    }


def test_sqs_answers_xml_in_the_query_protocol(endpoint):
    answer = sqs("query", "GetQueueUrl", QueueName="nobody").signed(endpoint, KEY, "sqs").send(endpoint)
    assert answer.status == 400
    assert answer.headers["content-type"].startswith("text/xml")
    assert "x-amzn-query-error" not in answer.headers
    assert answer.body.startswith(b"<?xml") or answer.body.startswith(b"<ErrorResponse")
    assert answer.error("query")[0] == "AWS.SimpleQueueService.NonExistentQueue"
    assert b"<Type>Sender</Type>" in answer.body


def test_both_protocols_of_sqs_see_the_same_queue(endpoint):
    made = sqs("query", "CreateQueue", QueueName="both").signed(endpoint, KEY, "sqs").send(endpoint)
    assert made.status == 200, made
    found = sqs("json", "GetQueueUrl", QueueName="both").signed(endpoint, KEY, "sqs").send(endpoint)
    url = found.json()["QueueUrl"]
    assert f"<QueueUrl>{url}</QueueUrl>".encode() in made.body


def test_in_the_query_protocol_a_queue_is_named_by_the_url_that_is_called(endpoint):
    made = sqs("json", "CreateQueue", QueueName="by-path").signed(endpoint, KEY, "sqs").send(endpoint)
    assert made.status == 200
    call = sqs("query", "SendMessage", MessageBody="hello")
    call.path = "/000000000000/by-path"
    sent = call.signed(endpoint, KEY, "sqs").send(endpoint)
    assert sent.status == 200, sent
    get = Call("GET", "/000000000000/by-path?Action=ReceiveMessage&Version=2012-11-05")
    received = get.signed(endpoint, KEY, "sqs").send(endpoint)
    assert b"<Body>hello</Body>" in received.body
