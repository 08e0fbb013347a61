"""restic, as Debian packages it: backups that can be checked and restored."""

import json

import pytest

from s3 import tree
from subject import ACCESS_KEY, REGION, SECRET_KEY


@pytest.fixture
def restic(program, shared_endpoint, unique_name):
    return program("restic", {
        "RESTIC_REPOSITORY": f"s3:{shared_endpoint.url}/{unique_name('restic')}/backups",
        "RESTIC_PASSWORD": "a password",
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_DEFAULT_REGION": REGION,
    })


def test_backup_check_and_restore(restic, tmp_path):
    source = tree.write(tmp_path / "source", {"notes.txt": "first", "photos/a.raw": 15_000_000, "photos/b.raw": 3_000_000})
    restic("init")
    restic("backup", source)
    before = tree.read(source)
    tree.write(source, {"notes.txt": "second", "photos/c.raw": 2_000_000})
    restic("backup", source)
    snapshots = json.loads(restic("snapshots", "--json"))
    assert len(snapshots) == 2
    restic("check", "--read-data")
    for snapshot, expected in zip(snapshots, [before, tree.read(source)]):
        restored = tmp_path / snapshot["short_id"]
        restic("restore", snapshot["id"], "--target", restored)
        assert tree.read(restored / source.relative_to("/")) == expected


def test_forgetting(restic, tmp_path):
    source = tree.write(tmp_path / "source", {"data": 4_000_000})
    restic("init")
    for number in range(3):
        tree.write(source, {"data": f"{number}" * 1_000_000})
        restic("backup", source)
    restic("forget", "--keep-last", "1", "--prune")
    assert len(json.loads(restic("snapshots", "--json"))) == 1
    restic("check", "--read-data")
