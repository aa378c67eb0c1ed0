"""Training: a group, the way into it, its sessions and who came, and the certificate at its end.

People without a machine of Ordi take part: a place belongs to a request, never to a machine.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.database import Base
from ordi.errors import Invalid, Refused
from ordi.papers import next_number, year_of
from ordi.parties.access import require
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person
from ordi.sharing.programmes import Programme
from ordi.sharing.requests import LIVE, Request, RequestState
from ordi.sharing.rules import Service

MOST_SESSIONS = 60
LARGEST_GROUP = 60


class Step(StrEnum):
    """The way into a group that asks for a commitment; others begin committed."""

    WAITING = "waiting"
    """On the list of a full group, in the order people came."""
    LISTED = "listed"
    WRITTEN_TO = "written_to"
    INFORMED = "informed"
    COMMITTED = "committed"
    CERTIFIED = "certified"
    LEFT = "left"


WAY = (Step.LISTED, Step.WRITTEN_TO, Step.INFORMED, Step.COMMITTED)
"""Pre-list, letter, information meeting, commitment: one after the other."""


class NotTheNextStep(Refused):
    """Nobody commits before the letter and the meeting."""

    code = "not-the-next-step"


class NotCommitted(Refused):
    """Only who committed themselves comes to the sessions."""

    code = "not-committed"


class NoCertificate(Refused):
    """This programme ends without a certificate."""

    code = "no-certificate"


class TooFewSessions(Refused):
    """The certificate asks for more sessions than this person came to."""

    code = "too-few-sessions"


class Group(Base):
    """People who learn together."""

    __tablename__ = "training_groups"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    partner_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    level: Mapped[str] = mapped_column(String(160), default="")
    """Nothing: mixed levels."""
    places: Mapped[int]
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]
    meeting_at: Mapped[datetime | None]
    """The information meeting that the letter invites to."""

    programme: Mapped[Programme] = relationship()
    partner: Mapped[Organisation] = relationship()
    sessions: Mapped[list[TrainingSession]] = relationship(order_by="TrainingSession.begins")
    members: Mapped[list[Place]] = relationship(order_by="Place.id", back_populates="group")

    @property
    def seated(self) -> list[Place]:
        """Who has a seat."""
        return [one for one in self.members if one.step not in (Step.WAITING, Step.LEFT)]

    @property
    def queue(self) -> list[Place]:
        """Who waits for one, in the order they came."""
        return [one for one in self.members if one.step == Step.WAITING]

    @property
    def proposed(self) -> Place | None:
        """Who is next, when a seat is free. A person decides."""
        return self.queue[0] if self.queue and len(self.seated) < self.places else None


class TrainingSession(Base):
    """One meeting of a group."""

    __tablename__ = "training_sessions"
    __table_args__ = (UniqueConstraint("group_id", "begins"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("training_groups.id"))
    begins: Mapped[datetime]
    held_at: Mapped[datetime | None]
    """When somebody said who came."""


class Place(Base):
    """A request's place in a group, and how far its person came."""

    __tablename__ = "training_places"
    __table_args__ = (UniqueConstraint("group_id", "request_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("training_groups.id"))
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), index=True)
    step: Mapped[str] = mapped_column(String(12))
    certificate: Mapped[str | None] = mapped_column(String(16), unique=True)
    """`A-2026-0007`: its number, without a gap."""
    certified_at: Mapped[datetime | None]
    left_why: Mapped[str] = mapped_column(String(16), default="", server_default="")
    """Why somebody left before the end: a code of `seats.Leaving`."""
    able: Mapped[str] = mapped_column(String(160), default="", server_default="")
    """At the exit review, what they can do now: codes of `levels.Gesture`, a space between."""
    onward: Mapped[str] = mapped_column(String(16), default="", server_default="")
    """And what comes next: a code of `levels.Onward`. Nothing: not reviewed."""

    group: Mapped[Group] = relationship(back_populates="members")
    request: Mapped[Request] = relationship()
    attendances: Mapped[list[Attendance]] = relationship(cascade="all, delete-orphan")


class Attendance(Base):
    """Somebody came to a session."""

    __tablename__ = "attendances"

    session_id: Mapped[int] = mapped_column(ForeignKey("training_sessions.id"), primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("training_places.id"), primary_key=True)


def open_group(
    session: Session,
    partner: Organisation,
    programme: Programme,
    begins: Collection[datetime],
    *,
    by: Person,
    at: datetime,
    level: str = "",
    places: int = 12,
) -> Group:
    """A new group with its sessions, or the one session of a refresher where the programme has one.

    Raises `NotAllowed`, `Invalid` when the programme plans another number of them.
    """
    require(by, "sharing.train", partner, at=at)
    training = programme.rules.training
    refresher = training is not None and training.refresher_months > 0 and len(set(begins)) == 1
    if training is None or not (refresher or len(set(begins)) == training.sessions):
        raise Invalid(field="begins", why="other-number", wanted=training.sessions if training else 0)
    if level and level not in training.levels:
        raise Invalid(field="level", why="unknown")
    if not 1 <= places <= LARGEST_GROUP:
        raise Invalid(field="places", why="out-of-range", least=1, most=LARGEST_GROUP)
    year = year_of(at)
    group = Group(
        code=f"G-{year}-{next_number(session, 'training-group', year):03d}",
        programme=programme,
        partner=partner,
        level=level,
        places=places,
        by_id=by.id,
        created_at=at,
        sessions=[TrainingSession(begins=one) for one in sorted(begins)],
        members=[],
    )
    session.add(group)
    session.flush()
    return group


def first_step(group: Group) -> Step:
    """Where somebody who has a seat begins."""
    training = group.programme.rules.training
    return Step.LISTED if training and training.commitment else Step.COMMITTED


def advance(session: Session, place: Place, step: str, *, by: Person, at: datetime) -> None:
    """The letter left, the meeting was held, the person commits. Raises `NotAllowed`, `NotTheNextStep`."""
    require(by, "sharing.train", place.group.partner, at=at)
    session.refresh(place, with_for_update={"of": Place})
    here = WAY.index(Step(place.step)) if place.step in WAY else len(WAY)
    if here + 1 >= len(WAY) or step != WAY[here + 1]:
        raise NotTheNextStep(step=step)
    place.step = step
    session.flush()


def note_attendance(
    session: Session, meeting: TrainingSession, came: Collection[int], *, by: Person, at: datetime
) -> None:
    """Who came, as ids of places; said again, it replaces. Raises `NotAllowed`, `NotCommitted`, `Invalid` before its day."""
    group = session.get_one(Group, meeting.group_id)
    require(by, "sharing.train", group.partner, at=at)
    session.refresh(
        group, with_for_update=True
    )  # a scan at the door meanwhile is counted before or after, never lost between
    if at < meeting.begins:
        raise Invalid(field="session", why="not-yet")
    if not set(came) <= {one.id for one in group.members if one.step in (Step.COMMITTED, Step.CERTIFIED)}:
        raise NotCommitted(group=group.code)
    for place in (one for one in group.members if one.step != Step.LEFT):  # who left keeps what they came to
        session.expire(place, ["attendances"])
        there = next((one for one in place.attendances if one.session_id == meeting.id), None)
        if place.id in came and there is None:
            place.attendances.append(Attendance(session_id=meeting.id))
        elif place.id not in came and there is not None:
            place.attendances.remove(there)
    meeting.held_at = at
    session.flush()


def certify(session: Session, place: Place, *, by: Person, at: datetime) -> str:
    """The certificate at the end. A request for training alone is over with it. Raises `NotAllowed`, `NotCommitted`, `NoCertificate`, `TooFewSessions`."""
    require(by, "sharing.train", place.group.partner, at=at)
    training = place.group.programme.rules.training
    if training is None or place.step != Step.COMMITTED:
        raise NotCommitted(group=place.group.code)
    if not training.certificate:
        raise NoCertificate(programme=place.group.programme.code)
    wanted = training.least_attended or training.sessions
    if len(place.attendances) < wanted:
        raise TooFewSessions(came=len(place.attendances), wanted=wanted)
    year = year_of(at)
    place.certificate = f"A-{year}-{next_number(session, 'training-certificate', year):04d}"
    place.step, place.certified_at = Step.CERTIFIED, at
    if set(place.request.programme.rules.services) == {Service.TRAINING} and place.request.state in LIVE:
        place.request.state, place.request.ended_at = RequestState.CLOSED, at
    session.flush()
    return place.certificate


def has_certificate(session: Session, request: Request, codes: Collection[str]) -> bool:
    """Whether the training of one of these programmes was certified: to the same household, or to the same organisation."""
    whose = (
        Request.household_id == request.household_id
        if request.household_id is not None
        else (Request.partner_id == request.partner_id) & Request.household_id.is_(None)
    )
    query = (
        select(func.count())
        .select_from(Place)
        .join(Request, Request.id == Place.request_id)
        .join(Programme, Programme.id == Request.programme_id)
        .where(whose, Programme.code.in_(codes), Place.certificate.is_not(None))
    )
    return bool(session.scalar(query))


def has_finished(session: Session, request: Request) -> bool:
    """Whether the programme's own training is done: certified, or followed to the end where it gives no certificate."""
    training = request.programme.rules.training
    if training is None or training.certificate:
        return has_certificate(session, request, [request.programme.code])
    wanted = training.least_attended or training.sessions
    return any(len(place.attendances) >= wanted for place in places_of(session, request))


def places_of(session: Session, request: Request) -> list[Place]:
    """The groups a request is in."""
    return list(session.scalars(select(Place).where(Place.request_id == request.id).order_by(Place.id)))
