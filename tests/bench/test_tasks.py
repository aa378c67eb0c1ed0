"""What fails becomes a task; a task ends done or dropped with a reason, and opens no door by itself."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from ordi.bench.diagnosis import check, diagnose, propose, questions
from ordi.bench.dismantling import dismantle
from ordi.bench.tasks import (
    Outcome,
    TaskOver,
    WhyDropped,
    WhyNotDone,
    Work,
    close_task,
    open_task,
    open_tasks,
    tasks_of,
    tasks_on,
    waiting_tasks,
    waiting_tasks_count,
)
from ordi.bench.triage import Reason
from ordi.errors import Invalid, NotAllowed
from ordi.machines.checks import Check, Result
from ordi.machines.journal import WrongState, history
from ordi.machines.lifecycle import Note, State
from tests.cast import Cast
from tests.factories import a_machine


def test_what_fails_becomes_a_task_once(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.SANITISED)
    check(session, machine, Check.SCREEN, Result.FAILED, by=cast.sam, at=now)
    check(session, machine, Check.SCREEN, Result.FAILED, by=cast.kim, at=now)
    check(session, machine, Check.BIOS_LOCK, Result.FAILED, by=cast.kim, at=now)
    assert [(one.kind, one.what) for one in open_tasks(session, machine)] == [
        ("repair", "screen"),
        ("lock", "bios_lock"),
    ]
    assert [event.action for event in history(session, machine)].count(Note.TASK_OPENED) == 2


def test_what_works_again_closes_its_task(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.SANITISED)
    check(session, machine, Check.SCREEN, Result.FAILED, by=cast.sam, at=now)
    check(session, machine, Check.SCREEN, Result.WORN, by=cast.kim, at=now)
    assert open_tasks(session, machine) == []
    assert [(one.outcome, one.closed_by_id) for one in tasks_of(session, machine)] == [(Outcome.DONE, cast.kim.id)]


def test_a_repair_that_is_done_is_still_to_be_tried(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.SANITISED)
    diagnose(session, machine, dict.fromkeys(questions(machine), Result.GOOD), by=cast.sam, at=now)
    check(session, machine, Check.KEYBOARD, Result.FAILED, by=cast.sam, at=now)
    close_task(session, open_tasks(session, machine)[0], Outcome.DONE, by=cast.sam, at=now)
    assert propose(session, machine).missing == ("keyboard",)


def test_a_task_is_given_up_with_a_reason_and_closed_once(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.REINSTALLED)
    task = open_task(session, machine, Work.PART, Check.BATTERY, part_wanted="battery", by=cast.sam, at=now)
    assert open_task(session, machine, Work.PART, Check.BATTERY, part_wanted="battery", by=cast.kim, at=now) is task
    with pytest.raises(WhyNotDone):
        close_task(session, task, Outcome.DROPPED, by=cast.sam, at=now)
    close_task(session, task, Outcome.DROPPED, WhyDropped.NO_PART, by=cast.sam, at=now)
    with pytest.raises(TaskOver):
        close_task(session, task, Outcome.DONE, by=cast.kim, at=now)
    assert (task.outcome, task.why) == ("dropped", "no_part")
    assert open_task(session, machine, Work.PART, Check.BATTERY, part_wanted="battery", by=cast.kim, at=now) is not task


def test_what_is_taken_apart_has_nothing_left_to_do(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    check(session, machine, Check.SCREEN, Result.FAILED, by=cast.sam, at=now)
    dismantle(session, machine, Reason.BROKEN, by=cast.sam, at=now)
    assert [(one.outcome, one.why) for one in tasks_of(session, machine)] == [("dropped", "dismantled")]


def test_a_workshop_reads_its_own_tasks_page_by_page(session: Session, cast: Cast, now: datetime) -> None:
    mine = [a_machine(session, cast, State.SANITISED) for _ in range(3)]
    for machine in mine:
        check(session, machine, Check.SCREEN, Result.FAILED, by=cast.sam, at=now)
    open_task(session, mine[0], Work.PART, "screen", by=cast.sam, at=now)
    first = waiting_tasks(session, cast.workshop, Work.REPAIR, limit=2)
    rest = waiting_tasks(session, cast.workshop, Work.REPAIR, after=first[-1].id)
    assert [one.machine for one in (*first, *rest)] == mine
    assert waiting_tasks_count(session, cast.workshop) == 4
    assert waiting_tasks(session, cast.other_workshop) == []
    assert [len(tasks_on(session, mine)[one.id]) for one in mine] == [2, 1, 1]


def test_only_the_bench_and_only_at_the_bench(session: Session, cast: Cast, now: datetime) -> None:
    machine, ready = a_machine(session, cast, State.SANITISED), a_machine(session, cast, State.READY)
    for stranger in (cast.ada, cast.noor, cast.bruno):
        with pytest.raises(NotAllowed):
            open_task(session, machine, Work.REPAIR, Check.SCREEN, by=stranger, at=now)
    with pytest.raises(WrongState):
        open_task(session, ready, Work.REPAIR, Check.SCREEN, by=cast.sam, at=now)
    with pytest.raises(Invalid):
        open_task(session, machine, Work.REPAIR, "", by=cast.sam, at=now)
