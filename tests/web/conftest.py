"""The face, on the database of the test: visitors click real links and send the forms that were rendered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Connection, event
from sqlalchemy.orm import Session
from webtest import TestApp, TestResponse

from ordi import legal_rules
from ordi.keys import KeyRing
from ordi.parties.people import Person
from tests.cast import LONG_AGO, Cast, assemble
from tests.ground.clock import NOW
from tests.ground.spaces import Spaced
from web import create_app
from web.settings import Settings
from web.sign_in import sessions

cast = pytest.fixture(lambda session, now: assemble(session, now))


class Ground:
    """What the application of every test stands on; each test puts its own database and hour there."""

    connection: Connection
    now: datetime = NOW

    def session(self, reads: bool) -> Session:
        """A session whose commits end with the test; one that only looks leaves the transaction as it is."""
        return Session(
            self.connection,
            join_transaction_mode="rollback_only" if reads else "create_savepoint",
            expire_on_commit=False,
        )


@pytest.fixture(scope="session")
def ground_of_app() -> Ground:
    """One for all tests of a worker."""
    return Ground()


@pytest.fixture(scope="session")
def application(ground_of_app: Ground, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application, made once."""
    folder: Path = tmp_path_factory.mktemp("web")
    settings = Settings(
        data_dir=folder,
        database_url="sqlite://",
        keys_dir=folder / "keys",
        base_url="http://localhost",
        listen="localhost:80",
        phone="02 61 91 04 17",
    )
    ring = KeyRing.open(folder / "keys", at=NOW - 2 * LONG_AGO)
    app = create_app(settings, sessions=ground_of_app.session, ring=ring)
    app.testing = True
    app.extensions["ordi-clock"] = lambda: ground_of_app.now
    app.extensions["ordi-errands"] = lambda _errand: None  # nobody is called from here
    return app


@pytest.fixture
def app(application: Flask, ground_of_app: Ground, session: Session, cast: Cast) -> Flask:
    """The application on this test's database, at this test's hour, with everyone in it."""
    legal_rules.ship(session)
    session.commit()
    ground_of_app.connection = session.connection()
    ground_of_app.now = NOW
    return application


@pytest.fixture
def later(ground_of_app: Ground) -> Callable[..., None]:
    """`later(minutes=31)`: time goes by."""

    def pass_by(**span: float) -> None:
        ground_of_app.now += timedelta(**span)

    return pass_by


@pytest.fixture
def visitor(app: Flask) -> TestApp:
    """Somebody with a browser, signed out."""
    return TestApp(Spaced(app), extra_environ={"REMOTE_ADDR": "192.0.2.7", "HTTP_ACCEPT_LANGUAGE": "fr"})


@pytest.fixture
def enter(app: Flask, session: Session) -> Callable[[Person], TestApp]:
    """`enter(cast.sam)`: Sam's browser, signed in."""

    def come(person: Person) -> TestApp:
        browser = TestApp(Spaced(app), extra_environ={"REMOTE_ADDR": "192.0.2.7", "HTTP_ACCEPT_LANGUAGE": "fr"})
        token = sessions.begin(session, person, at=app.extensions["ordi-clock"]())
        session.commit()
        browser.get("/sign-in")
        serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        for cookie in browser.cookiejar:
            cookie.value = serializer.dumps({"token": token})
        return browser

    return come


@pytest.fixture
def queries(ground_of_app: Ground, app: Flask) -> Callable[[], object]:
    """`with queries() as counted: …`: the statements sent meanwhile."""

    @contextmanager
    def count() -> Iterator[list[str]]:
        sent: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
                sent.append(statement)

        event.listen(ground_of_app.connection, "before_cursor_execute", note)
        try:
            yield sent
        finally:
            event.remove(ground_of_app.connection, "before_cursor_execute", note)

    return count


def form_to(page: TestResponse, ending: str):
    """The form of a page whose address ends like this."""
    return next(form for form in page.forms.values() if form.action.split("?")[0].endswith(ending))
