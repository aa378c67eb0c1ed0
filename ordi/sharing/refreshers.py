"""The refresher: so many months after a training, one session more for who finished it, even when their request is over."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from ordi.papers import PARIS
from ordi.parties.households import Household
from ordi.sharing.months import months_after
from ordi.sharing.programmes import Programme
from ordi.sharing.requests import Request, RequestState
from ordi.sharing.training import Group, Place, Step


class Refresher(NamedTuple):
    """Who finished a training, and from which day they may be asked to one session more."""

    place: Place
    since: date


def refreshers(session: Session, places: Collection[int], on: date, code: str = "") -> list[Refresher]:
    """Whose refresher is due in these organisations (ids), under one programme or any; longest waiting first.

    Nobody who sat in a later group of the same programme, withdrew, or was forgotten. Four queries.
    """
    known = session.scalars(select(Programme).where(Programme.code == code) if code else select(Programme))
    planned = {one.id: one.code for one in known if one.rules.training and one.rules.training.refresher_months}
    seats = session.scalars(
        select(Place)
        .join(Group, Group.id == Place.group_id)
        .join(Request, Request.id == Place.request_id)
        .outerjoin(Household, Household.id == Request.household_id)
        .where(
            Group.programme_id.in_(planned),
            Group.partner_id.in_(places),
            Place.step.in_((Step.COMMITTED, Step.CERTIFIED)),
            Request.state != RequestState.WITHDRAWN,
            Household.erased_at.is_(None),
        )
        .options(
            joinedload(Place.request),
            joinedload(Place.group).options(selectinload(Group.sessions), joinedload(Group.programme)),
            selectinload(Place.attendances),
        )
        .order_by(Place.id)
    ).unique()
    last = {(one.request_id, planned[one.group.programme_id]): one for one in seats}
    due = [Refresher(place, since) for place in last.values() if (since := _due(place)) and since <= on]
    return sorted(due, key=lambda one: (one.since, one.place.id))


def asked_again(session: Session, group: Group, request: Request, on: date) -> bool:
    """Whether a request, even one that is over, may sit in a group for its refresher."""
    due = refreshers(session, [group.partner_id, request.partner_id], on, group.programme.code)
    return any(one.place.request_id == request.id for one in due)


def _due(place: Place) -> date | None:
    training = place.group.programme.rules.training
    if training is None or not training.refresher_months or not place.group.sessions:
        return None
    wanted = training.least_attended or training.sessions
    refreshed = len(place.group.sessions) < training.sessions and bool(place.attendances)
    if not (place.step == Step.CERTIFIED or refreshed or len(place.attendances) >= wanted):
        return None
    return months_after(place.group.sessions[-1].begins.astimezone(PARIS).date(), training.refresher_months)
