"""Access points: their life, their policies, the requests through them, tags."""

import pytest

from gateway.exchange import to_the_endpoint
from s3_buckets import OTHER, OWNER, allow, client_of, policy, refused, user_of

ALL = {
    "BlockPublicAcls": True,
    "BlockPublicPolicy": True,
    "IgnorePublicAcls": True,
    "RestrictPublicBuckets": True,
}


@pytest.fixture
def s3(endpoint):
    """The owner's client, with a bucket that has an object."""
    client = client_of(endpoint, OWNER)
    client.create_bucket(Bucket="bkt")
    client.put_object(Bucket="bkt", Key="k", Body=b"body")
    return client


@pytest.fixture
def control(endpoint, s3):
    """A client of the control plane."""
    return client_of(endpoint, OWNER, "s3control")


def test_their_life(control):
    made = control.create_access_point(AccountId=OWNER, Name="point", Bucket="bkt")
    arn = f"arn:aws:s3:us-east-1:{OWNER}:accesspoint/point"
    assert made["AccessPointArn"] == arn and made["Alias"].startswith("point-") and made["Alias"].endswith("-s3alias")
    with refused("AccessPointAlreadyOwnedByYou"):
        control.create_access_point(AccountId=OWNER, Name="point", Bucket="bkt")
    shown = control.get_access_point(AccountId=OWNER, Name="point")
    assert shown["Bucket"] == "bkt" and shown["NetworkOrigin"] == "Internet" and shown["Alias"] == made["Alias"]
    assert shown["PublicAccessBlockConfiguration"] == ALL
    assert set(shown["Endpoints"]) == {"ipv4", "dualstack", "fips", "fips_dualstack"}
    control.create_access_point(AccountId=OWNER, Name="point-2", Bucket="bkt")
    first = control.list_access_points(AccountId=OWNER, MaxResults=1)
    assert [point["Name"] for point in first["AccessPointList"]] == ["point"]
    second = control.list_access_points(AccountId=OWNER, MaxResults=1, NextToken=first["NextToken"])
    assert [point["Name"] for point in second["AccessPointList"]] == ["point-2"] and "NextToken" not in second
    control.delete_access_point(AccountId=OWNER, Name="point")
    with refused("NoSuchAccessPoint", AccessPointName="point"):
        control.get_access_point(AccountId=OWNER, Name="point")
    with refused("NoSuchAccessPoint"):
        control.delete_access_point(AccountId=OWNER, Name="point")


def test_they_change_no_bucket(s3, control):
    alias = control.create_access_point(AccountId=OWNER, Name="point", Bucket="bkt")["Alias"]
    rule = {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}
    s3.put_bucket_cors(Bucket="bkt", CORSConfiguration={"CORSRules": [rule]})
    with refused("MethodNotAllowed", Method="DELETE", ResourceType="ACCESS_POINT"):
        s3.delete_bucket(Bucket=alias)
    with refused("MethodNotAllowed", Method="PUT", ResourceType="ACCESS_POINT"):
        s3.put_bucket_versioning(Bucket=alias, VersioningConfiguration={"Status": "Enabled"})
    with refused("MethodNotAllowed", Method="PUT", ResourceType="ACCESS_POINT"):
        s3.put_bucket_cors(Bucket=alias, CORSConfiguration={"CORSRules": [rule, rule]})
    with refused("MethodNotAllowed", Method="GET", ResourceType="ACCESS_POINT"):
        s3.get_bucket_encryption(Bucket=alias)
    assert s3.get_bucket_cors(Bucket=alias)["CORSRules"] == [rule]
    assert "Status" not in s3.get_bucket_versioning(Bucket="bkt")
    shown = s3.head_bucket(Bucket=alias)
    assert shown["AccessPointAlias"] is True and shown["BucketArn"] == "arn:aws:s3:::bkt"
    assert s3.head_bucket(Bucket="bkt")["AccessPointAlias"] is False


def test_a_bucket_with_access_points_is_not_deleted(s3, control):
    s3.create_bucket(Bucket="empty")
    control.create_access_point(AccountId=OWNER, Name="point", Bucket="empty")
    with refused("BucketHasAccessPointsAttached", BucketName="empty"):
        s3.delete_bucket(Bucket="empty")
    control.delete_access_point(AccountId=OWNER, Name="point")
    s3.delete_bucket(Bucket="empty")


def test_names_and_buckets_are_checked(control):
    for name in ["xn-_test-alias", "-ab"]:
        with refused("InvalidURI", "Couldn't parse the specified URI.", URI=f"accesspoint/{name}"):
            control.create_access_point(AccountId=OWNER, Name=name, Bucket="bkt")
    with refused("InvalidRequest", "can only be created for existing bucket"):
        control.create_access_point(AccountId=OWNER, Name="point", Bucket="nobodys")
    with refused("InvalidRequest", "only supported for access points attached to directory buckets"):
        control.create_access_point(AccountId=OWNER, Name="point", Bucket="bkt", Scope={"Prefixes": ["a/"]})


def test_requests_through_them(endpoint, s3, control):
    made = control.create_access_point(AccountId=OWNER, Name="point", Bucket="bkt")
    alias = made["Alias"]
    assert s3.get_object(Bucket=alias, Key="k")["Body"].read() == b"body"
    s3.put_object(Bucket=alias, Key="new", Body=b"new")
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=alias)["Contents"]] == ["k", "new"]
    user, arn = user_of(endpoint, OWNER)
    with refused("AccessDenied"):
        user.get_object(Bucket=alias, Key="k")
    statement = allow("s3:GetObject", f"{made['AccessPointArn']}/object/*", Principal={"AWS": arn})
    control.put_access_point_policy(AccountId=OWNER, Name="point", Policy=policy(statement))
    assert user.get_object(Bucket=alias, Key="k")["Body"].read() == b"body"
    with refused("AccessDenied"):
        user.get_object(Bucket="bkt", Key="k")
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::bkt/*",
        "Condition": {"StringEquals": {"s3:DataAccessPointArn": made["AccessPointArn"]}},
    }
    s3.put_bucket_policy(Bucket="bkt", Policy=policy(deny))
    with refused("AccessDenied"):
        user.get_object(Bucket=alias, Key="k")


@pytest.mark.parametrize("host", ["localhost:4566", "s3.localhost:4566", "s3.us-east-1.localhost:4566"])
def test_boto3_with_an_arn_and_an_endpoint_of_ones_own(endpoint, s3, control, host):
    arn = control.create_access_point(AccountId=OWNER, Name="a-point", Bucket="bkt")["AccessPointArn"]
    client = endpoint.client("s3", endpoint_url=f"http://{host}", aws_access_key_id=OWNER)
    hosts = []
    client.meta.events.register("before-send.s3.*", lambda request, **_: hosts.append(request.url.split("/")[2]))
    client.meta.events.register("before-send.s3.*", to_the_endpoint(endpoint))
    assert client.get_object(Bucket=arn, Key="k")["Body"].read() == b"body"
    client.put_object(Bucket=arn, Key="new", Body=b"new")
    assert [entry["Key"] for entry in client.list_objects_v2(Bucket=arn)["Contents"]] == ["k", "new"]
    assert set(hosts) == {f"a-point-{OWNER}.{host}"}
    missing = arn.replace("a-point", "no-point")
    with refused("NoSuchBucket"):
        client.list_objects_v2(Bucket=missing)
    # A bucket of that name goes first.
    s3.create_bucket(Bucket=f"a-point-{OWNER}")
    assert client.list_objects_v2(Bucket=arn)["KeyCount"] == 0


def test_a_bucket_delegates_to_its_access_points(endpoint, s3, control):
    made = control.create_access_point(AccountId=OWNER, Name="point", Bucket="bkt")
    other = client_of(endpoint, OTHER)
    statement = allow("s3:GetObject", f"{made['AccessPointArn']}/object/*", Principal={"AWS": OTHER})
    control.put_access_point_policy(AccountId=OWNER, Name="point", Policy=policy(statement))
    with refused("AccessDenied"):
        other.get_object(Bucket=made["Alias"], Key="k")
    delegation = allow(
        "*",
        "arn:aws:s3:::bkt",
        "arn:aws:s3:::bkt/*",
        Principal={"AWS": "*"},
        Condition={"StringEquals": {"s3:DataAccessPointAccount": OWNER}},
    )
    s3.put_bucket_policy(Bucket="bkt", Policy=policy(delegation))
    assert other.get_object(Bucket=made["Alias"], Key="k")["Body"].read() == b"body"
    with refused("AccessDenied"):
        other.get_object(Bucket="bkt", Key="k")


def test_their_policies(control):
    control.create_access_point(AccountId=OWNER, Name="point", Bucket="bkt")
    arn = f"arn:aws:s3:us-east-1:{OWNER}:accesspoint/point"
    with refused("NoSuchAccessPointPolicy", AccessPointName="point"):
        control.get_access_point_policy(AccountId=OWNER, Name="point")
    with refused("MalformedPolicy", "Policy has invalid resource"):
        text = policy(allow("s3:GetObject", "arn:aws:s3:::bkt/*", Principal={"AWS": OWNER}))
        control.put_access_point_policy(AccountId=OWNER, Name="point", Policy=text)
    with refused("AccessDenied", "BlockPublicPolicy"):
        text = policy(allow("s3:GetObject", f"{arn}/object/*", Principal="*"))
        control.put_access_point_policy(AccountId=OWNER, Name="point", Policy=text)
    text = policy(allow("s3:GetObject", f"{arn}/object/*", Principal={"AWS": OWNER}))
    control.put_access_point_policy(AccountId=OWNER, Name="point", Policy=text)
    assert control.get_access_point_policy(AccountId=OWNER, Name="point")["Policy"] == text
    status = control.get_access_point_policy_status(AccountId=OWNER, Name="point")["PolicyStatus"]
    assert status == {"IsPublic": False}
    control.delete_access_point_policy(AccountId=OWNER, Name="point")


def test_the_block_of_an_account(endpoint, control):
    with refused("NoSuchPublicAccessBlockConfiguration", AccountId=OWNER):
        control.get_public_access_block(AccountId=OWNER)
    with refused("InvalidRequest", "Must specify at least one configuration."):
        control.put_public_access_block(AccountId=OWNER, PublicAccessBlockConfiguration={})
    control.put_public_access_block(AccountId=OWNER, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    shown = control.get_public_access_block(AccountId=OWNER)["PublicAccessBlockConfiguration"]
    assert shown == {**dict.fromkeys(ALL, False), "BlockPublicAcls": True}
    with refused("AccessDenied"):
        client_of(endpoint, OTHER, "s3control").get_public_access_block(AccountId=OWNER)
    control.delete_public_access_block(AccountId=OWNER)
    control.delete_public_access_block(AccountId=OWNER)


def test_tags_of_resources(s3, control):
    arn = "arn:aws:s3:::bkt"
    assert control.list_tags_for_resource(AccountId=OWNER, ResourceArn=arn)["Tags"] == []
    tags = [{"Key": "key1", "Value": "value1"}, {"Key": "key2", "Value": "value2"}]
    control.tag_resource(AccountId=OWNER, ResourceArn=arn, Tags=tags)
    assert control.list_tags_for_resource(AccountId=OWNER, ResourceArn=arn)["Tags"] == tags
    assert s3.get_bucket_tagging(Bucket="bkt")["TagSet"] == tags
    control.untag_resource(AccountId=OWNER, ResourceArn=arn, TagKeys=["key1", "none"])
    assert control.list_tags_for_resource(AccountId=OWNER, ResourceArn=arn)["Tags"] == tags[1:]
    with refused("InvalidTag", "can't start with"):
        control.tag_resource(AccountId=OWNER, ResourceArn=arn, Tags=[{"Key": "aws:x", "Value": ""}])
    with refused("NoSuchResource"):
        control.list_tags_for_resource(AccountId=OWNER, ResourceArn="arn:aws:s3:::nobodys")
