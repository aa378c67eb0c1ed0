"""Wipes drawn for an audit, and what the audits found (TRUST.md step 9). The gate and the database's triggers read these tables.

A draw cannot be foreseen before the commit and can be repeated afterwards: `ordi/bench/audits.py` tells how.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from functools import cache

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, Select, String, bindparam, exists, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column, relationship

from ordi.database import Base
from ordi.machines.drive import Sanitisation, Sighting, Standing, open_sightings
from ordi.machines.machine import Machine
from ordi.parties.people import Person

LEAST_PERCENT = 5
"""The share of proven wipes that the whole network has read again by a third person (TRUST.md step 9)."""


class How(StrEnum):
    """How a drawn wipe was settled."""

    AGENT = "agent"
    """Our agent read the whole drive back, in a session of the third person's own."""
    CLAIM = "claim"
    """Somebody typed what `openssl | cmp` said: kept as a claim, never *audited*."""
    WAIVED = "waived"
    """A coordinator gave it up, saying why."""


class AuditSeed(Base):
    """A month's secret: its fingerprint is known from the first draw, itself once the month is over."""

    __tablename__ = "audit_seeds"

    id: Mapped[int] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(String(7), unique=True)
    """`2026-11`, in UTC."""
    seed: Mapped[bytes] = mapped_column(LargeBinary(32))
    made_at: Mapped[datetime]


class AuditDraw(Base):
    """One proven wipe and its lot: the numbers it was drawn from are kept, so that anyone can draw again."""

    __tablename__ = "audit_draws"

    id: Mapped[int] = mapped_column(primary_key=True)
    sanitisation_id: Mapped[int] = mapped_column(ForeignKey("sanitisations.id"), unique=True)
    seed_id: Mapped[int] = mapped_column(ForeignKey("audit_seeds.id"), index=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    percent: Mapped[int]
    """The share that applied: the network's, or what the donor asks when that is more."""
    place: Mapped[int]
    """How many wipes of this workshop were drawn from this seed, this one included."""
    before: Mapped[int]
    """How many of those before it came out."""
    drawn: Mapped[bool]
    at: Mapped[datetime]

    sanitisation: Mapped[Sanitisation] = relationship()


class Audit(Base):
    """What a third person found on a wiped drive. Never the wiper, never who counter-checked it."""

    __tablename__ = "audits"
    __table_args__ = (
        CheckConstraint("how IN ('agent', 'claim', 'waived')", name="how"),
        CheckConstraint("how <> 'waived' OR (matched AND reason <> '')", name="why_waived"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sanitisation_id: Mapped[int] = mapped_column(ForeignKey("sanitisations.id"), index=True)
    how: Mapped[str] = mapped_column(String(8))
    auditor_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    matched: Mapped[bool]
    chunks: Mapped[int] = mapped_column(default=0)
    """How many chunks of the drive were read, over all of it; none of a claim."""
    differing: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(String(200), default="")
    """What was typed: the tool's own answer (a claim), or why it is given up."""
    at: Mapped[datetime]

    sanitisation: Mapped[Sanitisation] = relationship()
    auditor: Mapped[Person] = relationship()


def audited(session: Session, proof_ids: Collection[int]) -> set[int]:
    """Which of these wipes our agent read whole, and found all of it."""
    good = select(Audit.sanitisation_id).where(
        Audit.sanitisation_id.in_(proof_ids), Audit.how == How.AGENT, Audit.matched
    )
    return set(session.scalars(good))


def due(session: Session, machine: Machine) -> list[Sighting]:
    """The clean drives inside that were drawn and that nobody has settled yet.

    A drawn drive that is wiped again is still due: what is on it now is read instead.
    """
    clean = [one for one in open_sightings(session, machine) if one.drive.standing == Standing.SANITISED]
    waiting = due_drives(session, [one.drive_id for one in clean])
    return [one for one in clean if (one.drive_id, one.drive.generation) in waiting]


def due_drives(session: Session, drive_ids: Collection[int]) -> set[tuple[int, int]]:
    """Which of these drives were drawn and not settled since, each with its generation. One query."""
    return set(session.execute(_waits(), {"drives": list(drive_ids)}).tuples())


@cache
def _waits() -> Select[int, int]:
    """Which of some drives were drawn and not settled since. Composed once: the gate asks it at every step."""
    later = aliased(Sanitisation)
    settled = exists().where(
        Audit.sanitisation_id == later.id,
        later.drive_id == Sanitisation.drive_id,
        later.generation == Sanitisation.generation,
        later.id >= Sanitisation.id,
    )
    return (
        select(Sanitisation.drive_id, Sanitisation.generation)
        .join(AuditDraw, AuditDraw.sanitisation_id == Sanitisation.id)
        .where(AuditDraw.drawn, Sanitisation.drive_id.in_(bindparam("drives", expanding=True)), ~settled)
    )
