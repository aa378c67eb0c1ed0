"""A few threads on one drive, each doing whole blocks, so that the drive always has its next request waiting."""

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

BLOCK = 1024 * 1024
"""Bytes of one request: one of the protocol's chunks."""

HANDS = 3
"""Threads a drive: one waits for the drive, one computes, one is ready. A fourth gained nothing where it was measured."""

AHEAD = 2 * HANDS
"""Blocks begun before the oldest one is done: a sector that takes a minute to fail holds the others back."""

Done = TypeVar("Done")
Act = Callable[[int, int], Done]
"""What a hand does with the block at (offset, length)."""


def blocks(total: int) -> Iterator[tuple[int, int]]:
    """(offset, length) of every block of a drive of `total` bytes."""
    for offset in range(0, total, BLOCK):
        yield offset, min(BLOCK, total - offset)


@contextmanager
def by_blocks(total: int, hand: Callable[[], Act[Done]]) -> Iterator[Iterator[Done]]:
    """What `hand()` returned of each block of a drive, in the order of the drive. Each thread has a hand of its own.

    What an act raises is raised here, after the blocks before it. Leaving early stops the threads after their block.
    """
    places = enumerate(blocks(total))
    turn, leaving, ahead = threading.Lock(), threading.Event(), threading.Semaphore(AHEAD)
    finished: queue.SimpleQueue[tuple[int, Done | BaseException]] = queue.SimpleQueue()

    def work(act: Act[Done]) -> None:
        while True:
            ahead.acquire()
            with turn:
                number, place = next(places, (-1, (0, 0)))
            if number < 0 or leaving.is_set():
                return
            try:
                finished.put((number, act(*place)))
            except BaseException as broken:  # handed over to the thread that asked, which raises it
                finished.put((number, broken))
                return

    def use() -> Iterator[Done]:
        early: dict[int, Done | BaseException] = {}
        for number in range(-(-total // BLOCK)):
            while number not in early:
                which, done = finished.get()
                early[which] = done
            found = early.pop(number)
            if isinstance(found, BaseException):
                raise found
            yield found
            ahead.release()

    acts = [hand() for _ in range(HANDS)]
    threads = [threading.Thread(target=work, args=(act,), name=f"hand {n}", daemon=True) for n, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    try:
        yield use()
    finally:
        leaving.set()
        for _ in threads:
            ahead.release()
        for thread in threads:
            thread.join()
