"""Objects under keys of KMS: keys of buckets, which ask KMS seldom, and changes of the key of an object that is there."""

import io

import boto3.s3.transfer
import pytest
from botocore.exceptions import ClientError

from s3_buckets import OTHER, OWNER, allow, client_of, user_of

LIFETIME = 300
LARGE = b"x" * 200_000


@pytest.fixture
def s3(endpoint):
    """A boto3 client of the account that has the buckets."""
    s3 = client_of(endpoint, OWNER)
    s3.create_bucket(Bucket="bkt")
    return s3


@pytest.fixture
def kms(endpoint):
    """A boto3 client of KMS."""
    return client_of(endpoint, OWNER, "kms")


@pytest.fixture
def key(kms):
    """The ARN of a key."""
    return kms.create_key()["KeyMetadata"]["Arn"]


@pytest.fixture
def asked(endpoint):
    """How often KMS was asked for an operation."""

    def count(operation):
        return len(endpoint.admin("GET", f"requests?service=kms&operation={operation}&limit=4096")["requests"])

    return count


def under(key, bucket_key=True):
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key, "BucketKeyEnabled": bucket_key}


def refusal(call, *args, **kwargs):
    with pytest.raises(ClientError) as caught:
        call(*args, **kwargs)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def body(s3, name):
    return s3.get_object(Bucket="bkt", Key=name)["Body"].read()


def test_a_key_of_the_bucket_asks_kms_once_in_a_while(s3, key, asked, clock):
    for number in range(10):
        written = s3.put_object(Bucket="bkt", Key=f"{number}", Body=LARGE, **under(key))
        assert (written["BucketKeyEnabled"], written["SSEKMSKeyId"]) == (True, key)
    assert asked("GenerateDataKey") == 1
    assert all(body(s3, f"{number}") == LARGE for number in range(10))
    assert asked("Decrypt") == 1
    clock(LIFETIME)
    s3.put_object(Bucket="bkt", Key="later", Body=b"later", **under(key))
    assert (body(s3, "later"), body(s3, "0")) == (b"later", LARGE)
    assert (asked("GenerateDataKey"), asked("Decrypt")) == (2, 3)


def test_without_a_key_of_the_bucket_kms_is_asked_for_each_object(s3, key, asked):
    for number in range(3):
        s3.put_object(Bucket="bkt", Key=f"{number}", Body=b"x", **under(key, False))
        body(s3, f"{number}")
    assert (asked("GenerateDataKey"), asked("Decrypt")) == (3, 3)


def test_parts_of_an_upload_share_the_key_of_the_bucket(s3, key, asked):
    upload = s3.create_multipart_upload(Bucket="bkt", Key="k", **under(key))["UploadId"]
    named = {"Bucket": "bkt", "Key": "k", "UploadId": upload}
    parts = []
    for number in (1, 2, 3):
        etag = s3.upload_part(PartNumber=number, Body=b"x" * (5 << 20), **named)["ETag"]
        parts.append({"PartNumber": number, "ETag": etag})
    s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **named)
    assert (asked("GenerateDataKey"), asked("Decrypt")) == (1, 1)


def test_buckets_contexts_and_requesters_have_keys_of_their_own(endpoint, s3, key, asked):
    s3.create_bucket(Bucket="other")
    user, _ = user_of(endpoint, OWNER, allow(["s3:*", "kms:GenerateDataKey"], "*"))
    for name, client, more in [
        ("bkt", s3, {}),
        ("other", s3, {}),
        ("bkt", s3, {"SSEKMSEncryptionContext": "eyJhIjoiYiJ9"}),
        ("bkt", user, {}),
    ]:
        for number in range(2):
            client.put_object(Bucket=name, Key=f"{number}", Body=b"x", **under(key), **more)
    assert asked("GenerateDataKey") == 4
    assert body(s3, "0") == b"x"
    # The user may have data keys made, and not have any opened, whoever else had this one opened.
    assert refusal(user.get_object, Bucket="bkt", Key="0")[0] == "AccessDenied"


def test_a_disabled_key_is_noticed_when_the_time_of_the_bucket_key_is_over(s3, kms, key, clock):
    s3.put_object(Bucket="bkt", Key="k", Body=b"x", **under(key))
    assert body(s3, "k") == b"x"
    kms.disable_key(KeyId=key)
    assert body(s3, "k") == b"x"
    clock(LIFETIME)
    assert refusal(s3.get_object, Bucket="bkt", Key="k")[0] == "KMS.DisabledException"
    assert refusal(s3.put_object, Bucket="bkt", Key="k", **under(key))[0] == "KMS.DisabledException"


def test_the_default_of_a_bucket_has_keys_of_the_bucket(s3, key, asked):
    by_default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rule = {"ApplyServerSideEncryptionByDefault": by_default, "BucketKeyEnabled": True}
    s3.put_bucket_encryption(Bucket="bkt", ServerSideEncryptionConfiguration={"Rules": [rule]})
    for number in range(3):
        assert s3.put_object(Bucket="bkt", Key=f"{number}", Body=b"x")["BucketKeyEnabled"]
    assert asked("GenerateDataKey") == 1
    copied = s3.copy_object(Bucket="bkt", Key="copy", CopySource="bkt/0")
    assert copied["BucketKeyEnabled"] and body(s3, "copy") == b"x"


def update(s3, key, name="k", bucket_key=None, **more):
    wanted = {"KMSKeyArn": key}
    if bucket_key is not None:
        wanted["BucketKeyEnabled"] = bucket_key
    s3.update_object_encryption(Bucket="bkt", Key=name, ObjectEncryption={"SSEKMS": wanted}, **more)


def facts(s3, name="k"):
    """What is known of an object beside its encryption."""
    head = s3.head_object(Bucket="bkt", Key=name, ChecksumMode="ENABLED")
    hidden = ["ResponseMetadata", "ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled"]
    return {name: value for name, value in head.items() if name not in hidden}, head


@pytest.mark.parametrize("size", [0, 10, 200_000])
def test_the_key_of_an_object_changes_and_nothing_else(s3, kms, key, size):
    s3.put_object(Bucket="bkt", Key="k", Body=b"x" * size, Metadata={"a": "b"}, StorageClass="STANDARD_IA")
    before, _ = facts(s3)
    update(s3, key)
    after, head = facts(s3)
    assert after == before
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key)
    assert "BucketKeyEnabled" not in head
    second = kms.create_key()["KeyMetadata"]["Arn"]
    update(s3, second, bucket_key=True)
    after, head = facts(s3)
    assert (after, head["SSEKMSKeyId"], head["BucketKeyEnabled"]) == (before, second, True)
    # The first key is not needed any more.
    kms.disable_key(KeyId=key)
    assert body(s3, "k") == b"x" * size


def test_parts_stay_what_they_were_under_another_key(s3, key):
    config = boto3.s3.transfer.TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
    s3.upload_fileobj(io.BytesIO(b"x" * (11 << 20)), "bkt", "k", Config=config)
    before, _ = facts(s3)
    update(s3, key)
    assert facts(s3)[0] == before
    third = s3.get_object(Bucket="bkt", Key="k", PartNumber=3)
    assert (third["PartsCount"], len(third["Body"].read())) == (3, 1 << 20)


def test_versions_and_archived_objects_change_their_key_where_they_are(s3, key):
    s3.put_bucket_versioning(Bucket="bkt", VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket="bkt", Key="k", Body=b"old", StorageClass="GLACIER")["VersionId"]
    s3.put_object(Bucket="bkt", Key="k", Body=b"new")
    update(s3, key, VersionId=old)
    head = s3.head_object(Bucket="bkt", Key="k", VersionId=old)
    assert (head["StorageClass"], head["SSEKMSKeyId"]) == ("GLACIER", key)
    assert facts(s3)[1]["ServerSideEncryption"] == "AES256"
    assert len(s3.list_object_versions(Bucket="bkt")["Versions"]) == 2


def test_what_can_not_have_another_key_is_refused(endpoint, s3, kms, key):
    s3.put_object(Bucket="bkt", Key="k", Body=b"x", ServerSideEncryption="aws:kms:dsse", SSEKMSKeyId=key)
    code, message = refusal(update, s3, key)
    assert code == "InvalidRequest" and "DSSE-KMS or SSE-C" in message
    assert refusal(update, s3, key, name="missing")[0] == "NoSuchKey"
    code, message = refusal(update, s3, key.replace(":key/", ":alias/"))
    assert code == "InvalidRequest" and "correctly formatted KMS key ARN" in message
    theirs = client_of(endpoint, OTHER, "kms").create_key()["KeyMetadata"]["Arn"]
    s3.put_object(Bucket="bkt", Key="k", Body=b"x")
    code, message = refusal(update, s3, theirs)
    assert code == "AccessDenied" and "owned by the same account" in message
    kms.disable_key(KeyId=key)
    assert refusal(update, s3, key)[0] == "KMS.DisabledException"
    user, _ = user_of(endpoint, OWNER, allow(["s3:PutObject", "kms:*"], "*"))
    assert refusal(update, user, key)[0] == "AccessDenied"


def test_a_locked_object_keeps_its_key(s3, key):
    s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    s3.put_object(Bucket="locked", Key="k", Body=b"x", ObjectLockLegalHoldStatus="ON")
    wanted = {"SSEKMS": {"KMSKeyArn": key}}
    code, message = refusal(s3.update_object_encryption, Bucket="locked", Key="k", ObjectEncryption=wanted)
    assert code == "AccessDenied" and "protected by S3 Object Lock" in message
    s3.put_object_legal_hold(Bucket="locked", Key="k", LegalHold={"Status": "OFF"})
    s3.update_object_encryption(Bucket="locked", Key="k", ObjectEncryption=wanted)
