"""Files that survive a power cut: written beside, flushed, renamed, and the directory flushed too."""

import contextlib
import os
from pathlib import Path


def write_durably(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Put `data` at `path` whole or not at all; on the disk when this returns. Raise OSError otherwise.

    Run by root in a directory of somebody else (the uploader's), the file is given to that owner.
    """
    make_directory(path.parent)
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, mode)
    try:
        os.fchmod(descriptor, mode)
        give_to_owner_of(path.parent, descriptor)
        with os.fdopen(descriptor, "wb", closefd=False) as out:
            out.write(data)
        os.fsync(descriptor)
        os.close(descriptor)
        descriptor = -1
        beside.rename(path)
    except OSError:
        if descriptor != -1:
            os.close(descriptor)
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    flush_directory(path.parent)


def make_directory(path: Path) -> None:
    """Make a directory for the agent alone, and those above it. Its owner is the owner of the one above."""
    if path.is_dir():
        return
    make_directory(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        give_to_owner_of(path.parent, descriptor)
    finally:
        os.close(descriptor)


def give_to_owner_of(directory: Path, descriptor: int) -> None:
    """Root working in somebody else's directory leaves nothing there that is root's."""
    owner = directory.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


def flush_directory(path: Path) -> None:
    """Make renames and removals in `path` durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(path: Path) -> None:
    """Remove a file that may already be gone, durably."""
    path.unlink(missing_ok=True)
    if path.parent.is_dir():
        flush_directory(path.parent)
