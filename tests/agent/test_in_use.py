"""A machine in use: enrolled once, quiet without a network, and really silent once turned off."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent import readings
from agent.parsers import lsblk
from agent.programs import Ran
from tests.agent.conftest import Agent
from tests.agent.fake_server import FakeServer, Refusal

TOKEN = "one-time-token-of-32-bytes-0123456789"


@pytest.fixture
def enrolled(agent: Agent, server: FakeServer, tmp_path: Path) -> Agent:
    """An agent that enrolled."""
    (tmp_path / "token").write_text(TOKEN + "\n")
    ran = agent.run("enrol", "--token-file", str(tmp_path / "token"))
    assert ran.returncode == 0, ran.stderr
    return agent


def queue(agent: Agent) -> list[Path]:
    """What waits."""
    return sorted((agent.directory / "queue").glob("*.report"))


def test_enrolling_tells_the_public_half_of_a_key_nobody_else_can_read(enrolled: Agent, server: FakeServer) -> None:
    (told,) = server.bodies("/enrolments")
    assert told["token"] == TOKEN
    key = enrolled.directory / "machine.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.read_text().strip() not in json.dumps(told)


@pytest.mark.parametrize("by", ["standard input", "environment"])
def test_a_token_is_taken_from(agent: Agent, server: FakeServer, by: str) -> None:
    if by == "environment":
        agent.environment["ORDI_ENROLMENT_TOKEN"] = TOKEN
    ran = agent.run("enrol", stdin=TOKEN + "\n" if by == "standard input" else "")
    assert ran.returncode == 0, ran.stderr
    assert server.bodies("/enrolments")[0]["token"] == TOKEN
    assert TOKEN not in ran.stdout + ran.stderr


def test_without_a_token_nothing_is_sent(agent: Agent, server: FakeServer) -> None:
    assert agent.run("enrol").returncode == 2
    assert server.requests == []


def test_enrolling_twice_enrols_once(enrolled: Agent, server: FakeServer) -> None:
    ran = enrolled.run("enrol", stdin="another")
    assert "déjà inscrite" in ran.stderr
    assert len(server.bodies("/enrolments")) == 1


def test_an_enrolment_that_got_no_answer_is_told_again_with_the_same_key(agent: Agent, server: FakeServer) -> None:
    server.down = lambda method, path: True
    assert agent.run("enrol", stdin=TOKEN).returncode == 4
    key = (agent.directory / "machine.key").read_bytes()
    server.down = lambda method, path: False
    assert agent.run("enrol", stdin=TOKEN).returncode == 0
    assert (agent.directory / "machine.key").read_bytes() == key


def test_a_refused_token_leaves_no_key_behind(agent: Agent, server: FakeServer) -> None:
    server.refuse = lambda method, path: Refusal(409, "token-used")
    ran = agent.run("enrol", stdin=TOKEN)
    assert ran.returncode == 3
    assert "token-used" in ran.stderr
    assert not (agent.directory / "machine.key").exists()


def test_a_check_in_says_how_the_machine_is_and_nothing_of_who_uses_it(enrolled: Agent, server: FakeServer) -> None:
    ran = enrolled.run("check-in")
    assert ran.returncode == 0, ran.stderr
    (told,) = server.bodies("/check-ins")
    assert set(told) == {
        "uuid", "agent", "at", "uptime_s", "cpu_percent", "memory_bytes", "memory_percent", "disk_percent",
        "temperature_c", "battery", "drives", "absences",
    }  # fmt: skip
    assert all(isinstance(told[name], int) for name in ("uptime_s", "cpu_percent", "memory_bytes", "disk_percent"))
    assert queue(enrolled) == []


def test_a_machine_without_network_keeps_its_check_ins_and_sends_them_in_order(
    enrolled: Agent, server: FakeServer
) -> None:
    server.refuse = lambda method, path: Refusal(503, "busy", {"Retry-After": "3600"})
    assert [enrolled.run("check-in").returncode for _ in range(2)] == [4, 4]
    assert len(queue(enrolled)) == 2
    waiting = [json.loads(file.read_bytes().partition(b"\n")[2])["uuid"] for file in queue(enrolled)]
    server.refuse = lambda method, path: None
    assert enrolled.run("check-in", "--send-only").returncode == 0
    assert [told["uuid"] for told in server.bodies("/check-ins")] == waiting


def test_gathering_needs_no_network_at_all(enrolled: Agent, server: FakeServer) -> None:
    before = len(server.requests)
    assert enrolled.run("check-in", "--queue-only").returncode == 0
    assert len(server.requests) == before
    assert len(queue(enrolled)) == 1


def test_show_prints_the_next_payload_byte_for_byte(enrolled: Agent, server: FakeServer) -> None:
    shown = enrolled.run("show").stdout
    assert enrolled.run("show").stdout == shown
    enrolled.run("check-in", "--send-only")
    (told,) = server.bodies("/check-ins")
    assert json.loads(shown) == told
    assert shown == json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def test_off_removes_the_key_and_the_queue_and_sends_nothing_ever_after(enrolled: Agent, server: FakeServer) -> None:
    enrolled.run("check-in", "--queue-only")
    assert enrolled.run("off").returncode == 0
    assert not (enrolled.directory / "machine.key").exists()
    assert queue(enrolled) == []
    before = len(server.requests)
    for words in (("check-in",), ("check-in", "--queue-only"), ("check-in", "--send-only")):
        ran = enrolled.run(*words)
        assert ran.returncode == 0
        assert "rien n'est envoyé" in ran.stderr
    assert len(server.requests) == before
    assert queue(enrolled) == []


def test_a_server_that_says_stop_stops_it_for_good(enrolled: Agent, server: FakeServer) -> None:
    server.answer_check_in = {"health": "good", "every_s": 86400, "stop": True}
    assert enrolled.run("check-in").returncode == 0
    assert not (enrolled.directory / "machine.key").exists()
    assert (enrolled.directory / "off").exists()
    before = len(server.requests)
    enrolled.run("check-in")
    assert len(server.requests) == before


def test_a_machine_that_never_enrolled_says_nothing(agent: Agent, server: FakeServer) -> None:
    assert agent.run("check-in").returncode == 0
    assert server.requests == []
    assert not (agent.directory / "queue").exists()


def test_a_beneficiary_reads_english_when_the_machine_does(agent: Agent) -> None:
    agent.environment["LANG"] = "en_GB.UTF-8"
    assert "not enrolled" in agent.run("check-in").stderr


def a_drive(monkeypatch: pytest.MonkeyPatch, document: dict[str, object]) -> tuple[object, list[tuple[str, str]]]:
    """What is told of one drive when smartctl answers `document`."""
    absences: list[tuple[str, str]] = []
    monkeypatch.setattr(readings, "run", lambda command, accept: Ran(json.dumps(document).encode(), 0))
    disk = lsblk.Disk("sda", "/dev/sda", 512, "WD-1", "WD", None, "sata", False, False, True)
    return readings.drive(disk, lambda source, reason: absences.append((source, reason))), absences


def test_a_drive_asleep_is_left_asleep_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    asleep = {"smartctl": {"exit_status": 2, "messages": [{"string": "Device is in STANDBY mode, exit(2)"}]}}
    assert a_drive(monkeypatch, asleep) == (None, [("smartctl:sda", "absent")])


def test_an_unprivileged_look_at_a_drive_is_a_named_absence(monkeypatch: pytest.MonkeyPatch) -> None:
    denied = {
        "smartctl": {
            "exit_status": 2,
            "messages": [{"string": "Smartctl open device: /dev/sda failed: Permission denied"}],
        }
    }
    assert a_drive(monkeypatch, denied) == (None, [("smartctl:sda", "not-permitted")])


def test_a_drive_is_known_by_a_hash_of_its_serial(monkeypatch: pytest.MonkeyPatch) -> None:
    told, _ = a_drive(monkeypatch, {"serial_number": "WD-1", "model_name": "WDC"})
    assert isinstance(told, dict)
    assert told["serial_hash"] == "87df7891fd9fe405"
    assert "WD-1" not in json.dumps(told)
