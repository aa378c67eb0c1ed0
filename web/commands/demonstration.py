"""The demonstration network: invented people and computers, real rules."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.fleet.enrolment import Enrolment, prepare
from ordi.keys import KeyRing
from ordi.log.heads import PURPOSE
from ordi.log.sealing import seal
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.parties.organisations import Organisation
from ordi.parties.people import Membership, Person, Role
from web.commands.apart import in_a_process_of_its_own
from web.commands.installation import database, now, settings
from web.commands.places import bring_shipped
from web.commands.serving import bring_up, serve
from web.settings import DEMONSTRATION_MARK
from web.sign_in import second_factor, sessions

LONG_AGO = timedelta(days=4 * 365)
"""Since when the keys of a demonstration are in force: its certificates are of past years."""

BREATH = 0.15
"""Seconds between two gifts while pages are served: SQLite's writers look for the lock every 0.1 s at most."""

THIS_COMPUTER = "this-computer.token"
"""Where the one-time token of the computer this runs on waits for its agent (deploy/this-computer)."""


@click.command()
@click.option("--if-empty", is_flag=True, help="Do nothing when the database already holds something.")
@click.option("--and-go-on", is_flag=True, help="End when every page has something; the past follows meanwhile.")
@click.option("--and-serve", is_flag=True, help="Then serve it from this process, which is the worker too.")
@click.pass_context
def demo(context: click.Context, if_empty: bool, and_go_on: bool, and_serve: bool) -> None:
    """Bring the database to this version and fill it, when empty, with the demonstration network: one button a role."""
    _show(if_empty=if_empty, and_go_on=and_go_on)
    if and_serve:
        context.invoke(serve, threads=8, and_work=True)


def _show(*, if_empty: bool, and_go_on: bool) -> None:
    given, at = settings(), now()
    if not given.loopback:
        raise click.ClickException("a demonstration stays on this computer: unset ORDI_BASE_URL and ORDI_LISTEN")
    bring_up(given)
    with database() as session:
        if session.scalar(select(Organisation.id).limit(1)) is not None:
            if if_empty:
                _introduce(session, given.base_url)
                return
            raise click.ClickException("the database already holds something: a demonstration is built in an empty one")
        from ordi import demonstration  # only now: most starts find theirs built

        keys = KeyRing.open(given.keys_dir, at=at - LONG_AGO)
        parts = demonstration.growing(session, ring=keys, at=at)
        next(parts)
        bring_shipped(session, at=at)
        token = _this_computer(session, at)
        _give_telephones(session, keys, at)
        session.commit()
        given.data_dir.mkdir(parents=True, exist_ok=True)
        (given.data_dir / DEMONSTRATION_MARK).touch()
        _keep(given.data_dir / THIS_COMPUTER, token)
        if and_go_on:
            click.echo("The demonstration network is ready; its older gifts follow in a few seconds.")
            _introduce(session, given.base_url)
            in_a_process_of_its_own(session, lambda: _finish(session, parts, keys, pause=BREATH))
        else:
            _finish(session, parts, keys)
            click.echo("The demonstration network is ready.")
            _introduce(session, given.base_url)


def _give_telephones(session: Session, keys: KeyRing, at: datetime) -> None:
    """Who reads families' files has a second factor; the door of a demonstration says its code."""
    for person in session.scalars(select(Person).order_by(Person.id)):
        if sessions.reads_families(person, at):
            second_factor.prepare(session, person, sealer=keys.sealer(), at=at)
            second_factor.confirm(session, person, at=at)


def _finish(session: Session, parts: Iterator[None], keys: KeyRing, *, pause: float = 0) -> None:
    """Build what is left, a gift at a time with a pause (seconds) after each, then seal it all."""
    for _ in parts:
        session.commit()
        time.sleep(pause)
    while seal(session, keys.signing(PURPOSE, now()), at=now()):
        session.commit()
    session.rollback()


def _introduce(session: Session, base_url: str) -> None:
    """Say whom one may be at the door, one person a role."""
    shown: set[str] = set()
    click.echo(f"Sign in at {base_url}/sign-in with one button:")
    for held in session.scalars(select(Membership).order_by(Membership.id)):
        if held.role not in shown:
            shown.add(held.role)
            click.echo(f"  {held.role:<17} {held.person.name}, {held.organisation.name}")


def _this_computer(session: Session, at: datetime) -> str:
    """A token for the computer this runs on: it takes the place of one that a family has and that gives no news yet."""
    silent = session.scalars(
        select(Machine)
        .where(Machine.state == State.HANDED_OVER, Machine.id.not_in(select(Enrolment.machine_id)))
        .order_by(Machine.id)
    ).first()
    if silent is None:
        raise click.ClickException("the demonstration has no silent computer")
    hands = session.scalars(
        select(Membership)
        .where(Membership.organisation_id == silent.workshop_id, Membership.role == Role.TECHNICIAN)
        .order_by(Membership.id)
        .limit(1)
    )
    return prepare(session, silent, by=hands.one().person, at=at)


def _keep(path: Path, secret: str) -> None:
    """Write a secret for its owner alone."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret + "\n")
