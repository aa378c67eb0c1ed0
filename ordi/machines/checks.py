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
    KEYBOARD = "keyboard"
    POINTER = "pointer"
    SOUND = "sound"
    PORTS = "ports"
    NETWORK = "network"
    CAMERA = "camera"
    BATTERY = "battery"
    MEMORY = "memory"
    DRIVE_HEALTH = "drive_health"
    LOCKS = "locks"
    CLEANING = "cleaning"


class Result(StrEnum):
    """What a check found. `ABSENT`: this computer has no such part."""

    GOOD = "good"
    WORN = "worn"
    FAILED = "failed"
    ABSENT = "absent"


EVERY_FORM = (
    Check.POWER,
    Check.SOUND,
    Check.PORTS,
    Check.NETWORK,
    Check.MEMORY,
    Check.DRIVE_HEALTH,
    Check.LOCKS,
)
ASKED: dict[str, tuple[Check, ...]] = {
    Form.LAPTOP: (*EVERY_FORM, Check.SCREEN, Check.KEYBOARD, Check.POINTER, Check.CAMERA, Check.BATTERY),
    Form.ALL_IN_ONE: (*EVERY_FORM, Check.SCREEN, Check.CAMERA),
    Form.DESKTOP: EVERY_FORM,
    Form.UNKNOWN: (*EVERY_FORM, Check.SCREEN, Check.KEYBOARD, Check.POINTER, Check.CAMERA, Check.BATTERY),
}
"""Which functions each form of computer has; what is not known is asked."""


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
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]


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
    """The checks this form asks for that are missing or failed."""
    found = results(session, machine)
    return [check for check in ASKED[machine.form] if found.get(check, Result.FAILED) == Result.FAILED]


def cleaned(session: Session, machine: Machine) -> bool:
    """Whether it was cleaned during this stay."""
    return results(session, machine).get(Check.CLEANING) == Result.GOOD
