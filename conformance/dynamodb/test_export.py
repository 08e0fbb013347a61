"""Exports of tables to Amazon S3."""

import gzip
import json

import pytest
from botocore.exceptions import ClientError


@pytest.mark.parametrize("form", ["DYNAMODB_JSON", "ION"])
def test_an_export_is_the_table_at_a_moment(dynamodb, client, table, unique_name, form):
    s3, bucket = client("s3"), unique_name("exports")
    s3.create_bucket(Bucket=bucket)
    name = table("a:S")
    arn = dynamodb.describe_table(TableName=name)["Table"]["TableArn"]
    request = {"TableArn": arn, "S3Bucket": bucket, "S3Prefix": "some/where", "ExportFormat": form, "ClientToken": "once"}
    with pytest.raises(ClientError) as raised:
        dynamodb.export_table_to_point_in_time(**request)
    assert raised.value.response["Error"]["Code"] == "PointInTimeRecoveryUnavailableException"
    dynamodb.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    for number in range(450):
        dynamodb.put_item(TableName=name, Item={"a": {"S": str(number)}, "n": {"N": str(number / 2)}, "b": {"B": b"\x00\x01"}})
    started = dynamodb.export_table_to_point_in_time(**request)["ExportDescription"]
    assert started["ExportStatus"] == "IN_PROGRESS"
    shown = dynamodb.describe_export(ExportArn=started["ExportArn"])["ExportDescription"]
    assert (shown["ExportStatus"], shown["ItemCount"], shown["ExportFormat"]) == ("COMPLETED", 450, form)
    # The same token is the same export.
    again = dynamodb.export_table_to_point_in_time(**request)["ExportDescription"]
    assert again["ExportArn"] == started["ExportArn"]
    assert [summary["ExportArn"] for summary in dynamodb.list_exports(TableArn=arn)["ExportSummaries"]] == [started["ExportArn"]]

    def read(key):
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    summary = json.loads(read(shown["ExportManifest"]))
    assert (summary["itemCount"], summary["tableArn"], summary["outputFormat"]) == (450, arn, form)
    files = [json.loads(line) for line in read(summary["manifestFilesS3Key"]).splitlines()]
    assert sum(file["itemCount"] for file in files) == 450
    lines = [line for file in files for line in gzip.decompress(read(file["dataFileS3Key"])).decode().splitlines()]
    assert len(lines) == 450
    if form == "DYNAMODB_JSON":
        items = {item["Item"]["a"]["S"]: item["Item"] for item in map(json.loads, lines)}
        assert items["7"] == {"a": {"S": "7"}, "n": {"N": "3.5"}, "b": {"B": "AAE="}}
    else:
        assert all(line.startswith("$ion_1_0 {") for line in lines)


def zstd_frame(data):
    """A frame of Zstandard with one raw block: compressed by nobody, but in the format."""
    return b"\x28\xb5\x2f\xfd\x20" + bytes([len(data)]) + (len(data) << 3 | 1).to_bytes(3, "little") + data


def test_what_s3_refuses_ends_the_export(dynamodb, table):
    name = table("a:S")
    arn = dynamodb.describe_table(TableName=name)["Table"]["TableArn"]
    dynamodb.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    started = dynamodb.export_table_to_point_in_time(TableArn=arn, S3Bucket="nobody-has-this-bucket")
    shown = dynamodb.describe_export(ExportArn=started["ExportDescription"]["ExportArn"])["ExportDescription"]
    assert (shown["ExportStatus"], shown["FailureCode"]) == ("FAILED", "NoSuchBucket")


@pytest.mark.parametrize(
    ("form", "compressed", "text"),
    [
        ("DYNAMODB_JSON", True, '{"Item": {"a": {"S": "1"}, "n": {"N": "1"}}}\n{"Item": {"a": {"N": "1"}}}\n{"Item": {"a": {"S": "2"}}}\n'),
        ("CSV", False, "a,n\n1,1\n2,\n,3\n"),
        ("CSV", "ZSTD", "a,n\n1,1\n2,\n,3\n"),
        ("ION", False, '$ion_1_0 {Item:{a:"1",n:1.}}\n$ion_1_0 {Item:{a:"2"}}\n$ion_1_0 {Item:{n:2.}}\n'),
    ],
)
def test_files_become_a_table(dynamodb, client, unique_name, form, compressed, text):
    s3, bucket, name = client("s3"), unique_name("imports"), unique_name("imported")
    s3.create_bucket(Bucket=bucket)
    compression = {True: "GZIP", False: "NONE"}.get(compressed, compressed)
    body = {"GZIP": gzip.compress, "ZSTD": zstd_frame, "NONE": bytes}[compression](text.encode())
    s3.put_object(Bucket=bucket, Key="folder/file", Body=body)
    started = dynamodb.import_table(
        S3BucketSource={"S3Bucket": bucket, "S3KeyPrefix": "folder/"},
        InputFormat=form,
        InputCompressionType=compression,
        TableCreationParameters={
            "TableName": name,
            "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
        },
    )["ImportTableDescription"]
    assert started["ImportStatus"] == "IN_PROGRESS"
    shown = dynamodb.describe_import(ImportArn=started["ImportArn"])["ImportTableDescription"]
    assert (shown["ImportStatus"], shown["ProcessedItemCount"], shown["ImportedItemCount"], shown["ErrorCount"]) == ("COMPLETED", 3, 2, 1)
    number = {"S": "1"} if form == "CSV" else {"N": "1"}
    items = sorted(dynamodb.scan(TableName=name)["Items"], key=lambda item: item["a"]["S"])
    assert items == [{"a": {"S": "1"}, "n": number}, {"a": {"S": "2"}}]
    assert [summary["ImportArn"] for summary in dynamodb.list_imports()["ImportSummaryList"]] == [started["ImportArn"]]


def test_an_incremental_export_is_what_has_changed(dynamodb, client, table, unique_name, clock):
    s3, bucket, name = client("s3"), unique_name("exports"), table("a:S")
    s3.create_bucket(Bucket=bucket)
    arn = dynamodb.describe_table(TableName=name)["Table"]["TableArn"]
    dynamodb.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})

    def now():
        recovery = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        return recovery["PointInTimeRecoveryDescription"]["LatestRestorableDateTime"].timestamp()

    def put(key, value):
        dynamodb.put_item(TableName=name, Item={"a": {"S": key}, "n": {"N": value}})

    put("kept", "1")
    put("changed", "1")
    put("removed", "1")
    clock(60)
    start = now()
    clock(60)
    put("changed", "2")
    put("changed", "3")
    put("new", "1")
    dynamodb.delete_item(TableName=name, Key={"a": {"S": "removed"}})
    clock(1200)
    end = now()
    clock(60)
    put("changed", "4")
    put("later", "1")
    request = {
        "TableArn": arn, "S3Bucket": bucket, "ExportType": "INCREMENTAL_EXPORT",
        "IncrementalExportSpecification": {"ExportFromTime": start, "ExportToTime": end},
    }
    started = dynamodb.export_table_to_point_in_time(**request)["ExportDescription"]
    shown = dynamodb.describe_export(ExportArn=started["ExportArn"])["ExportDescription"]
    assert (shown["ExportStatus"], shown["ItemCount"], shown["ExportType"]) == ("COMPLETED", 3, "INCREMENTAL_EXPORT")
    assert shown["IncrementalExportSpecification"]["ExportViewType"] == "NEW_AND_OLD_IMAGES"
    assert dynamodb.list_exports(TableArn=arn)["ExportSummaries"][0]["ExportType"] == "INCREMENTAL_EXPORT"

    def read(key):
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    summary = json.loads(read(shown["ExportManifest"]))
    assert (summary["exportType"], summary["outputView"], summary["version"]) == (
        "INCREMENTAL_EXPORT", "NEW_AND_OLD_IMAGES", "2023-08-01")
    files = [json.loads(line) for line in read(summary["manifestFilesS3Key"]).splitlines()]
    assert all(file["dataFileS3Key"].startswith("AWSDynamoDB/data/") for file in files)
    lines = [json.loads(line) for file in files for line in gzip.decompress(read(file["dataFileS3Key"])).splitlines()]
    images = {
        line["Keys"]["a"]["S"]: [line.get(image, {}).get("n", {}).get("N") for image in ("OldImage", "NewImage")]
        for line in lines
    }
    assert images == {"changed": ["1", "3"], "new": [None, "1"], "removed": ["1", None]}
    assert all(int(line["Metadata"]["WriteTimestampMicros"]["N"]) > start * 1e6 for line in lines)
    for period in [{"ExportFromTime": end - 60, "ExportToTime": end}, {"ExportFromTime": start - 3600}]:
        with pytest.raises(ClientError) as raised:
            dynamodb.export_table_to_point_in_time(**{**request, "IncrementalExportSpecification": period})
        assert raised.value.response["Error"]["Code"] == "InvalidExportTimeException"
