"""Multi-Region access points: their life, and requests through them with boto3, which signs them for all regions."""

import pytest
from botocore.exceptions import ClientError

from as_proxy import proxy_of
from cli import CliError
from gateway.exchange import Call, to_the_endpoint
from s3_buckets import OTHER, OWNER, allow, client_of, policy, refused, user_of

TAKES = 5


@pytest.fixture
def s3(endpoint):
    """The owner's client, with a bucket in each of two regions."""
    client = client_of(endpoint, OWNER)
    client.create_bucket(Bucket="bkt-us")
    there = {"LocationConstraint": "eu-west-1"}
    client.create_bucket(Bucket="bkt-eu", CreateBucketConfiguration=there)
    return client


@pytest.fixture
def control(endpoint, s3):
    """A client of the control plane, which is in one region."""
    return client_of(endpoint, OWNER, "s3control", region_name="us-west-2")


@pytest.fixture
def point(control, clock):
    """An access point to both buckets: its ARN."""
    details = {"Name": "point", "Regions": [{"Bucket": "bkt-us"}, {"Bucket": "bkt-eu"}]}
    control.create_multi_region_access_point(AccountId=OWNER, Details=details)
    clock(TAKES)
    alias = control.get_multi_region_access_point(AccountId=OWNER, Name="point")["AccessPoint"]["Alias"]
    return f"arn:aws:s3::{OWNER}:accesspoint/{alias}"


def by_its_name(endpoint, key=(OWNER, "test"), region="us-east-1"):
    """A client that calls the host names of AWS, and the hosts that it has called."""
    client = endpoint.client(
        "s3", endpoint_url=None, region_name=region, aws_access_key_id=key[0], aws_secret_access_key=key[1]
    )
    sent = []
    client.meta.events.register("before-send.s3.*", lambda request, **_: sent.append(request))
    client.meta.events.register("before-send.s3.*", to_the_endpoint(endpoint))
    return client, sent


def key_of(endpoint):
    """A key of a user without permissions, and the user's ARN."""
    iam = client_of(endpoint, OWNER, "iam")
    arn = iam.create_user(UserName="bob")["User"]["Arn"]
    made = iam.create_access_key(UserName="bob")["AccessKey"]
    return (made["AccessKeyId"], made["SecretAccessKey"]), arn


def test_their_life(control, clock, s3):
    details = {"Name": "point", "Regions": [{"Bucket": "bkt-us"}, {"Bucket": "bkt-eu"}]}
    made = control.create_multi_region_access_point(AccountId=OWNER, ClientToken="t", Details=details)
    token = made["RequestTokenARN"]
    assert token.startswith(f"arn:aws:s3:us-west-2:{OWNER}:async-request/mrap/create/")
    again = control.create_multi_region_access_point(AccountId=OWNER, ClientToken="t", Details=details)
    assert again["RequestTokenARN"] == token

    def operation():
        asked = control.describe_multi_region_access_point_operation(AccountId=OWNER, RequestTokenARN=token)
        return asked["AsyncOperation"]

    early = operation()
    assert early["RequestStatus"] == "INPROGRESS" and "ResponseDetails" not in early
    assert early["Operation"] == "CreateMultiRegionAccessPoint" and early["RequestTokenARN"] == token
    assert early["RequestParameters"] == {"CreateMultiRegionAccessPointRequest": details}
    clock(TAKES)
    regions = operation()["ResponseDetails"]["MultiRegionAccessPointDetails"]["Regions"]
    assert sorted(region["Name"] for region in regions) == ["eu-west-1", "us-east-1"]
    shown = control.get_multi_region_access_point(AccountId=OWNER, Name="point")["AccessPoint"]
    assert shown["Status"] == "READY" and shown["Alias"].endswith(".mrap")
    assert shown["PublicAccessBlock"]["BlockPublicPolicy"] is True
    assert shown["Regions"][1] == {"Bucket": "bkt-eu", "Region": "eu-west-1", "BucketAccountId": OWNER}
    listed = control.list_multi_region_access_points(AccountId=OWNER)["AccessPoints"]
    assert [entry["Name"] for entry in listed] == ["point"]
    with refused("BucketHasAccessPointsAttached"):
        s3.delete_bucket(Bucket="bkt-us")
    control.delete_multi_region_access_point(AccountId=OWNER, Details={"Name": "point"})
    clock(TAKES)
    with refused("NoSuchMultiRegionAccessPoint"):
        control.get_multi_region_access_point(AccountId=OWNER, Name="point")
    with refused("NoSuchAsyncRequest"):
        control.describe_multi_region_access_point_operation(AccountId=OWNER, RequestTokenARN=token + "x")
    s3.delete_bucket(Bucket="bkt-us")


def test_other_regions_control_only_the_routes(endpoint, point):
    elsewhere = client_of(endpoint, OWNER, "s3control")
    with refused("PermanentRedirectControlError", "must be addressed using the specified endpoint"):
        elsewhere.get_multi_region_access_point(AccountId=OWNER, Name="point")
    assert len(elsewhere.get_multi_region_access_point_routes(AccountId=OWNER, Mrap=point)["Routes"]) == 2


def test_the_cli_by_the_names_of_aws(aws, endpoint, s3, point, tmp_path):
    """The CLI signs for all regions too, and finds the host names of AWS by the proxy."""
    aws = aws.by_proxy(proxy_of(endpoint, tmp_path))
    aws.variables["AWS_ACCESS_KEY_ID"] = OWNER
    (tmp_path / "note.txt").write_text("hello")
    aws.output("s3api", "put-object", "--bucket", point, "--key", "note", "--body", tmp_path / "note.txt")
    assert s3.get_object(Bucket="bkt-us", Key="note")["Body"].read() == b"hello"
    aws.output("s3", "cp", f"s3://{point}/note", tmp_path / "back.txt")
    assert (tmp_path / "back.txt").read_text() == "hello"
    named = ("--account-id", OWNER, "--name", "point")
    shown = aws("s3control", "get-multi-region-access-point", *named, "--region", "us-west-2")
    assert shown["AccessPoint"]["Status"] == "READY"
    with pytest.raises(CliError, match="PermanentRedirectControlError"):
        aws("s3control", "get-multi-region-access-point", *named)


def test_boto3_signs_for_all_regions(endpoint, s3, control, point):
    client, sent = by_its_name(endpoint)
    client.put_object(Bucket=point, Key="k", Body=b"body")
    alias = point.rsplit("/", 1)[1]
    assert str(sent[0].headers["Host"]) == f"{alias}.accesspoint.s3-global.amazonaws.com"
    assert "AWS4-ECDSA-P256-SHA256" in str(sent[0].headers["Authorization"])
    assert client.get_object(Bucket=point, Key="k")["Body"].read() == b"body"
    assert s3.list_objects_v2(Bucket="bkt-us")["KeyCount"] == 1
    routes = [{"Region": "us-east-1", "TrafficDialPercentage": 0}]
    control.submit_multi_region_access_point_routes(AccountId=OWNER, Mrap=point, RouteUpdates=routes)
    shown = control.get_multi_region_access_point_routes(AccountId=OWNER, Mrap=point)["Routes"]
    assert [(route["Region"], route["TrafficDialPercentage"]) for route in shown] == [
        ("us-east-1", 0),
        ("eu-west-1", 100),
    ]
    with refused("NoSuchKey"):
        client.get_object(Bucket=point, Key="k")
    client.put_object(Bucket=point, Key="k2", Body=b"there")
    there = endpoint.client("s3", region_name="eu-west-1", aws_access_key_id=OWNER)
    assert there.get_object(Bucket="bkt-eu", Key="k2")["Body"].read() == b"there"
    upload = client.create_multipart_upload(Bucket=point, Key="big")["UploadId"]
    part = client.upload_part(Bucket=point, Key="big", UploadId=upload, PartNumber=1, Body=b"part")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    client.complete_multipart_upload(Bucket=point, Key="big", UploadId=upload, MultipartUpload=parts)
    assert [entry["Key"] for entry in client.list_objects_v2(Bucket=point)["Contents"]] == ["big", "k2"]
    with refused("MethodNotAllowed"):
        client.list_object_versions(Bucket=point)
    with refused("InvalidRequest"):
        routes = [{"Region": "eu-west-1", "TrafficDialPercentage": 0}]
        control.submit_multi_region_access_point_routes(AccountId=OWNER, Mrap=point, RouteUpdates=routes)


def test_policies_and_signatures_are_enforced(endpoint, s3, control, clock, point):
    key, arn = key_of(endpoint)
    s3.put_object(Bucket="bkt-us", Key="k", Body=b"body")
    client, _ = by_its_name(endpoint, key)
    with refused("AccessDenied"):
        client.get_object(Bucket=point, Key="k")
    text = policy(allow("s3:GetObject", f"{point}/object/*", Principal={"AWS": arn}))
    details = {"Name": "point", "Policy": text}
    control.put_multi_region_access_point_policy(AccountId=OWNER, Details=details)
    proposed = control.get_multi_region_access_point_policy(AccountId=OWNER, Name="point")["Policy"]
    assert proposed == {"Proposed": {"Policy": text}}
    clock(TAKES)
    both = control.get_multi_region_access_point_policy(AccountId=OWNER, Name="point")["Policy"]
    assert both["Established"] == both["Proposed"] == {"Policy": text}
    status = control.get_multi_region_access_point_policy_status(AccountId=OWNER, Name="point")
    assert status["Established"] == {"IsPublic": False}
    client, _ = by_its_name(endpoint, key)
    assert client.get_object(Bucket=point, Key="k")["Body"].read() == b"body"
    with refused("AccessDenied"):
        client.put_object(Bucket=point, Key="k", Body=b"no")
    wrong, _ = by_its_name(endpoint, (key[0], "wrong"))
    with refused("SignatureDoesNotMatch"):
        wrong.get_object(Bucket=point, Key="k")
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::bkt-us/*",
        "Condition": {"StringEquals": {"s3:DataAccessPointArn": point}},
    }
    s3.put_bucket_policy(Bucket="bkt-us", Policy=policy(deny))
    with refused("AccessDenied"):
        client.get_object(Bucket=point, Key="k")


def test_what_is_signed_for_one_region_goes_to_the_bucket_there_or_nowhere(endpoint, s3, control, point):
    s3.put_object(Bucket="bkt-us", Key="k", Body=b"body")
    host = f"{point.rsplit('/', 1)[1]}.accesspoint.s3-global.localhost:4566"
    call = Call("GET", "/k", {"Host": host})
    here = call.signed(endpoint, (OWNER, "test"), "s3", region="us-east-1").send(endpoint)
    assert here.status == 200 and here.body == b"body"
    there = call.signed(endpoint, (OWNER, "test"), "s3", region="ap-south-1").send(endpoint)
    assert there.error("rest-xml")[0] == "AuthorizationHeaderMalformed" and b"expecting 'eu-west-1'" in there.body
    nobody = call.send(endpoint)
    assert nobody.status == 403 and nobody.error("rest-xml")[0] == "AccessDenied"


def test_others_need_the_word_of_both_policies(endpoint, s3, control, clock, point):
    other, _ = by_its_name(endpoint, (OTHER, "test"))
    s3.put_object(Bucket="bkt-us", Key="k", Body=b"body")
    text = policy(allow("s3:GetObject", f"{point}/object/*", Principal={"AWS": OTHER}))
    control.put_multi_region_access_point_policy(AccountId=OWNER, Details={"Name": "point", "Policy": text})
    clock(TAKES)
    with refused("AccessDenied"):
        other.get_object(Bucket=point, Key="k")
    delegation = allow(
        "*",
        "arn:aws:s3:::bkt-us/*",
        Principal={"AWS": "*"},
        Condition={"StringEquals": {"s3:DataAccessPointArn": point}},
    )
    s3.put_bucket_policy(Bucket="bkt-us", Policy=policy(delegation))
    assert other.get_object(Bucket=point, Key="k")["Body"].read() == b"body"
    # Only through the access point.
    with refused("AccessDenied"):
        client_of(endpoint, OTHER).get_object(Bucket="bkt-us", Key="k")


def test_making_one_needs_permission(endpoint, s3, control):
    made = allow("s3:CreateMultiRegionAccessPoint", "*")
    user, _ = user_of(endpoint, OWNER, made)
    credentials = user._request_signer._credentials
    asked = endpoint.client(
        "s3control",
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
        region_name="us-west-2",
    )
    asked.meta.events.register_first("before-sign.s3-control.*", _plain_host)
    details = {"Name": "point", "Regions": [{"Bucket": "bkt-us"}]}
    with refused("AccessDenied", "s3:ListAllMyBuckets"):
        asked.create_multi_region_access_point(AccountId=OWNER, Details=details)
    with pytest.raises(ClientError):
        asked.list_multi_region_access_points(AccountId=OWNER)


def _plain_host(request, **_):
    request.url = request.url.replace(f"//{OWNER}.", "//")


TERRAFORM = """
resource "aws_s3_bucket" "here" {
  bucket = "%(name)s-here"
}

resource "aws_s3control_multi_region_access_point" "point" {
  account_id = "000000000000"
  details {
    name = "%(name)s"
    region {
      bucket = aws_s3_bucket.here.id
    }
  }
}

resource "aws_s3control_multi_region_access_point_policy" "policy" {
  account_id = "000000000000"
  details {
    name = aws_s3control_multi_region_access_point.point.details[0].name
    policy = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Sid       = "Read"
        Effect    = "Allow"
        Principal = { AWS = "000000000000" }
        Action    = "s3:GetObject"
        Resource  = "${aws_s3control_multi_region_access_point.point.arn}/object/*"
      }]
    })
  }
}
"""


def test_terraform(terraform, shared_endpoint, unique_name):
    # The provider puts the account before the host name, which not every machine resolves; a proxy need not be found.
    text = TERRAFORM % {"name": unique_name("mrap")}
    configuration = terraform(["s3", "s3control", "iam", "sts"], text, {"HTTP_PROXY": shared_endpoint.url})
    configuration.apply()
    configuration.assert_plan_is_empty()
    configuration.destroy()
