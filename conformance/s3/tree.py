"""Folders of files to copy around, and what is in them afterwards."""

import hashlib
import os
import random
import time


def write(folder, files):
    """Writes files: names with slashes, and texts, bytes or numbers of random bytes. They are a minute old: S3 tells the
    time of an object in whole seconds, and `sync` takes a file of the same second for a newer one.
    """
    written = time.time() - 60
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, int):
            content = random.Random(name).randbytes(content)
        elif isinstance(content, str):
            content = content.encode()
        path.write_bytes(content)
        os.utime(path, (written, written))
    return folder


def read(folder):
    """The names of all files, and a hash of each."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
