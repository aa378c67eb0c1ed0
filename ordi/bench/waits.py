"""A machine waits for a part by name. The mark beside its state says that it waits; this says for what, since when, and how it ended."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, select, text
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ordi.bench.part_kinds import PartKind, serves
from ordi.database import Base
from ordi.machines.journal import lock, record
from ordi.machines.lifecycle import Note
from ordi.machines.machine import Machine
from ordi.parties.people import Person

_OPEN = text("ended_at IS NULL")
PART = "part"
"""The mark of a machine that waits for a part (`holding.Hold.PART`)."""


class PartWait(Base):
    """One machine waits for one kind of part, from one instant to another."""

    __tablename__ = "part_waits"
    __table_args__ = (
        Index(
            "uq_part_waits_open",
            "machine_id",
            "kind_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_part_waits_kind", "kind_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machines.id"), index=True)
    kind_id: Mapped[int] = mapped_column(ForeignKey("part_kinds.id"))
    since: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    ended_at: Mapped[datetime | None]
    ended: Mapped[str] = mapped_column(String(12), default="")
    """came, given_up, resumed, or gone with its machine."""

    machine: Mapped[Machine] = relationship()
    kind: Mapped[PartKind] = relationship()


def waits_of(session: Session, machine: Machine) -> list[PartWait]:
    """What a machine waits for, longest first."""
    query = select(PartWait).where(PartWait.machine_id == machine.id, PartWait.ended_at.is_(None))
    return list(session.scalars(query.options(joinedload(PartWait.kind)).order_by(PartWait.id)))


def over(session: Session, machine: Machine, kind: PartKind, *, by: Person, at: datetime) -> None:
    """Such a part came: one wait that it serves ends, the exact one first, and the last one lifts the mark."""
    served = [wait for wait in waits_of(session, machine) if serves(kind, wait.kind)]
    if served:
        end(session, next((one for one in served if one.kind_id == kind.id), served[0]), "came", by=by, at=at)


def end(session: Session, wait: PartWait, how: str, *, by: Person, at: datetime) -> None:
    """End one wait of a machine; with the last, the mark beside its state goes."""
    machine = wait.machine
    lock(session, machine)
    wait.ended_at, wait.ended = at, how
    session.flush()
    if how == "given_up":
        record(session, machine, Note.PART_GIVEN_UP, by=by, at=at, part=wait.kind.named)
    if not waits_of(session, machine) and machine.held_for == PART:
        machine.held_for = ""
        session.flush()
        record(session, machine, Note.RESUMED, by=by, at=at, held_for=PART)


def end_all(session: Session, machine: Machine, how: str, *, at: datetime) -> None:
    """End every wait of a machine that goes another way. Its mark is its caller's."""
    for wait in waits_of(session, machine):
        wait.ended_at, wait.ended = at, how
    session.flush()
