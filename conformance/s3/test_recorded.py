"""Amazon S3 against what AWS answered in the same situation: objects, versions, tags, lists."""

import pytest
from botocore.exceptions import ClientError

from recordings import Recording

API = "s3/test_s3_api"
LISTS = "s3/test_s3_list_operations"
NOBODYS_VERSION = "HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD"


@pytest.fixture
def versioned(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket


def shown(answer):
    """An answer as it was recorded: with the body as text, and without what boto3 says of having checked it."""
    metadata = {name: value for name, value in answer["ResponseMetadata"].items() if name != "ChecksumAlgorithm"}
    return {**answer, "Body": answer["Body"].read().decode(), "ResponseMetadata": metadata}


def error(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value


def by_key(answer, *members):
    """The same with lists in the order of their keys, as they were recorded."""
    return {**answer, **{name: sorted(answer[name], key=lambda entry: entry["Key"]) for name in members if name in answer}}


def test_a_bucket_with_objects_is_not_deleted(s3, bucket):
    recording = Recording(API, "test_delete_bucket_with_objects")
    s3.put_object(Bucket=bucket, Key="test-delete", Body="test-delete")
    recording.values["<bucket-name:1>"] = bucket
    recording.check_error("delete-with-obj", error(s3.delete_bucket, Bucket=bucket))
    recording.check("delete-obj", s3.delete_object(Bucket=bucket, Key="test-delete"))
    recording.check("delete-bucket", s3.delete_bucket(Bucket=bucket))


def test_a_bucket_with_delete_markers_is_not_deleted(s3, versioned):
    recording = Recording(API, "test_delete_versioned_bucket_with_objects")
    key = "test-delete-versioned"
    version = s3.put_object(Bucket=versioned, Key=key, Body="test-delete")["VersionId"]
    marker = s3.delete_object(Bucket=versioned, Key=key)["VersionId"]
    recording.check_error("delete-with-obj-and-delete-marker", error(s3.delete_bucket, Bucket=versioned))
    recording.check("delete-obj-by-version", s3.delete_object(Bucket=versioned, Key=key, VersionId=version))
    recording.check_error("delete-with-only-delete-marker", error(s3.delete_bucket, Bucket=versioned))
    recording.check("delete-marker-by-version", s3.delete_object(Bucket=versioned, Key=key, VersionId=marker))
    recording.check("success-delete-bucket", s3.delete_bucket(Bucket=versioned))


def test_deleting_an_object(s3, bucket):
    recording = Recording(API, "test_delete_object")
    recording.check("put-object", s3.put_object(Bucket=bucket, Key="test-delete", Body="test-delete"))
    recording.check("delete-object", s3.delete_object(Bucket=bucket, Key="test-delete"))
    recording.check("delete-nonexistent-object", s3.delete_object(Bucket=bucket, Key="test-delete"))
    refused = error(s3.delete_object, Bucket=bucket, Key="test-delete", VersionId=NOBODYS_VERSION)
    recording.check_error("delete-nonexistent-object-versionid", refused)


def test_deleting_objects(s3, bucket):
    recording = Recording(API, "test_delete_objects")
    recording.check("put-object", s3.put_object(Bucket=bucket, Key="test-delete", Body="test-delete"))
    wrong = {"Objects": [{"Key": "test-delete", "VersionId": NOBODYS_VERSION}]}
    recording.check("delete-object-wrong-version-id", s3.delete_objects(Bucket=bucket, Delete=wrong))
    several = {"Objects": [{"Key": key} for key in ["test-delete", "c-wrong-key", "a-wrong-key"]]}
    recording.check("delete-objects", by_key(s3.delete_objects(Bucket=bucket, Delete=several), "Deleted"))


def test_deleting_versions(s3, versioned):
    recording, bucket, key = Recording(API, "test_delete_object_versioned"), versioned, "test-delete"
    put = s3.put_object(Bucket=bucket, Key=key, Body="test-delete")
    recording.check("put-object", put)
    marker = s3.delete_object(Bucket=bucket, Key=key)
    recording.check("delete-object", marker)
    gone = error(s3.get_object, Bucket=bucket, Key=key)
    recording.check_error("get-deleted-object", gone)
    headers = gone.response["ResponseMetadata"]["HTTPHeaders"]
    assert (headers["x-amz-delete-marker"], headers["x-amz-version-id"]) == ("true", marker["VersionId"])
    found = s3.get_object(Bucket=bucket, Key=key, VersionId=put["VersionId"])
    recording.check("get-object-with-version", shown(found))
    of_marker = error(s3.get_object, Bucket=bucket, Key=key, VersionId=marker["VersionId"])
    recording.check_error("get-delete-marker", of_marker)
    headers = of_marker.response["ResponseMetadata"]["HTTPHeaders"]
    assert (headers["x-amz-delete-marker"], headers["allow"]) == ("true", "DELETE")
    recording.check("delete-object-2", s3.delete_object(Bucket=bucket, Key=key))
    recording.check("list-object-versions", s3.list_object_versions(Bucket=bucket, Prefix=key))
    recording.check("delete-delete-marker", s3.delete_object(Bucket=bucket, Key=key, VersionId=marker["VersionId"]))
    recording.check("delete-object-version", s3.delete_object(Bucket=bucket, Key=key, VersionId=put["VersionId"]))
    recording.check_error("get-deleted-object-with-version",
                          error(s3.get_object, Bucket=bucket, Key=key, VersionId=put["VersionId"]))
    bad = error(s3.delete_object, Bucket=bucket, Key=key, VersionId=put["VersionId"][:-4] + "ABCD")
    recording.check_error("delete-with-bad-version", bad)
    recording.check("delete-wrong-key", s3.delete_object(Bucket=bucket, Key="wrong-key"))


def test_deleting_versions_together(s3, versioned):
    recording, bucket, key = Recording(API, "test_delete_objects_versioned"), versioned, "test-delete"

    def delete(*objects):
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": list(objects)})
        return by_key(answer, "Deleted", "Errors")

    put = s3.put_object(Bucket=bucket, Key=key, Body="test-delete")
    recording.check("put-object", put)
    deleted = delete({"Key": key}, {"Key": "wrongkey"}, {"Key": "wrongkey-x"})
    recording.check("delete-objects-no-version-id", deleted)
    marker = deleted["Deleted"][0]["DeleteMarkerVersionId"]
    recording.check("delete-objects-marker", delete({"Key": key, "VersionId": marker}))
    recording.check("delete-objects-wrong-version-id", delete(
        {"Key": key, "VersionId": NOBODYS_VERSION}, {"Key": "wrong-key-2", "VersionId": NOBODYS_VERSION}))
    recording.check("delete-objects-version-id", delete({"Key": key, "VersionId": put["VersionId"]}))


def test_versions_of_a_bucket_without_versions(s3, bucket):
    recording = Recording(API, "test_get_object_with_version_unversioned_bucket")
    recording.check("put-object", s3.put_object(Bucket=bucket, Key="test-version", Body="test-version"))
    recording.check_error("get-obj-with-version",
                          error(s3.get_object, Bucket=bucket, Key="test-version", VersionId=NOBODYS_VERSION))
    null = s3.get_object(Bucket=bucket, Key="test-version", VersionId="null")
    recording.check("get-obj-with-null-version", shown(null))


def test_writing_while_versioning_is_suspended(s3, versioned):
    recording, bucket, key = Recording(API, "test_put_object_on_suspended_bucket"), versioned, "test-version"
    for number in range(3):
        put = s3.put_object(Bucket=bucket, Key=key, Body=f"test-version-{number}")
        recording.check(f"put-object-{number}", put)
    recording.check("list-enabled", s3.list_object_versions(Bucket=bucket))
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    recording.check("list-suspended", s3.list_object_versions(Bucket=bucket))
    for put, listed in [("put-object-suspended", "list-suspended-after-put"),
                        ("put-object-suspended-overwrite", "list-suspended-after-overwrite")]:
        recording.check(put, s3.put_object(Bucket=bucket, Key=key, Body="test-version-suspended"))
        recording.check(listed, s3.list_object_versions(Bucket=bucket))
    recording.check("get-object-current", shown(s3.get_object(Bucket=bucket, Key=key)))


def test_tags_of_versions(s3, versioned):
    recording, bucket, key = Recording(API, "test_object_tagging_versioned"), versioned, "test-version-tagging"

    def tags(version=None, **tag):
        which = {"Bucket": bucket, "Key": key, **({"VersionId": version} if version else {})}
        if not tag:
            return s3.get_object_tagging(**which)
        return s3.put_object_tagging(**which, Tagging={"TagSet": [{"Key": name, "Value": tag[name]} for name in tag]})

    first = s3.put_object(Bucket=bucket, Key=key, Body="test-0", Tagging="test_tag=tagv1")
    recording.check("put-obj-0", first)
    recording.check("put-obj-1", s3.put_object(Bucket=bucket, Key=key, Body="test-1"))
    old = first["VersionId"]
    recording.check("put-object-tags-current-version", tags(tag3="tag3"))
    recording.check("get-object-tags-current-version", tags())
    recording.check("get-object-tags-previous-version", tags(old))
    recording.check("put-object-tags-previous-version", tags(old, tag1="tag1"))
    recording.check("get-object-tags-previous-version-again", tags(old))
    s3.delete_object_tagging(Bucket=bucket, Key=key)
    recording.check("get-object-tags-deleted-current", tags())
    s3.delete_object_tagging(Bucket=bucket, Key=key, VersionId=old)
    recording.check("get-object-tags-previous-version-deleted", tags())
    marker = s3.delete_object(Bucket=bucket, Key=key)
    recording.check("put-delete-marker", marker)
    tag_set = {"TagSet": [{"Key": "tag1", "Value": "tag1"}]}
    for end, which in [("id", {"VersionId": marker["VersionId"]}), ("latest", {})]:
        which = {"Bucket": bucket, "Key": key, **which}
        recording.check_error(f"put-object-tags-delete-marker-{end}", error(s3.put_object_tagging, **which, Tagging=tag_set))
        recording.check_error(f"get-object-tags-delete-marker-{end}", error(s3.get_object_tagging, **which))
        recording.check_error(f"delete-object-tags-delete-marker-{end}", error(s3.delete_object_tagging, **which))


def test_tags_of_a_new_object(s3, bucket):
    recording, key = Recording(API, "test_put_object_with_tags"), "test-put-object-tagging"

    def tags():
        return by_key(s3.get_object_tagging(Bucket=bucket, Key=key), "TagSet")

    tagging = "tag1=tag1&tag2=tag2&tag="
    recording.check("put-object", s3.put_object(Bucket=bucket, Key=key, Body="test-tagging", Tagging=tagging))
    recording.check("get-object-tags", tags())
    one = {"TagSet": [{"Key": "tag3", "Value": "tag3"}]}
    recording.check("put-object-tags", s3.put_object_tagging(Bucket=bucket, Key=key, Tagging=one))
    recording.check("get-object-tags-override", tags())
    recording.check("head-obj", s3.head_object(Bucket=bucket, Key=key))
    recording.check("get-obj", shown(s3.get_object(Bucket=bucket, Key=key)))
    for tagging, name in [("wrongquery&wrongagain", "get-object-tags-wrong-format-qs"),
                          ("key1&&&key2", "get-object-tags-wrong-format-qs-2")]:
        s3.put_object(Bucket=bucket, Key=key, Body="", Tagging=tagging)
        recording.check(name, tags())


def test_tags_go_with_their_object(s3, bucket):
    recording, key = Recording(API, "test_object_tags_delete_or_overwrite_object"), "test-put-object-tagging-kept"
    s3.put_object(Bucket=bucket, Key=key, Body="create", Tagging="tag1=val1")
    recording.check("get-object-after-creation", s3.get_object_tagging(Bucket=bucket, Key=key))
    s3.put_object(Bucket=bucket, Key=key, Body="overwrite")
    recording.check("get-object-after-overwrite", s3.get_object_tagging(Bucket=bucket, Key=key))
    s3.put_object_tagging(Bucket=bucket, Key=key, Tagging={"TagSet": [{"Key": "tag3", "Value": "tag3"}]})
    s3.delete_object(Bucket=bucket, Key=key)
    s3.put_object(Bucket=bucket, Key=key, Body="recreate")
    recording.check("get-object-after-recreation", s3.get_object_tagging(Bucket=bucket, Key=key))


def test_tags_are_counted(s3, bucket):
    recording, key = Recording(API, "test_head_object_with_tags"), "test-put-object-tagging"
    put = s3.put_object(Bucket=bucket, Key=key, Body="test-tagging", Tagging="tag1=tag1&tag2=tag2&tag=")
    recording.check("put-object", put)
    recording.check("head-obj-after-create", s3.head_object(Bucket=bucket, Key=key))

    def tag(*names):
        tag_set = [{"Key": name, "Value": name} for name in names]
        return s3.put_object_tagging(Bucket=bucket, Key=key, Tagging={"TagSet": tag_set})

    recording.check("put-object-tags", tag("tag3"))
    recording.check("head-obj-after-tagging", s3.head_object(Bucket=bucket, Key=key))
    tag("tag3", "tag4", "tag5")
    recording.check("head-obj-after-overwrite", s3.head_object(Bucket=bucket, Key=key))
    tag()
    recording.check("head-obj-after-removal", s3.head_object(Bucket=bucket, Key=key))


def test_bypassing_a_lock_where_there_is_none(s3, bucket):
    recording, key = Recording(API, "test_delete_object_with_no_locking"), "test-delete-no-lock"
    s3.put_object(Bucket=bucket, Key=key, Body=b"test")
    for name, bypass in [("delete-object-bypass-no-lock", True), ("delete-object-bypass-no-lock-false", False)]:
        recording.check_error(name, error(s3.delete_object, Bucket=bucket, Key=key, BypassGovernanceRetention=bypass))
    recording.check_error("delete-objects-bypass-no-lock", error(
        s3.delete_objects, Bucket=bucket, Delete={"Objects": [{"Key": key}]}, BypassGovernanceRetention=True))


@pytest.mark.parametrize("delimiter", ["", "/", "%2F"])
def test_listing_with_a_prefix(s3, bucket, delimiter):
    recording = Recording(LISTS, f"test_list_objects_with_prefix[{delimiter}]")
    s3.put_object(Bucket=bucket, Key="test/foo/bar/123", Body=b"content 123")
    listed = s3.list_objects(Bucket=bucket, Prefix="test/", Delimiter=delimiter, MaxKeys=1, EncodingType="url")
    recording.check("list-objects", listed)


def test_listing_from_a_marker(s3, bucket):
    recording = Recording(LISTS, "test_list_objects_next_marker")
    for number in range(3):
        s3.put_object(Bucket=bucket, Key=f"test_{number}", Body=b"content 123")
    recording.check("list-objects-all", s3.list_objects(Bucket=bucket))
    first = s3.list_objects(Bucket=bucket, MaxKeys=1, Delimiter="/")
    recording.check("list-objects-max-1", first)
    recording.check("list-objects-rest", s3.list_objects(Bucket=bucket, Marker=first["NextMarker"], MaxKeys=1))
    recording.check("list-objects-marker-empty", s3.list_objects(Bucket=bucket, Marker="", MaxKeys=1))


FOLDER = ["folder/aSubfolder/subFile1", "folder/aSubfolder/subFile2", "folder/file1", "folder/file2"]


def test_listing_folders_from_a_marker(s3, bucket):
    recording = Recording(LISTS, "test_list_objects_marker_common_prefixes")
    for key in FOLDER:
        s3.put_object(Bucket=bucket, Key=key, Body=b"content 123")
    recording.check("list-objects-all-keys", s3.list_objects(Bucket=bucket))
    arguments = {"Bucket": bucket, "Prefix": "folder/", "Delimiter": "/", "MaxKeys": 1}
    page = s3.list_objects(**arguments)
    recording.check("list-objects-start", page)
    page = s3.list_objects(**arguments, Marker=page["NextMarker"])
    recording.check("list-objects-next-1", page)
    recording.check("list-objects-end", s3.list_objects(**arguments, Marker=page["NextMarker"]))
    recording.check("list-objects-manual-first-file", s3.list_objects(**arguments, Marker=FOLDER[0]))


def test_listing_2_with_prefix_and_delimiter(s3, bucket):
    recording = Recording(LISTS, "test_list_objects_v2_with_prefix_and_delimiter")
    plain = Recording(LISTS, "test_list_objects_v2_with_prefix")
    for key in ["test/foo/bar/123", "test/foo/bar/456", "test/bar/foo/123"]:
        s3.put_object(Bucket=bucket, Key=key, Body=b"content 123")
    for number, prefix in enumerate(["test/", "test/foo", "test/foo/bar"], start=1):
        arguments = {"Bucket": bucket, "Prefix": prefix, "EncodingType": "url"}
        plain.check(f"list-objects-v2-{number}", s3.list_objects_v2(**arguments))
        recording.check(f"list-objects-v2-{number}", s3.list_objects_v2(**arguments, Delimiter="/"))
    page = s3.list_objects_v2(Bucket=bucket, Prefix="test/", EncodingType="url", Delimiter="/", MaxKeys=1)
    recording.check("list-objects-v2-1-with-max-keys", page)


def test_listing_2_page_by_page(s3, bucket):
    recording = Recording(LISTS, "test_list_objects_v2_continuation_start_after")
    for number in range(12):
        s3.put_object(Bucket=bucket, Key=f"test_{number}", Body=b"content 123")
    page = s3.list_objects_v2(Bucket=bucket, MaxKeys=5)
    recording.check("list-objects-v2-max-5", page)
    token = page["NextContinuationToken"]
    recording.check("list-objects-v2-rest", s3.list_objects_v2(Bucket=bucket, ContinuationToken=token))
    recording.check("list-objects-start-after", s3.list_objects_v2(Bucket=bucket, StartAfter="test_7", MaxKeys=2))
    both = s3.list_objects_v2(Bucket=bucket, StartAfter="test_7", ContinuationToken=token)
    recording.check("list-objects-start-after-token", both)
    recording.check_error("exc-continuation-token", error(s3.list_objects_v2, Bucket=bucket, ContinuationToken=""))


def test_listing_2_folders_page_by_page(s3, bucket):
    recording = Recording(LISTS, "test_list_objects_v2_continuation_common_prefixes")
    for key in FOLDER:
        s3.put_object(Bucket=bucket, Key=key, Body=b"content 123")
    recording.check("list-objects-v2-all-keys", s3.list_objects_v2(Bucket=bucket))
    arguments = {"Bucket": bucket, "Prefix": "folder/", "Delimiter": "/", "MaxKeys": 1}
    page = s3.list_objects_v2(**arguments)
    recording.check("list-objects-v2-start", page)
    page = s3.list_objects_v2(**arguments, ContinuationToken=page["NextContinuationToken"])
    recording.check("list-objects-v2-next-1", page)
    page = s3.list_objects_v2(**arguments, ContinuationToken=page["NextContinuationToken"])
    recording.check("list-objects-v2-end", page)


def test_listing_versions_from_markers(s3, versioned):
    recording, bucket = Recording(LISTS, "test_list_objects_versions_markers"), versioned
    keys = [f"test_{number}" for number in range(3)]
    order = [s3.put_object(Bucket=bucket, Key=key, Body=b"version 1")["VersionId"] for key in keys]
    order.append(s3.put_object(Bucket=bucket, Key=keys[2], Body=b"version 2")["VersionId"])
    order += [s3.delete_object(Bucket=bucket, Key=key)["VersionId"] for key in keys]
    order += [s3.put_object(Bucket=bucket, Key=key, Body=b"version 2")["VersionId"] for key in keys[:2]]
    recording.check("version-order", {"Versions": [{"VersionId": version} for version in order]})
    recording.check("list-objects-versions-all", s3.list_object_versions(Bucket=bucket))
    page = s3.list_object_versions(Bucket=bucket, MaxKeys=5)
    recording.check("list-objects-versions-5", page)
    key, version = page["NextKeyMarker"], page["NextVersionIdMarker"]
    one = {"Bucket": bucket, "MaxKeys": 1}
    recording.check("list-objects-next-key-only", s3.list_object_versions(**one, KeyMarker=key))
    recording.check("list-objects-next-key-last", s3.list_object_versions(**one, KeyMarker=keys[-1]))
    recording.check_error("list-objects-next-version-only", error(s3.list_object_versions, **one, VersionIdMarker=version))
