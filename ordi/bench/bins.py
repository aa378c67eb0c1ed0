"""Bins: the boxes parts lie in. Each has a tag of its own, a place, and counts what is in it; two at once meet at the bin."""

from __future__ import annotations

from datetime import datetime
from random import Random

from sqlalchemy import CheckConstraint, ForeignKey, Select, String, UniqueConstraint, exists, or_, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ordi.bench.part_kinds import PartKind
from ordi.bench.release import shelf_named
from ordi.database import Base
from ordi.errors import NotFound, Refused
from ordi.machines.labels import unused_tag
from ordi.parties.access import grounds, require
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person
from ordi.tags import read_tag


class BinClosed(Refused):
    """This bin was put away: nothing goes in or out of it any more."""

    code = "bin-closed"


class BinNotEmpty(Refused):
    """Something still lies in it."""

    code = "bin-not-empty"


class Bin(Base):
    """One box. `version` grows with every change inside, so that a count made meanwhile is known to be old."""

    __tablename__ = "bins"

    id: Mapped[int] = mapped_column(primary_key=True)
    tag: Mapped[str] = mapped_column(String(8), unique=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    place: Mapped[str] = mapped_column(String(24), default="")
    version: Mapped[int] = mapped_column(default=1)
    opened_at: Mapped[datetime]
    counted_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    workshop: Mapped[Organisation] = relationship()


class Stock(Base):
    """How many parts of one kind lie in one bin, beside those followed one by one (`Part`)."""

    __tablename__ = "part_stocks"
    __table_args__ = (UniqueConstraint("bin_id", "kind_id"), CheckConstraint("count >= 0", name="none_owed"))

    id: Mapped[int] = mapped_column(primary_key=True)
    bin_id: Mapped[int] = mapped_column(ForeignKey("bins.id"))
    kind_id: Mapped[int] = mapped_column(ForeignKey("part_kinds.id"), index=True)
    count: Mapped[int]

    bin: Mapped[Bin] = relationship()
    kind: Mapped[PartKind] = relationship()


class Part(Base):
    """One part followed by its serial, wherever it lies: in a bin, in a machine, or gone."""

    __tablename__ = "parts"
    __table_args__ = (UniqueConstraint("workshop_id", "kind_id", "serial"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    kind_id: Mapped[int] = mapped_column(ForeignKey("part_kinds.id"))
    serial: Mapped[str] = mapped_column(String(60))
    bin_id: Mapped[int | None] = mapped_column(ForeignKey("bins.id"), index=True)
    machine_id: Mapped[int | None] = mapped_column(ForeignKey("machines.id"), index=True)
    came_from_id: Mapped[int | None] = mapped_column(ForeignKey("machines.id"))
    """The machine it was last taken out of."""

    kind: Mapped[PartKind] = relationship()


def open_bin(
    session: Session,
    workshop: Organisation,
    name: str,
    place: str = "",
    *,
    by: Person,
    at: datetime,
    random: Random | None = None,
) -> Bin:
    """A new bin, with a tag nothing else bears. Raises `NotAllowed`, `Invalid`."""
    require(by, "parts.work", workshop, at=at)
    made = Bin(
        tag=_unused(session, random),
        workshop=workshop,
        name=" ".join(name.split())[:40],
        place=shelf_named(place) if place.strip() else "",
        opened_at=at,
        counted_at=None,
        closed_at=None,
    )
    session.add(made)
    session.flush()
    return made


def hold_bin(session: Session, box: Bin, *, by: Person, at: datetime) -> None:
    """Hold a bin until this transaction ends, and say that something changes in it. Raises `NotAllowed`, `BinClosed`."""
    require(by, "parts.work", box.workshop, at=at)
    session.flush()
    session.refresh(box, with_for_update=True)
    if box.closed_at is not None:
        raise BinClosed(bin=box.tag)
    box.version += 1


def place_bin(session: Session, box: Bin, place: str, *, by: Person, at: datetime) -> None:
    """Stand a bin elsewhere. Raises `NotAllowed`, `Invalid`, `BinClosed`."""
    hold_bin(session, box, by=by, at=at)
    box.place = shelf_named(place)
    session.flush()


def close_bin(session: Session, box: Bin, *, by: Person, at: datetime) -> None:
    """Put an empty bin away for good. Raises `NotAllowed`, `BinNotEmpty`, `BinClosed`."""
    hold_bin(session, box, by=by, at=at)
    inside = exists().where(Stock.bin_id == box.id, Stock.count > 0)
    followed = exists().where(Part.bin_id == box.id)
    if session.scalar(select(inside | followed)):
        raise BinNotEmpty(bin=box.tag)
    box.closed_at = at
    session.flush()


def bins_seen_by(reader: Person, permission: str = "parts.see", *, at: datetime) -> Select[Bin]:
    """The bins a reader may see: every query of the pages starts here."""
    beneath = [
        Organisation.path.startswith(held.organisation.path, autoescape=True)
        for held in grounds(reader, permission, at)
    ]
    rooms = select(Organisation.id).where(or_(*beneath) if beneath else Organisation.id.is_(None))
    return select(Bin).where(Bin.workshop_id.in_(rooms))


def bin_seen(session: Session, reader: Person, tag: str, permission: str = "parts.see", *, at: datetime) -> Bin:
    """The bin under this tag. Raises `MistypedTag`, or `NotFound` alike for none and not yours."""
    found = session.scalar(bins_seen_by(reader, permission, at=at).where(Bin.tag == read_tag(tag)))
    if found is None:
        raise NotFound(bin=read_tag(tag))
    return found


def inside(session: Session, box: Bin) -> list[Stock]:
    """What is counted in a bin, the fullest first."""
    query = select(Stock).where(Stock.bin_id == box.id, Stock.count > 0).options(joinedload(Stock.kind))
    return list(session.scalars(query.order_by(Stock.count.desc(), Stock.id)))


def followed_in(session: Session, box: Bin) -> list[Part]:
    """The parts of a bin that are followed one by one."""
    query = select(Part).where(Part.bin_id == box.id).options(joinedload(Part.kind))
    return list(session.scalars(query.order_by(Part.id)))


def _unused(session: Session, random: Random | None) -> str:
    while True:
        tag = unused_tag(session, random)
        if session.scalar(select(Bin.id).where(Bin.tag == tag)) is None:
            return tag
