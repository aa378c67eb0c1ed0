"""What is short: machines that wait, the least a workshop keeps of a kind, and who in the pole could lend some."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, contains_eager, joinedload, mapped_column, relationship

from ordi.bench.bins import Bin, Part, Stock
from ordi.bench.holding import HOLDABLE, AlreadyHeld, Hold, hold
from ordi.bench.part_kinds import PartKind, serves
from ordi.bench.waits import PartWait, waits_of
from ordi.database import Base
from ordi.errors import Invalid
from ordi.machines.journal import WrongState, lock, record
from ordi.machines.lifecycle import Note
from ordi.machines.machine import Machine
from ordi.parties.access import require
from ordi.parties.organisations import Kind, Organisation, pole_of
from ordi.parties.people import Person

MOST = 500
"""The greatest least."""

PAGE = 60
"""Machines that wait, on one page."""


class PartMinimum(Base):
    """The least a workshop wants to have of a kind."""

    __tablename__ = "part_minimums"
    __table_args__ = (UniqueConstraint("workshop_id", "kind_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    kind_id: Mapped[int] = mapped_column(ForeignKey("part_kinds.id"))
    least: Mapped[int]

    kind: Mapped[PartKind] = relationship()


@dataclass(frozen=True)
class Lying:
    """How many of a kind lie in one bin."""

    bin: Bin
    kind: PartKind
    count: int


@dataclass
class Wanted:
    """One kind that is short: how many machines wait, what is kept at least, what there is, and what is missing."""

    kind: PartKind
    waiting: int = 0
    least: int = 0
    stocked: int = 0
    elsewhere: list[tuple[Organisation, int]] = field(default_factory=list)
    """Other workshops of the pole that have some, the fullest first."""

    @property
    def missing(self) -> int:
        """How many to buy or ask for, beyond what machines wait for and the least."""
        return max(0, self.waiting + self.least - self.stocked)


def wait_for(session: Session, machine: Machine, kind: PartKind, *, by: Person, at: datetime) -> PartWait:
    """Say which part a machine waits for; it is put aside until the part comes. Twice the same is one.

    Raises `NotAllowed`, `WrongState`, `AlreadyHeld` when it waits for something else than a part.
    """
    require(by, "parts.work", machine.workshop, at=at)
    lock(session, machine)
    if machine.state not in HOLDABLE:
        raise WrongState(action=Note.PART_AWAITED, state=machine.state, tag=machine.tag)
    if machine.held_for not in ("", Hold.PART):
        raise AlreadyHeld(tag=machine.tag, reason=machine.held_for)
    known = next((wait for wait in waits_of(session, machine) if wait.kind_id == kind.id), None)
    if known is not None:
        return known
    if not machine.held_for:
        hold(session, machine, Hold.PART, by=by, at=at)
    wait = PartWait(machine=machine, kind=kind, since=at, by_id=by.id, ended_at=None, ended="")
    session.add(wait)
    session.flush()
    record(session, machine, Note.PART_AWAITED, by=by, at=at, part=kind.named)
    return wait


def set_minimum(
    session: Session, workshop: Organisation, kind: PartKind, least: int, *, by: Person, at: datetime
) -> None:
    """Say how many of a kind a workshop keeps at least; none: it keeps what comes. Raises `NotAllowed`, `Invalid`."""
    require(by, "parts.plan", workshop, at=at)
    if not 0 <= least <= MOST:
        raise Invalid(field="least", why="out-of-range", least=0, most=MOST)
    wanted = select(PartMinimum).where(PartMinimum.workshop_id == workshop.id, PartMinimum.kind_id == kind.id)
    found = session.scalar(wanted.with_for_update())
    if found is None:
        found = PartMinimum(workshop_id=workshop.id, kind=kind, least=least)
        session.add(found)
    found.least = least
    session.flush()


def least_of(session: Session, workshop: Organisation, kind: PartKind) -> int:
    """How many of a kind a workshop keeps at least."""
    known = select(PartMinimum.least).where(PartMinimum.workshop_id == workshop.id, PartMinimum.kind_id == kind.id)
    return session.scalar(known) or 0


def waiting_in(session: Session, workshop: Organisation, *, after: int = 0, limit: int = PAGE) -> list[PartWait]:
    """The machines of a workshop that wait for a part, longest first, after a wait's number: one page, one query."""
    query = (
        select(PartWait)
        .join(PartWait.machine)
        .where(PartWait.ended_at.is_(None), Machine.workshop_id == workshop.id, PartWait.id > after)
        .options(contains_eager(PartWait.machine), joinedload(PartWait.kind))
        .order_by(PartWait.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def lying(session: Session, workshops: Sequence[Organisation]) -> list[Lying]:
    """Everything that lies in the bins of some workshops, kind by kind: two queries, the fullest bin first."""
    rooms = [one.id for one in workshops]
    counted = (
        select(Stock)
        .join(Stock.bin)
        .where(Bin.workshop_id.in_(rooms), Stock.count > 0)
        .options(contains_eager(Stock.bin), joinedload(Stock.kind))
        .order_by(Stock.id)
    )
    found = {(one.bin_id, one.kind_id): Lying(one.bin, one.kind, one.count) for one in session.scalars(counted)}
    followed = (
        select(Bin, PartKind, func.count(Part.id))
        .join(Part, Part.bin_id == Bin.id)
        .join(PartKind, PartKind.id == Part.kind_id)
        .where(Bin.workshop_id.in_(rooms))
        .group_by(Bin.id, PartKind.id)
        .order_by(Bin.id, PartKind.id)
    )
    for box, kind, count in session.execute(followed).tuples():
        before = found.get((box.id, kind.id))
        found[box.id, kind.id] = Lying(box, kind, count + (before.count if before else 0))
    return sorted(found.values(), key=lambda one: (-one.count, one.bin.id, one.kind.id))


def proposals(waits: Sequence[PartWait], here: Sequence[Lying]) -> dict[int, Lying]:
    """For each wait, the bin that has such a part: the exact kind first. Where two wait for the last one, the first in line has it."""
    left = {(one.bin.id, one.kind.id): one.count for one in here}
    found: dict[int, Lying] = {}
    for wait in waits:
        fitting = [one for one in here if serves(one.kind, wait.kind) and left[one.bin.id, one.kind.id] > 0]
        if fitting:
            best = min(fitting, key=lambda one: one.kind.id != wait.kind_id)
            left[best.bin.id, best.kind.id] -= 1
            found[wait.id] = best
    return found


def awaited(session: Session, workshop: Organisation, kind: PartKind) -> list[PartWait]:
    """The machines of a workshop that such a part would serve, longest waiting first: proposed as soon as one comes in."""
    return [wait for wait in waiting_in(session, workshop, limit=MOST) if serves(kind, wait.kind)]


def wanted(session: Session, workshop: Organisation) -> list[Wanted]:
    """What a workshop has to buy or ask for, and what it keeps a least of: five queries, the shortest first."""
    told: dict[int, Wanted] = {}
    counted = (
        select(PartKind, func.count(PartWait.id))
        .join(PartWait, PartWait.kind_id == PartKind.id)
        .join(Machine, Machine.id == PartWait.machine_id)
        .where(PartWait.ended_at.is_(None), Machine.workshop_id == workshop.id)
        .group_by(PartKind.id)
    )
    for kind, count in session.execute(counted).tuples():
        told.setdefault(kind.id, Wanted(kind)).waiting = count
    least = select(PartMinimum).where(PartMinimum.workshop_id == workshop.id, PartMinimum.least > 0)
    for one in session.scalars(least.options(joinedload(PartMinimum.kind))):
        told.setdefault(one.kind_id, Wanted(one.kind)).least = one.least
    pole = pole_of(workshop)
    rooms = select(Organisation).where(
        Organisation.kind == Kind.WORKSHOP, Organisation.path.startswith(pole.path, autoescape=True)
    )
    by_id = {room.id: room for room in session.scalars(rooms.order_by(Organisation.name))}
    others: dict[tuple[int, int], int] = {}
    for heap in lying(session, list(by_id.values())):
        for short in told.values():
            if not serves(heap.kind, short.kind):
                continue
            if heap.bin.workshop_id == workshop.id:
                short.stocked += heap.count
            else:
                key = (short.kind.id, heap.bin.workshop_id)
                others[key] = others.get(key, 0) + heap.count
    for (kind_id, room), count in sorted(others.items(), key=lambda item: (-item[1], item[0])):
        told[kind_id].elsewhere.append((by_id[room], count))
    return sorted(told.values(), key=lambda one: (-one.missing, -one.waiting, one.kind.family, one.kind.id))
