"""Which machine a report speaks of. Our own tag first; then a system uuid or serial that is no placeholder; a MAC never.

Whatever is not certain goes to a person: nothing is ever merged by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ordi.machines.hardware import Hardware
from ordi.machines.machine import Machine
from ordi.parties.organisations import Organisation, pole_of
from ordi.tags import MistypedTag, read_tag


class How(StrEnum):
    """How a machine was recognised."""

    SESSION = "session"
    TAG = "tag"
    UUID = "uuid"
    SERIAL = "serial"
    NEW = "new"
    AMBIGUOUS = "ambiguous"
    WAITING = "waiting"
    """The session is not adopted yet: nobody has said which machine this is."""


@dataclass(frozen=True)
class Recognition:
    """The machine, when there is exactly one, and how it was told."""

    machine: Machine | None
    how: How


def recognise(session: Session, hardware: Hardware, workshop: Organisation, *, tag: str | None = None) -> Recognition:
    """Tell which machine of this workshop's pole a report speaks of; `tag` is what the machine itself was given.

    A uuid and a serial that point to different machines, one identity carried by two, or a known uuid under another
    serial are `AMBIGUOUS`. A machine of another pole is never named: it is ambiguous too.
    """
    here = select(Machine).where(Machine.merged_into_id.is_(None))
    if tag:
        try:
            named = _one(session, here.where(Machine.tag == read_tag(tag)), workshop)
        except MistypedTag:
            named = Recognition(None, How.AMBIGUOUS)
        if named:
            return named if named.how == How.AMBIGUOUS else Recognition(named.machine, How.TAG)
    by_uuid = by_serial = None
    if hardware.system_uuid:
        by_uuid = _one(session, here.where(Machine.system_uuid == hardware.system_uuid), workshop)
    if hardware.serial:
        same = here.where(Machine.serial == hardware.serial)
        if hardware.manufacturer:
            same = same.where(Machine.manufacturer.in_((hardware.manufacturer, "")))
        by_serial = _one(session, same, workshop)
    return _agreed(by_uuid, by_serial, hardware)


def _agreed(by_uuid: Recognition | None, by_serial: Recognition | None, hardware: Hardware) -> Recognition:
    doubtful = [r for r in (by_uuid, by_serial) if r and r.how == How.AMBIGUOUS]
    if doubtful or (by_uuid and by_serial and by_uuid.machine is not by_serial.machine):
        return Recognition(None, How.AMBIGUOUS)
    if by_uuid and by_uuid.machine:
        known = by_uuid.machine.serial
        if known and hardware.serial and known != hardware.serial:
            return Recognition(None, How.AMBIGUOUS)
        return Recognition(by_uuid.machine, How.UUID)
    if by_serial and by_serial.machine:
        known_uuid = by_serial.machine.system_uuid
        if known_uuid and hardware.system_uuid and known_uuid != hardware.system_uuid:
            return Recognition(None, How.AMBIGUOUS)
        return Recognition(by_serial.machine, How.SERIAL)
    return Recognition(None, How.NEW)


def _one(session: Session, query: Select[Machine], workshop: Organisation) -> Recognition | None:
    found = session.scalars(query.limit(2)).all()
    if not found:
        return None
    if len(found) > 1 or not pole_of(workshop).holds(found[0].workshop):
        return Recognition(None, How.AMBIGUOUS)
    return Recognition(found[0], How.TAG)
