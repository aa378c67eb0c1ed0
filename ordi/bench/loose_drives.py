"""Drives taken out of a machine, with two people there: each stays tracked until it is proven wiped or destroyed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased, contains_eager

from ordi.bench.judging import advance
from ordi.errors import Refused
from ordi.machines.drive import (
    KEPT_BY_DONOR,
    Drive,
    DrivelessRecord,
    Removal,
    Sighting,
    Standing,
    open_sightings,
    seen_again,
)
from ordi.machines.gate import refuse_unclean, strange
from ordi.machines.journal import WrongState, lock, record
from ordi.machines.lifecycle import Note, State
from ordi.machines.machine import Machine
from ordi.parties.access import require
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person

OPENABLE = frozenset({State.RECEIVED, State.SANITISED, State.REINSTALLED, State.DISMANTLED})
"""Where a machine's case may be open on a bench."""


class Why(StrEnum):
    """Why a drive leaves its machine."""

    FAULTY = "faulty"
    WIPE_FAILED = "wipe_failed"
    TO_DESTROY = "to_destroy"
    UPGRADE = "upgrade"
    FOR_PARTS = "for_parts"
    DONOR_KEEPS = KEPT_BY_DONOR


class SamePerson(Refused):
    """Two people are needed, and they are two."""

    code = "same-person"


class AlreadyRemoved(Refused):
    """This drive's removal is recorded."""

    code = "already-removed"


class DrivesKnown(Refused):
    """Drives were seen in it: each is wiped, or removed on record, before it is declared without any."""

    code = "drives-known"


class AlreadyDriveless(Refused):
    """Two people have declared it without a drive during this stay."""

    code = "already-driveless"


def remove_drive(
    session: Session, sighting: Sighting, why: Why, *, by: Person, witness: Person, at: datetime
) -> Removal:
    """Record that a drive was taken out of its machine, before a witness; it is a loose drive from now on.

    A donor keeps no drive that may hold another's data. Raises `SamePerson`, `NotAllowed`, `WrongState`, `AlreadyRemoved`,
    `DrivesNotClean`.
    """
    machine = sighting.machine.current
    two_people(machine.workshop, by, witness, at, "bench.work")
    lock(session, machine)
    if machine.state not in OPENABLE:
        raise WrongState(action=Note.DRIVE_REMOVED, state=machine.state, tag=machine.tag)
    if session.scalar(select(Removal).where(Removal.sighting_id == sighting.id)):
        raise AlreadyRemoved(tag=machine.tag)
    if why == Why.DONOR_KEEPS:
        refuse_unclean(machine, [one for one in strange(session, machine) if one.id == sighting.id])
    for twin in seen_again(session, machine, sighting):  # the same drive, under a record merged into this one
        session.add(Removal(sighting_id=twin.id, by_id=by.id, witness_id=witness.id, reason=why, at=at))
    removal = Removal(sighting_id=sighting.id, by_id=by.id, witness_id=witness.id, reason=why, at=at)
    session.add(removal)
    session.flush()
    record(session, machine, Note.DRIVE_REMOVED, by=by, at=at, drive=sighting.drive_id, witness=witness.id, reason=why)
    advance(session, machine, by=by, at=at)
    return removal


def declare_driveless(
    session: Session, machine: Machine, *, by: Person, witness: Person, at: datetime
) -> DrivelessRecord:
    """Two people looked inside and saw no drive. Counts for this stay only.

    Raises `SamePerson`, `NotAllowed`, `WrongState`, `DrivesKnown`, `AlreadyDriveless`.
    """
    two_people(machine.workshop, by, witness, at, "bench.work")
    lock(session, machine)
    if machine.state not in OPENABLE:
        raise WrongState(action=Note.DRIVELESS, state=machine.state, tag=machine.tag)
    known = open_sightings(session, machine)
    if known:
        raise DrivesKnown(tag=machine.tag, drives=[f"…{one.drive.serial[-4:]}" for one in known])
    earlier = select(DrivelessRecord).where(
        DrivelessRecord.machine_id == machine.id, DrivelessRecord.stay == machine.stay
    )
    if session.scalar(earlier):
        raise AlreadyDriveless(tag=machine.tag)
    declared = DrivelessRecord(machine_id=machine.id, stay=machine.stay, by_id=by.id, witness_id=witness.id, at=at)
    session.add(declared)
    session.flush()
    record(session, machine, Note.DRIVELESS, by=by, at=at, witness=witness.id)
    advance(session, machine, by=by, at=at)
    return declared


def loose_drives(session: Session, workshop: Organisation) -> list[Sighting]:
    """The drives that lie outside any machine in a workshop, by their last sighting; destroyed ones are gone."""
    later = aliased(Sighting)
    query = (
        select(Sighting)
        .join(Drive, Drive.id == Sighting.drive_id)
        .join(Machine, Machine.id == Sighting.machine_id)
        .where(
            Machine.workshop_id == workshop.id,
            Drive.standing != Standing.DESTROYED,
            exists().where(Removal.sighting_id == Sighting.id),
            ~exists().where(later.drive_id == Sighting.drive_id, later.id > Sighting.id),
        )
        .options(contains_eager(Sighting.drive), contains_eager(Sighting.machine))
        .order_by(Drive.standing, Sighting.id)
    )
    return list(session.scalars(query))


def last_sighting(session: Session, drive: Drive) -> Sighting:
    """Where a drive was seen last: every drive is born of a sighting."""
    query = select(Sighting).where(Sighting.drive_id == drive.id).order_by(Sighting.id.desc()).limit(1)
    return session.scalars(query).one()


def two_people(workshop: Organisation, by: Person, witness: Person, at: datetime, permission: str) -> None:
    """Raise `SamePerson` or `NotAllowed` unless one may act and another may see it. The edge has the second sign in."""
    if by.id == witness.id:
        raise SamePerson()
    require(by, permission, workshop, at=at)
    require(witness, "bench.witness", workshop, at=at)
