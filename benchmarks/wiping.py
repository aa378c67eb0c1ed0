"""Wiping: our two passes beside the two passes of `dd`, on the same loop device."""

from __future__ import annotations

import os
import secrets
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from agent.encoding import from_instant
from agent.jobs import TECHNIQUE, Job
from agent.sanitise.commit import Facts
from agent.sanitise.wipe import wipe
from benchmarks.figures import Pair, figure
from tests.ground.disks import looped
from tests.ground.tiers import missing

SIZE = 256 << 20
ISSUED, EXPIRES = (from_instant(f"2026-11-16T{hour}:00:00Z") for hour in ("09", "21"))


class Silent:
    """Nobody is told."""

    def confirm(self, total: int) -> None:
        """Go on."""

    def progress(self, phase: str, done: int, errors: int) -> None:
        """Go on."""


def _job(serial: str) -> Job:
    return Job(
        job="7d7b7d55-1f39-4a3c-9a39-0d8f3a5f5f10",
        kind="wipe",
        session="0b6ad1a2-5d1f-4a5e-8f43-6f6f5a1f1c11",
        tag=None,
        serial=serial,
        wwn=None,
        size=SIZE,
        nonce="bench",
        seq=1,
        technique=TECHNIQUE,
        test=True,
        issued=ISSUED,
        expires=EXPIRES,
        key=secrets.token_bytes(32),
    )


@figure(
    "wipe: 256 MiB written and read back",
    floor="dd writes zeros, dd reads, both direct",
    impossible=lambda: missing("disks"),
)
def loop_device() -> Iterator[Pair]:
    """The agent's engine in this process, from finding the drive to the facts of the commit."""
    with tempfile.TemporaryDirectory() as folder, looped(Path(folder) / "disk", SIZE) as device:

        def ours() -> None:
            facts = Facts()
            wipe(_job("BENCH-1"), facts, {os.path.basename(device): "BENCH-1"}, Silent(), threading.Event())
            assert facts.outcome == "completed", facts
            assert facts.seen.mismatches == 0

        def dd() -> None:
            for words in (
                ("if=/dev/zero", f"of={device}", "bs=2M", f"count={SIZE >> 21}", "oflag=direct", "conv=fsync"),
                (f"if={device}", "of=/dev/null", "bs=2M", "iflag=direct"),
            ):
                subprocess.run(["dd", *words], check=True, capture_output=True)

        yield Pair(ours, dd)
