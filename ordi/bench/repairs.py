"""A repair ends a task: what was changed is written on the machine's history, and the function is to be tried again.

How long it took is counted for the workshop and the month, added up at once: no row says whose minutes they were, or on what machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ordi.bench.part_kinds import TRIED_BY, Family
from ordi.bench.tasks import Outcome, Task, Work, close_task
from ordi.database import Base
from ordi.errors import Invalid
from ordi.machines.checks import Check, ask_again
from ordi.machines.journal import lock, record
from ordi.machines.lifecycle import Note
from ordi.papers import PARIS
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person

MINUTES = (5, 15, 30, 60, 120)
"""What is pressed: about how long."""


class Change(StrEnum):
    """What was changed."""

    PART = "part"
    REFITTED = "refitted"
    CLEANED = "cleaned"
    SOLDERED = "soldered"
    SETTING = "setting"
    SOFTWARE = "software"


class RepairTime(Base):
    """The repairs of one function in one workshop in one month: how many, and how long they took together."""

    __tablename__ = "repair_times"
    __table_args__ = (UniqueConstraint("workshop_id", "what", "month"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    what: Mapped[str] = mapped_column(String(24))
    month: Mapped[date]
    """Its first day, in France."""
    repairs: Mapped[int]
    minutes: Mapped[int]


def repair(session: Session, task: Task, change: Change, minutes: int, *, by: Person, at: datetime) -> None:
    """End a task by what was changed: the function it is about counts as untried from now on.

    Raises `NotAllowed`, `WrongState`, `TaskOver`, `Invalid` for a task that is no repair, or minutes nobody can press.
    """
    if task.kind != Work.REPAIR or task.what not in set(Check):
        raise Invalid(field="kind", why="unknown")
    if minutes not in MINUTES:
        raise Invalid(field="minutes", why="unknown")
    machine = task.machine
    lock(session, machine)
    close_task(session, task, Outcome.DONE, by=by, at=at)
    record(session, machine, Note.REPAIRED, by=by, at=at, what=task.what, change=change)
    ask_again(session, machine, (Check(task.what),), by=by, at=at)
    month = at.astimezone(PARIS).date().replace(day=1)
    mine = select(RepairTime).where(
        RepairTime.workshop_id == machine.workshop_id, RepairTime.what == task.what, RepairTime.month == month
    )
    found = session.scalar(mine.with_for_update())
    if found is None:
        found = RepairTime(workshop_id=machine.workshop_id, what=task.what, month=month, repairs=0, minutes=0)
        session.add(found)
    found.repairs, found.minutes = found.repairs + 1, found.minutes + minutes
    session.flush()


def families_for(check: Check) -> tuple[Family, ...]:
    """The parts whose change may mend a function."""
    return tuple(family for family, tried in TRIED_BY.items() if check in tried)


def times_of(session: Session, workshops: Sequence[Organisation], *, since: date) -> list[RepairTime]:
    """The repairs of some workshops since a month, latest first: one query."""
    query = select(RepairTime).where(
        RepairTime.workshop_id.in_([one.id for one in workshops]), RepairTime.month >= since
    )
    return list(session.scalars(query.order_by(RepairTime.month.desc(), RepairTime.minutes.desc(), RepairTime.id)))
