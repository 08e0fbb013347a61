"""Host names: of services, of regions, of buckets, of worlds."""

from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from gateway.exchange import Call, to_the_endpoint
from gateway.probes import PROBES
from subject import Endpoint

KEY = ("test", "test")


@pytest.mark.parametrize("host", [
    "lambda.us-east-1.localhost",
    "lambda.us-east-1.localhost:4566",
    "lambda.localhost",
    "lambda.us-east-1.amazonaws.com",
    "lambda.us-gov-west-1.amazonaws.com",
    "lambda.cn-north-1.amazonaws.com.cn",
    "lambda.us-east-1.api.aws",
    "lambda.us-east-1.localhost.localstack.cloud:4566",
    "LAMBDA.us-east-1.LOCALHOST",
])
def test_a_host_name_tells_the_service(endpoint, host):
    answer = Call("GET", "/2015-03-31/functions", {"Host": host}).send(endpoint)
    # Lambda's own answer to a caller who says nothing of himself.
    assert answer.error("rest-json") == ("MissingAuthenticationTokenException", "Missing Authentication Token")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:4566", "[::1]:4566", "example.com", "lambda.example.com"])
def test_other_host_names_tell_nothing(endpoint, host):
    answer = Call("GET", "/2015-03-31/functions", {"Host": host}).send(endpoint)
    # A path that nobody has signed is an anonymous request to S3.
    assert (answer.status, answer.error("rest-xml")[0]) == (404, "NoSuchBucket")


@pytest.mark.parametrize("host", [
    "sqs.us-east-1.amazonaws.com",
    "us-east-1.queue.amazonaws.com",
    "queue.amazonaws.com",
    "sqs.us-east-1.localhost:4566",
])
def test_the_host_names_of_sqs_old_and_new(endpoint, host):
    path = "/?Action=ListQueues&Version=2012-11-05"
    refused = Call("GET", path, {"Host": host}).send(endpoint)
    assert refused.error("query")[0] == "MissingAuthenticationToken"
    answer = Call("GET", path, {"Host": host}).signed(endpoint, KEY, "sqs").send(endpoint)
    assert answer.status == 200


@pytest.mark.parametrize(("method", "host", "path", "operation"), [
    ("GET", "s3.us-east-1.amazonaws.com", "/", "ListBuckets"),
    ("GET", "bucket.s3.us-east-1.amazonaws.com", "/?list-type=2", "ListObjectsV2"),
    ("GET", "bucket.s3.us-east-1.amazonaws.com", "/key", "GetObject"),
    ("GET", "a.b.s3.us-east-1.amazonaws.com", "/some/key", "GetObject"),
    ("GET", "bucket.s3.amazonaws.com", "/key", "GetObject"),
    ("GET", "bucket.s3.localhost:4566", "/key", "GetObject"),
    ("GET", "bucket.s3-accelerate.amazonaws.com", "/key", "GetObject"),
    ("GET", "bucket.s3.dualstack.us-east-1.amazonaws.com", "/key", "GetObject"),
    ("GET", "bucket.localhost:4566", "/key", "GetObject"),
    ("DELETE", "sqs.localhost:4566", "/", "DeleteBucket"),
    ("PUT", "bucket.s3.us-east-1.amazonaws.com", "/", "CreateBucket"),
    ("GET", "localhost:4566", "/bucket/key", "GetObject"),
])
def test_a_host_name_tells_the_bucket(endpoint, method, host, path, operation):
    answer = Call(method, path, {"Host": host}).signed(endpoint, KEY, "s3").send(endpoint)
    if answer.status == 501:
        assert answer.error("rest-xml")[1] == f"virga does not implement s3 {operation} yet."


def test_boto3_calls_buckets_by_host_name(endpoint, issued):
    key, secret = issued()
    named = replace(endpoint, url="http://localhost:4566")
    virtual = {"addressing_style": "virtual"}
    s3 = named.client("s3", s3=virtual, aws_access_key_id=key, aws_secret_access_key=secret)
    hosts = []
    s3.meta.events.register("before-send.*.*", lambda request, **_: hosts.append(request.url))
    s3.meta.events.register("before-send.*.*", to_the_endpoint(endpoint))
    try:
        s3.get_object_tagging(Bucket="bucket", Key="some/key")
    except ClientError as error:
        assert error.response["Error"]["Code"] in ("NotImplemented", "NoSuchBucket")
        assert "GetObjectTagging" in str(error)
    assert hosts == ["http://bucket.localhost:4566/some/key?tagging"]


def arn(client, name):
    url = client.create_queue(QueueName=name)["QueueUrl"]
    return client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def test_the_signature_tells_region_and_account(client, unique_name):
    name = unique_name("queue")
    assert arn(client("sqs"), name) == f"arn:aws:sqs:us-east-1:000000000000:{name}"
    assert arn(client("sqs", region_name="eu-west-3"), name) == f"arn:aws:sqs:eu-west-3:000000000000:{name}"
    other = client("sqs", aws_access_key_id="111122223333")
    assert arn(other, name) == f"arn:aws:sqs:us-east-1:111122223333:{name}"


def test_an_issued_key_tells_its_account(client, issued, unique_name):
    key, secret = issued("444455556666")
    name = unique_name("queue")
    signed = client("sqs", aws_access_key_id=key, aws_secret_access_key=secret)
    assert arn(signed, name) == f"arn:aws:sqs:us-east-1:444455556666:{name}"


def test_regions_and_accounts_see_only_their_own_queues(client):
    clients = [
        client("sqs"),
        client("sqs", region_name="eu-west-3"),
        client("sqs", aws_access_key_id="111122223333"),
    ]
    for number, sqs in enumerate(clients):
        sqs.create_queue(QueueName=f"queue-{number}")
    for number, sqs in enumerate(clients):
        urls = sqs.list_queues()["QueueUrls"]
        assert [url.rsplit("/", 1)[-1] for url in urls] == [f"queue-{number}"]


def test_a_queue_url_names_the_host_that_was_called(endpoint):
    headers = {"Host": "sqs.us-east-1.localhost:4566", "X-Amz-Target": "AmazonSQS.CreateQueue"}
    call = Call("POST", "/", headers, b'{"QueueName": "queue"}').signed(endpoint, KEY, "sqs")
    url = call.send(endpoint).json()["QueueUrl"]
    assert url == "http://sqs.us-east-1.localhost:4566/000000000000/queue"


# Worlds.


def test_a_host_name_tells_the_world(endpoint, shared_endpoint, sqs):
    sqs.create_queue(QueueName="only-here")
    world = endpoint.headers["x-virga-world"]
    path = "/?Action=ListQueues&Version=2012-11-05"
    for host in (f"{world}.world.localhost", f"sqs.us-east-1.{world}.world.localhost:4566"):
        here = Call("GET", path, {"Host": host}).signed(shared_endpoint, KEY, "sqs").send(shared_endpoint)
        assert b"/only-here</QueueUrl>" in here.body, host
    elsewhere = Call("GET", path).signed(shared_endpoint, KEY, "sqs").send(shared_endpoint)
    assert b"only-here" not in elsewhere.body


@pytest.mark.parametrize("name", ["json", "rest-xml"])
def test_an_unknown_world_is_told_so(shared_endpoint, name):
    probe = PROBES[name]
    call = probe.call(**{"x-virga-world": "nowhere"}).signed(shared_endpoint, KEY, probe.signing_name)
    assert call.send(shared_endpoint).status == 404
    call = probe.call(Host="nowhere.world.localhost:4566").signed(shared_endpoint, KEY, probe.signing_name)
    answer = call.send(shared_endpoint)
    assert answer.status == 404
    assert b"no such world" in answer.body


def test_a_world_that_has_ended_is_unknown(shared_endpoint):
    world = shared_endpoint.new_world()
    world.end_world()
    gone = Endpoint(shared_endpoint.url, dict(world.headers))
    assert Call("GET", "/_virga/clock").send(gone).status == 404
