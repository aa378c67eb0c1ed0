"""The agent wipes the disks of a whole machine, and each is read back from outside by a program that is not ours."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ordi.bench.facts import WipeFacts
from ordi.bench.verdict import Drawn, Judgement, judge
from tests.agent.fake_server import FakeServer
from tests.ground.tiers import HOUSE
from tests.vm.machine import HOST, MIB, Disk, Vm

pytestmark = pytest.mark.vm

SOMEBODY = b"Dupont, 12 rue des Lilas, releve de compte. "
KEYS = {
    "SATA-0001": bytes(range(32)),
    "NVME-0002": bytes(range(1, 33)),
    "DYING-003": bytes(range(2, 34)),
    "NVME-0004": bytes(range(3, 35)),
}
TECHNIQUES = {
    "SATA-0001": "ata-sanitize-block-erase",
    "NVME-0002": "nvme-format-crypto-erase",
    "NVME-0004": "nvme-format-user-data-erase",
}
"""What each is asked to do to itself first. QEMU's controller says yes to a crypto erase that its bits do not offer."""
BAD_SECTOR = 20_000
DYING = f"""
[inject-error]
event = "write_aio"
sector = "{BAD_SECTOR}"
errno = "5"
once = "off"
"""


class SeenFromTheGuest(FakeServer):
    """The server of the agent's tests, under the address the machine knows it by."""

    @property
    def url(self) -> str:
        """This host, as the guest names it."""
        return f"http://{HOST}:{self.http.server_address[1]}"


@pytest.fixture
def server() -> Iterator[SeenFromTheGuest]:
    """A server that gives jobs."""
    server = SeenFromTheGuest()
    yield server
    server.close()


def _holds(disk: Disk, key: bytes) -> bool:
    """Whether openssl and cmp find the keystream of `key` all over the disk: what anybody can do without us."""
    size = disk.path.stat().st_size
    stream = f"head -c {size} /dev/zero | openssl enc -aes-256-ctr -K {key.hex()} -iv {'0' * 32} -nosalt"
    return subprocess.run(["bash", "-c", f"{stream} | cmp - {disk.path}"], capture_output=True).returncode == 0


def _judged(facts: dict[str, Any], medium: str) -> Judgement:
    """What the server makes of a commit whose challenge was answered."""
    size, told = facts["identity"]["bytes"], WipeFacts.model_validate_json(json.dumps(facts))
    return judge(
        told,
        size=size,
        medium=medium,
        drawn=Drawn(64, 64),
        since_order_ms=None,
        test=True,
        technique=facts["technique"],
    )


def test_a_machine_is_wiped_and_its_disks_prove_it(tmp_path: Path, server: SeenFromTheGuest) -> None:
    disks = [
        Disk(tmp_path / "sata", serial="SATA-0001").filled(24 * MIB, SOMEBODY),
        Disk(tmp_path / "nvme", serial="NVME-0002", bus="nvme").filled(20 * MIB, SOMEBODY),
        Disk(tmp_path / "dying", serial="DYING-003", faults=DYING).filled(20 * MIB, SOMEBODY),
        Disk(tmp_path / "nvme2", serial="NVME-0004", bus="nvme").filled(20 * MIB, SOMEBODY),
    ]
    jobs = {
        disk.serial: server.give(
            disk.serial,
            disk.path.stat().st_size,
            key=KEYS[disk.serial],
            test=False,
            technique=TECHNIQUES.get(disk.serial, "overwrite-aes256ctr"),
        )
        for disk in disks
    }
    ran = Vm(tmp_path / "vm", disks).run(
        f"ORDI_SERVER={server.url} ORDI_PLAIN_HTTP=1 python3 -m agent wipe --once --give-up-after 400",
        files={"agent": HOUSE / "agent"},
        timeout=500,
    )
    commits = {body["job"]: body for body in server.bodies("/sanitisations")}
    assert set(commits) == set(jobs.values()), ran.output + ran.console

    sata, nvme, dying, formatted = (commits[jobs[disk.serial]] for disk in disks)
    assert sata["identity"]["transport"] == "sata"
    assert nvme["identity"]["medium"] == "nvme"
    for disk, facts in ((disks[0], sata), (disks[1], nvme), (disks[3], formatted)):
        assert facts["raw_status"]["outcome"] == "completed", facts
        assert facts["read"]["bytes"] == disk.path.stat().st_size
        assert facts["read"]["mismatches"] == 0
        assert _holds(disk, KEYS[disk.serial])
    assert dying["write"]["errors"], dying
    assert not _holds(disks[2], KEYS["DYING-003"])
    assert SOMEBODY[:40] in disks[2].path.read_bytes(), (
        "the sector that could not be written still holds somebody's data"
    )
    assert sata["firmware"]["ending"] == "not-offered"
    assert (nvme["firmware"]["ending"], nvme["firmware"]["offered"]) == ("not-offered", False)
    assert not [step for step in nvme["firmware"]["steps"] if "ses=" in step["command"]]
    assert formatted["firmware"]["ending"] == "completed"
    assert formatted["firmware"]["markers"] == {"bytes": MIB, "written": 8, "changed": 8, "unread": 0}
    for facts, medium, reasons in (
        (sata, "ssd", ("firmware-not-offered",)),
        (nvme, "nvme", ("firmware-not-offered",)),
        (formatted, "nvme", ()),
    ):
        judged = _judged(facts, medium)
        assert (judged.verdict, judged.level, judged.reasons) == ("PASS", "clear", reasons)
    print(f"start and four wipes: {ran.seconds:.0f} s")


def test_power_cut_in_mid_wipe_proves_nothing_and_the_next_start_in_1970_wipes_it_all(
    tmp_path: Path, server: SeenFromTheGuest
) -> None:
    disk = Disk(tmp_path / "sata", serial="SATA-0001", rate=4 * MIB).filled(24 * MIB, SOMEBODY)
    other = Disk(tmp_path / "nvme", serial="NVME-0002", bus="nvme").filled(4 * MIB, SOMEBODY)
    untouched = other.path.read_bytes()
    writing, key = threading.Event(), KEYS["SATA-0001"]
    first = server.give(disk.serial, 24 * MIB, key=key, test=False)

    def hear(path: str, body: dict[str, Any]) -> None:
        if path.endswith("/progress") and body["phase"] == "writing" and body["bytes"]:
            writing.set()

    server.on = hear
    wipes = f"ORDI_SERVER={server.url} ORDI_PLAIN_HTTP=1 python3 -m agent wipe --once --give-up-after 400"
    agent = {"agent": HOUSE / "agent"}
    Vm(tmp_path / "cut", [disk, other]).cut(wipes, writing, files=agent, timeout=400)
    assert server.bodies("/sanitisations") == []
    assert SOMEBODY in disk.path.read_bytes()
    assert not _holds(disk, key)

    server.over.add(first)
    server.sessions.clear()
    again = server.give(disk.serial, 24 * MIB, key=KEYS["NVME-0002"], test=False)
    ran = Vm(tmp_path / "again", [dataclasses.replace(disk, rate=0), other], clock="1970-01-01T00:00:00").run(
        wipes, files=agent, timeout=500
    )
    (facts,) = server.bodies("/sanitisations")
    assert (facts["job"], facts["raw_status"]["outcome"]) == (again, "completed"), ran.output
    assert facts["started_at"].startswith("1970-01-01")
    assert _holds(disk, KEYS["NVME-0002"])
    assert other.path.read_bytes() == untouched, "a disk that is not in the job"
