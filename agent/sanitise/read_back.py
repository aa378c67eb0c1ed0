"""Read a whole drive with O_DIRECT and compare it with the keystream it should hold."""

import ctypes
import hashlib
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from agent.sanitise import drive as drives
from agent.sanitise.keystream import PIECE, aligned_buffer, keystream
from agent.sanitise.overwrite import Stopped, Watch
from agent.sanitise.pipeline import BLOCK, Act, by_blocks
from agent.sanitise.tally import Range, Ranges, Tally
from agent.sanitise.transfer import Losses, Moved, Mover

CHUNK = BLOCK
"""Bytes hashed together (docs/protocol.md, `chunk_bytes`)."""

_memcmp = ctypes.CDLL(None).memcmp
_memcmp.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
_memcmp.restype = ctypes.c_int


@dataclass
class Seen:
    """What the drive gave back. `root` is None until all of it was read."""

    tally: Tally = field(default_factory=Tally)
    wrong: Ranges = field(default_factory=Ranges)
    mismatches: int = 0
    root: str | None = None

    def reported(self) -> dict[str, object]:
        """The `read` of a commit (docs/protocol.md)."""
        return {
            **self.tally.reported(),
            "mismatches": self.mismatches,
            "mismatch_ranges": [list(pair) for pair in self.wrong.kept],
        }


@dataclass
class Chunk:
    """One chunk as it was read. `wrong`: the sectors, by their offset in it, that are not the keystream's."""

    moved: Moved
    digest: bytes
    wrong: list[Range]
    mismatches: int


def read_back(drive: drives.Drive, key: bytes, seen: Seen, *, watch: Watch, stop: threading.Event) -> None:
    """Read every byte of `drive`, compare it with AES-256-CTR of `key`, hash it. Counts go to `seen`.

    A sector the drive will not give is an error and counts as neither equal nor different; it is hashed as zeros.
    Raise Stopped or DriveGone.
    """
    total, root = drive.identity.bytes, hashlib.sha256()
    started = time.monotonic_ns()
    try:
        with by_blocks(total, _reader(drive, key)) as chunks:
            for at, chunk in zip(range(0, total, BLOCK), chunks, strict=True):
                seen.tally.take(chunk.moved.tally)
                seen.mismatches += chunk.mismatches
                for start, size in chunk.wrong:
                    seen.wrong.add(at + start, size)
                root.update(chunk.digest)
                watch(min(at + BLOCK, total), seen.tally.failed)
                if stop.is_set():
                    raise Stopped
        seen.root = root.hexdigest()
    finally:
        seen.tally.ms = (time.monotonic_ns() - started) // 1_000_000


def _reader(drive: drives.Drive, key: bytes) -> Callable[[], Act[Chunk]]:
    descriptor, sector, losses = drive.descriptor, drive.identity.logical_sector, Losses()

    def hand() -> Act[Chunk]:
        view, expected, mover = aligned_buffer(BLOCK), aligned_buffer(PIECE), Mover(sector, losses)
        here, there = address(view), address(expected)

        def act(at: int, length: int) -> Chunk:
            def read(start: int, size: int) -> int:
                return os.preadv(descriptor, [view[start : start + size]], at + start)

            moved = mover.block(at, length, read)
            for start, size in moved.failed:
                view[start : start + size] = bytes(size)
            unread = {first for start, size in moved.failed for first in range(start, start + size, sector)}
            wrong: list[Range] = []
            mismatches, digest = 0, hashlib.sha256()
            for start, size in keystream(key, at, length, expected, again=True):
                piece = view[start : start + size]
                if _memcmp(here + start, there, size):
                    for first, differ in differences(piece, expected, sector):
                        if start + first not in unread:
                            wrong.append((start + first, min(sector, size - first)))
                            mismatches += differ
                digest.update(piece)
            return Chunk(moved, digest.digest(), wrong, mismatches)

        return act

    return hand


def differences(one: memoryview, other: memoryview, sector: int) -> list[tuple[int, int]]:
    """(offset, number of bytes that differ) of each sector of `one` that is not `other`'s."""
    found = []
    for start in range(0, len(one), sector):
        end = min(start + sector, len(one))
        if one[start:end] != other[start:end]:
            found.append((start, differing(one[start:end], other[start:end])))
    return found


def address(view: memoryview) -> int:
    """Where a writable view is in memory."""
    return ctypes.addressof(ctypes.c_char.from_buffer(view))


def differing(one: memoryview, other: memoryview) -> int:
    """How many bytes are not the same."""
    both = int.from_bytes(one, "little") ^ int.from_bytes(other, "little")
    return len(one) - both.to_bytes(len(one), "little").count(0)
