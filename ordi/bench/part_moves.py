"""Every way a part comes, lies, and goes: taken out of a machine, put in a bin, moved, scrapped. One line each, never changed.

What lies in a bin is always the sum of its lines (tests/bench/test_parts.py). Verbs take the machine first, then bins by number.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.bench.bins import Bin, Part, hold_bin
from ordi.bench.loose_drives import OPENABLE
from ordi.bench.part_kinds import LONGEST, TRIED_BY, Family, PartKind
from ordi.bench.part_ledger import Way, heap, how_many, lift, move
from ordi.errors import Invalid, Refused
from ordi.machines.checks import ask_again
from ordi.machines.drive import Drive
from ordi.machines.journal import WrongState, lock, record
from ordi.machines.lifecycle import Note
from ordi.machines.machine import Machine
from ordi.parties.access import require
from ordi.parties.people import Person


class Origin(StrEnum):
    """Where a part came from that no machine of ours gave."""

    BOUGHT = "bought"
    DONATED = "donated"
    FOUND = "found"


class WhyScrapped(StrEnum):
    """Why a part is thrown away."""

    BROKEN = "broken"
    WORN = "worn_out"
    NO_USE = "no_use"
    UNSAFE = "unsafe"


class IsADrive(Refused):
    """This serial is a drive's: drives are followed apart, until they are proven empty."""

    code = "part-is-a-drive"


class PartElsewhere(Refused):
    """A part with this serial lies in a bin or in another machine."""

    code = "part-elsewhere"


def take_out(
    session: Session,
    machine: Machine,
    kind: PartKind,
    box: Bin,
    *,
    count: int = 1,
    serial: str = "",
    by: Person,
    at: datetime,
) -> Part | None:
    """Take parts out of an open machine and lay them in a bin of its workshop; with a serial, one part followed from now on.

    What the part was tried with counts no more. Raises `NotAllowed`, `WrongState`, `Invalid`, `IsADrive`, `PartElsewhere`, `BinClosed`.
    """
    open_case(session, machine, Note.PART_TAKEN, by=by, at=at)
    hold_bin(session, box, by=by, at=at)
    same_workshop(machine, box)
    part = _followed(session, box, kind, serial, within=machine) if serial.strip() else None
    how_many(count, part)
    if part:
        part.bin_id, part.machine_id, part.came_from_id = box.id, None, machine.id
    else:
        heap(session, box, kind).count += count
    move(session, Way.TAKEN, kind, count, to=box, part=part, machine=machine, by=by, at=at)
    record(session, machine, Note.PART_TAKEN, by=by, at=at, part=kind.named, count=count, bin=box.tag)
    ask_again(session, machine, TRIED_BY[Family(kind.family)], by=by, at=at)
    return part


def put_in(
    session: Session,
    box: Bin,
    kind: PartKind,
    origin: Origin,
    *,
    count: int = 1,
    serial: str = "",
    by: Person,
    at: datetime,
) -> Part | None:
    """Lay parts in a bin that came from elsewhere. Raises as `take_out`."""
    hold_bin(session, box, by=by, at=at)
    part = _followed(session, box, kind, serial, within=None) if serial.strip() else None
    how_many(count, part)
    if part:
        part.bin_id = box.id
    else:
        heap(session, box, kind).count += count
    move(session, Way.ARRIVED, kind, count, to=box, part=part, reason=origin, by=by, at=at)
    return part


def carry(
    session: Session,
    box: Bin,
    other: Bin,
    kind: PartKind,
    *,
    count: int = 1,
    part: Part | None = None,
    by: Person,
    at: datetime,
) -> None:
    """Lay parts in another bin, of another workshop too where this person works in both.

    Raises `NotAllowed`, `Invalid`, `BinClosed`, `NotThatMany`.
    """
    if box.id == other.id:
        raise Invalid(field="bin", why="same")
    for one in sorted((box, other), key=lambda each: each.id):
        hold_bin(session, one, by=by, at=at)
    lift(session, box, kind, count, part)
    if part:
        part.bin_id, part.workshop_id = other.id, other.workshop_id
    else:
        heap(session, other, kind).count += count
    for workshop in {box.workshop_id, other.workshop_id}:
        move(session, Way.MOVED, kind, count, out_of=box, to=other, part=part, at_workshop=workshop, by=by, at=at)


def scrap(
    session: Session,
    box: Bin,
    kind: PartKind,
    why: WhyScrapped,
    *,
    count: int = 1,
    part: Part | None = None,
    by: Person,
    at: datetime,
) -> None:
    """Throw parts of a bin away. Raises `NotAllowed`, `Invalid`, `BinClosed`, `NotThatMany`."""
    hold_bin(session, box, by=by, at=at)
    lift(session, box, kind, count, part)
    move(session, Way.SCRAPPED, kind, count, out_of=box, part=part, reason=why, by=by, at=at)


def open_case(session: Session, machine: Machine, note: Note, *, by: Person, at: datetime) -> None:
    """Hold a machine whose case is open on the bench. Raises `NotAllowed`, `WrongState`."""
    require(by, "parts.work", machine.workshop, at=at)
    lock(session, machine)
    if machine.state not in OPENABLE:
        raise WrongState(action=note, state=machine.state, tag=machine.tag)


def same_workshop(machine: Machine, box: Bin) -> None:
    """Raise `Invalid` unless the bin stands where the machine is."""
    if machine.workshop_id != box.workshop_id:
        raise Invalid(field="bin", why="elsewhere")


def not_a_drive(session: Session, serial: str) -> str:
    """A part's serial as it is kept. Raises `Invalid`, `IsADrive`."""
    said = " ".join(serial.split())[:LONGEST]
    if not said or not said.isprintable():
        raise Invalid(field="serial", why="missing")
    if session.scalar(select(Drive.id).where(Drive.serial == said).limit(1)):
        raise IsADrive(serial=said[-4:])
    return said


def _followed(session: Session, box: Bin, kind: PartKind, serial: str, *, within: Machine | None) -> Part:
    """The part with this serial, new or known. Raises `PartElsewhere` when it lies elsewhere."""
    said = not_a_drive(session, serial)
    query = select(Part).where(Part.workshop_id == box.workshop_id, Part.kind_id == kind.id, Part.serial == said)
    part = session.scalar(query.with_for_update())
    if part is None:
        part = Part(
            workshop_id=box.workshop_id, kind=kind, serial=said, bin_id=None, machine_id=None, came_from_id=None
        )
        session.add(part)
        session.flush()
    elif part.bin_id is not None or part.machine_id not in (None, within.id if within else None):
        raise PartElsewhere(serial=said[-4:])
    return part
