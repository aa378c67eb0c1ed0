"""Files belong to a service: somebody follows each, and when they leave all of theirs go to a colleague in one act.

Only families' requests are somebody's; what an organisation asked for itself is every signatory's. A hand-on keeps who, to
whom and how many: no family. What nobody follows any more is derived from roles when it is read, so it cannot be forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, and_, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ordi.database import Base
from ordi.errors import Refused
from ordi.parties.access import ACCESS, CASEWORK, may, require
from ordi.parties.covers import Cover, NotAColleague, colleagues, in_force
from ordi.parties.organisations import Organisation
from ordi.parties.people import Membership, Person
from ordi.sharing.requests import LIVE, Request, RequestState, follower_id

OPEN = (*LIVE, RequestState.HANDED_OVER)
"""What somebody follows: a family that waits, or that has its computer."""

_FILES = (Request.household_id.is_not(None), Request.state.in_(OPEN))


class FilesToHandOn(Refused):
    """Somebody who follows families leaves once their files are a colleague's."""

    code = "files-to-hand-on"


class HandOn(Base):
    """All the open files of one person in a service became a colleague's. Never changed, but for having been seen."""

    __tablename__ = "hand_ons"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    giver_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    taker_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    files: Mapped[int]
    at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    """When who received them said so."""

    partner: Mapped[Organisation] = relationship()
    giver: Mapped[Person] = relationship(foreign_keys=[giver_id])
    taker: Mapped[Person] = relationship(foreign_keys=[taker_id])
    by: Mapped[Person] = relationship(foreign_keys=[by_id])


@dataclass(frozen=True)
class Following:
    """How many open files one person follows in one service; whether they still work there, and who covers them today."""

    partner: Organisation
    person: Person
    files: int
    here: bool
    cover: Cover | None = None


def hand_on(
    session: Session, partner: Organisation, giver: Person, taker: Person, *, by: Person, at: datetime
) -> HandOn | None:
    """Make all the open files that `giver` follows in a service `taker`'s; nothing when there are none.

    No file is opened for it. Raises `NotAllowed`, `NotAColleague`.
    """
    require(by, "service.hand-on", partner, at=at)
    if taker.id == giver.id or not may(taker, "requests.write", partner, at=at):
        raise NotAColleague(partner=partner.name)
    theirs = select(Request.id).where(*_FILES, Request.partner_id == partner.id, follower_id == giver.id)
    found = list(session.scalars(theirs.order_by(Request.id).with_for_update(of=Request)))
    if not found:
        return None
    session.execute(update(Request).where(Request.id.in_(theirs)).values(followed_by_id=taker.id))
    done = HandOn(partner=partner, giver=giver, taker=taker, by=by, files=len(found), at=at)
    session.add(done)
    session.flush()
    session.expire_all()
    return done


def following(session: Session, reader: Person, *, at: datetime, only: Person | None = None) -> list[Following]:
    """Who follows how many open files, in the services that `reader` leads or coordinates; first those who are no longer there."""
    reach = [
        Organisation.path.startswith(held.organisation.path, autoescape=True)
        for held in reader.current(at)
        if held.role in ACCESS["service.hand-on"]
    ]
    if not reach:
        return []
    counted = (
        select(Request.partner_id, follower_id, func.count())
        .join(Organisation, Organisation.id == Request.partner_id)
        .where(*_FILES, or_(*reach), *([follower_id == only.id] if only else []))
        .group_by(Request.partner_id, follower_id)
    )
    rows = session.execute(counted).all()
    numbers = ({row[0] for row in rows}, {row[1] for row in rows})
    places = {one.id: one for one in session.scalars(select(Organisation).where(Organisation.id.in_(numbers[0])))}
    people = {one.id: one for one in session.scalars(select(Person).where(Person.id.in_(numbers[1])))}
    said = session.scalars(select(Cover).where(in_force(at)).options(joinedload(Cover.cover)))
    covers = {(one.partner_id, one.away_id): one for one in said}
    found = [
        Following(
            places[place],
            people[who],
            files,
            may(people[who], "requests.write", places[place], at=at),
            covers.get((place, who)),
        )
        for place, who, files in rows
    ]
    return sorted(found, key=lambda one: (one.here, one.partner.name, one.person.name, one.person.id))


def must_hand_on(session: Session, person: Person, *, ending: Membership | None = None, at: datetime) -> None:
    """Raise `FilesToHandOn` when this role (or, without one, every role) cannot end because a colleague could take the files.

    Where nobody else follows families the role may end: the files wait in sight of the lead and the pole.
    """
    if ending is not None and ending.role not in CASEWORK:
        return
    left = (
        [one.organisation for one in person.current(at) if one.role in CASEWORK and one is not ending] if ending else []
    )
    counted = (
        select(Request.partner_id, func.count()).where(*_FILES, follower_id == person.id).group_by(Request.partner_id)
    )
    for number, files in session.execute(counted):
        partner = session.get_one(Organisation, number)
        if any(one.holds(partner) for one in left) or (ending and not ending.organisation.holds(partner)):
            continue
        if [one for one in colleagues(session, [partner], at=at)[number] if one.id != person.id]:
            raise FilesToHandOn(files=files, partner=partner.name)


def received(session: Session, person: Person) -> Sequence[HandOn]:
    """What this person was given and has not said they saw, the first one first."""
    query = select(HandOn).where(HandOn.taker_id == person.id, HandOn.seen_at.is_(None))
    told = (joinedload(HandOn.giver), joinedload(HandOn.by), joinedload(HandOn.partner))
    return session.scalars(query.options(*told).order_by(HandOn.id)).all()


def see(session: Session, person: Person, *, at: datetime) -> None:
    """They saw what they were given."""
    for one in received(session, person):
        one.seen_at = at
    session.flush()


def covered_by(person: Person, *, at: datetime) -> ColumnElement[bool]:
    """The open files that this person answers for today in somebody's place."""
    mine = and_(Cover.cover_id == person.id, Cover.partner_id == Request.partner_id, Cover.away_id == follower_id)
    return and_(*_FILES, select(Cover.id).where(mine, in_force(at)).exists())
