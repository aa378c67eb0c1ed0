"""Fixtures for every test (their code is in `tests/ground/`), and the loud list of what was skipped."""

from __future__ import annotations

import os
import shutil
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.ground.clock import NOW
from tests.ground.tiers import MAY_BE_ABSENT, ONE_AT_A_TIME, TIERS, missing

pytest_plugins = [
    *(f"tests.ground.{part}" for part in ("server", "databases", "browser", "disks", "openssh", "chance")),
    "tests.cast",
]

GROUND = "ORDI_TEST_GROUND"
KEEPER = "ORDI_TEST_KEEPER"
SHORT, PREFIX = Path("/tmp"), "ordi-tests-"
"""Where the ground is: the path of a socket in it must be short."""


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def pytest_configure(config: pytest.Config) -> None:
    """The process a person started makes the ground that xdist's workers share."""
    if not _is_worker(config):
        _sweep()
        os.environ[GROUND] = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=SHORT)
        os.environ[KEEPER] = str(os.getpid())


def _sweep() -> None:
    """Remove what a run that was killed left behind."""
    for old in SHORT.glob(f"{PREFIX}*-*"):
        keeper = old.name.removeprefix(PREFIX).partition("-")[0]
        if keeper.isdigit() and not Path("/proc", keeper).exists():
            shutil.rmtree(old, ignore_errors=True)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing: where a PostgreSQL cluster runs, its warden clears the ground after stopping it."""
    if not _is_worker(config):
        ground = Path(os.environ.pop(GROUND))
        if not (ground / "pg").exists():
            shutil.rmtree(ground, ignore_errors=True)


@pytest.fixture(scope="session")
def ground() -> Path:
    """A folder shared by every worker of this run."""
    return Path(os.environ[GROUND])


@pytest.fixture(scope="session")
def run_keeper() -> int:
    """The process whose end is the end of this run."""
    return int(os.environ[KEEPER])


@pytest.fixture
def now() -> datetime:
    """The hour at which tests happen."""
    return NOW


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this machine cannot do, and keep the tiers that share the machine on one worker."""
    for item in items:
        if "playwright" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
        for tier in TIERS:
            if item.get_closest_marker(tier) and (why := missing(tier)):
                item.add_marker(pytest.mark.skip(reason=f"[{tier}] {why}"))
        for tier in ONE_AT_A_TIME:
            if item.get_closest_marker(tier):
                item.add_marker(pytest.mark.xdist_group("machine"))
                break


def _skipped(config: pytest.Config) -> list[tuple[str, bool]]:
    """Each skip of this run: why, and whether its absence is forgivable."""
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    found = []
    for report in reporter.stats.get("skipped", []) if reporter else []:
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        found.append((why.removeprefix("Skipped: "), MAY_BE_ABSENT in getattr(report, "keywords", {})))
    return found


def _all_required() -> bool:
    return os.environ.get("ORDI_REQUIRE_ALL", "") not in ("", "0")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Under `ORDI_REQUIRE_ALL=1`, a skip is a failure."""
    if (
        not _is_worker(session.config)
        and _all_required()
        and any(not excused for _, excused in _skipped(session.config))
    ):
        session.exitstatus = max(int(session.exitstatus), int(pytest.ExitCode.TESTS_FAILED))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say what was not tested, how often, and what to install."""
    skipped = _skipped(config)
    if not skipped:
        return
    reasons: dict[str, int] = {}
    for why, _ in skipped:
        reasons[why] = reasons.get(why, 0) + 1
    terminalreporter.section("NOT TESTED HERE", sep="!", red=True, bold=True)
    for why, times in sorted(reasons.items(), key=lambda reason: -reason[1]):
        terminalreporter.line(f"  {times:>4} × {why}", yellow=True)
    if _all_required() and any(not excused for _, excused in skipped):
        terminalreporter.line("ORDI_REQUIRE_ALL is set: these skips are failures.", red=True, bold=True)
