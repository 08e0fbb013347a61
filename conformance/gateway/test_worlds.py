"""Clouds beside each other, their clocks, the faults injected into them, and what is saved of them."""

import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

ARCHIVE = "application/octet-stream"


def send(sqs, name, *bodies):
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    for body in bodies:
        sqs.send_message(QueueUrl=url, MessageBody=body)
    return url


def receive(sqs, url, **options):
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, **options)
    return sorted(message["Body"] for message in found.get("Messages", []))


def names(sqs):
    return sorted(url.rsplit("/", 1)[-1] for url in sqs.list_queues().get("QueueUrls", []))


def test_two_worlds_do_not_see_each_other(endpoint, sqs, shared_endpoint):
    other = shared_endpoint.new_world()
    send(sqs, "here", "a")
    send(other.client("sqs"), "there", "b")
    assert names(sqs) == ["here"]
    assert names(other.client("sqs")) == ["there"]
    other.end_world()


def test_a_fork_has_all_that_was_and_goes_its_own_way(endpoint, sqs):
    url = send(sqs, "queue", "before")
    fork = endpoint.new_world_from_here()
    there = fork.client("sqs")
    send(there, "queue", "in the fork")
    send(sqs, "queue", "in the origin")
    assert receive(there, url) == ["before", "in the fork"]
    assert receive(sqs, url) == ["before", "in the origin"]
    fork.end_world()


def test_a_reset_empties_one_world_only(endpoint, sqs, shared_endpoint):
    other = shared_endpoint.new_world()
    send(sqs, "queue", "a")
    send(other.client("sqs"), "queue", "b")
    endpoint.admin("POST", "reset", {})
    assert names(sqs) == []
    assert names(other.client("sqs")) == ["queue"]
    other.end_world()


def test_a_delayed_message_comes_when_the_clock_is_advanced(sqs, clock):
    url = send(sqs, "queue")
    sqs.send_message(QueueUrl=url, MessageBody="late", DelaySeconds=900)
    assert receive(sqs, url) == []
    clock(899)
    assert receive(sqs, url) == []
    clock(1)
    assert receive(sqs, url) == ["late"]


def test_a_long_poll_ends_when_the_clock_is_advanced(sqs, clock, endpoint):
    url = send(sqs, "queue")
    sqs.send_message(QueueUrl=url, MessageBody="late", DelaySeconds=600)
    with ThreadPoolExecutor() as pool:
        started = time.monotonic()
        waiting = pool.submit(receive, sqs, url, WaitTimeSeconds=20)
        clock(600)
        assert waiting.result() == ["late"]
        assert time.monotonic() - started < 10


def test_thirty_days_pass_in_a_second(sqs, clock):
    url = send(sqs, "queue", *"abc")
    started = time.monotonic()
    clock(30 * 24 * 3600)
    assert time.monotonic() - started < 1
    assert receive(sqs, url) == []


def test_a_frozen_clock_stands_still(endpoint, sqs):
    endpoint.admin("POST", "clock/freeze", {})
    first = endpoint.admin("GET", "clock")["now"]
    url = send(sqs, "queue", "a")
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["CreatedTimestamp"])["Attributes"]
    assert receive(sqs, url, VisibilityTimeout=1) == ["a"]
    # No time passes, however much of ours does.
    assert endpoint.admin("GET", "clock")["now"] == first
    assert receive(sqs, url, WaitTimeSeconds=0) == []
    endpoint.advance_clock(1)
    assert receive(sqs, url) == ["a"]
    endpoint.admin("POST", "clock/resume", {})
    assert int(attributes["CreatedTimestamp"]) > 0


def test_clocks_of_worlds_differ(endpoint, shared_endpoint, sqs):
    endpoint.advance_clock(365 * 24 * 3600)
    assert endpoint.admin("GET", "clock")["now"] > shared_endpoint.admin("GET", "clock")["now"]
    url = send(sqs, "queue")
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["CreatedTimestamp"])["Attributes"]
    assert int(attributes["CreatedTimestamp"]) > time.time() + 364 * 24 * 3600


# Faults.


def rule(effect, **conditions):
    return {"seed": 1, "rules": [{**conditions, "effect": effect}]}


UNAVAILABLE = {"type": "error", "code": "ServiceUnavailable", "status": 503, "message": "not now"}


def test_a_client_retries_over_a_fault_and_succeeds(endpoint, client):
    endpoint.admin("PUT", "faults", rule(UNAVAILABLE, service="sqs", operation="CreateQueue", limit=2))
    sqs = client("sqs", retries={"max_attempts": 3, "mode": "standard"})
    made = sqs.create_queue(QueueName="queue")
    assert made["ResponseMetadata"]["RetryAttempts"] == 2
    assert endpoint.admin("GET", "faults")["rules"][0]["hits"] == 2


def test_a_client_that_does_not_retry_sees_the_fault(endpoint, sqs):
    endpoint.admin("PUT", "faults", rule(UNAVAILABLE, service="sqs", operation="CreateQueue"))
    with pytest.raises(ClientError) as refused:
        sqs.create_queue(QueueName="queue")
    assert refused.value.response["Error"]["Code"] == "ServiceUnavailable"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert names(sqs) == []
    endpoint.admin("DELETE", "faults")
    sqs.create_queue(QueueName="queue")


def test_a_throttled_client_backs_off_and_succeeds(endpoint, client):
    endpoint.admin("PUT", "faults", rule({"type": "throttle"}, service="sqs", limit=1))
    sqs = client("sqs", retries={"max_attempts": 3, "mode": "standard"})
    assert sqs.list_queues()["ResponseMetadata"]["RetryAttempts"] == 1


def test_a_rule_may_name_one_queue(endpoint, sqs):
    unlucky, lucky = send(sqs, "unlucky"), send(sqs, "lucky")
    endpoint.admin("PUT", "faults", rule(UNAVAILABLE, resource=":unlucky"))
    sqs.send_message(QueueUrl=lucky, MessageBody="a")
    with pytest.raises(ClientError):
        sqs.send_message(QueueUrl=unlucky, MessageBody="a")


def test_latency_is_felt(endpoint, sqs):
    endpoint.admin("PUT", "faults", rule({"type": "latency", "millis": 300}, service="sqs", operation="ListQueues"))
    started = time.monotonic()
    sqs.list_queues()
    assert time.monotonic() - started >= 0.3


def test_faults_of_one_world_are_no_others(endpoint, shared_endpoint):
    endpoint.admin("PUT", "faults", rule(UNAVAILABLE))
    other = shared_endpoint.new_world()
    other.client("sqs").list_queues()
    other.end_world()


# Snapshots.


def archive(endpoint):
    headers = {**endpoint.headers, "Content-Type": "application/json"}
    request = urllib.request.Request(
        f"{endpoint.url}/_virga/snapshot/save", data=b"{}", headers=headers, method="POST"
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()


def load(endpoint, data):
    headers = {**endpoint.headers, "Content-Type": ARCHIVE}
    request = urllib.request.Request(
        f"{endpoint.url}/_virga/snapshot/load", data=data, headers=headers, method="POST"
    )
    urllib.request.urlopen(request, timeout=60).close()


def test_a_snapshot_brings_everything_back(endpoint, sqs):
    url = send(sqs, "queue", "a", "b", "c")
    saved = archive(endpoint)
    assert receive(sqs, url) != []
    endpoint.admin("POST", "reset", {})
    assert names(sqs) == []
    load(endpoint, saved)
    assert names(sqs) == ["queue"]
    found = set()
    while len(found) < 3:
        found.update(receive(sqs, url, WaitTimeSeconds=1))
    assert found == {"a", "b", "c"}


def test_a_snapshot_may_be_loaded_into_another_world(endpoint, sqs, shared_endpoint):
    send(sqs, "queue", "a")
    other = shared_endpoint.new_world()
    load(other, archive(endpoint))
    assert names(other.client("sqs")) == ["queue"]
    other.end_world()


def test_a_broken_snapshot_changes_nothing(endpoint, sqs):
    send(sqs, "queue", "a")
    saved = archive(endpoint)
    for broken in (saved[:-20], b"nonsense", b"", saved[:40] + b"\x00" * 20 + saved[60:]):
        with pytest.raises(urllib.error.HTTPError) as refused:
            load(endpoint, broken)
        assert refused.value.code == 400
    assert names(sqs) == ["queue"]
