"""Appointments as rows: who comes when, and how it ended. The verbs are in `appointments`."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.database import Base
from ordi.messages.outbox import drop_about
from ordi.parties.organisations import Organisation
from ordi.sharing.promises import Allocation
from ordi.sharing.telling import Telling, tell


class Booking(StrEnum):
    """Where an appointment is."""

    BOOKED = "booked"
    KEPT = "kept"
    MISSED = "missed"
    CANCELLED = "cancelled"


class Appointment(Base):
    """Somebody comes for a machine at a moment. One open appointment for each promise."""

    __tablename__ = "appointments"
    __table_args__ = (
        Index("ix_appointments_place_begins", "place_id", "begins"),
        Index(
            "uq_appointments_open",
            "allocation_id",
            unique=True,
            sqlite_where=text("state = 'booked'"),
            postgresql_where=text("state = 'booked'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    """What a calendar knows it by."""
    allocation_id: Mapped[int] = mapped_column(ForeignKey("allocations.id"), index=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), index=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    begins: Mapped[datetime]
    minutes: Mapped[int]
    state: Mapped[str] = mapped_column(String(12), default=Booking.BOOKED)
    moves: Mapped[int] = mapped_column(default=0)
    second: Mapped[bool] = mapped_column(default=False)
    """Proposed after one that was missed: after this one a person calls."""
    booked_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    booked_at: Mapped[datetime]
    """Or moved."""
    reminded_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    allocation: Mapped[Allocation] = relationship()
    place: Mapped[Organisation] = relationship()

    @property
    def about(self) -> str:
        """What its messages are about."""
        return f"appointment:{self.id}"


def open_appointment(session: Session, allocation: Allocation) -> Appointment | None:
    """The appointment that is still to come for a promise."""
    return session.scalar(
        select(Appointment).where(Appointment.allocation_id == allocation.id, Appointment.state == Booking.BOOKED)
    )


def end_booking(session: Session, allocation: Allocation, state: Booking, *, at: datetime) -> None:
    """The promise was kept, or taken back: its appointment ends with it, and whoever would come in vain is told."""
    found = open_appointment(session, allocation)
    if found is None:
        return
    found.state, found.ended_at = state, at
    drop_about(session, found.about, at=at)
    session.flush()
    if state == Booking.CANCELLED and found.begins > at:
        say(session, found, Telling.CANCELLED, at=at)


def say(session: Session, one: Appointment, telling: Telling, *, at: datetime) -> None:
    """Tell the family of its appointment; of each moment once."""
    facts: dict[str, object] = {"begins": one.begins.isoformat(), "place": one.place_id}
    tell(session, one.allocation.request, telling, facts, about=one.about, once=f"{one.uid}:{one.moves}", at=at)
