"""News are forgotten in time, and what they changed is not undone."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ordi import legal_rules
from ordi.fleet.check_ins import CheckIn
from ordi.fleet.retention import forget, overdue
from ordi.machines.lifecycle import State
from tests.cast import Cast
from tests.factories import a_machine
from tests.fleet.news import enrolled, news, tell
from tests.ground.clock import NOW


def test_check_ins_are_forgotten_after_ninety_days(session: Session, cast: Cast) -> None:
    legal_rules.ship(session)
    machine = a_machine(session, cast, State.HANDED_OVER)
    enrolment = enrolled(session, cast, machine)
    for days in (91, 90, 1):
        tell(session, enrolment, news(session, machine), at=NOW - timedelta(days=days))
    assert overdue(session, at=NOW) == 1
    assert forget(session, at=NOW) == 1
    assert session.scalar(select(func.count()).select_from(CheckIn)) == 2
    assert enrolment.health == "good"
