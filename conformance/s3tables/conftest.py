"""What the tests of S3 Tables share."""

import pytest


@pytest.fixture
def s3tables(client):
    """A boto3 client of S3 Tables."""
    return client("s3tables")


@pytest.fixture
def table_bucket(s3tables):
    """The ARN of a table bucket."""
    return s3tables.create_table_bucket(name="lake")["arn"]
