"""boto3's transfer manager: many parts on many threads, streams, managed copies."""

import hashlib
import io
import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from boto3.s3.transfer import TransferConfig

MIB = 1 << 20
PARTS = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB, max_concurrency=8)


@pytest.fixture
def s3(client):
    return client("s3", retries={"max_attempts": 0}, max_pool_connections=64)


@pytest.fixture
def bucket(s3, unique_name):
    name = unique_name("transfer")
    s3.create_bucket(Bucket=name)
    return name


def content(size, seed=0):
    return random.Random(seed).randbytes(size)


def test_a_large_object_in_parts(s3, bucket, tmp_path):
    body = content(33 * MIB + 7)
    (tmp_path / "up").write_bytes(body)
    seen = []
    s3.upload_file(str(tmp_path / "up"), bucket, "large", ExtraArgs={"Metadata": {"origin": "disk"}}, Config=PARTS,
                   Callback=seen.append)
    assert sum(seen) == len(body)
    head = s3.head_object(Bucket=bucket, Key="large")
    assert head["ContentLength"] == len(body) and head["Metadata"] == {"origin": "disk"} and head["ETag"].endswith('-7"')
    s3.download_file(bucket, "large", str(tmp_path / "down"), Config=PARTS)
    assert (tmp_path / "down").read_bytes() == body
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_checksums_of_parts(s3, bucket, algorithm):
    if algorithm in ("CRC32C", "CRC64NVME"):
        pytest.importorskip("awscrt", reason="botocore computes it with the CRT only")
    body = content(11 * MIB)
    s3.upload_fileobj(io.BytesIO(body), bucket, "summed", ExtraArgs={"ChecksumAlgorithm": algorithm}, Config=PARTS)
    answer = s3.get_object(Bucket=bucket, Key="summed", ChecksumMode="ENABLED")
    assert answer["Body"].read() == body
    assert answer["ChecksumType"] == ("FULL_OBJECT" if algorithm == "CRC64NVME" else "COMPOSITE")


def test_streams_without_a_length(s3, bucket):
    class Stream(io.RawIOBase):
        """Gives bytes in odd pieces, and cannot seek."""

        left = 12 * MIB + 1

        def readable(self):
            return True

        def readinto(self, buffer):
            count = min(self.left, len(buffer), 70_001)
            self.left -= count
            buffer[:count] = b"s" * count
            return count

    s3.upload_fileobj(io.BufferedReader(Stream()), bucket, "stream", Config=PARTS)
    out = io.BytesIO()
    s3.download_fileobj(bucket, "stream", out, Config=PARTS)
    assert out.getvalue() == b"s" * (12 * MIB + 1)


def test_managed_copies(s3, bucket, unique_name):
    body = content(12 * MIB)
    s3.upload_fileobj(io.BytesIO(body), bucket, "source", Config=PARTS)
    other = unique_name("transfer")
    s3.create_bucket(Bucket=other)
    s3.copy({"Bucket": bucket, "Key": "source"}, other, "copied/in parts", Config=PARTS)
    answer = s3.get_object(Bucket=other, Key="copied/in parts")
    assert answer["Body"].read() == body and answer["ETag"].endswith('-3"')


def test_many_threads(s3, bucket):
    lock, sums = threading.Lock(), {}

    def put(number):
        body = content(random.Random(number).randrange(1, 200_000), number)
        s3.put_object(Bucket=bucket, Key=f"many/{number:03}", Body=body)
        with lock:
            sums[f"many/{number:03}"] = hashlib.sha256(body).hexdigest()

    def get(key):
        return key, hashlib.sha256(s3.get_object(Bucket=bucket, Key=key)["Body"].read()).hexdigest()

    with ThreadPoolExecutor(64) as threads:
        list(threads.map(put, range(256)))
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 100})
        keys = [entry["Key"] for page in pages for entry in page["Contents"]]
        assert keys == sorted(sums)
        assert dict(threads.map(get, keys)) == sums


def test_an_upload_that_fails_leaves_nothing(s3, bucket):
    class Broken(io.RawIOBase):
        """Ends with an error in the middle of the second part."""

        left = 7 * MIB

        def readable(self):
            return True

        def seekable(self):
            return False

        def read(self, size=-1):
            if self.left <= 0:
                raise OSError("the disk is gone")
            count = min(self.left, size if size >= 0 else self.left)
            self.left -= count
            return b"b" * count

    with pytest.raises(OSError, match="the disk is gone"):
        s3.upload_fileobj(Broken(), bucket, "broken", Config=PARTS)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)
