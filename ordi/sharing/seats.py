"""The seats of a group: the waiting list of a full one, and leaving before the end. A freed seat proposes the next; a person decides."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from ordi.errors import Invalid, Refused
from ordi.papers import PARIS
from ordi.parties.access import require
from ordi.parties.people import Person
from ordi.sharing.blocks import check_service
from ordi.sharing.inviting import hush
from ordi.sharing.refreshers import asked_again
from ordi.sharing.requests import LIVE, NotWaiting, Request, RequestState
from ordi.sharing.training import Group, Place, Step, first_step


class Leaving(StrEnum):
    """Why somebody leaves. Nothing of their health or family has a place here."""

    WORK = "work"
    HOURS = "hours"
    TOO_FAR = "too_far"
    LEVEL = "level"
    NO_ANSWER = "no_answer"
    NOT_WANTED = "not_wanted"
    OTHER = "other"


class GroupFull(Refused):
    """No seat is free in this group."""

    code = "group-full"


class NotTheirTurn(Refused):
    """Somebody came before on the waiting list."""

    code = "not-their-turn"


class OverForThem(Refused):
    """They left already, or have their certificate."""

    code = "training-over"


def enlist(session: Session, group: Group, request: Request, *, by: Person, at: datetime) -> Place:
    """Give a request a place: on the pre-list where a commitment is asked, otherwise in the group at once.

    A full group, or one that others wait for, puts it at the end of its waiting list, whatever the rules say: they are asked when a seat is given.
    Raises `NotAllowed`, `Invalid` for another programme, `NotWaiting` when it is over and no refresher is due, and what `blocks.check_service` refuses.
    """
    require(by, "sharing.train", request.partner, at=at)
    session.refresh(group, with_for_update=True)
    if request.programme.code != group.programme.code:
        raise Invalid(field="request", why="other-programme")
    today = at.astimezone(PARIS).date()
    again = asked_again(session, group, request, today)
    if request.state not in (*LIVE, RequestState.HANDED_OVER) and not again:
        raise NotWaiting(request=request.code, state=request.state)
    full = len(group.seated) >= group.places or bool(group.queue)
    if not full:
        check_service(session, request, today)
    first = Step.COMMITTED if again else first_step(group)  # who learnt here once said yes already
    place = Place(group=group, request=request, step=Step.WAITING if full else first, attendances=[])
    session.add(place)
    session.flush()
    return place


def admit(session: Session, place: Place, *, by: Person, at: datetime) -> None:
    """The first of the waiting list takes a free seat. Raises `NotAllowed`, `GroupFull`, `NotTheirTurn`, and what `blocks.check_service` refuses."""
    group = place.group
    require(by, "sharing.train", group.partner, at=at)
    session.refresh(group, with_for_update=True)  # the group first: two who admit see the same free seats
    session.refresh(place)
    if len(group.seated) >= group.places:
        raise GroupFull(group=group.code)
    if group.proposed is not place:
        raise NotTheirTurn(group=group.code)
    check_service(session, place.request, at.astimezone(PARIS).date())
    place.step = first_step(group)
    session.flush()


def leave(session: Session, place: Place, why: str, *, by: Person, at: datetime) -> None:
    """Somebody leaves before the end, or the waiting list. Raises `NotAllowed`, `Invalid`, `OverForThem`."""
    require(by, "sharing.train", place.group.partner, at=at)
    session.refresh(place.group, with_for_update=True)
    session.refresh(place)
    if why not in set(Leaving):
        raise Invalid(field="why", why="unknown")
    if place.step in (Step.LEFT, Step.CERTIFIED):
        raise OverForThem(group=place.group.code)
    place.step, place.left_why = Step.LEFT, why
    hush(session, place, at=at)
    session.flush()
