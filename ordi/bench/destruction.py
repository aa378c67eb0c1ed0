"""A drive destroyed by hand: its own privilege, a reason, a photograph, and a second person who signs in themselves.

It is written as a judgement of its own, DESTROYED: never a wipe, never PASS. Nothing else but destruction, a proven wipe or a recorded
removal ends what a drive may hold: no box is ticked anywhere.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import ForeignKey, LargeBinary, String, exists, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.bench.loose_drives import last_sighting, two_people
from ordi.bench.pictures import photograph
from ordi.bench.verdict import Assurance, Level
from ordi.canonical import canonical
from ordi.database import Base
from ordi.errors import Refused
from ordi.machines.drive import Destruction, Drive, Removal, Sanitisation, Standing
from ordi.machines.journal import lock, record
from ordi.machines.lifecycle import Note
from ordi.parties.people import Person

DESTROYED = "DESTROYED"
"""The verdict of a destruction."""

TECHNIQUE = "physical-destruction"


class How(StrEnum):
    """How a drive is destroyed."""

    SHREDDED = "shredded"
    DRILLED = "drilled"
    CRUSHED = "crushed"
    DEGAUSSED = "degaussed"


class WhyDestroyed(StrEnum):
    """Why a drive is destroyed rather than wiped."""

    WIPE_FAILED = "wipe_failed"
    BELOW_ASKED = "level_not_reached"
    FAULTY = "faulty"
    LOCKED = "locked_drive"
    DONOR_ASKS = "donor_asks"


class StillInside(Refused):
    """Take the drive out first, with a witness; then destroy it."""

    code = "still-inside"


class AlreadyDestroyed(Refused):
    """This drive's destruction is recorded."""

    code = "already-destroyed"


class DegaussedFlash(Refused):
    """A magnet does nothing to flash memory."""

    code = "degaussed-flash"


class DestructionPhoto(Base):
    """What was left of the drive. In a table of its own, so that it can be removed; the event keeps a salted hash."""

    __tablename__ = "destruction_photos"

    id: Mapped[int] = mapped_column(primary_key=True)
    destruction_id: Mapped[int] = mapped_column(ForeignKey("destructions.id"), unique=True)
    jpeg: Mapped[bytes] = mapped_column(LargeBinary)
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))
    sha256: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the salt and the picture."""

    destruction: Mapped[Destruction] = relationship()


def destroy_drive(
    session: Session,
    drive: Drive,
    how: How,
    *,
    cause: WhyDestroyed,
    photo: bytes,
    by: Person,
    witness: Person,
    at: datetime,
) -> Sanitisation:
    """Record that a loose drive was destroyed, by a lead before a witness, with a photograph of what is left of it.

    Raises `SamePerson`, `NotAllowed`, `StillInside`, `AlreadyDestroyed`, `DegaussedFlash`, `PhotoUnusable`.
    """
    last = last_sighting(session, drive)
    machine = last.machine
    two_people(machine.workshop, by, witness, at, "bench.destroy")
    lock(session, machine)
    session.refresh(drive, with_for_update=True)
    last = last_sighting(session, drive)  # it may have been put into another machine meanwhile
    if drive.standing == Standing.DESTROYED:
        raise AlreadyDestroyed(serial=drive.serial[-4:])
    if not session.scalar(select(exists().where(Removal.sighting_id == last.id))):
        raise StillInside(serial=drive.serial[-4:], tag=last.machine.tag)
    if how == How.DEGAUSSED and drive.medium != "hdd":
        raise DegaussedFlash(serial=drive.serial[-4:], medium=drive.medium)
    jpeg, salt = photograph(photo), secrets.token_bytes(16)
    seal = hashlib.sha256(salt + jpeg).hexdigest()
    destruction = Destruction(drive_id=drive.id, by_id=by.id, witness_id=witness.id, method=how, at=at)
    session.add(destruction)
    session.flush()
    session.add(DestructionPhoto(destruction=destruction, jpeg=jpeg, salt=salt, sha256=seal))
    written = Sanitisation(
        uuid=str(uuid4()),
        job_uuid=None,
        machine=machine,
        drive=drive,
        generation=drive.generation,
        verdict=DESTROYED,
        technique=TECHNIQUE,
        level=Level.DESTROY,
        assurance=Assurance.DECLARED,
        wiper_id=by.id,
        facts=canonical({"method": str(how), "cause": str(cause), "photo": seal}),
        demonstration=drive.demonstration,
        judged_at=at,
    )
    session.add(written)
    session.flush()
    drive.standing = Standing.DESTROYED
    session.flush()
    record(
        session,
        machine,
        Note.DRIVE_DESTROYED,
        by=by,
        at=at,
        drive=drive.id,
        witness=witness.id,
        reason=how,
        cause=cause,
        photo=seal,
        sanitisation=written.uuid,
    )
    return written


def destruction_of(session: Session, drive: Drive) -> tuple[Destruction, DestructionPhoto] | None:
    """The record of a drive's destruction, and its photograph."""
    photo = session.scalar(
        select(DestructionPhoto)
        .join(Destruction, Destruction.id == DestructionPhoto.destruction_id)
        .where(Destruction.drive_id == drive.id)
    )
    return (photo.destruction, photo) if photo else None
