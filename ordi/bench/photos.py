"""Photographs of a machine: what a mark, a dent or a missing key looks like. Bounded, made anew, and removable for a reason.

What is removed is gone: the row says that there was one, its picture is emptied.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String, func, select
from sqlalchemy.orm import Mapped, Session, deferred, mapped_column, relationship

from ordi.bench.pictures import photograph, small
from ordi.database import Base
from ordi.errors import Refused
from ordi.machines.journal import lock, record
from ordi.machines.lifecycle import Note
from ordi.machines.machine import Machine
from ordi.parties.access import require
from ordi.parties.people import Person

MOST_PHOTOS = 12
"""A machine's photographs at once."""


class WhyRemoved(StrEnum):
    """Why a photograph is removed."""

    BLURRED = "blurred"
    WRONG_MACHINE = "wrong_machine"
    SHOWS_SOMEONE = "shows_someone"
    OUT_OF_DATE = "out_of_date"


class TooManyPhotos(Refused):
    """It has as many photographs as a machine may have."""

    code = "too-many-photos"


class PhotoGone(Refused):
    """This photograph was removed already."""

    code = "photo-gone"


class MachinePhoto(Base):
    """One photograph; without bytes once it is removed."""

    __tablename__ = "machine_photos"
    __table_args__ = (Index("ix_machine_photos_machine", "machine_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machines.id"))
    jpeg: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    small: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    sha256: Mapped[str] = mapped_column(String(64))
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    removed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    why: Mapped[str] = mapped_column(String(16), default="")

    machine: Mapped[Machine] = relationship()


def add_photo(session: Session, machine: Machine, sent: bytes, *, by: Person, at: datetime) -> MachinePhoto:
    """Keep a photograph of a machine: what it shows and nothing else. Raises `NotAllowed`, `PhotoUnusable`, `TooManyPhotos`."""
    require(by, "bench.work", machine.workshop, at=at)
    jpeg = photograph(sent)
    lock(session, machine)
    here = select(func.count(MachinePhoto.id)).where(
        MachinePhoto.machine_id == machine.id, MachinePhoto.removed_at.is_(None)
    )
    if (session.scalar(here) or 0) >= MOST_PHOTOS:
        raise TooManyPhotos(tag=machine.tag, most=MOST_PHOTOS)
    photo = MachinePhoto(
        machine=machine,
        jpeg=jpeg,
        small=small(jpeg),
        sha256=hashlib.sha256(jpeg).hexdigest(),
        by_id=by.id,
        at=at,
        why="",
    )
    session.add(photo)
    session.flush()
    record(session, machine, Note.PHOTOGRAPHED, by=by, at=at, photo=photo.id, sha256=photo.sha256)
    return photo


def remove_photo(session: Session, photo: MachinePhoto, why: WhyRemoved, *, by: Person, at: datetime) -> None:
    """Empty a photograph. Raises `NotAllowed`, `PhotoGone`."""
    require(by, "bench.work", photo.machine.workshop, at=at)
    lock(session, photo.machine)
    session.refresh(photo)
    if photo.removed_at is not None:
        raise PhotoGone(tag=photo.machine.tag)
    photo.jpeg, photo.small = b"", b""
    photo.removed_at, photo.removed_by_id, photo.why = at, by.id, why
    session.flush()
    record(session, photo.machine, Note.PHOTO_REMOVED, by=by, at=at, photo=photo.id, because=why)


def photos_of(session: Session, machine: Machine) -> list[MachinePhoto]:
    """A machine's photographs, latest first, without their bytes."""
    here = select(MachinePhoto).where(MachinePhoto.machine_id == machine.id, MachinePhoto.removed_at.is_(None))
    return list(session.scalars(here.order_by(MachinePhoto.id.desc())))


def photo_of(session: Session, machine: Machine, number: int) -> MachinePhoto | None:
    """One photograph of a machine that is still there."""
    wanted = select(MachinePhoto).where(
        MachinePhoto.id == number, MachinePhoto.machine_id == machine.id, MachinePhoto.removed_at.is_(None)
    )
    return session.scalar(wanted)
