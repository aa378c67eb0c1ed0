"""Allocation: one machine promised to one request. A coordinator decides; two who decide at once do not both win."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ordi.errors import Refused, SomeoneJustDidThis
from ordi.machines.journal import record
from ordi.machines.lifecycle import Action, State
from ordi.machines.machine import Machine
from ordi.messages.outbox import drop_about
from ordi.papers import PARIS
from ordi.parties.access import may, require
from ordi.parties.organisations import pole_of
from ordi.parties.people import Person
from ordi.sharing.blocks import check
from ordi.sharing.bookings import Booking, end_booking
from ordi.sharing.desks import keeps_local_holidays
from ordi.sharing.naming import naming_of
from ordi.sharing.promises import Allocation as Allocation
from ordi.sharing.promises import Ending as Ending
from ordi.sharing.quotas import hold_quota
from ordi.sharing.requests import NotWaiting, OutOfTerritory, Request, RequestState
from ordi.sharing.working_days import after


class MachineNotReady(Refused):
    """Only a machine that is ready is promised."""

    code = "machine-not-ready"


class NotAllocated(Refused):
    """There is no promise to act on: it was released, or the machine came back."""

    code = "not-allocated"


def allocate(session: Session, machine: Machine, request: Request, *, by: Person, at: datetime) -> Allocation:
    """Promise `machine` to `request`, and show it to the partner organisation.

    Raises `NotAllowed`, `OutOfTerritory`, `SomeoneJustDidThis`, `NotWaiting`, `MachineNotReady`, what `blocks.check` refuses,
    and the gate's own refusals.
    """
    require(by, "sharing.allocate", request.partner, at=at)
    require(by, "sharing.allocate", machine.workshop, at=at)
    if pole_of(machine.workshop).id != pole_of(request.partner).id:
        raise OutOfTerritory(tag=machine.tag, request=request.code)
    session.flush()
    session.refresh(request, with_for_update={"of": Request})
    session.refresh(machine, with_for_update={"of": Machine})
    _end_stale(session, machine, request, at)
    _check_free(session, machine, request)
    hold_quota(session, request.programme)
    naming, today = naming_of(session, machine), at.astimezone(PARIS).date()
    price_cents = check(session, request, machine, naming.request_id if naming else None, today)
    kept_until = _held_until(session, machine, request, today)
    allocation = Allocation(
        machine=machine, request=request, by=by, at=at, kept_until=kept_until, price_cents=price_cents
    )
    try:
        with session.begin_nested():
            session.add(allocation)
    except IntegrityError:
        raise SomeoneJustDidThis(tag=machine.tag, request=request.code) from None
    record(session, machine, Action.ALLOCATE, by=by, at=at, request=request.code)
    machine.partner = request.partner
    request.state, request.asked_at = RequestState.ALLOCATED, None
    session.flush()
    return allocation


def heard(session: Session, allocation: Allocation, *, by: Person, at: datetime) -> None:
    """The family answered and will come: the machine is kept as long again. Raises `NotAllowed`, `NotAllocated`."""
    if not may(by, "sharing.allocate", allocation.request.partner, at=at):
        require(by, "sharing.hand-over", allocation.request.partner, at=at)
    if not allocation.standing or allocation.handed_over_at is not None:
        raise NotAllocated(request=allocation.request.code, tag=allocation.machine.tag)
    today = at.astimezone(PARIS).date()
    drop_about(session, allocation.about, at=at)
    allocation.request.hear(at)
    allocation.heard_at = at
    allocation.kept_until = _held_until(session, allocation.machine, allocation.request, today)
    session.flush()


def release(session: Session, allocation: Allocation, *, by: Person, at: datetime) -> None:
    """Take the promise back: the machine is ready again, the request waits again unless it was withdrawn.

    Raises `NotAllowed`, `NotAllocated`.
    """
    machine, request = allocation.machine, allocation.request
    session.refresh(request, with_for_update={"of": Request})
    session.refresh(allocation, with_for_update=True)
    if allocation.ended_at is not None or allocation.handed_over_at is not None:
        raise NotAllocated(request=request.code, tag=machine.tag)
    record(session, machine, Action.RELEASE, by=by, at=at, request=request.code)
    machine.partner = None
    end(session, allocation, Ending.RELEASED, at=at)


def end(session: Session, allocation: Allocation, ending: Ending, *, at: datetime) -> None:
    """Close an allocation and let its request wait again, unless the family withdrew it meanwhile."""
    end_booking(session, allocation, Booking.CANCELLED, at=at)
    drop_about(session, allocation.about, at=at)
    allocation.ended_at, allocation.ending = at, ending
    if allocation.request.state in (RequestState.ALLOCATED, RequestState.HANDED_OVER):
        if allocation.request.state == RequestState.HANDED_OVER:  # it waits anew: not since it was filed
            allocation.request.hear(at)
        allocation.request.state = RequestState.WAITING
        allocation.request.ended_at = None
    session.flush()


def current_for(session: Session, subject: Machine | Request) -> Allocation | None:
    """The open allocation of a machine or of a request."""
    of = Allocation.machine_id if isinstance(subject, Machine) else Allocation.request_id
    return session.scalar(select(Allocation).where(of == subject.id, Allocation.ended_at.is_(None)))


def _end_stale(session: Session, machine: Machine, request: Request, at: datetime) -> None:
    """Close promises whose machine had to go back to the bench, or was lost, without anyone in this room."""
    for subject in (machine, request):
        open_one = current_for(session, subject)
        if open_one is not None and not open_one.standing:
            end(session, open_one, Ending.MACHINE_LEFT, at=at)


def _check_free(session: Session, machine: Machine, request: Request) -> None:
    if current_for(session, machine) is not None or current_for(session, request) is not None:
        raise SomeoneJustDidThis(tag=machine.tag, request=request.code)
    if request.state != RequestState.WAITING:
        raise NotWaiting(request=request.code, state=request.state)
    if machine.state != State.READY:
        raise MachineNotReady(tag=machine.tag, state=machine.state)


def _held_until(session: Session, machine: Machine, request: Request, today: date) -> date:
    """The last day the machine is kept: working days where it waits, where the family is called from, or of their pole."""
    places = (machine.workshop, request.partner, pole_of(request.partner))
    local = keeps_local_holidays(session, *places)
    return after(today, request.programme.rules.hold_days, alsace_moselle=local)
