"""Who comes in at the door: the number of an invitation, or the label of their computer, marks them present today.

Scanned twice it is one presence; what is written on the paper sheet may still be typed in afterwards (`training.note_attendance`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.errors import Refused
from ordi.machines.machine import Machine
from ordi.papers import PARIS
from ordi.parties.access import require
from ordi.parties.people import Person
from ordi.sharing.promises import Allocation
from ordi.sharing.requests import Request
from ordi.sharing.training import Attendance, Group, NotCommitted, Place, Step, TrainingSession


class NoSessionToday(Refused):
    """Nobody is marked present on a day without a session."""

    code = "no-session-today"


class NotInThisGroup(Refused):
    """What was scanned leads to nobody of this group."""

    code = "not-in-this-group"


@dataclass(frozen=True)
class Arrival:
    """Who came in, and whether they had already."""

    place: Place
    already: bool


def session_today(group: Group, at: datetime) -> TrainingSession | None:
    """The session of this day in France; of two, the nearest to this moment."""
    today = at.astimezone(PARIS).date()
    found = [one for one in group.sessions if one.begins.astimezone(PARIS).date() == today]
    return min(found, key=lambda one: abs(one.begins - at), default=None)


def arrive(session: Session, group: Group, said: str, *, by: Person, at: datetime) -> Arrival:
    """Mark present who brings this number or label. Raises `NotAllowed`, `NoSessionToday`, `NotInThisGroup`, `NotCommitted`."""
    require(by, "sharing.train", group.partner, at=at)
    session.refresh(group, with_for_update=True)  # two who scan, or one who types the sheet: one after the other
    meeting = session_today(group, at)
    if meeting is None:
        raise NoSessionToday(group=group.code)
    place = _place(session, group, said.strip().upper())
    if place is None:
        raise NotInThisGroup(group=group.code)
    session.refresh(place)
    if place.step not in (Step.COMMITTED, Step.CERTIFIED):
        raise NotCommitted(group=group.code)
    session.expire(place, ["attendances"])
    if any(one.session_id == meeting.id for one in place.attendances):
        return Arrival(place, already=True)
    place.attendances.append(Attendance(session_id=meeting.id))
    meeting.held_at = meeting.held_at or at
    session.flush()
    return Arrival(place, already=False)


def _place(session: Session, group: Group, said: str) -> Place | None:
    """By the number of their request; by their computer, whichever of the household's requests it came through."""
    mine = select(Place).join(Request, Request.id == Place.request_id).where(Place.group_id == group.id)
    mine = mine.order_by((Place.step == Step.LEFT), Place.id).limit(1)
    found = session.scalar(mine.where(Request.code == said))
    if found is not None:
        return found
    given = (
        select(Request.id, Request.household_id)
        .join(Allocation, Allocation.request_id == Request.id)
        .join(Machine, Machine.id == Allocation.machine_id)
        .where(Machine.tag == said, Allocation.ended_at.is_(None))
    )
    owner = session.execute(given).first()
    if owner is None:
        return None
    same = Request.id == owner.id if owner.household_id is None else Request.household_id == owner.household_id
    return session.scalar(mine.where(same))
