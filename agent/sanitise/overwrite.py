"""Write the keystream over a whole drive, with O_DIRECT, and make the drive keep it."""

import os
import threading
import time
from collections.abc import Callable

from agent.sanitise import drive as drives
from agent.sanitise.keystream import Keystream
from agent.sanitise.pipeline import BLOCK, Filled, filled_ahead
from agent.sanitise.tally import Ranges, Tally
from agent.sanitise.transfer import Mover

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
    descriptor, total = drive.descriptor, drive.identity.bytes
    keystream = Keystream(key, BLOCK)
    mover = Mover(drive.identity.logical_sector, tally, skipped)
    started = time.monotonic_ns()

    def fill(block: Filled) -> None:
        keystream.into(block.view, block.length)

    try:
        with filled_ahead(total, fill) as ready:
            for block in ready:
                if stop.is_set():
                    raise Stopped
                view, at = block.view, block.offset

                def write(start: int, size: int, view: memoryview = view, at: int = at) -> int:
                    return os.pwrite(descriptor, view[start : start + size], at + start)

                mover.block(at, block.length, write)
                watch(at + block.length, tally.failed)
        drives.flush(descriptor)
    finally:
        tally.ms = (time.monotonic_ns() - started) // 1_000_000
