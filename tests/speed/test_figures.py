"""A benchmark nobody runs rots: each figure is measured once, in a town of a hundred computers."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.ground.tiers import HOUSE, missing

pytestmark = pytest.mark.xdist_group("machine")


@pytest.fixture(scope="module")
def told() -> dict[str, dict[str, float]]:
    """What `make bench` measures in a small town, by name."""
    words = (
        "list",
        "search",
        "page",
        "among",
        "evidence",
        "check-ins",
        "journal",
        "certificate",
        "log proof",
        "labels",
    )
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.run", "--rounds", "1", "--json", *words],
        cwd=HOUSE,
        env=os.environ | {"ORDI_BENCH_MACHINES": "100"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["name"]: line for line in lines}


def test_every_figure_stands_beside_its_floor(told: dict[str, dict[str, float]]) -> None:
    for line in told.values():
        assert line["measured"] > 0
        assert line["floor"] > 0
        assert line["ratio"] == pytest.approx(line["measured"] / line["floor"])


@pytest.mark.parametrize(
    "name", ["list: 50 of", "search: a serial number", "evidence", "check-ins", "journal verify", "log proof: made"]
)
def test_it_is_measured_on_each_engine_there_is(told: dict[str, dict[str, float]], name: str) -> None:
    engines = {"sqlite"} if missing("postgresql") else {"sqlite", "postgresql"}
    assert {line.rpartition(", ")[2] for line in told if line.startswith(name)} == engines


def test_a_list_of_fifty_weighs_less_than_a_hundred_kilobytes(told: dict[str, dict[str, float]]) -> None:
    sizes = [line["measured"] for name, line in told.items() if "bytes of 50" in name]
    assert sizes
    assert max(sizes) <= 100_000
