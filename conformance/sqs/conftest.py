"""What the tests of Amazon SQS share."""

import json
import uuid

import pytest


@pytest.fixture
def queue(sqs):
    """Makes queues: `queue(VisibilityTimeout=5)`; their URL."""

    def create(name=None, **attributes):
        name = name or f"queue-{uuid.uuid4().hex[:8]}"
        attributes = {key: value if isinstance(value, str) else json.dumps(value) for key, value in attributes.items()}
        return sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]

    return create


@pytest.fixture
def fifo(queue):
    """Makes FIFO queues."""

    def create(**attributes):
        return queue(f"queue-{uuid.uuid4().hex[:8]}.fifo", FifoQueue="true", **attributes)

    return create


@pytest.fixture
def arn(sqs):
    """The ARN of a queue by its URL."""

    def of(url):
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return answer["Attributes"]["QueueArn"]

    return of
