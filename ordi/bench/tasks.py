"""What is left to do on a machine: repair a function, find a part, lift a lock, take it apart. Open, done, or dropped with a reason.

A task is a line to work from, never a gate: what fails stays failed until somebody tries it again (`checks.untested`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, Index, String, and_, func, select, text
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ordi.bench.place import AT_BENCH, at_bench
from ordi.database import Base
from ordi.errors import Invalid, Refused
from ordi.machines.checks import LOCKS, Check, Result
from ordi.machines.journal import lock, record
from ordi.machines.lifecycle import Note
from ordi.machines.machine import Machine
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person

_OPEN = "closed_at IS NULL"


class Work(StrEnum):
    """What kind of task it is."""

    REPAIR = "repair"
    PART = "part"
    DISMANTLE = "dismantle"
    LOCK = "lock"


class Outcome(StrEnum):
    """How a task ended."""

    DONE = "done"
    DROPPED = "dropped"


class WhyDropped(StrEnum):
    """Why a task is given up."""

    MISTAKE = "mistake"
    NO_PART = "no_part"
    NOT_WORTH_IT = "not_worth_it"
    DISMANTLED = "dismantled"


class WhyNotDone(Refused):
    """A task that is dropped needs a reason."""

    code = "why-dropped"


class TaskOver(Refused):
    """This task is closed already."""

    code = "task-over"


class Task(Base):
    """One thing to do on one machine. `what` is the function it is about (a `Check`), or another code of its kind."""

    __tablename__ = "tasks"
    __table_args__ = (
        Index("ix_tasks_machine", "machine_id", "id"),
        Index(
            "uq_tasks_open",
            "machine_id",
            "kind",
            "what",
            "part_wanted",
            unique=True,
            sqlite_where=text(_OPEN),
            postgresql_where=text(_OPEN),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machines.id"))
    kind: Mapped[str] = mapped_column(String(12))
    what: Mapped[str] = mapped_column(String(24))
    part_wanted: Mapped[str] = mapped_column(String(24), default="")
    """The kind of part it waits for, or nothing."""
    opened_at: Mapped[datetime]
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """Nobody: Ordi itself, from what a machine reported."""
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    outcome: Mapped[str] = mapped_column(String(8), default="")
    why: Mapped[str] = mapped_column(String(16), default="")
    """Why it was dropped."""

    machine: Mapped[Machine] = relationship()


def open_task(
    session: Session,
    machine: Machine,
    kind: Work,
    what: str,
    *,
    part_wanted: str = "",
    by: Person,
    at: datetime,
) -> Task:
    """Write down something to do; the same one still open is returned as it is. `what` is a code of 24 characters at most.

    Raises `NotAllowed`, `WrongState`, `Invalid`.
    """
    lock(session, machine)
    at_bench(machine, Note.TASK_OPENED, by, at)
    if not 0 < len(what) <= 24 or len(part_wanted) > 24:
        raise Invalid(field="what", why="out-of-range")
    for one in open_tasks(session, machine):
        if (one.kind, one.what, one.part_wanted) == (kind, what, part_wanted):
            return one
    return _open(session, machine, kind, what, part_wanted, by, at)


def close_task(
    session: Session, task: Task, outcome: Outcome, why: WhyDropped | None = None, *, by: Person, at: datetime
) -> None:
    """A task is done, or given up for a reason. What was repaired is tried again: the diagnosis says so, not the task.

    Raises `NotAllowed`, `WrongState`, `TaskOver`, `WhyNotDone`.
    """
    lock(session, task.machine)
    at_bench(task.machine, Note.TASK_CLOSED, by, at)
    session.refresh(task)
    if task.closed_at is not None:
        raise TaskOver(tag=task.machine.tag)
    if outcome == Outcome.DROPPED and why is None:
        raise WhyNotDone(tag=task.machine.tag)
    _close(session, task, outcome, why if outcome == Outcome.DROPPED else None, by, at)


def drop_all(session: Session, machine: Machine, why: WhyDropped, *, by: Person, at: datetime) -> None:
    """Give up everything left to do on a held machine that goes no further."""
    for task in open_tasks(session, machine):
        _close(session, task, Outcome.DROPPED, why, by, at)


def follow(
    session: Session, machine: Machine, found: Mapping[Check, Result], *, by: Person | None, at: datetime
) -> None:
    """What fails becomes a task; what was failing and works again closes it. The machine is held."""
    waiting = {one.what: one for one in open_tasks(session, machine) if one.kind in (Work.REPAIR, Work.LOCK)}
    for check, result in found.items():
        if result == Result.FAILED and check not in waiting:
            _open(session, machine, Work.LOCK if check in LOCKS else Work.REPAIR, check, "", by, at)
        elif result != Result.FAILED and check in waiting:
            _close(session, waiting[check], Outcome.DONE, None, by, at)


def open_tasks(session: Session, machine: Machine) -> list[Task]:
    """What is left to do on a machine, oldest first."""
    query = select(Task).where(Task.machine_id == machine.id, Task.closed_at.is_(None))
    return list(session.scalars(query.order_by(Task.id)))


def tasks_of(session: Session, machine: Machine, *, limit: int = 60) -> list[Task]:
    """A machine's tasks, latest first, closed ones too."""
    query = select(Task).where(Task.machine_id == machine.id).order_by(Task.id.desc()).limit(limit)
    return list(session.scalars(query))


def tasks_on(session: Session, machines: Sequence[Machine]) -> dict[int, list[Task]]:
    """The open tasks of several machines, by the machine's id, oldest first: one query."""
    found: dict[int, list[Task]] = {}
    query = select(Task).where(Task.machine_id.in_([one.id for one in machines]), Task.closed_at.is_(None))
    for task in session.scalars(query.order_by(Task.id)):
        found.setdefault(task.machine_id, []).append(task)
    return found


def waiting_tasks(
    session: Session, workshop: Organisation, kind: Work | None = None, *, after: int = 0, limit: int = 60
) -> list[Task]:
    """The open tasks at a workshop's bench, oldest first, after a task's number: one page."""
    query = (
        select(Task)
        .join(Machine, Machine.id == Task.machine_id)
        .where(_at(workshop), Task.id > after)
        .options(joinedload(Task.machine))
    )
    if kind is not None:
        query = query.where(Task.kind == kind)
    return list(session.scalars(query.order_by(Task.id).limit(limit)))


def waiting_tasks_count(session: Session, workshop: Organisation) -> int:
    """How many tasks are open at a workshop's bench."""
    query = select(func.count(Task.id)).join(Machine, Machine.id == Task.machine_id).where(_at(workshop))
    return session.scalar(query) or 0


def _at(workshop: Organisation) -> ColumnElement[bool]:
    return and_(
        Task.closed_at.is_(None),
        Machine.workshop_id == workshop.id,
        Machine.merged_into_id.is_(None),
        Machine.state.in_(AT_BENCH),
    )


def _open(
    session: Session, machine: Machine, kind: Work, what: str, part_wanted: str, by: Person | None, at: datetime
) -> Task:
    task = Task(
        machine=machine,
        kind=kind,
        what=what,
        part_wanted=part_wanted,
        opened_at=at,
        opened_by_id=by.id if by else None,
        outcome="",
        why="",
    )
    session.add(task)
    session.flush()
    record(session, machine, Note.TASK_OPENED, by=by, at=at, kind=kind, what=what, part=part_wanted or None)
    return task


def _close(
    session: Session, task: Task, outcome: Outcome, why: WhyDropped | None, by: Person | None, at: datetime
) -> None:
    task.closed_at, task.closed_by_id, task.outcome, task.why = at, by.id if by else None, outcome, why or ""
    session.flush()
    record(
        session,
        task.machine,
        Note.TASK_CLOSED,
        by=by,
        at=at,
        kind=task.kind,
        what=task.what,
        outcome=outcome,
        because=why,
    )
