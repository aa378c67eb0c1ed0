"""A bench without network: a stick prepared on a page, a real agent with no server, a real disk, and the way back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select
from webtest import TestResponse

from ordi.bench.certificates import Certificate
from ordi.bench.jobs import Phase, WipeJob
from ordi.machines.drive import Drive, Sanitisation, Standing
from ordi.machines.lifecycle import State
from tests.factories import a_drive
from tests.ground.tiers import HOUSE
from tests.remote.house import House
from tests.web.conftest import form_to

pytestmark = pytest.mark.disks

SECRET = b"ORDI-PLANTED-FAMILY-PHOTOS"
SIZE = 24 << 20

LoopDisk = Callable[..., tuple[str, Path]]


@dataclass
class Carried:
    """A stick in somebody's pocket."""

    house: House
    folder: Path
    file: Path
    serial: str

    @property
    def reports(self) -> Path:
        return self.file.with_name(f"{self.file.stem}-rapports.json")

    def agent(self, *words: object, disk: str = "", serial: str = "", **more: str) -> subprocess.Popen[str]:
        """Start the agent on a machine that knows the server's keys and nothing else of it."""
        environ = {name: value for name, value in os.environ.items() if not name.startswith("ORDI_")}
        environ |= {
            "ORDI_AGENT_DIR": str(self.folder / "agent"),
            "ORDI_SERVER_KEYS": str(self.folder / "keys.json"),
            "ORDI_TEST_DISKS": f"{disk}={serial or self.serial}" if disk else "",
            "LANG": "fr_FR.UTF-8",
            **more,
        }
        return subprocess.Popen(
            [sys.executable, "-m", "agent", *map(str, words)],
            cwd=HOUSE,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *words: object, **how: str) -> tuple[int, str]:
        """Run the agent to its end: its status and what it said."""
        process = self.agent(*words, **how)
        said, _ = process.communicate(timeout=90)
        return process.returncode, said

    def wipe(self, disk: str, **how: str) -> tuple[int, str]:
        return self.run("wipe", "--jobs", self.file, disk=disk, **how)

    def bring_back(self, status: int | None = None, reports: bytes | None = None) -> TestResponse:
        """Upload what came back, as Sam does."""
        page = self.house.enter("sam").get("/offline")
        form = form_to(page, "/return")
        form["reports"] = ("rapports.json", self.reports.read_bytes() if reports is None else reports)
        return form.submit(status=status)

    def proofs(self) -> list[Sanitisation]:
        with self.house.looking() as (session, _):
            found = list(session.scalars(select(Sanitisation).order_by(Sanitisation.id)))
            session.expunge_all()
            return found

    def standing(self) -> str:
        with self.house.looking() as (session, _):
            return session.scalars(select(Drive.standing).where(Drive.serial == self.serial)).one()


@pytest.fixture
def carried(house: House, tmp_path: Path) -> Carried:
    """Lou prepares a stick for the one drive that an inventory saw, for Sam, and downloads its file."""
    with house.looking() as (session, machine):
        drive = a_drive(session, machine, size=SIZE)
        session.commit()
        number, serial = str(drive.id), drive.serial
    lou = house.enter("lou")
    form = form_to(lou.get("/offline"), "/prepare")
    for box in form.fields["drive"]:
        box.checked = box._value == number
    form["wiper"].select(text="Sam Petit")
    answer = form.submit()
    assert answer.content_type == "application/octet-stream"
    folder = tmp_path / "usb"
    folder.mkdir()
    (folder / "keys.json").write_bytes(lou.get("/offline/server-keys.json").body)
    file = folder / answer.headers["Content-Disposition"].split('"')[1]
    file.write_bytes(answer.body)
    return Carried(house, folder, file, serial)


def test_a_disk_wiped_without_network_is_proved_when_the_network_returns(carried: Carried, loop_disk: LoopDisk) -> None:
    disk, backing = loop_disk(SIZE, SECRET)
    status, said = carried.wipe(disk)
    assert (status, "Hors ligne" in said) == (0, True), said
    assert SECRET not in backing.read_bytes()
    assert "Pas encore prouvé" in carried.bring_back().follow()
    assert carried.proofs() == []

    status, said = carried.run("send", carried.file, disk=disk)
    assert (status, "Effacé, prouvé" in said) == (0, True), said
    (proof,) = carried.proofs()
    assert (proof.verdict, proof.offline, proof.assurance) == ("PASS", True, "executed")
    with carried.house.looking() as (session, machine):
        assert machine.state == State.SANITISED
        told = session.scalars(select(Certificate)).one().payload
        assert told["sanitisation"]["offline"] is True
        assert "clé USB" in told["limits"]
    page = carried.house.enter("sam").get(f"/machines/{carried.house.tag}")
    assert "exécuté, hors ligne" in page
    assert "exécuté, hors ligne" in carried.house.enter("sam").get(f"/C/{told['code']}")


def test_a_report_without_its_disk_is_a_claim_and_waits(carried: Carried, loop_disk: LoopDisk) -> None:
    disk, _ = loop_disk(SIZE, SECRET)
    assert carried.wipe(disk)[0] == 0
    other, _ = loop_disk(SIZE, SECRET)
    status, said = carried.run("send", carried.file, disk=other, serial="ANOTHER")
    assert (status, "n'est pas ici" in said) == (1, True), said
    assert (carried.proofs(), carried.standing()) == ([], Standing.HOLDS_DATA)


def test_a_disk_swapped_after_the_wipe_fails_its_challenge(carried: Carried, loop_disk: LoopDisk) -> None:
    disk, _ = loop_disk(SIZE, SECRET)
    assert carried.wipe(disk)[0] == 0
    other, _ = loop_disk(SIZE, SECRET)
    assert carried.run("send", carried.file, disk=other)[0] == 1
    (proof,) = carried.proofs()
    assert (proof.verdict, proof.reasons) == ("FAIL", "challenge-mismatch")
    assert carried.standing() == Standing.HOLDS_DATA


def test_each_job_serves_once_even_from_a_copy_of_the_stick(carried: Carried, loop_disk: LoopDisk) -> None:
    disk, _ = loop_disk(SIZE, SECRET)
    copy = carried.folder / "copy.json"
    copy.write_bytes(carried.file.read_bytes())
    assert carried.wipe(disk)[0] == 0
    status, said = carried.wipe(disk)
    assert (status, "a déjà servi" in said) == (1, True), said
    assert carried.run("send", carried.file, disk=disk)[0] == 0
    assert carried.run("wipe", "--jobs", copy, disk=disk)[0] == 0
    status, said = carried.run("send", copy, disk=disk)
    assert (status, "job-used" in said) == (1, True), said
    assert [proof.verdict for proof in carried.proofs()] == ["PASS"]


def test_an_edited_report_is_refused_whole(carried: Carried, loop_disk: LoopDisk) -> None:
    disk, _ = loop_disk(SIZE, SECRET)
    assert carried.wipe(disk)[0] == 0
    told = json.loads(carried.reports.read_bytes())
    told["reports"][0]["body"] = "e30="
    refused = carried.bring_back(409, json.dumps(told).encode())
    assert "a été modifié" in refused
    assert "n’est pas le retour" in carried.bring_back(409, b"[1]")
    carried.reports.write_text(json.dumps(told))
    assert carried.run("send", carried.file, disk=disk)[0] == 2
    assert carried.proofs() == []


@pytest.mark.parametrize("edit", ["serial", "signature", "another's key"])
def test_an_edited_job_is_not_done(carried: Carried, loop_disk: LoopDisk, edit: str) -> None:
    disk, backing = loop_disk(SIZE, SECRET)
    told = json.loads(carried.file.read_bytes())
    head, payload, signature = told["jobs"][0].split(".")
    if edit == "serial":
        payload = payload[:-4] + "AAAA"
    elif edit == "signature":
        signature = signature[:-4] + "AAAA"
    else:
        keys = json.loads((carried.folder / "keys.json").read_bytes())
        keys["keys"][0]["x"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        (carried.folder / "keys.json").write_text(json.dumps(keys))
    told["jobs"][0] = f"{head}.{payload}.{signature}"
    carried.file.write_text(json.dumps(told))
    status, said = carried.wipe(disk)
    assert (status, "ne vient pas du serveur" in said) == (1, True), said
    assert backing.read_bytes().startswith(SECRET)


def test_another_disk_is_left_alone_and_the_job_stays_good(carried: Carried, loop_disk: LoopDisk) -> None:
    other, untouched = loop_disk(SIZE, SECRET)
    assert carried.wipe(other, serial="ANOTHER")[0] == 1
    shorter, backing = loop_disk(SIZE // 2, SECRET)
    assert untouched.read_bytes().startswith(SECRET)
    status, said = carried.wipe(shorter)
    assert (status, "wrong-size" in said) == (1, True), said
    assert backing.read_bytes().startswith(SECRET)


def test_a_system_that_knows_no_server_keys_wipes_nothing(carried: Carried, loop_disk: LoopDisk) -> None:
    disk, backing = loop_disk(SIZE, SECRET)
    status, said = carried.wipe(disk, ORDI_SERVER_KEYS="")
    assert (status, "ne connaît pas les clés" in said) == (2, True), said
    assert backing.read_bytes().startswith(SECRET)


def test_an_agent_killed_in_the_middle_reports_it_from_the_stick(carried: Carried, loop_disk: LoopDisk) -> None:
    disk, _ = loop_disk(SIZE, SECRET)
    process = carried.agent("wipe", "--jobs", carried.file, disk=disk)
    ledger = carried.file.with_name(f"{carried.file.stem}.etat") / "jobs"
    end = time.monotonic() + 60
    while not list(ledger.glob("*.job")) and time.monotonic() < end:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=20)
    assert carried.wipe(disk)[0] == 1
    carried.bring_back()
    (proof,) = carried.proofs()
    assert proof.verdict != "PASS"
    assert carried.standing() == Standing.HOLDS_DATA


def test_a_job_taken_back_before_it_was_done_proves_nothing(carried: Carried, loop_disk: LoopDisk) -> None:
    disk, _ = loop_disk(SIZE, SECRET)
    sam = carried.house.enter("sam")
    plan = sam.get(f"/machines/{carried.house.tag}/wipe")
    form_to(plan, "/stop").submit()
    with carried.house.looking() as (session, _):
        assert session.scalars(select(WipeJob.phase)).one() == Phase.CANCELLED
    assert carried.wipe(disk)[0] == 0
    status, said = carried.run("send", carried.file, disk=disk)
    assert (status, "job-used" in said) == (1, True), said
    assert carried.standing() == Standing.HOLDS_DATA
