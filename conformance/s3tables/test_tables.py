"""Tables with boto3: what they are, their warehouses, policies, encryption; and with pyiceberg, which reads and writes them."""

import json

import pyarrow
import pytest
from botocore.exceptions import ClientError

from iceberg import S3TablesCatalog
from s3_buckets import client_of
from subject import REGION

SCHEMA = {"iceberg": {"schema": {"fields": [
    {"name": "id", "type": "long", "required": True}, {"name": "city", "type": "string"},
]}}}


def refusal(call, **parameters):
    """Status, code and text of the error that a call answers with."""
    with pytest.raises(ClientError) as error:
        call(**parameters)
    response = error.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]["Message"]


@pytest.fixture
def at(s3tables, table_bucket):
    """Where the table `orders` is, as parameters."""
    s3tables.create_namespace(tableBucketARN=table_bucket, namespace=["sales"])
    return {"tableBucketARN": table_bucket, "namespace": "sales", "name": "orders"}


def test_a_table_without_a_schema(s3tables, table_bucket, at):
    made = s3tables.create_table(format="ICEBERG", **at)
    assert made["tableARN"].startswith(f"{table_bucket}/table/")
    shown = s3tables.get_table(**at)
    assert (shown["name"], shown["type"], shown["namespace"], shown["format"]) == (
        "orders", "customer", ["sales"], "ICEBERG")
    assert shown["warehouseLocation"].startswith("s3://") and shown["warehouseLocation"].endswith("--table-s3")
    assert len(shown["warehouseLocation"]) == len("s3://") + 63
    assert "metadataLocation" not in shown and "managedByService" not in shown
    assert (shown["versionToken"], shown["ownerAccountId"]) == (made["versionToken"], "000000000000")
    assert s3tables.get_table(tableArn=made["tableARN"])["name"] == "orders"
    location = s3tables.get_table_metadata_location(**at)
    assert location["warehouseLocation"] == shown["warehouseLocation"] and "metadataLocation" not in location
    assert refusal(s3tables.create_table, format="ICEBERG", **at) == (
        409, "ConflictException", "A table with an identical name already exists in the namespace.")
    assert refusal(s3tables.delete_namespace, tableBucketARN=table_bucket, namespace="sales")[:2] == (
        409, "ConflictException")


def test_what_tables_can_not_be(s3tables, at):
    for parameters in [
        {**at, "name": "Orders"}, {**at, "name": "_orders"},
        {**at, "metadata": {"iceberg": {"schema": {"fields": [{"name": "id", "type": "number"}]}}}},
        {**at, "encryptionConfiguration": {"sseAlgorithm": "aws:kms"}},
    ]:
        assert refusal(s3tables.create_table, format="ICEBERG", **parameters)[:2] == (400, "BadRequestException")
    assert refusal(s3tables.create_table, format="ICEBERG", **{**at, "namespace": "other"})[:2] == (
        404, "NotFoundException")
    assert refusal(s3tables.get_table, **at) == (404, "NotFoundException", "The specified table does not exist.")
    assert s3tables.list_tables(tableBucketARN=at["tableBucketARN"])["tables"] == []


def test_the_first_metadata(s3tables, client, at):
    s3tables.create_table(format="ICEBERG", metadata=SCHEMA, **at)
    location = s3tables.get_table_metadata_location(**at)
    bucket, key = location["metadataLocation"].removeprefix("s3://").split("/", 1)
    assert key.startswith("metadata/00000-") and key.endswith(".metadata.json")
    metadata = json.load(client("s3").get_object(Bucket=bucket, Key=key)["Body"])
    assert metadata["location"] == location["warehouseLocation"]
    assert metadata["schemas"][0]["fields"] == [
        {"id": 1, "name": "id", "required": True, "type": "long"},
        {"id": 2, "name": "city", "required": False, "type": "string"},
    ]


def test_the_metadata_moves_when_nobody_else_has_moved_it(s3tables, at):
    token = s3tables.create_table(format="ICEBERG", **at)["versionToken"]
    warehouse = s3tables.get_table(**at)["warehouseLocation"]
    for wrong in ["s3://other/metadata/1.metadata.json", f"{warehouse}/metadata/1.json", f"{warehouse}x/1.metadata.json"]:
        assert refusal(s3tables.update_table_metadata_location, versionToken=token, metadataLocation=wrong, **at) == (
            400, "BadRequestException", "The specified metadata location is not valid.")
    location = f"{warehouse}/metadata/1.metadata.json"
    moved = s3tables.update_table_metadata_location(versionToken=token, metadataLocation=location, **at)
    assert moved["metadataLocation"] == location and moved["versionToken"] != token
    assert refusal(s3tables.update_table_metadata_location, versionToken=token, metadataLocation=location, **at) == (
        409, "ConflictException", "Provided version token does not match the table version token.")


def test_tables_are_listed_renamed_and_deleted(s3tables, client, table_bucket, at):
    s3tables.create_namespace(tableBucketARN=table_bucket, namespace=["stock"])
    for namespace, name in [("stock", "items"), ("sales", "orders"), ("sales", "offers")]:
        s3tables.create_table(tableBucketARN=table_bucket, namespace=namespace, name=name, format="ICEBERG")

    def listed(**parameters):
        pages = s3tables.get_paginator("list_tables").paginate(
            tableBucketARN=table_bucket, PaginationConfig={"PageSize": 1}, **parameters)
        return [(table["namespace"][0], table["name"]) for page in pages for table in page["tables"]]

    assert listed() == [("sales", "offers"), ("sales", "orders"), ("stock", "items")]
    assert listed(namespace="sales") == [("sales", "offers"), ("sales", "orders")]
    assert listed(prefix="o") == [("sales", "offers"), ("sales", "orders")]
    shown = s3tables.get_table(**at)
    s3tables.rename_table(newName="goods", newNamespaceName="stock", **at)
    renamed = s3tables.get_table(tableArn=shown["tableARN"])
    assert (renamed["namespace"], renamed["name"], renamed["warehouseLocation"]) == (
        ["stock"], "goods", shown["warehouseLocation"])
    assert refusal(s3tables.rename_table, **{**at, "name": "offers"})[:2] == (400, "BadRequestException")
    assert refusal(s3tables.rename_table, newName="goods", newNamespaceName="stock", **{**at, "name": "offers"})[:2] == (
        409, "ConflictException")
    gone = {"tableBucketARN": table_bucket, "namespace": "stock", "name": "goods"}
    assert refusal(s3tables.delete_table, versionToken=shown["versionToken"], **gone)[:2] == (409, "ConflictException")
    warehouse = shown["warehouseLocation"].removeprefix("s3://")
    client("s3").put_object(Bucket=warehouse, Key="data/1", Body=b"1")
    s3tables.delete_table(versionToken=renamed["versionToken"], **gone)
    assert refusal(s3tables.get_table, tableArn=shown["tableARN"])[:2] == (404, "NotFoundException")


def test_a_warehouse_goes_with_its_table(s3tables, client, clock, at):
    s3tables.create_table(format="ICEBERG", metadata=SCHEMA, **at)
    warehouse = s3tables.get_table(**at)["warehouseLocation"].removeprefix("s3://")
    clock(3600)
    client("s3").put_object(Bucket=warehouse, Key="data/1", Body=b"1")
    s3tables.delete_table(**at)
    clock(1)
    assert refusal(client("s3").get_object, Bucket=warehouse, Key="data/1")[:2] == (404, "NoSuchBucket")


def test_a_warehouse_has_objects_and_nothing_else(s3tables, client, endpoint, at):
    s3tables.create_table(format="ICEBERG", **at)
    warehouse = s3tables.get_table(**at)["warehouseLocation"].removeprefix("s3://")
    s3 = client("s3")
    assert warehouse not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    s3.put_object(Bucket=warehouse, Key="data/1", Body=b"one")
    assert s3.get_object(Bucket=warehouse, Key="data/1")["Body"].read() == b"one"
    assert s3.head_object(Bucket=warehouse, Key="data/1")["ContentLength"] == 3
    assert refusal(s3.get_object, Bucket=warehouse, Key="data/2")[:2] == (404, "NoSuchKey")
    upload = {"Bucket": warehouse, "Key": "data/2"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    part = s3.upload_part(PartNumber=1, Body=b"two", **upload)
    assert len(s3.list_parts(**upload)["Parts"]) == 1
    s3.complete_multipart_upload(MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}, **upload)
    for call, parameters in [
        (s3.delete_object, {"Key": "data/1"}), (s3.list_objects_v2, {}), (s3.delete_bucket, {}), (s3.get_bucket_acl, {}),
        (s3.copy_object, {"Key": "data/3", "CopySource": f"{warehouse}/data/1"}),
    ]:
        assert refusal(call, Bucket=warehouse, **parameters)[:2] == (405, "MethodNotAllowed")
    s3.create_bucket(Bucket="ordinary")
    assert refusal(s3.copy_object, Bucket="ordinary", Key="1", CopySource=f"{warehouse}/data/1")[:2] == (
        405, "MethodNotAllowed")
    assert refusal(client_of(endpoint, "000000000000", "s3control").create_access_point, AccountId="000000000000", Name="point", Bucket=warehouse)[:2] == (
        400, "InvalidRequest")
    assert refusal(s3.create_bucket, Bucket=f"mine{warehouse[4:]}")[0] in (400, 405)


def test_permissions_on_the_data(s3tables, client, at):
    """Who has `s3tables:GetTableData` on the table reads its objects, and does not write them."""
    arn = s3tables.create_table(format="ICEBERG", **at)["tableARN"]
    warehouse = s3tables.get_table(**at)["warehouseLocation"].removeprefix("s3://")
    client("s3").put_object(Bucket=warehouse, Key="data/1", Body=b"one")
    iam = client("iam")
    iam.create_user(UserName="reader")
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    theirs = client("s3", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    assert refusal(theirs.get_object, Bucket=warehouse, Key="data/1")[:2] == (403, "AccessDenied")

    def allow(action, resource):
        statement = {"Effect": "Allow", "Action": action, "Resource": resource}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName="reader", PolicyName="p", PolicyDocument=document)

    allow("s3:*", "*")
    assert refusal(theirs.get_object, Bucket=warehouse, Key="data/1")[:2] == (403, "AccessDenied")
    allow("s3tables:GetTableData", arn)
    assert theirs.get_object(Bucket=warehouse, Key="data/1")["Body"].read() == b"one"
    assert refusal(theirs.put_object, Bucket=warehouse, Key="data/1", Body=b"two")[:2] == (403, "AccessDenied")
    # The names of the table are conditions, also where its objects are read.
    named = {"Effect": "Allow", "Action": "s3tables:GetTableData", "Resource": "*", "Condition": {
        "StringEquals": {"s3tables:namespace": "sales", "s3tables:tableName": "goods"}}}
    iam.put_user_policy(UserName="reader", PolicyName="p", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [named]}))
    assert refusal(theirs.get_object, Bucket=warehouse, Key="data/1")[:2] == (403, "AccessDenied")
    s3tables.rename_table(newName="goods", **at)
    assert theirs.get_object(Bucket=warehouse, Key="data/1")["Body"].read() == b"one"
    s3tables.rename_table(newName="orders", **{**at, "name": "goods"})
    allow("s3tables:GetTableData", arn)
    # What the policy of the table or of its table bucket denies, no other policy allows.
    statement = {"Effect": "Deny", "Principal": {"AWS": iam.get_user(UserName="reader")["User"]["Arn"]},
                 "Action": "s3tables:GetTableData", "Resource": f"{at['tableBucketARN']}/table/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    s3tables.put_table_bucket_policy(tableBucketARN=at["tableBucketARN"], resourcePolicy=policy)
    assert refusal(theirs.get_object, Bucket=warehouse, Key="data/1")[:2] == (403, "AccessDenied")
    s3tables.delete_table_bucket_policy(tableBucketARN=at["tableBucketARN"])
    assert theirs.get_object(Bucket=warehouse, Key="data/1")["Body"].read() == b"one"
    assert refusal(s3tables.get_table_policy, **at)[:2] == (404, "NotFoundException")
    s3tables.put_table_policy(resourcePolicy=policy.replace("/table/*", f"/table/{arn.rsplit('/', 1)[1]}"), **at)
    assert refusal(theirs.get_object, Bucket=warehouse, Key="data/1")[:2] == (403, "AccessDenied")
    assert "Deny" in s3tables.get_table_policy(**at)["resourcePolicy"]
    s3tables.delete_table_policy(**at)
    assert theirs.get_object(Bucket=warehouse, Key="data/1")["Body"].read() == b"one"


def test_reports_need_permission_to_write(s3tables, client, clock, endpoint, at):
    """What S3 delivers for a bucket is not S3's own: a table takes it only with permission."""
    s3tables.create_table(format="ICEBERG", **at)
    warehouse = s3tables.get_table(**at)["warehouseLocation"].removeprefix("s3://")
    s3 = client("s3")
    s3.create_bucket(Bucket="ordinary")
    s3.put_bucket_inventory_configuration(Bucket="ordinary", Id="all", InventoryConfiguration={
        "Id": "all", "IsEnabled": True, "IncludedObjectVersions": "All", "Schedule": {"Frequency": "Daily"},
        "Destination": {"S3BucketDestination": {
            "Bucket": f"arn:aws:s3:::{warehouse}", "Format": "CSV", "Prefix": "p"}},
    })
    clock(3 * 86_400)
    calls = endpoint.admin("GET", "requests")["requests"]
    puts = [call["status"] for call in calls if call["operation"] == "PutObject"]
    assert puts and set(puts) == {403}


def test_encryption(s3tables, client, table_bucket, at):
    assert refusal(s3tables.get_table_bucket_encryption, tableBucketARN=table_bucket)[:2] == (404, "NotFoundException")
    key = client("kms").create_key()["KeyMetadata"]["Arn"]
    by_default = {"sseAlgorithm": "aws:kms", "kmsKeyArn": key}
    s3tables.put_table_bucket_encryption(tableBucketARN=table_bucket, encryptionConfiguration=by_default)
    assert s3tables.get_table_bucket_encryption(tableBucketARN=table_bucket)["encryptionConfiguration"] == by_default
    s3tables.create_table(format="ICEBERG", **at)
    assert s3tables.get_table_encryption(**at)["encryptionConfiguration"] == by_default
    warehouse = s3tables.get_table(**at)["warehouseLocation"].removeprefix("s3://")
    put = client("s3").put_object(Bucket=warehouse, Key="data/1", Body=b"one")
    assert (put["ServerSideEncryption"], put["SSEKMSKeyId"]) == ("aws:kms", key)
    s3tables.delete_table_bucket_encryption(tableBucketARN=table_bucket)
    keyed = {**at, "name": "keyed"}
    s3tables.create_table(format="ICEBERG", metadata=SCHEMA, encryptionConfiguration=by_default, **keyed)
    warehouse, path = s3tables.get_table(**keyed)["metadataLocation"].removeprefix("s3://").split("/", 1)
    assert client("s3").head_object(Bucket=warehouse, Key=path)["SSEKMSKeyId"] == key
    other = {**at, "name": "plain"}
    s3tables.create_table(format="ICEBERG", **other)
    assert s3tables.get_table_encryption(**other)["encryptionConfiguration"] == {"sseAlgorithm": "AES256"}


def test_tags_of_a_table(s3tables, at):
    arn = s3tables.create_table(format="ICEBERG", tags={"team": "a"}, **at)["tableARN"]
    s3tables.tag_resource(resourceArn=arn, tags={"stage": "b"})
    s3tables.untag_resource(resourceArn=arn, tagKeys=["team"])
    assert s3tables.list_tags_for_resource(resourceArn=arn)["tags"] == {"stage": "b"}


def test_pyiceberg_reads_and_writes(shared_endpoint, unique_name):
    """pyiceberg's own way to a table of S3 Tables: files through S3, commits through `UpdateTableMetadataLocation`."""
    s3tables = shared_endpoint.client("s3tables")
    arn = s3tables.create_table_bucket(name=unique_name("lake").lower())["arn"]
    s3tables.create_namespace(tableBucketARN=arn, namespace=["sales"])
    at = {"tableBucketARN": arn, "namespace": "sales", "name": "orders"}
    s3tables.create_table(format="ICEBERG", metadata=SCHEMA, **at)
    catalog = S3TablesCatalog(s3tables, arn, shared_endpoint.url, REGION)
    schema = pyarrow.schema([pyarrow.field("id", pyarrow.int64(), nullable=False), pyarrow.field("city", pyarrow.string())])
    for rows in [[{"id": 1, "city": "Rome"}, {"id": 2, "city": None}], [{"id": 3, "city": "Paris"}]]:
        catalog.load_table(("sales", "orders")).append(pyarrow.Table.from_pylist(rows, schema=schema))
    read = catalog.load_table(("sales", "orders")).scan().to_arrow().sort_by("id").to_pylist()
    assert read == [{"id": 1, "city": "Rome"}, {"id": 2, "city": None}, {"id": 3, "city": "Paris"}]
    s3tables.delete_table(**at)
    s3tables.delete_namespace(tableBucketARN=arn, namespace="sales")
    s3tables.delete_table_bucket(tableBucketARN=arn)
