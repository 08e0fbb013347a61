"""Objects with boto3: what is written comes back, in ranges and under conditions, with its metadata and checksums."""

import datetime
import hashlib

import pytest
from botocore.exceptions import ClientError

from s3_buckets import code, refused, status


@pytest.mark.parametrize("size", [0, 1, 1024, 65536, 65537, 300_000, 3_000_000])
def test_a_body_of_any_size_comes_back(s3, bucket, size):
    body = bytes(n * 31 % 251 for n in range(size))
    written = s3.put_object(Bucket=bucket, Key="dir/a key+ü", Body=body)
    assert written["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    assert written["ServerSideEncryption"] == "AES256"
    read = s3.get_object(Bucket=bucket, Key="dir/a key+ü")
    assert read["Body"].read() == body
    assert read["ContentLength"] == size
    assert read["ContentType"] == "binary/octet-stream"


def test_metadata_comes_back(s3, bucket):
    s3.put_object(
        Bucket=bucket, Key="k", Body=b"x", Metadata={"colour": "red"}, ContentType="text/plain", CacheControl="no-store",
        ContentDisposition="attachment", ContentLanguage="de", StorageClass="STANDARD_IA", Tagging="a=1&b=2",
    )
    head = s3.head_object(Bucket=bucket, Key="k")
    assert head["Metadata"] == {"colour": "red"}
    assert (head["ContentType"], head["CacheControl"], head["ContentLanguage"]) == ("text/plain", "no-store", "de")
    assert head["StorageClass"] == "STANDARD_IA"
    read = s3.get_object(Bucket=bucket, Key="k", ResponseContentType="text/css")
    assert read["ContentType"] == "text/css"
    assert read["TagCount"] == 2


def test_ranges(s3, bucket):
    body = bytes(n % 256 for n in range(200_000))
    s3.put_object(Bucket=bucket, Key="k", Body=body)
    for header, expected in [("bytes=0-9", body[:10]), ("bytes=65530-65545", body[65530:65546]), ("bytes=-7", body[-7:])]:
        read = s3.get_object(Bucket=bucket, Key="k", Range=header)
        assert read["ResponseMetadata"]["HTTPStatusCode"] == 206
        assert read["Body"].read() == expected
    assert s3.get_object(Bucket=bucket, Key="k", Range="bytes=1-2,4-5")["ContentLength"] == len(body)
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket=bucket, Key="k", Range="bytes=200000-")
    assert (code(error), status(error)) == ("InvalidRange", 416)
    assert error.value.response["Error"]["ActualObjectSize"] == "200000"


def test_conditions(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"1")["ETag"]
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket=bucket, Key="k", IfNoneMatch=etag)
    assert status(error) == 304
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket=bucket, Key="k", IfMatch='"other"')
    assert code(error) == "PreconditionFailed"
    assert error.value.response["Error"]["Condition"] == "If-Match"
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfNoneMatch="*")
    assert code(error) == "PreconditionFailed"
    s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfMatch=etag)


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_checksums_are_checked_and_come_back(s3, bucket, algorithm):
    pytest.importorskip("awscrt") if algorithm in ("CRC32C", "CRC64NVME") else None
    written = s3.put_object(Bucket=bucket, Key="k", Body=b"test-checksum", ChecksumAlgorithm=algorithm)
    read = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert read[f"Checksum{algorithm}"] == written[f"Checksum{algorithm}"]
    assert read["Body"].read() == b"test-checksum"


def test_a_wrong_digest_is_refused(s3, bucket):
    for arguments in ({"ContentMD5": "XUFAKrxLKna5cZ2REBfFkg=="}, {"ChecksumSHA256": "YPfYBBV+7nTvHLrdEXRVFQYPIVGZCk+dBSvJBRlQfLs="}):
        with pytest.raises(ClientError) as error:
            s3.put_object(Bucket=bucket, Key="k", Body=b"other", **arguments)
        assert code(error) == "BadDigest"
    with pytest.raises(ClientError) as error:
        s3.head_object(Bucket=bucket, Key="k")
    assert code(error) == "404"


def test_errors_name_what_they_are_about(s3, bucket):
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket=bucket, Key="none")
    assert (code(error), error.value.response["Error"]["Key"]) == ("NoSuchKey", "none")
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket="no-such-bucket-here", Key="none")
    assert (code(error), error.value.response["Error"]["BucketName"]) == ("NoSuchBucket", "no-such-bucket-here")
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket=bucket, Key="k" * 1025, Body=b"")
    assert code(error) == "KeyTooLongError"
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket=bucket, Key="k", Body=b"", Metadata={"a": "b" * 2048})
    assert code(error) == "MetadataTooLarge"


def test_versions_and_delete_markers(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"1")["VersionId"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"2")
    marker = s3.delete_object(Bucket=bucket, Key="k")
    assert marker["DeleteMarker"] is True
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket=bucket, Key="k")
    assert code(error) == "NoSuchKey"
    assert error.value.response["ResponseMetadata"]["HTTPHeaders"]["x-amz-delete-marker"] == "true"
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket=bucket, Key="k", VersionId=marker["VersionId"])
    assert (code(error), status(error)) == ("MethodNotAllowed", 405)
    assert s3.get_object(Bucket=bucket, Key="k", VersionId=first)["Body"].read() == b"1"
    s3.delete_object(Bucket=bucket, Key="k", VersionId=marker["VersionId"])
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"2"


def test_suspended_versioning_writes_the_null_version(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"before")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    kept = s3.put_object(Bucket=bucket, Key="k", Body=b"kept")["VersionId"]
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    assert "VersionId" not in s3.put_object(Bucket=bucket, Key="k", Body=b"after")
    versions = s3.list_object_versions(Bucket=bucket)["Versions"]
    assert [version["VersionId"] for version in versions] == ["null", kept]
    assert s3.delete_object(Bucket=bucket, Key="k")["VersionId"] == "null"
    assert s3.list_object_versions(Bucket=bucket)["DeleteMarkers"][0]["VersionId"] == "null"


def test_many_objects_are_deleted_at_once(s3, bucket):
    for n in range(5):
        s3.put_object(Bucket=bucket, Key=f"k{n}", Body=b"")
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": f"k{n}"} for n in range(7)]})
    assert sorted(entry["Key"] for entry in answer["Deleted"]) == [f"k{n}" for n in range(7)]
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    s3.delete_bucket(Bucket=bucket)


def test_copies(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a b/ü", Body=b"x" * 100_000, Metadata={"m": "1"})
    copy = s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "a b/ü"})
    assert copy["CopyObjectResult"]["ETag"] == f'"{hashlib.md5(b"x" * 100_000).hexdigest()}"'
    assert s3.head_object(Bucket=bucket, Key="copy")["Metadata"] == {"m": "1"}
    with pytest.raises(ClientError) as error:
        s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/copy")
    assert code(error) == "InvalidRequest"


def test_copies_on_conditions(s3, bucket):
    source = s3.put_object(Bucket=bucket, Key="source", Body=b"x")["ETag"]
    modified = s3.head_object(Bucket=bucket, Key="source")["LastModified"]
    before, other = modified - datetime.timedelta(hours=1), '"00000000000000000000000000000000"'
    upload = s3.create_multipart_upload(Bucket=bucket, Key="copy")["UploadId"]
    copy = {"Bucket": bucket, "Key": "copy", "CopySource": f"{bucket}/source"}
    for conditions, failed in [
        ({"CopySourceIfMatch": source}, None),
        ({"CopySourceIfMatch": other}, "If-Match"),
        ({"CopySourceIfNoneMatch": other}, None),
        ({"CopySourceIfNoneMatch": source}, "If-None-Match"),
        ({"CopySourceIfModifiedSince": before}, None),
        ({"CopySourceIfModifiedSince": modified}, "If-Modified-Since"),
        ({"CopySourceIfUnmodifiedSince": modified}, None),
        ({"CopySourceIfUnmodifiedSince": before}, "If-Unmodified-Since"),
        ({"CopySourceIfMatch": source, "CopySourceIfUnmodifiedSince": before}, None),
        ({"CopySourceIfNoneMatch": source, "CopySourceIfModifiedSince": before}, "If-None-Match"),
    ]:
        for call, more in [(s3.copy_object, {}), (s3.upload_part_copy, {"UploadId": upload, "PartNumber": 1})]:
            if failed is None:
                call(**copy, **more, **conditions)
                continue
            with pytest.raises(ClientError) as caught:
                call(**copy, **more, **conditions)
            error = caught.value.response
            assert error["ResponseMetadata"]["HTTPStatusCode"] == 412
            assert error["Error"]["Code"] == "PreconditionFailed"
            assert error["Error"]["Condition"] == f"x-amz-copy-source-{failed}"


def test_torrents_and_answers_of_object_lambda_are_refused_by_name(s3, bucket, subject_is_virga):
    if not subject_is_virga:
        pytest.skip("the endpoint may have them")
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    answer = {"RequestRoute": "route", "RequestToken": "token", "Body": b"x"}
    s3.meta.events.register("before-sign.s3.WriteGetObjectResponse", keep_host(s3))
    for name, call, arguments in [
        ("GetObjectTorrent", s3.get_object_torrent, {"Bucket": bucket, "Key": "a"}),
        ("WriteGetObjectResponse", s3.write_get_object_response, answer),
    ]:
        with pytest.raises(ClientError) as caught:
            call(**arguments)
        error = caught.value.response
        assert (error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]) == ("NotImplemented", 501)
        assert name in error["Error"]["Message"]


def keep_host(client):
    """Takes the route out of the name of the host, which the endpoint under test has not."""
    host = client.meta.endpoint_url.split("//")[1]

    def rewrite(request, **_):
        scheme, rest = request.url.split("//", 1)
        request.url = f"{scheme}//{host}/{rest.split('/', 1)[1]}"

    return rewrite


def test_tags_of_objects(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": [{"Key": "a", "Value": "1"}]})
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == [{"Key": "a", "Value": "1"}]
    s3.delete_object_tagging(Bucket=bucket, Key="k")
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == []
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket=bucket, Key="k", Body=b"", Tagging="a=1&a=2")
    assert code(error) == "InvalidArgument"


KEY_OF_CUSTOMER = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "01234567890123456789012345678901"}


def test_a_key_of_the_customer_is_not_sent_in_the_clear(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    source = {"Bucket": bucket, "Key": "k"}
    for call, more in [
        (s3.put_object, {"Body": b"secret"}), (s3.get_object, {}), (s3.create_multipart_upload, {}),
        (s3.copy_object, {"CopySource": source}),
    ]:
        with pytest.raises(ClientError) as error:
            call(Bucket=bucket, Key="k", **KEY_OF_CUSTOMER, **more)
        text = "Requests specifying Server Side Encryption with Customer provided keys must be made over a secure connection."
        assert (code(error), error.value.response["Error"]["Message"]) == ("InvalidRequest", text)
    with pytest.raises(ClientError) as error:
        s3.head_object(Bucket=bucket, Key="k", **KEY_OF_CUSTOMER)
    assert code(error) == "400"


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_a_key_of_the_customer(endpoint, bucket):
    s3 = endpoint.secure().client("s3")
    key = KEY_OF_CUSTOMER["SSECustomerKey"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"secret", SSECustomerAlgorithm="AES256", SSECustomerKey=key)
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket=bucket, Key="k")
    assert code(error) == "InvalidRequest"
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket=bucket, Key="k", SSECustomerAlgorithm="AES256", SSECustomerKey="1" * 32)
    assert code(error) == "AccessDenied"
    read = s3.get_object(Bucket=bucket, Key="k", SSECustomerAlgorithm="AES256", SSECustomerKey=key)
    assert read["Body"].read() == b"secret"


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_a_key_of_the_customer_for_another_algorithm(endpoint, bucket):
    s3 = endpoint.secure().client("s3")
    key = {**KEY_OF_CUSTOMER, "SSECustomerAlgorithm": "KMS"}
    with refused("InvalidEncryptionAlgorithmError", "Supported value: AES256.", ArgumentValue="KMS"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"secret", **key)


def test_headers_that_are_too_long(s3, bucket):
    metadata = {"a": "b" * 8192}
    with refused("RequestHeaderSectionTooLarge", "exceeds the maximum allowed size", MaxSizeAllowed="8192"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"", Metadata=metadata)


def test_requests_without_their_document(s3, bucket):
    def empty(params, **_):
        params["body"] = b""

    tagging = {"TagSet": [{"Key": "a", "Value": "1"}]}
    s3.put_bucket_tagging(Bucket=bucket, Tagging=tagging)
    for call, arguments in (
        (s3.put_bucket_tagging, {"Tagging": tagging}),
        (s3.put_bucket_versioning, {"VersioningConfiguration": {"Status": "Enabled"}}),
        (s3.delete_objects, {"Delete": {"Objects": [{"Key": "k"}]}}),
    ):
        s3.meta.events.register_first("before-call.s3", empty)
        with refused("MissingRequestBodyError", "Request Body is empty"):
            call(Bucket=bucket, **arguments)
        s3.meta.events.unregister("before-call.s3", empty)
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tagging["TagSet"]


@pytest.mark.parametrize("encryption", ["aws:kms", "aws:kms:dsse"])
def test_keys_of_kms(client, s3, bucket, encryption):
    kms = client("kms")
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    written = s3.put_object(Bucket=bucket, Key="k", Body=b"x" * 70_000, ServerSideEncryption=encryption, SSEKMSKeyId=arn)
    assert (written["ServerSideEncryption"], written["SSEKMSKeyId"]) == (encryption, arn)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x" * 70_000
    kms.disable_key(KeyId=arn)
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket=bucket, Key="k")
    assert code(error) == "KMS.DisabledException"
