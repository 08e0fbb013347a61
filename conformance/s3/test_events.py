"""What follows from what happens to objects: notifications, replication, access logs, batch jobs."""

import base64
import csv
import gzip
import hashlib
import io
import json

import pytest
from botocore.exceptions import ClientError

from gateway.exchange import Call
from s3_buckets import anonymous, client_of, delivers

ACCOUNT = "000000000000"
DAY = 86_400
# A policy of a key that leaves it to the policies of callers, and lets everybody else in too.
EVERYBODY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}],
}


@pytest.fixture
def control(endpoint):
    """A boto3 client of the S3 control plane."""
    return client_of(endpoint, ACCOUNT, "s3control")


@pytest.fixture
def settle(clock):
    """Lets everything that is due happen."""
    return lambda: clock(1)


@pytest.fixture
def queue(sqs):
    """The URL and the ARN of a queue to which S3 may send."""
    url = sqs.create_queue(QueueName="events")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:events"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::source"}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    return url, arn


def received(sqs, url):
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in messages:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in messages]


def notify(s3, arn, events, rules=()):
    target = {"Id": "configured", "QueueArn": arn, "Events": events}
    if rules:
        target["Filter"] = {"Key": {"FilterRules": [{"Name": name, "Value": value} for name, value in rules]}}
    s3.put_bucket_notification_configuration(
        Bucket="source", NotificationConfiguration={"QueueConfigurations": [target]}
    )


def test_a_new_configuration_is_tested(s3, sqs, queue):
    s3.create_bucket(Bucket="source")
    notify(s3, queue[1], ["s3:ObjectCreated:*"])
    (event,) = received(sqs, queue[0])
    assert event["Event"] == "s3:TestEvent" and event["Bucket"] == "source"


def test_a_queue_that_lets_nobody_in_is_refused(s3, sqs):
    s3.create_bucket(Bucket="source")
    sqs.create_queue(QueueName="closed")
    with pytest.raises(ClientError) as caught:
        notify(s3, f"arn:aws:sqs:us-east-1:{ACCOUNT}:closed", ["s3:ObjectCreated:*"])
    error = caught.value.response["Error"]
    assert error["Code"] == "InvalidArgument"
    assert error["Message"] == "Unable to validate the following destination configurations"


def test_events_tell_what_happened(s3, sqs, queue, settle):
    s3.create_bucket(Bucket="source")
    notify(s3, queue[1], ["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*"])
    received(sqs, queue[0])
    s3.put_object(Bucket="source", Key="a b@", Body=b"123456789")
    s3.put_object_tagging(Bucket="source", Key="a b@", Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
    s3.delete_object(Bucket="source", Key="a b@")
    settle()
    records = {event["Records"][0]["eventName"]: event["Records"][0] for event in received(sqs, queue[0])}
    assert set(records) == {"ObjectCreated:Put", "ObjectTagging:Put", "ObjectRemoved:Delete"}
    created = records["ObjectCreated:Put"]
    assert created["eventVersion"] == "2.1" and created["awsRegion"] == "us-east-1"
    assert created["s3"]["bucket"]["arn"] == "arn:aws:s3:::source"
    assert created["s3"]["configurationId"] == "configured"
    thing = created["s3"]["object"]
    assert (thing["key"], thing["size"]) == ("a+b%40", 9)
    assert thing["eTag"] == "25f9e794323b453885f5181f1b624d0b"
    removed = records["ObjectRemoved:Delete"]["s3"]["object"]
    assert set(removed) == {"key", "sequencer"} and removed["sequencer"] > thing["sequencer"]
    assert set(records["ObjectTagging:Put"]["s3"]["object"]) == {"key", "eTag"}
    assert records["ObjectTagging:Put"]["eventVersion"] == "2.3"


def test_filters_choose_keys(s3, sqs, queue, settle):
    s3.create_bucket(Bucket="source")
    notify(s3, queue[1], ["s3:ObjectCreated:Put"], [("prefix", "in/"), ("suffix", ".jpg")])
    received(sqs, queue[0])
    for key in ["in/a.jpg", "in/a.png", "a.jpg"]:
        s3.put_object(Bucket="source", Key=key, Body=b"x")
    settle()
    assert [event["Records"][0]["s3"]["object"]["key"] for event in received(sqs, queue[0])] == ["in/a.jpg"]


def test_an_upload_by_a_form(endpoint, s3, sqs, queue, clock):
    for name in ["source", "logs"]:
        s3.create_bucket(Bucket=name)
    delivers(s3, "logs", "logging.s3.amazonaws.com", "source")
    logging = {"LoggingEnabled": {"TargetBucket": "logs", "TargetPrefix": ""}}
    s3.put_bucket_logging(Bucket="source", BucketLoggingStatus=logging)
    notify(s3, queue[1], ["s3:ObjectCreated:Post", "s3:ObjectCreated:Put"])
    received(sqs, queue[0])
    fields = s3.generate_presigned_post("source", "k")["fields"]
    parts = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
    file = '--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nbody\r\n--b--\r\n'
    form = Call("POST", "/source", {"Content-Type": "multipart/form-data; boundary=b"}, "".join([*parts, file]).encode())
    assert form.send(endpoint).status == 204
    clock(3600)
    (event,) = received(sqs, queue[0])
    assert event["Records"][0]["eventName"] == "ObjectCreated:Post"
    logs = [s3.get_object(Bucket="logs", Key=log["Key"])["Body"].read() for log in s3.list_objects_v2(Bucket="logs")["Contents"]]
    assert b' REST.POST.OBJECT k "POST /source HTTP/1.1" 204 - ' in b"".join(logs)


def test_events_of_versions(s3, sqs, queue, settle):
    s3.create_bucket(Bucket="source")
    s3.put_bucket_versioning(Bucket="source", VersioningConfiguration={"Status": "Enabled"})
    notify(s3, queue[1], ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"])
    received(sqs, queue[0])
    version = s3.put_object(Bucket="source", Key="a", Body=b"x")["VersionId"]
    marker = s3.delete_object(Bucket="source", Key="a")["VersionId"]
    settle()
    found = {event["Records"][0]["eventName"]: event["Records"][0]["s3"]["object"] for event in received(sqs, queue[0])}
    assert found["ObjectCreated:Put"]["versionId"] == version
    assert found["ObjectRemoved:DeleteMarkerCreated"]["versionId"] == marker


def role(client, service, *statements):
    """The ARN of a role that a service may assume."""
    iam = client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [trust]}
    arn = iam.create_role(RoleName="worker", AssumeRolePolicyDocument=json.dumps(document))["Role"]["Arn"]
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement} for statement in statements]}
    iam.put_role_policy(RoleName="worker", PolicyName="p", PolicyDocument=json.dumps(policy))
    return arn


READS = {
    "Action": ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging", "s3:GetObjectVersionAcl"],
    "Resource": "arn:aws:s3:::source/*",
}
WRITES = {
    "Action": ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"],
    "Resource": "arn:aws:s3:::replica/*",
}


def replicated(s3, arn, **rule):
    for name in ["source", "replica"]:
        s3.create_bucket(Bucket=name)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    rule = {
        "ID": "all",
        "Status": "Enabled",
        "Priority": 1,
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": "arn:aws:s3:::replica"},
        **rule,
    }
    s3.put_bucket_replication(Bucket="source", ReplicationConfiguration={"Role": arn, "Rules": [rule]})


def test_versions_are_replicated_with_their_ids(client, s3, settle):
    replicated(s3, role(client, "s3.amazonaws.com", READS, WRITES))
    large = bytes(range(256)) * 2000
    version = s3.put_object(Bucket="source", Key="a", Body=large, Metadata={"k": "v"}, Tagging="t=1")["VersionId"]
    settle()
    assert s3.head_object(Bucket="source", Key="a")["ReplicationStatus"] == "COMPLETED"
    replica = s3.get_object(Bucket="replica", Key="a")
    assert replica["VersionId"] == version and replica["ReplicationStatus"] == "REPLICA"
    assert replica["Body"].read() == large and replica["Metadata"] == {"k": "v"}
    assert s3.get_object_tagging(Bucket="replica", Key="a")["TagSet"] == [{"Key": "t", "Value": "1"}]
    s3.delete_object(Bucket="source", Key="a")
    settle()
    assert s3.get_object(Bucket="replica", Key="a")["VersionId"] == version


def test_delete_markers_and_classes_as_the_rule_wants(client, s3, settle):
    destination = {"Bucket": "arn:aws:s3:::replica", "StorageClass": "STANDARD_IA"}
    arn = role(client, "s3.amazonaws.com", READS, WRITES)
    replicated(s3, arn, DeleteMarkerReplication={"Status": "Enabled"}, Destination=destination)
    s3.put_object(Bucket="source", Key="a", Body=b"x")
    settle()
    assert s3.head_object(Bucket="replica", Key="a")["StorageClass"] == "STANDARD_IA"
    s3.delete_object(Bucket="source", Key="a")
    settle()
    with pytest.raises(ClientError):
        s3.head_object(Bucket="replica", Key="a")


def test_a_role_that_may_not_fails(client, s3, settle):
    replicated(s3, role(client, "s3.amazonaws.com", READS))
    s3.put_object(Bucket="source", Key="a", Body=b"x")
    settle()
    assert s3.head_object(Bucket="source", Key="a")["ReplicationStatus"] == "FAILED"


def test_access_logs_are_delivered(endpoint, s3, clock):
    for name in ["source", "logs"]:
        s3.create_bucket(Bucket=name)
    delivers(s3, "logs", "logging.s3.amazonaws.com", "source")
    status = {"LoggingEnabled": {"TargetBucket": "logs", "TargetPrefix": "of-source/"}}
    s3.put_bucket_logging(Bucket="source", BucketLoggingStatus=status)
    s3.put_object(Bucket="source", Key="a b", Body=b"x")
    with pytest.raises(ClientError):
        s3.get_object(Bucket="source", Key="missing")
    client_of(endpoint.secure(), ACCOUNT).get_object(Bucket="source", Key="a b")
    clock(3600)
    (listed,) = s3.list_objects_v2(Bucket="logs")["Contents"]
    assert listed["Key"].startswith("of-source/2")
    lines = s3.get_object(Bucket="logs", Key=listed["Key"])["Body"].read().decode().splitlines()
    assert any(" REST.PUT.OBJECT a+b " in line and " 200 - " in line for line in lines)
    assert any(" REST.GET.OBJECT missing " in line and " 404 NoSuchKey " in line for line in lines)
    # The version of TLS, the access point, whether access lists were asked, and the source region end a line.
    assert {line.split()[-4] for line in lines if "REST.PUT.OBJECT" in line} == {"-"}
    (secure,) = [line.split() for line in lines if "REST.GET.OBJECT a+b" in line]
    assert secure[-4] == "TLSv1.3"
    assert secure[-7].startswith("TLS_") and "GCM" in secure[-7] or secure[-7] == "TLS_CHACHA20_POLY1305_SHA256"


def test_access_logs_tell_the_query_the_ids_and_who_needed_a_list(endpoint, s3, clock):
    for name in ["source", "logs"]:
        s3.create_bucket(Bucket=name)
    delivers(s3, "logs", "logging.s3.amazonaws.com", "source")
    s3.delete_public_access_block(Bucket="source")
    ownership = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    s3.put_bucket_ownership_controls(Bucket="source", OwnershipControls=ownership)
    status = {"LoggingEnabled": {"TargetBucket": "logs", "TargetPrefix": ""}}
    s3.put_bucket_logging(Bucket="source", BucketLoggingStatus=status)
    s3.put_object(Bucket="source", Key="a b", Body=b"x", ACL="public-read")
    s3.list_objects_v2(Bucket="source", Prefix="a ", MaxKeys=7)
    answer = anonymous(endpoint).get_object(Bucket="source", Key="a b")["ResponseMetadata"]
    clock(3600)
    logs = [s3.get_object(Bucket="logs", Key=entry["Key"]) for entry in s3.list_objects_v2(Bucket="logs")["Contents"]]
    lines = [line.split() for log in logs for line in log["Body"].read().decode().splitlines()]
    by_operation = {line[7]: line for line in lines}
    assert by_operation["REST.GET.BUCKET"][10] == "/source?list-type=2&encoding-type=url&max-keys=7&prefix=a%20"
    read = by_operation["REST.GET.OBJECT"]
    assert (read[10], read[6]) == ("/source/a%20b", answer["RequestId"]) and answer["HostId"] in read
    # Whether an access list was needed, before the region that the request came from.
    assert (read[-2], by_operation["REST.PUT.OBJECT"][-2]) == ("Yes", "-")


def test_what_is_no_request_of_its_own_has_lines_in_access_logs(s3, control, clock):
    """Keys of DeleteObjects, the sources of copies, what comes through an access point, what lifecycle rules do."""
    for name in ["source", "copies", "logs"]:
        s3.create_bucket(Bucket=name)
    delivers(s3, "logs", "logging.s3.amazonaws.com", "source")
    alias = control.create_access_point(AccountId=ACCOUNT, Name="point", Bucket="source")["Alias"]
    for key in ["a", "b", "old/a", "cold/a"]:
        s3.put_object(Bucket="source", Key=key, Body=b"x" * 200_000)
    s3.create_multipart_upload(Bucket="source", Key="cut off")
    rules = [
        {"Filter": {"Prefix": "old/"}, "Expiration": {"Days": 1}},
        {"Filter": {"Prefix": "cold/"}, "Transitions": [{"Days": 1, "StorageClass": "GLACIER"}]},
        {"Filter": {"Prefix": "cut"}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
    ]
    rules = [{"ID": str(number), "Status": "Enabled", **rule} for number, rule in enumerate(rules)]
    s3.put_bucket_lifecycle_configuration(Bucket="source", LifecycleConfiguration={"Rules": rules})
    status = {"LoggingEnabled": {"TargetBucket": "logs", "TargetPrefix": ""}}
    s3.put_bucket_logging(Bucket="source", BucketLoggingStatus=status)
    s3.get_object(Bucket=alias, Key="a")
    s3.copy_object(Bucket="copies", Key="a", CopySource="source/a")
    s3.delete_objects(Bucket="source", Delete={"Objects": [{"Key": "a"}, {"Key": "b", "VersionId": "wrong"}]})
    clock(3 * 86_400)
    logs = [s3.get_object(Bucket="logs", Key=entry["Key"]) for entry in s3.list_objects_v2(Bucket="logs")["Contents"]]
    lines = [line.split() for log in logs for line in log["Body"].read().decode().splitlines()]

    (through,) = [line for line in lines if line[7] == "REST.GET.OBJECT"]
    assert through[-3] == f"arn:aws:s3:us-east-1:{ACCOUNT}:accesspoint/point" and through[1] == "source"
    (copied,) = [line for line in lines if line[7] == "REST.COPY.OBJECT_GET"]
    assert copied[8] == "a" and copied[9:12] == ['"PUT', "/copies/a", 'HTTP/1.1"'] and copied[12] == "200"
    deleted = {line[8]: line[9:12] for line in lines if line[7] == "BATCH.DELETE.OBJECT"}
    assert deleted == {"a": ['"-"', "204", "-"], "b": ['"-"', "-", "NoSuchVersion"]}
    assert len([line for line in lines if line[7] == "REST.POST.MULTI_OBJECT_DELETE"]) == 1
    by_rules = {line[7]: (line[5], line[8]) for line in lines if line[7].startswith("S3.")}
    assert by_rules == {
        "S3.EXPIRE.OBJECT": ("AmazonS3", "old/a"),
        "S3.TRANSITION.OBJECT": ("AmazonS3", "cold/a"),
        "S3.DELETE.UPLOAD": ("AmazonS3", "cut+off"),
    }


@pytest.fixture
def batch(client, s3, control, settle):
    """Runs a batch job over keys of the bucket `source`; its description, and the rows of its report."""
    s3.create_bucket(Bucket="source")
    arn = role(client, "batchoperations.s3.amazonaws.com", {"Action": "s3:*", "Resource": "*"})

    def run(keys, operation, **more):
        manifest = "".join(f"source,{key}\n" for key in keys)
        etag = s3.put_object(Bucket="source", Key="manifest.csv", Body=manifest.encode())["ETag"]
        location = {"ObjectArn": "arn:aws:s3:::source/manifest.csv", "ETag": etag}
        spec = {"Format": "S3BatchOperations_CSV_20180820", "Fields": ["Bucket", "Key"]}
        report = {
            "Enabled": True,
            "Bucket": "arn:aws:s3:::source",
            "Prefix": "reports",
            "Format": "Report_CSV_20180820",
            "ReportScope": "AllTasks",
        }
        arguments = {
            "AccountId": ACCOUNT,
            "ConfirmationRequired": False,
            "Operation": operation,
            "Report": report,
            "Manifest": {"Spec": spec, "Location": location},
            "Priority": 10,
            "RoleArn": arn,
            "ClientRequestToken": "token",
            **more,
        }
        job = control.create_job(**arguments)["JobId"]
        assert control.create_job(**arguments)["JobId"] == job
        settle()
        return control.describe_job(AccountId=ACCOUNT, JobId=job)["Job"]

    return run


def test_a_batch_job_tags_objects_and_reports(s3, control, batch):
    for key in ["a", "b"]:
        s3.put_object(Bucket="source", Key=key, Body=b"x")
    tags = {"S3PutObjectTagging": {"TagSet": [{"Key": "k", "Value": "v"}]}}
    job = batch(["a", "b", "missing"], tags)
    assert job["Status"] == "Complete"
    summary = job["ProgressSummary"]
    counts = [summary[f"{name}"] for name in ["TotalNumberOfTasks", "NumberOfTasksSucceeded", "NumberOfTasksFailed"]]
    assert counts == [3, 2, 1]
    assert s3.get_object_tagging(Bucket="source", Key="a")["TagSet"] == [{"Key": "k", "Value": "v"}]
    folder = f"reports/job-{job['JobId']}"
    manifest = json.load(s3.get_object(Bucket="source", Key=f"{folder}/manifest.json")["Body"])
    rows = "".join(
        s3.get_object(Bucket="source", Key=result["Key"])["Body"].read().decode() for result in manifest["Results"]
    )
    assert "source,a,,succeeded,200,,Successful" in rows
    assert "source,missing,,failed,404,NoSuchKey" in rows
    assert [entry["JobId"] for entry in control.list_jobs(AccountId=ACCOUNT)["Jobs"]] == [job["JobId"]]
    with pytest.raises(ClientError, match="InvalidNextTokenException"):
        control.list_jobs(AccountId=ACCOUNT, NextToken="zz")


def test_a_job_waits_for_its_confirmation_or_is_cancelled(s3, control, batch, settle):
    s3.put_object(Bucket="source", Key="a", Body=b"x")
    job = batch(["a"], {"S3DeleteObjectTagging": {}}, ConfirmationRequired=True)
    assert job["Status"] == "Suspended"
    control.update_job_priority(AccountId=ACCOUNT, JobId=job["JobId"], Priority=99)
    control.update_job_status(AccountId=ACCOUNT, JobId=job["JobId"], RequestedJobStatus="Ready")
    settle()
    done = control.describe_job(AccountId=ACCOUNT, JobId=job["JobId"])["Job"]
    assert (done["Status"], done["Priority"]) == ("Complete", 99)
    with pytest.raises(ClientError) as caught:
        control.update_job_status(AccountId=ACCOUNT, JobId=job["JobId"], RequestedJobStatus="Cancelled")
    assert caught.value.response["Error"]["Code"] == "JobStatusException"


def test_a_job_is_forgotten_ninety_days_after_its_end(s3, control, batch, clock):
    s3.put_object(Bucket="source", Key="a", Body=b"x")
    tags = {"S3PutObjectTagging": {"TagSet": [{"Key": "k", "Value": "v"}]}}
    job = batch(["a"], tags)
    failed = batch(["a"], tags, ClientRequestToken="other", RoleArn=f"arn:aws:iam::{ACCOUNT}:role/nobody")
    assert (job["Status"], failed["Status"]) == ("Complete", "Failed")
    clock(89 * 86_400)
    assert len(control.list_jobs(AccountId=ACCOUNT)["Jobs"]) == 2
    clock(2 * 86_400)
    assert not control.list_jobs(AccountId=ACCOUNT).get("Jobs")
    with pytest.raises(ClientError) as caught:
        control.describe_job(AccountId=ACCOUNT, JobId=job["JobId"])
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404
    assert batch(["a"], tags)["JobId"] != job["JobId"]


def test_what_jobs_cannot_do_is_refused_by_name(batch):
    with pytest.raises(ClientError) as caught:
        batch([], {"LambdaInvoke": {"FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:f"}})
    error = caught.value.response["Error"]
    assert error["Code"] == "NotImplemented" and "LambdaInvoke" in error["Message"]


def rows_of(s3, job):
    """The rows of the report of a job, by key."""
    folder = f"reports/job-{job['JobId']}"
    manifest = json.load(s3.get_object(Bucket="source", Key=f"{folder}/manifest.json")["Body"])
    files = [s3.get_object(Bucket="source", Key=result["Key"])["Body"].read() for result in manifest["Results"]]
    return {row[1]: row for file in files for row in csv.reader(io.StringIO(file.decode()))}


def test_a_job_changes_the_keys_of_objects(client, s3, batch):
    key = client("kms").create_key(Policy=json.dumps(EVERYBODY))["KeyMetadata"]["Arn"]
    s3.put_object(Bucket="source", Key="a", Body=b"x")
    s3.put_object(Bucket="source", Key="c", Body=b"x", ServerSideEncryption="aws:kms:dsse", SSEKMSKeyId=key)
    wanted = {"SSEKMS": {"KMSKeyArn": key, "BucketKeyEnabled": True}}
    job = batch(["a", "c"], {"S3UpdateObjectEncryption": {"ObjectEncryption": wanted}})
    rows = rows_of(s3, job)
    assert rows["a"][3:] == ["succeeded", "200", "", "Successful"]
    assert rows["c"][3:6] == ["failed", "400", "InvalidRequest"]
    head = s3.head_object(Bucket="source", Key="a")
    assert (head["SSEKMSKeyId"], head["BucketKeyEnabled"]) == (key, True)


def test_a_job_computes_checksums(s3, batch):
    s3.put_object(Bucket="source", Key="a", Body=b"abc", StorageClass="DEEP_ARCHIVE")
    upload = s3.create_multipart_upload(Bucket="source", Key="b")["UploadId"]
    named = {"Bucket": "source", "Key": "b", "UploadId": upload}
    bodies = [b"x" * (5 << 20), b"yz"]
    parts = [
        {"PartNumber": number, "ETag": s3.upload_part(PartNumber=number, Body=body, **named)["ETag"]}
        for number, body in enumerate(bodies, 1)
    ]
    etag = s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **named)["ETag"].strip('"')
    job = batch(["a", "b", "missing"], {"S3ComputeObjectChecksum": {"ChecksumAlgorithm": "SHA256"}})
    rows = rows_of(s3, job)
    digest = hashlib.sha256(b"abc").digest()
    assert json.loads(rows["a"][6]) == {
        "checksum_base64": base64.b64encode(digest).decode(),
        "checksum_hex": digest.hex().upper(),
        "etag": hashlib.md5(b"abc").hexdigest(),
        "checksumAlgorithm": "SHA256",
        "checksumType": "FULL_OBJECT",
    }
    assert json.loads(rows["b"][6])["checksum_hex"] == hashlib.sha256(b"".join(bodies)).hexdigest().upper()
    assert rows["missing"][3:6] == ["failed", "404", "NoSuchKey"]
    composite = {"ChecksumAlgorithm": "MD5", "ChecksumType": "COMPOSITE"}
    job = batch(["b"], {"S3ComputeObjectChecksum": composite}, ClientRequestToken="second")
    found = json.loads(rows_of(s3, job)["b"][6])
    # The entity tag of an object in parts is the composite MD5.
    assert (found["etag"], found["checksum_hex"].lower(), found["checksumType"]) == (etag, etag, "COMPOSITE")


def test_a_checksum_that_has_no_composite_is_refused(batch):
    with pytest.raises(ClientError) as caught:
        batch([], {"S3ComputeObjectChecksum": {"ChecksumAlgorithm": "CRC64NVME", "ChecksumType": "COMPOSITE"}})
    assert caught.value.response["Error"]["Code"] == "BadRequestException"


def test_a_job_copies_objects(s3, batch):
    s3.create_bucket(Bucket="target")
    s3.put_object(Bucket="source", Key="a b", Body=b"123")
    operation = {"S3PutObjectCopy": {"TargetResource": "arn:aws:s3:::target", "TargetKeyPrefix": "copies"}}
    job = batch(["a%20b"], operation)
    assert job["Status"] == "Complete"
    assert s3.get_object(Bucket="target", Key="copies/a b")["Body"].read() == b"123"


def test_inventories_list_objects_each_day(s3, clock):
    for name in ["source", "reports"]:
        s3.create_bucket(Bucket=name)
    delivers(s3, "reports", "s3.amazonaws.com", "source")
    for file_format in ["CSV", "Parquet"]:
        destination = {"Bucket": "arn:aws:s3:::reports", "Format": file_format}
        configuration = {
            "Id": file_format,
            "IsEnabled": True,
            "IncludedObjectVersions": "Current",
            "Schedule": {"Frequency": "Daily"},
            "OptionalFields": ["Size", "ETag", "StorageClass"],
            "Destination": {"S3BucketDestination": destination},
        }
        s3.put_bucket_inventory_configuration(Bucket="source", Id=file_format, InventoryConfiguration=configuration)
    s3.put_object(Bucket="source", Key="a b", Body=b"123")
    clock(DAY)
    for file_format in ["CSV", "Parquet"]:
        listed = s3.list_objects_v2(Bucket="reports", Prefix=f"source/{file_format}/2")["Contents"]
        (key,) = [entry["Key"] for entry in listed if entry["Key"].endswith("manifest.json")]
        manifest = json.load(s3.get_object(Bucket="reports", Key=key)["Body"])
        (file,) = manifest["files"]
        data = s3.get_object(Bucket="reports", Key=file["key"])["Body"].read()
        assert (len(data), hashlib.md5(data).hexdigest()) == (file["size"], file["MD5checksum"])
        assert manifest["fileFormat"] == file_format
        if file_format == "CSV":
            assert manifest["fileSchema"] == "Bucket, Key, Size, ETag, StorageClass"
            row = '"source","a%20b","3","202cb962ac59075b964b07152d234b70","STANDARD"\n'
            assert gzip.decompress(data).decode() == row
        else:
            assert data[:4] == data[-4:] == b"PAR1"
