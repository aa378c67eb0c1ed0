"""The words that lead into a group: the letter with the information meeting, then the invitation to the sessions.

Each is put in the outbox once for each person, by the way they asked for. Who took their consent back is written nothing:
they keep their place, and somebody speaks to them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.errors import Refused
from ordi.messages.outbox import Message, drop_about
from ordi.parties.access import require
from ordi.parties.people import Person
from ordi.sharing.consents import taken_back
from ordi.sharing.telling import Telling, tell
from ordi.sharing.training import Group, Place, Step


class NoMeeting(Refused):
    """A letter invites to a meeting: its day comes first."""

    code = "no-meeting"


class NoSessionAhead(Refused):
    """Nobody is invited to what is over."""

    code = "no-session-ahead"


@dataclass(frozen=True)
class Told:
    """How many letters were put in the outbox, and how many people are to be spoken to instead."""

    put: int
    spoken_to: int


def set_meeting(session: Session, group: Group, begins: datetime, *, by: Person, at: datetime) -> Told:
    """Say when the information meeting is; said again, who has the letter and was not there yet is told the new day.

    Raises `NotAllowed`, `NoMeeting` for a moment that is over.
    """
    require(by, "sharing.train", group.partner, at=at)
    if begins <= at:
        raise NoMeeting(group=group.code)
    session.refresh(group, with_for_update=True)
    if group.meeting_at == begins:
        return Told(0, 0)
    group.meeting_at = begins
    session.flush()
    places = _held(session, group, Step.WRITTEN_TO)
    for place in places:
        drop_about(session, _about(Telling.TRAINING_MEETING, place), at=at)
    return _meeting_letters(session, group, places, at)


def write_letters(session: Session, group: Group, *, by: Person, at: datetime) -> Told:
    """Write to everyone on the pre-list; they are written to from then on. Raises `NotAllowed`, `NoMeeting`."""
    require(by, "sharing.train", group.partner, at=at)
    session.refresh(group, with_for_update=True)
    if group.meeting_at is None or group.meeting_at <= at:
        raise NoMeeting(group=group.code)
    places = _held(session, group, Step.LISTED)
    told = _meeting_letters(session, group, places, at)
    for place in places:
        if not taken_back(session, place.request.household_id):
            place.step = Step.WRITTEN_TO
    session.flush()
    return told


def invite(session: Session, group: Group, *, by: Person, at: datetime) -> Told:
    """Invite who committed themselves to the sessions that are ahead, once. Raises `NotAllowed`, `NoSessionAhead`."""
    require(by, "sharing.train", group.partner, at=at)
    session.refresh(group, with_for_update=True)
    ahead = [one.begins for one in group.sessions if one.begins > at]
    if not ahead:
        raise NoSessionAhead(group=group.code)
    facts: dict[str, object] = {"begins": ahead[0].isoformat(), "days": [one.isoformat() for one in ahead]}
    return _put(session, Telling.TRAINING_BEGINS, _held(session, group, Step.COMMITTED), facts, "", at)


def hush(session: Session, place: Place, *, at: datetime) -> None:
    """Who left is not invited any more: what has not left yet is not sent."""
    for telling in LETTERS:
        drop_about(session, _about(telling, place), at=at)


def letters_of(session: Session, places: Iterable[Place]) -> dict[int, Message]:
    """The last letter of each of these places, by their ids. One query. A letter sent long ago is forgotten."""
    abouts = {_about(telling, place): place.id for place in places for telling in LETTERS}
    query = select(Message).where(Message.about.in_(abouts)).order_by(Message.id)
    return {abouts[one.about]: one for one in session.scalars(query)}


LETTERS = (Telling.TRAINING_MEETING, Telling.TRAINING_BEGINS)


def _meeting_letters(session: Session, group: Group, places: list[Place], at: datetime) -> Told:
    assert group.meeting_at is not None
    facts: dict[str, object] = {"begins": group.meeting_at.isoformat()}
    once = f"{group.meeting_at.timestamp():.0f}:{at.timestamp():.0f}"  # a day that comes back is told again
    return _put(session, Telling.TRAINING_MEETING, places, facts, once, at)


def _put(
    session: Session, telling: Telling, places: list[Place], facts: dict[str, object], once: str, at: datetime
) -> Told:
    put = spoken_to = 0
    for place in places:
        if taken_back(session, place.request.household_id):
            spoken_to += 1
            continue
        where: dict[str, object] = {**facts, "place": place.group.partner_id}
        about = _about(telling, place)
        put += tell(session, place.request, telling, where, about=about, once=f"{place.id}:{once}", at=at) is not None
    return Told(put, spoken_to)


def _about(telling: Telling, place: Place) -> str:
    return f"{telling}:{place.id}"


def _held(session: Session, group: Group, step: Step) -> list[Place]:
    """Who is at this step; nobody else moves them meanwhile."""
    query = select(Place).where(Place.group_id == group.id, Place.step == step).order_by(Place.id)
    return list(session.scalars(query.with_for_update(of=Place).execution_options(populate_existing=True)))
