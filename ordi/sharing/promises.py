"""A promise: one machine kept for one request, from the coordinator's decision until it comes back."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Date, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ordi.database import Base
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.papers import Paper
from ordi.parties.people import Person
from ordi.sharing.requests import Request


class Ending(StrEnum):
    """Why an allocation is over."""

    RELEASED = "released"
    TAKEN_BACK = "taken_back"
    EXPIRED = "expired"
    """Nobody answered, was reminded, and did not answer again: the machine went back to stock, the rank stayed."""
    MACHINE_LEFT = "machine_left"
    """The machine was reopened or lost before it was handed over."""


class Allocation(Base):
    """A machine and a request, from the promise until the machine comes back."""

    __tablename__ = "allocations"
    __table_args__ = (
        Index(
            "uq_allocations_machine",
            "machine_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "uq_allocations_request",
            "request_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machines.id"))
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    kept_until: Mapped[date | None] = mapped_column(Date)
    """The last day the machine is kept for who does not answer: then somebody calls again, and the rank stays."""
    heard_at: Mapped[datetime | None]
    """When the family answered."""
    price_cents: Mapped[int | None]
    """What was promised to pay; nothing known: promised before prices were kept with promises."""
    handed_over_at: Mapped[datetime | None]
    handed_over_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    contract_ends: Mapped[date | None] = mapped_column(Date)
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("papers.id"))
    signed_on_paper: Mapped[date | None] = mapped_column(Date)
    """The day of the sheet, when the hand-over was signed with ink and typed in afterwards."""
    witness_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """Who saw it signed."""
    ended_at: Mapped[datetime | None]
    ending: Mapped[str] = mapped_column(String(12), default="")

    machine: Mapped[Machine] = relationship()
    request: Mapped[Request] = relationship()
    by: Mapped[Person] = relationship(foreign_keys=[by_id])
    handed_over_by: Mapped[Person | None] = relationship(foreign_keys=[handed_over_by_id])
    witness: Mapped[Person | None] = relationship(foreign_keys=[witness_id])
    paper: Mapped[Paper | None] = relationship()

    @property
    def about(self) -> str:
        """What messages about its silence are about."""
        return f"promise:{self.id}"

    @property
    def standing(self) -> bool:
        """Whether the promise still holds: the bench may have had to take the machine back."""
        return self.ended_at is None and self.machine.state in (State.ALLOCATED, State.HANDED_OVER)

    def to_call_back(self, on: date) -> bool:
        """Whether nobody answered within the days a machine is kept."""
        waits = self.handed_over_at is None and self.ended_at is None and self.heard_at is None
        return waits and self.kept_until is not None and on > self.kept_until
