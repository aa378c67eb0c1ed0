"""What goes with a machine: its checklist at the hand-over, and what is missing, which is said and handed over later."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, exists, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.database import Base
from ordi.errors import NotFound, SomeoneJustDidThis
from ordi.machines.machine import Form, Machine
from ordi.parties.access import require
from ordi.parties.people import Person
from ordi.sharing.needs import NeedCode
from ordi.sharing.promises import Allocation
from ordi.sharing.requests import Request

COMPUTER = "computer"
"""The machine itself, first on the list: the one in hand is the one that was promised."""

_PORTABLE = ("charger", "mouse")
_STANDING = ("keyboard", "mouse", "screen")
_ALSO = (
    (NeedCode.HEADPHONES, "headphones"),
    (NeedCode.PRINTER, "printer"),
    (NeedCode.NO_INTERNET, "sim_key"),
)
_INSTEAD = (
    (NeedCode.LEFT_HANDED_MOUSE, "mouse", "left_handed_mouse"),
    (NeedCode.LARGE_PRINT, "keyboard", "large_print_keyboard"),
)


class PackItem(Base):
    """One thing of a pack: handed over, still missing (neither day), or no longer wanted. It names nobody."""

    __tablename__ = "pack_items"
    __table_args__ = (UniqueConstraint("allocation_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    allocation_id: Mapped[int] = mapped_column(ForeignKey("allocations.id"))
    code: Mapped[str] = mapped_column(String(40))
    scanned: Mapped[bool]
    """Read from a label, not pressed."""
    handed_at: Mapped[datetime | None]
    handed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    dropped_at: Mapped[datetime | None]
    """The family does without it."""

    allocation: Mapped[Allocation] = relationship()
    handed_by: Mapped[Person | None] = relationship()


STILL_MISSING = (PackItem.handed_at.is_(None), PackItem.dropped_at.is_(None))
AWAITED = exists().where(
    PackItem.allocation_id == Allocation.id,
    Allocation.request_id == Request.id,
    Allocation.ended_at.is_(None),
    *STILL_MISSING,
)
"""Whether a request (the outer query's) still waits for something of its pack."""


def pack_of(machine: Machine, request: Request) -> list[str]:
    """What a pack should hold: what such a machine needs, what the programme gives, what this family's needs add."""
    needs = set(request.need_codes)
    basics = _PORTABLE if machine.form == Form.LAPTOP else _STANDING
    things = [*basics, *request.programme.rules.pack, *(code for need, code in _ALSO if need in needs), "leaflet"]
    for need, usual, instead in _INSTEAD:
        if need in needs:
            things = [instead if one == usual else one for one in things]
            if instead not in things:
                things.append(instead)
    return list(dict.fromkeys(things))


def write_pack(
    session: Session,
    allocation: Allocation,
    handed: Collection[str],
    missing: Collection[str],
    scanned: Collection[str],
    *,
    by: Person,
    at: datetime,
) -> None:
    """Keep what was handed over with a machine, and what was not."""
    for code in dict.fromkeys((*handed, *missing)):
        here = code in handed
        session.add(
            PackItem(
                allocation_id=allocation.id,
                code=code,
                scanned=here and code in scanned,
                handed_at=at if here else None,
                handed_by_id=by.id if here else None,
                dropped_at=None,
            )
        )
    session.flush()


def missing_of(session: Session, allocation: Allocation) -> list[PackItem]:
    """What is still to be handed over of a pack."""
    of = select(PackItem).where(PackItem.allocation_id == allocation.id, *STILL_MISSING)
    return list(session.scalars(of.order_by(PackItem.id)))


def things_of(session: Session, allocation: Allocation) -> list[str]:
    """The codes of what was handed over with a machine: what may come back with it."""
    of = select(PackItem.code).where(PackItem.allocation_id == allocation.id, PackItem.handed_at.is_not(None))
    return list(session.scalars(of.order_by(PackItem.id)))


def settle_item(
    session: Session, allocation: Allocation, number: int, handed: bool, *, by: Person, at: datetime
) -> PackItem:
    """What was missing is handed over, or the family does without. Raises `NotAllowed`, `NotFound`, `SomeoneJustDidThis`."""
    require(by, "sharing.hand-over", allocation.request.partner, at=at)
    of = select(PackItem).where(PackItem.id == number, PackItem.allocation_id == allocation.id)
    item = session.scalar(of.with_for_update())
    if item is None:
        raise NotFound(request=allocation.request.code)
    if item.handed_at is not None or item.dropped_at is not None:
        raise SomeoneJustDidThis(request=allocation.request.code, tag=allocation.machine.tag)
    if handed:
        item.handed_at, item.handed_by_id = at, by.id
    else:
        item.dropped_at = at
    session.flush()
    return item
