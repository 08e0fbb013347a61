"""Intelligent-Tiering under the clock, and restores that are queries."""

import json

import pytest
from botocore.exceptions import ClientError

from s3_buckets import allow, user_of

ACCOUNT = "000000000000"
DAY = 86_400
LARGE = b"x" * (256 << 10)


@pytest.fixture
def s3(client):
    """A boto3 client of Amazon S3."""
    return client("s3")


@pytest.fixture
def tiered(s3):
    """A bucket whose objects are archived after 90 days, and deeply after 180."""
    s3.create_bucket(Bucket="tiered")
    tierings = [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}, {"Days": 180, "AccessTier": "DEEP_ARCHIVE_ACCESS"}]
    configuration = {"Id": "cold", "Status": "Enabled", "Filter": {"Prefix": "cold/"}, "Tierings": tierings}
    s3.put_bucket_intelligent_tiering_configuration(
        Bucket="tiered", Id="cold", IntelligentTieringConfiguration=configuration
    )
    return "tiered"


def put(s3, key, body=LARGE, storage_class="INTELLIGENT_TIERING"):
    s3.put_object(Bucket="tiered", Key=key, Body=body, StorageClass=storage_class)


def status(s3, key):
    return s3.head_object(Bucket="tiered", Key=key).get("ArchiveStatus")


def refusal(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]


def test_what_nobody_reads_is_archived(s3, tiered, clock):
    for key in ["cold/a", "cold/read", "warm"]:
        put(s3, key)
    put(s3, "cold/small", b"x")
    put(s3, "cold/standard", storage_class="STANDARD")
    clock(60 * DAY)
    s3.get_object(Bucket=tiered, Key="cold/read")["Body"].read()
    clock(31 * DAY)
    assert status(s3, "cold/a") == "ARCHIVE_ACCESS"
    for key in ["cold/read", "warm", "cold/small", "cold/standard"]:
        assert status(s3, key) is None
    refused = refusal(s3.get_object, Bucket=tiered, Key="cold/a")
    assert refused["Code"] == "InvalidObjectState"
    assert (refused["StorageClass"], refused["AccessTier"]) == ("INTELLIGENT_TIERING", "ARCHIVE_ACCESS")
    clock(60 * DAY)
    assert status(s3, "cold/read") == "ARCHIVE_ACCESS"
    clock(31 * DAY)
    assert status(s3, "cold/a") == "DEEP_ARCHIVE_ACCESS"


def test_a_restore_brings_it_back_for_good(s3, tiered, clock):
    put(s3, "cold/a")
    clock(91 * DAY)
    with_days = refusal(s3.restore_object, Bucket=tiered, Key="cold/a", RestoreRequest={"Days": 3})
    assert with_days["Code"] == "InvalidArgument"
    s3.restore_object(
        Bucket=tiered, Key="cold/a", RestoreRequest={"GlacierJobParameters": {"Tier": "Standard"}}
    )
    head = s3.head_object(Bucket=tiered, Key="cold/a")
    assert (head["ArchiveStatus"], head["Restore"]) == ("ARCHIVE_ACCESS", 'ongoing-request="true"')
    clock(5 * 3600)
    head = s3.head_object(Bucket=tiered, Key="cold/a")
    assert "ArchiveStatus" not in head and "Restore" not in head
    assert s3.get_object(Bucket=tiered, Key="cold/a")["Body"].read() == LARGE
    clock(89 * DAY)
    assert status(s3, "cold/a") is None
    clock(3 * DAY)
    assert status(s3, "cold/a") == "ARCHIVE_ACCESS"


def test_archives_are_told_of(s3, sqs, tiered, clock):
    url = sqs.create_queue(QueueName="tiers")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:tiers"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy, "MessageRetentionPeriod": "1209600"})
    events = [{"QueueArn": arn, "Events": ["s3:IntelligentTiering", "s3:ObjectRestore:*"]}]
    s3.put_bucket_notification_configuration(
        Bucket=tiered, NotificationConfiguration={"QueueConfigurations": events}
    )
    put(s3, "cold/a")
    clock(91 * DAY)
    s3.restore_object(Bucket=tiered, Key="cold/a", RestoreRequest={})
    clock(5 * 3600)
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    bodies = [json.loads(message["Body"]) for message in messages]
    records = {body["Records"][0]["eventName"]: body["Records"][0] for body in bodies if "Records" in body}
    assert set(records) == {"IntelligentTiering", "ObjectRestore:Post", "ObjectRestore:Completed"}
    moved = records["IntelligentTiering"]
    assert moved["intelligentTieringEventData"] == {"destinationAccessTier": "ARCHIVE_ACCESS"}
    assert moved["eventVersion"] == "2.3"


def query(expression, prefix="results", **place):
    return {
        "Type": "SELECT",
        "Tier": "Expedited",
        "SelectParameters": {
            "InputSerialization": {"CSV": {"FileHeaderInfo": "USE"}},
            "ExpressionType": "SQL",
            "Expression": expression,
            "OutputSerialization": {"CSV": {}},
        },
        "OutputLocation": {"S3": {"BucketName": "out", "Prefix": prefix, **place}},
    }


def test_a_restore_can_be_a_query(s3, clock):
    for name in ["archive", "out"]:
        s3.create_bucket(Bucket=name)
    s3.put_object(Bucket="archive", Key="a.csv", Body=b"name,age\nada,36\nbob,7\n", StorageClass="GLACIER")
    expression = "SELECT s.name FROM S3Object s WHERE CAST(s.age AS INT) > 30"
    request = query(expression, UserMetadata=[{"Name": "by", "Value": "test"}], StorageClass="STANDARD_IA")
    answer = s3.restore_object(Bucket="archive", Key="a.csv", RestoreRequest=request)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    path = answer["RestoreOutputPath"]
    assert path.startswith("results/")
    assert "Contents" not in s3.list_objects_v2(Bucket="out")
    clock(300)
    manifest = s3.get_object(Bucket="out", Key=f"{path}/result_manifest.txt")["Body"].read().decode()
    result = s3.get_object(Bucket="out", Key=f"{path}/{manifest.strip()}")
    assert result["Body"].read() == b"ada\n"
    assert (result["Metadata"], result["StorageClass"]) == ({"by": "test"}, "STANDARD_IA")
    assert "Restore" not in s3.head_object(Bucket="archive", Key="a.csv")


def test_queries_that_cannot_be(s3, clock):
    for name in ["archive", "out"]:
        s3.create_bucket(Bucket=name)
    s3.put_object(Bucket="archive", Key="here", Body=b"a\n1\n")
    refused = refusal(s3.restore_object, Bucket="archive", Key="here", RestoreRequest=query("SELECT * FROM S3Object"))
    assert refused["Code"] == "InvalidObjectState"
    s3.put_object(Bucket="archive", Key="away", Body=b"a\nb\n", StorageClass="GLACIER")
    wrong = refusal(s3.restore_object, Bucket="archive", Key="away", RestoreRequest=query("SELECT FROM"))
    assert wrong["Code"].startswith("Parse")
    failing = query("SELECT CAST(s.a AS INT) FROM S3Object s")
    path = s3.restore_object(Bucket="archive", Key="away", RestoreRequest=failing)["RestoreOutputPath"]
    clock(300)
    errors = s3.get_object(Bucket="out", Key=f"{path}/error_manifest.txt")["Body"].read().decode()
    assert b"CastFailed" in s3.get_object(Bucket="out", Key=f"{path}/{errors.strip()}")["Body"].read()


def test_results_of_a_query_have_lists_and_contexts(s3, client, clock):
    s3.create_bucket(Bucket="archive")
    s3.create_bucket(Bucket="out", ObjectOwnership="ObjectWriter")
    s3.put_object(Bucket="archive", Key="a.csv", Body=b"a\n1\n", StorageClass="GLACIER")
    # A key that makes no data keys without the context.
    everything = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"}
    without = {"StringNotEquals": {"kms:EncryptionContext:a": "b"}}
    deny = everything | {"Effect": "Deny", "Action": "kms:GenerateDataKey", "Condition": without}
    document = {"Version": "2012-10-17", "Statement": [everything, deny]}
    key = client("kms").create_key(Policy=json.dumps(document))["KeyMetadata"]["Arn"]
    with pytest.raises(ClientError):
        s3.put_object(Bucket="out", Key="k", Body=b"", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    owner = s3.list_buckets()["Owner"]["ID"]

    def restore(**place):
        request = query("SELECT * FROM S3Object", **place)
        return s3.restore_object(Bucket="archive", Key="a.csv", RestoreRequest=request)["RestoreOutputPath"]

    def grant(permission, **grantee):
        return {"Grantee": {"Type": "CanonicalUser", "ID": owner} | grantee, "Permission": permission}

    group = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/s3/LogDelivery"}
    logs = {"Grantee": group, "Permission": "READ"}
    grants = [grant("FULL_CONTROL"), logs, grant("READ_ACP"), grant("WRITE_ACP")]
    context = "eyJhIjoiYiJ9"
    encryption = {"EncryptionType": "aws:kms", "KMSKeyId": key, "KMSContext": context}
    path = restore(AccessControlList=grants, Encryption=encryption)
    clock(300)
    result = f"{path}/results/part-00000"
    assert s3.get_object(Bucket="out", Key=result)["Body"].read() == b"1\n"
    given = s3.get_object_acl(Bucket="out", Key=result)["Grants"]
    shown = sorted((entry["Permission"], entry["Grantee"]["Type"]) for entry in given)
    assert shown == sorted((entry["Permission"], entry["Grantee"]["Type"]) for entry in grants)


def test_lists_and_contexts_that_cannot_be(s3):
    s3.create_bucket(Bucket="archive")
    s3.create_bucket(Bucket="out", ObjectOwnership="ObjectWriter")
    s3.put_object(Bucket="archive", Key="a.csv", Body=b"a\n1\n", StorageClass="GLACIER")
    owner = s3.list_buckets()["Owner"]["ID"]

    def code(**place):
        request = query("SELECT * FROM S3Object", **place)
        return refusal(s3.restore_object, Bucket="archive", Key="a.csv", RestoreRequest=request)["Code"]

    def grants(permission):
        return [{"Grantee": {"Type": "CanonicalUser", "ID": owner}, "Permission": permission}]

    everybody = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}
    assert code(AccessControlList=grants("WRITE")) == "MalformedACLError"
    assert code(AccessControlList=grants("READ"), CannedACL="private") == "InvalidRequest"
    assert code(AccessControlList=[{"Grantee": everybody, "Permission": "READ"}]) == "AccessDenied"
    assert code(Encryption={"EncryptionType": "aws:kms", "KMSContext": "{}"}) == "InvalidArgument"
    s3.put_bucket_ownership_controls(
        Bucket="out", OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    )
    assert code(AccessControlList=grants("READ")) == "AccessControlListNotSupported"


def test_a_list_of_results_needs_its_permission(endpoint, s3):
    s3.create_bucket(Bucket="archive")
    s3.create_bucket(Bucket="out", ObjectOwnership="ObjectWriter")
    s3.put_object(Bucket="archive", Key="a.csv", Body=b"a\n1\n", StorageClass="GLACIER")
    user, _ = user_of(endpoint, ACCOUNT, allow(["s3:RestoreObject", "s3:GetObject", "s3:PutObject"], "*"))
    user.restore_object(Bucket="archive", Key="a.csv", RestoreRequest=query("SELECT * FROM S3Object"))
    listed = query("SELECT * FROM S3Object", CannedACL="private")
    refused = refusal(user.restore_object, Bucket="archive", Key="a.csv", RestoreRequest=listed)
    assert refused["Code"] == "AccessDenied" and "s3:PutObjectAcl" in refused["Message"]
