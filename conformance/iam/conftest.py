"""What the tests of IAM share."""

import json

import pytest

# A policy.
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}


@pytest.fixture
def iam(client):
    """A boto3 client of IAM."""
    return client("iam")


@pytest.fixture
def trust():
    """Trust policies as text: `trust("ec2.amazonaws.com")`."""

    def of(service):
        statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    return of


@pytest.fixture
def allow():
    """A policy that allows everything of SQS, as text."""
    return json.dumps(ALLOW)
