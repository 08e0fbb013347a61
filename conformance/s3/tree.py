"""Folders of files to copy around, and what is in them afterwards."""

import hashlib
import random


def write(folder, files):
    """Writes files: names with slashes, and texts, bytes or numbers of random bytes."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, int):
            content = random.Random(name).randbytes(content)
        elif isinstance(content, str):
            content = content.encode()
        path.write_bytes(content)
    return folder


def read(folder):
    """The names of all files, and a hash of each."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
