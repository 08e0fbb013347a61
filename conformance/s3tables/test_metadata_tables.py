"""S3 Metadata with boto3, its tables read with pyiceberg: journal, live inventory, expiration, what can be configured."""

import datetime

import pytest
from botocore.exceptions import ClientError

from iceberg import read_table
from subject import REGION

DAY = 24 * 3600
MANAGED = f"arn:aws:s3tables:{REGION}:000000000000:bucket/aws-s3"
NEVER = {"RecordExpiration": {"Expiration": "DISABLED"}}
EVERYTHING = {
    "JournalTableConfiguration": NEVER, "InventoryTableConfiguration": {"ConfigurationState": "ENABLED"},
}


def refusal(call, **parameters):
    """Status and code of the error that a call answers with."""
    with pytest.raises(ClientError) as error:
        call(**parameters)
    response = error.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]


@pytest.fixture
def s3(client):
    return client("s3")


@pytest.fixture
def bucket(s3, unique_name):
    name = unique_name("metadata")
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def shown(s3, bucket):
    """The configuration of the bucket."""
    def show():
        result = s3.get_bucket_metadata_configuration(Bucket=bucket)["GetBucketMetadataConfigurationResult"]
        return result["MetadataConfigurationResult"]
    return show


@pytest.fixture
def table(s3, s3tables, bucket):
    """A metadata table as pyiceberg reads it, opened anew."""
    def read(name):
        found = s3tables.get_table_metadata_location(tableBucketARN=MANAGED, namespace=f"b_{bucket}", name=name)
        return read_table(s3, found["metadataLocation"])
    return read


def rows(table, **chosen):
    """The rows of a table, in the order of their numbers."""
    found = table.scan(**chosen).to_arrow().to_pylist()
    return sorted(found, key=lambda row: row["sequence_number"])


def test_a_journal_tells_what_happened(s3, s3tables, bucket, shown, table, clock):
    s3.put_object(Bucket=bucket, Key="before", Body=b"x")
    s3.create_bucket_metadata_configuration(
        Bucket=bucket, MetadataConfiguration={"JournalTableConfiguration": NEVER})
    clock(1)
    journal = shown()["JournalTableConfigurationResult"]
    assert shown()["DestinationResult"] == {
        "TableBucketType": "aws", "TableBucketArn": MANAGED, "TableNamespace": f"b_{bucket}"}
    assert (journal["TableStatus"], journal["TableName"], journal["RecordExpiration"]) == (
        "ACTIVE", "journal", {"Expiration": "DISABLED"})
    assert journal["TableArn"].startswith(f"{MANAGED}/table/")
    assert shown()["InventoryTableConfigurationResult"] == {"ConfigurationState": "DISABLED"}
    assert rows(table("journal")) == []
    s3.put_object(
        Bucket=bucket, Key="a/ü", Body=b"hello", Metadata={"color": "red"}, Tagging="team=blue&x=1",
        ChecksumAlgorithm="SHA256")
    s3.put_object_tagging(Bucket=bucket, Key="a/ü", Tagging={"TagSet": [{"Key": "team", "Value": "green"}]})
    s3.get_object(Bucket=bucket, Key="a/ü")
    s3.delete_object(Bucket=bucket, Key="a/ü")
    clock(60)
    created, tagged, deleted = rows(table("journal"))
    assert (created["bucket"], created["key"], created["record_type"]) == (bucket, "a/ü", "CREATE")
    assert created["e_tag"] == "5d41402abc4b2a76b9719d911017c592"
    assert (created["size"], created["storage_class"], created["is_multipart"]) == (5, "STANDARD", False)
    assert (created["version_id"], created["is_delete_marker"]) == (None, False)
    assert (created["encryption_status"], created["is_bucket_key_enabled"], created["kms_key_arn"]) == (
        "SSE-S3", False, None)
    assert created["checksum_algorithm"] == "SHA256"
    assert dict(created["object_tags"]) == {"team": "blue", "x": "1"}
    assert dict(created["user_metadata"]) == {"color": "red"}
    assert (created["requester"], created["source_ip_address"]) == ("000000000000", "127.0.0.1")
    assert created["request_id"] and isinstance(created["record_timestamp"], datetime.datetime)
    assert (tagged["record_type"], dict(tagged["object_tags"])) == ("UPDATE_METADATA", {"team": "green"})
    assert (deleted["record_type"], deleted["is_delete_marker"]) == ("DELETE", False)
    found = s3tables.get_table(tableBucketARN=MANAGED, namespace=f"b_{bucket}", name="journal")
    assert (found["type"], found["managedByService"]) == ("aws", "metadata.s3.amazonaws.com")
    written = table("journal").snapshots()
    assert [snapshot.summary.operation.value for snapshot in written] == ["append"]


def test_a_key_that_is_changed_is_in_a_journal(s3, client, bucket, table, clock):
    key = client("kms").create_key()["KeyMetadata"]["Arn"]
    s3.create_bucket_metadata_configuration(
        Bucket=bucket, MetadataConfiguration={"JournalTableConfiguration": NEVER})
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    s3.update_object_encryption(Bucket=bucket, Key="k", ObjectEncryption={"SSEKMS": {"KMSKeyArn": key}})
    clock(60)
    created, updated = rows(table("journal"))
    assert (created["encryption_status"], created["kms_key_arn"]) == ("SSE-S3", None)
    assert (updated["record_type"], updated["encryption_status"], updated["kms_key_arn"]) == (
        "UPDATE_METADATA", "SSE-KMS", key)


def test_versions_and_lifecycles_in_a_journal(s3, bucket, table, clock):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [{
        "ID": "go", "Status": "Enabled", "Filter": {"Prefix": "old/"}, "Expiration": {"Days": 1}}]})
    s3.create_bucket_metadata_configuration(Bucket=bucket, MetadataConfiguration=EVERYTHING)
    version = s3.put_object(Bucket=bucket, Key="old/1", Body=b"1")["VersionId"]
    marker = s3.delete_object(Bucket=bucket, Key="new")["VersionId"]
    s3.delete_object(Bucket=bucket, Key="new", VersionId=marker)
    clock(3 * DAY)
    seen = [(row["key"], row["record_type"], row["version_id"], row["is_delete_marker"], row["requester"])
            for row in rows(table("journal"))]
    assert seen[:3] == [
        ("old/1", "CREATE", version, False, "000000000000"),
        ("new", "DELETE", marker, True, "000000000000"),
        ("new", "DELETE", marker, True, "000000000000"),
    ]
    assert [(key, kind, is_marker, who) for key, kind, _, is_marker, who in seen[3:]] == [
        ("old/1", "DELETE", True, "s3.amazonaws.com")]
    inventory = rows(table("inventory"))
    assert [(row["key"], row["is_delete_marker"], row["size"]) for row in inventory] == [
        ("old/1", False, 1), ("old/1", True, 0)]


def test_an_inventory_follows_its_bucket(s3, bucket, shown, table, clock):
    for number in range(1, 1201):
        s3.put_object(Bucket=bucket, Key=f"k{number:04}", Body=b"x" * number)
    s3.create_bucket_metadata_configuration(Bucket=bucket, MetadataConfiguration=EVERYTHING)
    clock(1)
    inventory = shown()["InventoryTableConfigurationResult"]
    assert (inventory["ConfigurationState"], inventory["TableStatus"], inventory["TableName"]) == (
        "ENABLED", "ACTIVE", "inventory")
    assert {(row["key"], row["size"]) for row in rows(table("inventory"))} == {
        (f"k{number:04}", number) for number in range(1, 1201)}
    s3.delete_object(Bucket=bucket, Key="k0001")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts", StorageClass="STANDARD_IA")
    at = {"Bucket": bucket, "Key": "parts", "UploadId": upload["UploadId"]}
    part = s3.upload_part(PartNumber=1, Body=b"p", **at)["ETag"]
    s3.complete_multipart_upload(MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part}]}, **at)
    clock(3700)
    found = {row["key"]: row for row in rows(table("inventory"))}
    assert "k0001" not in found and len(found) == 1200
    assert (found["parts"]["is_multipart"], found["parts"]["storage_class"]) == (True, "STANDARD_IA")
    assert [snapshot.summary.operation.value for snapshot in table("inventory").snapshots()] == [
        "append", "overwrite"]
    large = table("inventory").scan(row_filter="size > 1190 and storage_class = 'STANDARD'")
    assert large.to_arrow().num_rows == 10
    # Nothing happens: nothing is written.
    clock(DAY)
    assert len(table("inventory").snapshots()) == 2


def test_records_expire(s3, bucket, shown, table, clock):
    expiring = {"RecordExpiration": {"Expiration": "ENABLED", "Days": 7}}
    s3.create_bucket_metadata_configuration(
        Bucket=bucket, MetadataConfiguration={"JournalTableConfiguration": NEVER})
    s3.put_object(Bucket=bucket, Key="first", Body=b"")
    clock(5 * DAY)
    s3.update_bucket_metadata_journal_table_configuration(Bucket=bucket, JournalTableConfiguration=expiring)
    assert shown()["JournalTableConfigurationResult"]["RecordExpiration"] == expiring["RecordExpiration"]
    s3.put_object(Bucket=bucket, Key="second", Body=b"")
    clock(4 * DAY)
    assert [row["key"] for row in rows(table("journal"))] == ["second"]
    s3.update_bucket_metadata_journal_table_configuration(Bucket=bucket, JournalTableConfiguration=NEVER)
    clock(10 * DAY)
    assert [row["key"] for row in rows(table("journal"))] == ["second"]


def test_many_snapshots_are_forgotten_with_their_files(s3, bucket, table, clock):
    s3.create_bucket_metadata_configuration(
        Bucket=bucket, MetadataConfiguration={"JournalTableConfiguration": NEVER})
    for number in range(130):
        s3.put_object(Bucket=bucket, Key=f"{number}", Body=b"")
        clock(61)
    journal = table("journal")
    assert len(journal.snapshots()) <= 100
    assert [row["key"] for row in rows(journal)] == [str(number) for number in range(130)]
    oldest = journal.snapshots()[0]
    assert len(rows(journal, snapshot_id=oldest.snapshot_id)) == int(oldest.summary["total-records"])
    with pytest.raises(ClientError):
        # Its name is known from nowhere any more, and the bucket is not listed; the metadata names the rest.
        s3.list_objects_v2(Bucket=journal.location().removeprefix("s3://"))


def test_an_inventory_is_turned_on_and_off(s3, s3tables, bucket, shown, table, clock):
    s3.create_bucket_metadata_configuration(
        Bucket=bucket, MetadataConfiguration={"JournalTableConfiguration": NEVER})
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    for state in ["ENABLED", "DISABLED"]:
        s3.update_bucket_metadata_inventory_table_configuration(
            Bucket=bucket, InventoryTableConfiguration={"ConfigurationState": state})
        clock(1)
        assert shown()["InventoryTableConfigurationResult"]["ConfigurationState"] == state
    assert [row["key"] for row in rows(table("inventory"))] == ["k"], "the table stays"
    s3.update_bucket_metadata_inventory_table_configuration(
        Bucket=bucket, InventoryTableConfiguration={"ConfigurationState": "ENABLED"})
    clock(1)
    result = shown()["InventoryTableConfigurationResult"]
    assert (result["TableStatus"], result["Error"]["ErrorCode"]) == ("FAILED", "InventoryTableAlreadyExists")


def test_what_can_go_wrong(s3, s3tables, bucket, shown, clock):
    assert refusal(s3.get_bucket_metadata_configuration, Bucket=bucket) == (404, "MetadataConfigurationNotFound")
    assert refusal(s3.delete_bucket_metadata_configuration, Bucket=bucket) == (404, "MetadataConfigurationNotFound")
    for expiration in [{"Expiration": "ENABLED"}, {"Expiration": "ENABLED", "Days": 6}, {"Expiration": "MAYBE"}]:
        configuration = {"JournalTableConfiguration": {"RecordExpiration": expiration}}
        assert refusal(
            s3.create_bucket_metadata_configuration, Bucket=bucket, MetadataConfiguration=configuration)[0] == 400
    s3.create_bucket_metadata_configuration(Bucket=bucket, MetadataConfiguration=EVERYTHING)
    assert refusal(
        s3.create_bucket_metadata_configuration, Bucket=bucket, MetadataConfiguration=EVERYTHING) == (
        409, "MetadataConfigurationAlreadyExists")
    assert refusal(s3.get_bucket_metadata_table_configuration, Bucket=bucket) == (405, "MethodNotAllowed")
    assert refusal(s3.delete_bucket_metadata_table_configuration, Bucket=bucket) == (405, "MethodNotAllowed")
    clock(1)
    # Tables stay when the configuration goes, and are in the way of new ones.
    s3.delete_bucket_metadata_configuration(Bucket=bucket)
    clock(10)
    s3.create_bucket_metadata_configuration(Bucket=bucket, MetadataConfiguration=EVERYTHING)
    clock(1)
    journal, inventory = shown()["JournalTableConfigurationResult"], shown()["InventoryTableConfigurationResult"]
    assert (journal["TableStatus"], journal["Error"]["ErrorCode"]) == ("FAILED", "JournalTableAlreadyExists")
    assert (inventory["TableStatus"], inventory["Error"]["ErrorCode"]) == ("FAILED", "JournalTableNotAvailable")
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    clock(120)
    s3.delete_object(Bucket=bucket, Key="k")
    s3.delete_bucket(Bucket=bucket)


def test_a_table_that_is_deleted_is_told(s3, s3tables, bucket, shown, clock):
    s3.create_bucket_metadata_configuration(
        Bucket=bucket, MetadataConfiguration={"JournalTableConfiguration": NEVER})
    clock(1)
    s3tables.delete_table(tableBucketARN=MANAGED, namespace=f"b_{bucket}", name="journal")
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    clock(120)
    journal = shown()["JournalTableConfigurationResult"]
    assert (journal["TableStatus"], journal["Error"]["ErrorCode"]) == ("FAILED", "DestinationTableNotFound")


def test_a_table_in_a_table_bucket_of_the_customer(s3, s3tables, table_bucket, bucket, clock):
    destination = {"TableBucketArn": table_bucket, "TableName": "mine"}
    configuration = {"S3TablesDestination": destination}
    other = {"S3TablesDestination": {**destination, "TableBucketArn": table_bucket.replace(REGION, "eu-west-3")}}
    assert refusal(
        s3.create_bucket_metadata_table_configuration, Bucket=bucket, MetadataTableConfiguration=other)[0] == 400
    s3.create_bucket_metadata_table_configuration(Bucket=bucket, MetadataTableConfiguration=configuration)
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    clock(120)
    result = s3.get_bucket_metadata_table_configuration(Bucket=bucket)["GetBucketMetadataTableConfigurationResult"]
    shown = result["MetadataTableConfigurationResult"]["S3TablesDestinationResult"]
    assert (result["Status"], shown["TableNamespace"], shown["TableName"]) == ("ACTIVE", "aws_s3_metadata", "mine")
    at = {"tableBucketARN": table_bucket, "namespace": "aws_s3_metadata", "name": "mine"}
    found = s3tables.get_table_metadata_location(**at)
    assert [row["key"] for row in rows(read_table(s3, found["metadataLocation"]))] == ["k"]
    either = s3.get_bucket_metadata_configuration(Bucket=bucket)["GetBucketMetadataConfigurationResult"]
    assert either["MetadataConfigurationResult"]["DestinationResult"]["TableBucketType"] == "customer"
    s3.delete_bucket_metadata_table_configuration(Bucket=bucket)
    missing = {"S3TablesDestination": {**destination, "TableBucketArn": f"{table_bucket}x"}}
    s3.create_bucket_metadata_table_configuration(Bucket=bucket, MetadataTableConfiguration=missing)
    clock(1)
    result = s3.get_bucket_metadata_table_configuration(Bucket=bucket)["GetBucketMetadataTableConfigurationResult"]
    assert (result["Status"], result["Error"]["ErrorCode"]) == ("FAILED", "TableBucketNotFound")
