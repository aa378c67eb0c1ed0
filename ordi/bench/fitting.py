"""A part goes into a machine, or along with it: written on both machines' histories where it is known which gave it.

Fitting says nothing of drives and opens no gate: what the part is tried with must be tried again, and a drive is no part.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ordi.bench.bins import Bin, Part, hold_bin
from ordi.bench.part_kinds import KIT, TRIED_BY, Family, PartKind
from ordi.bench.part_ledger import Way, how_many, lift, move
from ordi.bench.part_moves import open_case, same_workshop
from ordi.bench.place import AT_BENCH
from ordi.bench.waits import over
from ordi.errors import Invalid, Refused
from ordi.machines.checks import ask_again
from ordi.machines.journal import WrongState, lock, record
from ordi.machines.lifecycle import Note, State
from ordi.machines.machine import Machine
from ordi.parties.access import require
from ordi.parties.people import Person

GIVABLE = AT_BENCH | {State.READY, State.ALLOCATED}
"""Where something may be put along with it."""


class NotKit(Refused):
    """This kind of part is built in, not put along."""

    code = "part-not-kit"


class SameMachineTwice(Refused):
    """A part goes from one machine into another."""

    code = "part-same-machine"


def fit(
    session: Session,
    machine: Machine,
    box: Bin,
    kind: PartKind,
    *,
    count: int = 1,
    part: Part | None = None,
    by: Person,
    at: datetime,
) -> None:
    """Build parts of a bin into a machine on the bench; what waited for them waits no more, what they change is tried again.

    What is in stock is reopened first.

    Raises `NotAllowed`, `WrongState`, `Invalid`, `BinClosed`, `NotThatMany`.
    """
    giver = _giver(session, part)
    for one in sorted({machine, giver or machine}, key=lambda each: each.id):
        lock(session, one)
    _on_the_bench(session, machine, by, at)
    hold_bin(session, box, by=by, at=at)
    same_workshop(machine, box)
    lift(session, box, kind, count, part)
    if part is not None:
        part.machine_id = machine.id
    move(session, Way.FITTED, kind, count, out_of=box, part=part, machine=machine, by=by, at=at)
    tag = giver.tag if giver is not None else None
    record(session, machine, Note.PART_FITTED, by=by, at=at, part=kind.named, count=count, bin=box.tag, of=tag)
    if giver is not None and giver.id != machine.id:
        record(session, giver, Note.PART_PASSED_ON, by=by, at=at, part=kind.named, count=count, to=machine.tag)
    ask_again(session, machine, TRIED_BY[Family(kind.family)], by=by, at=at)
    over(session, machine, kind, by=by, at=at)


def pass_on(
    session: Session, giver: Machine, machine: Machine, kind: PartKind, *, count: int = 1, by: Person, at: datetime
) -> None:
    """Take parts out of one machine straight into another of the same workshop; both histories say so.

    Raises `NotAllowed`, `WrongState`, `Invalid`, `SameMachineTwice`.
    """
    if giver.id == machine.id:
        raise SameMachineTwice(tag=machine.tag)
    how_many(count, None)
    for one in sorted((giver, machine), key=lambda each: each.id):
        lock(session, one)
    open_case(session, giver, Note.PART_TAKEN, by=by, at=at)
    _on_the_bench(session, machine, by, at)
    if giver.workshop_id != machine.workshop_id:
        raise Invalid(field="tag", why="elsewhere")
    move(session, Way.TAKEN, kind, count, machine=giver, by=by, at=at)
    move(session, Way.FITTED, kind, count, machine=machine, by=by, at=at)
    record(session, giver, Note.PART_PASSED_ON, by=by, at=at, part=kind.named, count=count, to=machine.tag)
    record(session, machine, Note.PART_FITTED, by=by, at=at, part=kind.named, count=count, of=giver.tag)
    for one in (giver, machine):
        ask_again(session, one, TRIED_BY[Family(kind.family)], by=by, at=at)
    over(session, machine, kind, by=by, at=at)


def give_along(
    session: Session,
    machine: Machine,
    box: Bin,
    kind: PartKind,
    *,
    count: int = 1,
    part: Part | None = None,
    by: Person,
    at: datetime,
) -> None:
    """Put a charger, a screen or a cable along with a machine. Nothing inside changes, nothing is tried again.

    Raises `NotAllowed`, `WrongState`, `NotKit`, `Invalid`, `BinClosed`, `NotThatMany`.
    """
    require(by, "parts.work", machine.workshop, at=at)
    lock(session, machine)
    if machine.state not in GIVABLE:
        raise WrongState(action=Note.PART_GIVEN, state=machine.state, tag=machine.tag)
    if kind.family not in KIT:
        raise NotKit(tag=machine.tag)
    hold_bin(session, box, by=by, at=at)
    same_workshop(machine, box)
    lift(session, box, kind, count, part)
    if part is not None:
        part.machine_id = machine.id
    move(session, Way.GIVEN, kind, count, out_of=box, part=part, machine=machine, by=by, at=at)
    record(session, machine, Note.PART_GIVEN, by=by, at=at, part=kind.named, count=count, bin=box.tag)
    over(session, machine, kind, by=by, at=at)


def parts_in(session: Session, machine: Machine) -> list[Part]:
    """The parts followed one by one that are in a machine, or along with it."""
    query = select(Part).where(Part.machine_id == machine.id).options(joinedload(Part.kind))
    return list(session.scalars(query.order_by(Part.id)))


def _giver(session: Session, part: Part | None) -> Machine | None:
    """The machine a part followed by its serial came out of."""
    if part is None or part.came_from_id is None:
        return None
    return session.get(Machine, part.came_from_id)


def _on_the_bench(session: Session, machine: Machine, by: Person, at: datetime) -> None:
    require(by, "parts.work", machine.workshop, at=at)
    lock(session, machine)
    if machine.state not in AT_BENCH:
        raise WrongState(action=Note.PART_FITTED, state=machine.state, tag=machine.tag)
