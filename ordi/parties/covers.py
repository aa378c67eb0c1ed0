"""Away for a while: who covers, in one service and between two days. It ends by itself on the evening of the last one.

A cover says who answers for the files meanwhile. Within a service social workers read each other's files anyway; whoever
has a list of their own (a landlord, a school) reads and acts on those of the colleague they cover, as long as it lasts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, Date, ForeignKey, and_, or_, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ordi.database import Base
from ordi.errors import Invalid, Refused
from ordi.papers import PARIS
from ordi.parties.access import CASEWORK, may, require
from ordi.parties.organisations import Organisation
from ordi.parties.people import Membership, Person

LONGEST_DAYS = 120
"""Who is away for longer hands their files on."""


class NotAColleague(Refused):
    """Files of a service go to somebody who follows families in that service."""

    code = "not-a-colleague"


class AlreadyAway(Refused):
    """Somebody already covers on one of these days."""

    code = "already-away"


class Cover(Base):
    """Somebody of a service is away, and somebody else answers for their files."""

    __tablename__ = "covers"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    away_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    cover_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    first: Mapped[date] = mapped_column(Date)
    last: Mapped[date] = mapped_column(Date)
    said_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """Taken back by either of the two, before its last day."""

    partner: Mapped[Organisation] = relationship()
    away: Mapped[Person] = relationship(foreign_keys=[away_id])
    cover: Mapped[Person] = relationship(foreign_keys=[cover_id])


def today(at: datetime) -> date:
    """The day on the calendar of those who work here."""
    return at.astimezone(PARIS).date()


def in_force(at: datetime) -> ColumnElement[bool]:
    """The covers that hold on this day."""
    return and_(Cover.ended_at.is_(None), Cover.first <= today(at), Cover.last >= today(at))


def colleagues(session: Session, partners: Iterable[Organisation], *, at: datetime) -> dict[int, list[Person]]:
    """Who follows families in each of these services on this day, by name: two queries, however many services."""
    found: dict[int, list[Person]] = {one.id: [] for one in partners}
    held = select(Membership.person_id).where(
        Membership.role.in_(CASEWORK), Membership.organisation_id.in_(found), Membership.since <= at
    )
    for person in session.scalars(select(Person).where(Person.id.in_(held)).order_by(Person.name, Person.id)):
        for number in {one.organisation_id for one in person.current(at) if one.role in CASEWORK} & found.keys():
            found[number].append(person)
    return found


def away(
    session: Session, partner: Organisation, cover: Person, first: date, last: date, *, by: Person, at: datetime
) -> Cover:
    """`by` is away from `first` to `last` included, and `cover` answers for their files of this service.

    Raises `NotAllowed`, `Invalid` (days that are past, in the wrong order or too many), `NotAColleague`, `AlreadyAway`.
    """
    require(by, "requests.write", partner, at=at)
    if first < today(at) or last < first or (last - first).days >= LONGEST_DAYS:
        raise Invalid(field="last" if first >= today(at) else "first", why="out-of-range", longest=LONGEST_DAYS)
    if cover.id == by.id or not may(cover, "requests.write", partner, at=at):
        raise NotAColleague(partner=partner.name)
    session.refresh(by, with_for_update=True)  # the same absence, said twice at once
    same = (Cover.away_id == by.id, Cover.partner_id == partner.id, Cover.ended_at.is_(None))
    if session.scalar(select(Cover.id).where(*same, Cover.first <= last, Cover.last >= first).limit(1)):
        raise AlreadyAway(partner=partner.name)
    said = Cover(partner=partner, away=by, cover=cover, first=first, last=last, said_at=at)
    session.add(said)
    session.flush()
    return said


def back(session: Session, said: Cover, *, by: Person, at: datetime) -> None:
    """Back before the last day, or not able to cover: either of the two ends it. Raises `NotAColleague`."""
    if by.id not in (said.away_id, said.cover_id):
        raise NotAColleague(partner=said.partner.name)
    said.ended_at = said.ended_at or at
    session.flush()


def covers_of(session: Session, person: Person, *, at: datetime) -> Sequence[Cover]:
    """The covers this person asked for or gives, that hold today or later, the first one first."""
    mine = or_(Cover.away_id == person.id, Cover.cover_id == person.id)
    query = select(Cover).where(mine, Cover.ended_at.is_(None), Cover.last >= today(at))
    told = (joinedload(Cover.away), joinedload(Cover.cover), joinedload(Cover.partner))
    return session.scalars(query.options(*told).order_by(Cover.first, Cover.id)).all()
