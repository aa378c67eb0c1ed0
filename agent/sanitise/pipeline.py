"""Two threads and a few buffers: one fills while the other empties, so that a drive never waits for the processor."""

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from agent.sanitise.keystream import aligned_buffer

BLOCK = 1024 * 1024
"""Bytes of one request: one of the protocol's chunks. Smaller and larger were both slower where it was measured."""

BUFFERS = 3
"""One being filled, one being emptied, one ready between them."""


class Filled:
    """One buffer on its way: where in the drive it belongs, how much of it counts, and what the filler adds."""

    def __init__(self) -> None:
        self.view = aligned_buffer(BLOCK)
        self.offset = 0
        self.length = 0
        self.failed: list[tuple[int, int]] = []


def blocks(total: int) -> Iterator[tuple[int, int]]:
    """(offset, length) of every block of a drive of `total` bytes."""
    for offset in range(0, total, BLOCK):
        yield offset, min(BLOCK, total - offset)


@contextmanager
def filled_ahead(total: int, fill: Callable[[Filled], None]) -> Iterator[Iterator[Filled]]:
    """The blocks of a drive in order, each put through `fill` by another thread ahead of its use.

    What `fill` raises is raised here, after the blocks before it. Leaving early stops the thread.
    """
    free: queue.SimpleQueue[Filled | None] = queue.SimpleQueue()
    ready: queue.SimpleQueue[Filled | BaseException | None] = queue.SimpleQueue()
    for _ in range(BUFFERS):
        free.put(Filled())

    def work() -> None:
        try:
            for offset, length in blocks(total):
                block = free.get()
                if block is None:
                    return
                block.offset, block.length, block.failed = offset, length, []
                fill(block)
                ready.put(block)
            ready.put(None)
        except BaseException as broken:  # handed over to the thread that asked, which raises it
            ready.put(broken)

    def use() -> Iterator[Filled]:
        while (block := ready.get()) is not None:
            if isinstance(block, BaseException):
                raise block
            yield block
            free.put(block)

    filler = threading.Thread(target=work, name="fill", daemon=True)
    filler.start()
    try:
        yield use()
    finally:
        free.put(None)
        filler.join()
