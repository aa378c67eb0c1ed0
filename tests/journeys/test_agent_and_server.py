"""The real agent, a real block device, a real server: each bad end ends without a PASS and without losing what was reported."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from waitress import create_server

from agent.signing import DurableCounter, Signer
from ordi.bench.certificates import Certificate
from ordi.bench.counter_checks import checks_of, order_check
from ordi.bench.intake import settle
from ordi.bench.jobs import Phase, WipeJob, order_wipe
from ordi.bench.judging import WipeCommit
from ordi.bench.sessions import BenchSession, adopt
from ordi.bench.under_way import cancel
from ordi.database import make_engine, make_sessions
from ordi.machines.drive import Sanitisation, Standing, open_sightings
from ordi.machines.journal import history, verify
from ordi.machines.lifecycle import Note, State
from ordi.machines.machine import Machine
from ordi.parties.people import Person
from tests.bench.benches import report
from tests.cast import PARTS, Cast, assemble
from tests.factories import a_machine
from tests.ground.databases import Databases
from tests.ground.server import free_port
from tests.ground.tiers import HOUSE
from web import create_app
from web.settings import Settings

pytestmark = pytest.mark.disks

SIZE = 24 << 20
SECRET = b"ORDI-PLANTED-FAMILY-PHOTOS"


@dataclass
class Workshop:
    """A running server, its database, a machine received and kept, and agents started beside it."""

    app: Flask
    url: str
    sessions: Callable[[], Session]
    folder: Path
    tag: str
    agents: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def agent(self, disk: str, *, name: str = "bench", once: bool = True) -> subprocess.Popen[bytes]:
        """Start `ordi-agent wipe` on a test disk."""
        log = (self.folder / f"{name}.log").open("ab")
        process = subprocess.Popen(
            [sys.executable, "-m", "agent", "wipe", *(["--once"] if once else []), "--give-up-after", "120"],
            cwd=HOUSE,
            env=os.environ
            | {
                "ORDI_SERVER": self.url,
                "ORDI_AGENT_DIR": str(self.folder / name),
                "ORDI_TEST_DISKS": f"{disk}=TEST-{Path(disk).name}",
                "LANG": "C.UTF-8",
            },
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        self.agents.append(process)
        return process

    def said(self, name: str = "bench") -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    @contextmanager
    def looking(self) -> Iterator[tuple[Session, Machine, Cast]]:
        """A session on the server's database, its machine, and the cast."""
        with self.sessions() as session:
            machine = session.scalars(select(Machine).where(Machine.tag == self.tag)).one()
            yield session, machine, _people(session)

    def until(self, holds: Callable[[Session, Machine], Any], seconds: float = 60) -> Any:
        """Wait for something to be true of the server's database, and return it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with self.looking() as (session, machine, _):
                found = holds(session, machine)
                if found:
                    return found
            if self.agents and self.agents[-1].poll() not in (None, 0):
                break
            time.sleep(0.1)
        raise AssertionError(self.said())

    def adopted(self, who: str = "sam") -> str:
        """Wait for a new session and its inventory, and adopt it for the machine; returns the session's uuid."""

        def waiting(session: Session, _machine: Machine) -> BenchSession | None:
            return session.scalar(select(BenchSession).where(BenchSession.adopted_at.is_(None)))

        uuid: str = self.until(waiting).uuid
        with self.looking() as (session, machine, cast):
            bench = session.scalars(select(BenchSession).where(BenchSession.uuid == uuid)).one()
            adopt(session, bench, machine, bench.fingerprint, by=getattr(cast, who), at=datetime.now(UTC))
            settle(session, bench, at=datetime.now(UTC))
            session.commit()
        self.until(lambda session, machine: open_sightings(session, machine))
        return uuid

    def order(self, uuid: str, who: str = "sam", make: Callable[..., WipeJob] = order_wipe) -> str:
        """Order a wipe (or a check) of the machine's one drive."""
        with self.looking() as (session, machine, cast):
            bench = session.scalars(select(BenchSession).where(BenchSession.uuid == uuid)).one()
            drive = open_sightings(session, machine)[-1].drive
            job = make(session, bench, drive, by=getattr(cast, who), at=datetime.now(UTC))
            session.commit()
            return job.uuid


def _people(session: Session) -> Any:
    class People:
        def __getattr__(self, name: str) -> Any:
            return session.scalars(select(Person).where(Person.name == PARTS[name][0])).one()

    return People()


@pytest.fixture
def workshop(databases: Databases, tmp_path: Path) -> Iterator[Workshop]:
    url = databases.copy()
    engine = make_engine(url)
    sessions = make_sessions(engine)
    now = datetime.now(UTC)
    with sessions() as session:
        cast = assemble(session, now)
        tag = a_machine(session, cast, State.RECEIVED, at=now, triage="keep").tag
        session.commit()
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    app = create_app(
        Settings(data_dir=tmp_path, database_url=url, keys_dir=tmp_path / "keys", base_url=base, demonstration=True)
    )
    server = create_server(app, host="127.0.0.1", port=port, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    workshop = Workshop(app, base, sessions, tmp_path, tag)
    yield workshop
    for agent in workshop.agents:
        if agent.poll() is None:
            agent.kill()
            agent.wait(10)
    server.close()
    thread.join(10)
    engine.dispose()
    app.extensions["ordi-engine"].dispose()


LoopDisk = Callable[..., tuple[str, Path]]


def test_a_real_disk_is_wiped_and_proved_gone_from_outside(workshop: Workshop, loop_disk: LoopDisk) -> None:
    disk, backing = loop_disk(SIZE, SECRET)
    agent = workshop.agent(disk)
    job = workshop.order(workshop.adopted())
    assert agent.wait(90) == 0, workshop.said()
    with workshop.looking() as (session, machine, _):
        proof = session.scalars(select(Sanitisation).where(Sanitisation.job_uuid == job)).one()
        assert (proof.verdict, proof.reasons, proof.test) == ("PASS", "", True)
        assert machine.state == State.SANITISED
        assert session.scalars(select(Certificate)).one().payload["test"] is True
        assert list(verify(session)) == []
        key = session.scalars(select(WipeJob.key).where(WipeJob.uuid == job)).one()
    assert key
    assert SECRET not in backing.read_bytes()
    recheck = f"openssl enc -aes-256-ctr -K {key.hex()} -iv {'0' * 32} -nosalt -in /dev/zero 2>/dev/null | cmp -n {SIZE} - {backing}"
    assert subprocess.run(["bash", "-c", recheck], capture_output=True, timeout=60).returncode == 0


def test_a_second_person_checks_from_another_boot(workshop: Workshop, loop_disk: LoopDisk) -> None:
    disk, _ = loop_disk(SIZE, SECRET)
    agent = workshop.agent(disk)
    workshop.order(workshop.adopted())
    assert agent.wait(90) == 0, workshop.said()
    second = workshop.agent(disk, name="second-boot")
    workshop.order(workshop.adopted("lou"), "lou", order_check)
    assert second.wait(90) == 0, workshop.said("second-boot")
    with workshop.looking() as (session, machine, _):
        proof = session.scalars(select(Sanitisation)).one()
        (check,) = checks_of(session, proof)
        assert check.sectors == check.matched
        assert open_sightings(session, machine)[0].drive.standing == Standing.SANITISED
        latest = session.scalars(select(Certificate).where(Certificate.superseded_by_id.is_(None))).one()
        assert latest.payload["sanitisation"]["assurance"] == "counter_checked"
        assert latest.payload["sanitisation"]["key_published"]


def test_bytes_changed_after_the_wipe_are_found_by_the_second_person(workshop: Workshop, loop_disk: LoopDisk) -> None:
    disk, backing = loop_disk(SIZE, SECRET)
    agent = workshop.agent(disk)
    workshop.order(workshop.adopted())
    assert agent.wait(90) == 0, workshop.said()
    with backing.open("r+b") as file:
        file.write(SECRET)
    with Path(disk).open("rb") as device:
        os.fsync(device.fileno())
    second = workshop.agent(disk, name="second-boot")
    workshop.order(workshop.adopted("lou"), "lou", order_check)
    second.wait(90)
    with workshop.looking() as (session, machine, _):
        assert open_sightings(session, machine)[0].drive.standing == Standing.HOLDS_DATA
        assert machine.state == State.RECEIVED


def test_a_wipe_stopped_from_its_page_ends_as_a_recorded_outcome(workshop: Workshop, loop_disk: LoopDisk) -> None:
    disk, _ = loop_disk(256 << 20, SECRET)
    agent = workshop.agent(disk)
    job = workshop.order(workshop.adopted())
    workshop.until(
        lambda session, _: session.scalar(
            select(WipeJob).where(
                WipeJob.uuid == job, WipeJob.phase.in_((Phase.CONFIRMED, Phase.WRITING, Phase.READING))
            )
        )
    )
    with workshop.looking() as (session, _, cast):
        cancel(session, session.scalars(select(WipeJob)).one(), by=cast.sam, at=datetime.now(UTC))
        session.commit()
    assert agent.wait(90) == 1, workshop.said()
    with workshop.looking() as (session, machine, _cast):
        proof = session.scalars(select(Sanitisation).where(Sanitisation.job_uuid == job)).one()
        assert proof.verdict == "FAIL"
        assert "wipe-aborted" in proof.reasons.split()
        assert [event.action for event in history(session, machine)[-2:]] == [Note.WIPE_STOPPED, Note.WIPE_JUDGED]
        assert open_sightings(session, machine)[0].drive.standing == Standing.HOLDS_DATA
        assert list(verify(session)) == []


def test_a_killed_agent_leaves_a_drive_that_is_not_proved(workshop: Workshop, loop_disk: LoopDisk) -> None:
    disk, _ = loop_disk(256 << 20, SECRET)
    agent = workshop.agent(disk)
    job = workshop.order(workshop.adopted())
    workshop.until(
        lambda session, _: session.scalar(
            select(WipeJob).where(WipeJob.uuid == job, WipeJob.phase.in_((Phase.WRITING, Phase.READING)))
        )
    )
    agent.send_signal(signal.SIGKILL)
    agent.wait(10)
    with workshop.looking() as (session, machine, _):
        assert session.scalars(select(Sanitisation)).all() == []
        assert open_sightings(session, machine)[0].drive.standing == Standing.HOLDS_DATA
        assert machine.state == State.RECEIVED


def test_a_pulled_network_delays_the_report_and_loses_nothing(workshop: Workshop, loop_disk: LoopDisk) -> None:
    disk, _ = loop_disk(SIZE, SECRET)
    agent = workshop.agent(disk)
    uuid = workshop.adopted()
    broken = threading.Event()
    broken.set()
    inner = workshop.app.wsgi_app

    def pulled(environ: dict[str, Any], start: Any) -> Any:
        if broken.is_set() and environ["PATH_INFO"].startswith(("/api/v1/sanitisations", "/api/v1/jobs/")):
            start("503 Service Unavailable", [("Content-Length", "0"), ("Retry-After", "1")])
            return [b""]
        return inner(environ, start)

    workshop.app.wsgi_app = pulled  # type: ignore[method-assign]
    job = workshop.order(uuid)
    time.sleep(5)
    with workshop.looking() as (session, _, _cast):
        assert session.scalars(select(WipeCommit)).all() == []
    broken.clear()
    assert agent.wait(90) == 0, workshop.said()
    with workshop.looking() as (session, _, _cast):
        assert session.scalars(select(Sanitisation.verdict).where(Sanitisation.job_uuid == job)).one() == "PASS"


def test_a_report_typed_by_hand_proves_nothing(workshop: Workshop, loop_disk: LoopDisk) -> None:
    """A technician with a shell: a signed, well-formed, all-is-well report for a job that was never done."""

    disk, _ = loop_disk(SIZE, SECRET)
    workshop.agent(disk, once=False)
    uuid = workshop.adopted()
    job = workshop.order(uuid)
    with workshop.looking() as (session, _, _cast):
        told = report(session.scalars(select(WipeJob).where(WipeJob.uuid == job)).one())
    signer = Signer(Ed25519PrivateKey.generate(), DurableCounter(workshop.folder / "forged"))
    body = json.dumps(told | {"uuid": str(uuid4())}).encode()
    address = f"{workshop.url}/api/v1/sanitisations"
    request = urllib.request.Request(address, body, signer.headers("POST", address, body), method="POST")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    assert refused.value.code in (401, 403, 409)
    assert json.load(refused.value)["code"] == "signature-refused"
