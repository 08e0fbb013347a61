"""Access points of directory buckets, as boto3 and the AWS CLI use them: sessions, scopes, policies, lists."""

import json

import pytest

from directory_buckets import ARN as BUCKET_ARN
from directory_buckets import NAME, ZONE, configuration, express_client, names_of_buckets, user_client
from s3_buckets import OTHER, OWNER, allow, client_of, policy, refused

POINT = f"point--{ZONE}--xa-s3"
ARN = f"arn:aws:s3express:us-east-1:{OWNER}:accesspoint/{POINT}"


pytestmark = pytest.mark.usefixtures(names_of_buckets.__name__)


@pytest.fixture
def s3(endpoint):
    """The owner's client, with a directory bucket that has two objects."""
    client = express_client(endpoint)
    client.create_bucket(Bucket=NAME, CreateBucketConfiguration=configuration())
    for key in ("in/k", "out"):
        client.put_object(Bucket=NAME, Key=key, Body=b"body")
    return client


@pytest.fixture
def control(endpoint, s3):
    """A client of the control plane."""
    return client_of(endpoint, OWNER, "s3control")


def test_their_life(s3, control):
    scope = {"Prefixes": ["in/"], "Permissions": ["GetObject", "ListBucket"]}
    made = control.create_access_point(AccountId=OWNER, Name=POINT, Bucket=NAME, Scope=scope)
    assert (made["AccessPointArn"], made["Alias"]) == (ARN, POINT)
    shown = control.get_access_point(AccountId=OWNER, Name=POINT)
    assert (shown["Bucket"], shown["Alias"], shown["NetworkOrigin"]) == (NAME, POINT, "Internet")
    assert control.get_access_point_scope(AccountId=OWNER, Name=POINT)["Scope"] == scope
    listed = control.list_access_points_for_directory_buckets(AccountId=OWNER, DirectoryBucket=NAME)
    assert [point["Name"] for point in listed["AccessPointList"]] == [POINT]
    assert control.list_access_points(AccountId=OWNER, DataSourceType="ALL")["AccessPointList"] == []
    s3.delete_objects(Bucket=NAME, Delete={"Objects": [{"Key": "in/k"}, {"Key": "out"}]})
    with refused("BucketHasAccessPointsAttached"):
        s3.delete_bucket(Bucket=NAME)
    control.delete_access_point(AccountId=OWNER, Name=POINT)
    with refused("NoSuchAccessPoint"):
        control.get_access_point_scope(AccountId=OWNER, Name=POINT)


def test_a_scope(s3, control):
    scope = {"Prefixes": ["in/"], "Permissions": ["GetObject", "PutObject", "ListBucket"]}
    control.create_access_point(AccountId=OWNER, Name=POINT, Bucket=NAME, Scope=scope)
    assert s3.get_object(Bucket=POINT, Key="in/k")["Body"].read() == b"body"
    s3.put_object(Bucket=POINT, Key="in/new", Body=b"new")
    listed = s3.list_objects_v2(Bucket=POINT, Prefix="in/")
    assert {entry["Key"] for entry in listed["Contents"]} == {"in/k", "in/new"}
    for call, arguments in (
        (s3.get_object, {"Key": "out"}),
        (s3.put_object, {"Key": "out", "Body": b""}),
        (s3.delete_object, {"Key": "in/k"}),
        (s3.list_objects_v2, {}),
    ):
        with refused("AccessDenied"):
            call(Bucket=POINT, **arguments)
    control.put_access_point_scope(AccountId=OWNER, Name=POINT, Scope={"Permissions": ["DeleteObject"]})
    s3.delete_object(Bucket=POINT, Key="out")
    with refused("AccessDenied"):
        s3.get_object(Bucket=POINT, Key="in/k")
    control.delete_access_point_scope(AccountId=OWNER, Name=POINT)
    assert s3.get_object(Bucket=POINT, Key="in/k")["Body"].read() == b"body"
    assert s3.head_object(Bucket=NAME, Key="in/new")["ContentLength"] == 3


def test_policies(endpoint, s3, control):
    control.create_access_point(AccountId=OWNER, Name=POINT, Bucket=NAME)
    nobody = user_client(endpoint)
    with refused("AccessDenied"):
        nobody.get_object(Bucket=POINT, Key="in/k")
    let_in = policy({**allow("s3express:CreateSession", ARN), "Principal": {"AWS": f"arn:aws:iam::{OWNER}:user/ann"}})
    control.put_access_point_policy(AccountId=OWNER, Name=POINT, Policy=let_in)
    assert json.loads(control.get_access_point_policy(AccountId=OWNER, Name=POINT)["Policy"]) == json.loads(let_in)
    assert nobody.get_object(Bucket=POINT, Key="in/k")["Body"].read() == b"body"
    with refused("AccessDenied"):
        nobody.get_object(Bucket=NAME, Key="in/k")
    with refused("AccessDenied"):
        express_client(endpoint, OTHER).get_object(Bucket=POINT, Key="in/k")
    control.delete_access_point_policy(AccountId=OWNER, Name=POINT)
    with refused("NoSuchAccessPointPolicy"):
        control.get_access_point_policy(AccountId=OWNER, Name=POINT)


def test_who_controls_them(endpoint, s3, control):
    control.create_access_point(AccountId=OWNER, Name=POINT, Bucket=NAME)
    iam = client_of(endpoint, OWNER, "iam")
    iam.create_user(UserName="bob")
    may = allow(["s3express:GetAccessPointScope", "s3express:TagResource", "s3express:ListTagsForResource"], "*")
    iam.put_user_policy(UserName="bob", PolicyName="p", PolicyDocument=policy(may))
    key = iam.create_access_key(UserName="bob")["AccessKey"]
    bob = endpoint.client(
        "s3control",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    assert bob.get_access_point_scope(AccountId=OWNER, Name=POINT)["Scope"] == {}
    with refused("AccessDenied"):
        bob.delete_access_point(AccountId=OWNER, Name=POINT)
    with refused("AccessDenied"):
        bob.list_access_points_for_directory_buckets(AccountId=OWNER)
    for arn in (ARN, BUCKET_ARN):
        bob.tag_resource(AccountId=OWNER, ResourceArn=arn, Tags=[{"Key": "team", "Value": "blue"}])
        assert bob.list_tags_for_resource(AccountId=OWNER, ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "blue"}]
