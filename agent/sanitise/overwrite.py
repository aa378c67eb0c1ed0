"""Write the keystream over a whole drive, with O_DIRECT, and make the drive keep it."""

import os
import threading
import time
from collections.abc import Callable

from agent.sanitise import drive as drives
from agent.sanitise.keystream import aligned_buffer, keystream
from agent.sanitise.pipeline import BLOCK, Act, by_blocks
from agent.sanitise.tally import Ranges, Tally
from agent.sanitise.transfer import Losses, Moved, Mover

Watch = Callable[[int, int], None]
"""Told (bytes done, errors) after each block."""


class Stopped(Exception):
    """Somebody asked to stop; what was done is in the tally."""


def overwrite(
    drive: drives.Drive, key: bytes, tally: Tally, skipped: Ranges, *, watch: Watch, stop: threading.Event
) -> None:
    """Write AES-256-CTR of `key` over every byte of `drive`, then flush it. Counts go to `tally` and `skipped`.

    Raise Stopped when `stop` is set, DriveGone when the drive disappears, OSError when it will not flush.
    """
    total = drive.identity.bytes
    started = time.monotonic_ns()
    try:
        with by_blocks(total, _writer(drive, key)) as written:
            for at, moved in zip(range(0, total, BLOCK), written, strict=True):
                tally.take(moved.tally)
                for start, size in moved.failed:
                    skipped.add(at + start, size)
                watch(min(at + BLOCK, total), tally.failed)
                if stop.is_set():
                    raise Stopped
        drives.flush(drive.descriptor)
    finally:
        tally.ms = (time.monotonic_ns() - started) // 1_000_000


def _writer(drive: drives.Drive, key: bytes) -> Callable[[], Act[Moved]]:
    descriptor, losses = drive.descriptor, Losses()

    def hand() -> Act[Moved]:
        view, mover = aligned_buffer(BLOCK), Mover(drive.identity.logical_sector, losses)

        def act(at: int, length: int) -> Moved:
            for _ in keystream(key, at, length, view):
                pass
            return mover.block(
                at, length, lambda start, size: os.pwrite(descriptor, view[start : start + size], at + start)
            )

        return act

    return hand
