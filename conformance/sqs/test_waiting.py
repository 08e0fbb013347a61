"""Long polls, and the virtual clock instead of waiting."""

import threading
import time


def test_a_long_poll_is_answered_when_a_message_comes(client, queue):
    url = queue()
    answers = []
    poll = threading.Thread(
        target=lambda: answers.append(client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=20)))
    started = time.monotonic()
    poll.start()
    client("sqs").send_message(QueueUrl=url, MessageBody="m")
    poll.join(timeout=30)
    assert [message["Body"] for message in answers[0]["Messages"]] == ["m"]
    assert time.monotonic() - started < 10


def test_four_days_pass_at_once(sqs, queue, clock):
    url = queue()
    sqs.send_message(QueueUrl=url, MessageBody="m")
    clock(4 * 24 * 3600 - 60)
    assert "Messages" in sqs.receive_message(QueueUrl=url, VisibilityTimeout=1)
    clock(61)
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert answer["ApproximateNumberOfMessages"] == "0"
    assert "Messages" not in sqs.receive_message(QueueUrl=url)


def test_a_message_comes_back_after_its_visibility_timeout(sqs, queue, clock):
    url = queue()
    sqs.send_message(QueueUrl=url, MessageBody="m")
    first = sqs.receive_message(QueueUrl=url)["Messages"][0]
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    clock(30)
    again = sqs.receive_message(QueueUrl=url)["Messages"][0]
    assert again["MessageId"] == first["MessageId"] and again["ReceiptHandle"] != first["ReceiptHandle"]
