"""The usual delay: measured on a year of hand-overs, announced below five."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import event
from sqlalchemy.orm import Session

from ordi.sharing.delays import FEWEST, Delay, delay_of, delays_of
from ordi.sharing.programmes import Programme, draft, put_in_force
from ordi.sharing.rules import HolderKind
from ordi.sharing.which import Answers, fitting
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.sharing.families import a_programme, a_request, handed_over


def given_after(session: Session, cast: Cast, programme: Programme, *days: int) -> None:
    """One hand-over for each of these waits; all of them at NOW, looked at later."""
    for wait in days:
        handed_over(session, cast, request=a_request(session, cast, programme, at=NOW - timedelta(days=wait)))


def test_below_five_hand_overs_the_delay_is_the_one_announced(session: Session, cast: Cast) -> None:
    programme = a_programme(session, cast, "pret", usual_delay_days=30)
    given_after(session, cast, programme, *range(FEWEST - 1))
    assert delay_of(programme, delays_of(session, cast.pole, at=NOW)) == Delay(30)


def test_one_slow_family_does_not_move_the_middle(session: Session, cast: Cast) -> None:
    programme = a_programme(session, cast, "pret", usual_delay_days=30)
    given_after(session, cast, programme, 10, 12, 14, 16, 400)
    assert delay_of(programme, delays_of(session, cast.pole, at=NOW)) == Delay(14, 12, 16, 5)


def test_a_new_version_goes_on_with_what_was_measured_under_the_one_before(session: Session, cast: Cast) -> None:
    programme = a_programme(session, cast, "pret", usual_delay_days=30)
    given_after(session, cast, programme, 7, 7, 7, 7, 7)
    second = draft(session, cast.pole, programme.rules.model_copy(update={"name": "Autre nom"}), by=cast.ada, at=NOW)
    put_in_force(session, second, by=cast.ada, at=NOW)
    assert delay_of(second, delays_of(session, cast.pole, at=NOW)).days == 7


def test_hand_overs_of_two_years_ago_and_of_another_pole_say_nothing(session: Session, cast: Cast) -> None:
    programme = a_programme(session, cast, "pret", usual_delay_days=30)
    given_after(session, cast, programme, 7, 7, 7, 7, 7)
    assert delays_of(session, cast.pole, at=NOW + timedelta(days=366)) == {}
    assert delays_of(session, cast.other_pole, at=NOW) == {}


def test_the_quicker_programme_comes_first_as_measured_and_one_query_tells_all(session: Session, cast: Cast) -> None:
    slow = a_programme(session, cast, "slow", usual_delay_days=5)
    quick = a_programme(session, cast, "quick", usual_delay_days=20)
    given_after(session, cast, slow, 60, 60, 60, 60, 60)
    asked: list[object] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *told: asked.append(told[2]))
    measured = delays_of(session, cast.pole, at=NOW)
    assert len(asked) == 1
    found = fitting([slow, quick], Answers(HolderKind.HOUSEHOLD, frozenset(), frozenset()), measured)
    assert [one.programme.code for one in found] == ["quick", "slow"]
