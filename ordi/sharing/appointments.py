"""Appointments: booked for a machine that is kept, moved, cancelled, missed; and the reminder before.

Not coming costs nothing: the machine stays kept, the request keeps its day of filing, and a second appointment is proposed.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import uuid4

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from ordi.errors import NotFound, Refused, SomeoneJustDidThis
from ordi.messages.outbox import Channel, drop_about
from ordi.papers import PARIS
from ordi.parties.access import require
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person
from ordi.sharing.allocation import NotAllocated
from ordi.sharing.bookings import Appointment, Booking, open_appointment, say
from ordi.sharing.desks import Desk, Slot, desk_of, slots
from ordi.sharing.promises import Allocation
from ordi.sharing.requests import Request, requests_seen_by
from ordi.sharing.telling import Telling, channel_of
from ordi.sharing.working_days import after

SHOWN_DAYS = 21
"""How far ahead moments are shown."""
BREATH = 2
"""Working days between an appointment that was missed and the one proposed."""
LOOKED_THROUGH = 42
REMINDED_BEFORE = {Channel.LETTER: timedelta(days=6)}
REMINDED = timedelta(days=1)
DECENT = (time(9), time(19))
"""Nobody's telephone rings at night."""


class SlotTaken(Refused):
    """Somebody took the last place of this moment, or it is not one of the place's hours."""

    code = "slot-taken"


class NotOver(Refused):
    """Nobody is late before the hour."""

    code = "appointment-not-over"


class NotBooked(Refused):
    """The appointment was already moved, cancelled, kept or missed."""

    code = "not-booked"


def places_for(session: Session, allocation: Allocation) -> list[Desk]:
    """Where a family may come: the workshop of its machine, or its own service, if they said when."""
    places = (allocation.machine.workshop_id, allocation.request.partner_id)
    found = select(Desk).where(Desk.organisation_id.in_(places)).options(joinedload(Desk.organisation))
    return sorted(session.scalars(found), key=lambda desk: places.index(desk.organisation_id))


def book(
    session: Session, allocation: Allocation, place: Organisation, begins: datetime, *, by: Person, at: datetime
) -> Appointment:
    """Give a moment to whom a machine is kept for, or another than they had; they are told.

    Who books has spoken with them: a sign of life of their request too. Raises `NotAllowed`, `NotAllocated`, `NoDesk`, `SlotTaken`, `NotFound` for a place that is not theirs.
    """
    require(by, "sharing.book", allocation.request.partner, at=at)
    _hold(session, allocation)
    if place.id not in (allocation.machine.workshop_id, allocation.request.partner_id):
        raise NotFound(place=place.id)
    found = open_appointment(session, allocation)
    if found is not None and (found.place_id, found.begins) == (place.id, begins):
        return found
    minutes = _take(session, place, begins, at)
    allocation.request.hear(at)
    if found is None:
        made = _add(session, allocation, place, begins, minutes, by=by, at=at)
        say(session, made, Telling.BOOKED, at=at)
        return made
    drop_about(session, found.about, at=at)
    found.place, found.begins, found.minutes, found.moves = place, begins, minutes, found.moves + 1
    found.booked_by_id, found.booked_at, found.reminded_at = by.id, at, None
    _keep(allocation, begins)
    session.flush()
    say(session, found, Telling.MOVED, at=at)
    return found


def cancel(session: Session, appointment: Appointment, *, by: Person, at: datetime) -> None:
    """Nobody comes then; the machine stays kept. Raises `NotAllowed`, `NotBooked`."""
    _end(session, appointment, Booking.CANCELLED, by=by, at=at)
    say(session, appointment, Telling.CANCELLED, at=at)


def miss(session: Session, appointment: Appointment, *, by: Person, at: datetime) -> Appointment | None:
    """Nobody came. A second appointment is proposed, once; after that somebody calls.

    Raises `NotAllowed`, `NotBooked`, `NotOver`.
    """
    if at < appointment.begins:
        raise NotOver(request=appointment.allocation.request.code)
    _end(session, appointment, Booking.MISSED, by=by, at=at)
    allocation, place = appointment.allocation, appointment.place
    slot = None if appointment.second or not allocation.standing else _next_slot(session, place, at)
    if slot is None:
        say(session, appointment, Telling.MISSED_AGAIN, at=at)
        return None
    minutes = _take(session, place, slot.begins, at)
    again = _add(session, allocation, place, slot.begins, minutes, by=by, at=at, second=True)
    say(session, again, Telling.MISSED, at=at)
    return again


def remind(session: Session, *, at: datetime) -> int:
    """Remind who comes soon: the day before, by letter six days before; not who was told since. How many."""
    here = at.astimezone(PARIS)
    if not DECENT[0] <= here.time() < DECENT[1]:
        return 0
    soon = (
        select(Appointment)
        .where(
            Appointment.state == Booking.BOOKED,
            Appointment.reminded_at.is_(None),
            Appointment.begins > at,
            Appointment.begins <= at + timedelta(days=8),
        )
        .options(joinedload(Appointment.allocation).joinedload(Allocation.request).joinedload(Request.household))
        .order_by(Appointment.id)
        .with_for_update(of=Appointment, skip_locked=True)
    )
    count = 0
    for one in session.scalars(soon).all():
        before = REMINDED_BEFORE.get(channel_of(one.allocation.request), REMINDED)
        due = one.begins.astimezone(PARIS).date() - before
        if here.date() < due:
            continue
        one.reminded_at = at
        if one.booked_at.astimezone(PARIS).date() < due:
            say(session, one, Telling.REMINDER, at=at)
            count += 1
    session.flush()
    return count


def appointments_seen_by(reader: Person, *, at: datetime) -> Select[Appointment]:
    """The appointments for the requests `reader` books for."""
    mine = requests_seen_by(reader, "sharing.book", at=at).with_only_columns(Request.id)
    told = joinedload(Appointment.allocation).options(joinedload(Allocation.machine), joinedload(Allocation.request))
    return select(Appointment).where(Appointment.request_id.in_(mine)).options(told, joinedload(Appointment.place))


def seen_appointment(session: Session, reader: Person, number: int, *, at: datetime) -> Appointment:
    """One of them. Raises `NotFound` alike for none and not yours."""
    found = session.scalar(appointments_seen_by(reader, at=at).where(Appointment.id == number))
    if found is None:
        raise NotFound()
    return found


def _hold(session: Session, allocation: Allocation) -> None:
    """Hold request and allocation, in that order; the promise must stand and not be handed over yet."""
    session.refresh(allocation.request, with_for_update={"of": Request})
    session.refresh(allocation, with_for_update={"of": Allocation})
    if not allocation.standing or allocation.handed_over_at is not None:
        raise NotAllocated(request=allocation.request.code, tag=allocation.machine.tag)


def _take(session: Session, place: Organisation, begins: datetime, at: datetime) -> int:
    """Hold the desk, so that two who book the last place do not both get it; the minutes it gives."""
    desk = desk_of(session, place)
    session.refresh(desk, with_for_update={"of": Desk})
    day = begins.astimezone(PARIS).date()
    if begins not in [slot.begins for slot in slots(session, desk, day, 1, at=at)]:
        raise SlotTaken(place=place.name)
    return desk.minutes


def _add(
    session: Session,
    allocation: Allocation,
    place: Organisation,
    begins: datetime,
    minutes: int,
    *,
    by: Person,
    at: datetime,
    second: bool = False,
) -> Appointment:
    made = Appointment(
        uid=uuid4().hex,
        allocation=allocation,
        request_id=allocation.request_id,
        place=place,
        begins=begins,
        minutes=minutes,
        state=Booking.BOOKED,
        moves=0,
        second=second,
        booked_by_id=by.id,
        booked_at=at,
    )
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:
        raise SomeoneJustDidThis(request=allocation.request.code) from None
    if not second:
        allocation.heard_at = at
    _keep(allocation, begins)
    session.flush()
    return made


def _keep(allocation: Allocation, begins: datetime) -> None:
    """The machine is kept at least until the appointment's day."""
    day = begins.astimezone(PARIS).date()
    if allocation.kept_until is not None and allocation.kept_until < day:
        allocation.kept_until = day


def _end(session: Session, appointment: Appointment, state: Booking, *, by: Person, at: datetime) -> None:
    require(by, "sharing.book", appointment.allocation.request.partner, at=at)
    session.refresh(appointment.allocation.request, with_for_update={"of": Request})
    session.refresh(appointment, with_for_update={"of": Appointment})
    if appointment.state != Booking.BOOKED:
        raise NotBooked(request=appointment.allocation.request.code)
    appointment.state, appointment.ended_at = state, at
    drop_about(session, appointment.about, at=at)
    session.flush()


def _next_slot(session: Session, place: Organisation, at: datetime) -> Slot | None:
    desk = session.get(Desk, place.id)
    if desk is None:
        return None
    first = after(at.astimezone(PARIS).date(), BREATH, alsace_moselle=desk.alsace_moselle)
    return next(iter(slots(session, desk, first, LOOKED_THROUGH, at=at)), None)
