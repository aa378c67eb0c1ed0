"""Machines kept for who does not answer: they are reminded, then the machine goes back to stock and the rank stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, String, cast, func, literal, or_, select
from sqlalchemy.orm import Session, joinedload

from ordi.errors import Refused
from ordi.machines.journal import record
from ordi.machines.lifecycle import Action, State
from ordi.machines.machine import Machine
from ordi.messages.outbox import Message
from ordi.papers import PARIS
from ordi.parties.organisations import Organisation
from ordi.sharing.allocation import end
from ordi.sharing.bookings import Appointment, Booking
from ordi.sharing.promises import Allocation, Ending
from ordi.sharing.requests import Request, RequestState
from ordi.sharing.telling import Telling, tell

GRACE = timedelta(days=10)
"""At least so long between the reminder and the day the machine goes: nobody loses it who was not told."""
SAID_FOR = timedelta(days=60)
"""How long the coordinator's page says that one went back."""
DECENT = (time(9), time(19))
"""Nobody's telephone rings at night."""


def remind_silent(session: Session, *, at: datetime) -> int:
    """Tell each family that a machine is kept for and that let the last day pass, once for each silence. How many."""
    here = at.astimezone(PARIS)
    if not DECENT[0] <= here.time() < DECENT[1]:
        return 0
    silent = _kept(at).where(Allocation.kept_until < here.date(), ~_reminded())
    count = 0
    for one in session.scalars(silent).all():
        once = f"{one.id}:{one.kept_until}"
        count += tell(session, one.request, Telling.NO_ANSWER, {}, about=one.about, once=once, at=at) is not None
    return count


def expire(session: Session, *, at: datetime) -> int:
    """Put back in stock the machines of who was reminded, and stayed silent as long as the programme says. How many.

    What the gate refuses stays as it is, to be called back: somebody looks at that machine first.
    """
    today, count = at.astimezone(PARIS).date(), 0
    silent = _kept(at).where(Allocation.kept_until < today, _reminded(at - GRACE))
    for one in session.scalars(silent).all():
        if at < (one.heard_at or one.at) + timedelta(days=one.request.programme.rules.expire_days):
            continue
        try:
            with session.begin_nested():
                count += _give_back(session, one, at)
        except Refused:
            continue
    return count


def went_back(session: Session, pole: Organisation, *, at: datetime) -> Sequence[Allocation]:
    """The machines of a pole that went back to stock lately because nobody answered, whose requests still wait: to call."""
    last = select(func.max(Allocation.id)).group_by(Allocation.request_id)
    return session.scalars(
        select(Allocation)
        .join(Request, Request.id == Allocation.request_id)
        .join(Organisation, Organisation.id == Request.partner_id)
        .where(
            Allocation.id.in_(last),
            Allocation.ending == Ending.EXPIRED,
            Allocation.ended_at >= at - SAID_FOR,
            Request.state == RequestState.WAITING,
            Organisation.path.startswith(pole.path, autoescape=True),
        )
        .options(joinedload(Allocation.request), joinedload(Allocation.machine))
        .order_by(Allocation.ended_at, Allocation.id)
    ).all()


def expired_of(session: Session, request: Request) -> Allocation | None:
    """The last promise of a request that waits, when it ended because nobody answered."""
    last = select(Allocation).where(Allocation.request_id == request.id).order_by(Allocation.id.desc()).limit(1)
    found = session.scalar(last)
    waits = request.state == RequestState.WAITING
    return found if waits and found is not None and found.ending == Ending.EXPIRED else None


def _kept(at: datetime) -> Select[Allocation]:
    """The promises that nobody answers: no appointment to come, none that ended just now."""
    busy = or_(Appointment.state == Booking.BOOKED, Appointment.ended_at > at - GRACE)
    return (
        select(Allocation)
        .join(Request, Request.id == Allocation.request_id)
        .join(Machine, Machine.id == Allocation.machine_id)
        .where(
            Allocation.ended_at.is_(None),
            Allocation.handed_over_at.is_(None),
            Request.state == RequestState.ALLOCATED,
            Machine.state == State.ALLOCATED,
            ~select(Appointment.id).where(Appointment.allocation_id == Allocation.id, busy).exists(),
        )
        .options(joinedload(Allocation.request).joinedload(Request.programme))
        .order_by(Allocation.id)
    )


def _reminded(before: datetime | None = None) -> ColumnElement[bool]:
    """Whether they were told, since they were last heard of; and before a moment."""
    about = literal("promise:") + cast(Allocation.id, String)
    told = select(Message.id).where(
        Message.about == about,
        Message.kind == Telling.NO_ANSWER,
        Message.made_at >= func.coalesce(Allocation.heard_at, Allocation.at),
    )
    return (told if before is None else told.where(Message.made_at <= before)).exists()


def _give_back(session: Session, one: Allocation, at: datetime) -> bool:
    """Held as everywhere, request first; who answered or was served meanwhile keeps it."""
    heard = one.heard_at
    session.refresh(one.request, with_for_update={"of": Request})
    session.refresh(one, with_for_update={"of": Allocation})
    if one.ended_at is not None or one.handed_over_at is not None or one.heard_at != heard:
        return False
    record(session, one.machine, Action.RELEASE, by=None, at=at, request=one.request.code, why=str(Ending.EXPIRED))
    one.machine.partner = None
    end(session, one, Ending.EXPIRED, at=at)
    return True
