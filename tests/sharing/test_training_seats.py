"""The seats of a group, the level somebody begins at, and what they can do when they come out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from ordi.errors import Invalid, NotAllowed
from ordi.sharing.levels import Gesture, LearnerLevel, Onward, keep_level, levels_of, proposed_level, review
from ordi.sharing.requests import Request
from ordi.sharing.seats import GroupFull, Leaving, NotTheirTurn, OverForThem, admit, enlist, leave
from ordi.sharing.training import Group, NotCommitted, Step, advance, note_attendance, open_group
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.sharing.test_thirteen import ask_for, put

LEVELS = ("first", "second", "third")


def a_group(session: Session, cast: Cast, places: int, names: str) -> tuple[Group, list[Request]]:
    """A group of the workshops with so many seats, and requests that nobody enlisted yet."""
    programme = put(session, cast, "ateliers")
    days = [NOW - timedelta(days=n + 1) for n in range(10)]
    group = open_group(session, cast.partner, programme, days, by=cast.awa, at=NOW, places=places)
    return group, [ask_for(session, cast, programme, name=f"Learner {one}") for one in names]


def test_a_full_group_keeps_a_list_in_the_order_people_came_and_a_freed_seat_proposes_the_first(
    session: Session, cast: Cast
) -> None:
    group, requests = a_group(session, cast, 1, "abcd")
    seated, first, second = (enlist(session, group, one, by=cast.awa, at=NOW) for one in requests[:3])
    assert [one.step for one in (seated, first, second)] == [Step.LISTED, Step.WAITING, Step.WAITING]
    assert group.proposed is None
    with pytest.raises(GroupFull):
        admit(session, first, by=cast.awa, at=NOW)
    leave(session, seated, Leaving.WORK, by=cast.awa, at=NOW)
    assert group.proposed is first
    with pytest.raises(NotTheirTurn):
        admit(session, second, by=cast.awa, at=NOW)
    late = enlist(session, group, requests[3], by=cast.awa, at=NOW)
    assert late.step == Step.WAITING, "who comes now does not pass those who wait"
    admit(session, first, by=cast.awa, at=NOW)
    assert (group.seated, group.queue) == ([first], [second, late])


def test_who_waits_neither_commits_nor_comes_and_who_gives_up_lets_the_next_through(
    session: Session, cast: Cast
) -> None:
    group, requests = a_group(session, cast, 1, "abc")
    seated, first, second = (enlist(session, group, one, by=cast.awa, at=NOW) for one in requests)
    with pytest.raises(NotCommitted):
        note_attendance(session, group.sessions[0], [first.id], by=cast.awa, at=NOW)
    leave(session, first, Leaving.NOT_WANTED, by=cast.awa, at=NOW)
    leave(session, seated, Leaving.HOURS, by=cast.awa, at=NOW)
    assert group.proposed is second


def test_who_left_keeps_the_sessions_they_came_to_and_leaves_once_for_a_reason_of_the_list(
    session: Session, cast: Cast
) -> None:
    group, (request,) = a_group(session, cast, 2, "a")
    seat = enlist(session, group, request, by=cast.awa, at=NOW)
    for step in (Step.WRITTEN_TO, Step.INFORMED, Step.COMMITTED):
        advance(session, seat, step, by=cast.awa, at=NOW)
    note_attendance(session, group.sessions[0], [seat.id], by=cast.awa, at=NOW)
    with pytest.raises(Invalid):
        leave(session, seat, "ill", by=cast.awa, at=NOW)
    leave(session, seat, Leaving.WORK, by=cast.awa, at=NOW)
    note_attendance(session, group.sessions[0], [], by=cast.awa, at=NOW)
    assert (seat.left_why, len(seat.attendances)) == ("work", 1)
    with pytest.raises(OverForThem):
        leave(session, seat, Leaving.WORK, by=cast.awa, at=NOW)


@pytest.mark.parametrize(
    ("known", "level"),
    [(0, "first"), (2, "first"), (3, "second"), (5, "second"), (6, "third"), (7, "third")],
)
def test_the_gestures_somebody_knows_propose_a_level(known: int, level: str) -> None:
    assert proposed_level(LEVELS, list(Gesture)[:known]) == level


def test_everyone_learns_together_where_there_are_no_levels_and_a_gesture_is_one_of_seven() -> None:
    assert proposed_level((), list(Gesture)) == ""
    with pytest.raises(Invalid):
        proposed_level(LEVELS, ["dance"])


def test_only_the_chosen_level_is_kept_and_a_person_may_change_it(session: Session, cast: Cast) -> None:
    programme = put(session, cast, "ateliers")
    request = ask_for(session, cast, programme)
    training = programme.rules.training
    assert training
    with pytest.raises(Invalid):
        keep_level(session, request, "Expert", by=cast.awa, at=NOW)
    for level in (training.levels[0], training.levels[-1]):
        keep_level(session, request, level, by=cast.awa, at=NOW)
    assert levels_of(session, [request.id]) == {request.id: training.levels[-1]}
    assert {column.name for column in LearnerLevel.__table__.columns} == {"request_id", "level", "by_id", "at"}
    with pytest.raises(NotAllowed):
        keep_level(session, request, training.levels[0], by=cast.lou, at=NOW)


def test_the_exit_review_says_what_was_learnt_and_what_comes_next(session: Session, cast: Cast) -> None:
    group, (request,) = a_group(session, cast, 2, "a")
    seat = enlist(session, group, request, by=cast.awa, at=NOW)
    with pytest.raises(Invalid):
        review(session, seat, [Gesture.MAIL], Onward.ALONE, by=cast.awa, at=NOW)
    leave(session, seat, Leaving.LEVEL, by=cast.awa, at=NOW)
    review(session, seat, [Gesture.MAIL, Gesture.SWITCH_ON], Onward.ANOTHER_GROUP, by=cast.awa, at=NOW)
    assert (seat.able, seat.onward) == ("switch_on mail", "another_group")
    with pytest.raises(Invalid):
        review(session, seat, ["dance"], Onward.ALONE, by=cast.awa, at=NOW)
