"""Buckets of other regions: what a request hears that goes to the wrong endpoint or is signed for the wrong region, and how
boto3 finds the way."""

from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from gateway.exchange import Call, to_the_endpoint
from s3_buckets import PATH_STYLE, refused

HOME = "us-east-1"
REGION = "eu-west-1"
FAR = "me-south-1"
MOVED = (
    "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to"
    " this endpoint."
)


@pytest.fixture
def of_region(endpoint):
    """Makes clients of a region, which do not look for a bucket elsewhere unless they are told to."""

    def make(region, redirects=False, **config):
        config.setdefault("s3", PATH_STYLE)
        client = endpoint.client("s3", region_name=region, **config)
        if not redirects:
            client.meta.events.register("before-call.s3", _stay)
        return client

    return make


def _stay(context, **_):
    """Has the client believe that it was redirected already."""
    context["s3_redirect"]["redirected"] = True


@pytest.fixture
def bucket(of_region, unique_name):
    """A bucket of another region, with an object."""
    name = unique_name("bucket")
    s3 = of_region(REGION)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=name, Key="k", Body=b"body")
    return name


@pytest.fixture
def send(endpoint, issued):
    """Sends a request, signed for a region, or not at all: `send("GET", "s3.localhost", "/bucket/k", HOME)`."""

    def call(method, host, path, region):
        request = Call(method, path, {"Host": host})
        return (request.signed(endpoint, issued, "s3", region=region) if region else request).send(endpoint)

    return call


def header(error):
    return error["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region")


def test_the_endpoint_of_the_client_is_that_of_its_region(of_region, bucket):
    s3 = of_region(HOME)
    for call in [
        lambda: s3.get_object(Bucket=bucket, Key="k"),
        lambda: s3.put_object(Bucket=bucket, Key="k", Body=b"other"),
        lambda: s3.list_objects_v2(Bucket=bucket),
        lambda: s3.delete_bucket(Bucket=bucket),
    ]:
        with refused("PermanentRedirect", MOVED, Bucket=bucket) as caught:
            call()
        assert "Endpoint" in caught.value.response["Error"]
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 301
        assert header(caught.value.response) == REGION
    for head in [lambda: s3.head_bucket(Bucket=bucket), lambda: s3.head_object(Bucket=bucket, Key="k")]:
        with refused("301") as caught:
            head()
        assert header(caught.value.response) == REGION
    # The oldest region tells everybody where a bucket is.
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] == REGION
    with refused("PermanentRedirect"):
        of_region("us-west-2").get_bucket_location(Bucket=bucket)
    # Nobody is sent elsewhere for what is not there.
    with refused("NoSuchBucket"):
        s3.list_objects_v2(Bucket=f"{bucket}-not")


def test_newer_regions_answer_otherwise(of_region, unique_name):
    name = unique_name("bucket")
    of_region(FAR).create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": FAR})
    text = f"The {FAR} location constraint is incompatible for the region specific endpoint this request was sent to."
    with refused("IllegalLocationConstraintException", text) as caught:
        of_region(HOME).list_objects_v2(Bucket=name)
    assert header(caught.value.response) == FAR
    assert of_region(HOME, redirects=True).list_objects_v2(Bucket=name)["KeyCount"] == 0


@pytest.mark.parametrize("style", ["path", "virtual"])
@pytest.mark.parametrize("version", ["s3v4", None])
def test_boto3_finds_a_bucket_of_another_region(endpoint, of_region, bucket, style, version):
    config = {"s3": {"addressing_style": style}, "signature_version": version}
    s3 = of_region(HOME, redirects=True, endpoint_url=endpoint.url.replace("127.0.0.1", "localhost"), **config)
    s3.meta.events.register("before-send.s3.*", to_the_endpoint(endpoint))
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"body"
    s3.put_object(Bucket=bucket, Key="k2", Body=b"more")
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["k", "k2"]
    assert s3.head_object(Bucket=bucket, Key="k")["ContentLength"] == 4
    assert s3.head_bucket(Bucket=bucket)["BucketRegion"] == REGION


def test_boto3_finds_it_by_a_first_head(of_region, bucket):
    assert of_region(HOME, redirects=True).head_bucket(Bucket=bucket)["BucketRegion"] == REGION
    assert of_region("us-west-2", redirects=True).head_object(Bucket=bucket, Key="k")["ContentLength"] == 4


def test_endpoints_of_aws_by_name(send, bucket):
    def check(host, path, region, status, code=None, text=""):
        answer = send("GET", host, path, region)
        found = None if code is None else answer.error("rest-xml")[0]
        assert (answer.status, found) == (status, code), answer
        assert text in answer.body.decode(), answer

    malformed = "The authorization header is malformed; the region '{}' is wrong; expecting '{}'"
    check(f"s3.{REGION}.amazonaws.com", f"/{bucket}/k", REGION, 200)
    check(f"{bucket}.s3.{REGION}.amazonaws.com", "/k", REGION, 200)
    # To the right place, signed for another: it says for which it should be signed.
    wrong = (400, "AuthorizationHeaderMalformed", malformed.format(HOME, REGION))
    check(f"s3.{REGION}.amazonaws.com", f"/{bucket}/k", HOME, *wrong)
    check(f"s3.{REGION}.amazonaws.com", "/", HOME, *wrong)
    check(f"{bucket}.s3.amazonaws.com", "/k", HOME, *wrong)
    check(f"{bucket}.s3.localhost:4566", "/k", HOME, *wrong)
    check(f"{bucket}.s3.amazonaws.com", "/k", HOME, 400, "AuthorizationHeaderMalformed", f"<Region>{REGION}</Region>")
    check(f"{bucket}.s3.amazonaws.com", "/k", REGION, 200)
    # To the wrong place.
    check(f"s3.{HOME}.amazonaws.com", f"/{bucket}/k", HOME, 301, "PermanentRedirect", f"<Endpoint>s3.{REGION}.amazonaws.com</Endpoint>")
    there = f"<Endpoint>{bucket}.s3.{REGION}.amazonaws.com</Endpoint><Bucket>{bucket}</Bucket>"
    check(f"{bucket}.s3.{HOME}.amazonaws.com", "/k", HOME, 301, "PermanentRedirect", there)
    check(f"{bucket}.s3.{HOME}.amazonaws.com", "/k", None, 301, "PermanentRedirect", there)
    check("localhost:4566", f"/{bucket}/k", HOME, 301, "PermanentRedirect", f"<Endpoint>s3.{REGION}.localhost:4566</Endpoint>")
    # Nobody's request to nowhere in particular is not sent away.
    check("localhost:4566", f"/{bucket}/k", None, 403, "AccessDenied")


def test_a_presigned_url_of_another_region(endpoint, of_region, bucket):
    s3 = of_region(HOME, signature_version="s3v4")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    answer = Call("GET", f"/k?{urlsplit(url).query}", {"Host": f"{bucket}.s3.localhost:4566"}).send(endpoint)
    assert answer.status == 400
    code, text = answer.error("rest-xml")
    assert code == "AuthorizationQueryParametersError"
    assert text == f"Error parsing the X-Amz-Credential parameter; the region '{HOME}' is wrong; expecting '{REGION}'"


def test_whoever_may_not_look_hears_where_a_bucket_is(endpoint, of_region, bucket):
    stranger = endpoint.client("s3", region_name=REGION, aws_access_key_id="222222222222", s3=PATH_STYLE)
    with refused("403") as caught:
        stranger.head_bucket(Bucket=bucket)
    assert header(caught.value.response) == REGION
    with pytest.raises(ClientError) as other:
        stranger.list_objects_v2(Bucket=bucket)
    assert other.value.response["Error"]["Code"] == "AccessDenied"
