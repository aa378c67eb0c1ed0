"""What machines told us, from the terminal: what waits, and reading it again once Ordi knows more."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.bench.rereading import Reread, reread
from ordi.machines.evidence import Evidence, known
from ordi.machines.hardware import plain
from web.commands.installation import database, now

AT_ONCE = 200


@click.group()
def evidence() -> None:
    """Reports of machines: kept as they came, read again when Ordi knows more."""


@evidence.command("list")
def evidence_list() -> None:
    """Every report without a machine: its number, when, format, and why."""
    with database() as session:
        for one in _batches(session, all=False):
            click.echo(
                f"{one.uuid}  {one.received_at:%Y-%m-%d %H:%M}  {plain(one.format, 24)}  {plain(_state(one), 80)}"
            )


@evidence.command("reparse")
@click.argument("uuids", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every report, also those that were understood.")
def evidence_reparse(uuids: tuple[str, ...], everything: bool) -> None:
    """Read stored reports again: those not understood, or UUIDS, or all.

    Nothing stored is changed: only what is made of it. What is understood now finds its machine as at its arrival.
    """
    counted = dict.fromkeys(Reread, 0)
    with _a_line_each(), database() as session:
        found = _named(session, uuids) if uuids else _batches(session, all=everything)
        for one in found:
            told = reread(session, one, at=now())
            session.commit()
            counted[told] += 1
            if uuids or told == Reread.UNREAD:
                click.echo(f"{one.uuid}  {told}" + (f": {plain(one.reason, 80)}" if one.reason else ""))
    click.echo(", ".join(f"{count} {told}" for told, count in counted.items() if count) or "nothing to read again")


@contextmanager
def _a_line_each() -> Iterator[None]:
    """A reader that fails is counted and named here: its own line in the log would say it twice."""
    log = logging.getLogger("ordi.bench.sifting")
    before = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(before)


def _named(session: Session, uuids: tuple[str, ...]) -> list[Evidence]:
    found = [known(session, uuid.strip().lower()) for uuid in uuids]
    for uuid, one in zip(uuids, found, strict=True):
        if one is None:
            raise click.ClickException(f"no report is {plain(uuid, 40)}")
    return [one for one in found if one is not None]


def _batches(session: Session, *, all: bool) -> Iterator[Evidence]:
    """Reports, oldest first, a few at a time: they may be many, and each is large."""
    last = 0
    while True:
        query = select(Evidence).where(Evidence.id > last)
        if not all:
            query = query.where(Evidence.machine_id.is_(None) | ~Evidence.parsed)
        some = session.scalars(query.order_by(Evidence.id).limit(AT_ONCE)).all()
        if not some:
            return
        last = some[-1].id
        yield from some
        session.expunge_all()


def _state(one: Evidence) -> str:
    return one.reason or one.recognised or "not understood"
