"""A repair: what was changed is on the history, the function is tried again, the minutes are the workshop's alone."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy import inspect
from sqlalchemy.orm import Session

from ordi.bench.diagnosis import check, diagnose, questions
from ordi.bench.dismantling import dismantle
from ordi.bench.four_steps import Steps, steps_of
from ordi.bench.part_kinds import Family
from ordi.bench.repairs import Change, RepairTime, families_for, repair, times_of
from ordi.bench.tasks import TaskOver, open_tasks
from ordi.bench.triage import Reason
from ordi.errors import Invalid, NotAllowed
from ordi.machines.checks import Check, Result, untested
from ordi.machines.journal import history
from ordi.machines.lifecycle import Note, State
from ordi.machines.machine import Machine
from tests.cast import Cast
from tests.factories import a_machine


def broken(session: Session, cast: Cast, now: datetime) -> Machine:
    machine = a_machine(session, cast, State.SANITISED)
    diagnose(session, machine, dict.fromkeys(questions(machine), Result.GOOD), by=cast.sam, at=now)
    check(session, machine, Check.SCREEN, Result.FAILED, by=cast.sam, at=now)
    return machine


def test_a_failed_check_is_repaired_told_and_tried_again(session: Session, cast: Cast, now: datetime) -> None:
    machine = broken(session, cast, now)
    (task,) = open_tasks(session, machine)
    repair(session, task, Change.PART, 30, by=cast.kim, at=now)
    assert open_tasks(session, machine) == []
    last = history(session, machine)[-1]
    assert (last.action, last.facts) == (Note.REPAIRED, '{"change":"part","what":"screen"}')
    assert untested(session, machine) == [Check.SCREEN]
    check(session, machine, Check.SCREEN, Result.GOOD, by=cast.sam, at=now)
    assert untested(session, machine) == []
    with pytest.raises(TaskOver):
        repair(session, task, Change.PART, 30, by=cast.kim, at=now)


def test_minutes_are_added_up_for_the_workshop_and_tied_to_nobody(session: Session, cast: Cast, now: datetime) -> None:
    for minutes in (5, 30):
        machine = broken(session, cast, now)
        repair(session, open_tasks(session, machine)[0], Change.REFITTED, minutes, by=cast.sam, at=now)
    (time,) = times_of(session, [cast.workshop], since=date(2000, 1, 1))
    assert (time.what, time.repairs, time.minutes) == ("screen", 2, 35)
    kept = {column.key for column in inspect(RepairTime).columns}
    assert kept == {"id", "workshop_id", "what", "month", "repairs", "minutes"}
    (task,) = open_tasks(session, broken(session, cast, now))
    with pytest.raises(Invalid):
        repair(session, task, Change.PART, 7, by=cast.sam, at=now)


def test_what_is_not_worth_it_is_taken_apart_with_its_reason(session: Session, cast: Cast, now: datetime) -> None:
    machine = broken(session, cast, now)
    dismantle(session, machine, Reason.NOT_WORTH_IT, by=cast.sam, at=now)
    assert open_tasks(session, machine) == []
    assert machine.state == State.DISMANTLED


@pytest.mark.parametrize("who", ["ada", "theo", "bruno", "noor", "vic"])
def test_only_the_bench_repairs(session: Session, cast: Cast, now: datetime, who: str) -> None:
    machine = broken(session, cast, now)
    with pytest.raises(NotAllowed):
        repair(session, open_tasks(session, machine)[0], Change.PART, 5, by=getattr(cast, who), at=now)


def test_a_function_knows_which_parts_may_mend_it() -> None:
    assert families_for(Check.SCREEN) == (Family.PANEL,)
    assert Family.MEMORY in families_for(Check.MEMORY)
    assert families_for(Check.BIOS_LOCK) == (Family.BOARD,)


def test_four_lights_for_a_whole_list(session: Session, cast: Cast, now: datetime) -> None:
    received, ready = a_machine(session, cast, State.RECEIVED), a_machine(session, cast, State.READY)
    failing, gone = broken(session, cast, now), a_machine(session, cast, State.RECYCLED)
    found = steps_of(session, [received, ready, failing, gone])
    assert found == {
        received.id: Steps("todo", "todo", "todo", "todo"),
        ready.id: Steps("ok", "ok", "ok", "ok"),
        failing.id: Steps("todo", "stop", "ok", "todo"),
    }
    repair(session, open_tasks(session, failing)[0], Change.PART, 5, by=cast.sam, at=now)
    assert steps_of(session, [failing])[failing.id].tested == "now"
