"""rclone, as Debian packages it."""

import json

import pytest

from s3 import tree
from subject import ACCESS_KEY, REGION, SECRET_KEY


@pytest.fixture
def rclone(program, shared_endpoint):
    return program("rclone", {
        "RCLONE_CONFIG_CLOUD_TYPE": "s3",
        "RCLONE_CONFIG_CLOUD_PROVIDER": "Other",
        "RCLONE_CONFIG_CLOUD_ENDPOINT": shared_endpoint.url,
        "RCLONE_CONFIG_CLOUD_FORCE_PATH_STYLE": "true",
        "RCLONE_CONFIG_CLOUD_REGION": REGION,
        "RCLONE_CONFIG_CLOUD_ACCESS_KEY_ID": ACCESS_KEY,
        "RCLONE_CONFIG_CLOUD_SECRET_ACCESS_KEY": SECRET_KEY,
        # New buckets take no other access control list.
        "RCLONE_CONFIG_CLOUD_ACL": "bucket-owner-full-control",
        "RCLONE_CONFIG_CLOUD_BUCKET_ACL": "private",
        "RCLONE_S3_UPLOAD_CUTOFF": "5Mi",
        "RCLONE_S3_CHUNK_SIZE": "5Mi",
        "RCLONE_RETRIES": "1",
        "RCLONE_LOW_LEVEL_RETRIES": "1",
    })


@pytest.fixture
def remote(rclone, unique_name):
    name = f"cloud:{unique_name('rclone')}"
    rclone("mkdir", name)
    return name


FILES = {"a.txt": "a", "sub/b ü+%.txt": "b", "sub/large.bin": 17_000_000, "sub/empty": ""}


def test_copies_and_checks(rclone, remote, tmp_path):
    source = tree.write(tmp_path / "source", FILES)
    rclone("copy", source, remote)
    rclone("check", source, remote)
    rclone("check", "--download", source, remote)
    rclone("copy", remote, tmp_path / "restored")
    assert tree.read(tmp_path / "restored") == tree.read(source)
    listed = {entry["Path"]: entry["Size"] for entry in json.loads(rclone("lsjson", "-R", "--files-only", remote))}
    assert listed == {"a.txt": 1, "sub/b ü+%.txt": 1, "sub/large.bin": 17_000_000, "sub/empty": 0}


def test_syncs(rclone, remote, tmp_path):
    source = tree.write(tmp_path / "source", FILES)
    rclone("sync", source, remote)
    (source / "a.txt").unlink()
    tree.write(source, {"sub/b ü+%.txt": "longer"})
    rclone("sync", source, remote)
    rclone("check", source, remote)
    assert "a.txt" not in rclone("lsf", "-R", remote)
    assert rclone("cat", f"{remote}/sub/b ü+%.txt") == "longer"
    # Times are kept: a second run finds nothing to do.
    assert "0 B" in rclone.run("sync", "-v", source, remote).stderr


def test_moves_and_purges(rclone, remote, tmp_path):
    source = tree.write(tmp_path / "source", FILES)
    rclone("move", source, f"{remote}/in")
    assert tree.read(source) == {}
    rclone("moveto", f"{remote}/in/sub/large.bin", f"{remote}/out/large")
    rclone("copyto", f"{remote}/out/large", f"{remote}/out/again")
    assert rclone("lsf", "-R", f"{remote}/out").splitlines() == ["again", "large"]
    size = json.loads(rclone("size", "--json", remote))
    assert size["count"] == 5 and size["bytes"] == 34_000_002
    rclone("purge", remote)
    assert remote.split(":")[1] not in rclone("lsd", "cloud:")
