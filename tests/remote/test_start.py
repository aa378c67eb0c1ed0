"""A machine that runs something already is started from its page: real pages, a real OpenSSH server, the real agent."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.bench.hosts import BenchHost
from ordi.bench.jobs import Phase, WipeJob
from ordi.bench.remote_starts import RemoteStart, Step, latest_start
from ordi.bench.sessions import BenchSession, adopt
from ordi.machines.drive import Sanitisation
from ordi.machines.evidence import Evidence
from ordi.machines.lifecycle import State
from ordi.parties.people import Person
from tests.bench.benches import Bench
from tests.cast import PARTS
from tests.ground.openssh import OpenSsh
from tests.remote.house import House
from tests.web.conftest import form_to

pytestmark = [pytest.mark.ssh, pytest.mark.disks]

SECRET = b"ORDI-PLANTED-FAMILY-PHOTOS"
SIZE = 24 << 20


def _agents(folder: Path) -> list[int]:
    """The agents that run from a folder of this test."""
    found = []
    for file in folder.rglob("work/pid"):
        words = file.read_text().split()
        line = Path(f"/proc/{words[0]}/cmdline") if words else None
        if line and line.exists() and str(folder).encode() in line.read_bytes():
            found.append(int(words[0]))
    return found


@pytest.fixture(autouse=True)
def agents_end(tmp_path: Path) -> Iterator[None]:
    """What was started over SSH belongs to nobody here: it is ended by its number."""
    yield
    _end_agents(tmp_path)


def _end_agents(folder: Path) -> None:
    for agent in _agents(folder):
        os.kill(agent, signal.SIGKILL)
        while Path(f"/proc/{agent}").exists():
            time.sleep(0.05)


LoopDisk = Callable[..., tuple[str, Path]]
ServeSsh = Callable[..., OpenSsh]


def test_from_the_page_to_a_proved_wipe_though_the_line_is_cut(
    house: House, openssh: ServeSsh, loop_disk: LoopDisk, tmp_path: Path
) -> None:
    disk, backing = loop_disk(SIZE, SECRET)
    ssh = openssh(ORDI_TEST_DISKS=f"{disk}=TEST-SSH")
    assert "Établi 3" in house.add_host(ssh, tmp_path / "work").follow()
    assert "Demandé" in house.start() or "Appelle" in house.page()
    start = house.ended()
    assert (start.step, start.reason, start.detail) == (Step.STARTED, "", "")
    with house.looking() as (session, _):
        bench = session.scalars(select(BenchSession)).one()
        assert (bench.uuid, bench.fingerprint) == (start.session_uuid, start.key_fingerprint)
        assert bench.adopted_at is None
    house.until(lambda session, _: session.scalar(select(Evidence).where(Evidence.source == f"session:{bench.uuid}")))
    assert "Est-ce bien lui ?" in house.page()

    ssh.close()  # nothing of ours is needed there any more
    sam = house.enter("sam")
    plan = form_to(sam.get(f"/machines/{house.tag}/remote"), "/remote/adopt").submit().follow()
    form_to(plan, "/wipe").submit()
    house.until(
        lambda session, _: session.scalar(select(WipeJob).where(WipeJob.phase.in_((Phase.JUDGED, Phase.FAILED))))
    )
    with house.looking() as (session, machine):
        assert session.scalars(select(Sanitisation.verdict)).one() == "PASS"
        assert machine.state == State.SANITISED
    assert SECRET not in backing.read_bytes()


def test_an_agent_that_runs_already_is_found_and_not_started_twice(
    house: House, openssh: ServeSsh, loop_disk: LoopDisk, tmp_path: Path
) -> None:
    disk, _ = loop_disk(SIZE, SECRET)
    ssh = openssh(ORDI_TEST_DISKS=f"{disk}=TEST-SSH")
    house.add_host(ssh, tmp_path / "work")
    house.start()
    first, agents = house.ended(), _agents(tmp_path)
    assert len(agents) == 1
    ssh.drop_lines()
    with house.looking() as (session, machine):
        again = latest_start(session, machine)
        assert again
        again.step, again.failed_at, again.reason = Step.FAILED, Step.WAITING, "dropped"
        again.session_uuid = None  # as if the line had dropped before the hello
        session.commit()
    house.start()
    second = house.ended()
    assert (second.step, second.session_uuid) == (Step.STARTED, first.session_uuid)
    assert _agents(tmp_path) == agents


@pytest.mark.parametrize(
    ("other", "reason", "sentence"),
    [
        ({"host_key": ""}, "unknown-host-key", "n’accepte aucune clé inconnue"),
        ({"address": "192.0.2.9"}, "outside-networks", "n’est pas dans le réseau de l’établi"),
        ({"address": "no-such-host.invalid"}, "unknown-name", "Aucun ordinateur ne porte ce nom"),
    ],
)
def test_what_goes_wrong_is_told_on_the_page(
    house: House, openssh: ServeSsh, tmp_path: Path, other: dict[str, str], reason: str, sentence: str
) -> None:
    house.add_host(openssh(), tmp_path / "work", **other)
    house.start()
    start = house.ended()
    assert (start.step, start.reason) == (Step.FAILED, reason)
    assert sentence in house.page()


def test_a_key_posted_by_the_live_system_is_the_one_that_may_answer(
    house: House, openssh: ServeSsh, loop_disk: LoopDisk, tmp_path: Path
) -> None:
    disk, _ = loop_disk(SIZE, SECRET)
    ssh, other = openssh(ORDI_TEST_DISKS=f"{disk}=TEST-SSH"), openssh()
    house.add_host(ssh, tmp_path / "work", host_key="")
    for key, ends in ((other.host_key, "wrong-host-key"), (ssh.host_key, "")):
        with house.looking() as (session, machine):
            now = datetime.now(UTC)
            booted = Bench(session, now).hello()
            booted.host_key = key
            adopt(session, booted, machine, booted.fingerprint, by=_sam(session), at=now)
            session.commit()
        house.start()
        assert house.ended().reason == ends
    with house.looking() as (session, _):
        assert session.scalars(select(RemoteStart.step).order_by(RemoteStart.id.desc())).first() == Step.STARTED


def _sam(session: Session) -> Person:
    return session.scalars(select(Person).where(Person.name == PARTS["sam"][0])).one()


def test_two_starts_at_one_host_are_one_too_many(house: House, openssh: ServeSsh, tmp_path: Path) -> None:
    house.add_host(openssh(), tmp_path / "work")
    with house.looking() as (session, machine):
        host = session.scalars(select(BenchHost)).one()
        now = datetime.now(UTC)
        session.add(
            RemoteStart(
                uuid="x", machine_id=machine.id, host_id=host.id, by_id=host.added_by_id, asked_at=now, heard_at=now
            )
        )
        session.commit()
    sam = house.enter("sam")
    token = sam.get("/bench").html.select_one("input[name=csrf_token]")["value"]
    refused = sam.post(f"/machines/{house.tag}/remote", {"host": host.id, "csrf_token": token}, status=409)
    assert "déjà en cours" in refused
