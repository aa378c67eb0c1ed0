"""What may not leave since a re-check failed: the lot of that drive, and what the same technician wiped in that time."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, ForeignKey, Index, Select, String, and_, bindparam, exists, or_, select, text
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column, relationship

from ordi.database import Base
from ordi.machines.drive import Drive, Removal, Sanitisation, Sighting, Standing
from ordi.machines.lots import Lot
from ordi.machines.machine import Machine
from ordi.parties.people import Person


class Quarantine(Base):
    """Opened by a drive that did not hold what its wipe left there; lifted by a coordinator, with a reason."""

    __tablename__ = "quarantines"
    __table_args__ = (
        Index(
            "uq_quarantines_open",
            "sanitisation_id",
            unique=True,
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sanitisation_id: Mapped[int] = mapped_column(ForeignKey("sanitisations.id"), index=True)
    """The wipe whose re-check failed."""
    found_by: Mapped[str] = mapped_column(String(16))
    """What found it: counter_check, audit, claim, counters."""
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lots.id"), index=True)
    technician_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    since: Mapped[datetime]
    until: Mapped[datetime]
    """The technician's proven wipes judged in this time are held."""
    opened_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    reason: Mapped[str] = mapped_column(String(200), default="")

    sanitisation: Mapped[Sanitisation] = relationship()
    lot: Mapped[Lot | None] = relationship()
    technician: Mapped[Person | None] = relationship(foreign_keys=[technician_id])
    lifted_by: Mapped[Person | None] = relationship(foreign_keys=[lifted_by_id])


def holds() -> ColumnElement[bool]:
    """Whether a quarantine holds a machine, as a condition between the two tables: never a record merged into another."""
    seen, drive, proof, later = aliased(Sighting), aliased(Drive), aliased(Sanitisation), aliased(Sanitisation)
    record = aliased(Machine)
    found = exists().where(
        seen.machine_id == record.id,
        or_(record.id == Machine.id, record.merged_into_id == Machine.id),  # both by an index, machine after machine
        ~exists().where(Removal.sighting_id == seen.id),
        drive.id == seen.drive_id,
        drive.standing == Standing.SANITISED,
        proof.drive_id == drive.id,
        proof.generation == drive.generation,
        proof.verdict == "PASS",
        proof.wiper_id == Quarantine.technician_id,
        proof.judged_at >= Quarantine.since,
        proof.judged_at <= Quarantine.until,
        ~exists().where(
            later.drive_id == drive.id,
            later.generation == drive.generation,
            later.verdict == "PASS",
            later.id > proof.id,
        ),
    )
    doubtful = found.correlate(
        Machine, Quarantine
    )  # said, or inside another EXISTS it would hold every machine for one
    return and_(Machine.merged_into_id.is_(None), or_(Machine.lot_id == Quarantine.lot_id, doubtful))


def quarantine_of(session: Session, machine: Machine) -> Quarantine | None:
    """The oldest open quarantine that holds a machine."""
    return session.scalar(_oldest(), {"machine": machine.id})


@cache
def _oldest() -> Select[Quarantine]:
    """Composed once: the gate asks it twice for each machine that goes, and composing it costs more than its answer."""
    held = select(Quarantine).join(Machine, and_(Machine.id == bindparam("machine"), holds()))
    return held.where(Quarantine.lifted_at.is_(None)).order_by(Quarantine.id).limit(1)
