"""The AWS CLI: the commands of `aws s3`, which move files, and of `aws s3api`, which are the operations."""

import json
import urllib.error
import urllib.request

import pytest

from s3 import tree
from cli import CliError


@pytest.fixture
def bucket(aws, unique_name):
    """A bucket that `aws s3 mb` made."""
    name = unique_name("cli")
    assert aws.lines("s3", "mb", f"s3://{name}") == [f"make_bucket: {name}"]
    return name


def keys(aws, bucket):
    answer = aws("s3api", "list-objects-v2", "--bucket", bucket) or {}
    return [entry["Key"] for entry in answer.get("Contents", [])]


def test_making_and_removing_buckets(aws, bucket):
    assert any(line.endswith(f" {bucket}") for line in aws.lines("s3", "ls"))
    with pytest.raises(CliError, match="BucketNotEmpty"):
        aws.output("s3", "cp", "-", f"s3://{bucket}/a", typed=b"x")
        aws.lines("s3", "rb", f"s3://{bucket}")
    assert aws.lines("s3", "rb", f"s3://{bucket}", "--force")[-1] == f"remove_bucket: {bucket}"
    with pytest.raises(CliError, match="NoSuchBucket"):
        aws.lines("s3", "ls", f"s3://{bucket}")


def test_copying_files_up_and_down(aws, bucket, tmp_path):
    source = tree.write(tmp_path / "up", {"small.txt": "hello", "large.bin": 20_000_000, "naïve name+&.txt": "x"})
    for name in ["small.txt", "large.bin", "naïve name+&.txt"]:
        aws.lines("s3", "cp", source / name, f"s3://{bucket}/in/{name}")
        aws.lines("s3", "cp", f"s3://{bucket}/in/{name}", tmp_path / "down" / name)
    assert tree.read(tmp_path / "down") == tree.read(source)
    head = aws("s3api", "head-object", "--bucket", bucket, "--key", "in/large.bin")
    assert head["ContentLength"] == 20_000_000 and head["ETag"].endswith('-3"')
    assert aws("s3api", "head-object", "--bucket", bucket, "--key", "in/small.txt")["ContentType"] == "text/plain"


def test_copying_streams(aws, bucket):
    aws.output("s3", "cp", "-", f"s3://{bucket}/stream", typed=b"typed in\n" * 1_000_000)
    assert aws.output("s3", "cp", f"s3://{bucket}/stream", "-") == b"typed in\n" * 1_000_000


def test_copying_between_places_of_the_cloud(aws, bucket, tmp_path):
    aws.output("s3", "cp", "-", f"s3://{bucket}/a/one", "--metadata", "color=blue", "--content-type", "text/x-test", typed=b"1")
    aws.lines("s3", "cp", f"s3://{bucket}/a/one", f"s3://{bucket}/b/one")
    head = aws("s3api", "head-object", "--bucket", bucket, "--key", "b/one")
    assert head["Metadata"] == {"color": "blue"} and head["ContentType"] == "text/x-test"
    aws.lines("s3", "mv", f"s3://{bucket}/a", f"s3://{bucket}/c", "--recursive")
    assert keys(aws, bucket) == ["b/one", "c/one"]
    tree.write(tmp_path, {"large": 20_000_000})
    aws.lines("s3", "mv", tmp_path / "large", f"s3://{bucket}/large")
    assert not (tmp_path / "large").exists()
    aws.lines("s3", "cp", f"s3://{bucket}/large", f"s3://{bucket}/larger")
    sizes = aws("s3api", "list-objects-v2", "--bucket", bucket, "--prefix", "larg", "--query", "Contents[].Size")
    assert sizes == [20_000_000, 20_000_000]


def test_syncing_folders(aws, bucket, tmp_path):
    files = {"a.txt": "a", "sub/b.txt": "b", "sub/deep/c.bin": 100_000, "sub/skipped.tmp": "no"}
    source = tree.write(tmp_path / "source", files)
    printed = aws.lines("s3", "sync", source, f"s3://{bucket}/backup", "--exclude", "*.tmp", "--no-progress")
    assert len(printed) == 3 and all(line.startswith("upload: ") for line in printed)
    assert keys(aws, bucket) == ["backup/a.txt", "backup/sub/b.txt", "backup/sub/deep/c.bin"]
    again = aws.lines("s3", "sync", source, f"s3://{bucket}/backup", "--exclude", "*.tmp")
    assert again == []
    (source / "a.txt").unlink()
    tree.write(source, {"sub/b.txt": "changed"})
    changed = aws.lines("s3", "sync", source, f"s3://{bucket}/backup", "--exclude", "*.tmp", "--delete", "--no-progress")
    assert sorted(line.split(":")[0] for line in changed) == ["delete", "upload"]
    aws.lines("s3", "sync", f"s3://{bucket}/backup", tmp_path / "restored")
    (source / "sub/skipped.tmp").unlink()
    assert tree.read(tmp_path / "restored") == tree.read(source)


def test_listing_and_removing(aws, bucket, tmp_path):
    source = tree.write(tmp_path / "source", {f"logs/{day}/{hour}.log": "x" * hour for day in "ab" for hour in range(1, 4)})
    aws.lines("s3", "cp", source, f"s3://{bucket}", "--recursive")
    assert [line.split() for line in aws.lines("s3", "ls", f"s3://{bucket}/logs/")] == [["PRE", "a/"], ["PRE", "b/"]]
    listed = aws.lines("s3", "ls", f"s3://{bucket}", "--recursive", "--summarize")
    assert [line.split()[2:] for line in listed[:2]] == [["1", "logs/a/1.log"], ["2", "logs/a/2.log"]]
    assert listed[-2].split() == ["Total", "Objects:", "6"] and listed[-1].split() == ["Total", "Size:", "12"]
    removed = aws.lines("s3", "rm", f"s3://{bucket}/logs/a", "--recursive")
    assert len(removed) == 3
    aws.lines("s3", "rm", f"s3://{bucket}/logs/b/1.log")
    assert keys(aws, bucket) == ["logs/b/2.log", "logs/b/3.log"]


def test_presigned_urls(aws, bucket):
    aws.output("s3", "cp", "-", f"s3://{bucket}/secret file", typed=b"for you")
    url = aws.lines("s3", "presign", f"s3://{bucket}/secret file", "--expires-in", "60")[0]
    with urllib.request.urlopen(url, timeout=20) as answer:
        assert answer.read() == b"for you"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(url.replace("secret", "another"), timeout=20)
    # The keys of these tests were not issued by the cloud, so that their signatures cannot be checked.
    assert refused.value.code == 404 and b"<Code>NoSuchKey</Code>" in refused.value.read()


def test_website_configuration(aws, bucket):
    aws.lines("s3", "website", f"s3://{bucket}", "--index-document", "index.html", "--error-document", "error.html")
    website = aws("s3api", "get-bucket-website", "--bucket", bucket)
    assert website == {"IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "error.html"}}


def test_operations_one_by_one(aws, bucket, tmp_path):
    body = tree.write(tmp_path, {"body": "content"}) / "body"
    put = aws("s3api", "put-object", "--bucket", bucket, "--key", "k", "--body", body, "--checksum-algorithm", "SHA256",
              "--tagging", "a=1&b=2")
    assert put["ETag"] == '"9a0364b9e99bb480dd25e1f0284c8555"' and put["ChecksumSHA256"]
    got = aws("s3api", "get-object", "--bucket", bucket, "--key", "k", "--range", "bytes=1-3", tmp_path / "part")
    assert got["ContentRange"] == "bytes 1-3/7" and (tmp_path / "part").read_bytes() == b"ont"
    tags = aws("s3api", "get-object-tagging", "--bucket", bucket, "--key", "k")["TagSet"]
    assert tags == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    aws("s3api", "put-bucket-versioning", "--bucket", bucket, "--versioning-configuration", "Status=Enabled")
    versions = [aws("s3api", "put-object", "--bucket", bucket, "--key", "k", "--body", body)["VersionId"] for _ in range(2)]
    marker = aws("s3api", "delete-object", "--bucket", bucket, "--key", "k")
    assert marker["DeleteMarker"]
    listed = aws("s3api", "list-object-versions", "--bucket", bucket)
    assert [entry["VersionId"] for entry in listed["Versions"]] == [*reversed(versions), "null"]
    deleted = {"Objects": [{"Key": "k", "VersionId": entry["VersionId"]} for entry in listed["Versions"]]}
    answer = aws("s3api", "delete-objects", "--bucket", bucket, "--delete", json.dumps(deleted))
    assert len(answer["Deleted"]) == 3
    with pytest.raises(CliError, match="NoSuchKey"):
        aws("s3api", "get-object", "--bucket", bucket, "--key", "k", tmp_path / "gone")
