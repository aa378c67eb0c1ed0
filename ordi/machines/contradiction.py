"""A wipe that its own drive belies later (TRUST.md step 10): a counter of its whole life that only grows tells less than it did."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ColumnElement, ForeignKey, String, exists, or_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ordi.database import Base
from ordi.machines.audit import Audit
from ordi.machines.drive import CounterCheck, Sanitisation
from ordi.machines.machine import Machine


class FoundBy(StrEnum):
    """What read the lower number."""

    INVENTORY = "inventory"
    CHECK_IN = "check_in"


class LateContradiction(Base):
    """One wipe, and the number that belies it. Never changed, never deleted; a second one about the same wipe says nothing more."""

    __tablename__ = "late_contradictions"
    __table_args__ = (CheckConstraint("told < before", name="fell"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sanitisation_id: Mapped[int] = mapped_column(ForeignKey("sanitisations.id"), unique=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machines.id"), index=True)
    """The computer it was in when the lower number was read."""
    counter: Mapped[str] = mapped_column(String(24))
    """Which counter: the names of `ordi/bench/smart.py`."""
    before: Mapped[int] = mapped_column(BigInteger)
    """What it told at the wipe."""
    told: Mapped[int] = mapped_column(BigInteger)
    found_by: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime]

    sanitisation: Mapped[Sanitisation] = relationship()
    machine: Mapped[Machine] = relationship()


def belied() -> ColumnElement[bool]:
    """Whether a later look differed from what a wipe proved: a second person's, a third's, or the drive's own counters."""
    return or_(
        exists().where(CounterCheck.sanitisation_id == Sanitisation.id, CounterCheck.matched < CounterCheck.sectors),
        exists().where(Audit.sanitisation_id == Sanitisation.id, ~Audit.matched),
        exists().where(LateContradiction.sanitisation_id == Sanitisation.id),
    )
