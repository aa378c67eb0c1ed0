"""The repair café: anything may come, with a label or without, without an appointment. A machine of ours keeps its data.

A repair changes custody alone: the machine stays handed over to the very household it was given to. So no step of the
lifecycle can take it to anybody else, and the only ways out are back to that household, or a take-back and a wipe.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Select, String, or_, select, text
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ordi.database import Base
from ordi.errors import Invalid, NotFound, Refused
from ordi.machines.custody import Holder, transfer
from ordi.machines.journal import lock
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.papers import next_number, year_of
from ordi.parties.access import grounds, may, require
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person
from ordi.sharing.allocation import NotAllocated, current_for
from ordi.sharing.promises import Allocation
from ordi.sharing.signatures import redrawn
from ordi.sharing.telling import Telling, tell


class Brought(StrEnum):
    """What is brought."""

    LAPTOP = "laptop"
    DESKTOP = "desktop"
    TABLET = "tablet"
    PHONE = "phone"
    PRINTER = "printer"
    OTHER = "other"


class Fault(StrEnum):
    """What is wrong with it."""

    NO_POWER = "no_power"
    SLOW = "slow"
    SCREEN = "screen"
    BATTERY = "battery"
    INTERNET = "internet"
    SOUND = "sound"
    OTHER = "other"


class RepairOutcome(StrEnum):
    """How it ended."""

    MENDED = "mended"
    AS_IT_CAME = "as_it_came"
    EXCHANGED = "exchanged"
    """Taken back for good: its drives are wiped, and the family gets another."""


class InRepair(Refused):
    """It is at the bench already."""

    code = "in-repair"


class NotInRepair(Refused):
    """It was given back, or exchanged."""

    code = "not-in-repair"


class NotOut(Refused):
    """Only a machine that is with a family is repaired with its data in it."""

    code = "not-out"


class Repair(Base):
    """One visit to the repair café. It names nobody: who brought it has the slip with its number."""

    __tablename__ = "repairs"
    __table_args__ = (
        Index(
            "uq_repairs_open",
            "machine_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_repairs_place_ended", "place_id", "ended_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    """`AR-2026-0007`: on the slip."""
    place_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    machine_id: Mapped[int | None] = mapped_column(ForeignKey("machines.id"))
    allocation_id: Mapped[int | None] = mapped_column(ForeignKey("allocations.id"))
    """To whom it goes back: nobody else."""
    brought: Mapped[str] = mapped_column(String(12))
    fault: Mapped[str] = mapped_column(String(12))
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    mended_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(12), default="")
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))

    place: Mapped[Organisation] = relationship()
    machine: Mapped[Machine | None] = relationship()
    allocation: Mapped[Allocation | None] = relationship()


def bring_in(session: Session, machine: Machine, fault: str, *, by: Person, at: datetime) -> Repair:
    """A machine of ours comes to a bench with its family's data. Raises `NotAllowed`, `Invalid`, `NotOut`, `InRepair`."""
    place = machine.workshop
    if machine.partner is not None and not may(by, "sharing.repair", place, at=at):
        place = machine.partner  # a repair café at the family's own structure
    require(by, "sharing.repair", place, at=at)
    _known(Fault, fault, "fault")
    lock(session, machine)
    allocation = current_for(session, machine)
    if machine.state != State.HANDED_OVER or allocation is None or allocation.handed_over_at is None:
        raise NotOut(tag=machine.tag)
    if repair_of(session, machine) is not None:
        raise InRepair(tag=machine.tag)
    kind = machine.form if machine.form in set(Brought) else Brought.OTHER
    made = _made(session, place, kind, fault, by=by, at=at)
    made.machine, made.allocation = machine, allocation
    transfer(session, machine, Holder.WORKSHOP, place, by=by, at=at)
    session.flush()
    return made


def bring_unlabelled(
    session: Session, place: Organisation, brought: str, fault: str, *, by: Person, at: datetime
) -> Repair:
    """Something without a label of ours: it has a slip, and nothing is known of its owner. Raises `NotAllowed`, `Invalid`."""
    require(by, "sharing.repair", place, at=at)
    _known(Brought, brought, "brought")
    _known(Fault, fault, "fault")
    made = _made(session, place, brought, fault, by=by, at=at)
    session.flush()
    return made


def mended(session: Session, repair: Repair, *, by: Person, at: datetime) -> None:
    """It works again; the family is told. Raises `NotAllowed`, `NotInRepair`."""
    _open(session, repair, by, at)
    if repair.mended_at is None:
        repair.mended_at = at
        if repair.allocation is not None:
            facts: dict[str, object] = {"place": repair.place_id}
            about = f"repair:{repair.id}"
            tell(session, repair.allocation.request, Telling.REPAIRED, facts, about=about, once=repair.code, at=at)
    session.flush()


def give_back(session: Session, repair: Repair, signature_png: bytes | None, *, by: Person, at: datetime) -> None:
    """Back to who brought it: a machine of ours to the same household, signed.

    Raises `NotAllowed`, `NotInRepair`, `SignatureUnusable`, `NotAllocated` when the household it came from has it no more.
    """
    _open(session, repair, by, at)
    if repair.machine is not None:
        machine, allocation = repair.machine, repair.allocation
        now_out = current_for(session, machine)
        same = allocation is not None and now_out is not None and now_out.id == allocation.id
        if not same or allocation is None or machine.state != State.HANDED_OVER:
            raise NotAllocated(tag=machine.tag)
        signature = redrawn(signature_png or b"")
        holder = Holder.PARTNER if allocation.request.household_id is None else Holder.HOUSEHOLD
        transfer(session, machine, holder, allocation.request.partner, by=by, at=at, signature=signature)
    _end(session, repair, RepairOutcome.MENDED if repair.mended_at else RepairOutcome.AS_IT_CAME, by=by, at=at)


def end_with_take_back(session: Session, machine: Machine, *, by: Person, at: datetime) -> None:
    """The machine is taken back for good: its repair ends with it."""
    found = repair_of(session, machine)
    if found is not None:
        _end(session, found, RepairOutcome.EXCHANGED, by=by, at=at)


def repair_of(session: Session, machine: Machine) -> Repair | None:
    """The open repair of a machine."""
    return session.scalar(select(Repair).where(Repair.machine_id == machine.id, Repair.ended_at.is_(None)))


def repairs_seen_by(reader: Person, *, at: datetime) -> Select[Repair]:
    """The repairs of the places where `reader` repairs."""
    within = [
        Organisation.path.startswith(held.organisation.path, autoescape=True)
        for held in grounds(reader, "sharing.repair", at)
    ]
    places = select(Organisation.id).where(or_(*within) if within else Organisation.id.is_(None))
    told = (joinedload(Repair.machine), joinedload(Repair.place))
    return select(Repair).where(Repair.place_id.in_(places)).options(*told)


def seen_repair(session: Session, reader: Person, code: str, *, at: datetime) -> Repair:
    """The repair of a slip. Raises `NotFound` alike for none and not yours."""
    found = session.scalar(repairs_seen_by(reader, at=at).where(Repair.code == code.upper()[:16]))
    if found is None:
        raise NotFound(repair=code[:16])
    return found


def _made(session: Session, place: Organisation, brought: str, fault: str, *, by: Person, at: datetime) -> Repair:
    year = year_of(at)
    code = f"AR-{year}-{next_number(session, 'repair', year):04d}"
    made = Repair(code=code, place=place, brought=brought, fault=fault, by_id=by.id, at=at)
    session.add(made)
    return made


def _open(session: Session, repair: Repair, by: Person, at: datetime) -> None:
    require(by, "sharing.repair", repair.place, at=at)
    if repair.machine is not None:
        lock(session, repair.machine)  # before the repair, as a take-back does
    session.refresh(repair, with_for_update={"of": Repair})
    if repair.ended_at is not None:
        raise NotInRepair(repair=repair.code)


def _end(session: Session, repair: Repair, outcome: RepairOutcome, *, by: Person, at: datetime) -> None:
    repair.outcome, repair.ended_at, repair.ended_by_id = outcome, at, by.id
    session.flush()


def _known(kind: type[StrEnum], said: str, field: str) -> None:
    if said not in {str(one) for one in kind}:
        raise Invalid(field=field, why="unknown")
