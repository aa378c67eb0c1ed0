"""A family asks for help with one press, without signing in and without a word about itself: a ticket for the workshop."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Select, String, select, text
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ordi.database import Base
from ordi.errors import Invalid, NotFound, SomeoneJustDidThis
from ordi.fleet.enrolment import IN_USE
from ordi.machines.journal import lock, record
from ordi.machines.lifecycle import Note
from ordi.machines.machine import Machine, machines_seen_by
from ordi.parties.access import require
from ordi.parties.people import Person


class Trouble(StrEnum):
    """What is wrong, as pictograms say it."""

    NO_POWER = "no_power"
    SLOW = "slow"
    NO_INTERNET = "no_internet"
    NO_SOUND = "no_sound"
    BLACK_SCREEN = "black_screen"
    CALL_ME = "call_me"


class HelpRequest(Base):
    """One ticket. One of a kind is open at a time for a machine, so that pressing again is not asking again."""

    __tablename__ = "help_requests"
    __table_args__ = (
        Index(
            "uq_help_requests_open",
            "machine_id",
            "trouble",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machines.id"))
    trouble: Mapped[str] = mapped_column(String(16))
    asked_at: Mapped[datetime]
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    taken_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    closed_at: Mapped[datetime | None]

    machine: Mapped[Machine] = relationship()
    taken_by: Mapped[Person | None] = relationship(foreign_keys=[taken_by_id])


def ask(session: Session, machine: Machine, trouble: str, *, at: datetime) -> HelpRequest:
    """Open a ticket; the same trouble again is the same ticket. Raises `Invalid`, `NotFound` once it is back."""
    if trouble not in {str(one) for one in Trouble}:
        raise Invalid(field="trouble", why="unknown")
    lock(session, machine)
    if machine.state not in IN_USE:
        raise NotFound(leaflet="unknown")
    known = session.scalar(
        select(HelpRequest).where(
            HelpRequest.machine_id == machine.id, HelpRequest.trouble == trouble, HelpRequest.closed_at.is_(None)
        )
    )
    if known is not None:
        return known
    ticket = HelpRequest(machine=machine, trouble=trouble, asked_at=at)
    session.add(ticket)
    session.flush()
    record(session, machine, Note.HELP_ASKED, by=None, at=at, trouble=trouble)
    return ticket


def take(session: Session, ticket: HelpRequest, *, by: Person, at: datetime) -> None:
    """Somebody sees to it. Raises `NotAllowed`, `SomeoneJustDidThis`."""
    _require(ticket, by, at)
    session.refresh(ticket, with_for_update={"of": HelpRequest})
    if ticket.taken_at is not None or ticket.closed_at is not None:
        raise SomeoneJustDidThis(tag=ticket.machine.tag)
    ticket.taken_by, ticket.taken_at = by, at
    session.flush()


def close(session: Session, ticket: HelpRequest, *, by: Person, at: datetime) -> None:
    """It works again. Raises `NotAllowed`, `SomeoneJustDidThis`."""
    _require(ticket, by, at)
    session.refresh(ticket, with_for_update={"of": HelpRequest})
    if ticket.closed_at is not None:
        raise SomeoneJustDidThis(tag=ticket.machine.tag)
    ticket.closed_by_id, ticket.closed_at = by.id, at
    session.flush()


def close_all(session: Session, machine: Machine, *, at: datetime) -> int:
    """Close what was asked for a machine that is no longer with who asked; how many."""
    lock(session, machine)
    asked = select(HelpRequest).where(HelpRequest.machine_id == machine.id, HelpRequest.closed_at.is_(None))
    tickets = session.scalars(asked.with_for_update(of=HelpRequest)).all()
    for ticket in tickets:
        ticket.closed_at = at
    session.flush()
    return len(tickets)


def tickets_seen_by(reader: Person, *, at: datetime) -> Select[HelpRequest]:
    """The open tickets of the machines `reader` may help with, oldest first."""
    within = machines_seen_by(reader, "fleet.help", at=at).with_only_columns(Machine.id)
    return (
        select(HelpRequest)
        .where(HelpRequest.closed_at.is_(None), HelpRequest.machine_id.in_(within))
        .options(
            joinedload(HelpRequest.machine).joinedload(Machine.partner),
            joinedload(HelpRequest.taken_by).lazyload(Person.memberships),
        )
        .order_by(HelpRequest.asked_at)
    )


def _require(ticket: HelpRequest, by: Person, at: datetime) -> None:
    """The workshop that keeps the machine, or the partner organisation it is out with."""
    machine = ticket.machine
    place = machine.partner if machine.partner and not _of_workshop(by, machine, at) else machine.workshop
    require(by, "fleet.help", place, at=at)


def _of_workshop(by: Person, machine: Machine, at: datetime) -> bool:
    return any(held.organisation.holds(machine.workshop) for held in by.current(at))
