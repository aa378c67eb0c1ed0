"""The agent's engine at work, with nothing loaded but what the agent itself loads.

`python -m benchmarks.engine /dev/loopN …` wipes these, and prints the most memory it held, in bytes.
"""

from __future__ import annotations

import dataclasses
import os
import secrets
import sys
import threading
from pathlib import Path

import agent.bench  # noqa: F401  (what the agent has loaded counts as its memory)
from agent.encoding import from_instant
from agent.jobs import TECHNIQUE, Job
from agent.sanitise.commit import Facts
from agent.sanitise.wipe import wipe

SIZE = 256 << 20
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


if __name__ == "__main__":
    at_once(sys.argv[1:])
    status = Path("/proc/self/status").read_text().splitlines()
    print(next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:")))
