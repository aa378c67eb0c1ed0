"""Read a whole drive with O_DIRECT and compare it with the keystream it should hold."""

import ctypes
import hashlib
import os
import threading
import time
from dataclasses import dataclass, field

from agent.sanitise import drive as drives
from agent.sanitise.keystream import Keystream, aligned_buffer
from agent.sanitise.overwrite import Stopped, Watch
from agent.sanitise.pipeline import BLOCK, Filled, filled_ahead
from agent.sanitise.tally import Ranges, Tally
from agent.sanitise.transfer import Mover

CHUNK = 1024 * 1024
"""Bytes hashed together (docs/protocol.md, `chunk_bytes`)."""

_memcmp = ctypes.CDLL(None).memcmp
_memcmp.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
_memcmp.restype = ctypes.c_int


@dataclass
class Seen:
    """What the drive gave back. `root` is None until all of it was read."""

    tally: Tally = field(default_factory=Tally)
    unread: Ranges = field(default_factory=Ranges)
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


def read_back(drive: drives.Drive, key: bytes, seen: Seen, *, watch: Watch, stop: threading.Event) -> None:
    """Read every byte of `drive`, compare it with AES-256-CTR of `key`, hash it. Counts go to `seen`.

    A sector the drive will not give is an error and counts as neither equal nor different; it is hashed as zeros.
    Raise Stopped or DriveGone.
    """
    descriptor, sector = drive.descriptor, drive.identity.logical_sector
    mover = Mover(sector, seen.tally, seen.unread)
    keystream = Keystream(key, BLOCK)
    expected = aligned_buffer(BLOCK)
    root = hashlib.sha256()
    started = time.monotonic_ns()

    def fill(block: Filled) -> None:
        def read(start: int, size: int) -> int:
            return os.preadv(descriptor, [block.view[start : start + size]], block.offset + start)

        block.failed = mover.block(block.offset, block.length, read)
        for start, size in block.failed:
            block.view[start : start + size] = bytes(size)

    try:
        with filled_ahead(drive.identity.bytes, fill) as ready:
            for block in ready:
                if stop.is_set():
                    raise Stopped
                keystream.into(expected, block.length)
                compare(block, expected, sector, seen)
                for start in range(0, block.length, CHUNK):
                    root.update(hashlib.sha256(block.view[start : min(start + CHUNK, block.length)]).digest())
                watch(block.offset + block.length, seen.tally.failed)
        seen.root = root.hexdigest()
    finally:
        seen.tally.ms = (time.monotonic_ns() - started) // 1_000_000


def compare(block: Filled, expected: memoryview, sector: int, seen: Seen) -> None:
    """Count the bytes of `block` that are not `expected`, and note the sectors they are in."""
    if equal(block.view, expected, block.length):
        return
    unread = {start // sector for first, size in block.failed for start in range(first, first + size, sector)}
    for start in range(0, block.length, sector):
        end = min(start + sector, block.length)
        if start // sector in unread or block.view[start:end] == expected[start:end]:
            continue
        seen.mismatches += differing(block.view[start:end], expected[start:end])
        seen.wrong.add(block.offset + start, end - start)


def equal(one: memoryview, other: memoryview, size: int) -> bool:
    """Whether the first `size` bytes are the same, at memory speed and without holding up the other threads."""
    return bool(_memcmp(address(one), address(other), size) == 0)


def address(view: memoryview) -> int:
    """Where a writable view is in memory."""
    return ctypes.addressof(ctypes.c_char.from_buffer(view))


def differing(one: memoryview, other: memoryview) -> int:
    """How many bytes are not the same."""
    both = int.from_bytes(one, "little") ^ int.from_bytes(other, "little")
    return len(one) - both.to_bytes(len(one), "little").count(0)
