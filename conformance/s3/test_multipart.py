"""Multipart uploads with boto3: parts, their checksums and listings, completion and abortion."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from s3_buckets import code

PART = 5 * 1024 * 1024


def upload(s3, bucket, key, bodies, **arguments):
    """Uploads the bodies as parts; the id and what completion takes."""
    upload_id = s3.create_multipart_upload(Bucket=bucket, Key=key, **arguments)["UploadId"]
    parts = []
    for number, body in enumerate(bodies, 1):
        answer = s3.upload_part(Bucket=bucket, Key=key, UploadId=upload_id, PartNumber=number, Body=body)
        parts.append({"PartNumber": number, "ETag": answer["ETag"]})
    return upload_id, parts


def complete(s3, bucket, key, upload_id, parts, **arguments):
    return s3.complete_multipart_upload(
        Bucket=bucket, Key=key, UploadId=upload_id, MultipartUpload={"Parts": parts}, **arguments
    )


def test_the_location_of_an_object_is_one_path(s3, bucket):
    upload_id, parts = upload(s3, bucket, "a b/c?d-e_f.g~h", [b"x"])
    location = complete(s3, bucket, "a b/c?d-e_f.g~h", upload_id, parts)["Location"]
    assert location.endswith(f"/{bucket}/a%20b%2Fc%3Fd-e_f.g~h")


def test_parts_become_an_object(s3, bucket):
    bodies = [b"a" * PART, b"b" * PART, b"c" * 10]
    upload_id, parts = upload(s3, bucket, "k", bodies, ContentType="text/plain", Metadata={"m": "1"})
    listed = s3.list_parts(Bucket=bucket, Key="k", UploadId=upload_id)
    assert [part["Size"] for part in listed["Parts"]] == [PART, PART, 10]
    done = complete(s3, bucket, "k", upload_id, parts)
    assert done["ETag"].endswith('-3"')
    assert (done["Bucket"], done["Key"], done["ChecksumType"]) == (bucket, "k", "FULL_OBJECT")
    read = s3.get_object(Bucket=bucket, Key="k")
    assert read["Body"].read() == b"".join(bodies)
    assert (read["ContentType"], read["Metadata"]) == ("text/plain", {"m": "1"})
    last = s3.get_object(Bucket=bucket, Key="k", PartNumber=3)
    assert (last["Body"].read(), last["PartsCount"]) == (b"c" * 10, 3)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_completing_again(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    upload_id, parts = upload(s3, bucket, "k", [b"a" * PART, b"b"])

    def result():
        answer = complete(s3, bucket, "k", upload_id, parts)
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}

    done = result()
    s3.put_object(Bucket=bucket, Key="k", Body=b"newer")
    assert result() == done
    s3.delete_object(Bucket=bucket, Key="k", VersionId=done["VersionId"])
    with pytest.raises(ClientError) as error:
        result()
    assert code(error) == "NoSuchUpload"


def test_a_race_of_completions_an_abortion_and_another_part(s3, bucket):
    """Whoever comes first, the upload becomes one whole object or none, and everybody hears the same of it."""
    for number in range(20):
        key = f"k-{number}"
        upload_id, parts = upload(s3, bucket, key, [b"one"])
        named = {"Bucket": bucket, "Key": key, "UploadId": upload_id}
        racers = {
            "first": lambda: complete(s3, bucket, key, upload_id, parts)["ETag"],
            "second": lambda: complete(s3, bucket, key, upload_id, parts)["ETag"],
            "abortion": lambda: s3.abort_multipart_upload(**named) and "gone",
            "part": lambda: s3.upload_part(**named, PartNumber=1, Body=b"other")["ETag"],
        }
        start = threading.Barrier(len(racers))

        def run(racer):
            start.wait()
            try:
                return racer()
            except ClientError as error:
                return error.response["Error"]["Code"]

        with ThreadPoolExecutor(len(racers)) as threads:
            ends = dict(zip(racers, threads.map(run, racers.values())))
        completions = {ends["first"], ends["second"]}
        done = {end for end in completions if end.endswith('-1"')}
        assert completions - done <= {"NoSuchUpload", "InvalidPart"}, ends
        if done:
            assert len(done) == 1 and ends["abortion"] == "NoSuchUpload", ends
            read = s3.get_object(Bucket=bucket, Key=key)
            assert (read["Body"].read(), {read["ETag"]}) == (b"one", done), ends
        else:
            assert ends["abortion"] == "gone", ends
            with pytest.raises(ClientError) as error:
                s3.get_object(Bucket=bucket, Key=key)
            assert code(error) == "NoSuchKey"
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_a_part_that_is_too_small(s3, bucket):
    upload_id, parts = upload(s3, bucket, "k", [b"a" * 4, b"b" * 4])
    with pytest.raises(ClientError) as error:
        complete(s3, bucket, "k", upload_id, parts)
    assert code(error) == "EntityTooSmall"
    assert error.value.response["Error"]["MinSizeAllowed"] == str(PART)


def test_what_is_missing(s3, bucket):
    upload_id, parts = upload(s3, bucket, "k", [b"a"])
    with pytest.raises(ClientError) as error:
        complete(s3, bucket, "k", upload_id, [{"PartNumber": 2, "ETag": parts[0]["ETag"]}])
    assert code(error) == "InvalidPart"
    with pytest.raises(ClientError) as error:
        s3.upload_part(Bucket=bucket, Key="k", UploadId="fakeid", PartNumber=1, Body=b"")
    assert (code(error), error.value.response["Error"]["UploadId"]) == ("NoSuchUpload", "fakeid")
    with pytest.raises(ClientError) as error:
        complete(s3, bucket, "k", upload_id, parts, MpuObjectSize=5)
    assert code(error) == "InvalidRequest"
    s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload_id)
    with pytest.raises(ClientError) as error:
        s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload_id)
    assert code(error) == "NoSuchUpload"


def test_parts_are_copied(s3, bucket):
    s3.put_object(Bucket=bucket, Key="source", Body=bytes(range(100)))
    upload_id = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    answer = s3.upload_part_copy(
        Bucket=bucket, Key="k", UploadId=upload_id, PartNumber=1, CopySource=f"{bucket}/source", CopySourceRange="bytes=10-19"
    )
    complete(s3, bucket, "k", upload_id, [{"PartNumber": 1, "ETag": answer["CopyPartResult"]["ETag"]}])
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == bytes(range(10, 20))


def test_attributes_of_an_object_in_parts(s3, bucket):
    upload_id, parts = upload(s3, bucket, "k", [b"a" * 65])
    complete(s3, bucket, "k", upload_id, parts)
    answer = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["ETag", "ObjectParts", "ObjectSize"])
    assert answer["ObjectParts"]["TotalPartsCount"] == 1
    assert answer["ObjectSize"] == 65
    assert answer["ETag"].endswith("-1")


def test_uploads_are_listed(s3, bucket):
    ids = [s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"] for key in ("dir/a", "dir/a", "b")]
    listed = s3.list_multipart_uploads(Bucket=bucket)
    assert [entry["UploadId"] for entry in listed["Uploads"]] == [ids[2], ids[0], ids[1]]
    first = s3.list_multipart_uploads(Bucket=bucket, MaxUploads=2)
    assert first["IsTruncated"]
    rest = s3.list_multipart_uploads(Bucket=bucket, KeyMarker=first["NextKeyMarker"], UploadIdMarker=first["NextUploadIdMarker"])
    assert [entry["UploadId"] for entry in rest["Uploads"]] == [ids[1]]
    rolled = s3.list_multipart_uploads(Bucket=bucket, Delimiter="/")
    assert rolled["CommonPrefixes"] == [{"Prefix": "dir/"}]
