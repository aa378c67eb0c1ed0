"""Move one block to or from a drive; where the drive fails, find the failing sectors and move the rest."""

import errno
from collections.abc import Callable
from dataclasses import dataclass

from agent.sanitise.tally import Ranges, Tally

GONE = {errno.ENODEV, errno.ENXIO, errno.ENOMEDIUM, errno.ESHUTDOWN, errno.EBADF, errno.EINVAL}
"""Not a bad sector but no drive any more, or a request no drive could answer: stop."""

NAMED_SECTORS = 256
"""Failing sectors looked for one by one; past that a failing block is passed over whole. Each can cost a dying disk
half a minute of the kernel's own retries."""

HOPELESS_BLOCKS = 256
"""Blocks passed over whole before giving up."""


UNTRIED = -1


class DriveGone(Exception):
    """The drive stopped being there, or fails everywhere. `errno` is the last thing it said."""

    def __init__(self, code: int, what: str) -> None:
        super().__init__(f"{what}: {errno.errorcode.get(code, str(code))}")
        self.errno = code
        self.what = what


@dataclass
class Mover:
    """Moves blocks and keeps count. `move(offset, length)` asks the drive once and returns the bytes it moved.

    `at` is where in the drive a block starts; what fails is added to `skipped`.
    """

    sector: int
    tally: Tally
    skipped: Ranges
    hopeless: int = 0

    def block(self, at: int, length: int, move: Callable[[int, int], int]) -> list[tuple[int, int]]:
        """Move `length` bytes at drive offset `at`, in as many requests as the drive needs.

        `move` takes an offset *in the block*. Return the (offset, length) in the block that could not be moved.
        Raise DriveGone.
        """
        moved, code = self._try(0, length, move)
        if moved == length:
            return []
        failed: list[tuple[int, int]] = []
        waiting = [(moved, length - moved, code)]
        while self._settle(waiting, move):
            start, size, code = waiting.pop()
            if size <= self.sector or self.tally.failed >= NAMED_SECTORS:
                self._give_up(at + start, size, code)
                failed.append((start, size))
                continue
            half = max(self.sector, size // 2 // self.sector * self.sector)
            waiting += [(start + half, size - half, UNTRIED), (start, half, UNTRIED)]
        return failed

    def _settle(self, waiting: list[tuple[int, int, int]], move: Callable[[int, int], int]) -> bool:
        """Try the pieces on top of the stack that were not tried yet. True when the top one failed, with its errno."""
        while waiting and waiting[-1][2] == UNTRIED:
            start, size, _ = waiting.pop()
            self.tally.retries += 1
            moved, code = self._try(start, size, move)
            if moved < size:
                waiting.append((start + moved, size - moved, code))
        return bool(waiting)

    def _try(self, start: int, size: int, move: Callable[[int, int], int]) -> tuple[int, int]:
        """Ask until all is moved or the drive fails: the bytes moved, and the errno that stopped it (0 for none)."""
        done = 0
        while done < size:
            try:
                moved = move(start + done, size - done)
            except OSError as failure:
                code = failure.errno or errno.EIO
                if code in GONE:
                    raise DriveGone(code, "gone") from failure
                return done, code
            moved -= moved % self.sector
            self.tally.bytes += moved
            done += moved
            if moved == 0:
                return done, errno.ENOSPC
            if done < size:
                self.tally.short += 1
        return done, 0

    def _give_up(self, at: int, size: int, code: int) -> None:
        self.tally.error(at, code)
        self.skipped.add(at, size)
        if size > self.sector:
            self.hopeless += 1
            if self.hopeless > HOPELESS_BLOCKS:
                raise DriveGone(code, "too-many-errors")
