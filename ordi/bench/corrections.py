"""What was said wrongly is corrected with a reason, by whom may; the history keeps what was said before. The last one can be taken back.

Nothing here opens the gate or belies a paper: what a certificate names, what a machine said of itself, and what a donor asks
stand, and the refusal says which.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from ordi.bench.certificates import Certificate
from ordi.bench.place import AT_BENCH, at_bench
from ordi.bench.plan import last_inventory
from ordi.errors import Invalid, Refused
from ordi.machines.drive import Sanitisation
from ordi.machines.gate import NEEDS
from ordi.machines.hardware import meant
from ordi.machines.journal import Event, WrongState, lock, record
from ordi.machines.lifecycle import Need, Note, State
from ordi.machines.lots import Lot
from ordi.machines.machine import Form, Grade, Machine
from ordi.machines.policy import asked_of_lot
from ordi.parties.access import may, require
from ordi.parties.people import Person


class Because(StrEnum):
    """Why something is corrected."""

    MISTAKE = "mistake"
    LABEL = "wrong_label"
    NEW_LOOK = "new_look"


UNDONE = "undone"
"""The reason of a correction taken back."""

CORRECTABLE = AT_BENCH | {State.DISMANTLED}
"""Where lot and serial may be corrected: before the gate. What is in stock is reopened first. The database holds this for the lot too."""


class InACertificate(Refused):
    """A signed certificate names what would change."""

    code = "in-a-certificate"


class SaidByItself(Refused):
    """The machine's own report said this serial."""

    code = "serial-said-by-itself"


class SerialTaken(Refused):
    """Another machine of this workshop bears this serial: they are one, or one of them was read wrongly."""

    code = "serial-taken"


class AsksLess(Refused):
    """The other lot's donor asks less of the wipe than this one's: whoever decides of gifts says so."""

    code = "lot-asks-less"


class SameAsBefore(Refused):
    """It says so already."""

    code = "same-as-before"


class NothingToUndo(Refused):
    """The last thing in its history is no correction: what followed rests on it."""

    code = "nothing-to-undo"


def correct_form(session: Session, machine: Machine, form: Form, why: Because, *, by: Person, at: datetime) -> None:
    """Say that it is another kind of computer; what is asked of it changes. Raises `NotAllowed`, `WrongState`, `SameAsBefore`."""
    lock(session, machine)
    at_bench(machine, Note.CORRECTED, by, at)
    _write(session, machine, "form", machine.form, form, why, by, at)


def correct_grade(session: Session, machine: Machine, grade: Grade, why: Because, *, by: Person, at: datetime) -> None:
    """Give a machine in stock another category. At the bench it is `diagnosis.grade`; promised, it goes back to stock first.

    Raises `NotAllowed`, `WrongState`, `SameAsBefore`.
    """
    require(by, "bench.correct", machine.workshop, at=at)
    lock(session, machine)
    if machine.state != State.READY:
        raise WrongState(action=Note.CORRECTED, state=machine.state, tag=machine.tag)
    _write(session, machine, "grade", machine.grade, grade, why, by, at)


def correct_serial(session: Session, machine: Machine, serial: str, why: Because, *, by: Person, at: datetime) -> None:
    """Write a serial anew that was typed wrongly; empty: it has none.

    Raises `NotAllowed`, `WrongState`, `Invalid` for a maker's placeholder, `SaidByItself`, `InACertificate`, `SerialTaken`,
    `SameAsBefore`.
    """
    _with_us(session, machine, by, at)
    said = meant(serial)
    if serial.strip() and not said:
        raise Invalid(field="serial", why="placeholder")
    _no_certificate(session, machine)
    told = last_inventory(session, machine)
    if told is not None and told.serial and told.serial == machine.serial:
        raise SaidByItself(tag=machine.tag)
    same = select(Machine).where(
        Machine.serial == said, Machine.workshop_id == machine.workshop_id, Machine.id != machine.id
    )
    other = session.scalar(same.where(Machine.merged_into_id.is_(None)).limit(1)) if said else None
    if other is not None:
        raise SerialTaken(tag=machine.tag, other=other.tag)
    _write(session, machine, "serial", machine.serial or "", said, why, by, at)


def correct_lot(session: Session, machine: Machine, lot: Lot, why: str, *, by: Person, at: datetime) -> None:
    """Say that it came with another lot of this workshop; its donor, and what is asked of its wipe, follow.

    Raises `NotAllowed`, `WrongState`, `Invalid`, `AsksLess`, `SameAsBefore`, `InQuarantine` (it would leave its lot's).
    """
    _with_us(session, machine, by, at)
    NEEDS[Need.NOT_QUARANTINED](session, machine)
    if lot.workshop_id != machine.workshop_id:
        raise Invalid(field="lot", why="elsewhere")
    if machine.lot is not None:
        asked, will_ask = asked_of_lot(session, machine.lot), asked_of_lot(session, lot)
        if asked.and_also(will_ask) != will_ask and not may(by, "giving.decide", machine.workshop, at=at):
            raise AsksLess(tag=machine.tag, lot=lot.code)
    _write(session, machine, "lot", machine.lot.code if machine.lot else "", lot.code, why, by, at)


def last_correction(session: Session, machine: Machine) -> dict[str, Any] | None:
    """What the last event corrected, when it can be taken back: `what`, `was`, `now`. Nothing when something followed."""
    last = session.scalar(select(Event).where(Event.machine_id == machine.id, Event.seq == machine.head_seq))
    if last is None or last.action != Note.CORRECTED:
        return None
    told: dict[str, Any] = json.loads(last.facts)
    return told if told.get("what") in _UNDOES else None


def undo(session: Session, machine: Machine, *, by: Person, at: datetime) -> None:
    """Take the last correction back, while nothing followed it. Raises as the correction itself, `NothingToUndo`."""
    lock(session, machine)
    told = last_correction(session, machine)
    if told is None:
        raise NothingToUndo(tag=machine.tag)
    what, was = str(told["what"]), str(told.get("was", ""))
    _UNDOES[what](session, machine, was, by, at)


def _undo_form(session: Session, machine: Machine, was: str, by: Person, at: datetime) -> None:
    at_bench(machine, Note.CORRECTED, by, at)
    _write(session, machine, "form", machine.form, was, UNDONE, by, at)


def _undo_grade(session: Session, machine: Machine, was: str, by: Person, at: datetime) -> None:
    if machine.state == State.READY:
        require(by, "bench.correct", machine.workshop, at=at)
    else:
        at_bench(machine, Note.CORRECTED, by, at)
    _write(session, machine, "grade", machine.grade, was, UNDONE, by, at)


def _undo_serial(session: Session, machine: Machine, was: str, by: Person, at: datetime) -> None:
    _with_us(session, machine, by, at)
    _no_certificate(session, machine)
    _write(session, machine, "serial", machine.serial or "", was, UNDONE, by, at)


def _undo_lot(session: Session, machine: Machine, was: str, by: Person, at: datetime) -> None:
    lot = session.scalar(select(Lot).where(Lot.code == was))
    if lot is None:
        raise NothingToUndo(tag=machine.tag)
    correct_lot(session, machine, lot, UNDONE, by=by, at=at)


_UNDOES: dict[str, Callable[[Session, Machine, str, Person, datetime], None]] = {
    "form": _undo_form,
    "grade": _undo_grade,
    "serial": _undo_serial,
    "lot": _undo_lot,
}


def _with_us(session: Session, machine: Machine, by: Person, at: datetime) -> None:
    require(by, "bench.correct", machine.workshop, at=at)
    lock(session, machine)
    if machine.state not in CORRECTABLE:
        raise WrongState(action=Note.CORRECTED, state=machine.state, tag=machine.tag)


def _no_certificate(session: Session, machine: Machine) -> None:
    issued = exists().where(Certificate.sanitisation_id == Sanitisation.id, Sanitisation.machine_id == machine.id)
    if session.scalar(select(issued)):
        raise InACertificate(tag=machine.tag)


def _write(
    session: Session, machine: Machine, what: str, was: str | None, now: str, why: str, by: Person, at: datetime
) -> None:
    if (was or "") == now:
        raise SameAsBefore(tag=machine.tag)
    # first the event: the database lets a lot change only where the history says so
    record(session, machine, Note.CORRECTED, by=by, at=at, what=what, was=was or None, now=now, because=why)
    match what:
        case "form":
            machine.form = now
        case "grade":
            machine.grade = now or None
        case "serial":
            machine.serial = now or None
            machine.describe()
        case "lot":
            machine.lot = session.scalars(select(Lot).where(Lot.code == now)).one()
            machine.donor = machine.lot.donor
    session.flush()
