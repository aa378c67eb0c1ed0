"""Desks: when a workshop or a partner organisation hands over, how many at a time, and the days it is closed."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ForeignKey, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.canonical import canonical
from ordi.database import Base
from ordi.errors import Invalid, Refused
from ordi.papers import PARIS
from ordi.parties.access import require
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person
from ordi.sharing.bookings import Appointment, Booking
from ordi.sharing.working_days import holidays

DAYS = range(1, 8)
"""Monday to Sunday, as ISO 8601 counts them."""
SHORTEST, LONGEST = 10, 180
"""Minutes of one appointment."""
MOST_AT_ONCE = 20
LONGEST_CLOSURE = timedelta(days=92)
_SPAN = re.compile(r"(\d{1,2})(?:[h:.](\d{2})?)?\s*[-–àa]\s*(\d{1,2})(?:[h:.](\d{2})?)?")

Hours = dict[int, list[tuple[int, int]]]
"""Weekday → spans, in minutes since midnight."""


class NoDesk(Refused):
    """This place has not said when it receives people."""

    code = "no-desk"


class Desk(Base):
    """Where and when people come for their machine. One row a place."""

    __tablename__ = "desks"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    minutes: Mapped[int]
    at_once: Mapped[int]
    hours: Mapped[str]
    """Canonical JSON: weekday → [[from, to], …] in minutes."""
    alsace_moselle: Mapped[bool] = mapped_column(default=False)
    """Good Friday and 26 December are holidays too (Code du travail, L. 3134-13)."""
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]

    organisation: Mapped[Organisation] = relationship()

    @property
    def spans(self) -> Hours:
        """Its hours."""
        return {int(day): [(one, two) for one, two in spans] for day, spans in json.loads(self.hours).items()}


class DeskClosure(Base):
    """Days on which a place receives nobody, both included."""

    __tablename__ = "desk_closures"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    first: Mapped[date]
    last: Mapped[date]
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))


@dataclass(frozen=True)
class Slot:
    """A moment at a place, and how many more can come then."""

    begins: datetime
    left: int


def open_desk(
    session: Session,
    place: Organisation,
    hours: Mapping[int, str],
    *,
    minutes: int,
    at_once: int,
    alsace_moselle: bool = False,
    by: Person,
    at: datetime,
) -> Desk:
    """Say when a place receives people, from now on; what is booked stays. Raises `NotAllowed`, `Invalid`."""
    require(by, "sharing.desks", place, at=at)
    for field, value, least, most in (("minutes", minutes, SHORTEST, LONGEST), ("at_once", at_once, 1, MOST_AT_ONCE)):
        if not least <= value <= most:
            raise Invalid(field=field, why="out-of-range", least=least, most=most)
    spans = {day: read_hours(hours.get(day, "")) for day in DAYS}
    desk = session.get(Desk, place.id, with_for_update=True) or Desk(organisation_id=place.id)
    desk.minutes, desk.at_once, desk.alsace_moselle = minutes, at_once, alsace_moselle
    desk.hours = canonical({str(day): [list(one) for one in found] for day, found in spans.items() if found})
    desk.by_id, desk.at = by.id, at
    session.add(desk)
    session.flush()
    return desk


def keeps_local_holidays(session: Session, *places: Organisation) -> bool:
    """Whether one of these places said that it closes on the two holidays of Alsace and Moselle."""
    numbers = [place.id for place in places]
    query = select(Desk.organisation_id).where(Desk.organisation_id.in_(numbers), Desk.alsace_moselle)
    return session.scalar(query.limit(1)) is not None


def close_desk(session: Session, place: Organisation, first: date, last: date, *, by: Person, at: datetime) -> None:
    """Nobody is received on these days. What is booked is not moved: its page says so. Raises `NotAllowed`, `Invalid`."""
    require(by, "sharing.desks", place, at=at)
    if not first <= last <= first + LONGEST_CLOSURE:
        raise Invalid(field="last", why="out-of-range")
    session.add(DeskClosure(organisation_id=place.id, first=first, last=last, by_id=by.id))
    session.flush()


def read_hours(text: str) -> list[tuple[int, int]]:
    """`9 h - 12 h, 14:00-17:30` as spans. Raises `Invalid` for what is no hour, runs backwards or overlaps."""
    found: list[tuple[int, int]] = []
    parts = re.split(r"[,;]|\bet\b", text)
    for part in filter(None, ("".join(one.split()) for one in parts)):
        read = _SPAN.fullmatch(part)
        if read is None:
            raise Invalid(field="hours", why="hours")
        opens, closes = (int(read[n]) * 60 + int(read[n + 1] or 0) for n in (1, 3))
        if (
            not (found[-1][1] if found else 0) <= opens < closes <= 24 * 60
            or int(read[2] or 0) > 59
            or int(read[4] or 0) > 59
        ):
            raise Invalid(field="hours", why="hours")
        found.append((opens, closes))
    return found


def said_hours(spans: Sequence[tuple[int, int]]) -> str:
    """Spans as they are written: `9:00-12:00, 14:00-17:30`."""
    return ", ".join("-".join(f"{m // 60}:{m % 60:02d}" for m in span) for span in spans)


def desk_of(session: Session, place: Organisation) -> Desk:
    """When a place receives people. Raises `NoDesk`."""
    desk = session.get(Desk, place.id)
    if desk is None:
        raise NoDesk(place=place.name)
    return desk


def slots(session: Session, desk: Desk, first: date, days: int, *, at: datetime) -> list[Slot]:
    """The moments of so many days that are still to come and not full, in order."""
    closed = session.scalars(select(DeskClosure).where(DeskClosure.organisation_id == desk.organisation_id)).all()
    moments = [
        begins
        for day in (first + timedelta(days=n) for n in range(days))
        if not any(one.first <= day <= one.last for one in closed)
        for begins in _moments(desk, day)
        if begins > at
    ]
    if not moments:
        return []
    taken = _taken(session, desk.organisation_id, moments[0], moments[-1])
    return [Slot(begins, desk.at_once - taken[begins]) for begins in moments if taken[begins] < desk.at_once]


def _moments(desk: Desk, day: date) -> list[datetime]:
    """Every appointment of a day. Local hours: the day clocks change has the same ones."""
    if day in holidays(day.year, alsace_moselle=desk.alsace_moselle):
        return []
    return [
        datetime.combine(day, time(start // 60, start % 60), PARIS).astimezone(UTC)
        for opens, closes in desk.spans.get(day.isoweekday(), [])
        for start in range(opens, closes - desk.minutes + 1, desk.minutes)
    ]


def _taken(session: Session, place_id: int, first: datetime, last: datetime) -> Counter[datetime]:
    booked = (
        select(Appointment.begins, func.count())
        .where(
            Appointment.place_id == place_id,
            Appointment.state == Booking.BOOKED,
            Appointment.begins.between(first, last),
        )
        .group_by(Appointment.begins)
    )
    return Counter(dict(session.execute(booked).tuples().all()))
