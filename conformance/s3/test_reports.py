"""What Amazon S3 reports of a bucket: inventories in all formats, storage class analyses."""

import base64
import csv
import gzip
import hashlib
import io
import json

import pyarrow.orc
import pyarrow.parquet
import pytest

DAY = 86_400
LARGE = b"x" * (256 << 10)
FIELDS = [
    "Size",
    "LastModifiedDate",
    "ETag",
    "StorageClass",
    "IsMultipartUploaded",
    "ReplicationStatus",
    "EncryptionStatus",
    "ObjectLockRetainUntilDate",
    "ObjectLockMode",
    "ObjectLockLegalHoldStatus",
    "IntelligentTieringAccessTier",
    "BucketKeyStatus",
    "ChecksumAlgorithm",
    "ObjectAccessControlList",
    "ObjectOwner",
]
ORC_TYPES = {
    "is_latest": "boolean",
    "is_delete_marker": "boolean",
    "is_multipart_uploaded": "boolean",
    "size": "bigint",
    "last_modified_date": "timestamp",
    "object_lock_retain_until_date": "timestamp",
}


@pytest.fixture
def s3(client):
    """A boto3 client of Amazon S3."""
    return client("s3")


@pytest.fixture
def buckets(s3):
    """The bucket `source`, and `reports`, into which reports about it may be written."""
    for name in ["source", "reports"]:
        s3.create_bucket(Bucket=name)
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::reports/*",
        "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::source"}},
    }
    s3.put_bucket_policy(Bucket="reports", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def inventory(s3, file_format, fields, versions="All"):
    destination = {"Bucket": "arn:aws:s3:::reports", "Format": file_format, "Prefix": "lists"}
    configuration = {
        "Id": "daily",
        "IsEnabled": True,
        "IncludedObjectVersions": versions,
        "Schedule": {"Frequency": "Daily"},
        "OptionalFields": fields,
        "Destination": {"S3BucketDestination": destination},
    }
    s3.put_bucket_inventory_configuration(Bucket="source", Id="daily", InventoryConfiguration=configuration)


def delivered(s3):
    """The manifest of the only inventory, and its data, once what they say of each other is checked."""

    def read(key):
        return s3.get_object(Bucket="reports", Key=key)["Body"].read()

    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket="reports", Prefix="lists/")["Contents"]]
    (manifest_key,) = [key for key in keys if key.endswith("/manifest.json")]
    text = read(manifest_key)
    folder = manifest_key.removesuffix("manifest.json")
    assert folder.startswith("lists/source/daily/2") and folder.endswith("T00-00Z/")
    assert read(folder + "manifest.checksum").decode() == hashlib.md5(text).hexdigest()
    manifest = json.loads(text)
    (file,) = manifest["files"]
    data = read(file["key"])
    assert (len(data), hashlib.md5(data).hexdigest()) == (file["size"], file["MD5checksum"])
    (symlink,) = [key for key in keys if key.endswith("/symlink.txt")]
    day = folder.rsplit("/", 2)[1].removesuffix("Z").replace("T", "-")
    assert symlink == f"lists/source/daily/hive/dt={day}/symlink.txt"
    assert read(symlink).decode() == f"s3://reports/{file['key']}\n"
    return manifest, data


def test_versions_are_listed_in_orc(s3, buckets, clock):
    s3.put_bucket_versioning(Bucket="source", VersioningConfiguration={"Status": "Enabled"})
    versions = [s3.put_object(Bucket="source", Key="a b/ü", Body=b"x" * size)["VersionId"] for size in [3, 300]]
    s3.put_object(Bucket="source", Key="tiered", Body=LARGE, StorageClass="INTELLIGENT_TIERING")
    s3.delete_object(Bucket="source", Key="tiered")
    inventory(s3, "ORC", FIELDS)
    clock(DAY)
    manifest, data = delivered(s3)
    file = pyarrow.orc.ORCFile(io.BytesIO(data))
    names = file.schema.names
    assert names[:5] == ["bucket", "key", "version_id", "is_latest", "is_delete_marker"]
    types = ",".join(f"{name}:{ORC_TYPES.get(name, 'string')}" for name in names)
    assert manifest["fileSchema"] == f"struct<{types}>"
    assert len(names) == 5 + len(FIELDS)
    rows = file.read().to_pylist()
    assert [(row["key"], row["size"], row["is_latest"]) for row in rows] == [
        ("a b/ü", 300, True),
        ("a b/ü", 3, False),
        ("tiered", None, True),
        ("tiered", len(LARGE), False),
    ]
    assert [row["version_id"] for row in rows[:2]] == list(reversed(versions))
    assert [row["is_delete_marker"] for row in rows] == [False, False, True, False]
    head = s3.head_object(Bucket="source", Key="a b/ü")
    first = rows[0]
    assert first["last_modified_date"].replace(tzinfo=None) == head["LastModified"].replace(tzinfo=None)
    assert first["e_tag"] == head["ETag"].strip('"') and first["bucket"] == "source"
    assert (first["is_multipart_uploaded"], first["encryption_status"]) == (False, "SSE-S3")
    assert first["object_lock_mode"] is None and first["bucket_key_status"] == "DISABLED"
    acl = json.loads(base64.b64decode(first["object_access_control_list"]))
    assert (acl["version"], acl["status"]) == ("2022-11-10", "AVAILABLE")
    owner = {"canonicalId": first["object_owner"], "type": "CanonicalUser", "permission": "FULL_CONTROL"}
    assert acl["grants"] == [owner]
    assert rows[3]["intelligent_tiering_access_tier"] == "FREQUENT"


def test_parquet_has_types(s3, buckets, clock):
    s3.put_object(Bucket="source", Key="a", Body=b"123")
    inventory(s3, "Parquet", ["Size", "LastModifiedDate", "IsMultipartUploaded", "StorageClass"], "Current")
    clock(DAY)
    manifest, data = delivered(s3)
    assert manifest["fileSchema"] == (
        "message s3.inventory { required binary bucket (UTF8); required binary key (UTF8); optional int64 size; "
        "optional int64 last_modified_date (TIMESTAMP_MILLIS); optional boolean is_multipart_uploaded; "
        "optional binary storage_class (UTF8); }"
    )
    (row,) = pyarrow.parquet.read_table(io.BytesIO(data)).to_pylist()
    assert (row["bucket"], row["key"], row["size"], row["is_multipart_uploaded"]) == ("source", "a", 3, False)
    assert row["last_modified_date"].year >= 2024 and row["storage_class"] == "STANDARD"


def test_csv_of_a_locked_bucket(s3, client, clock):
    s3.create_bucket(Bucket="source", ObjectLockEnabledForBucket=True)
    s3.create_bucket(Bucket="reports")
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::reports/*",
    }
    s3.put_bucket_policy(Bucket="reports", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    s3.put_object(
        Bucket="source",
        Key="a",
        Body=b"x",
        ObjectLockMode="GOVERNANCE",
        ObjectLockRetainUntilDate="2099-01-02T03:04:05Z",
        ObjectLockLegalHoldStatus="ON",
    )
    fields = ["ObjectLockRetainUntilDate", "ObjectLockMode", "ObjectLockLegalHoldStatus", "LastModifiedDate"]
    inventory(s3, "CSV", fields, "Current")
    clock(DAY)
    manifest, data = delivered(s3)
    assert manifest["fileSchema"] == "Bucket, Key, " + ", ".join(fields)
    (row,) = csv.reader(io.StringIO(gzip.decompress(data).decode()))
    assert row[:5] == ["source", "a", "2099-01-02T03:04:05.000Z", "GOVERNANCE", "On"]
    assert row[5].endswith(".000Z")


def analyse(s3, identifier, **more):
    destination = {"Format": "CSV", "Bucket": "arn:aws:s3:::reports", "Prefix": "analyses"}
    export = {"OutputSchemaVersion": "V_1", "Destination": {"S3BucketDestination": destination}}
    configuration = {"Id": identifier, "StorageClassAnalysis": {"DataExport": export}, **more}
    s3.put_bucket_analytics_configuration(Bucket="source", Id=identifier, AnalyticsConfiguration=configuration)


def exported(s3, identifier):
    key = f"analyses/source/{identifier}.csv"
    text = s3.get_object(Bucket="reports", Key=key)["Body"].read().decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_analyses_tell_what_is_stored_and_read_by_age(s3, buckets, clock):
    analyse(s3, "all")
    analyse(s3, "logs", Filter={"Prefix": "logs/"})
    s3.put_object(Bucket="source", Key="data", Body=LARGE)
    s3.put_object(Bucket="source", Key="small", Body=b"x")
    s3.get_object(Bucket="source", Key="data")["Body"].read()
    clock(DAY)
    rows = exported(s3, "all")
    assert list(rows[0]) == [
        "Date",
        "ConfigId",
        "Filter",
        "StorageClass",
        "ObjectAge",
        "ObjectCount",
        "DataUploaded_MB",
        "Storage_MB",
        "DataRetrieved_MB",
        "GetRequestCount",
        "CumulativeAccessRatio",
        "ObjectAgeForSIATransition",
        "RecommendedObjectAgeForSIATransition",
    ]
    young = rows[0]
    assert (young["ObjectAge"], young["StorageClass"], young["ConfigId"]) == ("000-014", "STANDARD", "all")
    numbers = [float(young[name]) for name in ["Storage_MB", "DataRetrieved_MB", "GetRequestCount"]]
    assert numbers == [0.25, 0.25, 2] and float(young["CumulativeAccessRatio"]) == 1
    everything = rows[-1]
    assert (everything["ObjectAge"], everything["ObjectCount"]) == ("ALL", "2")
    assert float(everything["DataUploaded_MB"]) == pytest.approx(0.25, abs=1e-5)
    assert exported(s3, "logs")[-1]["ObjectCount"] == "0"
    clock(20 * DAY)
    rows = exported(s3, "all")
    days = {row["Date"] for row in rows}
    assert len(days) == 21 and len(rows) == 21 * 13
    aged = [row for row in rows if row["ObjectAge"] == "015-029" and float(row["Storage_MB"])]
    assert aged and {row["Date"] for row in aged} < days and aged[-1]["GetRequestCount"] == "0"
    s3.delete_bucket_analytics_configuration(Bucket="source", Id="all")
    clock(2 * DAY)
    assert exported(s3, "all") == rows
