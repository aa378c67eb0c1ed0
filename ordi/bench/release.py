"""Release to stock: the gate's last door before families, and the shelf the machine stands on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
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


def shelves(session: Session, workshop: Organisation) -> dict[str, list[Machine]]:
    """The stock of a workshop, shelf by shelf: what is ready or promised to someone."""
    return shelves_of(session, [workshop])[workshop.id]


def shelves_of(session: Session, workshops: Sequence[Organisation]) -> dict[int, dict[str, list[Machine]]]:
    """The shelves of several workshops, by the workshop's id, in one query."""
    rooms = [workshop.id for workshop in workshops]
    query = (
        select(Machine)
        .where(Machine.workshop_id.in_(rooms), Machine.state.in_((State.READY, State.ALLOCATED)))
        .order_by(Machine.shelf, Machine.grade, Machine.id)
    )
    found: dict[int, dict[str, list[Machine]]] = {room: {} for room in rooms}
    for machine in session.scalars(query):
        found[machine.workshop_id].setdefault(machine.shelf, []).append(machine)
    return found


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
