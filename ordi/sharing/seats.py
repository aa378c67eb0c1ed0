"""The seats of a group: the waiting list of a full one, and leaving before the end. A freed seat proposes the next; a person decides."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from ordi.errors import Invalid, Refused
from ordi.parties.access import require
from ordi.parties.people import Person
from ordi.sharing.training import Place, Step, first_step


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


def admit(session: Session, place: Place, *, by: Person, at: datetime) -> None:
    """The first of the waiting list takes a free seat. Raises `NotAllowed`, `GroupFull`, `NotTheirTurn`."""
    group = place.group
    require(by, "sharing.train", group.partner, at=at)
    session.refresh(group, with_for_update=True)  # the group first: two who admit see the same free seats
    session.refresh(place)
    if len(group.seated) >= group.places:
        raise GroupFull(group=group.code)
    if group.proposed is not place:
        raise NotTheirTurn(group=group.code)
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
    session.flush()
