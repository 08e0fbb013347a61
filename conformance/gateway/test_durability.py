"""What is acknowledged stays: through kill -9, through SIGTERM, through a second process on the same folder."""

import http.client
import json
import os
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from gateway.exchange import Call, open_socket, read_answer
from gateway.process import StartError

KEY = ("test", "test")
SENDERS = 4
BEFORE_THE_KILL = 300


def send(sqs, url, body):
    return sqs.send_message(QueueUrl=url, MessageBody=body)["MessageId"]


def everything(sqs, url):
    """All messages of a queue: body by id."""
    found = {}
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found.update((message["MessageId"], message["Body"]) for message in messages)
    return found


@pytest.mark.parametrize("durability", ["relaxed", "strict"])
def test_every_acknowledged_message_survives_a_kill(start_virga, tmp_path, durability):
    arguments = ("--data", tmp_path / "data", "--durability", durability)
    virga = start_virga(*arguments)
    url = virga.endpoint.client("sqs").create_queue(QueueName="queue")["QueueUrl"]
    acknowledged, enough = {}, threading.Event()

    def send_until_killed(sender):
        sqs = virga.endpoint.client("sqs")
        for number in range(1_000_000):
            body = f"{sender}-{number}"
            try:
                acknowledged[send(sqs, url, body)] = body
            except (BotoCoreError, ClientError):
                return
            if len(acknowledged) >= BEFORE_THE_KILL:
                enough.set()

    with ThreadPoolExecutor(SENDERS) as pool:
        for sender in range(SENDERS):
            pool.submit(send_until_killed, sender)
        assert enough.wait(60)
        virga.kill()
    again = start_virga(*arguments)
    found = everything(again.endpoint.client("sqs"), url)
    assert {message: found.get(message) for message in acknowledged} == acknowledged
    # What came in addition was sent and not acknowledged in time: one message of each sender at most.
    assert len(found) - len(acknowledged) <= SENDERS


def test_a_queue_goes_on_where_it_was(start_virga, tmp_path):
    virga = start_virga("--data", tmp_path / "data")
    sqs = virga.endpoint.client("sqs")
    url = sqs.create_queue(QueueName="queue.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    group = {"QueueUrl": url, "MessageGroupId": "g"}
    for number in range(3):
        sqs.send_message(**group, MessageBody=str(number), MessageDeduplicationId=str(number))
    first = sqs.receive_message(QueueUrl=url, VisibilityTimeout=600)["Messages"][0]
    virga.kill()
    again = start_virga("--data", tmp_path / "data").endpoint
    sqs = again.client("sqs")
    # Still in flight, still blocking its group, still known as sent.
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    sqs.send_message(**group, MessageBody="again", MessageDeduplicationId="0")
    sqs.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
    rest = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert [message["Body"] for message in rest] == ["1", "2"]


def test_issued_keys_and_the_clock_survive_a_kill(start_virga, tmp_path):
    virga = start_virga("--data", tmp_path / "data", "--auth", "strict")
    key = virga.endpoint.admin("POST", "keys", {"account": "111122223333"})
    virga.endpoint.admin("POST", "clock/freeze", {})
    before = virga.endpoint.admin("GET", "clock")["now"]
    virga.kill()
    again = start_virga("--data", tmp_path / "data", "--auth", "strict").endpoint
    assert again.admin("GET", "clock")["now"] == before
    again.admin("POST", "clock/resume", {})
    sqs = again.client(
        "sqs", aws_access_key_id=key["access_key_id"], aws_secret_access_key=key["secret_access_key"]
    )
    assert "/111122223333/" in sqs.create_queue(QueueName="queue")["QueueUrl"]


def test_an_ephemeral_cloud_leaves_nothing_behind(start_virga, tmp_path):
    before = {path.name for path in tmp_path.iterdir()}
    virga = start_virga("--ephemeral")
    virga.endpoint.client("sqs").create_queue(QueueName="queue")
    virga.terminate()
    assert virga.exit_code() == 0
    assert {path.name for path in tmp_path.iterdir()} - before == {"virga.log"}


def delay(endpoint, operation, millis):
    """Makes an operation of SQS take longer, and visible when it is under way."""
    rule = {"service": "sqs", "operation": operation, "effect": {"type": "latency", "millis": millis}}
    endpoint.admin("PUT", "faults", {"rules": [rule]})


def until_under_way(endpoint):
    """Returns once the delayed operation has been called."""
    while endpoint.admin("GET", "faults")["rules"][0]["hits"] == 0:
        pass


@pytest.mark.parametrize("store", ["ephemeral", "disk"])
def test_a_request_under_way_is_finished_before_the_end(start_virga, tmp_path, store):
    virga = start_virga(*(["--ephemeral"] if store == "ephemeral" else ["--data", tmp_path / "data"]))
    endpoint = virga.endpoint
    delay(endpoint, "CreateQueue", 1000)
    headers = {"X-Amz-Target": "AmazonSQS.CreateQueue", "Content-Type": "application/x-amz-json-1.0"}
    call = Call("POST", "/", headers, b'{"QueueName": "queue"}').signed(endpoint, KEY, "sqs")
    connection = http.client.HTTPConnection(urlsplit(endpoint.url).netloc, timeout=30)
    connection.request("POST", "/", call.body, call.headers)
    until_under_way(endpoint)
    virga.terminate()
    answer = connection.getresponse()
    assert answer.status == 200
    assert json.loads(answer.read())["QueueUrl"].endswith("/queue")
    assert virga.exit_code() == 0


def test_an_idle_connection_does_not_hold_up_the_end(start_virga):
    virga = start_virga("--ephemeral")
    with open_socket(virga.endpoint) as idle, open_socket(virga.endpoint) as half:
        idle.sendall(b"GET /_virga/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert read_answer(idle).status == 200
        half.sendall(b"POST / HTTP/1.1\r\nHost: lo")
        virga.terminate()
        assert virga.exit_code() == 0


def test_a_long_poll_does_not_hold_up_the_end(start_virga):
    virga = start_virga("--ephemeral")
    sqs = virga.endpoint.client("sqs")
    url = sqs.create_queue(QueueName="queue")["QueueUrl"]
    headers = {"X-Amz-Target": "AmazonSQS.ReceiveMessage", "Content-Type": "application/x-amz-json-1.0"}
    body = json.dumps({"QueueUrl": url, "WaitTimeSeconds": 20}).encode()
    call = Call("POST", "/", headers, body).signed(virga.endpoint, KEY, "sqs")
    delay(virga.endpoint, "ReceiveMessage", 1)
    connection = http.client.HTTPConnection(urlsplit(virga.endpoint.url).netloc, timeout=30)
    connection.request("POST", "/", call.body, call.headers)
    until_under_way(virga.endpoint)
    virga.terminate()
    answer = connection.getresponse()
    assert (answer.status, "Messages" in json.loads(answer.read() or b"{}")) == (200, False)
    assert virga.exit_code() == 0


def test_a_second_process_on_the_same_folder_is_refused(start_virga, tmp_path):
    virga = start_virga("--data", tmp_path / "data")
    with pytest.raises(StartError) as refused:
        start_virga("--data", tmp_path / "data")
    assert refused.value.code == 1
    assert "--data" in refused.value.text
    assert "panicked" not in refused.value.text
    assert Call("GET", "/_virga/health").send(virga.endpoint).status == 200


def test_a_taken_port_is_refused(start_virga):
    virga = start_virga("--ephemeral")
    port = urlsplit(virga.endpoint.url).port
    with pytest.raises(StartError) as refused:
        start_virga("--ephemeral", "--port", port)
    assert refused.value.code == 1
    assert f"cannot listen on 127.0.0.1:{port}" in refused.value.text


def test_a_network_address_needs_a_decision_about_callers(start_virga):
    with pytest.raises(StartError) as refused:
        start_virga("--ephemeral", "--host", "0.0.0.0")
    assert "--auth strict" in refused.value.text


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 24 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("whoever runs the tests may not mount a small file system")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_full_disk_refuses_what_has_no_room_and_loses_nothing(small_disk, start_virga):
    virga = start_virga("--data", small_disk / "data")
    s3 = virga.endpoint.client("s3", s3={"addressing_style": "path"})
    s3.create_bucket(Bucket="bucket")
    stored = {}

    def put(key, size):
        """Whether there was room; refusals tell clients to try again."""
        body = os.urandom(size)
        try:
            s3.put_object(Bucket="bucket", Key=key, Body=body)
        except ClientError as error:
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 503, error
            assert error.response["Error"]["Code"] == "ServiceUnavailable"
            return False
        stored[key] = body
        return True

    def fill(name, size):
        """Until there is no room for one more."""
        number = 0
        while put(f"{name}-{number}", size):
            number += 1
        assert number < 1000

    # A body in a file of its own, then bodies in the store's log.
    fill("large", 4 << 20)
    fill("small", 50_000)
    with pytest.raises(ClientError) as refused:
        virga.endpoint.client("sqs").create_queue(QueueName="queue")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    subprocess.run(["mount", "-o", "remount,size=64m", small_disk], check=True)
    assert put("later", 1 << 20)
    virga.kill()
    s3 = start_virga("--data", small_disk / "data").endpoint.client("s3", s3={"addressing_style": "path"})
    for key, body in stored.items():
        assert s3.get_object(Bucket="bucket", Key=key)["Body"].read() == body, key


def test_parts_on_a_full_disk_are_refused_and_those_before_stay(small_disk, start_virga):
    virga = start_virga("--data", small_disk / "data")
    s3 = virga.endpoint.client("s3", s3={"addressing_style": "path"})
    s3.create_bucket(Bucket="bucket")
    upload = {"Bucket": "bucket", "Key": "key"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    bodies, parts = [], []

    def room():
        """Whether there was room for one more part; refusals tell clients to try again."""
        body = os.urandom(5 << 20)
        try:
            etag = s3.upload_part(PartNumber=len(parts) + 1, Body=body, **upload)["ETag"]
        except ClientError as error:
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 503, error
            assert error.response["Error"]["Code"] == "ServiceUnavailable"
            return False
        bodies.append(body)
        parts.append({"ETag": etag, "PartNumber": len(parts) + 1})
        return True

    while room():
        assert len(parts) < 10
    assert [part["PartNumber"] for part in s3.list_parts(**upload)["Parts"]] == [part["PartNumber"] for part in parts]
    # The rest of the room, down to the last bytes that a record needs.
    with open(small_disk / "filler", "wb", buffering=0) as filler:
        with pytest.raises(OSError):
            while True:
                filler.write(bytes(4096))
    completing = {**upload, "MultipartUpload": {"Parts": parts}}
    with pytest.raises(ClientError) as refused:
        # What is in the store's log has room of its own: it is filled before.
        for number in range(1000):
            s3.put_object(Bucket="bucket", Key=f"filler-{number}", Body=os.urandom(50_000))
        pytest.fail("the disk is not full")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    with pytest.raises(ClientError) as refused:
        s3.complete_multipart_upload(**completing)
    assert refused.value.response["Error"]["Code"] == "ServiceUnavailable", refused.value
    subprocess.run(["mount", "-o", "remount,size=64m", small_disk], check=True)
    s3.complete_multipart_upload(**completing)
    assert s3.get_object(Bucket="bucket", Key="key")["Body"].read() == b"".join(bodies)
    virga.kill()
    s3 = start_virga("--data", small_disk / "data").endpoint.client("s3", s3={"addressing_style": "path"})
    assert s3.get_object(Bucket="bucket", Key="key")["Body"].read() == b"".join(bodies)
