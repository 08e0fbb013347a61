"""Listings with boto3: order, roll-up, pages, and how keys are written."""

import uuid

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def s3(client):
    return client("s3")


@pytest.fixture
def bucket(s3):
    name = f"bucket-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    return name


def fill(s3, bucket, keys):
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"content")


def test_buckets_come_and_go(s3, bucket):
    assert bucket in [entry["Name"] for entry in s3.list_buckets()["Buckets"]]
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] in (None, s3.meta.region_name)
    fill(s3, bucket, ["k"])
    with pytest.raises(ClientError) as error:
        s3.delete_bucket(Bucket=bucket)
    assert error.value.response["Error"]["Code"] == "BucketNotEmpty"
    s3.delete_object(Bucket=bucket, Key="k")
    s3.delete_bucket(Bucket=bucket)
    with pytest.raises(ClientError) as error:
        s3.head_bucket(Bucket=bucket)
    assert error.value.response["Error"]["Code"] == "404"


def test_objects_in_order_with_what_is_shown_of_them(s3, bucket):
    fill(s3, bucket, ["b", "a", "B", "ü", "a/b c+d"])
    listed = s3.list_objects_v2(Bucket=bucket)
    assert [entry["Key"] for entry in listed["Contents"]] == ["B", "a", "a/b c+d", "b", "ü"]
    entry = listed["Contents"][0]
    assert (entry["Size"], entry["StorageClass"]) == (7, "STANDARD")
    assert "Owner" not in entry
    assert "Owner" in s3.list_objects_v2(Bucket=bucket, FetchOwner=True)["Contents"][0]
    assert "Owner" in s3.list_objects(Bucket=bucket)["Contents"][0]


def test_pages(s3, bucket):
    keys = sorted(f"{n % 3}/{n:02}" for n in range(20))
    fill(s3, bucket, keys)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 6})
    assert [entry["Key"] for page in pages for entry in page["Contents"]] == keys
    pages = s3.get_paginator("list_objects").paginate(Bucket=bucket, PaginationConfig={"PageSize": 6})
    assert [entry["Key"] for page in pages for entry in page["Contents"]] == keys
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 2})
    assert [entry["Prefix"] for page in pages for entry in page["CommonPrefixes"]] == ["0/", "1/", "2/"]
    rest = s3.list_objects_v2(Bucket=bucket, StartAfter="1/99", Prefix="")
    assert rest["Contents"][0]["Key"] == "2/02"


def test_versions_in_pages(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    fill(s3, bucket, ["a", "b", "a", "c", "a"])
    s3.delete_object(Bucket=bucket, Key="b")
    pages = list(s3.get_paginator("list_object_versions").paginate(Bucket=bucket, PaginationConfig={"PageSize": 2}))
    versions = [(entry["Key"], entry["IsLatest"]) for page in pages for entry in page.get("Versions", [])]
    assert versions == [("a", True), ("a", False), ("a", False), ("b", False), ("c", True)]
    markers = [entry["Key"] for page in pages for entry in page.get("DeleteMarkers", [])]
    assert markers == ["b"]


def test_what_is_not_understood(s3, bucket):
    with pytest.raises(ClientError) as error:
        s3.list_objects_v2(Bucket=bucket, ContinuationToken="no-token")
    assert error.value.response["Error"]["Code"] == "InvalidArgument"
    assert error.value.response["Error"]["ArgumentName"] == "continuation-token"
    with pytest.raises(ClientError) as error:
        s3.list_object_versions(Bucket=bucket, VersionIdMarker="x")
    assert error.value.response["Error"]["Code"] == "InvalidArgument"
