"""Directory buckets (S3 Express One Zone), as boto3, the AWS CLI and Terraform use them: clients ask for a session before
they touch a bucket, and sign with it."""

import base64
import json
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone

import pytest
from botocore.auth import S3ExpressQueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

import terraform as terraform_runner
from cli import Cli
from directory_buckets import ARN, NAME, ZONE, configuration, express_client, names_of_buckets, user_client
from s3_buckets import OTHER, OWNER, allow, client_of, policy, refused

pytestmark = pytest.mark.usefixtures(names_of_buckets.__name__)


@pytest.fixture
def s3(endpoint):
    """The owner's client, with a directory bucket."""
    client = express_client(endpoint)
    client.create_bucket(Bucket=NAME, CreateBucketConfiguration=configuration())
    return client


def test_a_bucket_from_its_creation_to_its_deletion(endpoint):
    s3 = express_client(endpoint)
    with refused("404"):
        s3.head_bucket(Bucket=NAME)
    made = s3.create_bucket(Bucket=NAME, CreateBucketConfiguration=configuration())
    assert made["BucketArn"] == ARN
    assert made["Location"] == f"https://{NAME}.s3express-{ZONE}.us-east-1.amazonaws.com/"
    head = s3.head_bucket(Bucket=NAME)
    assert (head["BucketLocationType"], head["BucketLocationName"]) == ("AvailabilityZone", ZONE)
    assert (head["BucketRegion"], head["BucketArn"], head["AccessPointAlias"]) == ("us-east-1", ARN, False)
    assert [bucket["Name"] for bucket in s3.list_directory_buckets()["Buckets"]] == [NAME]
    assert s3.list_buckets()["Buckets"] == []
    with refused("BucketAlreadyOwnedByYou"):
        s3.create_bucket(Bucket=NAME, CreateBucketConfiguration=configuration())
    with refused("InvalidBucketName"):
        s3.create_bucket(Bucket="other--use1-az5--x-s3", CreateBucketConfiguration=configuration())
    s3.put_object(Bucket=NAME, Key="k", Body=b"")
    with refused("BucketNotEmpty"):
        s3.delete_bucket(Bucket=NAME)
    s3.delete_object(Bucket=NAME, Key="k")
    s3.delete_bucket(Bucket=NAME)
    assert s3.list_directory_buckets()["Buckets"] == []


def test_objects(s3):
    put = s3.put_object(Bucket=NAME, Key="a/k", Body=b"hello", Metadata={"m": "v"})
    assert put["ETag"] != '"5d41402abc4b2a76b9719d911017c592"'
    got = s3.get_object(Bucket=NAME, Key="a/k", Range="bytes=1-2")
    assert (got["Body"].read(), got["Metadata"], got["StorageClass"]) == (b"el", {"m": "v"}, "EXPRESS_ONEZONE")
    assert s3.head_object(Bucket=NAME, Key="a/k")["ETag"] == put["ETag"]
    s3.copy_object(Bucket=NAME, Key="a/copy", CopySource={"Bucket": NAME, "Key": "a/k"})
    attributes = s3.get_object_attributes(Bucket=NAME, Key="a/copy", ObjectAttributes=["ObjectSize", "StorageClass"])
    assert (attributes["ObjectSize"], attributes["StorageClass"]) == (5, "EXPRESS_ONEZONE")
    s3.put_object(Bucket=NAME, Key="top", Body=b"1")
    listed = s3.list_objects_v2(Bucket=NAME, Delimiter="/")
    assert [entry["Key"] for entry in listed["Contents"]] == ["top"]
    assert [entry["Prefix"] for entry in listed["CommonPrefixes"]] == ["a/"]
    deleted = s3.delete_objects(Bucket=NAME, Delete={"Objects": [{"Key": "a/k"}, {"Key": "a/copy"}]})
    assert {entry["Key"] for entry in deleted["Deleted"]} == {"a/k", "a/copy"}
    with refused("NoSuchKey"):
        s3.get_object(Bucket=NAME, Key="a/k")


def test_uploads_in_parts(s3):
    upload = s3.create_multipart_upload(Bucket=NAME, Key="large")["UploadId"]
    common = {"Bucket": NAME, "Key": "large", "UploadId": upload}
    bodies = [b"1" * (5 << 20), b"2"]
    tags = [s3.upload_part(**common, PartNumber=number, Body=body)["ETag"] for number, body in enumerate(bodies, 1)]
    assert [part["PartNumber"] for part in s3.list_parts(**common)["Parts"]] == [1, 2]
    assert [entry["Key"] for entry in s3.list_multipart_uploads(Bucket=NAME)["Uploads"]] == ["large"]
    with refused("BucketNotEmpty"):
        s3.delete_bucket(Bucket=NAME)
    gap = [{"PartNumber": 2, "ETag": tags[1]}]
    with refused("InvalidPart"):
        s3.complete_multipart_upload(**common, MultipartUpload={"Parts": gap})
    parts = [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(tags, 1)]
    done = s3.complete_multipart_upload(**common, MultipartUpload={"Parts": parts})
    assert not done["ETag"].endswith('-2"')
    assert s3.get_object(Bucket=NAME, Key="large")["Body"].read() == b"".join(bodies)


def test_a_copy_between_buckets_of_both_kinds(endpoint, s3):
    client_of(endpoint, OWNER).create_bucket(Bucket="general")
    s3.put_object(Bucket="general", Key="k", Body=b"one", Tagging="a=b")
    with refused("NotImplemented"):
        s3.copy_object(Bucket=NAME, Key="k", CopySource="general/k")
    s3.copy_object(Bucket=NAME, Key="k", CopySource="general/k", TaggingDirective="REPLACE")
    assert s3.get_object(Bucket=NAME, Key="k")["Body"].read() == b"one"
    s3.copy_object(Bucket="general", Key="back", CopySource=f"{NAME}/k")
    head = s3.head_object(Bucket="general", Key="back")
    assert "StorageClass" not in head and head["ETag"] == '"f97c5d29941bfb1b2fdab0874906ab82"'


def test_what_directory_buckets_can_not(s3):
    with refused("InvalidArgument", "VersioningConfiguration is not valid, expected CreateBucketConfiguration"):
        s3.put_bucket_versioning(Bucket=NAME, VersioningConfiguration={"Status": "Enabled"})
    with refused("InvalidRequest", "does not support a prefix that does not end in a delimiter"):
        s3.list_objects_v2(Bucket=NAME, Prefix="a")
    for refusal in [{"ACL": "private"}, {"Tagging": "a=b"}, {"WebsiteRedirectLocation": "/x"}]:
        with refused("NotImplemented"):
            s3.put_object(Bucket=NAME, Key="k", Body=b"", **refusal)
    with refused("InvalidStorageClass"):
        s3.put_object(Bucket=NAME, Key="k", Body=b"", StorageClass="STANDARD")
    with refused("MethodNotAllowed"):
        s3.get_object_tagging(Bucket=NAME, Key="k")


def test_renaming(s3):
    tag = s3.put_object(Bucket=NAME, Key="old name", Body=b"one", Metadata={"m": "v"})["ETag"]
    s3.put_object(Bucket=NAME, Key="taken", Body=b"two")
    with refused("PreconditionFailed"):
        s3.rename_object(Bucket=NAME, Key="taken", RenameSource="old%20name", DestinationIfNoneMatch="*")
    with refused("PreconditionFailed"):
        later = datetime.now(timezone.utc) + timedelta(days=1)
        s3.rename_object(Bucket=NAME, Key="new", RenameSource="old%20name", SourceIfModifiedSince=later)
    s3.rename_object(Bucket=NAME, Key="taken", RenameSource="old%20name", SourceIfMatch=tag, ClientToken="token")
    s3.rename_object(Bucket=NAME, Key="taken", RenameSource="old%20name", SourceIfMatch=tag, ClientToken="token")
    got = s3.get_object(Bucket=NAME, Key="taken")
    assert (got["Body"].read(), got["ETag"], got["Metadata"]) == (b"one", tag, {"m": "v"})
    with refused("IdempotencyParameterMismatch"):
        s3.rename_object(Bucket=NAME, Key="other", RenameSource="taken", ClientToken="token")
    with refused("NoSuchKey"):
        s3.rename_object(Bucket=NAME, Key="new", RenameSource="old%20name")


def test_who_may_have_a_session(endpoint, s3):
    s3.put_object(Bucket=NAME, Key="k", Body=b"body")
    nobody = user_client(endpoint)
    with refused("AccessDenied", "s3express:CreateSession"):
        nobody.get_object(Bucket=NAME, Key="k")
    with refused("AccessDenied"):
        nobody.copy_object(Bucket=NAME, Key="k2", CopySource=f"{NAME}/k")
    stranger = express_client(endpoint, OTHER)
    with refused("AccessDenied"):
        stranger.get_object(Bucket=NAME, Key="k")
    statement = allow("s3express:CreateSession", ARN, Principal={"AWS": OTHER})
    s3.put_bucket_policy(Bucket=NAME, Policy=policy(statement))
    assert json.loads(s3.get_bucket_policy(Bucket=NAME)["Policy"]) == json.loads(policy(statement))
    assert stranger.get_object(Bucket=NAME, Key="k")["Body"].read() == b"body"
    with refused("MalformedPolicy"):
        s3.put_bucket_policy(Bucket=NAME, Policy=policy({**statement, "Action": "s3:GetObject"}))


def test_a_reader_only_reads(endpoint, s3):
    s3.put_object(Bucket=NAME, Key="k", Body=b"body")
    reading = {"StringEquals": {"s3express:SessionMode": "ReadOnly"}}
    reader = user_client(endpoint, allow("s3express:CreateSession", ARN, Condition=reading))
    # Who says nothing of the mode gets as much as there is.
    assert reader.get_object(Bucket=NAME, Key="k")["Body"].read() == b"body"
    assert reader.head_bucket(Bucket=NAME)["BucketArn"] == ARN
    with refused("AccessDenied"):
        reader.put_object(Bucket=NAME, Key="k", Body=b"")
    with refused("AccessDenied"):
        reader.delete_object(Bucket=NAME, Key="k")
    with refused("AccessDenied"):
        reader.create_session(Bucket=NAME, SessionMode="ReadWrite")


def test_a_session_is_for_one_bucket_and_some_minutes(endpoint, s3, clock):
    other = f"other--{ZONE}--x-s3"
    s3.create_bucket(Bucket=other, CreateBucketConfiguration=configuration())
    s3.put_object(Bucket=NAME, Key="k", Body=b"body")
    answer = s3.create_session(Bucket=NAME)
    credentials = answer["Credentials"]
    left = credentials["Expiration"] - datetime.now(timezone.utc)
    assert timedelta(minutes=4) < left <= timedelta(minutes=5, seconds=1)
    assert answer["ServerSideEncryption"] == "AES256"
    url = _presigned(endpoint, credentials)
    assert _get(endpoint, url(NAME)) == (200, b"body")
    assert _get(endpoint, url(other))[0] == 403
    clock(301)
    status, body = _get(endpoint, url(NAME))
    assert status == 400 and b"<Code>ExpiredToken</Code>" in body
    assert express_client(endpoint).get_object(Bucket=NAME, Key="k")["Body"].read() == b"body"


def _presigned(endpoint, credentials):
    """Makes URLs of the object `k` of a bucket that a session has signed."""
    keys = Credentials(credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"])

    def sign(bucket):
        request = AWSRequest("GET", f"{endpoint.url}/{bucket}/k")
        S3ExpressQueryAuth(keys, "s3express", "us-east-1", identity_cache=None, expires=3600).add_auth(request)
        return request.url

    return sign


def _get(endpoint, url):
    """The status and the body of an answer."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=endpoint.headers), timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@pytest.fixture
def express_aws(shared_endpoint, tmp_path):
    """The AWS CLI with an address for an endpoint, before which no bucket can stand."""
    return Cli(shared_endpoint.url.replace("localhost", "127.0.0.1"), tmp_path)


def test_objects_under_a_key_of_kms(endpoint, s3):
    kms = client_of(endpoint, OWNER, "kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]

    def encrypt_with(key):
        default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
        rules = [{"ApplyServerSideEncryptionByDefault": default}]
        s3.put_bucket_encryption(Bucket=NAME, ServerSideEncryptionConfiguration={"Rules": rules})

    disabled = kms.create_key()["KeyMetadata"]["Arn"]
    kms.disable_key(KeyId=disabled)
    for unusable, code in ((disabled, "KMS.DisabledException"), (key[:-1] + "x", "KMS.NotFoundException")):
        with refused(code):
            encrypt_with(unusable)
    encrypt_with(key)
    with refused("InvalidRequest", "one customer managed key"):
        encrypt_with(disabled)

    def context(**pairs):
        return base64.b64encode(json.dumps(pairs).encode()).decode()

    own = context(**{"aws:s3:arn": ARN})
    wanted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    session = s3.create_session(Bucket=NAME, SSEKMSEncryptionContext=own, **wanted)
    assert (session["SSEKMSKeyId"], session["SSEKMSEncryptionContext"]) == (key, own)
    with refused("InvalidArgument", "the ARN of the bucket"):
        s3.create_session(Bucket=NAME, SSEKMSEncryptionContext=context(a="b"), **wanted)
    written = s3.put_object(Bucket=NAME, Key="k", Body=b"sealed")
    assert (written["ServerSideEncryption"], written["SSEKMSKeyId"]) == ("aws:kms", key)
    assert s3.get_object(Bucket=NAME, Key="k")["Body"].read() == b"sealed"
    with refused("InvalidArgument", "the ARN of the bucket"):
        s3.put_object(Bucket=NAME, Key="k", Body=b"", SSEKMSEncryptionContext=context(a="b"))



def test_the_cli(express_aws, unique_name, tmp_path):
    aws, name = express_aws, f"{unique_name('cli')}--{ZONE}--x-s3"
    aws("s3api", "create-bucket", "--bucket", name, "--create-bucket-configuration", json.dumps(configuration()))
    session = aws("s3api", "create-session", "--bucket", name, "--session-mode", "ReadOnly")
    assert session["Credentials"]["SessionToken"]
    listed = aws("s3api", "list-directory-buckets")["Buckets"]
    assert name in [bucket["Name"] for bucket in listed]
    (tmp_path / "file").write_text("hello")
    aws.lines("s3", "cp", tmp_path / "file", f"s3://{name}/folder/file")
    aws("s3api", "rename-object", "--bucket", name, "--key", "folder/renamed", "--rename-source", "folder/file")
    assert aws.output("s3", "cp", f"s3://{name}/folder/renamed", "-") == b"hello"
    assert aws.lines("s3", "ls", f"s3://{name}/folder/")[0].endswith(" 5 renamed")
    aws.lines("s3", "rm", f"s3://{name}/folder/renamed")
    aws("s3api", "delete-bucket", "--bucket", name)


def test_appending(s3):
    s3.put_object(Bucket=NAME, Key="log", Body=b"one", WriteOffsetBytes=0)
    grown = s3.put_object(Bucket=NAME, Key="log", Body=b" two", WriteOffsetBytes=3)
    assert grown["Size"] == 7
    assert s3.get_object(Bucket=NAME, Key="log")["Body"].read() == b"one two"
    with refused("InvalidWriteOffset"):
        s3.put_object(Bucket=NAME, Key="log", Body=b"x", WriteOffsetBytes=3)
    with refused("PreconditionFailed"):
        s3.delete_object(Bucket=NAME, Key="log", IfMatchSize=3)


@pytest.fixture
def express_terraform(shared_endpoint, tmp_path):
    """Terraform with an address for an endpoint, before which no bucket can stand."""
    reason = terraform_runner.missing()
    if reason is not None:
        pytest.skip(f"NO TERRAFORM: {reason}")
    url = shared_endpoint.url.replace("localhost", "127.0.0.1")
    return lambda text: terraform_runner.Terraform(tmp_path, url, ["s3", "s3control", "iam", "sts"], text)


def test_terraform(express_terraform, unique_name):
    name = f"{unique_name('tf')}--{ZONE}--x-s3"
    configuration = express_terraform(
        f"""
resource "aws_s3_directory_bucket" "fast" {{
  bucket = "{name}"
  location {{
    name = "{ZONE}"
  }}
}}
"""
    )
    configuration.apply()
    configuration.assert_plan_is_empty()
    configuration.destroy()
