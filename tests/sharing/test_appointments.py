"""A family comes at a moment of its own: hours, holidays, the last place, the reminder, and coming or not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.errors import Invalid, NotAllowed, NotFound
from ordi.messages.outbox import Message, Posting
from ordi.papers import PARIS
from ordi.sharing.allocation import Allocation, NotAllocated, release
from ordi.sharing.appointments import (
    Appointment,
    NotBooked,
    NotOver,
    SlotTaken,
    appointments_seen_by,
    book,
    cancel,
    miss,
    places_for,
    remind,
)
from ordi.sharing.bookings import Booking, open_appointment
from ordi.sharing.desks import Desk, NoDesk, close_desk, open_desk, read_hours, said_hours, slots
from ordi.sharing.hand_over import hand_over
from ordi.sharing.requests import Reach
from ordi.sharing.telling import Telling
from ordi.sharing.waiting import in_order, waiting_requests
from ordi.sharing.working_days import holidays
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.sharing.families import a_promise, a_signature

EVERY_DAY = dict.fromkeys(range(1, 8), "9h-11h")
THURSDAY = date(2026, 11, 19)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=PARIS).astimezone(UTC)


@pytest.fixture
def desk(session: Session, cast: Cast) -> Desk:
    """The workshop receives every morning, one family in half an hour."""
    return open_desk(session, cast.workshop, EVERY_DAY, minutes=30, at_once=1, by=cast.ada, at=NOW)


NINE = at(THURSDAY, 9)


def booked(session: Session, cast: Cast, begins: datetime = NINE) -> Appointment:
    return book(session, a_promise(session, cast), cast.workshop, begins, by=cast.ines, at=NOW)


def told(session: Session, *states: Posting) -> Sequence[str]:
    query = select(Message.kind).where(Message.state.in_(states or list(Posting))).order_by(Message.id)
    return session.scalars(query).all()


def test_hours_are_read_as_people_write_them() -> None:
    assert read_hours("9h-12h, 14:00-17h30") == [(540, 720), (840, 1050)]
    assert read_hours("9 h à 12 h et 14 h – 16 h") == [(540, 720), (840, 960)]
    assert read_hours("") == []
    assert said_hours(read_hours("9h-12h, 14h-17h30")) == "9:00-12:00, 14:00-17:30"
    for wrong in ("matin", "12h-9h", "9h-12h, 11h-13h", "9h-25h", "9h75-10h", "9h"):
        with pytest.raises(Invalid):
            read_hours(wrong)


def test_a_day_has_its_moments_in_french_hours_and_what_is_past_is_not_offered(session: Session, desk: Desk) -> None:
    assert [one.begins for one in slots(session, desk, THURSDAY, 1, at=NOW)] == [
        at(THURSDAY, 9), at(THURSDAY, 9, 30), at(THURSDAY, 10), at(THURSDAY, 10, 30),
    ]  # fmt: skip
    assert [one.begins for one in slots(session, desk, THURSDAY, 1, at=at(THURSDAY, 10))] == [at(THURSDAY, 10, 30)]
    summer = slots(session, desk, date(2027, 3, 28), 1, at=NOW)
    assert [one.begins.hour for one in summer] == [7, 7, 8, 8], "the day clocks change, nine is nine"


def test_holidays_are_closed_and_two_more_in_alsace_moselle(session: Session, cast: Cast, desk: Desk) -> None:
    good_friday, second_day = date(2027, 3, 26), date(2026, 12, 26)
    assert slots(session, desk, date(2026, 12, 25), 1, at=NOW) == []
    assert slots(session, desk, good_friday, 1, at=NOW)
    there = open_desk(
        session, cast.workshop, EVERY_DAY, minutes=30, at_once=1, alsace_moselle=True, by=cast.ada, at=NOW
    )
    assert slots(session, there, good_friday, 1, at=NOW) == []
    assert slots(session, there, second_day, 1, at=NOW) == []
    assert holidays(2027, alsace_moselle=True) - holidays(2027) == {good_friday, date(2027, 12, 26)}


def test_a_closure_takes_its_days(session: Session, cast: Cast, desk: Desk) -> None:
    close_desk(session, cast.workshop, THURSDAY, THURSDAY + timedelta(days=1), by=cast.ada, at=NOW)
    days = {one.begins.astimezone(PARIS).date() for one in slots(session, desk, THURSDAY, 4, at=NOW)}
    assert days == {THURSDAY + timedelta(days=2), THURSDAY + timedelta(days=3)}
    with pytest.raises(Invalid):
        close_desk(session, cast.workshop, THURSDAY, THURSDAY - timedelta(days=1), by=cast.ada, at=NOW)


@pytest.mark.usefixtures("desk")
def test_a_moment_is_given_until_it_is_full(session: Session, cast: Cast, desk: Desk) -> None:
    booked(session, cast)
    with pytest.raises(SlotTaken):
        booked(session, cast)
    assert at(THURSDAY, 9) not in [one.begins for one in slots(session, desk, THURSDAY, 1, at=NOW)]
    open_desk(session, cast.workshop, EVERY_DAY, minutes=30, at_once=2, by=cast.ada, at=NOW)
    assert slots(session, desk, THURSDAY, 1, at=NOW)[0].left == 1
    booked(session, cast)


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("begins", [at(THURSDAY, 9, 10), at(THURSDAY, 12), NOW - timedelta(days=4)])
def test_only_a_moment_of_the_place_can_be_booked(session: Session, cast: Cast, begins: datetime) -> None:
    with pytest.raises(SlotTaken):
        booked(session, cast, begins)


@pytest.mark.usefixtures("desk")
def test_a_family_comes_to_its_workshop_or_its_service_and_nowhere_else(session: Session, cast: Cast) -> None:
    promise = a_promise(session, cast)
    assert [one.organisation_id for one in places_for(session, promise)] == [cast.workshop.id]
    open_desk(session, cast.partner, EVERY_DAY, minutes=30, at_once=1, by=cast.paul, at=NOW)
    assert [one.organisation_id for one in places_for(session, promise)] == [cast.workshop.id, cast.partner.id]
    with pytest.raises(NotFound):
        book(session, promise, cast.second_workshop, at(THURSDAY, 9), by=cast.ines, at=NOW)


def test_a_place_without_hours_says_so(session: Session, cast: Cast) -> None:
    with pytest.raises(NoDesk):
        booked(session, cast)


@pytest.mark.usefixtures("desk")
def test_who_may_book_and_who_may_set_hours(session: Session, cast: Cast) -> None:
    promise = a_promise(session, cast)
    for stranger in (cast.noor, cast.sam, cast.vic):
        with pytest.raises(NotAllowed):
            book(session, promise, cast.workshop, at(THURSDAY, 9), by=stranger, at=NOW)
    with pytest.raises(NotAllowed):
        open_desk(session, cast.workshop, EVERY_DAY, minutes=30, at_once=1, by=cast.paul, at=NOW)
    book(session, promise, cast.workshop, at(THURSDAY, 9), by=cast.ada, at=NOW)
    assert session.scalars(appointments_seen_by(cast.noor, at=NOW)).all() == []


@pytest.mark.usefixtures("desk")
def test_a_move_frees_the_first_moment_and_tells_the_last_alone(session: Session, cast: Cast) -> None:
    first = booked(session, cast)
    moved = book(session, first.allocation, cast.workshop, at(THURSDAY, 10), by=cast.ada, at=NOW)
    assert (moved.id, moved.moves) == (first.id, 1)
    assert told(session, Posting.WAITING) == [Telling.MOVED]
    booked(session, cast)


@pytest.mark.usefixtures("desk")
def test_a_cancelled_moment_is_free_and_the_machine_stays_kept(session: Session, cast: Cast) -> None:
    first = booked(session, cast)
    cancel(session, first, by=cast.ines, at=NOW)
    assert first.allocation.standing
    assert told(session, Posting.WAITING) == [Telling.CANCELLED]
    with pytest.raises(NotBooked):
        cancel(session, first, by=cast.ines, at=NOW)
    booked(session, cast)


@pytest.mark.usefixtures("desk")
def test_who_does_not_come_keeps_machine_and_rank_and_gets_a_second_moment(session: Session, cast: Cast) -> None:
    first = booked(session, cast)
    request, later = first.allocation.request, at(THURSDAY, 12)
    filed = request.filed_at
    with pytest.raises(NotOver):
        miss(session, first, by=cast.ines, at=NOW)
    second = miss(session, first, by=cast.ines, at=later)
    assert second
    assert first.state == Booking.MISSED
    assert second.begins == at(date(2026, 11, 23), 9), "two working days later, at the first free moment"
    assert told(session, Posting.WAITING) == [Telling.MISSED]
    third = miss(session, second, by=cast.ines, at=second.begins + timedelta(hours=1))
    assert third is None
    assert told(session, Posting.WAITING) == [Telling.MISSED_AGAIN]
    assert (request.filed_at, first.allocation.standing) == (filed, True)
    release(session, first.allocation, by=cast.ada, at=later)
    assert request.id in [one.request.id for one in in_order(waiting_requests(session, cast.pole), later)]
    assert request.filed_at == filed


@pytest.mark.usefixtures("desk")
def test_a_hand_over_keeps_the_appointment_and_a_release_ends_it_and_says_so(session: Session, cast: Cast) -> None:
    came, freed = booked(session, cast), booked(session, cast, at(THURSDAY, 10))
    hand_over(session, came.allocation, a_signature(), by=cast.ines, at=at(THURSDAY, 9))
    release(session, freed.allocation, by=cast.ada, at=NOW)
    assert (came.state, freed.state) == (Booking.KEPT, Booking.CANCELLED)
    assert told(session, Posting.WAITING) == [Telling.CANCELLED]
    with pytest.raises(NotAllocated):
        book(session, freed.allocation, cast.workshop, at(THURSDAY, 10), by=cast.ines, at=NOW)
    assert open_appointment(session, came.allocation) is None


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(("reach", "days_before"), [(Reach.IN_PERSON, 1), (Reach.SMS, 1), (Reach.LETTER, 6)])
def test_a_reminder_goes_once_the_day_before_or_six_by_letter_and_never_at_night(
    session: Session, cast: Cast, reach: Reach, days_before: int
) -> None:
    day = THURSDAY + timedelta(days=7)
    one = booked(session, cast, at(day, 9))
    one.allocation.request.reach = reach
    due = day - timedelta(days=days_before)
    assert remind(session, at=at(due - timedelta(days=1), 12)) == 0
    assert remind(session, at=at(due, 3)) == 0
    assert remind(session, at=at(due, 12)) == 1
    assert remind(session, at=at(due, 13)) == 0
    assert list(told(session)).count(Telling.REMINDER) == 1


@pytest.mark.usefixtures("desk")
def test_who_booked_this_very_day_is_not_reminded_of_it(session: Session, cast: Cast) -> None:
    promise = a_promise(session, cast)
    book(session, promise, cast.workshop, at(THURSDAY, 9), by=cast.ines, at=at(THURSDAY - timedelta(days=1), 9))
    assert remind(session, at=at(THURSDAY - timedelta(days=1), 12)) == 0


@pytest.mark.usefixtures("desk")
def test_an_appointment_answers_for_the_family(session: Session, cast: Cast) -> None:
    promise: Allocation = a_promise(session, cast)
    day = date(2026, 12, 15)
    book(session, promise, cast.workshop, at(day, 9), by=cast.ines, at=NOW)
    assert promise.heard_at == NOW
    assert promise.kept_until == day
    assert not promise.to_call_back(day)
