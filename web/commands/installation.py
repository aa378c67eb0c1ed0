"""What commands stand on: the settings, a database session, the keys, the hour."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click
from sqlalchemy import select
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from ordi.database import make_engine, make_sessions
from ordi.errors import Refused
from ordi.keys import KeyRing
from ordi.parties.organisations import Kind, Organisation
from web.settings import Settings


def settings() -> Settings:
    """The settings of this installation."""
    return Settings.from_environment()


def now() -> datetime:
    """A command is an edge: it reads the clock itself."""
    return datetime.now(UTC)


@contextmanager
def database() -> Iterator[Session]:
    """A session; the command commits. Refusals and a missing database become one line for people."""
    engine = make_engine(settings().database_url)
    try:
        with make_sessions(engine)() as session:
            yield session
    except Refused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    except (OperationalError, ProgrammingError) as error:
        raise click.ClickException(
            f"{error.orig}\nIs the database there? Try `ordi upgrade`, then `ordi doctor`."
        ) from error
    finally:
        engine.dispose()


def ring(*, create: bool = True) -> KeyRing:
    """The keys of this installation."""
    try:
        return KeyRing.open(settings().keys_dir, at=now(), create=create)
    except Refused as refusal:
        raise click.ClickException(str(refusal)) from refusal


def organisation_named(session: Session, name: str) -> Organisation:
    """The organisation with this number, name, or `network`."""
    query = select(Organisation)
    if name == Kind.NETWORK:
        query = query.where(Organisation.kind == Kind.NETWORK)
    elif name.isdecimal():
        query = query.where(Organisation.id == int(name))
    else:
        query = query.where(Organisation.name == name)
    found = list(session.scalars(query.limit(2)))
    if len(found) != 1:
        why = "no organisation" if not found else "several organisations"
        raise click.ClickException(f"{why} called {name!r}: `ordi organisation list` shows them with their numbers")
    return found[0]
