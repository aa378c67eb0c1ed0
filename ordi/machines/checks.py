"""What was checked on a machine at the bench: one row per check and stay, the last one counts. Untested is never passed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ordi.database import Base
from ordi.machines.machine import Form, Machine
from ordi.parties.people import Person


class Check(StrEnum):
    """A function of a computer that is tested before it may be called reconditioned (décret 2022-190)."""

    POWER = "power"
    SCREEN = "screen"
    TOUCH = "touch"
    KEYBOARD = "keyboard"
    POINTER = "pointer"
    SOUND = "sound"
    MICROPHONE = "microphone"
    PORTS = "ports"
    NETWORK = "network"
    CAMERA = "camera"
    BATTERY = "battery"
    MEMORY = "memory"
    DRIVE_HEALTH = "drive_health"
    BIOS_LOCK = "bios_lock"
    MDM_LOCK = "mdm_lock"
    APPLE_LOCK = "apple_lock"
    TRACKER_LOCK = "tracker_lock"
    CLEANING = "cleaning"


class Result(StrEnum):
    """What a check found. `ABSENT`: this computer has no such part."""

    GOOD = "good"
    WORN = "worn"
    FAILED = "failed"
    ABSENT = "absent"


class How(StrEnum):
    """Who found it: a person, the agent by measuring, or the page of trials in the machine's own browser."""

    PERSON = "person"
    AGENT = "agent"
    BROWSER = "browser"


LOCKS = frozenset({Check.BIOS_LOCK, Check.MDM_LOCK, Check.APPLE_LOCK, Check.TRACKER_LOCK})
"""What keeps a machine tied to its former owner; only they can lift it."""

EVERY_FORM = (
    Check.POWER,
    Check.SOUND,
    Check.PORTS,
    Check.NETWORK,
    Check.MEMORY,
    Check.DRIVE_HEALTH,
)
_SEEN = (Check.SCREEN, Check.TOUCH, Check.CAMERA, Check.MICROPHONE)
_HELD = (Check.KEYBOARD, Check.POINTER, Check.BATTERY)
ASKED: dict[str, tuple[Check, ...]] = {
    Form.LAPTOP: (*EVERY_FORM, *_SEEN, *_HELD),
    Form.ALL_IN_ONE: (*EVERY_FORM, *_SEEN),
    Form.DESKTOP: EVERY_FORM,
    Form.UNKNOWN: (*EVERY_FORM, *_SEEN, *_HELD),
}
"""Which functions each form of computer has; what is not known is asked, and what a report says is not there is answered by it."""


AGAIN = "again"
"""Kept where a result stands, and none: what it was found on has changed since, so it is untested."""


class BenchCheck(Base):
    """One result of one check."""

    __tablename__ = "bench_checks"
    __table_args__ = (Index("ix_bench_checks_machine_stay", "machine_id", "stay", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machines.id"))
    stay: Mapped[int]
    name: Mapped[str] = mapped_column(String(16))
    result: Mapped[str] = mapped_column(String(8))
    how: Mapped[str] = mapped_column(String(8), default=How.PERSON)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """Who found it, or answers for the session that measured it; nobody for a report that nobody answers for."""
    at: Mapped[datetime]


def asked_of(machine: Machine) -> tuple[Check, ...]:
    """The functions to try on a machine, in order, then the locks its maker's machines may bear."""
    apple = "apple" in machine.manufacturer.casefold()
    locks = (Check.BIOS_LOCK, Check.MDM_LOCK, Check.APPLE_LOCK if apple else Check.TRACKER_LOCK)
    return (*ASKED[machine.form], *locks)


def answered(session: Session, machine: Machine) -> dict[Check, BenchCheck]:
    """The last answer to each check of this stay, with who gave it and how, but those to be tried again."""
    rows = session.scalars(
        select(BenchCheck)
        .where(BenchCheck.machine_id == machine.id, BenchCheck.stay == machine.stay)
        .order_by(BenchCheck.id)
    )
    last = {Check(row.name): row for row in rows}
    return {check: row for check, row in last.items() if row.result != AGAIN}


def results(session: Session, machine: Machine) -> dict[Check, Result]:
    """The last result of each check of this stay, but those to be tried again."""
    rows = session.execute(
        select(BenchCheck.name, BenchCheck.result)
        .where(BenchCheck.machine_id == machine.id, BenchCheck.stay == machine.stay)
        .order_by(BenchCheck.id)
    )
    last = dict(rows.tuples().all())
    return {Check(name): Result(result) for name, result in last.items() if result != AGAIN}


def ask_again(session: Session, machine: Machine, checks: Iterable[Check], *, by: Person, at: datetime) -> list[Check]:
    """What was found by these checks counts no more: something they look at was changed. Returns those that had been made."""
    found = results(session, machine)
    gone = [one for one in checks if one in found]
    if gone:
        row = {"machine_id": machine.id, "stay": machine.stay, "result": AGAIN, "by_id": by.id, "at": at}
        session.execute(insert(BenchCheck), [{**row, "name": one} for one in gone])
    return gone


def untested(session: Session, machine: Machine) -> list[str]:
    """The checks this machine asks for that are missing or failed."""
    found = results(session, machine)
    return [check for check in asked_of(machine) if found.get(check, Result.FAILED) == Result.FAILED]


def cleaned(session: Session, machine: Machine) -> bool:
    """Whether it was cleaned during this stay."""
    return results(session, machine).get(Check.CLEANING) == Result.GOOD
