"""Move one block to or from a drive; where the drive fails, find the failing sectors and move the rest."""

import errno
from collections.abc import Callable
from dataclasses import dataclass, field

from agent.sanitise.tally import Range, Tally

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
class Losses:
    """How much a pass has lost so far, over all the threads that move its blocks."""

    named: int = 0
    hopeless: int = 0


@dataclass
class Moved:
    """What moving one block came to. `failed`: the (offset, length) in the block that could not be moved."""

    tally: Tally = field(default_factory=Tally)
    failed: list[Range] = field(default_factory=list)


@dataclass
class Mover:
    """Moves blocks and keeps count. `move(offset, length)` asks the drive once and returns the bytes it moved."""

    sector: int
    losses: Losses

    def block(self, at: int, length: int, move: Callable[[int, int], int]) -> Moved:
        """Move `length` bytes at drive offset `at`, in as many requests as the drive needs.

        `move` takes an offset *in the block*. Raise DriveGone.
        """
        told = Moved()
        done, code = self._try(told.tally, 0, length, move)
        if done == length:
            return told
        waiting = [(done, length - done, code)]
        while self._settle(told.tally, waiting, move):
            start, size, code = waiting.pop()
            if size <= self.sector or self.losses.named >= NAMED_SECTORS:
                self._give_up(told.tally, at + start, size, code)
                told.failed.append((start, size))
                continue
            half = max(self.sector, size // 2 // self.sector * self.sector)
            waiting += [(start + half, size - half, UNTRIED), (start, half, UNTRIED)]
        return told

    def _settle(self, tally: Tally, waiting: list[tuple[int, int, int]], move: Callable[[int, int], int]) -> bool:
        """Try the pieces on top of the stack that were not tried yet. True when the top one failed, with its errno."""
        while waiting and waiting[-1][2] == UNTRIED:
            start, size, _ = waiting.pop()
            tally.retries += 1
            moved, code = self._try(tally, start, size, move)
            if moved < size:
                waiting.append((start + moved, size - moved, code))
        return bool(waiting)

    def _try(self, tally: Tally, start: int, size: int, move: Callable[[int, int], int]) -> tuple[int, int]:
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
            tally.bytes += moved
            done += moved
            if moved == 0:
                return done, errno.ENOSPC
            if done < size:
                tally.short += 1
        return done, 0

    def _give_up(self, tally: Tally, at: int, size: int, code: int) -> None:
        tally.error(at, code)
        self.losses.named += 1
        if size > self.sector:
            self.losses.hopeless += 1
            if self.losses.hopeless > HOPELESS_BLOCKS:
                raise DriveGone(code, "too-many-errors")
