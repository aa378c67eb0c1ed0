"""Chain of custody: each signed change of holder. Households appear as a kind of holder only, never by name."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.database import Base
from ordi.machines.journal import record
from ordi.machines.lifecycle import Note
from ordi.machines.machine import Machine
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person


class Holder(StrEnum):
    """Who can hold a machine."""

    DONOR = "donor"
    DRIVER = "driver"
    WORKSHOP = "workshop"
    PARTNER = "partner"
    HOUSEHOLD = "household"
    RECYCLER = "recycler"


class CustodyTransfer(Base):
    """One change of holder. The last one tells who holds the machine now."""

    __tablename__ = "custody_transfers"

    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machines.id"), index=True)
    holder: Mapped[str] = mapped_column(String(12))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    """The holder, or the partner organisation that answers for the household."""
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    signature: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The drawn signature, a re-encoded PNG without stroke timing."""
    at: Mapped[datetime]

    organisation: Mapped[Organisation | None] = relationship()


def transfer(
    session: Session,
    machine: Machine,
    holder: Holder,
    organisation: Organisation | None,
    *,
    by: Person | None,
    at: datetime,
    signature: bytes | None = None,
) -> CustodyTransfer:
    """Write a change of holder, in the chain of custody and in the machine's history."""
    moved = CustodyTransfer(
        machine_id=machine.id,
        holder=holder,
        organisation_id=organisation.id if organisation else None,
        by_id=by.id if by else None,
        signature=signature,
        at=at,
    )
    session.add(moved)
    session.flush()
    record(session, machine, Note.CUSTODY, by=by, at=at, holder=holder, signed=signature is not None)
    return moved


def holder_of(session: Session, machine: Machine) -> CustodyTransfer | None:
    """The last transfer: who holds the machine now."""
    return session.scalar(
        select(CustodyTransfer)
        .where(CustodyTransfer.machine_id == machine.id)
        .order_by(CustodyTransfer.id.desc())
        .limit(1)
    )
