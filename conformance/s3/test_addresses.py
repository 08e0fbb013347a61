"""Where a bucket and a key stand: in the path, in the host name, behind an access point."""

import pytest
from botocore.handlers import validate_bucket_name

from gateway.exchange import Call, to_the_endpoint
from s3_buckets import OWNER, client_of, refused

REGION = "eu-west-1"


@pytest.fixture
def send(endpoint, issued):
    """Sends a signed request to a host name: `send("GET", "bucket.s3.localhost", "/k")`."""

    def call(method, host, path, body=b"", headers=(), region="us-east-1"):
        request = Call(method, path, {"Host": host, **dict(headers)}, body)
        return request.signed(endpoint, issued, "s3", region=region).send(endpoint)

    return call


HOSTS = [
    "{}.s3.localhost:4566", "{}.localhost:4566", "{}.s3.us-east-1.localhost:4566", "{}.s3.amazonaws.com",
    "{}.s3.us-east-1.amazonaws.com", "{}.s3.dualstack.us-east-1.amazonaws.com", "{}.S3.us-east-1.AmazonAWS.com",
    "{}.s3.localhost.localstack.cloud:4566",
]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("name", ["bkt", "with.dots.in-it"])
def test_a_bucket_in_the_host_name(s3, send, host, name):
    s3.create_bucket(Bucket=name)
    host = host.format(name)
    assert send("PUT", host, "/dir/k", b"body").status == 200
    assert send("GET", host, "/dir/k").body == b"body"
    assert b"<Key>dir/k</Key>" in send("GET", host, "/?list-type=2").body
    head = send("HEAD", host, "/")
    assert (head.status, head.headers["x-amz-bucket-region"], head.body) == (200, "us-east-1", b"")
    # The key may begin with the name of the bucket, or with a slash.
    assert send("PUT", host, f"/{name}/k", b"twice").status == 200
    assert send("PUT", host, "//k", b"slash").status == 200
    keys = {entry["Key"] for entry in s3.list_objects_v2(Bucket=name)["Contents"]}
    assert keys == {"dir/k", f"{name}/k", "/k"}
    assert send("DELETE", host, "/dir/k").status == 204


@pytest.mark.parametrize("host", [
    "s3.localhost:4566", "s3.amazonaws.com", "s3.us-east-1.amazonaws.com", "s3.dualstack.us-east-1.amazonaws.com",
    "localhost:4566", "127.0.0.1:4566", "s3-us-east-1.amazonaws.com", "s3-external-1.amazonaws.com",
    "s3-fips.us-east-1.amazonaws.com",
])
def test_a_bucket_in_the_path(s3, send, host):
    s3.create_bucket(Bucket="bkt")
    assert send("PUT", host, "/bkt/k", b"body").status == 200
    assert send("GET", host, "/bkt/k").body == b"body"
    assert b"<Name>bkt</Name>" in send("GET", host, "/").body
    for path in ["/bkt", "/bkt/"]:
        assert b"<Key>k</Key>" in send("GET", host, f"{path}?list-type=2").body


KEYS = [
    "plain", "a b", "a+b", "a%20b", "100%", "%2F", "a&b=c;d,e:f@g", "q?r#s", "ü/日本語/🦀", "./a", "../a", "a/./b", "a/../b", ".", "..",
    "/leading", "//two", "trailing/", "a//b", "\"quoted\" 'too'", "<tag>&amp;", "~tilde", "back\\slash", "{}[]|^`", "tab\tnew\nline",
    "x" * 1024, "ü" * 512,
]


@pytest.mark.parametrize("key", KEYS, ids=lambda key: repr(key[:20]))
@pytest.mark.parametrize("style", ["path", "virtual"])
def test_any_key(endpoint, signer, bucket, key, style):
    s3 = signer(s3={"addressing_style": style})
    s3.meta.events.register("before-send.s3.*", to_the_endpoint(endpoint))
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode(), Tagging="a=1")
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket, Prefix=key)["Contents"]] == [key]
    s3.copy_object(Bucket=bucket, Key="the copy", CopySource={"Bucket": bucket, "Key": key})
    assert s3.get_object(Bucket=bucket, Key="the copy")["Body"].read() == key.encode()
    s3.delete_object(Bucket=bucket, Key="the copy")
    assert s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key}]})["Deleted"] == [{"Key": key}]
    with refused("NoSuchKey", Key=key):
        s3.get_object(Bucket=bucket, Key=key)


@pytest.mark.parametrize("key", ["x" * 1025, "ü" * 512 + "x"], ids=["letters", "bytes"])
def test_a_key_of_more_than_1024_bytes(s3, bucket, key):
    with refused("KeyTooLongError", "Your key is too long", Size="1025", MaxSizeAllowed="1024"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    with refused("KeyTooLongError"):
        s3.create_multipart_upload(Bucket=bucket, Key=key)
    with refused("400"):
        s3.head_object(Bucket=bucket, Key=key)


@pytest.mark.parametrize("path", ["/%FF", "/%C3%28"])
def test_a_key_that_is_no_text(send, bucket, path):
    answer = send("PUT", "localhost", f"/{bucket}{path}", b"x")
    assert (answer.status, answer.error("rest-xml")) == (400, ("InvalidURI", "Couldn't parse the specified URI."))


def test_acceleration_where_the_bucket_has_it(s3, send, bucket):
    host = f"{bucket}.s3-accelerate.amazonaws.com"
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")

    def check(message):
        for path in ["/k", "/?list-type=2"]:
            answer = send("GET", host, path)
            assert (answer.status, answer.error("rest-xml")) == (400, ("InvalidRequest", message))

    check("S3 Transfer Acceleration is not configured on this bucket")
    s3.put_bucket_accelerate_configuration(Bucket=bucket, AccelerateConfiguration={"Status": "Enabled"})
    for host_name in [host, f"{bucket}.s3-accelerate.dualstack.amazonaws.com"]:
        assert send("GET", host_name, "/k").body == b"x"
    s3.put_bucket_accelerate_configuration(Bucket=bucket, AccelerateConfiguration={"Status": "Suspended"})
    check("S3 Transfer Acceleration is disabled on this bucket")


def test_access_points_in_the_host_name(endpoint, issued, send):
    owner = client_of(endpoint, "000000000000")
    owner.create_bucket(Bucket="bkt")
    control = client_of(endpoint, "000000000000", "s3control")
    alias = control.create_access_point(AccountId="000000000000", Name="point", Bucket="bkt")["Alias"]
    for host in [
        "point-000000000000.s3-accesspoint.us-east-1.amazonaws.com",
        "point-000000000000.s3-accesspoint.dualstack.us-east-1.amazonaws.com",
        f"{alias}.s3.us-east-1.amazonaws.com",
        f"{alias}.s3.localhost:4566",
    ]:
        assert send("PUT", host, "/k", host.encode()).status == 200, host
        assert send("GET", host, "/k").body == host.encode()
        assert b"<Key>k</Key>" in send("GET", host, "/?list-type=2").body
    missing = send("GET", "nobody-000000000000.s3-accesspoint.us-east-1.amazonaws.com", "/k")
    assert (missing.status, missing.error("rest-xml")[0]) == (404, "NoSuchAccessPoint"), missing


def test_names_of_buckets(s3):
    # Without the client's own opinion of names.
    s3.meta.events.unregister("before-parameter-build.s3", validate_bucket_name)
    for name in ["ab", "Upper", "under_score", "-start", "end-", "a..b", "1.2.3.4", "x" * 64, "xn--a", "sthree-a", "a-s3alias",
                 "a--ol-s3", "amzn-s3-demo-a"]:
        with refused("InvalidBucketName", "The specified bucket is not valid.", BucketName=name):
            s3.create_bucket(Bucket=name)
    for name in ["abc", "1-2.3-4", "x" * 63]:
        s3.create_bucket(Bucket=name)


def test_a_bucket_of_another_region(client, send):
    s3 = client("s3", region_name=REGION)
    s3.create_bucket(Bucket="bkt", CreateBucketConfiguration={"LocationConstraint": REGION})
    assert s3.get_bucket_location(Bucket="bkt")["LocationConstraint"] == REGION
    assert send("HEAD", f"bkt.s3.{REGION}.amazonaws.com", "/", region=REGION).headers["x-amz-bucket-region"] == REGION
