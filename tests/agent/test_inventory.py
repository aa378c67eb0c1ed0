"""Evidence: every source's bytes as they came, and a reason for each that did not come."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from agent import inventory, programs
from agent.config import BadConfiguration, Config, load, named_test_disks
from agent.programs import ProgramFailed, Ran, run
from tests.agent.conftest import Agent
from tests.agent.fake_server import FakeServer

LSBLK = json.dumps({"blockdevices": [{"name": "sda", "kname": "sda", "path": "/dev/sda", "type": "disk", "size": 512}]})


def gathered(monkeypatch: pytest.MonkeyPatch, **says: Any) -> dict[str, Any]:
    """The envelope when tools say this, by name; an exception is raised."""

    def pretend(command: tuple[str, ...], **_: object) -> Ran:
        said = says.get(command[0], ProgramFailed(command, "tool-missing"))
        if isinstance(said, Exception):
            raise said
        return Ran(said.encode(), 0)

    monkeypatch.setattr(inventory, "run", pretend)
    return inventory.gather(Config())


def reasons(envelope: dict[str, Any]) -> dict[str, str]:
    """Absences by source."""
    return {one["source"]: one["reason"] for one in envelope["absences"]}


def test_what_a_tool_printed_travels_byte_for_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    envelope = gathered(monkeypatch, lsblk=LSBLK, dmidecode="Handle 0x0001\n\tSerial: \x1b[31m\n")
    assert gzip.decompress(base64.b64decode(envelope["raw"]["dmidecode"])) == b"Handle 0x0001\n\tSerial: \x1b[31m\n"
    assert gzip.decompress(base64.b64decode(envelope["raw"]["lsblk"])) == LSBLK.encode()


def test_every_missing_tool_is_a_named_absence(monkeypatch: pytest.MonkeyPatch) -> None:
    envelope = gathered(monkeypatch, lsblk=LSBLK, dmidecode=ProgramFailed(("dmidecode",), "not-permitted"))
    assert reasons(envelope)["dmidecode"] == "not-permitted"
    assert reasons(envelope)["smartctl:sda"] == "tool-missing"
    assert "psutil" in envelope["raw"]


def test_a_machine_without_lsblk_still_says_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    envelope = gathered(monkeypatch)
    assert reasons(envelope)["lsblk"] == reasons(envelope)["dmidecode"] == "tool-missing"


def test_a_failing_drive_is_evidence_and_one_that_does_not_answer_an_absence(monkeypatch: pytest.MonkeyPatch) -> None:
    failing = json.dumps({"smartctl": {"exit_status": 0x18}, "smart_status": {"passed": False}})
    assert "smartctl:sda" in gathered(monkeypatch, lsblk=LSBLK, smartctl=failing)["raw"]
    silent = json.dumps({"smartctl": {"exit_status": 2, "messages": [{"string": "No such device"}]}})
    assert reasons(gathered(monkeypatch, lsblk=LSBLK, smartctl=silent))["smartctl:sda"] == "absent"


def test_a_dead_clock_claims_no_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory, "clock_is_plausible", lambda at: False)
    assert gathered(monkeypatch)["collected_at"] is None


def test_batteries_travel_as_the_files_of_sys(tmp_path: Path) -> None:
    for name, kind in (("BAT0", "Battery"), ("AC", "Mains")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "type").write_text(f"{kind}\n")
    (tmp_path / "BAT0/energy_full").write_text("41000000\n")
    (tmp_path / "BAT0/model_name").write_bytes(b"DELL\xff\n")
    assert inventory.power_supplies(tmp_path) == [
        {"name": "BAT0", "type": "Battery", "energy_full": "41000000", "model_name": "DELL\ufffd"}
    ]


def test_a_tool_is_told_apart_from_its_failure() -> None:
    for command, reason in (
        (("ordi-no-such-tool",), "tool-missing"),
        (("false",), "failed"),
        (("sh", "-c", "echo 'Permission denied' >&2; exit 1"), "not-permitted"),
    ):
        with pytest.raises(ProgramFailed) as failed:
            run(command)
        assert failed.value.reason == reason


def test_a_tool_that_hangs_or_never_stops_talking_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ProgramFailed) as slow:
        run(("sleep", "5"), timeout_s=0.1)
    assert slow.value.reason == "failed"
    monkeypatch.setattr(programs, "LARGEST_OUTPUT", 10)
    with pytest.raises(ProgramFailed):
        run(("echo", "more than ten bytes"))


def test_printing_sends_nothing(agent: Agent, server: FakeServer) -> None:
    told = json.loads(agent.run("inventory", "--print").stdout)
    assert told["format"] == "ordi-inventory/1"
    assert server.requests == []


def test_an_inventory_opens_a_session_and_leaves_its_evidence(agent: Agent, server: FakeServer) -> None:
    server.adopt = False
    ran = agent.run("inventory")
    assert ran.returncode == 0, ran.stderr
    assert len(server.bodies("/evidence")) == 1
    assert "chat · vélo · arbre" in ran.stderr
    assert "HTTPS://ORDI.EXAMPLE/B/" in ran.stderr


def test_an_inventory_with_a_token_needs_no_session(agent: Agent, server: FakeServer) -> None:
    server.bearer = agent.environment["ORDI_TOKEN"] = "token"
    assert agent.run("inventory").returncode == 0
    assert [path for _, path in server.requests] == ["/evidence"]


def test_evidence_without_network_is_kept_and_sent_with_the_next_one(agent: Agent, server: FakeServer) -> None:
    server.refuse = lambda method, path: None
    server.down = lambda method, path: True
    assert agent.run("inventory").returncode == 4
    server.down = lambda method, path: False
    assert agent.run("inventory").returncode == 0
    assert len(server.bodies("/evidence")) == 2


def test_only_loop_devices_can_be_test_disks() -> None:
    (named, other) = named_test_disks("/dev/loop0=ABC, /dev/loop7")
    assert (named.path, named.serial, other.serial) == ("/dev/loop0", "ABC", "TEST-LOOP7")
    for text in ("/dev/sda=X", "/dev/loop0/../sda", "loop0", "/dev/loop0=A,/dev/loop1=A", "/dev/loop0,/dev/loop0=B"):
        with pytest.raises(BadConfiguration):
            named_test_disks(text)


def test_a_server_in_clear_is_this_machine_or_asked_for() -> None:
    assert Config(server="http://127.0.0.1:8000/").base_url() == "http://127.0.0.1:8000"
    assert Config(server="http://10.0.2.2:8000", plain_http=True).base_url() == "http://10.0.2.2:8000"
    for server in (None, "http://ordi.example", "ftp://ordi.example", "https://a:b@ordi.example", "ordi.example"):
        with pytest.raises(BadConfiguration):
            Config(server=server).base_url()


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps({"server": "https://a.example", "tag": "K7Q24X-M"}))
    told = load({"ORDI_AGENT_CONFIG": str(file), "ORDI_SERVER": "https://b.example"})
    assert (told.server, told.tag) == ("https://b.example", "K7Q24X-M")
    file.write_text('{"serveur": "https://a.example"}')
    with pytest.raises(BadConfiguration):
        load({"ORDI_AGENT_CONFIG": str(file)})
