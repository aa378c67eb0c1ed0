"""Calls for projects: a pole says what it gives, to whom, until when, and by which criteria people will choose.

A call is open from its first day to the end of its last, in France. Who writes an application holds the call's row
together with the others who write; who closes the call holds it alone: nothing is filed after the close.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Date, ForeignKey, Index, Select, String, literal, or_, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.database import Base
from ordi.errors import Invalid, NotFound, Refused
from ordi.papers import PARIS, next_number, year_of
from ordi.parties.access import ACCESS, require
from ordi.parties.organisations import Kind, Nature, Organisation
from ordi.parties.people import Person
from ordi.sharing.filing import runs_a_room
from ordi.sharing.programmes import Programme, ProgrammeClosed
from ordi.sharing.rules import Contract, HolderKind

MOST_CRITERIA = 8
HEAVIEST = 10
"""The most a criterion counts beside another."""
LONGEST_SCALE = 20
MOST_MACHINES = 500


class Applicant(StrEnum):
    """Who may apply: what an organisation is, not who signs for it."""

    ASSOCIATION = "association"
    EPN = "epn"
    SERVICE = "service"
    """A public body: a town hall, a CCAS, a school."""
    FIRM = "firm"


class Phase(StrEnum):
    """Where a call is: read from its days and from what people did, never stored."""

    ANNOUNCED = "announced"
    OPEN = "open"
    SCORING = "scoring"
    DECIDED = "decided"


class CallNotOpen(Refused):
    """Applications are written from the first day of the call to its close: `phase` says where it is."""

    code = "call-not-open"


class NotForYourKind(Refused):
    """This call is for other kinds of organisations."""

    code = "call-for-others"


class Call(Base):
    """One call of one pole, under one programme: what is accepted is served under its rules."""

    __tablename__ = "calls"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    """`AP-2026-0003`."""
    pole_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    title: Mapped[str] = mapped_column(String(120))
    words: Mapped[str] = mapped_column(String(1200))
    opens: Mapped[date] = mapped_column(Date)
    closes: Mapped[date] = mapped_column(Date)
    """The last day on which an application is filed."""
    applicants: Mapped[str] = mapped_column(String(60))
    """Codes of `Applicant`, separated by spaces."""
    machines: Mapped[int]
    """How many it gives in all."""
    most_each: Mapped[int]
    """How many one application may ask for."""
    budget_cents: Mapped[int]
    """What it may spend in all, at the programme's cost of one; 0: not counted."""
    joint: Mapped[bool]
    """A project is made with a partner organisation, who is named."""
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    """Closed by somebody before its last day was over."""
    decided_at: Mapped[datetime | None]

    pole: Mapped[Organisation] = relationship()
    programme: Mapped[Programme] = relationship()
    criteria: Mapped[list[CallCriterion]] = relationship(order_by="CallCriterion.id")

    def phase(self, at: datetime) -> Phase:
        """Where it is at an instant."""
        today = at.astimezone(PARIS).date()
        if self.decided_at is not None:
            return Phase.DECIDED
        if self.closed_at is not None or today > self.closes:
            return Phase.SCORING
        return Phase.ANNOUNCED if today < self.opens else Phase.OPEN


class CallCriterion(Base):
    """What people score: in words, with its weight beside the others and the highest mark."""

    __tablename__ = "call_criteria"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"), index=True)
    words: Mapped[str] = mapped_column(String(160))
    weight: Mapped[int]
    scale: Mapped[int]


class Juror(Base):
    """Somebody who judges a call."""

    __tablename__ = "jurors"
    __table_args__ = (
        Index(
            "uq_jurors_current",
            "call_id",
            "person_id",
            unique=True,
            sqlite_where=text("left_at IS NULL"),
            postgresql_where=text("left_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    appointed_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    left_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(foreign_keys=[person_id])


@dataclass(frozen=True)
class Criterion:
    """A criterion as somebody writes it."""

    words: str
    weight: int
    scale: int


@dataclass(frozen=True)
class Opening:
    """What a call says."""

    programme: Programme
    title: str
    words: str
    opens: date
    closes: date
    applicants: Sequence[Applicant]
    machines: int
    most_each: int
    criteria: Sequence[Criterion]
    budget_cents: int = 0
    joint: bool = False


def open_call(session: Session, pole: Organisation, said: Opening, *, by: Person, at: datetime) -> Call:
    """Publish a call of a pole. Raises `NotAllowed`, `Invalid` by field, `ProgrammeClosed`."""
    require(by, "calls.run", pole, at=at)
    _check(said, pole, at)
    call = Call(
        code=f"AP-{year_of(at)}-{next_number(session, 'call', year_of(at)):04d}",
        pole=pole,
        programme=said.programme,
        title=said.title.strip(),
        words=said.words.strip(),
        opens=said.opens,
        closes=said.closes,
        applicants=" ".join(dict.fromkeys(said.applicants)),
        machines=said.machines,
        most_each=said.most_each,
        budget_cents=said.budget_cents,
        joint=said.joint or not said.programme.rules.applicant_may_use,
        opened_by_id=by.id,
        opened_at=at,
        criteria=[CallCriterion(words=one.words.strip(), weight=one.weight, scale=one.scale) for one in said.criteria],
    )
    session.add(call)
    session.flush()
    return call


def close_call(session: Session, call: Call, *, by: Person, at: datetime) -> None:
    """Close an open call before its last day. Raises `NotAllowed`, `CallNotOpen`."""
    require(by, "calls.run", call.pole, at=at)
    session.refresh(call, with_for_update={"of": Call})
    if call.phase(at) != Phase.OPEN:
        raise CallNotOpen(call=call.code, phase=call.phase(at), closes=call.closes.isoformat())
    call.closed_at = at
    session.flush()


def hold_open(session: Session, call: Call, at: datetime) -> None:
    """Hold the call while an application is written: who closes it waits. Raises `CallNotOpen`."""
    session.refresh(call, with_for_update={"of": Call, "read": True})
    if call.phase(at) != Phase.OPEN:
        raise CallNotOpen(call=call.code, phase=call.phase(at), closes=call.closes.isoformat())


def is_for(session: Session, call: Call, partner: Organisation, *, at: datetime) -> bool:
    """Whether an organisation is one of those who may apply."""
    own = {
        Nature.ASSOCIATION: Applicant.ASSOCIATION,
        Nature.PUBLIC: Applicant.SERVICE,
        Nature.COMPANY: Applicant.FIRM,
    }.get(Nature(partner.nature))
    kinds = call.applicants.split()
    return own in kinds or (Applicant.EPN in kinds and runs_a_room(session, partner, at=at))


def calls_seen_by(reader: Person, permission: str = "calls.see", *, at: datetime) -> Select[Call]:
    """The calls of the poles that `reader` belongs to or stands above, and those they judge: every query of the face starts here."""
    reach = []
    for held in reader.current(at):
        if held.role not in ACCESS[permission]:
            continue
        path = Organisation.path
        reach.append(path.startswith(held.organisation.path, autoescape=True))
        reach.append(literal(held.organisation.path).startswith(path))
    if not reach:
        return select(Call).where(Call.id.is_(None))
    judged = select(Juror.call_id).where(Juror.person_id == reader.id, Juror.left_at.is_(None))
    mine = Call.pole_id.in_(select(Organisation.id).where(Organisation.kind == Kind.POLE, or_(*reach)))
    return select(Call).where(or_(mine, Call.id.in_(judged)) if permission == "calls.see" else mine)


def seen_call(session: Session, reader: Person, code: str, permission: str = "calls.see", *, at: datetime) -> Call:
    """The call under this code, if this reader may see it. Raises `NotFound` alike for none and not yours."""
    found = session.scalar(calls_seen_by(reader, permission, at=at).where(Call.code == code.upper()))
    if found is None:
        raise NotFound(call=code[:16])
    return found


def _check(said: Opening, pole: Organisation, at: datetime) -> None:
    rules = said.programme.rules
    if said.programme.pole_id not in (None, pole.id) or not said.programme.open_on(at.astimezone(PARIS).date()):
        raise ProgrammeClosed(programme=said.programme.code)
    wrong = {
        "programme": rules.contract == Contract.NONE or set(rules.holders) <= {HolderKind.HOUSEHOLD},
        "title": not 3 <= len(said.title.strip()) <= 120,
        "words": not 3 <= len(said.words.strip()) <= 1200,
        "closes": said.closes < max(said.opens, at.astimezone(PARIS).date()),
        "applicants": not said.applicants,
        "machines": not 1 <= said.machines <= MOST_MACHINES,
        "most_each": not 1 <= said.most_each <= said.machines,
        "budget": said.budget_cents < 0 or bool(said.budget_cents and not rules.unit_cost_cents),
        "criteria": not 1 <= len(said.criteria) <= MOST_CRITERIA or not all(_usable(one) for one in said.criteria),
    }
    for field, is_wrong in wrong.items():
        if is_wrong:
            raise Invalid(field=field, why="unusable")


def _usable(criterion: Criterion) -> bool:
    return (
        3 <= len(criterion.words.strip()) <= 160
        and 1 <= criterion.weight <= HEAVIEST
        and 1 <= criterion.scale <= LONGEST_SCALE
    )
