"""A request nobody speaks of: its service is asked, it steps aside, it is closed; an answer gives its place back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from ordi.errors import NotAllowed
from ordi.privacy.ends import Thing, file_ends
from ordi.sharing.allocation import allocate, release
from ordi.sharing.appointments import book
from ordi.sharing.desks import open_desk, slots
from ordi.sharing.proposals import proposals
from ordi.sharing.requests import NotWaiting, Request, RequestState, attest, withdraw
from ordi.sharing.still_wanted import ask, close_silent, confirm, set_aside, steps_of, to_confirm
from ordi.sharing.waiting import position
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.sharing.families import a_programme, a_request


def days(count: int) -> datetime:
    return NOW + timedelta(days=count)


def asked(session: Session, cast: Cast) -> list[Request]:
    return list(session.scalars(to_confirm(cast.ines, at=NOW)))


def aside(session: Session, cast: Cast) -> Request:
    """A request that nobody answered for."""
    request = a_request(session, cast)
    ask(session, at=days(180))
    set_aside(session, at=days(210))
    return request


def written(session: Session, request: Request) -> list[str]:
    return [one.step for one in steps_of(session, request)][::-1]


def test_it_is_asked_about_once_after_as_long_as_its_programme_says(session: Session, cast: Cast) -> None:
    usual = a_request(session, cast)
    soon = a_request(session, cast, a_programme(session, cast, "vite", ask_again_days=60))
    assert ask(session, at=days(59)) == []
    assert [ask(session, at=days(60)) for _ in range(2)] == [[soon], []]
    assert ask(session, at=days(179)) == []
    assert ask(session, at=days(180)) == [usual]
    assert asked(session, cast) == [soon, usual]
    assert written(session, usual) == ["asked"]


def test_unanswered_it_steps_aside_out_of_proposals_and_list(session: Session, cast: Cast) -> None:
    request, machine = a_request(session, cast), a_machine(session, cast)
    ask(session, at=days(180))
    assert set_aside(session, at=days(209)) == 0
    assert position(session, request, cast.pole, at=days(209)) == (1, 1)
    assert [set_aside(session, at=days(210)) for _ in range(2)] == [1, 0]
    assert request.state == RequestState.UNCONFIRMED
    assert position(session, request, cast.pole, at=days(210)) == (0, 0)
    assert proposals(session, cast.pole, at=days(210)) == []
    with pytest.raises(NotWaiting):
        allocate(session, machine, request, by=cast.ada, at=days(210))


def test_confirmed_it_has_its_place_back_untouched(session: Session, cast: Cast) -> None:
    programme = a_programme(session, cast, "un")
    request = a_request(session, cast, programme)
    ask(session, at=days(180))
    set_aside(session, at=days(210))
    younger = a_request(session, cast, programme, at=days(209))
    filed_at = request.filed_at
    confirm(session, request, by=cast.ines, at=days(300))
    assert (request.state, request.filed_at, request.last_sign) == (RequestState.WAITING, filed_at, days(300))
    assert position(session, request, cast.pole, at=days(300)) == (1, 2)
    assert position(session, younger, cast.pole, at=days(300)) == (2, 2)
    assert written(session, request) == ["asked", "aside", "confirmed"]
    assert request not in ask(session, at=days(479))
    assert request in ask(session, at=days(480))


def test_after_a_year_of_silence_it_is_closed_and_its_file_has_an_end(session: Session, cast: Cast) -> None:
    request = aside(session, cast)
    household = request.household
    assert household is not None
    assert close_silent(session, at=days(364)) == 0
    assert Thing.REQUEST in file_ends(session, at=days(364), only=household)[household.id].running
    assert [close_silent(session, at=days(365)) for _ in range(2)] == [1, 0]
    assert (request.state, request.ended_at) == (RequestState.CLOSED, days(365))
    assert written(session, request) == ["asked", "aside", "closed"]
    end = file_ends(session, at=days(366), only=household)[household.id]
    assert (end.running, end.ended) == ({}, days(365).date())
    with pytest.raises(NotWaiting):
        confirm(session, request, by=cast.ines, at=days(366))


def test_one_that_is_already_old_is_still_asked_and_set_aside_before_it_is_closed(session: Session, cast: Cast) -> None:
    request = a_request(session, cast)
    assert close_silent(session, at=days(900)) == 0
    ask(session, at=days(900))
    assert (set_aside(session, at=days(930)), close_silent(session, at=days(959))) == (1, 0)
    assert close_silent(session, at=days(960)) == 1
    assert request.state == RequestState.CLOSED


def test_what_was_verified_meanwhile_is_a_sign_of_life(session: Session, cast: Cast) -> None:
    request = a_request(session, cast, a_programme(session, cast, "fait", points={"job-seeker": 5}))
    ask(session, at=days(180))
    attest(session, request, ["job-seeker"], by=cast.ines, at=days(190))
    assert (set_aside(session, at=days(211)), asked(session, cast)) == (0, [])
    assert ask(session, at=days(369)) == []
    assert ask(session, at=days(370)) == [request]


def test_what_was_promised_withdrawn_or_is_anothers_is_left_alone(session: Session, cast: Cast) -> None:
    promised, gone = a_request(session, cast), a_request(session, cast)
    allocate(session, a_machine(session, cast), promised, by=cast.ada, at=NOW)
    withdraw(session, gone, by=cast.ines, at=NOW)
    assert ask(session, at=days(400)) == []
    silent = aside(session, cast)
    with pytest.raises(NotAllowed):
        confirm(session, silent, by=cast.sam, at=days(211))
    withdraw(session, silent, by=cast.ines, at=days(212))
    assert close_silent(session, at=days(400)) == 0
    assert silent.state == RequestState.WITHDRAWN


def test_an_appointment_booked_or_moved_is_a_sign_of_life(session: Session, cast: Cast) -> None:
    promise = allocate(session, a_machine(session, cast), a_request(session, cast), by=cast.ada, at=NOW)
    every_day = dict.fromkeys(range(1, 8), "9h-11h")
    desk = open_desk(session, cast.workshop, every_day, minutes=30, at_once=1, by=cast.ada, at=NOW)
    for day in (1, 3):
        begins = slots(session, desk, days(day + 5).date(), 7, at=days(day))[0].begins
        book(session, promise, cast.workshop, begins, by=cast.ines, at=days(day))
        assert promise.request.last_sign == days(day)
    release(session, promise, by=cast.ada, at=days(4))
    assert ask(session, at=days(182)) == []
    assert ask(session, at=days(183)) == [promise.request]
