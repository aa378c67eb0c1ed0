"""Drives that lie, fail or fake their size: nbdkit behind a real loop device, and the agent tells exactly what it met."""

from __future__ import annotations

from typing import Any

import pytest

from tests.agent.conftest import Agent, Faulty
from tests.agent.disks import MIB, LoopDisk
from tests.agent.fake_server import FakeServer

pytestmark = pytest.mark.disks

KEY = bytes(range(32))
SIZE = 8 * MIB


def the_commit(agent: Agent, server: FakeServer, drive: LoopDisk) -> dict[str, Any]:
    """Wipe `drive` and return what was said of it."""
    server.give(drive.serial, drive.size, key=KEY)
    ran = agent.wipe()
    assert server.bodies("/sanitisations"), ran.stderr
    commit: dict[str, Any] = server.bodies("/sanitisations")[0]
    return commit


def test_a_drive_that_drops_writes_in_silence_is_told_by_its_mismatches(
    agent: Agent, server: FakeServer, faulty: Faulty
) -> None:
    commit = the_commit(agent, server, faulty(f"drops={5 * MIB}:4096"))
    assert commit["write"]["bytes"] == commit["read"]["bytes"] == SIZE
    assert commit["write"]["errors"] == commit["read"]["errors"] == []
    assert commit["read"]["mismatch_ranges"] == [[5 * MIB, 4096]]
    assert 4000 < commit["read"]["mismatches"] <= 4096


def test_a_drive_sold_larger_than_it_is_is_told_by_its_mismatches(
    agent: Agent, server: FakeServer, faulty: Faulty
) -> None:
    commit = the_commit(agent, server, faulty(f"alias={2 * MIB}"))
    assert commit["read"]["mismatches"] > 5 * MIB
    wrong = sum(length for _, length in commit["read"]["mismatch_ranges"])
    assert wrong == 6 * MIB, "each of its two mebibytes holds what was written there last, from wherever that was"


def test_a_sector_that_takes_no_write_is_named_skipped_and_the_rest_is_written(
    agent: Agent, server: FakeServer, faulty: Faulty
) -> None:
    bad = 3 * MIB + 512
    drive = faulty(f"bad-write={bad}:512")
    commit = the_commit(agent, server, drive)
    assert commit["write"]["errors"] == [{"offset": bad, "errno": 5}]
    assert commit["skipped"] == [[bad, 512]]
    assert commit["write"]["bytes"] == SIZE - 512
    assert commit["write"]["retries"] > 0
    assert commit["read"]["mismatch_ranges"] == [[bad, 512]]
    assert commit["raw_status"]["outcome"] == "completed"


def test_a_sector_that_gives_nothing_back_is_an_error_and_no_match(
    agent: Agent, server: FakeServer, faulty: Faulty
) -> None:
    bad = 6 * MIB
    commit = the_commit(agent, server, faulty(f"bad-read={bad}:1024"))
    assert commit["read"]["errors"] == [{"offset": bad, "errno": 5}, {"offset": bad + 512, "errno": 5}]
    assert commit["read"]["bytes"] == SIZE - 1024
    assert commit["read"]["mismatches"] == 0
    assert commit["skipped"] == []


def test_a_drive_that_fails_everywhere_is_given_up_and_said_so(
    agent: Agent, server: FakeServer, faulty: Faulty
) -> None:
    commit = the_commit(agent, server, faulty(f"bad-write=0:{SIZE}"))
    assert commit["write"]["bytes"] == 0
    assert len(commit["write"]["errors"]) == 64
    assert commit["skipped"] == [[0, SIZE]]
    assert commit["read"]["mismatches"] > 0


def test_a_drive_that_will_not_flush_is_failed_and_read_all_the_same(
    agent: Agent, server: FakeServer, faulty: Faulty
) -> None:
    commit = the_commit(agent, server, faulty("bad-flush=1"))
    assert commit["raw_status"]["outcome"] == "failed"
    assert commit["raw_status"]["reason"] == "flush"
    assert commit["raw_status"]["errno"] == 5
    assert commit["read"]["bytes"] == SIZE


def test_a_cancelled_wipe_stops_and_is_reported_as_aborted(agent: Agent, server: FakeServer, faulty: Faulty) -> None:
    drive = faulty("slow=50")
    server.on = lambda path, body: {"cancel": True} if body.get("phase") == "writing" else None
    job = server.give(drive.serial, drive.size)
    ran = agent.wipe()
    assert ran.returncode == 1
    (commit,) = server.bodies("/sanitisations")
    assert commit["raw_status"]["outcome"] == "aborted"
    assert commit["raw_status"]["reason"] == "cancelled"
    assert commit["write"]["bytes"] < drive.size
    assert commit["chunk_root"] is None
    assert server.progress(job)[-1]["phase"] == "cancelled"
    assert "PAS effacé" in ran.stderr
