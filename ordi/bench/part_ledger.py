"""The ledger of parts: one line for each that comes or goes, never changed, and the heaps in bins that are its sum."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ordi.bench.bins import Bin, Part, Stock
from ordi.bench.part_kinds import PartKind
from ordi.database import Base
from ordi.errors import Invalid, Refused
from ordi.machines.machine import Machine
from ordi.parties.people import Person

MOST = 999
"""Parts in one go."""


class Way(StrEnum):
    """What happened to a part."""

    TAKEN = "taken"
    """Out of a machine."""
    ARRIVED = "arrived"
    MOVED = "moved"
    FITTED = "fitted"
    GIVEN = "given"
    SCRAPPED = "scrapped"
    COUNTED = "counted"
    """A count found more or fewer than was written."""


class NotThatMany(Refused):
    """The bin does not hold that many."""

    code = "not-that-many"


class PartMove(Base):
    """One line. `count` is negative only where a count found fewer."""

    __tablename__ = "part_moves"
    __table_args__ = (Index("ix_part_moves_workshop", "workshop_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    way: Mapped[str] = mapped_column(String(12))
    kind_id: Mapped[int] = mapped_column(ForeignKey("part_kinds.id"))
    part_id: Mapped[int | None] = mapped_column(ForeignKey("parts.id"))
    count: Mapped[int]
    from_bin_id: Mapped[int | None] = mapped_column(ForeignKey("bins.id"), index=True)
    to_bin_id: Mapped[int | None] = mapped_column(ForeignKey("bins.id"), index=True)
    machine_id: Mapped[int | None] = mapped_column(ForeignKey("machines.id"), index=True)
    reason: Mapped[str] = mapped_column(String(16), default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]


def how_many(count: int, part: Part | None) -> None:
    """Raise `Invalid` unless this is a number of parts; one followed by its serial is one."""
    if not 1 <= count <= (1 if part else MOST):
        raise Invalid(field="count", why="out-of-range", least=1, most=1 if part else MOST)


def heap(session: Session, box: Bin, kind: PartKind) -> Stock:
    """What is counted of a kind in a held bin; a new heap is empty."""
    found = session.scalar(select(Stock).where(Stock.bin_id == box.id, Stock.kind_id == kind.id).with_for_update())
    if found is None:
        found = Stock(bin_id=box.id, kind=kind, count=0)
        session.add(found)
        session.flush()
    return found


def lift(session: Session, box: Bin, kind: PartKind, count: int, part: Part | None) -> None:
    """Take parts off a held bin. Raises `Invalid`, `NotThatMany`."""
    how_many(count, part)
    if part is not None:
        session.refresh(part, with_for_update=True)
        if part.bin_id != box.id or part.kind_id != kind.id:
            raise NotThatMany(bin=box.tag, count=0)
        part.bin_id = None
    else:
        here = heap(session, box, kind)
        if here.count < count:
            raise NotThatMany(bin=box.tag, count=here.count)
        here.count -= count
    session.flush()


def move(
    session: Session,
    way: Way,
    kind: PartKind,
    count: int,
    *,
    out_of: Bin | None = None,
    to: Bin | None = None,
    part: Part | None = None,
    machine: Machine | None = None,
    at_workshop: int | None = None,
    reason: str = "",
    by: Person,
    at: datetime,
) -> None:
    """Write one line."""
    box = out_of or to
    where = at_workshop or (box.workshop_id if box else machine.workshop_id if machine else None)
    session.add(
        PartMove(
            workshop_id=where,
            way=way,
            kind_id=kind.id,
            part_id=part.id if part else None,
            count=count,
            from_bin_id=out_of.id if out_of else None,
            to_bin_id=to.id if to else None,
            machine_id=machine.id if machine else None,
            reason=reason,
            by_id=by.id,
            at=at,
        )
    )
    session.flush()
