"""S3 Metadata: who may configure it, who reads and writes its tables, under which keys they are. What is in the tables is
in s3tables/test_metadata_tables.py."""

import json

import pytest
from botocore.exceptions import ClientError

from subject import REGION

ACCOUNT = "000000000000"
MANAGED = f"arn:aws:s3tables:{REGION}:{ACCOUNT}:bucket/aws-s3"
JOURNAL = {"JournalTableConfiguration": {"RecordExpiration": {"Expiration": "ENABLED", "Days": 7}}}
TABLE_ACTIONS = ["s3tables:CreateTableBucket", "s3tables:CreateNamespace", "s3tables:CreateTable", "s3tables:GetTable",
                 "s3tables:PutTablePolicy"]


def refusal(call, **parameters):
    """Status and code of the error that a call answers with."""
    with pytest.raises(ClientError) as error:
        call(**parameters)
    response = error.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]


@pytest.fixture
def bucket(client):
    client("s3").create_bucket(Bucket="followed.by-tables")
    return "followed.by-tables"


@pytest.fixture
def journal(bucket):
    """Where the journal is: periods of the bucket's name are underscores in that of its namespace."""
    return {"tableBucketARN": MANAGED, "namespace": "b_followed_by-tables", "name": "journal"}


@pytest.fixture
def user(client):
    """Makes clients of a user and says what that user may."""
    iam = client("iam")
    iam.create_user(UserName="somebody")
    key = iam.create_access_key(UserName="somebody")["AccessKey"]

    class User:
        def client(self, service):
            return client(
                service, aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])

        def may(self, actions, resource="*"):
            statement = {"Effect": "Allow", "Action": actions, "Resource": resource}
            document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
            iam.put_user_policy(UserName="somebody", PolicyName="p", PolicyDocument=document)

    return User()


def test_who_may_configure_it(bucket, user):
    s3 = user.client("s3")
    create = {"Bucket": bucket, "MetadataConfiguration": JOURNAL}
    own = "s3:CreateBucketMetadataTableConfiguration"
    for missing in TABLE_ACTIONS:
        user.may([own, *[action for action in TABLE_ACTIONS if action != missing]])
        assert refusal(s3.create_bucket_metadata_configuration, **create) == (403, "AccessDenied"), missing
    user.may(TABLE_ACTIONS)
    assert refusal(s3.create_bucket_metadata_configuration, **create) == (403, "AccessDenied")
    user.may([own, *TABLE_ACTIONS])
    s3.create_bucket_metadata_configuration(**create)
    assert refusal(s3.get_bucket_metadata_configuration, Bucket=bucket) == (403, "AccessDenied")
    user.may("s3:GetBucketMetadataTableConfiguration", f"arn:aws:s3:::{bucket}")
    s3.get_bucket_metadata_configuration(Bucket=bucket)
    update = {"Bucket": bucket, "JournalTableConfiguration": {"RecordExpiration": {"Expiration": "DISABLED"}}}
    assert refusal(s3.update_bucket_metadata_journal_table_configuration, **update) == (403, "AccessDenied")
    user.may("s3:UpdateBucketMetadataJournalTableConfiguration", f"arn:aws:s3:::{bucket}")
    s3.update_bucket_metadata_journal_table_configuration(**update)
    assert refusal(s3.delete_bucket_metadata_configuration, Bucket=bucket) == (403, "AccessDenied")
    user.may("s3:DeleteBucketMetadataTableConfiguration", f"arn:aws:s3:::{bucket}")
    s3.delete_bucket_metadata_configuration(Bucket=bucket)


def test_nobody_but_s3_writes_its_tables(client, clock, bucket, journal, user):
    s3, s3tables = client("s3"), client("s3tables")
    s3.create_bucket_metadata_configuration(Bucket=bucket, MetadataConfiguration=JOURNAL)
    clock(1)
    assert s3tables.get_table_bucket(tableBucketARN=MANAGED)["type"] == "aws"
    listed = s3tables.list_table_buckets(type="aws")["tableBuckets"]
    assert [found["arn"] for found in listed] == [MANAGED]
    assert s3tables.list_table_buckets(type="customer")["tableBuckets"] == []
    found = s3tables.get_table_metadata_location(**journal)
    warehouse, key = found["metadataLocation"].removeprefix("s3://").split("/", 1)
    assert refusal(s3.put_object, Bucket=warehouse, Key=key, Body=b"") == (403, "AccessDenied")
    forbidden = (403, "ForbiddenException")
    assert refusal(
        s3tables.update_table_metadata_location, versionToken=found["versionToken"],
        metadataLocation=found["metadataLocation"], **journal) == forbidden
    assert refusal(s3tables.rename_table, newName="mine", **journal) == forbidden
    assert refusal(s3tables.create_table, format="ICEBERG", **{**journal, "name": "mine"}) == forbidden
    assert refusal(s3tables.create_namespace, tableBucketARN=MANAGED, namespace=["mine"]) == forbidden
    # Users read what they may read.
    theirs = user.client("s3")
    assert refusal(theirs.get_object, Bucket=warehouse, Key=key) == (403, "AccessDenied")
    user.may("s3tables:GetTableData", f"{MANAGED}/table/*")
    assert json.load(theirs.get_object(Bucket=warehouse, Key=key)["Body"])["location"] == f"s3://{warehouse}"
    # The tables are the customer's to delete, and the rest with them.
    s3.delete_bucket_metadata_configuration(Bucket=bucket)
    s3tables.delete_table(**journal)
    s3tables.delete_namespace(tableBucketARN=MANAGED, namespace=journal["namespace"])
    s3tables.delete_table_bucket(tableBucketARN=MANAGED)
    clock(1)
    assert refusal(s3.get_object, Bucket=warehouse, Key=key) == (404, "NoSuchBucket")


def let_in(kms, key_arn, *principals):
    """Lets services use a key, as S3's guide wants it."""
    use = {"Effect": "Allow", "Principal": {"Service": list(principals)},
           "Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": "*"}
    own = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
    kms.put_key_policy(KeyId=key_arn, Policy=json.dumps({"Version": "2012-10-17", "Statement": [own, use]}))


def test_tables_under_a_key_that_does_not_let_s3(client, clock, bucket):
    s3 = client("s3")
    encryption = {"SseAlgorithm": "aws:kms", "KmsKeyArn": client("kms").create_key()["KeyMetadata"]["Arn"]}
    s3.create_bucket_metadata_configuration(Bucket=bucket, MetadataConfiguration={
        "JournalTableConfiguration": {
            "RecordExpiration": {"Expiration": "DISABLED"}, "EncryptionConfiguration": encryption}})
    clock(60)
    result = s3.get_bucket_metadata_configuration(Bucket=bucket)["GetBucketMetadataConfigurationResult"]
    journal = result["MetadataConfigurationResult"]["JournalTableConfigurationResult"]
    assert (journal["TableStatus"], journal["Error"]["ErrorCode"]) == ("FAILED", "AccessDeniedWritingToTable")


def test_tables_under_a_key_of_the_customer(client, clock, bucket, journal):
    s3, s3tables = client("s3"), client("s3tables")
    key_arn = client("kms").create_key()["KeyMetadata"]["Arn"]
    let_in(client("kms"), key_arn, "metadata.s3.amazonaws.com", "maintenance.s3tables.amazonaws.com")
    encryption = {"SseAlgorithm": "aws:kms", "KmsKeyArn": key_arn}
    expiration = {"Expiration": "DISABLED"}
    for wrong in [{"SseAlgorithm": "aws:kms"}, {"SseAlgorithm": "none"}]:
        assert refusal(s3.create_bucket_metadata_configuration, Bucket=bucket, MetadataConfiguration={
            "JournalTableConfiguration": {"RecordExpiration": expiration, "EncryptionConfiguration": wrong},
        })[0] == 400
    s3.create_bucket_metadata_configuration(Bucket=bucket, MetadataConfiguration={
        "JournalTableConfiguration": {"RecordExpiration": expiration, "EncryptionConfiguration": encryption},
    })
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    clock(3600)
    configured = s3tables.get_table_encryption(**journal)["encryptionConfiguration"]
    assert configured == {"sseAlgorithm": "aws:kms", "kmsKeyArn": key_arn}
    warehouse, key = s3tables.get_table_metadata_location(**journal)["metadataLocation"].removeprefix("s3://").split("/", 1)
    read = s3.get_object(Bucket=warehouse, Key=key)
    assert (read["ServerSideEncryption"], read["SSEKMSKeyId"]) == ("aws:kms", key_arn)
    assert len(json.load(read["Body"])["snapshots"]) == 1


def test_the_command_line(aws, client, unique_name):
    bucket = unique_name("followed")
    aws("s3api", "create-bucket", "--bucket", bucket)
    aws("s3api", "create-bucket-metadata-configuration", "--bucket", bucket,
        "--metadata-configuration", json.dumps(JOURNAL))
    answer = aws("s3api", "get-bucket-metadata-configuration", "--bucket", bucket)
    result = answer["GetBucketMetadataConfigurationResult"]["MetadataConfigurationResult"]
    assert result["DestinationResult"]["TableNamespace"] == f"b_{bucket}"
    assert result["JournalTableConfigurationResult"]["RecordExpiration"] == {"Expiration": "ENABLED", "Days": 7}
    aws("s3api", "delete-bucket-metadata-configuration", "--bucket", bucket)
    aws("s3api", "delete-bucket", "--bucket", bucket)
