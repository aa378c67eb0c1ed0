"""A killed agent, a pulled cable, a server that says later: what was done is told, once, and nothing is done twice."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable

import pytest

from tests.agent.conftest import Agent, Faulty
from tests.agent.disks import MIB, LoopDisk
from tests.agent.fake_server import FakeServer, Refusal

pytestmark = pytest.mark.disks

KEY = bytes(range(32))
Make = Callable[..., LoopDisk]


def until(holds: Callable[[], object], *, seconds: float = 90) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def test_a_lost_network_stops_no_wipe_and_the_report_comes_later(agent: Agent, server: FakeServer, disk: Make) -> None:
    drive = disk(size=32 * MIB)
    job = server.give(drive.serial, drive.size, key=KEY)
    pulled = [False]

    def pull(path: str, body: dict[str, object]) -> None:
        pulled[0] = pulled[0] or body.get("phase") == "confirmed"

    server.on = pull
    server.down = lambda method, path: pulled[0]
    process = agent.start("wipe", "--once", "--give-up-after", "50")
    until(lambda: any("sanitisations" in path for _, path in server.requests))
    assert drive.holds_keystream(KEY)
    assert server.bodies("/sanitisations") == []
    server.on = lambda path, body: None
    pulled[0] = False
    _, err = process.communicate(timeout=40)
    assert process.returncode == 0, err
    (commit,) = server.bodies("/sanitisations")
    assert commit["job"] == job
    assert commit["raw_status"]["outcome"] == "completed"


def test_a_report_that_arrived_unanswered_is_sent_again_and_kept_once(
    agent: Agent, server: FakeServer, disk: Make
) -> None:
    drive = disk()
    server.give(drive.serial, drive.size)
    answers = server._answer
    dropped: list[str] = []

    def drop_the_first(method: str, path: str, body: dict[str, object]) -> dict[str, object]:
        said = answers(method, path, body)
        if path == "/sanitisations" and not dropped:
            server.received.append((path, body))
            server.first_answers[str(body["uuid"])] = (201, said)
            dropped.append(path)
            raise ConnectionAbortedError
        return said

    server._answer = drop_the_first  # type: ignore[method-assign]
    assert agent.wipe().returncode == 0
    assert len([path for _, path in server.requests if path == "/sanitisations"]) == 2
    assert len(server.bodies("/sanitisations")) == 1


def test_retry_after_is_honoured(agent: Agent, server: FakeServer, disk: Make) -> None:
    drive = disk()
    server.give(drive.serial, drive.size)
    said: list[float] = []

    def later(method: str, path: str) -> Refusal | None:
        if path != "/sanitisations":
            return None
        said.append(time.monotonic())
        return Refusal(429, "too-many", {"Retry-After": "2"}) if len(said) == 1 else None

    server.refuse = later
    assert agent.wipe().returncode == 0
    assert said[1] - said[0] >= 2


def test_a_final_refusal_keeps_the_report_beside_it_and_is_not_repeated(
    agent: Agent, server: FakeServer, disk: Make
) -> None:
    drive = disk()
    server.give(drive.serial, drive.size)

    def never(method: str, path: str) -> Refusal | None:
        if path != "/sanitisations":
            return None
        server.over.update(server.job_payloads)
        return Refusal(409, "job-used")

    server.refuse = never
    ran = agent.wipe()
    assert [path for _, path in server.requests].count("/sanitisations") == 1
    (report,) = agent.directory.glob("bench/outbox/refused/*.report")
    assert json.loads(report.with_suffix(".refusal").read_bytes())["problem"]["code"] == "job-used"
    assert b'"raw_status"' in report.read_bytes()
    assert "job-used" in ran.stderr


def test_an_agent_asked_to_stop_reports_the_wipe_as_aborted(agent: Agent, server: FakeServer, faulty: Faulty) -> None:
    drive = faulty("slow=300")
    job = server.give(drive.serial, drive.size)
    process = agent.start("wipe")
    until(lambda: "writing" in server.phases(job))
    process.terminate()
    _, err = process.communicate(timeout=30)
    assert process.returncode == 1, err
    (commit,) = server.bodies("/sanitisations")
    assert commit["raw_status"]["outcome"] == "aborted"
    assert commit["raw_status"]["reason"] == "agent-stopped"
    assert 0 <= commit["write"]["bytes"] < drive.size


def test_a_killed_agent_tells_at_its_next_start_that_the_wipe_was_cut_short_and_does_not_resume_it(
    agent: Agent, server: FakeServer, faulty: Faulty
) -> None:
    drive = faulty("slow=300")
    job = server.give(drive.serial, drive.size)
    process = agent.start("wipe")
    until(lambda: "writing" in server.phases(job))
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert server.bodies("/sanitisations") == []
    agent.run("wipe", "--give-up-after", "4")
    (commit,) = server.bodies("/sanitisations")
    assert commit["job"] == job
    assert commit["raw_status"]["outcome"] == "aborted"
    assert commit["raw_status"]["reason"] == "agent-died"
    assert server.phases(job)[-1] == "writing"
    assert len(server.sessions) == 1, "the same boot, the same session"


def test_a_report_saved_and_not_sent_is_sent_at_the_next_start(agent: Agent, server: FakeServer, disk: Make) -> None:
    drive = disk()
    server.give(drive.serial, drive.size, key=KEY)
    server.down = lambda method, path: path == "/sanitisations"
    process = agent.start("wipe", "--once")
    until(lambda: any(path == "/sanitisations" for _, path in server.requests))
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    server.down = lambda method, path: False
    agent.run("wipe", "--give-up-after", "3")
    (commit,) = server.bodies("/sanitisations")
    assert commit["raw_status"]["outcome"] == "completed"
    assert drive.holds_keystream(KEY)


def test_no_key_of_a_drive_is_ever_kept(agent: Agent, server: FakeServer, faulty: Faulty) -> None:
    drive = faulty("slow=20")
    job = server.give(drive.serial, drive.size, key=KEY)
    process = agent.start("wipe", "--once")
    until(lambda: "writing" in server.phases(job))
    process.communicate(timeout=40)
    token = server.job_payloads[job]["key"]
    kept = [file for file in agent.directory.rglob("*") if file.is_file()]
    assert kept
    assert not [file for file in kept if token.encode() in file.read_bytes() or KEY in file.read_bytes()]


def test_counters_only_grow_over_restarts(agent: Agent, server: FakeServer, disk: Make) -> None:
    drive = disk()
    for _ in range(2):
        server.give(drive.serial, drive.size)
        assert agent.wipe().returncode == 0
    assert len(server.bodies("/sanitisations")) == 2
    assert len(server.counters) == 1


def test_a_server_that_is_not_there_yet_is_waited_for(agent: Agent, server: FakeServer, disk: Make) -> None:
    drive = disk()
    server.give(drive.serial, drive.size)
    tries = [0]

    def down(method: str, path: str) -> bool:
        tries[0] += 1
        return tries[0] < 3

    server.down = down
    ran = agent.wipe()
    assert ran.returncode == 0
    assert "Le serveur ne répond pas" in ran.stderr
