"""A workshop's figures: what stands where, how long it waits, what each week brought, and what passed at once; never who."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from ordi.bench.counters import monday
from ordi.machines.checks import BenchCheck, Check, Result
from ordi.machines.journal import record
from ordi.machines.lifecycle import Action, State
from ordi.reporting.workshop import WEEKS, stock_list, workshop_figures
from tests.cast import Cast
from tests.factories import WAYS, a_machine
from tests.ground.clock import NOW


def test_the_stock_is_counted_by_shelf_and_category(session: Session, cast: Cast) -> None:
    first, second = a_machine(session, cast, State.READY), a_machine(session, cast, State.ALLOCATED)
    a_machine(session, cast, State.REINSTALLED)
    first.grade, second.shelf = "A", "B2"
    session.flush()
    told = workshop_figures(session, cast.workshop, at=NOW)
    assert told.stock == {"A1": {"A": 1}, "B2": {"B": 1}}
    assert told.grades == {"A": 1, "B": 1}
    assert [one.id for one in stock_list(session, cast.workshop)] == [first.id, second.id]
    assert workshop_figures(session, cast.other_workshop, at=NOW).stock == {}


def test_machines_age_in_the_state_they_are_in(session: Session, cast: Cast) -> None:
    for days in (0, 7, 8, 30, 31, 90):
        a_machine(session, cast, State.RECEIVED).state_since = NOW - timedelta(days=days)
    session.flush()
    ages = {age.state: age for age in workshop_figures(session, cast.workshop, at=NOW).ages}
    received = ages[State.RECEIVED]
    assert (received.young, received.middle, received.old, received.longest) == (2, 2, 2, 90)
    assert ages[State.READY].longest == 0


def test_the_first_pass_is_lost_by_a_failed_test_a_failed_wipe_or_a_way_back(session: Session, cast: Cast) -> None:
    smooth, broken, back, before = (a_machine(session, cast, State.READY) for _ in range(4))
    hour = timedelta(hours=1)
    for machine, moment in ((broken, NOW - 2 * hour), (before, NOW - 30 * hour)):
        session.add(
            BenchCheck(
                machine_id=machine.id,
                stay=machine.stay,
                name=Check.SCREEN,
                result=Result.FAILED,
                by_id=cast.sam.id,
                at=moment,
            )
        )
    record(session, back, Action.REOPEN, by=None, at=NOW)
    told = workshop_figures(session, cast.workshop, at=NOW)
    assert (told.weeks[-1].released, told.weeks[-1].first_pass) == (4, 3)
    assert told.first_pass == 75
    # back on the shelf, after what sent it back: that way is not a first pass
    for step in WAYS[State.READY][2:]:
        step(session, cast, back, NOW + hour, 1)
    later = workshop_figures(session, cast.workshop, at=NOW + 3 * hour)
    assert (later.weeks[-1].released, later.weeks[-1].first_pass) == (5, 3)
    assert smooth.state == State.READY


def test_weeks_begin_on_monday_and_are_twelve(session: Session, cast: Cast) -> None:
    a_machine(session, cast, State.READY)
    a_machine(session, cast, State.READY, at=NOW - timedelta(weeks=3))
    a_machine(session, cast, State.READY, at=NOW - timedelta(weeks=WEEKS + 2))
    told = workshop_figures(session, cast.workshop, at=NOW)
    assert [week.monday for week in told.weeks] == [monday(NOW) - timedelta(weeks=n) for n in reversed(range(WEEKS))]
    assert [week.released for week in told.weeks] == [0] * 8 + [1, 0, 0, 1]
    assert [week.came for week in told.weeks] == [0] * 8 + [1, 0, 0, 1]
    assert told.weeks[-1].median_days == 0.1
    assert told.weeks[0].yield_percent is None
