"""Key files: one key each, written once, in a directory only its owner can enter."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ordi.canonical import canonical
from ordi.keys.key import Key, KeysRefused


def read_keys(directory: Path) -> list[Key]:
    """The keys of `directory`, which nobody but its owner may enter, in files nobody else may read."""
    if not directory.is_dir():
        raise KeysRefused("no-directory")
    _check_private(directory, stat.S_IFDIR)
    keys = []
    for path in sorted(directory.glob("*.json")):
        keys.append(Key.from_record(_parsed(read_private(path), path.name), path.name))
    return keys


def read_private(path: Path) -> bytes:
    """What a file holds that nobody but its owner may read, and that is no link to elsewhere."""
    if path.is_symlink():
        raise KeysRefused("exposed", file=path.name)
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as opened:
        _check_private(opened.fileno(), stat.S_IFREG, path.name)
        return opened.read()


def _check_private(where: Path | int, kind: int, name: str = "") -> None:
    """On the open descriptor where there is one, so that nothing can be swapped in between."""
    found = os.stat(where)
    if stat.S_IFMT(found.st_mode) != kind or found.st_mode & 0o077 or found.st_uid not in (0, os.geteuid()):
        raise KeysRefused("exposed", file=name, mode=oct(stat.S_IMODE(found.st_mode)))


def _parsed(data: bytes, name: str) -> Mapping[str, Any]:
    try:
        record = json.loads(data)
    except ValueError:
        record = None
    if not isinstance(record, dict):
        raise KeysRefused("unreadable-key", file=name)
    return record


def write_key(directory: Path, key: Key) -> bool:
    """Keep `key`; False when its number is taken."""
    return write_private(directory / key.file_name, canonical(key.to_record()).encode())


def write_private(path: Path, data: bytes) -> bool:
    """Make `path` with mode 0600, whole and durable; False, and nothing changed, when it exists."""
    temporary = _written(path, data)
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        os.unlink(temporary)
    _keep(path.parent)
    return True


def replace_private(path: Path, data: bytes) -> None:
    """Put `data` at `path` with mode 0600, whole and durable, over what was there."""
    os.replace(_written(path, data), path)
    _keep(path.parent)


def _written(path: Path, data: bytes) -> str:
    """A new file beside `path`, on the disk."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(data)
            opened.flush()
            os.fsync(opened.fileno())
    except BaseException:
        os.unlink(temporary)
        raise
    return temporary


def _keep(directory: Path) -> None:
    """Make the names of `directory` durable."""
    parent = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(parent)
    finally:
        os.close(parent)
