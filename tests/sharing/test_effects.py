"""What a draft would change for those who wait: price, who may ask, quota and budget, beside place and conditions."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from ordi.sharing.effects import Effect, effects
from ordi.sharing.programmes import Programme, draft, rules_from
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.sharing.families import a_household, a_programme, a_request


def foreseen(session: Session, cast: Cast, programme: Programme, **change: object) -> list[Effect]:
    """How three families that wait would stand under a changed draft."""
    for name in ("Ana", "Bo", "Lila"):
        a_request(session, cast, programme, household=a_household(session, cast, name))
    rules = rules_from(programme.rules.model_dump() | change)
    version = draft(session, cast.pole, rules, by=cast.ada, at=NOW)
    return effects(session, cast.pole, version, at=NOW)


@pytest.mark.parametrize(
    ("change", "beyond"),
    [
        ({}, ["", "", ""]),
        ({"quota": {"total": 2}}, ["", "", "quota-reached"]),
        ({"quota": {"per_partner": 1}}, ["", "partner-quota-reached", "partner-quota-reached"]),
        ({"budget_cents": 100_00, "unit_cost_cents": 60_00}, ["", "budget-spent", "budget-spent"]),
    ],
)
def test_a_quota_and_a_budget_say_whom_they_would_newly_stop(
    session: Session, cast: Cast, change: dict[str, object], beyond: list[str]
) -> None:
    told = foreseen(session, cast, a_programme(session, cast), **change)
    assert [one.beyond for one in told] == beyond


def test_who_was_beyond_the_quota_already_is_not_told_again(session: Session, cast: Cast) -> None:
    told = foreseen(session, cast, a_programme(session, cast, quota={"total": 2}), quota={"total": 1})
    assert [one.beyond for one in told] == ["", "quota-reached", ""]


def test_who_filed_and_could_no_longer_ask_is_told(session: Session, cast: Cast) -> None:
    told = foreseen(session, cast, a_programme(session, cast), requesters=("landlord",))
    assert [one.not_theirs for one in told] == [True, True, True]
