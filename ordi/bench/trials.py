"""The page of trials, opened on the machine under test itself: a key for one machine, one hour, and the results of its own senses.

Nobody signs in there. The key opens nothing but these few answers; whoever made it answers for them.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, select, update
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ordi.bench.diagnosis import diagnose, questions
from ordi.bench.place import at_bench
from ordi.database import Base
from ordi.errors import Invalid, Refused
from ordi.machines.checks import Check, How, Result
from ordi.machines.journal import lock
from ordi.machines.lifecycle import Note
from ordi.machines.machine import Machine
from ordi.parties.people import Person

LASTS = timedelta(hours=1)
"""How long a key opens its page: the time to try a computer, no longer."""

TRIED = (
    Check.KEYBOARD,
    Check.SCREEN,
    Check.POINTER,
    Check.TOUCH,
    Check.SOUND,
    Check.MICROPHONE,
    Check.CAMERA,
)
"""What a browser can try on the machine it runs on."""


class TrialOver(Refused):
    """This key opens nothing, or no longer: ask for another at the bench."""

    code = "trial-over"


class Trial(Base):
    """One key, of which only the hash is kept."""

    __tablename__ = "trials"

    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machines.id"), index=True)
    stay: Mapped[int]
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    machine: Mapped[Machine] = relationship()
    by: Mapped[Person] = relationship()


def open_trial(session: Session, machine: Machine, *, by: Person, at: datetime) -> str:
    """A new key for a machine; the ones before it end. Raises `NotAllowed`, `WrongState`."""
    lock(session, machine)
    at_bench(machine, Note.DIAGNOSED, by, at)
    earlier = update(Trial).where(Trial.machine_id == machine.id, Trial.ended_at.is_(None))
    session.execute(earlier.values(ended_at=at))
    key = secrets.token_urlsafe(24)
    session.add(Trial(machine=machine, stay=machine.stay, key_hash=_hash(key), by=by, made_at=at))
    session.flush()
    return key


def trial_for(session: Session, key: str, *, at: datetime) -> Trial:
    """The trial that a key opens now. Raises `TrialOver`."""
    wanted = select(Trial).where(Trial.key_hash == _hash(key))
    found = session.scalar(wanted.options(joinedload(Trial.machine), joinedload(Trial.by)))
    if found is None or found.ended_at is not None or at >= found.made_at + LASTS:
        raise TrialOver()
    if found.stay != found.machine.stay or found.machine.merged_into_id is not None:
        raise TrialOver()
    return found


def tried_on(machine: Machine) -> list[Check]:
    """What its own page tries, in order."""
    asked = set(questions(machine))
    return [check for check in TRIED if check in asked]


def tell(session: Session, trial: Trial, check: Check, result: Result, *, at: datetime) -> None:
    """Note what the machine's own browser found. Raises `Invalid`, and as `diagnose`: who made the key must still be at this bench."""
    if check not in TRIED:
        raise Invalid(field="check", why="unknown")
    diagnose(session, trial.machine, {check: result}, how=How.BROWSER, by=trial.by, at=at)


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
