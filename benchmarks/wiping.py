"""Wiping: each of our two passes beside the same pass of `dd`, on the same loop devices; four drives at once; the memory that takes.

`python -m benchmarks.wiping /dev/loopN …` wipes these, and prints the most memory it held, in bytes.
"""

from __future__ import annotations

import dataclasses
import os
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import agent.bench  # noqa: F401  (what the agent itself has loaded counts as its memory)
from agent.encoding import from_instant
from agent.jobs import TECHNIQUE, Job
from agent.sanitise.commit import Facts
from agent.sanitise.wipe import wipe
from benchmarks.figures import Pair, Work, figure
from tests.ground.disks import looped
from tests.ground.tiers import HOUSE, missing

SIZE = 256 << 20
FOUR = 4
ISSUED, EXPIRES = (from_instant(f"2026-11-16T{hour}:00:00Z") for hour in ("09", "21"))

JOB = Job(
    job="7d7b7d55-1f39-4a3c-9a39-0d8f3a5f5f10",
    kind="wipe",
    session="0b6ad1a2-5d1f-4a5e-8f43-6f6f5a1f1c11",
    tag=None,
    serial="",
    wwn=None,
    size=SIZE,
    nonce="bench",
    seq=1,
    technique=TECHNIQUE,
    test=True,
    issued=ISSUED,
    expires=EXPIRES,
)


class Silent:
    """Nobody is told."""

    def confirm(self, total: int) -> None:
        """Go on."""

    def progress(self, phase: str, done: int, errors: int) -> None:
        """Go on."""


def wiped(device: str) -> Facts:
    """One drive wiped by the agent's engine in this process, from finding it to the facts of the commit."""
    facts, serial = Facts(), f"BENCH-{os.path.basename(device)}"
    job = dataclasses.replace(JOB, serial=serial, key=secrets.token_bytes(32))
    wipe(job, facts, {os.path.basename(device): serial}, Silent(), threading.Event())
    assert facts.outcome == "completed", facts
    assert facts.seen.mismatches == 0
    return facts


def at_once(devices: list[str]) -> None:
    """Several drives wiped at the same time, as at the bench."""
    hands = [threading.Thread(target=wiped, args=(device,)) for device in devices]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()


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
            words = [sys.executable, "-m", "benchmarks.wiping", *devices]
            return float(subprocess.run(words, cwd=HOUSE, check=True, capture_output=True).stdout)

        yield Pair(lambda: held(*drives), held)


if __name__ == "__main__":
    at_once(sys.argv[1:])
    status = Path("/proc/self/status").read_text().splitlines()
    print(next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:")))
