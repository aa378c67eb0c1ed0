"""Which machine a report speaks of. Our own tag first; then a system uuid or serial that is no placeholder; a MAC never.

Whatever is not certain goes to a person: nothing is ever merged by itself.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ordi.machines.drive import Drive, Removal, Sighting
from ordi.machines.hardware import Hardware
from ordi.machines.machine import Machine
from ordi.parties.organisations import Organisation
from ordi.tags import MistypedTag, read_tag


class How(StrEnum):
    """How a machine was recognised."""

    SESSION = "session"
    TAG = "tag"
    UUID = "uuid"
    SERIAL = "serial"
    DRIVE = "drive"
    """It speaks of a drive alone, and that drive is in one machine."""
    PERSON = "person"
    """Somebody said which."""
    NEW = "new"
    AMBIGUOUS = "ambiguous"
    WAITING = "waiting"
    """The session is not adopted yet: nobody has said which machine this is."""


@dataclass(frozen=True)
class Recognition:
    """The machine, when there is exactly one, and how it was told."""

    machine: Machine | None
    how: How
    why: str = ""
    """Of what is ambiguous: what makes it so."""


def recognise(session: Session, hardware: Hardware, workshop: Organisation, *, tag: str | None = None) -> Recognition:
    """Tell which machine of this workshop a report speaks of; `tag` is what the machine itself was given.

    A uuid and a serial that point to different machines, one identity carried by two, or a known uuid under another
    serial are `AMBIGUOUS`; so is a report that identifies nothing but names a drive known to be inside a machine. A machine
    of another workshop is never named: it is ambiguous too. A record that was merged speaks for the one it was merged into.
    """
    if tag:
        try:
            named = _one(session, select(Machine).where(Machine.tag == read_tag(tag)), workshop)
        except MistypedTag:
            return Recognition(None, How.AMBIGUOUS, "tag-unreadable")
        if named:
            return named.told(How.TAG)
    by_uuid = by_serial = None
    if hardware.system_uuid:
        by_uuid = _one(session, select(Machine).where(Machine.system_uuid == hardware.system_uuid), workshop)
    if hardware.serial:
        same = select(Machine).where(Machine.serial == hardware.serial)
        by_serial = _one(session, same, workshop, maker=hardware.manufacturer)
    if by_uuid is None and by_serial is None and not hardware.system_uuid and not hardware.serial:
        return _by_drives(session, hardware, workshop)
    return _agreed(by_uuid, by_serial, hardware)


def candidates(session: Session, hardware: Hardware, tag: str = "") -> list[Machine]:
    """Every machine that could be the one a report speaks of, wherever it is: by tag, uuid, serial or a drive inside. Oldest first."""
    asked: list[Select[Machine]] = []
    if hardware.system_uuid:
        asked.append(select(Machine).where(Machine.system_uuid == hardware.system_uuid))
    if hardware.serial:
        asked.append(select(Machine).where(Machine.serial == hardware.serial))
    with suppress(MistypedTag):
        asked += [select(Machine).where(Machine.tag == read_tag(tag))] if tag else []
    found = [machine.current for query in asked for machine in session.scalars(query.limit(MOST))]
    found += [machine.current for machine in _holding(session, hardware)]
    return sorted(set(found), key=lambda machine: machine.id)[:MOST]


def same_maker(one: str, other: str) -> bool:
    """Whether two spellings name one maker: the first word, in any case; not said is not another."""
    folded = [_MAKERS.get(name, name) for name in (_first_word(one), _first_word(other))]
    return not all(folded) or folded[0] == folded[1]


MOST = 8
"""The most records looked at under one identity: more are a placeholder nobody has listed yet."""

_MAKERS = {"hewlett": "hp", "hewlettpackard": "hp", "asustek": "asus", "microstar": "msi", "tongfang": "tsinghua"}


@dataclass(frozen=True)
class _Found:
    """The record that bears an identity, or why it cannot be told."""

    record: Machine | None
    why: str = ""

    def told(self, how: How) -> Recognition:
        """As the answer."""
        if self.record is None:
            return Recognition(None, How.AMBIGUOUS, self.why)
        return Recognition(self.record.current, how)


def _agreed(by_uuid: _Found | None, by_serial: _Found | None, hardware: Hardware) -> Recognition:
    for doubtful in (by_uuid, by_serial):
        if doubtful and doubtful.record is None:
            return Recognition(None, How.AMBIGUOUS, doubtful.why)
    one, other = (found.record if found else None for found in (by_uuid, by_serial))
    if one and other and one.current is not other.current:
        return Recognition(None, How.AMBIGUOUS, "two-machines")
    if one and not other and _differ(one.serial, hardware.serial):
        return Recognition(None, How.AMBIGUOUS, "other-serial")
    if other and not one and _differ(other.system_uuid, hardware.system_uuid):
        return Recognition(None, How.AMBIGUOUS, "other-uuid")
    if one:
        return Recognition(one.current, How.UUID)
    return Recognition(other.current, How.SERIAL) if other else Recognition(None, How.NEW)


def _by_drives(session: Session, hardware: Hardware, workshop: Organisation) -> Recognition:
    """A report that identifies no computer: of a drive alone, it speaks of the machine that holds it; else somebody must say."""
    computer = hardware.model or hardware.manufacturer or hardware.processor
    holding = {machine.current for machine in _holding(session, hardware)}
    if not holding:
        return Recognition(None, How.NEW) if computer or not hardware.drives else _ambiguous("drive-unknown")
    if computer:
        return _ambiguous("drive-known")
    if len(holding) > 1:
        return _ambiguous("two-machines")
    (machine,) = holding
    return Recognition(machine, How.DRIVE) if workshop.holds(machine.workshop) else _ambiguous("elsewhere")


def _holding(session: Session, hardware: Hardware) -> list[Machine]:
    """The machines that hold a drive the report names: same serial and, where the size is exact, same size."""
    named = {one.serial: one for one in hardware.drives if one.serial}
    if not named:
        return []
    rows = session.execute(
        select(Machine, Drive.serial, Drive.bytes)
        .join(Sighting, Sighting.machine_id == Machine.id)
        .join(Drive, Drive.id == Sighting.drive_id)
        .where(Drive.serial.in_(list(named)[:64]), Sighting.id.not_in(select(Removal.sighting_id)))
        .order_by(Machine.id)
    )
    return [
        machine
        for machine, serial, size in rows
        if not (named[serial].exact and named[serial].bytes) or named[serial].bytes == size
    ]


def _one(session: Session, query: Select[Machine], workshop: Organisation, *, maker: str = "") -> _Found | None:
    records = [one for one in session.scalars(query.limit(MOST)) if same_maker(one.manufacturer, maker)]
    if not records:
        return None
    if len({one.current.id for one in records}) > 1:
        return _Found(None, "two-machines")
    if not workshop.holds(records[0].current.workshop):
        return _Found(None, "elsewhere")
    return _Found(records[0])


def _ambiguous(why: str) -> Recognition:
    return Recognition(None, How.AMBIGUOUS, why)


def _differ(known: str | None, told: str) -> bool:
    return bool(known and told and known != told)


def _first_word(name: str) -> str:
    words = name.casefold().replace("-", " ").split()
    return "".join(char for char in words[0] if char.isalnum()) if words else ""
