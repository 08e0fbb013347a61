"""Requests that say the wrong thing: each is answered in its protocol, and none harms the next."""

import gzip
import json

import pytest

from gateway.exchange import Call
from gateway.probes import FORM, PROBES

KEY = ("test", "test")
JSON = "application/x-amz-json-1.0"


def dynamodb(body, target="DynamoDB_20120810.ListTables", **headers):
    return Call("POST", "/", {"Content-Type": JSON, "X-Amz-Target": target, **headers}, body)


def iam(body):
    return Call("POST", "/", {"Content-Type": FORM, "Host": "iam.amazonaws.com"}, body)


def ask(endpoint, call, service):
    return call.signed(endpoint, KEY, service).send(endpoint)


def check_json(endpoint, call, expected):
    answer = ask(endpoint, call, "dynamodb")
    assert (answer.status, answer.error("json")[0]) == expected, answer
    return answer.error("json")[1]


# What is asked for.


def test_an_unknown_target_operation(endpoint):
    check_json(endpoint, dynamodb(b"{}", "DynamoDB_20120810.Dance"), (400, "UnknownOperationException"))


@pytest.mark.parametrize("target", ["Dance", "", ".", "Nobody_20120810.ListTables", "DynamoDB_20120810."])
def test_an_unknown_target(endpoint, target):
    answer = ask(endpoint, dynamodb(b"{}", target), "dynamodb")
    assert answer.status in (400, 404)
    assert answer.error("json")[0] == "UnknownOperationException"


@pytest.mark.parametrize(("service", "protocol", "message"), [
    ("iam", "query", "Could not find operation Dance for version 2010-05-08"),
    ("sts", "query", "Could not find operation Dance for version 2011-06-15"),
    ("ec2", "ec2", "The action Dance is not valid for this web service."),
])
def test_an_unknown_action(endpoint, service, protocol, message):
    answer = ask(endpoint, Call("POST", "/", {"Content-Type": FORM}, b"Action=Dance"), service)
    assert (answer.status, *answer.error(protocol)) == (400, "InvalidAction", message)


def test_an_unknown_path_of_a_rest_service(endpoint):
    answer = ask(endpoint, Call("GET", "/2015-03-31/dances"), "lambda")
    assert (answer.status, answer.error("rest-json")[0]) == (404, "UnknownOperationException")


def test_a_method_that_no_operation_has(endpoint):
    answer = ask(endpoint, Call("PATCH", "/2013-04-01/hostedzone"), "route53")
    assert answer.status in (404, 405)
    assert answer.error("rest-xml")[0]


@pytest.mark.parametrize("call", [
    Call("GET", "/"),
    Call("POST", "/", {"Content-Type": "text/plain"}, b"hello"),
    Call("POST", "/", {"Content-Type": "application/json"}, b'{"hello": 1}'),
], ids=lambda call: f"{call.method} {call.path}")
def test_a_request_for_no_service_is_told_so(endpoint, call):
    answer = call.send(endpoint)
    assert answer.status == 404
    assert "can't tell which AWS service" in answer.json()["message"]


@pytest.mark.parametrize(("call", "status"), [
    (Call("GET", "/nothing/of/the/kind"), 404),
    (Call("BREW", "/coffee"), 405),
    (Call("OPTIONS", "*"), 400),
], ids=lambda value: value.path if isinstance(value, Call) else "")
def test_a_path_without_a_signature_is_an_anonymous_request_to_s3(endpoint, call, status):
    answer = call.send(endpoint)
    assert answer.status == status
    assert answer.headers["content-type"] == "application/xml"


# JSON.


@pytest.mark.parametrize("body", [
    b"{",
    b"[]",
    b'"text"',
    b"{} {}",
    b'{"Limit": 1,}',
    b'{"Limit": 01}',
    b'{"Limit": +1}',
    b'{"Limit": NaN}',
    b"{'Limit': 1}",
    b"nonsense",
    b'{"ExclusiveStartTableName": "\xff\xfe"}',
    b'{"ExclusiveStartTableName": "\\ud800"}',
    b"\x00",
    b"\xef\xbb\xbf{",
], ids=repr)
def test_json_that_is_none(endpoint, body):
    check_json(endpoint, dynamodb(body), (400, "SerializationException"))


@pytest.mark.parametrize("body", [
    b'{"Limit": "one"}',
    b'{"Limit": [1]}',
    b'{"Limit": {}}',
    b'{"Limit": true}',
    b'{"ExclusiveStartTableName": 1}',
    b'{"ExclusiveStartTableName": true}',
    b'{"ExclusiveStartTableName": ["a"]}',
    b'{"Limit": 99999999999999999999}',
], ids=repr)
def test_json_values_of_the_wrong_type(endpoint, body):
    check_json(endpoint, dynamodb(body), (400, "SerializationException"))


def test_deep_json_is_refused(endpoint):
    value = b'{"M": {"a": ' * 100_000 + b'{"S": "s"}' + b"}}" * 100_000
    body = b'{"TableName": "table", "Item": {"a": ' + value + b"}}"
    check_json(endpoint, dynamodb(body, "DynamoDB_20120810.PutItem"), (400, "SerializationException"))


def test_deep_json_of_an_unknown_member_is_passed_over(endpoint):
    body = b'{"Dance": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    assert ask(endpoint, dynamodb(body), "dynamodb").status in (200, 501)


@pytest.mark.parametrize("body", [
    b"",
    b"{}",
    b" \r\n\t{ } ",
    b'{"Dance": [1, {"a": null}], "Limit": 1}',
    b'{"Limit": null}',
    b'{"Limit": 1, "Limit": 2}',
], ids=repr)
def test_json_that_is_good_enough(endpoint, body):
    answer = ask(endpoint, dynamodb(body), "dynamodb")
    assert answer.status in (200, 501), answer


@pytest.mark.parametrize("content_type", [JSON, "application/x-amz-json-1.1", "application/json", "text/plain", None])
def test_the_target_tells_more_than_the_content_type(endpoint, content_type):
    call = dynamodb(b"{}")
    call.headers.pop("Content-Type")
    if content_type:
        call.headers["Content-Type"] = content_type
    assert ask(endpoint, call, "dynamodb").status in (200, 501)


# The model's constraints.


def test_missing_members_are_listed(endpoint):
    call = dynamodb(b"{}", "DynamoDB_20120810.DescribeTable")
    message = check_json(endpoint, call, (400, "ValidationException"))
    assert message == (
        "1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not be null"
    )


def test_every_broken_constraint_is_listed(endpoint):
    body = json.dumps({"Limit": 1000, "ExclusiveStartTableName": "a "}).encode()
    message = check_json(endpoint, dynamodb(body), (400, "ValidationException"))
    assert message.startswith("3 validation errors detected: ")
    assert "Member must have value less than or equal to 100" in message
    assert "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+" in message
    assert "Member must have length greater than or equal to 3" in message


@pytest.mark.parametrize(("body", "message"), [
    (
        b"Action=GetUser&UserName=" + b"a" * 129,
        "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must have length less "
        "than or equal to 128",
    ),
    (
        b"Action=DeleteUser",
        "1 validation error detected: Value null at 'userName' failed to satisfy constraint: Member must not be null",
    ),
    (
        b"Action=ListUsers&MaxItems=0",
        "1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member must have value greater "
        "than or equal to 1",
    ),
], ids=["long", "missing", "small"])
def test_the_query_protocol_validates_too(endpoint, body, message):
    answer = ask(endpoint, iam(body + b"&Version=2010-05-08"), "iam")
    assert (answer.status, *answer.error("query")) == (400, "ValidationError", message)


def test_ec2_names_the_missing_parameter(endpoint):
    answer = ask(endpoint, Call("POST", "/", {"Content-Type": FORM}, b"Action=CreateTags&Version=2016-11-15"), "ec2")
    code, message = answer.error("ec2")
    assert (answer.status, code) == (400, "MissingParameter")
    assert message.startswith("The request must contain the parameter ")


# Forms.


@pytest.mark.parametrize("body", [
    b"Action=ListUsers&MaxItems=many",
    b"Action=ListUsers&MaxItems=99999999999999999999",
    b"Action=ListUsers&Marker=%ff%fe",
], ids=repr)
def test_forms_with_wrong_values(endpoint, body):
    answer = ask(endpoint, iam(body), "iam")
    assert (answer.status, answer.error("query")[0]) in ((400, "MalformedInput"), (400, "ValidationError")), answer


@pytest.mark.parametrize("body", [
    b"Action=ListUsers",
    b"Action=ListUsers&",
    b"&&Action=ListUsers&&Version=2010-05-08",
    b"Action=ListUsers&Dance=1&Dance.member.1.Step=2&=&a=b=c",
    b"Action=ListUsers&MaxItems=1&MaxItems=2",
    b"Action=ListUsers&Version=1999-01-01",
    b"Action=ListUsers&PathPrefix=/%zz/",
], ids=repr)
def test_forms_that_are_good_enough(endpoint, body):
    assert ask(endpoint, iam(body), "iam").status in (200, 501)


def test_a_form_of_invalid_text_is_refused(endpoint):
    answer = ask(endpoint, iam(b"Action=ListUsers&Marker=\xff\xfe"), "iam")
    assert answer.status == 400
    assert answer.error("query")[0]


@pytest.mark.parametrize("body", [
    b"Action=UntagUser&UserName=u&TagKeys.member.999999999999999999999=a",
    b"Action=UntagUser&UserName=u&TagKeys.member.4294967295=a",
    b"Action=UntagUser&UserName=u&TagKeys.member.-1=a",
    b"Action=UntagUser&UserName=u&TagKeys.member=a",
], ids=repr)
def test_lists_with_absurd_numbers_cost_nothing(endpoint, body):
    assert ask(endpoint, iam(body), "iam").status in (200, 400, 404, 501)


# XML.


@pytest.mark.parametrize("body", [
    b"<Tagging>",
    b"<Tagging></Tag>",
    b"Tagging",
    b"<Tagging><TagSet><Tag><Key>\xff</Key></Tag></TagSet></Tagging>",
    b'<!DOCTYPE t [<!ENTITY e "x">]><Tagging><TagSet><Tag><Key>&e;</Key><Value>v</Value></Tag></TagSet></Tagging>',
    b"<Tagging>" + b"<a>" * 50_000 + b"</a>" * 50_000 + b"</Tagging>",
], ids=lambda body: repr(body[:40]))
def test_xml_that_is_none(endpoint, body):
    answer = ask(endpoint, Call("PUT", "/bucket?tagging", {}, body), "s3")
    assert (answer.status, answer.error("rest-xml")[0]) == (400, "MalformedXML"), answer


# CBOR.


@pytest.mark.parametrize("body", [
    b"\xa1",
    b"\xff",
    b"\x80",
    b"\x9f" * 100_000,
    b"\xa1\x61a\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\xa1\x61\xff\x01",
    b"\xa0\xa0",
], ids=lambda body: repr(body[:12]))
def test_cbor_that_is_none(endpoint, body):
    call = PROBES["cbor"].call()
    call.body = body
    answer = ask(endpoint, call, "monitoring")
    # The query protocol's code, since CloudWatch is compatible with it.
    assert (answer.status, answer.error("smithy-rpc-v2-cbor")[0]) == (400, "MalformedInput"), answer
    assert b"#SerializationException" in answer.body


def test_cbor_without_a_body_is_an_empty_input(endpoint):
    call = PROBES["cbor"].call()
    call.body = b""
    assert ask(endpoint, call, "monitoring").status in (200, 501)


# Compressed bodies.

METRICS = json.dumps({"Namespace": "n", "MetricData": [{"MetricName": "m", "Value": 1.5}]}).encode()


def put_metric_data(body, encoding="gzip"):
    target = "GraniteServiceVersion20100801.PutMetricData"
    return dynamodb(body, target, **{"Content-Encoding": encoding})


def test_a_gzipped_body_is_read(endpoint):
    answer = ask(endpoint, put_metric_data(gzip.compress(METRICS)), "monitoring")
    assert answer.status in (200, 501), answer


@pytest.mark.parametrize("body", [
    gzip.compress(METRICS)[:-10],
    gzip.compress(METRICS)[:-8] + b"\x00" * 8,
    METRICS,
    b"",
    b"\x1f\x8b",
], ids=["cut", "wrong checksum", "plain", "empty", "magic"])
def test_a_gzipped_body_that_is_none(endpoint, body):
    answer = ask(endpoint, put_metric_data(body), "monitoring")
    assert (answer.status, answer.error("json")[0]) == (400, "MalformedInput"), answer


def test_a_gzip_bomb_is_refused(endpoint):
    bomb = gzip.compress(b" " * (200 << 20), 9)
    answer = ask(endpoint, put_metric_data(bomb), "monitoring")
    assert answer.status in (400, 413)
    assert answer.error("json")[0]
