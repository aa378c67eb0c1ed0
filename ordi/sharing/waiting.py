"""The waiting list of a pole: who waits, in which order and why; and the machines that are ready."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from ordi.machines.lifecycle import Need, State
from ordi.machines.machine import Machine
from ordi.machines.stopped import stopped
from ordi.parties.organisations import Organisation
from ordi.sharing.fit import Term, rank, total
from ordi.sharing.promises import Allocation
from ordi.sharing.requests import Request, RequestState
from ordi.sharing.rules import Contract


@dataclass(frozen=True)
class Rank:
    """A request in the list, with the reasons of its place."""

    request: Request
    reasons: tuple[Term, ...]

    @property
    def points(self) -> int:
        """What it weighs."""
        return total(self.reasons)


@dataclass(frozen=True)
class Stock:
    """The ready machines of a pole: free to be promised, longest ready first; held back, by what stops them."""

    free: list[Machine]
    held_back: dict[Need, list[Machine]]


def waiting_requests(session: Session, pole: Organisation) -> list[Request]:
    """The requests of a pole that wait for a machine, with those whose promised machine had to go back to the bench."""
    promised = (
        select(Allocation.request_id)
        .join(Machine, Machine.id == Allocation.machine_id)
        .where(Allocation.ended_at.is_(None), Machine.state.not_in((State.ALLOCATED, State.HANDED_OVER)))
    )
    # not joined: who is proposed is locked next, and an outer join cannot be
    found = session.scalars(
        select(Request)
        .join(Organisation, Organisation.id == Request.partner_id)
        .where(
            Organisation.path.startswith(pole.path, autoescape=True),
            or_(
                Request.state == RequestState.WAITING,
                (Request.state == RequestState.ALLOCATED) & Request.id.in_(promised),
            ),
        )
        .options(selectinload(Request.programme), selectinload(Request.partner), selectinload(Request.attestations))
    ).unique()
    return [one for one in found if one.programme.contract != Contract.NONE]


def stock_of(session: Session, pole: Organisation) -> Stock:
    """The ready machines of a pole: those that can be promised now, and those that the gate would not let go, with why."""
    ready = session.scalars(
        select(Machine)
        .join(Organisation, Organisation.id == Machine.workshop_id)
        .where(Organisation.path.startswith(pole.path, autoescape=True), Machine.state == State.READY)
        .options(selectinload(Machine.workshop), selectinload(Machine.donor))
        .order_by(Machine.state_since, Machine.id)
    ).unique()
    found = list(ready)
    why = stopped(session, found)
    held: dict[Need, list[Machine]] = {}
    for machine in found:
        if machine.id in why:
            held.setdefault(why[machine.id], []).append(machine)
    return Stock([one for one in found if one.id not in why], held)


def ready_machines(session: Session, pole: Organisation) -> list[Machine]:
    """The machines of a pole that can be promised now."""
    return stock_of(session, pole).free


def in_order(requests: Iterable[Request], at: datetime) -> list[Rank]:
    """The order in which requests are looked at; the earlier one first when they weigh the same."""
    ranks = [Rank(one, rank(one, at)) for one in requests]
    return sorted(ranks, key=lambda one: (-one.points, one.request.filed_at, one.request.id))


def position(session: Session, request: Request, pole: Organisation, *, at: datetime) -> tuple[int, int]:
    """The place of a waiting request, and how many wait; (0, n) when it does not wait."""
    ordered = in_order(waiting_requests(session, pole), at)
    place = next((n for n, one in enumerate(ordered, start=1) if one.request.id == request.id), 0)
    return place, len(ordered)
