"""Figures by pole, for those who see sums only: a count that could point at somebody is not shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ordi.legal_rules import rule
from ordi.machines.journal import Event
from ordi.machines.lifecycle import Action
from ordi.machines.machine import Machine
from ordi.papers import PARIS
from ordi.parties.access import grounds
from ordi.parties.organisations import Kind, Organisation
from ordi.parties.people import Person, Role
from ordi.sharing.promises import Allocation
from ordi.sharing.requests import Qpv, Request, RequestState

COUNTED = (Action.RECEIVE, Action.SANITISE, Action.RELEASE_TO_STOCK, Action.HAND_OVER, Action.TAKE_BACK, Action.RECYCLE)


@dataclass(frozen=True)
class Figures:
    """What one pole did in a span of time, and how many requests wait. None: too few to be shown."""

    pole: str
    counts: Mapping[str, int | None]
    waiting: int | None
    in_districts: int | None = None
    """Machines handed over to households known to live in a priority district."""


def by_pole(session: Session, reader: Person, since: datetime, until: datetime) -> list[Figures]:
    """The figures of the poles `reader` may see, small counts suppressed, and one more where a sum would give a suppressed one away.

    What is suppressed is decided over all poles, so that two readers who compare find nothing more.
    """
    mine = grounds(reader, "network.figures", until)
    least = rule(session, "figures.least-count", until.astimezone(PARIS).date()).value
    poles = list(
        session.scalars(select(Organisation).where(Organisation.kind == Kind.POLE).order_by(Organisation.name))
    )
    table = {pole.id: {str(action): 0 for action in COUNTED} | {"waiting": 0} for pole in poles}
    for pole_id, action, count in _acts(session, since, until):
        table[pole_id][action] += count
    for pole_id, count in _waiting(session):
        table[pole_id]["waiting"] += count
    in_districts = _in_districts(session, since, until)
    columns = {
        name: suppressed([table[pole.id][name] for pole in poles], least) for name in (*map(str, COUNTED), "waiting")
    }
    told_districts = of_them(
        [table[pole.id][Action.HAND_OVER] for pole in poles], [in_districts.get(pole.id, 0) for pole in poles], least
    )
    return [
        Figures(
            pole.name, {str(action): columns[action][n] for action in COUNTED}, columns["waiting"][n], told_districts[n]
        )
        for n, pole in enumerate(poles)
        if any(held.role == Role.FUNDER or held.organisation.holds(pole) for held in mine)
    ]


def suppressed(counts: list[int], least: int) -> list[int | None]:
    """Counts of which those from 1 to below `least` are hidden; when one alone would be, the next smallest goes with it.

    Their sum may be published: from it alone no hidden count can be worked out.
    """
    hidden = {n for n, count in enumerate(counts) if 0 < count < least}
    if len(hidden) == 1:
        others = [n for n, count in enumerate(counts) if n not in hidden and count > 0]
        if others:
            hidden.add(min(others, key=lambda n: counts[n]))
    return [None if n in hidden else count for n, count in enumerate(counts)]


def of_them(wholes: list[int], parts: list[int], least: int) -> list[int | None]:
    """Counts beside the ones they are a part of: hidden also where what is left over would be too small to be said."""
    left = suppressed([max(0, one - part) for one, part in zip(wholes, parts, strict=True)], least)
    told = suppressed(parts, least)
    return [None if None in (part, rest) else part for part, rest in zip(told, left, strict=True)]


def _in_districts(session: Session, since: datetime, until: datetime) -> dict[int, int]:
    rows = session.execute(
        select(Organisation.parent_id, func.count(Allocation.id))
        .join(Request, Request.partner_id == Organisation.id)
        .join(Allocation, Allocation.request_id == Request.id)
        .where(Request.qpv == Qpv.YES, Allocation.handed_over_at >= since, Allocation.handed_over_at < until)
        .group_by(Organisation.parent_id)
    )
    return {pole: count for pole, count in rows if pole is not None}


def _acts(session: Session, since: datetime, until: datetime) -> list[tuple[int, str, int]]:
    workshop = select(Organisation.id, Organisation.parent_id).subquery()
    rows = session.execute(
        select(workshop.c.parent_id, Event.action, func.count())
        .join(Machine, Machine.id == Event.machine_id)
        .join(workshop, workshop.c.id == Machine.workshop_id)
        .where(Event.recorded_at >= since, Event.recorded_at < until, Event.action.in_(COUNTED))
        .group_by(workshop.c.parent_id, Event.action)
    )
    return [(pole, action, count) for pole, action, count in rows]


def _waiting(session: Session) -> list[tuple[int, int]]:
    rows = session.execute(
        select(Organisation.parent_id, func.count())
        .join(Request, Request.partner_id == Organisation.id)
        .where(Request.state == RequestState.WAITING)
        .group_by(Organisation.parent_id)
    )
    return [(pole, count) for pole, count in rows if pole is not None]
