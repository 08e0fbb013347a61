"""Table buckets, namespaces, policies and tags with boto3 and the AWS CLI."""

import json

import pytest
from botocore.exceptions import ClientError

ARN = "arn:aws:s3tables:us-east-1:000000000000:bucket/lake"


def refusal(call, **parameters):
    """Status, code and text of the error that a call answers with."""
    with pytest.raises(ClientError) as error:
        call(**parameters)
    response = error.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]["Message"]


def test_a_table_bucket(s3tables, table_bucket):
    assert table_bucket == ARN
    shown = s3tables.get_table_bucket(tableBucketARN=ARN)
    assert (shown["name"], shown["ownerAccountId"], shown["type"]) == ("lake", "000000000000", "customer")
    listed = s3tables.list_table_buckets()["tableBuckets"]
    assert [(bucket["arn"], bucket["tableBucketId"]) for bucket in listed] == [(ARN, shown["tableBucketId"])]
    assert refusal(s3tables.create_table_bucket, name="lake") == (
        409, "ConflictException", "The bucket that you tried to create already exists, and you own it.",
    )
    answer = s3tables.delete_table_bucket(tableBucketARN=ARN)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert refusal(s3tables.get_table_bucket, tableBucketARN=ARN) == (
        404, "NotFoundException", "The specified bucket does not exist.",
    )


@pytest.mark.parametrize("name", ["Lake", "aws-s3", "lake--table-s3", "la_ke"])
def test_names_that_are_refused(s3tables, name):
    assert refusal(s3tables.create_table_bucket, name=name)[:2] == (400, "BadRequestException")


def test_namespaces_by_pages(s3tables, table_bucket):
    for name in ["sales", "stock_2", "stock_1"]:
        made = s3tables.create_namespace(tableBucketARN=ARN, namespace=[name])
        assert (made["tableBucketARN"], made["namespace"]) == (ARN, [name])
    pages = s3tables.get_paginator("list_namespaces").paginate(tableBucketARN=ARN, PaginationConfig={"PageSize": 1})
    assert [page["namespaces"][0]["namespace"] for page in pages] == [["sales"], ["stock_1"], ["stock_2"]]
    of_prefix = s3tables.list_namespaces(tableBucketARN=ARN, prefix="stock")["namespaces"]
    assert [namespace["namespace"] for namespace in of_prefix] == [["stock_1"], ["stock_2"]]
    shown = s3tables.get_namespace(tableBucketARN=ARN, namespace="sales")
    assert (shown["namespace"], shown["createdBy"], shown["ownerAccountId"]) == (
        ["sales"], "000000000000", "000000000000",
    )
    assert refusal(s3tables.delete_table_bucket, tableBucketARN=ARN)[:2] == (409, "ConflictException")
    s3tables.delete_namespace(tableBucketARN=ARN, namespace="sales")
    assert refusal(s3tables.get_namespace, tableBucketARN=ARN, namespace="sales") == (
        404, "NotFoundException", "The specified namespace does not exist.",
    )


def test_a_policy(s3tables, table_bucket):
    assert refusal(s3tables.get_table_bucket_policy, tableBucketARN=ARN)[:2] == (404, "NotFoundException")
    statement = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3tables:*", "Resource": ARN}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    s3tables.put_table_bucket_policy(tableBucketARN=ARN, resourcePolicy=policy)
    assert s3tables.get_table_bucket_policy(tableBucketARN=ARN)["resourcePolicy"] == policy
    statement["Principal"] = "*"
    public = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    assert refusal(s3tables.put_table_bucket_policy, tableBucketARN=ARN, resourcePolicy=public)[0] == 403
    s3tables.delete_table_bucket_policy(tableBucketARN=ARN)
    assert refusal(s3tables.get_table_bucket_policy, tableBucketARN=ARN)[0] == 404


def test_tags(s3tables):
    arn = s3tables.create_table_bucket(name="lake", tags={"team": "a", "stage": "b"})["arn"]
    s3tables.tag_resource(resourceArn=arn, tags={"team": "c"})
    s3tables.untag_resource(resourceArn=arn, tagKeys=["stage"])
    assert s3tables.list_tags_for_resource(resourceArn=arn)["tags"] == {"team": "c"}


def test_the_command_line(aws, unique_name):
    name = unique_name("lake").lower()
    arn = aws("s3tables", "create-table-bucket", "--name", name)["arn"]
    aws("s3tables", "create-namespace", "--table-bucket-arn", arn, "--namespace", "sales")
    listed = aws("s3tables", "list-namespaces", "--table-bucket-arn", arn)["namespaces"]
    assert [namespace["namespace"] for namespace in listed] == [["sales"]]
    aws("s3tables", "delete-namespace", "--table-bucket-arn", arn, "--namespace", "sales")
    aws("s3tables", "delete-table-bucket", "--table-bucket-arn", arn)
