"""At the door of a session: a number or a label marks somebody present, once, today."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from ordi.errors import NotAllowed
from ordi.sharing.attending import NoSessionToday, NotInThisGroup, arrive
from ordi.sharing.hand_over import hand_over
from ordi.sharing.seats import enlist
from ordi.sharing.training import Group, NotCommitted, Step, advance, note_attendance, open_group
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.sharing.families import a_household, a_promise, a_request, a_signature
from tests.sharing.test_thirteen import ask_for, put

SOON = NOW + timedelta(minutes=20)


def a_group(session: Session, cast: Cast, names: str = "a") -> Group:
    """A group whose first session begins in twenty minutes, everybody committed."""
    programme = put(session, cast, "ateliers")
    days = [SOON + timedelta(days=7 * n) for n in range(10)]
    group = open_group(session, cast.partner, programme, days, by=cast.awa, at=NOW)
    for name in names:
        place = enlist(session, group, ask_for(session, cast, programme, name=f"Learner {name}"), by=cast.awa, at=NOW)
        for step in (Step.WRITTEN_TO, Step.INFORMED, Step.COMMITTED):
            advance(session, place, step, by=cast.awa, at=NOW)
    return group


def came(group: Group) -> list[int]:
    return [len(place.attendances) for place in group.members]


def test_an_invitation_scanned_twice_is_one_presence_even_before_the_hour(session: Session, cast: Cast) -> None:
    group = a_group(session, cast, "ab")
    code = group.members[0].request.code
    first = arrive(session, group, f" {code.lower()} ", by=cast.awa, at=NOW)
    again = arrive(session, group, code, by=cast.awa, at=NOW + timedelta(minutes=1))
    assert (first.already, again.already, first.place) == (False, True, group.members[0])
    assert (came(group), group.sessions[0].held_at) == ([1, 0], NOW)


def test_the_label_of_the_computer_says_who_came_whatever_it_was_given_for(session: Session, cast: Cast) -> None:
    group = a_group(session, cast)
    household = group.members[0].request.household
    promise = a_promise(session, cast, request=a_request(session, cast, household=household))
    given = hand_over(session, promise, a_signature(), by=cast.ines, at=NOW)
    assert arrive(session, group, given.machine.tag, by=cast.awa, at=NOW).place is group.members[0]
    others = a_promise(session, cast, request=a_request(session, cast, household=a_household(session, cast, "Autre")))
    with pytest.raises(NotInThisGroup):
        arrive(session, group, others.machine.tag, by=cast.awa, at=NOW)


def test_what_leads_to_nobody_another_day_or_who_did_not_commit_is_refused(session: Session, cast: Cast) -> None:
    group = a_group(session, cast)
    code = group.members[0].request.code
    for said in ("", "D-1999-0001", "https://exemple.invalid/x"):
        with pytest.raises(NotInThisGroup):
            arrive(session, group, said, by=cast.awa, at=NOW)
    with pytest.raises(NoSessionToday):
        arrive(session, group, code, by=cast.awa, at=NOW + timedelta(days=1))
    with pytest.raises(NotAllowed):
        arrive(session, group, code, by=cast.lou, at=NOW)
    late = enlist(session, group, ask_for(session, cast, group.programme, name="Late"), by=cast.awa, at=NOW)
    with pytest.raises(NotCommitted):
        arrive(session, group, late.request.code, by=cast.awa, at=NOW)


def test_the_paper_sheet_typed_in_afterwards_says_the_last_word(session: Session, cast: Cast) -> None:
    group = a_group(session, cast, "ab")
    first, second = group.members
    arrive(session, group, first.request.code, by=cast.awa, at=NOW)
    note_attendance(session, group.sessions[0], [first.id, second.id], by=cast.awa, at=SOON)
    assert came(group) == [1, 1]
    note_attendance(session, group.sessions[0], [second.id], by=cast.awa, at=SOON)
    assert came(group) == [0, 1]
