"""Replication across accounts, with keys of KMS, in time, and of changes of replicas; batch replication and its kin."""

import csv
import io
import json
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from s3_buckets import OTHER, OWNER, allow, client_of, policy

MINUTE = 60
DAY = 86_400


@pytest.fixture
def s3(endpoint):
    """A boto3 client of the account that has the source."""
    return client_of(endpoint, OWNER)


@pytest.fixture
def other(endpoint):
    """A boto3 client of the account that has the destination."""
    return client_of(endpoint, OTHER)


@pytest.fixture
def settle(clock):
    """Lets everything that is due happen."""
    return lambda: clock(1)


def role(endpoint, service, *statements, name="worker"):
    """The ARN of a role that a service may assume."""
    iam = client_of(endpoint, OWNER, "iam")
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy(*statements))
    return arn


def versioned(s3, name):
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})


def replicate(s3, arn, source="source", target="replica", criteria=None, **destination):
    rule = {
        "ID": "all",
        "Status": "Enabled",
        "Priority": 1,
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": f"arn:aws:s3:::{target}", **destination},
    }
    if criteria:
        rule["SourceSelectionCriteria"] = criteria
    s3.put_bucket_replication(Bucket=source, ReplicationConfiguration={"Role": arn, "Rules": [rule]})


def status(s3, key="a", bucket="source"):
    return s3.head_object(Bucket=bucket, Key=key).get("ReplicationStatus")


ALL = allow("s3:*", "*")
LATE = {
    "ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}},
    "Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 15}},
}


def test_replicas_belong_to_the_other_account(endpoint, s3, other, settle):
    versioned(s3, "source")
    versioned(other, "replica")
    arn = role(endpoint, "s3.amazonaws.com", ALL)
    replicate(s3, arn, Account=OTHER, AccessControlTranslation={"Owner": "Destination"})
    s3.put_object(Bucket="source", Key="a", Body=b"1")
    settle()
    assert status(s3) == "FAILED"
    actions = ["s3:ReplicateObject", "s3:ReplicateTags", "s3:ObjectOwnerOverrideToBucketOwner"]
    statement = allow(actions, "arn:aws:s3:::replica/*", Principal={"AWS": arn})
    other.put_bucket_policy(Bucket="replica", Policy=policy(statement))
    version = s3.put_object(Bucket="source", Key="a", Body=b"2", Tagging="t=1")["VersionId"]
    settle()
    assert status(s3) == "COMPLETED"
    replica = other.get_object(Bucket="replica", Key="a")
    assert (replica["VersionId"], replica["Body"].read()) == (version, b"2")
    owner = other.get_object_acl(Bucket="replica", Key="a")["Owner"]["ID"]
    assert owner == other.list_buckets()["Owner"]["ID"]


def test_an_account_that_does_not_have_the_destination(endpoint, s3, settle):
    versioned(s3, "source")
    versioned(s3, "replica")
    replicate(s3, role(endpoint, "s3.amazonaws.com", ALL), Account=OTHER)
    s3.put_object(Bucket="source", Key="a", Body=b"1")
    settle()
    assert status(s3) == "FAILED"


def test_objects_encrypted_with_keys_get_another_key(endpoint, s3, settle):
    kms = client_of(endpoint, OWNER, "kms")
    keys = [kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2)]
    versioned(s3, "source")
    versioned(s3, "replica")
    arn = role(endpoint, "s3.amazonaws.com", ALL, allow(["kms:Decrypt"], keys[0]))
    criteria = {"SseKmsEncryptedObjects": {"Status": "Enabled"}}
    with pytest.raises(ClientError) as caught:
        replicate(s3, arn, criteria=criteria)
    message = "ReplicaKmsKeyID must be specified if SseKmsEncryptedObjects tag is present."
    assert caught.value.response["Error"]["Message"] == message
    replicate(s3, arn, criteria=criteria, EncryptionConfiguration={"ReplicaKmsKeyID": keys[1]})
    put = dict(Bucket="source", Key="a", ServerSideEncryption="aws:kms", SSEKMSKeyId=keys[0])
    s3.put_object(Body=b"1", **put)
    settle()
    assert status(s3) == "FAILED"
    iam = client_of(endpoint, OWNER, "iam")
    statements = [ALL, allow("kms:Decrypt", keys[0]), allow(["kms:Encrypt", "kms:GenerateDataKey"], keys[1])]
    iam.put_role_policy(RoleName="worker", PolicyName="p", PolicyDocument=policy(*statements))
    s3.put_object(Body=b"2", **put)
    settle()
    assert status(s3) == "COMPLETED"
    replica = s3.get_object(Bucket="replica", Key="a")
    assert (replica["SSEKMSKeyId"], replica["Body"].read()) == (keys[1], b"2")


def tags(s3, bucket):
    return s3.get_object_tagging(Bucket=bucket, Key="a")["TagSet"]


def test_changes_of_replicas_go_back(endpoint, s3, settle):
    versioned(s3, "source")
    versioned(s3, "replica")
    arn = role(endpoint, "s3.amazonaws.com", ALL)
    replicate(s3, arn)
    replicate(s3, arn, source="replica", target="source")
    s3.put_object(Bucket="source", Key="a", Body=b"1")
    settle()
    given = [{"Key": "a", "Value": "1"}]
    s3.put_object_tagging(Bucket="source", Key="a", Tagging={"TagSet": given})
    settle()
    assert tags(s3, "replica") == given and status(s3) == "COMPLETED"
    s3.delete_object_tagging(Bucket="replica", Key="a")
    settle()
    assert tags(s3, "source") == given
    criteria = {"ReplicaModifications": {"Status": "Enabled"}}
    replicate(s3, arn, source="replica", target="source", criteria=criteria)
    changed = [{"Key": "b", "Value": "2"}]
    s3.put_object_tagging(Bucket="replica", Key="a", Tagging={"TagSet": changed})
    settle()
    assert tags(s3, "source") == changed and tags(s3, "replica") == changed
    assert (status(s3), status(s3, bucket="replica")) == ("COMPLETED", "REPLICA")
    assert len(s3.list_object_versions(Bucket="source")["Versions"]) == 1


def test_locks_reach_replicas(endpoint, s3, settle):
    for name in ["source", "replica"]:
        s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    replicate(s3, role(endpoint, "s3.amazonaws.com", ALL))
    s3.put_object(Bucket="source", Key="a", Body=b"1")
    settle()
    s3.put_object_legal_hold(Bucket="source", Key="a", LegalHold={"Status": "ON"})
    until = s3.head_object(Bucket="source", Key="a")["LastModified"] + timedelta(days=30)
    s3.put_object_retention(Bucket="source", Key="a", Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until})
    settle()
    assert status(s3) == "COMPLETED"
    replica = s3.head_object(Bucket="replica", Key="a")
    assert (replica["ObjectLockLegalHoldStatus"], replica["ObjectLockMode"]) == ("ON", "GOVERNANCE")
    assert replica["ObjectLockRetainUntilDate"] == until


@pytest.fixture
def events(endpoint, s3):
    """What is told of the replication of the bucket `source`: names and data."""
    sqs = client_of(endpoint, OWNER, "sqs")
    url = sqs.create_queue(QueueName="events")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{OWNER}:events"
    statement = allow("sqs:SendMessage", arn, Principal={"Service": "s3.amazonaws.com"})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy(statement)})
    versioned(s3, "source")
    targets = [{"QueueArn": arn, "Events": ["s3:Replication:*"]}]
    configuration = {"QueueConfigurations": targets}
    s3.put_bucket_notification_configuration(Bucket="source", NotificationConfiguration=configuration)
    sqs.purge_queue(QueueUrl=url)

    def told():
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        bodies = [json.loads(message["Body"]) for message in messages]
        records = [body["Records"][0] for body in bodies if "Records" in body]
        return {record["eventName"]: record["replicationEventData"] for record in records}

    return told


def test_late_replicas_are_told_of(endpoint, s3, events, clock):
    versioned(s3, "replica")
    replicate(s3, role(endpoint, "s3.amazonaws.com", ALL), **LATE)
    fault = {
        "service": "sts",
        "operation": "AssumeRole",
        "effect": {"type": "error", "code": "ServiceUnavailable", "status": 503, "message": "on purpose"},
    }
    endpoint.admin("PUT", "faults", {"rules": [fault]})
    s3.put_object(Bucket="source", Key="a", Body=b"1")
    clock(10 * MINUTE)
    assert status(s3) == "PENDING" and events() == {}
    clock(6 * MINUTE)
    missed = events()
    assert set(missed) == {"Replication:OperationMissedThreshold"}
    data = missed["Replication:OperationMissedThreshold"]
    assert (data["replicationRuleId"], data["destinationBucket"]) == ("all", "arn:aws:s3:::replica")
    endpoint.admin("DELETE", "faults")
    clock(15 * MINUTE)
    assert status(s3) == "COMPLETED"
    assert set(events()) == {"Replication:OperationReplicatedAfterThreshold"}
    s3.put_object(Bucket="source", Key="b", Body=b"1")
    clock(20 * MINUTE)
    assert status(s3, "b") == "COMPLETED" and events() == {}


def test_failures_have_reasons(endpoint, s3, events, settle):
    versioned(s3, "replica")
    reads = allow(["s3:GetObjectVersionForReplication"], "arn:aws:s3:::source/*")
    replicate(s3, role(endpoint, "s3.amazonaws.com", reads))
    s3.put_object(Bucket="source", Key="a", Body=b"1")
    settle()
    reason = events()["Replication:OperationFailedReplication"]["failureReason"]
    assert reason == "DstPutObjectNotPermitted"
    s3.put_bucket_versioning(Bucket="replica", VersioningConfiguration={"Status": "Suspended"})
    s3.put_object(Bucket="source", Key="a", Body=b"1")
    settle()
    assert events()["Replication:OperationFailedReplication"]["failureReason"] == "DstBucketUnversioned"
    s3.delete_bucket(Bucket="replica")
    s3.put_object(Bucket="source", Key="a", Body=b"1")
    settle()
    assert events()["Replication:OperationFailedReplication"]["failureReason"] == "DstBucketNotFound"
    replicated = s3.get_bucket_replication(Bucket="source")["ReplicationConfiguration"]
    replicated["Role"] = f"arn:aws:iam::{OWNER}:role/nobody"
    versioned(s3, "replica")
    s3.put_bucket_replication(Bucket="source", ReplicationConfiguration=replicated)
    s3.put_object(Bucket="source", Key="a", Body=b"1")
    settle()
    assert events()["Replication:OperationFailedReplication"]["failureReason"] == "AssumeRoleNotPermitted"


@pytest.fixture
def job(endpoint, s3, settle):
    """Runs a batch job; its description, and the rows of its report by key."""
    control = client_of(endpoint, OWNER, "s3control")
    s3.create_bucket(Bucket="jobs")
    arn = role(endpoint, "batchoperations.s3.amazonaws.com", ALL, name="batch")

    def run(operation, **source):
        report = {
            "Enabled": True,
            "Bucket": "arn:aws:s3:::jobs",
            "Prefix": "reports",
            "Format": "Report_CSV_20180820",
            "ReportScope": "AllTasks",
        }
        identifier = control.create_job(
            AccountId=OWNER, ConfirmationRequired=False, Operation=operation, Report=report, Priority=1,
            RoleArn=arn, **source,
        )["JobId"]
        settle()
        described = control.describe_job(AccountId=OWNER, JobId=identifier)["Job"]
        assert described["Status"] == "Complete", described
        folder = f"reports/job-{identifier}"
        manifest = json.load(s3.get_object(Bucket="jobs", Key=f"{folder}/manifest.json")["Body"])
        rows = {}
        for result in manifest["Results"]:
            text = s3.get_object(Bucket="jobs", Key=result["Key"])["Body"].read().decode()
            rows.update({row[1]: row for row in csv.reader(io.StringIO(text))})
        return described, rows

    return run


def listed(s3, *keys):
    """A manifest that lists keys of the bucket `source`."""
    text = "".join(f"source,{key}\n" for key in keys)
    etag = s3.put_object(Bucket="jobs", Key="manifest.csv", Body=text.encode())["ETag"]
    spec = {"Format": "S3BatchOperations_CSV_20180820", "Fields": ["Bucket", "Key"]}
    return {"Manifest": {"Spec": spec, "Location": {"ObjectArn": "arn:aws:s3:::jobs/manifest.csv", "ETag": etag}}}


def test_what_was_there_before_is_replicated_by_a_job(endpoint, s3, job, settle):
    versioned(s3, "source")
    versioned(s3, "replica")
    version = s3.put_object(Bucket="source", Key="a", Body=b"1")["VersionId"]
    replicate(s3, role(endpoint, "s3.amazonaws.com", ALL))
    s3.put_object(Bucket="source", Key="b", Body=b"2")
    settle()
    assert status(s3) is None and status(s3, "b") == "COMPLETED"
    generator = {
        "SourceBucket": "arn:aws:s3:::source",
        "EnableManifestOutput": True,
        "ManifestOutputLocation": {
            "Bucket": "arn:aws:s3:::jobs",
            "ManifestPrefix": "manifests",
            "ManifestFormat": "S3InventoryReport_CSV_20211130",
        },
        "Filter": {"EligibleForReplication": True, "ObjectReplicationStatuses": ["NONE", "FAILED"]},
    }
    described, rows = job({"S3ReplicateObject": {}}, ManifestGenerator={"S3JobManifestGenerator": generator})
    assert described["ProgressSummary"]["TotalNumberOfTasks"] == 1
    assert rows["a"][3:5] == ["succeeded", "200"]
    assert s3.head_object(Bucket="replica", Key="a")["VersionId"] == version
    assert status(s3) == "COMPLETED"
    location = described["GeneratedManifestDescriptor"]["Location"]
    manifest = s3.get_object(Bucket="jobs", Key=location["ObjectArn"].split("/", 1)[1])
    assert manifest["ETag"].strip('"') == location["ETag"].strip('"')
    assert json.load(manifest["Body"])["fileSchema"] == "Bucket, Key, VersionId"


def test_a_job_takes_the_manifest_of_an_inventory(s3, job, clock):
    s3.create_bucket(Bucket="source")
    for key in ["a b", "c"]:
        s3.put_object(Bucket="source", Key=key, Body=b"1")
    statement = allow("s3:PutObject", "arn:aws:s3:::jobs/*", Principal={"Service": "s3.amazonaws.com"})
    s3.put_bucket_policy(Bucket="jobs", Policy=policy(statement))
    configuration = {
        "Id": "daily",
        "IsEnabled": True,
        "IncludedObjectVersions": "Current",
        "Schedule": {"Frequency": "Daily"},
        "Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::jobs", "Format": "CSV"}},
    }
    s3.put_bucket_inventory_configuration(Bucket="source", Id="daily", InventoryConfiguration=configuration)
    clock(DAY)
    entries = s3.list_objects_v2(Bucket="jobs", Prefix="source/daily/2")["Contents"]
    (entry,) = [entry for entry in entries if entry["Key"].endswith("manifest.json")]
    manifest = {
        "Spec": {"Format": "S3InventoryReport_CSV_20161130"},
        "Location": {"ObjectArn": f"arn:aws:s3:::jobs/{entry['Key']}", "ETag": entry["ETag"]},
    }
    tagging = {"S3PutObjectTagging": {"TagSet": [{"Key": "k", "Value": "v"}]}}
    described, rows = job(tagging, Manifest=manifest)
    assert described["ProgressSummary"]["NumberOfTasksSucceeded"] == 2 and len(rows) == 2
    for key in ["a b", "c"]:
        assert s3.get_object_tagging(Bucket="source", Key=key)["TagSet"] == [{"Key": "k", "Value": "v"}]
    _, rows = job({"S3DeleteObjectTagging": {}}, Manifest=manifest)
    assert len(rows) == 2 and s3.get_object_tagging(Bucket="source", Key="c")["TagSet"] == []


def test_jobs_hold_and_retain(s3, job):
    s3.create_bucket(Bucket="source", ObjectLockEnabledForBucket=True)
    s3.put_object(Bucket="source", Key="a", Body=b"1")
    job({"S3PutObjectLegalHold": {"LegalHold": {"Status": "ON"}}}, **listed(s3, "a"))
    assert s3.get_object_legal_hold(Bucket="source", Key="a")["LegalHold"]["Status"] == "ON"
    retention = {"Mode": "GOVERNANCE", "RetainUntilDate": "2099-01-01T00:00:00Z"}
    job({"S3PutObjectRetention": {"Retention": retention}}, **listed(s3, "a"))
    found = s3.get_object_retention(Bucket="source", Key="a")["Retention"]
    assert (found["Mode"], found["RetainUntilDate"].year) == ("GOVERNANCE", 2099)
    shorter = {"Mode": "GOVERNANCE", "RetainUntilDate": "2098-01-01T00:00:00Z"}
    _, rows = job({"S3PutObjectRetention": {"Retention": shorter}}, **listed(s3, "a"))
    assert rows["a"][3:6] == ["failed", "403", "AccessDenied"]
    bypassing = {"BypassGovernanceRetention": True, "Retention": shorter}
    job({"S3PutObjectRetention": bypassing}, **listed(s3, "a"))
    assert s3.get_object_retention(Bucket="source", Key="a")["Retention"]["RetainUntilDate"].year == 2098


def test_jobs_restore_and_open_up(s3, job, clock):
    s3.create_bucket(Bucket="source", ObjectOwnership="ObjectWriter")
    s3.delete_public_access_block(Bucket="source")
    s3.put_object(Bucket="source", Key="cold", Body=b"1", StorageClass="GLACIER")
    s3.put_object(Bucket="source", Key="warm", Body=b"1")
    restore = {"S3InitiateRestoreObject": {"ExpirationInDays": 2, "GlacierJobTier": "STANDARD"}}
    _, rows = job(restore, **listed(s3, "cold", "warm"))
    assert (rows["cold"][3], rows["warm"][3:6]) == ("succeeded", ["failed", "403", "InvalidObjectState"])
    clock(5 * 3600)
    assert s3.get_object(Bucket="source", Key="cold")["Body"].read() == b"1"
    acl = {"S3PutObjectAcl": {"AccessControlPolicy": {"CannedAccessControlList": "public-read"}}}
    job(acl, **listed(s3, "warm"))
    grants = s3.get_object_acl(Bucket="source", Key="warm")["Grants"]
    assert any(grant["Grantee"].get("URI", "").endswith("AllUsers") for grant in grants)


def test_objects_under_keys_of_customers_are_replicated(endpoint, settle):
    """Small ones, ones in files, and ones of several parts; whoever has the key reads the replica."""
    s3 = client_of(endpoint.secure(), OWNER)
    for name in ["source", "replica"]:
        versioned(s3, name)
    replicate(s3, role(endpoint, "s3.amazonaws.com", ALL))
    key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}
    bodies = {"empty": b"", "small": b"x" * 100, "inline": b"y" * 20_000, "large": b"z" * 300_000}
    for name, body in bodies.items():
        s3.put_object(Bucket="source", Key=name, Body=body, **key)
    upload = {"Bucket": "source", "Key": "parts"}
    upload["UploadId"] = s3.create_multipart_upload(**upload, **key)["UploadId"]
    pieces = [b"p" * (5 << 20), b"q" * 1_000]
    parts = [
        {"PartNumber": number, "ETag": s3.upload_part(PartNumber=number, Body=piece, **upload, **key)["ETag"]}
        for number, piece in enumerate(pieces, 1)
    ]
    s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **upload)
    bodies["parts"] = b"".join(pieces)
    settle()
    for name, body in bodies.items():
        assert s3.head_object(Bucket="source", Key=name, **key)["ReplicationStatus"] == "COMPLETED", name
        found = s3.get_object(Bucket="replica", Key=name, **key)
        assert found["Body"].read() == body and found["ReplicationStatus"] == "REPLICA"
        assert found["SSECustomerAlgorithm"] == "AES256"
        # What the source loses, the replica keeps.
        version = s3.head_object(Bucket="source", Key=name, **key)["VersionId"]
        s3.delete_object(Bucket="source", Key=name, VersionId=version)
        assert s3.get_object(Bucket="replica", Key=name, **key)["Body"].read() == body
        with pytest.raises(ClientError):
            s3.get_object(Bucket="replica", Key=name)
        with pytest.raises(ClientError):
            s3.get_object(Bucket="replica", Key=name, SSECustomerAlgorithm="AES256", SSECustomerKey="w" * 32)


def test_what_the_owner_of_the_bucket_may_not_read_is_not_replicated(endpoint, s3, other, settle):
    for name in ["source", "replica"]:
        versioned(s3, name)
    s3.put_public_access_block(Bucket="source", PublicAccessBlockConfiguration={"BlockPublicAcls": False})
    rules = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    s3.put_bucket_ownership_controls(Bucket="source", OwnershipControls=rules)
    own_id, other_id = [client.list_buckets()["Owner"]["ID"] for client in [s3, other]]
    s3.put_bucket_acl(Bucket="source", GrantWrite=f'id="{other_id}"', GrantFullControl=f'id="{own_id}"')
    replicate(s3, role(endpoint, "s3.amazonaws.com", ALL))
    other.put_object(Bucket="source", Key="theirs", Body=b"x")
    other.put_object(Bucket="source", Key="read", Body=b"x", ACL="bucket-owner-read")
    other.put_object(Bucket="source", Key="shared", Body=b"x", ACL="bucket-owner-full-control")
    settle()
    statuses = {key: other.head_object(Bucket="source", Key=key)["ReplicationStatus"] for key in ["theirs", "read", "shared"]}
    assert statuses == {"theirs": "FAILED", "read": "FAILED", "shared": "COMPLETED"}
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket="replica")["Contents"]] == ["shared"]
