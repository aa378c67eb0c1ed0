"""Scoring: named people give marks, each alone. Nobody reads another's marks on a project before having given theirs.

A sheet is given whole and once: marks that could be changed after reading the others' would not be one's own.
Who has a part in a project says so instead of giving marks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship, selectinload

from ordi.database import Base
from ordi.errors import Invalid, NotAllowed, Refused, SomeoneJustDidThis
from ordi.parties.access import may, require
from ordi.parties.people import Person
from ordi.sharing.applications import Application
from ordi.sharing.calls import Call, CallCriterion, Juror, Phase


class Conflict(StrEnum):
    """Why somebody does not mark a project."""

    MEMBER = "member"
    RELATIVE = "relative"
    MONEY = "money"
    OTHER = "other"


class NotScoring(Refused):
    """Marks are given between the close of a call and its decisions."""

    code = "call-not-scoring"


class ScoringBegan(Refused):
    """Who judges is settled before the first marks."""

    code = "scoring-began"


class OwnProject(Refused):
    """One does not mark a project of one's own organisation: a conflict of interest is declared."""

    code = "own-project"


class Sheet(Base):
    """What one juror gave for one application: marks, or a declared conflict of interest."""

    __tablename__ = "mark_sheets"
    __table_args__ = (UniqueConstraint("application_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    conflict: Mapped[str] = mapped_column(String(12), default="")
    given_at: Mapped[datetime]

    person: Mapped[Person] = relationship()
    marks: Mapped[list[Mark]] = relationship(order_by="Mark.criterion_id")


class Mark(Base):
    """One mark on one criterion."""

    __tablename__ = "marks"
    __table_args__ = (UniqueConstraint("sheet_id", "criterion_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("mark_sheets.id"))
    criterion_id: Mapped[int] = mapped_column(ForeignKey("call_criteria.id"))
    value: Mapped[int]


@dataclass(frozen=True)
class Term:
    """What one criterion brings: the mean mark on its scale, and the points it makes of the most it could."""

    criterion: CallCriterion
    mean: Fraction
    points: Fraction
    most: Fraction


@dataclass(frozen=True)
class Tally:
    """What the jury gave an application: sheets with marks, declared conflicts, who is still awaited, and the total on 100."""

    sheets: tuple[Sheet, ...]
    awaited: tuple[Person, ...]
    terms: tuple[Term, ...]

    @property
    def marked(self) -> tuple[Sheet, ...]:
        """The sheets with marks."""
        return tuple(one for one in self.sheets if not one.conflict)

    @property
    def total(self) -> Fraction | None:
        """The points on 100; nothing when nobody gave marks."""
        return sum((term.points for term in self.terms), Fraction(0)) if self.terms else None

    def open_to(self, reader: Person) -> bool:
        """Whether `reader` may see marks and total: a juror after giving theirs, the others when everybody has."""
        mine = next((one for one in self.sheets if one.person_id == reader.id), None)
        if mine is not None:
            return not mine.conflict or not self.awaited
        return not self.awaited


def appoint_juror(session: Session, call: Call, person: Person, *, by: Person, at: datetime) -> Juror:
    """Name somebody who judges: of the pole. Raises `NotAllowed`, `Invalid`, `ScoringBegan`, `SomeoneJustDidThis`."""
    require(by, "calls.run", call.pole, at=at)
    session.refresh(call, with_for_update={"of": Call})
    if not may_judge(call, person, at=at):
        raise Invalid(field="person", why="unknown")
    sheets = select(Sheet.id).join(Application).where(Application.call_id == call.id).limit(1)
    if call.decided_at is not None or session.scalar(sheets) is not None:
        raise ScoringBegan(call=call.code)
    juror = Juror(call_id=call.id, person=person, appointed_by_id=by.id, at=at)
    try:
        with session.begin_nested():
            session.add(juror)
    except IntegrityError:
        raise SomeoneJustDidThis(call=call.code) from None
    return juror


def dismiss_juror(session: Session, call: Call, person_id: int, *, by: Person, at: datetime) -> None:
    """Wait for somebody no more; the marks they gave stay. Raises `NotAllowed`, `Invalid`."""
    require(by, "calls.run", call.pole, at=at)
    session.refresh(call, with_for_update={"of": Call})
    juror = next((one for one in jury_of(session, call) if one.person_id == person_id), None)
    if juror is None:
        raise Invalid(field="person", why="unknown")
    juror.left_at = at
    session.flush()


def may_judge(call: Call, person: Person, *, at: datetime) -> bool:
    """Whether somebody may be named: a role that judges, in this pole."""
    if not may(person, "calls.judge", None, at=at):
        return False
    return any(call.pole.holds(held.organisation) for held in person.current(at))


def jury_of(session: Session, call: Call) -> list[Juror]:
    """Who judges a call."""
    current = select(Juror).where(Juror.call_id == call.id, Juror.left_at.is_(None))
    return list(session.scalars(current.options(selectinload(Juror.person)).order_by(Juror.id)))


def give_marks(
    session: Session, application: Application, marks: Mapping[int, int], *, by: Person, at: datetime
) -> Sheet:
    """Give every mark of an application at once, by criterion.

    Raises `NotAllowed`, `NotScoring`, `OwnProject`, `Invalid`, `SomeoneJustDidThis` when it was given already.
    """
    _hold_scoring(session, application, by, at)
    if _has_a_part(application, by, at):
        raise OwnProject(application=application.code)
    criteria = {one.id: one for one in application.call.criteria}
    if set(marks) != set(criteria) or any(not 0 <= marks[n] <= one.scale for n, one in criteria.items()):
        raise Invalid(field="marks", why="missing")
    given = [Mark(criterion_id=number, value=value) for number, value in marks.items()]
    return _give(session, Sheet(application_id=application.id, person=by, given_at=at, marks=given))


def declare(session: Session, application: Application, conflict: str, *, by: Person, at: datetime) -> Sheet:
    """Say that one has a part in it, and mark nothing. Raises `NotAllowed`, `NotScoring`, `Invalid`, `SomeoneJustDidThis`."""
    _hold_scoring(session, application, by, at)
    if conflict not in set(Conflict):
        raise Invalid(field="conflict", why="unknown")
    return _give(session, Sheet(application_id=application.id, person=by, conflict=conflict, given_at=at, marks=[]))


def tallies(session: Session, call: Call, applications: list[Application]) -> dict[int, Tally]:
    """What each application was given, in three queries whatever their number."""
    jury = [one.person for one in jury_of(session, call)]
    found = session.scalars(
        select(Sheet)
        .where(Sheet.application_id.in_([one.id for one in applications]))
        .options(selectinload(Sheet.marks), selectinload(Sheet.person))
        .order_by(Sheet.id)
    )
    sheets: dict[int, list[Sheet]] = defaultdict(list)
    for sheet in found:
        sheets[sheet.application_id].append(sheet)
    return {one.id: _tally(call, sheets[one.id], jury) for one in applications}


def _tally(call: Call, sheets: list[Sheet], jury: list[Person]) -> Tally:
    gave = {one.person_id for one in sheets}
    marked = [one for one in sheets if not one.conflict]
    weights = sum(one.weight for one in call.criteria)
    values = {(sheet.id, mark.criterion_id): mark.value for sheet in marked for mark in sheet.marks}
    terms = []
    for criterion in call.criteria if marked else ():
        mean = Fraction(sum(values[sheet.id, criterion.id] for sheet in marked), len(marked))
        most = Fraction(100 * criterion.weight, weights)
        terms.append(Term(criterion, mean, most * mean / criterion.scale, most))
    return Tally(tuple(sheets), tuple(one for one in jury if one.id not in gave), tuple(terms))


def _hold_scoring(session: Session, application: Application, by: Person, at: datetime) -> None:
    """Hold the call beside the others who mark: who decides waits, and who marks afterwards comes too late."""
    call = application.call
    session.refresh(call, with_for_update={"of": Call, "read": True})
    if all(one.person_id != by.id for one in jury_of(session, call)) or not may(by, "calls.judge", None, at=at):
        raise NotAllowed(permission="calls.judge")
    if call.phase(at) != Phase.SCORING:
        raise NotScoring(call=call.code)


def _has_a_part(application: Application, person: Person, at: datetime) -> bool:
    """Whether somebody belongs to the organisation that asks, or to one that makes the project with it."""
    parts = {application.partner_id, *(one.organisation_id for one in application.joint)}
    return any(held.organisation_id in parts for held in person.current(at))


def _give(session: Session, sheet: Sheet) -> Sheet:
    try:
        with session.begin_nested():
            session.add(sheet)
    except IntegrityError:
        raise SomeoneJustDidThis() from None
    return sheet
