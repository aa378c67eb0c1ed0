"""A machine that runs something already is started from its page: real pages, a real OpenSSH server, the real agent."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from waitress import create_server
from webtest import TestApp, TestResponse

from ordi.bench.hosts import BenchHost
from ordi.bench.jobs import Phase, WipeJob
from ordi.bench.remote_starts import RemoteStart, Step, latest_start
from ordi.bench.sessions import BenchSession
from ordi.database import make_engine, make_sessions
from ordi.machines.drive import Sanitisation
from ordi.machines.evidence import Evidence
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.parties.people import Person
from tests.cast import PARTS, assemble
from tests.factories import a_machine
from tests.ground.databases import Databases
from tests.ground.openssh import OpenSsh
from tests.ground.server import free_port
from tests.web.conftest import form_to
from web import create_app
from web.settings import Settings
from web.sign_in import sessions as sign_in

pytestmark = [pytest.mark.ssh, pytest.mark.disks]

SECRET = b"ORDI-PLANTED-FAMILY-PHOTOS"
SIZE = 24 << 20


@dataclass
class House:
    """A running server, its database and a machine received and kept."""

    app: Flask
    sessions: Callable[[], Session]
    tag: str
    folder: Path
    browsers: dict[str, TestApp] = field(default_factory=dict)

    def enter(self, name: str) -> TestApp:
        """This person's browser."""
        if name not in self.browsers:
            browser = TestApp(self.app, extra_environ={"HTTP_ACCEPT_LANGUAGE": "fr", "HTTP_HOST": self.host})
            with self.sessions() as session:
                person = session.scalars(select(Person).where(Person.name == PARTS[name][0])).one()
                token = sign_in.begin(session, person, at=datetime.now(UTC))
                session.commit()
            browser.get("/sign-in")
            serializer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
            for cookie in browser.cookiejar:
                cookie.value = serializer.dumps({"token": token})
            self.browsers[name] = browser
        return self.browsers[name]

    @property
    def host(self) -> str:
        return str(self.app.extensions["ordi-settings"].listen)

    @contextmanager
    def looking(self) -> Iterator[tuple[Session, Machine]]:
        """A session on the server's database, and its machine."""
        with self.sessions() as session:
            yield session, session.scalars(select(Machine).where(Machine.tag == self.tag)).one()

    def until(self, holds: Callable[[Session, Machine], object], seconds: float = 90) -> None:
        """Wait for something to be true of the server's database."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with self.looking() as (session, machine):
                if holds(session, machine):
                    return
            time.sleep(0.1)
        raise AssertionError("never")

    def add_host(self, ssh: OpenSsh, folder: Path, **other: str) -> TestResponse:
        """Lou writes down where machines are plugged in, and lets the workshop in there."""
        page = self.enter("lou").get("/bench-hosts")
        key = re.search(r"ssh-ed25519 [A-Za-z0-9+/=]+ ordi-\d+", page.text)
        assert key
        ssh.authorise(key[0])
        form = form_to(page, "/bench-hosts")
        told = {"name": "Établi 3", "address": "127.0.0.1", "port": str(ssh.port), "folder": str(folder)}
        for name, value in {**told, "host_key": f"{ssh.host_key} root@machine", **other}.items():
            form[name] = value
        return form.submit()

    def start(self, who: str = "sam") -> TestResponse:
        """Press the button on the machine's page."""
        page = self.enter(who).get(f"/machines/{self.tag}/remote")
        return form_to(page, "/remote").submit().follow()

    def ended(self) -> RemoteStart:
        """The last start, once it came to an end."""

        def over(session: Session, machine: Machine) -> bool:
            start = latest_start(session, machine)
            return start is not None and not start.under_way

        self.until(over)
        with self.looking() as (session, machine):
            start = latest_start(session, machine)
            assert start
            session.expunge_all()
            return start

    def page(self) -> str:
        """What the fragment of the page says now."""
        return str(self.enter("sam").get(f"/machines/{self.tag}/remote/progress").html.get_text(" ", strip=True))


@pytest.fixture
def house(databases: Databases, tmp_path: Path) -> Iterator[House]:
    url = databases.copy()
    engine = make_engine(url)
    sessions = make_sessions(engine)
    now = datetime.now(UTC)
    with sessions() as session:
        cast = assemble(session, now)
        tag = a_machine(session, cast, State.RECEIVED, at=now, triage="keep").tag
        session.commit()
    environment = {
        "ORDI_DATA_DIR": str(tmp_path / "data"),
        "ORDI_DATABASE_URL": url,
        "ORDI_LISTEN": f"127.0.0.1:{free_port()}",
        "ORDI_DEMONSTRATION": "1",
    }
    app = create_app(Settings.from_environment(environment))
    server = create_server(app, listen=environment["ORDI_LISTEN"], threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield House(app, sessions, tag, tmp_path)
    _end_agents(tmp_path)
    server.close()
    thread.join(10)
    engine.dispose()
    app.extensions["ordi-engine"].dispose()


def _agents(folder: Path) -> list[int]:
    """The agents that run from a folder of this test."""
    found = []
    for file in folder.rglob("work/pid"):
        words = file.read_text().split()
        line = Path(f"/proc/{words[0]}/cmdline") if words else None
        if line and line.exists() and str(folder).encode() in line.read_bytes():
            found.append(int(words[0]))
    return found


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
        again.step, again.session_uuid, again.reason = Step.FAILED, None, "dropped"  # as if it fell before the hello
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
