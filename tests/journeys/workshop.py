"""A real server with the cast in it, and people at phones before it: the ground of the journeys at the bench."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from ordi import legal_rules
from ordi.database import make_engine, make_sessions
from ordi.machines.journal import Event
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person
from tests.cast import Cast, assemble
from tests.factories import a_machine
from tests.ground.server import Server, run_ordi, serving, settings_for
from tests.ground.telephone import scan_and_type
from web.sign_in.accounts import open_account

PASSWORD = "la passerelle du canal en novembre"
PHONE = {"viewport": {"width": 360, "height": 740}}
PATIENT = 30_000


@dataclass
class Workshop:
    """The server, its database, who works there."""

    server: Server
    engine: Engine

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session of its own, committed at the end."""
        with make_sessions(self.engine)() as session:
            yield session
            session.commit()

    def machines(self, state: State, count: int, **details: Any) -> list[str]:
        """So many machines in this state; their tags."""
        with self.session() as session:
            cast = cast_of(session)
            return [a_machine(session, cast, state, at=datetime.now(UTC), **details).tag for _ in range(count)]

    def events(self, tag: str, *actions: str) -> list[Event]:
        """What happened to a machine."""
        with self.session() as session:
            return list(
                session.scalars(
                    select(Event)
                    .join(Machine, Machine.id == Event.machine_id)
                    .where(Machine.tag == tag, Event.action.in_(actions))
                    .order_by(Event.seq)
                )
            )

    def machine(self, tag: str) -> Machine:
        """A machine as it is now."""
        with self.session() as session:
            return session.scalars(select(Machine).where(Machine.tag == tag)).one()


def cast_of(session: Session) -> Cast:
    """The cast again, from the database."""
    people = {person.name: person for person in session.scalars(select(Person))}
    places = {place.name: place for place in session.scalars(select(Organisation))}
    told: dict[str, Any] = {"at": datetime.now(UTC)}
    told |= {"sam": people["Sam Petit"], "theo": people["Théo Garnier"], "ada": people["Ada Benali"]}
    told |= {"ines": people["Inès Moreau"], "kim": people["Kim Tran"], "lou": people["Lou Martin"]}
    told |= {
        "pole": places["Pôle des Deux-Rives"],
        "workshop": places["Atelier de la Gare"],
        "donor": places["Mutuelle du Doubs"],
    }
    told |= {"partner": places["CCAS de Planoise"]}
    cast = Cast.__new__(Cast)
    cast.__dict__.update(told)
    return cast


@contextmanager
def open_workshop(data: Path) -> Iterator[Workshop]:
    """A server on fresh data, with the cast and their passwords."""
    environment = settings_for(data)
    run_ordi(environment, "upgrade")
    engine = make_engine(environment["ORDI_DATABASE_URL"])
    with make_sessions(engine)() as session:
        cast = assemble(session, datetime.now(UTC))
        legal_rules.ship(session)
        for name in ("sam", "kim", "lou"):
            open_account(session, getattr(cast, name), name, PASSWORD, at=datetime.now(UTC))
        session.commit()
    with serving(data) as server:
        yield Workshop(server, engine)
    engine.dispose()


def enter(page: Page, url: str, username: str, then: str = "/bench/series") -> Page:
    """Sign in with a password, and with a telephone's code where it is asked."""
    page.goto(f"{url}/sign-in?next={then}")
    page.get_by_label("Nom d’utilisateur").fill(username)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Entrer").first.click()
    page.wait_for_url(lambda found: "/sign-in" not in found or "/sign-in/code" in found)
    if "/sign-in/code" in page.url:
        scan_and_type(page)
    return page


def open_series(page: Page, url: str) -> Page:
    """The page of series, once it has heard of the server or knows that it cannot, and its app is in place."""
    page.goto(f"{url}/bench/series")
    expect(page.locator("[data-series][data-ready]")).to_be_attached(timeout=PATIENT)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    return page


def begin(page: Page, verb: str, value: str = "") -> None:
    """Choose an action, and a shelf or a lot where it asks for one."""
    page.locator(f"[data-verb={verb}]").click()
    if value:
        page.locator("[data-which-list] button").filter(has_text=re.compile(re.escape(value))).first.click()
    expect(page.locator("[data-doing]")).to_be_visible()


def waits(page: Page, count: int) -> None:
    """So many acts wait on this phone, and it says so."""
    bar = page.locator("[data-bar]")
    expect(bar).to_have_attribute("data-count", str(count), timeout=PATIENT)
    if count:
        expect(bar).to_be_visible()


NewPage = Callable[..., Page]
