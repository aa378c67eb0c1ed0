"""Wiping: each of our two passes beside the same pass of `dd`, on the same loop devices; four drives at once; the memory that takes."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks.engine import SIZE, at_once, wiped
from benchmarks.figures import Pair, Work, figure
from tests.ground.disks import looped
from tests.ground.tiers import HOUSE, missing

FOUR = 4


def dd_write(device: str) -> list[str]:
    """Zeros over the whole drive."""
    return ["dd", "if=/dev/zero", f"of={device}", "bs=2M", f"count={SIZE >> 21}", "oflag=direct", "conv=fsync"]


def dd_read(device: str) -> list[str]:
    """The whole drive to nowhere."""
    return ["dd", f"if={device}", "of=/dev/null", "bs=2M", "iflag=direct"]


def together(*commands: list[str]) -> None:
    """Run some programs at the same time."""
    started = [subprocess.Popen(words, stderr=subprocess.DEVNULL) for words in commands]
    assert sum(one.wait() for one in started) == 0


def alone(words: list[str]) -> Work:
    """One program, timed."""

    def work() -> float:
        began = time.perf_counter()
        together(words)
        return time.perf_counter() - began

    return work


def no_disks() -> str | None:
    """Why loop devices are not to be had."""
    return missing("disks")


@figure("wipe: 256 MiB written", floor="dd writes zeros, direct", times=1 / 0.9, rounds=9, impossible=no_disks)
def writing() -> Iterator[Pair]:
    """The writing pass, its flush included."""
    with tempfile.TemporaryDirectory() as folder, looped(Path(folder) / "disk", SIZE) as device:
        yield Pair(lambda: wiped(device).written.ms / 1000, alone(dd_write(device)))


@figure("wipe: 256 MiB read back", floor="dd reads, direct", times=1 / 0.9, rounds=9, impossible=no_disks)
def reading() -> Iterator[Pair]:
    """The reading pass: read, compared with the keystream, hashed."""
    with tempfile.TemporaryDirectory() as folder, looped(Path(folder) / "disk", SIZE) as device:
        yield Pair(lambda: wiped(device).seen.tally.ms / 1000, alone(dd_read(device)))


@figure("wipe: four drives at once", floor="four dd write, then read, direct", times=1.2, impossible=no_disks)
def four() -> Iterator[Pair]:
    """Both passes of four drives of 256 MiB."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        drives = [stack.enter_context(looped(Path(folder) / f"disk{n}", SIZE)) for n in range(FOUR)]

        def floor() -> None:
            together(*map(dd_write, drives))
            together(*map(dd_read, drives))

        yield Pair(lambda: at_once(drives), floor)


@figure(
    "wipe: memory of four drives at once",
    floor="the same program with nothing to do",
    unit="B",
    rounds=1,
    limit=60e6,
    impossible=no_disks,
)
def memory() -> Iterator[Pair]:
    """The most that a process of its own held."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        drives = [stack.enter_context(looped(Path(folder) / f"disk{n}", SIZE)) for n in range(FOUR)]

        def held(*devices: str) -> float:
            words = [sys.executable, "-m", "benchmarks.engine", *devices]
            return float(subprocess.run(words, cwd=HOUSE, check=True, capture_output=True).stdout)

        yield Pair(lambda: held(*drives), held)
