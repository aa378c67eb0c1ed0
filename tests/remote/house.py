"""A running server with its database and a machine received and kept, real pages signed in to, for tests that leave the server."""

from __future__ import annotations

import re
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

from ordi.bench.remote_starts import RemoteStart, latest_start
from ordi.database import make_engine, make_sessions
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.parties.people import Person
from tests.cast import PARTS, assemble
from tests.factories import a_machine
from tests.ground.databases import Databases
from tests.ground.openssh import OpenSsh
from tests.ground.server import free_port
from tests.ground.spaces import Spaced
from tests.web.conftest import form_to
from web import create_app
from web.settings import Settings
from web.sign_in import sessions as sign_in


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
            browser = TestApp(Spaced(self.app), extra_environ={"HTTP_ACCEPT_LANGUAGE": "fr", "HTTP_HOST": self.host})
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
    server.close()
    thread.join(10)
    engine.dispose()
    app.extensions["ordi-engine"].dispose()
