"""Release to stock: the gate's last door before families, and the shelf the machine stands on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from ordi.errors import Invalid, Refused
from ordi.machines.gate import NEEDS
from ordi.machines.journal import lock, record
from ordi.machines.lifecycle import STEPS, Action, Note, State
from ordi.machines.machine import Machine
from ordi.parties.access import require
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person

_SHELF = re.compile(r"[A-Z0-9][A-Z0-9 ./-]{0,23}")


def release_to_stock(
    session: Session, machine: Machine, shelf: str, *, by: Person, at: datetime, happened_at: datetime | None = None
) -> None:
    """Put a machine in stock, on a shelf. Raises `Invalid`, `WrongState`, `NotAllowed`, or the first need that does not hold."""
    place = shelf_named(shelf)
    record(session, machine, Action.RELEASE_TO_STOCK, by=by, at=at, happened_at=happened_at, shelf=place)
    machine.shelf = place
    session.flush()


def shelve(
    session: Session, machine: Machine, shelf: str, *, by: Person, at: datetime, happened_at: datetime | None = None
) -> None:
    """Put a machine on another shelf. Raises `NotAllowed`, `Invalid`."""
    require(by, "bench.work", machine.workshop, at=at)
    lock(session, machine)
    before, machine.shelf = machine.shelf, shelf_named(shelf)
    session.flush()
    record(session, machine, Note.SHELVED, by=by, at=at, happened_at=happened_at, was=before, shelf=machine.shelf)


def in_the_way(session: Session, machine: Machine, action: Action = Action.RELEASE_TO_STOCK) -> list[Refused]:
    """Everything that keeps a machine from an action now, not only the first: what a person still has to do."""
    found: list[Refused] = []
    for need in STEPS[action].needs:
        try:
            NEEDS[need](session, machine)
        except Refused as refusal:
            found.append(refusal)
    return found


SHOWN = 120
"""Machines on one page of the shelves."""


def stock_page(
    session: Session, workshops: Sequence[Organisation], after: int | None = None, most: int = SHOWN
) -> tuple[list[Machine], int | None]:
    """The stock of these workshops, room by room and shelf by shelf, from behind the machine `after`; where the next page begins."""
    place = (Organisation.name, Organisation.id, Machine.shelf, Machine.id)
    query = (
        select(Machine)
        .join(Organisation, Organisation.id == Machine.workshop_id)
        .where(
            Machine.workshop_id.in_([room.id for room in workshops]), Machine.state.in_((State.READY, State.ALLOCATED))
        )
        .order_by(*place)
    )
    last = session.get(Machine, after) if after else None
    if last is not None and last.workshop_id in {room.id for room in workshops}:
        query = query.where(tuple_(*place) > tuple_(last.workshop.name, last.workshop_id, last.shelf, last.id))
    found = list(session.scalars(query.limit(most + 1)))
    return found[:most], found[most - 1].id if len(found) > most else None


def used_shelves(session: Session, workshop: Organisation, most: int = 8) -> list[str]:
    """The shelves of a workshop that got a machine last, the last first."""
    last = func.max(Machine.state_since)
    query = select(Machine.shelf).where(Machine.workshop_id == workshop.id, Machine.shelf != "")
    return list(session.scalars(query.group_by(Machine.shelf).order_by(last.desc(), Machine.shelf).limit(most)))


def shelf_named(text: str) -> str:
    """A shelf as it is written: `A2`, `B 12`. Raises `Invalid`."""
    name = " ".join(text.upper().split())
    if not _SHELF.fullmatch(name):
        raise Invalid(field="shelf", why="not-a-shelf")
    return name
