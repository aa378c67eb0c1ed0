"""How a figure is declared.

    @figure("certificates drawn", floor="an empty page")
    def certificates() -> Iterator[Pair]:
        ...                                # prepare, not timed
        yield Pair(work, floor_work)       # each called several times, in turn
        ...                                # clean up

A callable that returns a number measured something itself (seconds, unless `unit` says otherwise); one that returns
None is timed. `several(20, act)` times one act of twenty.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Work = Callable[[], float | None]


@dataclass(frozen=True)
class Pair:
    """What is measured, and the least it could be here and now."""

    measured: Work
    floor: Work


Prepared = Callable[[], Iterator[Pair]]


@dataclass(frozen=True)
class Figure:
    """One named figure."""

    name: str
    floor: str
    prepare: Prepared
    unit: str = "s"
    rounds: int = 5
    limit: float | None = None
    times: float | None = None
    impossible: Callable[[], str | None] = field(default=lambda: None)


FIGURES: list[Figure] = []


def figure(
    name: str,
    *,
    floor: str,
    unit: str = "s",
    rounds: int = 5,
    limit: float | None = None,
    times: float | None = None,
    impossible: Callable[[], str | None] = lambda: None,
) -> Callable[[Prepared], Prepared]:
    """Declare a figure. `limit` is what it may be at most, `times` how often its floor; `impossible()` says in a
    sentence why it cannot be had on this machine, or None.
    """

    def declare(prepare: Prepared) -> Prepared:
        FIGURES.append(Figure(name, floor, prepare, unit, rounds, limit, times, impossible))
        return prepare

    return declare


@dataclass(frozen=True)
class Result:
    """Medians of one run, and how far apart the rounds were."""

    measured: float
    floor: float
    spread: float
    rounds: int
    processor: float
    """Seconds of this process's own work in one call: what a crowded machine does not stretch."""

    @property
    def ratio(self) -> float:
        """How many times the floor."""
        return self.measured / self.floor if self.floor else float("nan")


def measure(one: Figure, rounds: int | None = None) -> Result:
    """Run a figure: what is measured and its floor take turns, so that what else the machine does hits both."""
    times = rounds or one.rounds
    measured, floors, processor = [], [], []
    with contextmanager(one.prepare)() as pair:
        _timed(pair.measured)
        _timed(pair.floor)
        for _ in range(times):
            began = time.process_time()
            measured.append(_timed(pair.measured))
            processor.append(time.process_time() - began)
            floors.append(_timed(pair.floor))
    middle = statistics.median(measured)
    spread = (max(measured) - min(measured)) / middle if middle else 0.0
    return Result(middle, statistics.median(floors), spread, times, statistics.median(processor))


def several(count: int, act: Callable[[], object]) -> Work:
    """`count` times the same act, told as the seconds of one."""

    def work() -> float:
        began = time.perf_counter()
        for _ in range(count):
            act()
        return (time.perf_counter() - began) / count

    return work


def _timed(work: Work) -> float:
    began = time.perf_counter()
    own = work()
    return time.perf_counter() - began if own is None else own
