"""Requests that wait and that nobody speaks of: their service is asked, then they step aside, then they are closed.

Their place is in no list meanwhile, and comes back untouched when the service confirms: `filed_at` never moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, Select, String, and_, func, or_, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ordi.database import Base
from ordi.parties.access import require
from ordi.parties.people import Person
from ordi.sharing.class_lists import ClassPupil
from ordi.sharing.naming import Naming
from ordi.sharing.programmes import Programme
from ordi.sharing.requests import NotWaiting, Request, RequestState, requests_seen_by
from ordi.sharing.training import Place
from ordi.sharing.training import Step as Learning

ANSWER_WITHIN = timedelta(days=30)
"""After the question until the request steps aside, and at least so long aside before it is closed."""
CLOSED_AFTER = timedelta(days=365)
"""Without any sign of life, from the last one."""
SAID_FOR = timedelta(days=60)
"""How long the service and the coordinator are told that one was closed."""


class Step(StrEnum):
    """What happened to a request because of silence."""

    ASKED = "asked"
    ASIDE = "aside"
    CONFIRMED = "confirmed"
    CLOSED = "closed"


class RequestStep(Base):
    """One line of a request's own log. Never changed."""

    __tablename__ = "request_steps"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), index=True)
    step: Mapped[str] = mapped_column(String(12))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """Nobody: the clock."""
    at: Mapped[datetime]

    by: Mapped[Person | None] = relationship()


def ask(session: Session, *, at: datetime) -> list[Request]:
    """Begin to ask about each request whose service was silent as long as its programme says. Those asked about now."""
    waiting = _silent(RequestState.WAITING).where(Request.asked_at.is_(None))
    numbers = waiting.with_only_columns(Request.programme_id).distinct().order_by(None)
    late = [
        and_(Request.programme_id == one.id, at - timedelta(days=one.rules.ask_again_days) >= _SIGN)
        for one in session.scalars(select(Programme).where(Programme.id.in_(numbers)))
    ]
    asked = []
    for one in session.scalars(waiting.where(or_(*late))).all() if late else ():
        days = timedelta(days=one.programme.rules.ask_again_days)
        if _held(session, one, RequestState.WAITING) and one.asked_at is None and one.last_sign <= at - days:
            one.asked_at = at
            _note(session, one, Step.ASKED, at)
            asked.append(one)
    session.flush()
    return asked


def set_aside(session: Session, *, at: datetime) -> int:
    """What nobody answered for steps aside until somebody does. How many."""
    count = 0
    for one in session.scalars(_silent(RequestState.WAITING).where(Request.asked_at <= at - ANSWER_WITHIN)).all():
        if _held(session, one, RequestState.WAITING) and one.asked_at and one.asked_at <= at - ANSWER_WITHIN:
            one.state, one.aside_at = RequestState.UNCONFIRMED, at
            _note(session, one, Step.ASIDE, at)
            count += 1
    session.flush()
    return count


def close_silent(session: Session, *, at: datetime) -> int:
    """Close what nobody spoke of for a year: from then on its family's file has an end. How many."""
    silent = _silent(RequestState.UNCONFIRMED).where(at - CLOSED_AFTER >= _SIGN, Request.aside_at <= at - ANSWER_WITHIN)
    count = 0
    for one in session.scalars(silent).all():
        if _held(session, one, RequestState.UNCONFIRMED) and closes_at(one) <= at:
            one.state, one.ended_at = RequestState.CLOSED, at
            _note(session, one, Step.CLOSED, at)
            count += 1
    session.flush()
    return count


def closes_at(request: Request) -> datetime:
    """When a request is closed if nobody answers: never before it was aside for a while."""
    aside = request.aside_at or (request.asked_at or request.last_sign) + ANSWER_WITHIN
    return max(request.last_sign + CLOSED_AFTER, aside + ANSWER_WITHIN)


def confirm(session: Session, request: Request, *, by: Person, at: datetime) -> None:
    """It is still wanted: it waits at the place it had. Raises `NotAllowed`, `NotWaiting`."""
    require(by, "sharing.follow", request.partner, at=at)
    session.refresh(request, with_for_update={"of": Request})
    if request.state not in (RequestState.WAITING, RequestState.UNCONFIRMED):
        raise NotWaiting(request=request.code, state=request.state)
    request.state = RequestState.WAITING
    request.hear(at)
    _note(session, request, Step.CONFIRMED, at, by)
    session.flush()


def to_confirm(reader: Person, *, aside: bool = False, at: datetime) -> Select[Request]:
    """The requests this reader sees and that are asked about, longest asked first; `aside`: only those that stepped aside."""
    asked = Request.state == RequestState.UNCONFIRMED
    if not aside:
        asked |= (Request.state == RequestState.WAITING) & Request.asked_at.is_not(None)
    return requests_seen_by(reader, at=at).where(asked).order_by(Request.asked_at, Request.id)


def closed_lately(reader: Person, *, at: datetime) -> Select[Request]:
    """Those this reader sees that silence closed lately, the last one first."""
    closed = select(RequestStep.request_id).where(RequestStep.step == Step.CLOSED, RequestStep.at >= at - SAID_FOR)
    mine = requests_seen_by(reader, at=at).where(Request.state == RequestState.CLOSED, Request.id.in_(closed))
    return mine.order_by(Request.ended_at.desc(), Request.id)


def steps_of(session: Session, request: Request) -> Sequence[RequestStep]:
    """A request's own log, the last line first."""
    mine = select(RequestStep).where(RequestStep.request_id == request.id)
    return session.scalars(mine.options(joinedload(RequestStep.by)).order_by(RequestStep.id.desc())).all()


_SIGN = func.coalesce(Request.heard_at, Request.filed_at)


def _silent(state: RequestState) -> Select[Request]:
    """Those that only wait: no seat in a training, no class list with its own day, no machine built for them."""
    return (
        select(Request)
        .where(
            Request.state == state,
            ~select(Place.id).where(Place.request_id == Request.id, Place.step != Learning.LEFT).exists(),
            ~select(ClassPupil.id).where(ClassPupil.request_id == Request.id).exists(),
            ~select(Naming.id).where(Naming.request_id == Request.id, Naming.ended_at.is_(None)).exists(),
        )
        .order_by(Request.id)
    )


def _held(session: Session, request: Request, state: RequestState) -> bool:
    """Nobody else changes it now; somebody may have a moment ago."""
    session.refresh(request, with_for_update={"of": Request})
    return request.state == state


def _note(session: Session, request: Request, step: Step, at: datetime, by: Person | None = None) -> None:
    session.add(RequestStep(request_id=request.id, step=step, by_id=by.id if by else None, at=at))
