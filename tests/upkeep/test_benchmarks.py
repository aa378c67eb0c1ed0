"""A benchmark nobody runs rots: each figure is measured once."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.ground.tiers import HOUSE


@pytest.mark.disks
def test_figures_are_printed_beside_their_floors() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.run", "--rounds", "1", "--json", "wipe"],
        cwd=HOUSE,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    for line in done.stdout.splitlines():
        told = json.loads(line)
        assert told["measured"] > 0
        assert told["floor"] > 0
        assert told["ratio"] == pytest.approx(told["measured"] / told["floor"])
    assert done.stdout
