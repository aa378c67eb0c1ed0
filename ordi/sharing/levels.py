"""Where somebody begins and where they come out: seven plain gestures.

Before a group the answers propose a level and are forgotten: only the level that a person chose is kept.
At the end the same gestures say what was learnt, with what comes next.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ordi.database import Base
from ordi.errors import Invalid
from ordi.parties.access import require
from ordi.parties.people import Person
from ordi.sharing.requests import Request
from ordi.sharing.training import Place, Step


class Gesture(StrEnum):
    """What somebody can do alone, from the first to the last thing one learns."""

    SWITCH_ON = "switch_on"
    MOUSE = "mouse"
    KEYBOARD = "keyboard"
    SEARCH = "search"
    MAIL = "mail"
    ATTACH = "attach"
    PAPERWORK = "paperwork"


class Onward(StrEnum):
    """What comes after the sessions."""

    ALONE = "alone"
    ANOTHER_GROUP = "another_group"
    DROP_IN = "drop_in"
    SOMEWHERE_ELSE = "somewhere_else"


class LearnerLevel(Base):
    """The level a person chose for a request. The answers that led to it are not kept."""

    __tablename__ = "learner_levels"

    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), primary_key=True)
    level: Mapped[str] = mapped_column(String(160))
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]


def levels_for(request: Request) -> tuple[str, ...]:
    """The levels of a request's programme, from the first; none when everyone learns together."""
    training = request.programme.rules.training
    return training.levels if training else ()


def proposed_level(levels: tuple[str, ...], can: Collection[str]) -> str:
    """The level for so many gestures: all of them split evenly among the levels. Nothing without levels.

    Raises `Invalid` for a gesture that is none.
    """
    if not set(can) <= set(Gesture):
        raise Invalid(field="can", why="unknown")
    if not levels:
        return ""
    return levels[min(len(levels) - 1, len(set(can)) * len(levels) // (len(Gesture) + 1))]


def keep_level(session: Session, request: Request, level: str, *, by: Person, at: datetime) -> None:
    """A person chose the level; said again, it replaces. Raises `NotAllowed`, `Invalid`."""
    require(by, "sharing.train", request.partner, at=at)
    if level not in levels_for(request):
        raise Invalid(field="level", why="unknown")
    session.refresh(request, with_for_update={"of": Request})  # two who answer together: one after the other
    kept = session.get(LearnerLevel, request.id, populate_existing=True)
    if kept is None:
        session.add(LearnerLevel(request_id=request.id, level=level, by_id=by.id, at=at))
    else:
        kept.level, kept.by_id, kept.at = level, by.id, at
    session.flush()


def levels_of(session: Session, requests: Iterable[int]) -> dict[int, str]:
    """The levels kept for these requests."""
    query = select(LearnerLevel.request_id, LearnerLevel.level).where(LearnerLevel.request_id.in_(list(requests)))
    return {row.request_id: row.level for row in session.execute(query)}


def review(session: Session, place: Place, can: Collection[str], onward: str, *, by: Person, at: datetime) -> None:
    """The exit review: what they can do now, and what comes next; said again, it replaces. Raises `NotAllowed`, `Invalid`."""
    require(by, "sharing.train", place.group.partner, at=at)
    session.refresh(place, with_for_update={"of": Place})
    if place.step not in (Step.COMMITTED, Step.CERTIFIED, Step.LEFT):
        raise Invalid(field="place", why="not-begun")
    if not set(can) <= set(Gesture) or onward not in set(Onward):
        raise Invalid(field="onward", why="unknown")
    place.able, place.onward = " ".join(one for one in Gesture if one in can), onward
    session.flush()
