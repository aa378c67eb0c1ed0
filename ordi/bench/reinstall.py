"""Reinstalling: a system and the software of a profile, on drives proven clean."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.errors import Invalid, Refused
from ordi.machines.drive import open_sightings
from ordi.machines.journal import lock, record
from ordi.machines.lifecycle import Action, State
from ordi.machines.machine import Machine
from ordi.machines.profiles import BY_CODE, Profile, fits
from ordi.parties.people import Person


class TooLittleMemory(Refused):
    """This profile needs more memory than the machine has."""

    code = "too-little-memory"


class NoDriveToInstall(Refused):
    """There is no drive inside to install on: put one in and take an inventory."""

    code = "no-drive-to-install"


def reinstall(session: Session, machine: Machine, profile: str, *, by: Person, at: datetime) -> None:
    """Note that a profile was installed. Raises `WrongState`, `NotAllowed`, `DrivesNotClean`, `TooLittleMemory`, `NoDriveToInstall`, `Invalid`."""
    if profile not in BY_CODE:
        raise Invalid(field="profile", why="unknown")
    lock(session, machine)
    if not fits(BY_CODE[profile], machine):
        raise TooLittleMemory(tag=machine.tag, profile=profile, memory_bytes=machine.memory_bytes)
    if not open_sightings(session, machine):
        raise NoDriveToInstall(tag=machine.tag)
    record(session, machine, Action.REINSTALL, by=by, at=at, profile=profile)
    machine.profile = profile
    session.flush()


def usual_profile(session: Session, machine: Machine) -> Profile | None:
    """What this workshop installed last, when the machine has the memory for it."""
    last = session.scalar(
        select(Machine.profile)
        .where(Machine.workshop_id == machine.workshop_id, Machine.profile != "", Machine.id != machine.id)
        .where(Machine.state.in_((State.REINSTALLED, State.READY)))
        .order_by(Machine.state_since.desc(), Machine.id.desc())
        .limit(1)
    )
    profile = BY_CODE.get(last or "")
    return profile if profile and fits(profile, machine) else None
