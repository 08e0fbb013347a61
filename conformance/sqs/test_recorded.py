"""Amazon SQS against what AWS answered in the same situation, over the JSON protocol."""

import json

import pytest
from botocore.exceptions import ClientError

from recordings import Recording

MODULE = "sqs/test_sqs"
MOVE_TASKS = "sqs/test_sqs_move_task"


def recorded(test, module=MODULE):
    return Recording(module, test)


def error(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value


def test_limits_of_a_receive(sqs, queue):
    url = queue()
    recording = recorded("test_send_receive_max_number_of_messages[sqs]")
    recording.check_error("send_max_number_of_messages", error(sqs.receive_message, QueueUrl=url, MaxNumberOfMessages=11))
    recording = recorded("test_send_receive_wait_time_seconds[sqs]")
    for name, seconds in [("recieve_message_error_too_large", 21), ("recieve_message_error_too_small", -1)]:
        recording.check_error(name, error(sqs.receive_message, QueueUrl=url, WaitTimeSeconds=seconds))


def test_messages_that_are_too_long(sqs, queue):
    long = "a" * 1_048_577
    recorded("test_send_oversized_message[sqs]").check_error(
        "send_oversized_message", error(sqs.send_message, QueueUrl=queue(), MessageBody=long))
    recorded("test_send_message_with_updated_maximum_message_size[sqs]").check_error(
        "send_oversized_message", error(sqs.send_message, QueueUrl=queue(MaximumMessageSize="1024"), MessageBody="a" * 1025))
    entries = [{"Id": "1", "MessageBody": "a" * 1_048_576}, {"Id": "2", "MessageBody": "a"}]
    recorded("test_send_message_batch_with_oversized_contents[sqs]").check_error(
        "send_oversized_message_batch", error(sqs.send_message_batch, QueueUrl=queue(), Entries=entries))


def test_a_batch_of_which_one_is_too_long(sqs, queue):
    entries = [{"Id": "one", "MessageBody": "a" * 1025}, {"Id": "two", "MessageBody": "a" * 1024}]
    answer = sqs.send_message_batch(QueueUrl=queue(MaximumMessageSize="1024"), Entries=entries)
    assert [entry["Id"] for entry in answer["Successful"]] == ["two"]
    content = recorded("test_send_batch_message_size").answers["send-message-batch-result"]
    expected = dict(content["Failed"][0], Id="one")
    assert answer["Failed"] == [expected]


def test_tags(sqs, queue):
    url = queue()
    recording = recorded("test_tag_untag_queue[sqs]")
    sqs.tag_queue(QueueUrl=url, Tags={"tag1": "value1", "tag2": "value2", "tag3": ""})
    recording.check("get-tag-1", sqs.list_queue_tags(QueueUrl=url))
    sqs.untag_queue(QueueUrl=url, TagKeys=["tag1", "tag3"])
    recording.check("get-tag-2", sqs.list_queue_tags(QueueUrl=url))
    sqs.untag_queue(QueueUrl=url, TagKeys=["tag2"])
    recording.check("get-tag-after-untag", sqs.list_queue_tags(QueueUrl=url))


def test_a_queue_with_other_attributes(sqs, queue):
    queue("again", DelaySeconds="5")
    recording = recorded("test_create_queue_with_different_attributes_raises_exception[sqs]")
    recording.check_error("create_queue_01", error(sqs.create_queue, QueueName="again", Attributes={"DelaySeconds": "1"}))
    queue("again.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "false"}
    recorded("test_create_fifo_queue_with_different_attributes_raises_error[sqs]").check_error(
        "queue-already-exists", error(sqs.create_queue, QueueName="again.fifo", Attributes=attributes))


def test_attributes_of_a_queue(sqs, queue):
    url = queue(MessageRetentionPeriod="604800", ReceiveMessageWaitTimeSeconds="10", VisibilityTimeout="20")
    recording = recorded("test_create_and_update_queue_attributes[sqs]")
    recording.check("get_queue_attributes", sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"]))
    changes = {"MaximumMessageSize": "2048", "VisibilityTimeout": "69", "DelaySeconds": "420"}
    sqs.set_queue_attributes(QueueUrl=url, Attributes=changes)
    recording.check("get_updated_queue_attributes", sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"]))


def test_attributes_of_a_fifo_queue(sqs, fifo):
    url = fifo(ContentBasedDeduplication="true")
    recording = recorded("test_fifo_set_content_based_deduplication_strategy[sqs]")
    recording.check("before-update", sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"]))
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"ContentBasedDeduplication": "false"})
    recording.check("after-update", sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"]))


def test_attributes_that_a_queue_does_not_take(sqs, queue, fifo):
    recording = recorded("test_create_standard_queue_with_fifo_attribute_raises_error[sqs]")
    for name, attributes in [
        ("invalid-attribute-fifo-queue", {"FifoQueue": "false"}),
        ("invalid-attribute-content-based-deduplication", {"ContentBasedDeduplication": "false"}),
        ("invalid-attribute-deduplication-scope", {"DeduplicationScope": "queue"}),
        ("invalid-attribute-throughput-limit", {"FifoThroughputLimit": "perQueue"}),
    ]:
        recording.check_error(name, error(sqs.create_queue, QueueName="refused", Attributes=attributes))
    recorded("test_set_unsupported_attribute_standard[sqs]").check_error("invalid-attr-name-1", error(
        sqs.set_queue_attributes, QueueUrl=queue(), Attributes={"FifoQueue": "true"}))
    recorded("test_set_unsupported_attribute_fifo[sqs]").check_error("invalid-attr-name-2", error(
        sqs.set_queue_attributes, QueueUrl=fifo(), Attributes={"FifoQueue": "false"}))


def test_encryption(sqs, queue):
    url = queue()
    names = ["KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "SqsManagedSseEnabled"]
    recording = recorded("test_sse_queue_attributes[sqs]")
    sqs.set_queue_attributes(
        QueueUrl=url, Attributes={"KmsMasterKeyId": "testKeyId", "KmsDataKeyReusePeriodSeconds": "6000",
                                  "SqsManagedSseEnabled": "false"})
    recording.check("sse_kms_attributes", sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names))
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"SqsManagedSseEnabled": "true"})
    recording.check("sse_sqs_attributes", sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names))
    both = {"KmsMasterKeyId": "key", "SqsManagedSseEnabled": "true"}
    text = recorded("test_sse_kms_and_sqs_are_mutually_exclusive[sqs]").answers["error"]
    assert str(error(sqs.set_queue_attributes, QueueUrl=url, Attributes=both)) == text


def test_forms_of_batches(sqs, queue, fifo):
    url = queue()
    many = [{"Id": str(number), "MessageBody": "m"} for number in range(20)]
    recorded("test_too_many_entries_in_batch_request[sqs]").check_error(
        "test_too_many_entries_in_batch_request", error(sqs.send_message_batch, QueueUrl=url, Entries=many))
    recorded("test_invalid_batch_id[sqs]").check_error("test_invalid_batch_id", error(
        sqs.send_message_batch, QueueUrl=url, Entries=[{"Id": "invalid:id", "MessageBody": "m"}]))
    recorded("test_delete_message_batch_with_too_large_batch[sqs]").check_error("error_response", error(
        sqs.delete_message_batch, QueueUrl=url, Entries=[{"Id": entry["Id"], "ReceiptHandle": "h"} for entry in many]))
    entries = [{"Id": "1", "MessageBody": "m", "MessageGroupId": "g"}]
    recorded("test_send_batch_missing_deduplication_id_for_fifo_queue[sqs]").check_error(
        "test_missing_deduplication_id_for_fifo_queue",
        error(sqs.send_message_batch, QueueUrl=fifo(ContentBasedDeduplication="false"), Entries=entries))
    entries = [{"Id": "1", "MessageBody": "m", "MessageDeduplicationId": "d"}]
    recorded("test_send_batch_missing_message_group_id_for_fifo_queue[sqs]").check_error(
        "test_missing_message_group_id_for_fifo_queue",
        error(sqs.send_message_batch, QueueUrl=fifo(ContentBasedDeduplication="true"), Entries=entries))


def test_message_attributes(sqs, queue):
    url = queue()
    attributes = {
        "attr1": {"DataType": "Binary",
                  "BinaryValue": b"traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01"},
    }
    sqs.send_message(QueueUrl=url, MessageBody="test", MessageAttributes=attributes)
    recorded("test_send_message_with_binary_attributes[sqs]").check(
        "binary-attrs-msg", sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"]))
    attributes = {"ErrorDetails": {"StringValue": "", "DataType": "String"}}
    recorded("test_send_message_with_empty_string_attribute[sqs]").check_error("empty-string-attr", error(
        sqs.send_message, QueueUrl=url, MessageBody="test", MessageAttributes=attributes))


def test_filters_of_message_attributes(sqs, queue):
    url = queue(VisibilityTimeout="0")
    recording = recorded("test_receive_message_message_attribute_names_filters[sqs]")
    values = {"Hello": "There", "General": "Kenobi", "Help.Me": "Me"}
    attributes = {name: {"DataType": "String", "StringValue": value} for name, value in values.items()}
    recording.check("send_message_response", sqs.send_message(QueueUrl=url, MessageBody="msg", MessageAttributes=attributes))
    recording.check("empty_filter", sqs.receive_message(QueueUrl=url, MessageAttributeNames=[]))
    recording.check("all_name", sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"]))
    for name, asked in [
        ("all_wildcard", [".*"]),
        ("only_non_existing_names", ["Foo", "Help"]),
        ("only_existing", ["Hello", "General"]),
        ("existing_and_non_existing", ["Foo", "Hello"]),
        ("prefix_filter", ["Hel.*"]),
    ]:
        answer = sqs.receive_message(QueueUrl=url, MessageAttributeNames=asked)
        recording.check(name, answer["Messages"][0])


def test_system_attributes(sqs, queue, fifo):
    url = queue(VisibilityTimeout="0")
    attribute = {"Foo": {"DataType": "String", "StringValue": "Bar"}}
    sqs.send_message(QueueUrl=url, MessageBody="msg", MessageAttributes=attribute)
    for test, member in [
        ("test_receive_message_attribute_names_filters[sqs]", "AttributeNames"),
        ("test_receive_message_message_system_attribute_names_filters[sqs]", "MessageSystemAttributeNames"),
    ]:
        recording = recorded(test)
        for name, arguments in [
            ("all_attributes", {member: ["All"]}),
            ("all_system_and_message_attributes", {member: ["All"], "MessageAttributeNames": ["All"]}),
            ("single_attribute", {member: ["SenderId"]}),
        ]:
            answer = sqs.receive_message(QueueUrl=url, **arguments)
            for message in answer["Messages"]:
                count = message["Attributes"].get("ApproximateReceiveCount")
                if count is not None:
                    message["Attributes"]["ApproximateReceiveCount"] = "1" if name == "all_attributes" else "2"
            recording.check(name, answer)
    url = fifo()
    recording = recorded("test_fifo_message_attributes[sqs]")
    recording.check("send_message", sqs.send_message(
        QueueUrl=url, MessageBody="message-body-1", MessageGroupId="group-1", MessageDeduplicationId="dedup-1"))
    answer = sqs.receive_message(QueueUrl=url, AttributeNames=["All"], VisibilityTimeout=0)
    recording.check("receive_message_0", answer)
    recording.check("receive_message_1", sqs.receive_message(QueueUrl=url, AttributeNames=["All"]))


def test_trace_header(sqs, queue):
    url = queue()
    header = "Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=7fa8c0f79203be72;Sampled=1"
    sqs.send_message(QueueUrl=url, MessageBody="test",
                     MessageSystemAttributes={"AWSTraceHeader": {"DataType": "String", "StringValue": header}})
    answer = sqs.receive_message(QueueUrl=url, AttributeNames=["SentTimestamp", "AWSTraceHeader"])
    expected = recorded("test_aws_trace_header_propagation[sqs]").answers["xray-msg"]["Attributes"]
    assert answer["Messages"][0]["Attributes"].keys() == expected.keys()
    assert answer["Messages"][0]["Attributes"]["AWSTraceHeader"] == header


def test_ids_that_are_required_or_invalid(sqs, queue, fifo):
    url = fifo(ContentBasedDeduplication="false")
    recording = recorded("test_posting_to_fifo_requires_deduplicationid_group_id[sqs]")
    recording.check_error("invalid-parameter-value", error(
        sqs.send_message, QueueUrl=url, MessageBody="test", MessageGroupId="test"))
    recording.check_error("missing-parameter", error(
        sqs.send_message, QueueUrl=url, MessageBody="test", MessageDeduplicationId="test"))
    for name, value in [("empty", ""), ("too_long", "a" * 129), ("spaces", "group 123")]:
        recorded(f"test_send_message_to_standard_queue_with_invalid_message_group_id[{name}]").check_error(
            "error-response", error(sqs.send_message, QueueUrl=queue(), MessageBody="m", MessageGroupId=value))
        recorded(f"test_message_deduplication_id_invalid[{name}]").check_error("error-response", error(
            sqs.send_message, QueueUrl=url, MessageBody="m", MessageGroupId="g", MessageDeduplicationId=value))
    recorded("test_fifo_queue_send_message_with_delay_seconds_fails[sqs]").check_error("send_message", error(
        sqs.send_message, QueueUrl=url, MessageBody="m", MessageGroupId="g", MessageDeduplicationId="d", DelaySeconds=2))
    recorded("test_send_empty_message[sqs]").check_error(
        "send_empty_message", error(sqs.send_message, QueueUrl=queue(), MessageBody=""))


def test_permissions(sqs, queue, arn):
    url = queue()
    recording = recorded("test_sqs_permission_lifecycle[sqs]")
    accounts = ["668614515564", arn(url).split(":")[4]]

    def policy():
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
        if "Attributes" in answer:
            answer["Attributes"]["Policy"] = json.loads(answer["Attributes"]["Policy"])
        return answer

    label = "crossaccountpermission"
    recording.check("add-permission-response", sqs.add_permission(
        QueueUrl=url, Label=label, AWSAccountIds=accounts, Actions=["ReceiveMessage"]))
    recording.check("get-queue-policy-attribute", policy())
    recording.check("remove-permission-response", sqs.remove_permission(QueueUrl=url, Label=label))
    recording.check("get-queue-policy-attribute-after-removal", policy())
    sqs.add_permission(QueueUrl=url, Label=label, AWSAccountIds=accounts[1:], Actions=["ReceiveMessage"])
    recording.check("get-queue-policy-attribute-first-account-same-label", policy())
    recording.check_error("get-queue-policy-attribute-second-account-same-label", error(
        sqs.add_permission, QueueUrl=url, Label=label, AWSAccountIds=accounts[1:], Actions=["ReceiveMessage"]))
    second = f"{label}2"
    sqs.add_permission(QueueUrl=url, Label=second, AWSAccountIds=accounts[1:], Actions=["ReceiveMessage"])
    recording.check("get-queue-policy-attribute-second-account-different-label", policy())
    sqs.remove_permission(QueueUrl=url, Label=label)
    recording.check("get-queue-policy-attribute-delete-first-permission", policy())
    sqs.remove_permission(QueueUrl=url, Label=second)
    recording.check("get-queue-policy-attribute-delete-second-permission", policy())
    recording.check_error("get-queue-policy-attribute-delete-non-existent-label", error(
        sqs.remove_permission, QueueUrl=url, Label=second))


def test_a_queue_that_is_not_there(sqs):
    recording = recorded("test_non_existent_queue")
    recording.check_error("queue-does-not-exist", error(sqs.get_queue_url, QueueName="nobody"))
    url = f"{sqs.meta.endpoint_url}/000000000000/nobody"
    recording.check_error("queue-does-not-exist-url", error(
        sqs.get_queue_attributes, QueueUrl=url, AttributeNames=["QueueArn"]))


def test_purging_twice(sqs, queue):
    url = queue()
    sqs.purge_queue(QueueUrl=url)
    recorded("test_successive_purge_calls_fail[sqs]").check_error(
        "purge_queue_error", error(sqs.purge_queue, QueueUrl=url))


def test_receipt_handles_whose_time_is_over(sqs, queue, fifo, clock):
    url = fifo(ContentBasedDeduplication="true", VisibilityTimeout="1")
    sqs.send_message(QueueUrl=url, MessageBody="foobar", MessageGroupId="1")
    recording = recorded("test_fifo_delete_after_visibility_timeout[sqs]")
    answer = sqs.receive_message(QueueUrl=url)
    recording.check("received_sqs_message", answer)
    clock(2)
    handle = answer["Messages"][0]["ReceiptHandle"]
    recording.check_error("delete_after_timeout_fifo", error(sqs.delete_message, QueueUrl=url, ReceiptHandle=handle))
    url = queue(VisibilityTimeout="1")
    sqs.send_message(QueueUrl=url, MessageBody="foobar")
    handle = sqs.receive_message(QueueUrl=url)["Messages"][0]["ReceiptHandle"]
    clock(2)
    recorded("test_change_message_visibility_after_visibility_timeout_expiration[sqs]").check(
        "visibility_timeout_expired",
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=2))
    sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)
    recorded("test_delete_after_visibility_timeout[sqs]").check(
        "delete_after_timeout_queue_empty", sqs.receive_message(QueueUrl=url))


def test_dead_letters(sqs, queue, arn):
    dead = queue()
    redrive = {"deadLetterTargetArn": arn(dead), "maxReceiveCount": 1}
    url = queue(VisibilityTimeout="0", RedrivePolicy=redrive)
    sqs.send_message(QueueUrl=url, MessageBody="message-2")
    names = ["ApproximateFirstReceiveTimestamp", "ApproximateReceiveCount", "SentTimestamp", "DeadLetterQueueSourceArn"]
    sqs.receive_message(QueueUrl=url)
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    message = sqs.receive_message(QueueUrl=dead, AttributeNames=names)["Messages"][0]
    expected = recorded("test_dead_letter_queue_message_attributes").answers["dlq-messages"][1]["Attributes"]
    assert message["Attributes"].keys() == expected.keys()
    assert message["Attributes"]["ApproximateReceiveCount"] == expected["ApproximateReceiveCount"]


@pytest.fixture
def buried(sqs, queue, arn):
    """A dead-letter queue with some messages, and its source: their ARNs."""

    def bury(count):
        dead = queue()
        source = queue(VisibilityTimeout="0", RedrivePolicy={"deadLetterTargetArn": arn(dead), "maxReceiveCount": 1})
        for number in range(count):
            sqs.send_message(QueueUrl=source, MessageBody=str(number))
            sqs.receive_message(QueueUrl=source)
            assert "Messages" not in sqs.receive_message(QueueUrl=source)
        return arn(dead), arn(source)

    return bury


def test_a_move_task(sqs, queue, arn, buried, clock):
    dead, _ = buried(2)
    recording = recorded("test_basic_move_task_workflow", MOVE_TASKS)
    answer = sqs.start_message_move_task(SourceArn=dead, DestinationArn=arn(queue()))
    recording.check("start-message-move-task-response", answer)
    clock(1)
    recording.check("list-message-move-task-response", started_at_any_time(sqs.list_message_move_tasks(SourceArn=dead)))


def test_cancelling_a_move_task(sqs, queue, arn, buried, clock):
    dead, _ = buried(10)
    target = arn(queue())
    recording = recorded("test_move_task_cancel", MOVE_TASKS)
    handle = sqs.start_message_move_task(SourceArn=dead, DestinationArn=target, MaxNumberOfMessagesPerSecond=1)["TaskHandle"]
    clock(1)
    answer = started_at_any_time(sqs.list_message_move_tasks(SourceArn=dead))
    recording.check("list-while", answer)
    error_of_second = error(sqs.start_message_move_task, SourceArn=dead, DestinationArn=target)
    recorded("test_start_multiple_move_tasks", MOVE_TASKS).check_error("error", error_of_second)
    recording.check("cancel", sqs.cancel_message_move_task(TaskHandle=handle))
    assert sqs.list_message_move_tasks(SourceArn=dead)["Results"][0]["Status"] == "CANCELLED"


def test_move_tasks_that_cannot_be(sqs, queue, arn, buried):
    recorded("test_source_needs_redrive_policy", MOVE_TASKS).check_error(
        "error", error(sqs.start_message_move_task, SourceArn=arn(queue()), DestinationArn=arn(queue())))
    dead, _ = buried(0)
    recorded("test_destination_needs_to_exist", MOVE_TASKS).check_error(
        "error", error(sqs.start_message_move_task, SourceArn=dead, DestinationArn=f"{dead}-not"))
    recorded("test_cancel_with_invalid_task_handle", MOVE_TASKS).check_error(
        "error", error(sqs.cancel_message_move_task, TaskHandle="foobar"))


def started_at_any_time(answer):
    """The recording has a word where the answer has a number."""
    for entry in answer["Results"]:
        assert entry["StartedTimestamp"] > 1_600_000_000_000
        entry["StartedTimestamp"] = str(entry["StartedTimestamp"])
    return answer
