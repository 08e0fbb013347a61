"""Every answer has a request id, where the service's clients look for it."""

import re

import pytest

from gateway.exchange import Call
from gateway.probes import PROBES

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ID_HEADER = {name: "x-amzn-requestid" for name in PROBES} | {"s3": "x-amz-request-id"}
IN_BODY = {"query": "RequestId", "ec2": "RequestID", "rest-xml": "RequestId", "s3": "RequestId"}


def ask(endpoint, name, key=("test", "test")):
    probe = PROBES[name]
    return probe.call().signed(endpoint, key, probe.signing_name).send(endpoint)


@pytest.mark.parametrize("name", PROBES)
def test_an_answer_tells_its_request_id_in_a_header(endpoint, name):
    answers = [ask(endpoint, name) for _ in range(3)]
    ids = [answer.headers[ID_HEADER[name]] for answer in answers]
    assert all(map(UUID.fullmatch, ids)), ids
    assert len(set(ids)) == 3


@pytest.mark.parametrize("name", IN_BODY)
def test_an_answer_in_xml_repeats_it_in_the_body(endpoint, name):
    answer = ask(endpoint, name)
    element = IN_BODY[name]
    assert f"<{element}>{answer.headers[ID_HEADER[name]]}</{element}>".encode() in answer.body


def test_s3_tells_a_second_id(endpoint):
    assert ask(endpoint, "s3").headers["x-amz-id-2"]


@pytest.mark.parametrize("name", PROBES)
def test_a_refused_caller_is_told_it_too(endpoint, issued, name):
    answer = ask(endpoint, name, (issued()[0], "wrong"))
    assert answer.status >= 400
    assert UUID.fullmatch(answer.headers[ID_HEADER[name]])


def test_a_request_for_no_service_is_told_it_too(endpoint):
    answer = Call("POST", "/").send(endpoint)
    assert UUID.fullmatch(answer.headers["x-amzn-requestid"])
