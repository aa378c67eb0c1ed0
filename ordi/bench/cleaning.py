"""Cleaning: a machine goes to a family clean, inside and out, at each of its stays."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from ordi.bench.place import at_bench
from ordi.machines.checks import BenchCheck, Check, Result
from ordi.machines.journal import lock, record
from ordi.machines.lifecycle import Note
from ordi.machines.machine import Machine
from ordi.parties.people import Person


def clean(session: Session, machine: Machine, *, by: Person, at: datetime, happened_at: datetime | None = None) -> None:
    """Note that a machine was cleaned. Raises `NotAllowed`, `WrongState`."""
    lock(session, machine)
    at_bench(machine, Note.CLEANED, by, at)
    session.add(
        BenchCheck(
            machine_id=machine.id, stay=machine.stay, name=Check.CLEANING, result=Result.GOOD, by_id=by.id, at=at
        )
    )
    record(session, machine, Note.CLEANED, by=by, at=at, happened_at=happened_at)
