"""Loop devices are the whole computer's: tests that run beside each other take and free them in turn."""

from __future__ import annotations

import fcntl
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def in_turn() -> Iterator[None]:
    """Until the end of the block no other test of this computer takes a loop device: what is freed here is not theirs."""
    with (Path(tempfile.gettempdir()) / "ordi-tests-loops.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def take(*words: str | Path) -> str:
    """`losetup --find --show …` in turn: the device."""
    with in_turn():
        command = ["losetup", "--find", "--show", *map(str, words)]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout.strip()


def give_back(device: str, folder: Path) -> None:
    """Free a device if it still shows a file of `folder`: one that was freed before may be another test's by now."""
    with in_turn():
        asked = ["losetup", "--noheadings", "--output", "BACK-FILE", device]
        shown = subprocess.run(asked, check=False, capture_output=True, text=True, timeout=30).stdout.strip()
        if shown.startswith(f"{folder.resolve()}/"):
            subprocess.run(["losetup", "--detach", device], check=False, capture_output=True, timeout=30)
