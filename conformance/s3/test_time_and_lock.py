"""What comes with time in Amazon S3: lifecycle rules, restores, Object Lock, MFA delete."""

import datetime
import urllib.parse

import pytest
from botocore.exceptions import ClientError
from totp import code

DAY = 86_400
LARGE = b"x" * (200 << 10)
EXPIRING = {"Rules": [{"ID": "all", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1}}]}


def error(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]


def versioned(s3, bucket, status="Enabled"):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})


def rules(s3, bucket, *rules):
    given = [{"ID": f"rule-{number}", "Status": "Enabled", "Filter": {}, **rule} for number, rule in enumerate(rules)]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": given})


def keys(s3, bucket):
    return [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def test_only_what_a_rule_is_about_expires(s3, bucket, clock):
    rules(s3, bucket, {"Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 2}})
    for key in ["logs/a", "data/a"]:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    clock(DAY)
    assert keys(s3, bucket) == ["data/a", "logs/a"]
    clock(2 * DAY)
    assert keys(s3, bucket) == ["data/a"]


def test_thirty_days_of_versions(s3, bucket, clock):
    versioned(s3, bucket)
    rules(
        s3,
        bucket,
        {"Expiration": {"Days": 5}, "NoncurrentVersionExpiration": {"NoncurrentDays": 3}},
    )
    for _ in range(3):
        s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    clock(30 * DAY)
    listed = s3.list_object_versions(Bucket=bucket)
    assert not listed.get("Versions") and not listed.get("DeleteMarkers")


def test_newer_noncurrent_versions_stay(s3, bucket, clock):
    versioned(s3, bucket)
    expiration = {"NoncurrentDays": 1, "NewerNoncurrentVersions": 2}
    rules(s3, bucket, {"NoncurrentVersionExpiration": expiration})
    ids = [s3.put_object(Bucket=bucket, Key="a", Body=b"x")["VersionId"] for _ in range(5)]
    clock(10 * DAY)
    left = [version["VersionId"] for version in s3.list_object_versions(Bucket=bucket)["Versions"]]
    assert left == list(reversed(ids))[:3]


def test_a_tag_makes_an_object_old_enough(s3, bucket, clock):
    rules(s3, bucket, {"Filter": {"Tag": {"Key": "temporary", "Value": "yes"}}, "Expiration": {"Days": 1}})
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    clock(5 * DAY)
    tagging = {"TagSet": [{"Key": "temporary", "Value": "yes"}]}
    s3.put_object_tagging(Bucket=bucket, Key="a", Tagging=tagging)
    clock(DAY)
    assert keys(s3, bucket) == []


def status(answer):
    return answer["ResponseMetadata"]["HTTPStatusCode"]


def test_an_archived_object_is_restored_for_some_days(s3, bucket, clock):
    s3.put_object(Bucket=bucket, Key="a", Body=LARGE, StorageClass="DEEP_ARCHIVE")
    refused = error(s3.get_object, Bucket=bucket, Key="a")
    assert refused["Code"] == "InvalidObjectState"
    assert refused["Message"] == "The operation is not valid for the object's storage class"
    expedited = {"Days": 1, "GlacierJobParameters": {"Tier": "Expedited"}}
    assert error(s3.restore_object, Bucket=bucket, Key="a", RestoreRequest=expedited)["Code"] == "InvalidArgument"
    request = {"Days": 2, "GlacierJobParameters": {"Tier": "Standard"}}
    assert status(s3.restore_object(Bucket=bucket, Key="a", RestoreRequest=request)) == 202
    assert s3.head_object(Bucket=bucket, Key="a")["Restore"] == 'ongoing-request="true"'
    again = error(s3.restore_object, Bucket=bucket, Key="a", RestoreRequest=request)
    assert again["Code"] == "RestoreAlreadyInProgress"
    clock(12 * 3600)
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == LARGE
    assert s3.head_object(Bucket=bucket, Key="a")["Restore"].startswith('ongoing-request="false", expiry-date=')
    # A copy that is there is only kept for longer.
    assert status(s3.restore_object(Bucket=bucket, Key="a", RestoreRequest=request)) == 200
    clock(4 * DAY)
    assert error(s3.get_object, Bucket=bucket, Key="a")["Code"] == "InvalidObjectState"


def test_what_is_not_archived_is_not_restored(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    refused = error(s3.restore_object, Bucket=bucket, Key="a", RestoreRequest={"Days": 1})
    assert refused["Code"] == "InvalidObjectState"
    assert refused["Message"] == "Restore is not allowed for the object's current storage class"


@pytest.fixture
def locked(s3):
    """A bucket whose versions can be locked."""
    s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    return "locked"


def test_governance_and_compliance(s3, locked, now):
    version = s3.put_object(Bucket=locked, Key="a", Body=b"x")["VersionId"]
    until = now() + datetime.timedelta(days=10)

    def retain(mode, days, **more):
        retention = {"Mode": mode, "RetainUntilDate": now() + datetime.timedelta(days=days)}
        return dict(Bucket=locked, Key="a", Retention=retention, **more)

    s3.put_object_retention(**retain("GOVERNANCE", 10))
    read = s3.get_object_retention(Bucket=locked, Key="a")["Retention"]
    assert read["Mode"] == "GOVERNANCE" and abs(read["RetainUntilDate"] - until) < datetime.timedelta(seconds=2)
    protected = {"Code": "AccessDenied", "Message": "Access Denied because object protected by object lock."}
    assert error(s3.delete_object, Bucket=locked, Key="a", VersionId=version) == protected
    assert error(s3.put_object_retention, **retain("GOVERNANCE", 5)) == protected
    s3.put_object_retention(**retain("GOVERNANCE", 5, BypassGovernanceRetention=True))
    s3.put_object_retention(**retain("COMPLIANCE", 20, BypassGovernanceRetention=True))
    assert error(s3.put_object_retention, **retain("COMPLIANCE", 5, BypassGovernanceRetention=True)) == protected
    assert (
        error(s3.delete_object, Bucket=locked, Key="a", VersionId=version, BypassGovernanceRetention=True) == protected
    )
    marker = s3.delete_object(Bucket=locked, Key="a")
    assert marker["DeleteMarker"]


def test_a_lock_ends(s3, locked, clock, now):
    until = now() + datetime.timedelta(days=3)
    version = s3.put_object(
        Bucket=locked, Key="a", Body=b"x", ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=until
    )["VersionId"]
    assert s3.head_object(Bucket=locked, Key="a")["ObjectLockMode"] == "COMPLIANCE"
    assert error(s3.delete_object, Bucket=locked, Key="a", VersionId=version)["Code"] == "AccessDenied"
    clock(3 * DAY + 1)
    s3.delete_object(Bucket=locked, Key="a", VersionId=version)


def test_default_retention(s3, locked, now):
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 7}}
    configuration = {"ObjectLockEnabled": "Enabled", "Rule": rule}
    s3.put_object_lock_configuration(Bucket=locked, ObjectLockConfiguration=configuration)
    s3.put_object(Bucket=locked, Key="a", Body=b"x")
    head = s3.head_object(Bucket=locked, Key="a")
    assert head["ObjectLockMode"] == "GOVERNANCE"
    expected = now() + datetime.timedelta(days=7)
    assert abs(head["ObjectLockRetainUntilDate"] - expected) < datetime.timedelta(seconds=5)
    half = error(s3.put_object, Bucket=locked, Key="b", Body=b"x", ObjectLockMode="GOVERNANCE")
    assert half["ArgumentName"] == "x-amz-object-lock-retain-until-date"


def test_legal_holds(s3, locked, bucket):
    version = s3.put_object(Bucket=locked, Key="a", Body=b"x")["VersionId"]
    assert error(s3.get_object_legal_hold, Bucket=locked, Key="a")["Code"] == "NoSuchObjectLockConfiguration"
    s3.put_object_legal_hold(Bucket=locked, Key="a", LegalHold={"Status": "ON"})
    assert s3.get_object_legal_hold(Bucket=locked, Key="a")["LegalHold"] == {"Status": "ON"}
    answer = s3.delete_objects(Bucket=locked, Delete={"Objects": [{"Key": "a", "VersionId": version}]})
    assert answer["Errors"][0]["Code"] == "AccessDenied"
    s3.put_object_legal_hold(Bucket=locked, Key="a", LegalHold={"Status": "OFF"})
    s3.delete_object(Bucket=locked, Key="a", VersionId=version)
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    refused = error(s3.put_object_legal_hold, Bucket=bucket, Key="a", LegalHold={"Status": "ON"})
    assert refused["Message"] == "Bucket is missing Object Lock Configuration"


def test_past_retention_dates_are_refused_in_pacific_time(s3, locked):
    s3.put_object(Bucket=locked, Key="a", Body=b"x")
    retention = {"Mode": "GOVERNANCE", "RetainUntilDate": datetime.datetime(2020, 1, 1)}
    refused = error(s3.put_object_retention, Bucket=locked, Key="a", Retention=retention)
    assert refused["Message"] == "The retain until date must be in the future!"
    assert refused["ArgumentValue"] == "Tue Dec 31 16:00:00 PST 2019"


@pytest.fixture
def root_device(client, clock, now):
    """The serial number and the seed of the root user's device, in use."""
    iam = client("iam")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="root-account-mfa-device")["VirtualMFADevice"]
    seed = device["Base32StringSeed"]
    seed = seed.decode() if isinstance(seed, bytes) else seed
    return device["SerialNumber"], urllib.parse.unquote(seed), iam


def test_versions_are_deleted_with_a_code(s3, bucket, root_device, clock, now, client):
    serial, seed, iam = root_device
    codes = [code(seed, int(now().timestamp()) + 30 * step) for step in range(2)]
    iam.enable_mfa_device(
        UserName="root", SerialNumber=serial, AuthenticationCode1=codes[0], AuthenticationCode2=codes[1]
    )
    clock(120)

    def shown():
        """What the header says with the code that the device shows."""
        return f"{serial} {code(seed, int(now().timestamp()))}"

    configuration = {"Status": "Enabled", "MFADelete": "Enabled"}
    refused = error(s3.put_bucket_versioning, Bucket=bucket, VersioningConfiguration=configuration)
    assert refused["Code"] == "AccessDenied"
    # Rules would delete without a code.
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=EXPIRING)
    refused = error(s3.put_bucket_versioning, Bucket=bucket, VersioningConfiguration=configuration, MFA=shown())
    assert refused["Code"] == "InvalidBucketState" and "Delete lifecycle configuration before" in refused["Message"]
    s3.delete_bucket_lifecycle(Bucket=bucket)
    mfa = shown()
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=configuration, MFA=mfa)
    refused = error(s3.put_bucket_lifecycle_configuration, Bucket=bucket, LifecycleConfiguration=EXPIRING)
    assert refused["Code"] == "InvalidBucketState"
    assert s3.get_bucket_versioning(Bucket=bucket)["MFADelete"] == "Enabled"
    version = s3.put_object(Bucket=bucket, Key="a", Body=b"x")["VersionId"]
    refused = error(s3.delete_object, Bucket=bucket, Key="a", VersionId=version)
    assert refused["Message"] == "Mfa Authentication must be used for this request"
    assert error(s3.delete_object, Bucket=bucket, Key="a", VersionId=version, MFA=mfa)["Code"] == "AccessDenied"
    clock(60)
    # A user who may do everything, and has the code that the device shows, is still not the root user.
    iam.create_user(UserName="ada")
    everything = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'
    iam.put_user_policy(UserName="ada", PolicyName="all", PolicyDocument=everything)
    key = iam.create_access_key(UserName="ada")["AccessKey"]
    ada = client("s3", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    assert error(ada.delete_object, Bucket=bucket, Key="a", VersionId=version, MFA=shown())["Code"] == "AccessDenied"
    off = {"Status": "Enabled", "MFADelete": "Disabled"}
    refused = error(ada.put_bucket_versioning, Bucket=bucket, VersioningConfiguration=off, MFA=shown())
    assert refused["Code"] == "AccessDenied"
    # A delete marker takes no code, and neither of the two refusals has used the one that is shown.
    ada.delete_object(Bucket=bucket, Key="a")
    entries = {"Objects": [{"Key": "a", "VersionId": version}]}
    assert error(s3.delete_objects, Bucket=bucket, Delete=entries)["Code"] == "AccessDenied"
    assert not s3.delete_objects(Bucket=bucket, Delete=entries, MFA=shown()).get("Errors")
    clock(60)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=off, MFA=shown())
    assert s3.get_bucket_versioning(Bucket=bucket)["MFADelete"] == "Disabled"


def test_uploads_are_aborted_by_a_rule(s3, bucket, clock):
    rules(s3, bucket, {"Filter": {"Prefix": "tmp/"}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3}})
    uploads = {key: s3.create_multipart_upload(Bucket=bucket, Key=key) for key in ["tmp/a", "data/a"]}
    assert uploads["tmp/a"]["AbortRuleId"] == "rule-0" and "AbortDate" not in uploads["data/a"]
    parts = {key: {"Bucket": bucket, "Key": key, "UploadId": upload["UploadId"]} for key, upload in uploads.items()}
    for part in parts.values():
        s3.upload_part(PartNumber=1, Body=LARGE, **part)
    clock(3 * DAY)
    assert len(s3.list_parts(**parts["tmp/a"])["Parts"]) == 1
    clock(DAY)
    assert error(s3.list_parts, **parts["tmp/a"])["Code"] == "NoSuchUpload"
    assert [upload["Key"] for upload in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == ["data/a"]
    assert len(s3.list_parts(**parts["data/a"])["Parts"]) == 1


def test_older_versions_move_by_age_and_size(s3, bucket, clock):
    versioned(s3, bucket)
    both = {"ObjectSizeGreaterThan": 10, "ObjectSizeLessThan": 20}
    moves = [{"NoncurrentDays": 1, "StorageClass": "GLACIER"}]
    rules(s3, bucket, {"Filter": {"And": both}, "NoncurrentVersionTransitions": moves})
    sizes = [10, 11, 19, 20]
    versions = {size: s3.put_object(Bucket=bucket, Key="a", Body=b"x" * size)["VersionId"] for size in sizes}
    s3.put_object(Bucket=bucket, Key="a", Body=b"x" * 15)
    clock(3 * DAY)
    classes = {version["VersionId"]: version for version in s3.list_object_versions(Bucket=bucket)["Versions"]}
    moved = [size for size in sizes if classes[versions[size]]["StorageClass"] == "GLACIER"]
    assert moved == [11, 19]
    assert s3.head_object(Bucket=bucket, Key="a")["ContentLength"] == 15
    refused = error(s3.get_object, Bucket=bucket, Key="a", VersionId=versions[11])
    assert refused["Code"] == "InvalidObjectState" and refused["StorageClass"] == "GLACIER"
