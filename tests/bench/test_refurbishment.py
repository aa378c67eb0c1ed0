"""From the diagnosis to the shelf: what is not tried is not passed, and the gate says all that is still missing."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from ordi.bench.cleaning import clean
from ordi.bench.counters import counters
from ordi.bench.diagnosis import (
    AboveTheRule,
    Below,
    DiagnosisIncomplete,
    Why,
    WhyBelow,
    WhyRegraded,
    answers_to,
    check,
    diagnose,
    grade,
    next_question,
    propose,
    questions,
    set_form,
)
from ordi.bench.holding import AlreadyHeld, Hold, NotHeld, hold, resume
from ordi.bench.losses import Loss, find, lose
from ordi.bench.reinstall import NoDriveToInstall, TooLittleMemory, reinstall
from ordi.bench.release import in_the_way, release_to_stock, shelve, stock_page
from ordi.bench.tasks import open_tasks
from ordi.errors import Invalid, NotAllowed
from ordi.machines.checks import Check, Result
from ordi.machines.gate import Locked, NotCleaned, NotTested, OnHold
from ordi.machines.journal import WrongState, history
from ordi.machines.lifecycle import Note, State
from ordi.machines.machine import Form, Grade, Machine
from tests.cast import Cast
from tests.factories import a_machine


def all_good(machine: Machine) -> dict[Check, Result]:
    return dict.fromkeys(questions(machine), Result.GOOD)


def test_a_diagnosis_asks_one_function_at_a_time_and_is_written_once_complete(
    session: Session, cast: Cast, now: datetime
) -> None:
    machine = a_machine(session, cast, State.SANITISED)
    asked = []
    while question := next_question(session, machine):
        asked.append(question)
        check(session, machine, question, Result.GOOD, by=cast.sam, at=now)
    assert tuple(asked) == questions(machine)
    assert [e.action for e in history(session, machine)].count(Note.DIAGNOSED) == 1


def test_a_failed_function_is_written_at_once_and_keeps_the_category_away(
    session: Session, cast: Cast, now: datetime
) -> None:
    machine = a_machine(session, cast, State.SANITISED)
    diagnose(session, machine, all_good(machine), by=cast.sam, at=now)
    check(session, machine, Check.SCREEN, Result.FAILED, by=cast.sam, at=now)
    assert propose(session, machine).missing == ("screen",)
    with pytest.raises(DiagnosisIncomplete):
        grade(session, machine, Grade.A, by=cast.sam, at=now)


@pytest.mark.parametrize(
    ("worn", "proposed"), [(0, Grade.A), (1, Grade.B), (2, Grade.B), (3, Grade.C)], ids=["none", "one", "two", "three"]
)
def test_the_rule_counts_worn_functions(
    session: Session, cast: Cast, now: datetime, worn: int, proposed: Grade
) -> None:
    machine = a_machine(session, cast, State.SANITISED)
    found = all_good(machine)
    for what in (Check.SCREEN, Check.KEYBOARD, Check.BATTERY)[:worn]:
        found[what] = Result.WORN
    diagnose(session, machine, found, by=cast.sam, at=now)
    assert propose(session, machine).grade == proposed


def test_a_person_may_go_below_the_rule_and_changes_it_with_a_reason(
    session: Session, cast: Cast, now: datetime
) -> None:
    machine = a_machine(session, cast, State.SANITISED)
    diagnose(session, machine, all_good(machine), by=cast.sam, at=now)
    with pytest.raises(WhyBelow):
        grade(session, machine, Grade.B, by=cast.sam, at=now)
    grade(session, machine, Grade.B, below=Below.SCRATCHED, by=cast.sam, at=now)
    with pytest.raises(WhyRegraded):
        grade(session, machine, Grade.A, by=cast.lou, at=now)
    grade(session, machine, Grade.A, why=Why.MISTAKE, by=cast.lou, at=now)
    assert machine.grade == Grade.A
    assert history(session, machine)[-1].action == Note.CORRECTED


def test_nobody_goes_above_the_rule(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.SANITISED)
    diagnose(session, machine, all_good(machine) | {Check.SCREEN: Result.WORN}, by=cast.sam, at=now)
    with pytest.raises(AboveTheRule):
        grade(session, machine, Grade.A, by=cast.lou, at=now)
    assert machine.grade is None


def test_a_category_that_the_rule_no_longer_gives_is_to_be_given_again(
    session: Session, cast: Cast, now: datetime
) -> None:
    machine = a_machine(session, cast, State.SANITISED)
    diagnose(session, machine, all_good(machine), by=cast.sam, at=now)
    grade(session, machine, Grade.A, by=cast.sam, at=now)
    check(session, machine, Check.SCREEN, Result.WORN, by=cast.kim, at=now)
    assert machine.grade is None
    grade(session, machine, Grade.B, by=cast.kim, at=now)
    assert machine.grade == Grade.B


def test_a_lock_keeps_a_machine_from_the_shelf_and_says_so(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.REINSTALLED)
    diagnose(session, machine, all_good(machine) | {Check.BIOS_LOCK: Result.FAILED}, by=cast.sam, at=now)
    clean(session, machine, by=cast.sam, at=now)
    with pytest.raises(Locked):
        release_to_stock(session, machine, "A2", by=cast.sam, at=now)
    assert [(one.kind, one.what) for one in open_tasks(session, machine)] == [("lock", "bios_lock")]


def test_each_maker_has_its_own_locks(session: Session, cast: Cast) -> None:
    machine = a_machine(session, cast, State.SANITISED)
    assert Check.TRACKER_LOCK in questions(machine)
    assert Check.APPLE_LOCK not in questions(machine)
    machine.describe(manufacturer="Apple Inc.")
    assert Check.APPLE_LOCK in questions(machine)


def test_an_answer_without_sense_is_not_taken(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.SANITISED, form=Form.DESKTOP)
    assert Result.ABSENT not in answers_to(Check.MEMORY)
    for what, result in ((Check.MEMORY, Result.ABSENT), (Check.BATTERY, Result.GOOD), (Check.BIOS_LOCK, Result.WORN)):
        with pytest.raises(Invalid):
            check(session, machine, what, result, by=cast.sam, at=now)


def test_the_form_of_a_machine_decides_what_is_asked(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.RECEIVED, form=Form.UNKNOWN)
    assert Check.BATTERY in questions(machine)
    set_form(session, machine, Form.DESKTOP, by=cast.sam, at=now)
    assert Check.BATTERY not in questions(machine)


def test_the_gate_to_the_shelf_tells_everything_still_missing(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.REINSTALLED)
    hold(session, machine, Hold.PART, by=cast.sam, at=now)
    assert [type(refusal) for refusal in in_the_way(session, machine)] == [NotTested, NotCleaned, OnHold]


def test_a_machine_tested_and_clean_goes_on_the_shelf(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.REINSTALLED)
    with pytest.raises(NotTested):
        release_to_stock(session, machine, "A2", by=cast.sam, at=now)
    diagnose(session, machine, all_good(machine), by=cast.sam, at=now)
    grade(session, machine, Grade.A, by=cast.sam, at=now)
    with pytest.raises(NotCleaned):
        release_to_stock(session, machine, "A2", by=cast.sam, at=now)
    clean(session, machine, by=cast.sam, at=now)
    release_to_stock(session, machine, " a2 ", by=cast.sam, at=now)
    assert (machine.state, machine.shelf) == (State.READY, "A2")
    shelve(session, machine, "b 12", by=cast.sam, at=now)
    assert stock_page(session, [cast.workshop]) == ([machine], None)


@pytest.mark.parametrize("shelf", ["", "  ", "<b>", "é", "A" * 30])
def test_a_shelf_is_a_short_plain_name(session: Session, cast: Cast, now: datetime, shelf: str) -> None:
    with pytest.raises(Invalid):
        shelve(session, a_machine(session, cast), shelf, by=cast.sam, at=now)


def test_reinstalling_needs_a_drive_memory_and_a_known_profile(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.SANITISED, memory_bytes=2 * 1024**3)
    with pytest.raises(TooLittleMemory):
        reinstall(session, machine, "bureau", by=cast.sam, at=now)
    with pytest.raises(Invalid):
        reinstall(session, machine, "windows", by=cast.sam, at=now)
    reinstall(session, machine, "leger", by=cast.sam, at=now)
    assert (machine.state, machine.profile) == (State.REINSTALLED, "leger")


def test_a_machine_without_a_drive_is_not_reinstalled(session: Session, cast: Cast, now: datetime) -> None:
    from ordi.bench.loose_drives import declare_driveless
    from ordi.bench.triage import Decision, triage

    machine = a_machine(session, cast, State.RECEIVED)
    triage(session, machine, Decision.KEEP, by=cast.sam, at=now)
    declare_driveless(session, machine, by=cast.sam, witness=cast.kim, at=now)
    assert machine.state == State.SANITISED
    with pytest.raises(NoDriveToInstall):
        reinstall(session, machine, "bureau", by=cast.sam, at=now)


def test_a_machine_put_aside_keeps_its_place_and_is_taken_up_again(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.SANITISED)
    with pytest.raises(NotHeld):
        resume(session, machine, by=cast.sam, at=now)
    hold(session, machine, Hold.PART, by=cast.sam, at=now)
    with pytest.raises(AlreadyHeld):
        hold(session, machine, Hold.HOLD, by=cast.kim, at=now)
    assert machine.state == State.SANITISED
    resume(session, machine, by=cast.kim, at=now)
    assert machine.held_for == ""


def test_a_lost_machine_says_whether_data_may_be_on_it(session: Session, cast: Cast, now: datetime) -> None:
    clean_one, raw = a_machine(session, cast, State.READY), a_machine(session, cast, State.RECEIVED)
    lose(session, clean_one, Loss.STOLEN, by=cast.lou, at=now)
    lose(session, raw, Loss.NOT_FOUND, by=cast.ada, at=now)
    assert '"exposed":false' in history(session, clean_one)[-1].facts
    assert '"exposed":true' in history(session, raw)[-1].facts


def test_a_found_machine_is_looked_at_afresh(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.READY)
    lose(session, machine, Loss.STOLEN, by=cast.lou, at=now)
    with pytest.raises(NotAllowed):
        find(session, machine, by=cast.theo, at=now)
    find(session, machine, by=cast.sam, at=now)
    assert (machine.state, machine.stay, machine.triage) == (State.RECEIVED, 2, "")


def test_nothing_is_diagnosed_or_cleaned_once_on_the_shelf(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.READY)
    with pytest.raises(WrongState):
        check(session, machine, Check.SCREEN, Result.GOOD, by=cast.sam, at=now)
    with pytest.raises(WrongState):
        clean(session, machine, by=cast.sam, at=now)


@pytest.mark.parametrize("who", ["ada", "theo", "ines", "bruno", "noor"])
def test_only_the_bench_works_at_the_bench(session: Session, cast: Cast, now: datetime, who: str) -> None:
    machine = a_machine(session, cast, State.REINSTALLED)
    person = getattr(cast, who)
    with pytest.raises(NotAllowed):
        clean(session, machine, by=person, at=now)
    with pytest.raises(NotAllowed):
        check(session, machine, Check.SCREEN, Result.GOOD, by=person, at=now)
    with pytest.raises(NotAllowed):
        hold(session, machine, Hold.HOLD, by=person, at=now)
    with pytest.raises(NotAllowed):
        shelve(session, machine, "A1", by=person, at=now)


def test_the_wall_counts_what_waits_and_what_was_done(session: Session, cast: Cast, now: datetime) -> None:
    for state in (State.RECEIVED, State.RECEIVED, State.SANITISED, State.READY):
        a_machine(session, cast, state)
    told = counters(session, cast.workshop, at=now)
    assert (told.waiting[State.RECEIVED], told.waiting[State.SANITISED], told.waiting[State.READY]) == (2, 1, 1)
    assert (told.untriaged, told.held, len(told.oldest)) == (2, 0, 3)
    assert counters(session, cast.other_workshop, at=now).waiting[State.READY] == 0


def test_the_shelves_are_read_page_by_page_each_machine_once(session: Session, cast: Cast) -> None:
    for shelf in ("B1", "A2", "A1", "B1", "A10", "A2", "A1"):
        a_machine(session, cast, State.READY).shelf = shelf
    session.flush()
    rooms = [cast.workshop, cast.other_workshop]
    whole, none = stock_page(session, rooms)
    assert none is None
    assert [one.shelf for one in whole] == ["A1", "A1", "A10", "A2", "A2", "B1", "B1"]
    walked: list[int] = []
    after = None
    for _ in range(4):
        page, after = stock_page(session, rooms, after, most=2)
        walked += [one.id for one in page]
    assert after is None
    assert walked == [one.id for one in whole]
