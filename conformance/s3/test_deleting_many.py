"""DeleteObjects: each object on its own, and what fails is said of it."""

import datetime

import pytest

from gateway.exchange import Call
from s3_buckets import OWNER, allow, client_of, refused, user_of

BODY = b"<Delete><Object><Key>a</Key></Object></Delete>"


def deleted(answer):
    return [entry["Key"] for entry in answer.get("Deleted", [])]


def test_what_fails_is_said_and_the_rest_is_done(endpoint, now):
    s3 = client_of(endpoint, OWNER)
    s3.create_bucket(Bucket="bkt", ObjectLockEnabledForBucket=True)
    until = now() + datetime.timedelta(days=1)
    locked = s3.put_object(Bucket="bkt", Key="locked", Body=b"", ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=until)
    free = s3.put_object(Bucket="bkt", Key="free", Body=b"")
    s3.put_object(Bucket="bkt", Key="forbidden", Body=b"")
    user, _ = user_of(endpoint, OWNER, allow(["s3:DeleteObject", "s3:DeleteObjectVersion"], "arn:aws:s3:::bkt/*"),
                      {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::bkt/forbidden"})
    objects = [
        {"Key": "free", "VersionId": free["VersionId"]}, {"Key": "locked", "VersionId": locked["VersionId"]}, {"Key": "forbidden"},
        {"Key": "nothing"}, {"Key": "nothing", "VersionId": free["VersionId"]}, {"Key": "x" * 1025}, {"Key": "locked", "VersionId": "?"},
    ]
    answer = user.delete_objects(Bucket="bkt", Delete={"Objects": objects})
    # A version that is not there is gone; a key that is not there gets a delete marker.
    assert deleted(answer) == ["free", "nothing", "nothing"]
    assert [entry.get("DeleteMarker") for entry in answer["Deleted"]] == [None, True, None]
    errors = [(entry["Key"], entry["Code"], entry["Message"]) for entry in answer["Errors"]]
    assert errors[0] == ("locked", "AccessDenied", "Access Denied because object protected by object lock.")
    assert errors[1][:2] == ("forbidden", "AccessDenied") and "explicit deny in an identity-based policy" in errors[1][2]
    assert errors[2] == ("x" * 1025, "KeyTooLongError", "Your key is too long")
    assert errors[3] == ("locked", "NoSuchVersion", "The specified version does not exist.")
    assert "VersionId" not in answer["Errors"][1] and answer["Errors"][0]["VersionId"] == locked["VersionId"]


def test_quiet(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a", Body=b"")
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a"}, {"Key": "x" * 1025}], "Quiet": True})
    assert "Deleted" not in answer and [entry["Code"] for entry in answer["Errors"]] == ["KeyTooLongError"]
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_at_most_a_thousand(s3, bucket):
    keys = [{"Key": f"{number}"} for number in range(1001)]
    with refused("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema"):
        s3.delete_objects(Bucket=bucket, Delete={"Objects": keys})
    assert len(deleted(s3.delete_objects(Bucket=bucket, Delete={"Objects": keys[:1000]}))) == 1000
    with refused("MalformedXML"):
        s3.delete_objects(Bucket=bucket, Delete={"Objects": []})


@pytest.mark.parametrize(("headers", "code", "message"), [
    ({}, "InvalidRequest", "Missing required header for this request: Content-MD5 OR x-amz-checksum-*"),
    ({"Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="}, "BadDigest", "The Content-MD5 you specified did not match what we received."),
    ({"x-amz-checksum-crc32": "AAAAAA=="}, "BadDigest", "The CRC32 you specified did not match the calculated checksum."),
])
def test_the_list_comes_with_its_digest(endpoint, s3, bucket, issued, headers, code, message):
    s3.put_object(Bucket=bucket, Key="a", Body=b"")
    answer = Call("POST", f"/{bucket}?delete", headers, BODY).signed(endpoint, issued, "s3").send(endpoint)
    assert (answer.status, answer.error("rest-xml")) == (400, (code, message)), answer
    s3.head_object(Bucket=bucket, Key="a")
