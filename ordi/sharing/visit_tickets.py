"""A visit that is still to be made: why, which day, who goes. Its few words are sealed, and forgotten once it is over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import Date, ForeignKey, Index, LargeBinary, Select, String, or_, select, text
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ordi.database import Base
from ordi.errors import Invalid, NotFound, Refused, SomeoneJustDidThis
from ordi.machines.machine import Machine
from ordi.papers import PARIS, next_number, year_of
from ordi.parties.access import ACCESS, grounds, may, require
from ordi.parties.organisations import Organisation
from ordi.parties.people import Membership, Person
from ordi.sealing import Sealer
from ordi.sharing.blocks import check_service
from ordi.sharing.promises import Allocation
from ordi.sharing.requests import LONGEST_NOTE, NotWaiting, Request, RequestState, requests_seen_by
from ordi.sharing.visits import Cause, Visit, visit

FURTHEST = timedelta(days=365)


class Standing(StrEnum):
    """Where a visit is."""

    TO_VISIT = "to_visit"
    DONE = "done"
    ABSENT = "absent"
    CANCELLED = "cancelled"


class Origin(StrEnum):
    """What made somebody open it."""

    FILE = "file"
    """The request or the page of the machine."""
    CALL = "call"
    """The family asked for help."""
    HEALTH = "health"
    """The machine tells that something fails."""
    SILENCE = "silence"
    """The machine tells nothing any more."""


class VisitPlanned(Refused):
    """A visit for this very cause is to come."""

    code = "visit-planned"


class VisitTicket(Base):
    """One visit to make. One of a cause is open at a time for a request."""

    __tablename__ = "visit_tickets"
    __table_args__ = (
        Index(
            "uq_visit_tickets_open",
            "request_id",
            "cause",
            unique=True,
            sqlite_where=text("state = 'to_visit'"),
            postgresql_where=text("state = 'to_visit'"),
        ),
        Index("ix_visit_tickets_state_day", "state", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    """`V-2026-0007`."""
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), index=True)
    machine_id: Mapped[int | None] = mapped_column(ForeignKey("machines.id"), index=True)
    """The machine that is there, if one is."""
    origin: Mapped[str] = mapped_column(String(12))
    cause: Mapped[str] = mapped_column(String(16))
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    day: Mapped[date] = mapped_column(Date)
    """Proposed to the family."""
    goes_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12), default=Standing.TO_VISIT)
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visits.id"))
    """What was found, once it was made."""

    request: Mapped[Request] = relationship()
    machine: Mapped[Machine | None] = relationship()
    goes: Mapped[Person] = relationship(foreign_keys=[goes_id])
    by: Mapped[Person] = relationship(foreign_keys=[by_id])
    ended_by: Mapped[Person | None] = relationship(foreign_keys=[ended_by_id])
    visit: Mapped[Visit | None] = relationship()

    @property
    def open(self) -> bool:
        """Whether somebody still has to go."""
        return self.state == Standing.TO_VISIT


def plan_visit(
    session: Session,
    request: Request,
    cause: str,
    day: date,
    goes: Person,
    *,
    by: Person,
    at: datetime,
    words: str = "",
    sealer: Sealer | None = None,
    origin: str = Origin.FILE,
) -> VisitTicket:
    """Open a visit. Words need their `sealer`.

    Raises `NotAllowed`, `Invalid` (cause, day, words, who goes), `NotWaiting` when the request is over without a machine, `VisitPlanned`,
    and to who has no machine yet what `blocks.check_service` refuses.
    """
    require(by, "sharing.follow", request.partner, at=at)
    _known(cause, day, words, origin, at)
    if not may(goes, "sharing.visit", request.partner, at=at):
        raise Invalid(field="goes", why="unknown")
    session.refresh(request, with_for_update={"of": Request})
    if request.state in (RequestState.WITHDRAWN, RequestState.CLOSED):
        raise NotWaiting(request=request.code, state=request.state)
    same = (VisitTicket.request_id == request.id, VisitTicket.cause == cause, VisitTicket.state == Standing.TO_VISIT)
    if session.scalar(select(VisitTicket.id).where(*same)) is not None:
        raise VisitPlanned(request=request.code)
    if request.state != RequestState.HANDED_OVER:
        check_service(session, request, at.astimezone(PARIS).date())
    said, year = " ".join(words.split()), year_of(at)
    if said and sealer is None:
        raise ValueError("words of a visit are never kept in the clear")
    code = f"V-{year}-{next_number(session, 'visit', year):04d}"
    opened = VisitTicket(
        code=code,
        request=request,
        machine_id=session.scalar(_there(request)),
        origin=origin,
        cause=cause,
        words_sealed=sealer.seal("visit_tickets", "words", code, said) if said and sealer else None,
        day=day,
        goes=goes,
        by=by,
        at=at,
    )
    session.add(opened)
    session.flush()
    return opened


def visited(
    session: Session, ticket: VisitTicket, findings: Mapping[str, str], *, by: Person, at: datetime
) -> VisitTicket:
    """It was made, and each of the five headings has its finding. Raises `NotAllowed`, `Invalid`, `NotWaiting`, `SomeoneJustDidThis`."""
    _hold(session, ticket, by, at)
    ticket.visit = visit(session, ticket.request, ticket.cause, findings, by=by, at=at)
    return _end(session, ticket, Standing.DONE, by, at)


def not_made(session: Session, ticket: VisitTicket, state: str, *, by: Person, at: datetime) -> VisitTicket:
    """Nobody was there, or it is not needed any more. Raises `NotAllowed`, `Invalid`, `SomeoneJustDidThis`."""
    if state not in (Standing.ABSENT, Standing.CANCELLED):
        raise Invalid(field="state", why="unknown")
    _hold(session, ticket, by, at)
    return _end(session, ticket, Standing(state), by, at)


def call_off(session: Session, machine: Machine, *, by: Person, at: datetime) -> None:
    """The machine is no longer there: nobody goes to see it."""
    found = select(VisitTicket).where(VisitTicket.machine_id == machine.id, VisitTicket.state == Standing.TO_VISIT)
    for ticket in session.scalars(found.order_by(VisitTicket.id).with_for_update(of=VisitTicket)).all():
        _end(session, ticket, Standing.CANCELLED, by, at)


def words_of(ticket: VisitTicket, sealer: Sealer) -> str:
    """Its few words, or nothing."""
    kept = ticket.words_sealed
    return "" if kept is None else sealer.open("visit_tickets", "words", ticket.code, kept)


def visitors(session: Session, request: Request, *, at: datetime) -> list[Person]:
    """Who may go: those who visit for its partner organisation, by name."""
    above = [int(one) for one in request.partner.path.split("/") if one]
    held = select(Membership.person_id).where(
        Membership.role.in_(ACCESS["sharing.visit"]), Membership.organisation_id.in_(above)
    )
    found = session.scalars(select(Person).where(Person.id.in_(held)).order_by(Person.name, Person.id))
    return [one for one in found if may(one, "sharing.visit", request.partner, at=at)]


def tickets_of(session: Session, request: Request) -> list[VisitTicket]:
    """The visits opened for a request, newest first."""
    query = select(VisitTicket).where(VisitTicket.request_id == request.id).order_by(VisitTicket.id.desc())
    return list(session.scalars(query.options(joinedload(VisitTicket.goes).lazyload(Person.memberships))))


def visits_seen_by(reader: Person, *, at: datetime) -> Select[VisitTicket]:
    """The visits of the requests `reader` follows, and those they go to themselves."""
    mine = requests_seen_by(reader, "sharing.follow", at=at).with_only_columns(Request.id)
    here = [
        Organisation.path.startswith(held.organisation.path, autoescape=True)
        for held in grounds(reader, "sharing.visit", at)
    ]
    within = select(Request.id).join(Organisation, Organisation.id == Request.partner_id).where(or_(*here))
    go = (VisitTicket.goes_id == reader.id) & VisitTicket.request_id.in_(within)
    return select(VisitTicket).where(VisitTicket.request_id.in_(mine) | (go if here else VisitTicket.id.is_(None)))


def seen_visit(session: Session, reader: Person, code: str, *, at: datetime) -> VisitTicket:
    """The visit under this code, if this reader may see it. Raises `NotFound` alike for none and not yours."""
    found = session.scalar(visits_seen_by(reader, at=at).where(VisitTicket.code == code.upper()))
    if found is None:
        raise NotFound(visit=code[:16])
    return found


def _known(cause: str, day: date, words: str, origin: str, at: datetime) -> None:
    if cause not in set(Cause):
        raise Invalid(field="cause", why="unknown")
    if origin not in set(Origin):
        raise Invalid(field="origin", why="unknown")
    today = at.astimezone(PARIS).date()
    if not today <= day <= today + FURTHEST:
        raise Invalid(field="day", why="out-of-range")
    if len(words.strip()) > LONGEST_NOTE:
        raise Invalid(field="words", why="too-long", longest=LONGEST_NOTE)


def _there(request: Request) -> Select[int]:
    given = (Allocation.request_id == request.id, Allocation.handed_over_at.is_not(None), Allocation.ended_at.is_(None))
    return select(Allocation.machine_id).where(*given)


def _hold(session: Session, ticket: VisitTicket, by: Person, at: datetime) -> None:
    require(by, "sharing.visit", ticket.request.partner, at=at)
    session.refresh(ticket, with_for_update={"of": VisitTicket})
    if not ticket.open:
        raise SomeoneJustDidThis(visit=ticket.code)


def _end(session: Session, ticket: VisitTicket, state: Standing, by: Person | None, at: datetime) -> VisitTicket:
    ticket.state, ticket.ended_at, ticket.ended_by, ticket.words_sealed = state, at, by, None
    session.flush()
    return ticket
