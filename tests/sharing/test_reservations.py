"""A machine kept for who does not answer: a reminder, then back to stock; the rank stays, and nobody loses it untold."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.machines.journal import Event
from ordi.machines.lifecycle import State
from ordi.messages.outbox import Message, Posting
from ordi.parties.organisations import Organisation
from ordi.sharing.allocation import allocate, heard
from ordi.sharing.appointments import book
from ordi.sharing.desks import open_desk, slots
from ordi.sharing.hand_over import hand_over
from ordi.sharing.promises import Allocation, Ending
from ordi.sharing.requests import RequestState, withdraw
from ordi.sharing.reservations import expire, expired_of, remind_silent, went_back
from ordi.sharing.telling import Telling
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.sharing.families import a_programme, a_promise, a_request, a_signature


def days(count: int) -> datetime:
    """So many days after NOW, at its hour."""
    return NOW + timedelta(days=count)


def reminders(session: Session) -> list[str]:
    kind = Message.kind == Telling.NO_ANSWER
    return [one.state for one in session.scalars(select(Message).where(kind).order_by(Message.id))]


@pytest.fixture
def promise(session: Session, cast: Cast) -> Allocation:
    """Kept ten working days, given back after thirty days."""
    return a_promise(session, cast)


def test_nobody_is_reminded_while_the_machine_is_kept(session: Session, promise: Allocation) -> None:
    assert promise.kept_until is not None
    assert remind_silent(session, at=days((promise.kept_until - NOW.date()).days)) == 0
    assert reminders(session) == []


def test_who_let_the_day_pass_is_reminded_once_and_never_at_night(session: Session, promise: Allocation) -> None:
    assert remind_silent(session, at=days(20).replace(hour=2)) == 0
    assert [remind_silent(session, at=days(20).replace(hour=10)) for _ in range(3)] == [1, 0, 0]
    assert reminders(session) == [Posting.WAITING]
    assert promise.standing


def test_the_machine_goes_back_and_the_request_keeps_its_place(
    session: Session, cast: Cast, promise: Allocation
) -> None:
    filed_at = promise.request.filed_at
    remind_silent(session, at=days(20))
    assert expire(session, at=days(29)) == 0
    assert expire(session, at=days(31)) == 1
    assert expire(session, at=days(31)) == 0
    assert (promise.ending, promise.machine.state) == (Ending.EXPIRED, State.READY)
    assert (promise.request.state, promise.request.filed_at) == (RequestState.WAITING, filed_at)
    last = session.scalars(select(Event).where(Event.machine_id == promise.machine_id).order_by(Event.seq)).all()[-1]
    assert (last.action, last.person_id) == ("release", None)
    assert expired_of(session, promise.request) is promise
    assert list(went_back(session, cast.pole, at=days(32))) == [promise]
    assert list(went_back(session, cast.other_pole, at=days(32))) == []
    assert reminders(session) == [Posting.DROPPED]


def test_nobody_loses_a_machine_who_was_not_told_ten_days_before(session: Session, promise: Allocation) -> None:
    assert expire(session, at=days(90)) == 0
    remind_silent(session, at=days(90))
    assert expire(session, at=days(99)) == 0
    assert promise.standing
    assert expire(session, at=days(100)) == 1


def test_an_answer_keeps_it_and_a_later_silence_is_reminded_anew(
    session: Session, cast: Cast, promise: Allocation
) -> None:
    remind_silent(session, at=days(20))
    heard(session, promise, by=cast.ines, at=days(25))
    assert expire(session, at=days(40)) == 0
    assert remind_silent(session, at=days(50)) == 1
    assert reminders(session) == [Posting.DROPPED, Posting.WAITING]
    assert [expire(session, at=days(day)) for day in (59, 60)] == [0, 1]


def test_who_has_an_appointment_is_left_alone(session: Session, cast: Cast, promise: Allocation) -> None:
    desk = open_desk(
        session, cast.workshop, dict.fromkeys(range(1, 8), "9h-11h"), minutes=30, at_once=1, by=cast.ada, at=NOW
    )
    remind_silent(session, at=days(20))
    moment = slots(session, desk, days(22).date(), 10, at=days(21))[0].begins
    book(session, promise, cast.workshop, moment, by=cast.ines, at=days(21))
    assert (remind_silent(session, at=days(60)), expire(session, at=days(60))) == (0, 0)


def test_what_was_handed_over_or_withdrawn_is_no_longer_asked(session: Session, cast: Cast) -> None:
    given, gone = a_promise(session, cast), a_promise(session, cast)
    hand_over(session, given, a_signature(), by=cast.ines, at=NOW)
    withdraw(session, gone.request, by=cast.ines, at=NOW)
    assert (remind_silent(session, at=days(60)), expire(session, at=days(90))) == (0, 0)


def test_each_programme_says_how_long(session: Session, cast: Cast) -> None:
    slow = a_promise(
        session, cast, request=a_request(session, cast, a_programme(session, cast, "lent", expire_days=120))
    )
    remind_silent(session, at=days(20))
    assert expire(session, at=days(119)) == 0
    assert expire(session, at=days(120)) == 1
    assert slow.request.state == RequestState.WAITING


@pytest.mark.parametrize("place", ["workshop", "partner", "pole"])
def test_good_friday_is_no_day_to_answer_where_one_of_the_places_keeps_it(
    session: Session, cast: Cast, place: str
) -> None:
    wednesday = datetime(2027, 3, 24, 10, tzinfo=UTC)
    inland = allocate(session, a_machine(session, cast), a_request(session, cast), by=cast.ada, at=wednesday)
    closing: Organisation = getattr(cast, place)
    open_desk(session, closing, {1: "9h-11h"}, minutes=30, at_once=1, alsace_moselle=True, by=cast.ada, at=NOW)
    there = allocate(session, a_machine(session, cast), a_request(session, cast), by=cast.ada, at=wednesday)
    assert (inland.kept_until, there.kept_until) == (date(2027, 4, 8), date(2027, 4, 9))
    heard(session, inland, by=cast.ada, at=wednesday)
    assert inland.kept_until == date(2027, 4, 9)
