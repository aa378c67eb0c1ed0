"""Forgetting: by rule when a file's time is over, or because the family asks; what was forgotten is told in counts.

Who they are, the few free words, signatures and the language go. Codes, dates and facts stay for anonymous counts, and each
machine keeps its history, which never held them. A list outside the database lets a restored backup forget them again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import CursorResult, ForeignKey, Select, String, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from ordi.database import Base
from ordi.errors import Refused
from ordi.legal_rules import rule
from ordi.machines.custody import CustodyTransfer, Holder
from ordi.papers import PARIS
from ordi.parties import households
from ordi.parties.access import require
from ordi.parties.households import Household, HouseholdReading
from ordi.parties.people import Person
from ordi.privacy.ends import FileEnd, file_ends
from ordi.sharing.class_lists import ClassPupil
from ordi.sharing.consents import Consent
from ordi.sharing.months import months_before
from ordi.sharing.promises import Allocation
from ordi.sharing.requests import Qpv, Request, RequestNote
from ordi.sharing.visit_tickets import Standing, VisitTicket

KEPT, READINGS_KEPT = "household.kept", "household-reading.kept"
"""The rules (`legal_rules`): months after the end of a file; months after a reading."""

Remember = Callable[[Sequence[str]], None]
"""Writes the marks of households outside the database, before anything is erased."""


class Cause(StrEnum):
    """Why files were erased."""

    RULE = "rule"
    ASKED = "asked"
    RESTORED = "restored"
    """A backup had brought them back."""


class StillRuns(Refused):
    """Something of this file still runs: a loan, a warranty, a request."""

    code = "file-still-runs"


class Erasure(Base):
    """That files were erased: how many, never whose."""

    __tablename__ = "erasures"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    cause: Mapped[str] = mapped_column(String(12))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """Who did it for the family; nobody: the rule."""
    households: Mapped[int]
    notes: Mapped[int]
    signatures: Mapped[int]
    readings: Mapped[int]


@dataclass(frozen=True)
class Preview:
    """What would be erased on a day."""

    households: int
    readings: int


def kept_months(session: Session, at: datetime) -> int:
    """How long a file is kept after its end. Raises `NoLegalRule`."""
    return rule(session, KEPT, at.astimezone(PARIS).date()).value


def due_on(ends: dict[int, FileEnd], months: int, day: date) -> list[int]:
    """The households whose time is over on a day, as things stand now."""
    days = {number: end.erased_on(months) for number, end in ends.items()}
    return [number for number, over in days.items() if over is not None and over <= day]


def preview(session: Session, *, at: datetime) -> Preview:
    """What `erase_due` would erase now. Raises `NoLegalRule`."""
    return Preview(len(_due(session, at)), len(session.scalars(_old_readings(session, at)).all()))


def erase_due(session: Session, *, at: datetime, remember: Remember) -> Erasure | None:
    """Forget the households and the readings whose time is over; again does nothing. Raises `NoLegalRule`."""
    due = session.scalars(
        select(Household).where(Household.id.in_(_due(session, at))).order_by(Household.id).with_for_update()
    ).all()
    old = list(session.scalars(_old_readings(session, at)))
    if not due and not old:
        return None
    done = _forget(
        session, [one for one in due if one.erased_at is None], Cause.RULE, by=None, at=at, remember=remember
    )
    session.execute(delete(HouseholdReading).where(HouseholdReading.id.in_(old)))
    done.readings = len(old)
    session.flush()
    return done


def erase_for(
    session: Session, household: Household, *, by: Person, at: datetime, remember: Remember
) -> Erasure | None:
    """The family asks to be forgotten. Nothing to do when it was. Raises `NotAllowed`, `StillRuns`, `NoLegalRule`."""
    require(by, "households.erase", household.partner, at=at)
    session.refresh(household, with_for_update=True)
    if household.erased_at is not None:
        return None
    end = file_ends(session, at=at, only=household)[household.id]
    for thing, until in end.running.items():
        raise StillRuns(thing=thing, until=until.isoformat() if until else None)
    return _forget(session, [household], Cause.ASKED, by=by, at=at, remember=remember)


def replay(session: Session, marks: Collection[str], *, at: datetime) -> int:
    """Forget again whom a restored backup brought back; how many."""
    living = select(Household).where(Household.erased_at.is_(None)).order_by(Household.id)
    back = [one for one in session.scalars(living) if mark_of(one) in marks]
    if back:
        _forget(session, back, Cause.RESTORED, by=None, at=at, remember=lambda _marks: None)
    return len(back)


def mark_of(household: Household) -> str:
    """What is written of an erased household outside the database: the hash of 122 random bits, nothing else."""
    return hashlib.sha256(f"ordi household {household.uid}".encode()).hexdigest()


def _due(session: Session, at: datetime) -> list[int]:
    months, today = kept_months(session, at), at.astimezone(PARIS).date()
    before = at - timedelta(days=(today - months_before(today, months)).days - 2)  # a coarse net: `due_on` decides
    return due_on(file_ends(session, at=at, before=before), months, today)


def _old_readings(session: Session, at: datetime) -> Select[int]:
    today = at.astimezone(PARIS).date()
    months = rule(session, READINGS_KEPT, today).value
    return select(HouseholdReading.id).where(
        HouseholdReading.at < at - timedelta(days=(today - months_before(today, months)).days)
    )


def _forget(
    session: Session, gone: Sequence[Household], cause: Cause, *, by: Person | None, at: datetime, remember: Remember
) -> Erasure:
    remember([mark_of(one) for one in gone])
    numbers = [one.id for one in gone]
    asked = select(Request.id).where(Request.household_id.in_(numbers))
    held = (
        select(Allocation.machine_id, Allocation.handed_over_at, Allocation.ended_at)
        .where(Allocation.request_id.in_(asked))
        .subquery()
    )
    theirs = (  # the hand-over's, and those of repairs while the machine was theirs
        (held.c.machine_id == CustodyTransfer.machine_id)
        & (held.c.handed_over_at <= CustodyTransfer.at)
        & (held.c.ended_at.is_(None) | (CustodyTransfer.at <= held.c.ended_at))
    )
    signed = (
        select(CustodyTransfer.id)
        .join(held, theirs)
        .where(CustodyTransfer.holder == Holder.HOUSEHOLD, CustodyTransfer.signature.is_not(None))
    )
    notes = _count(session, delete(RequestNote).where(RequestNote.request_id.in_(asked)))
    drawn = list(session.scalars(signed))
    session.execute(update(CustodyTransfer).where(CustodyTransfer.id.in_(drawn)).values(signature=None))
    session.execute(update(Consent).where(Consent.household_id.in_(numbers)).values(language=""))
    children = update(ClassPupil).where(ClassPupil.household_id.in_(numbers))
    session.execute(children.values(name_sealed=None, name_index=None))
    nowhere = update(Request).where(Request.household_id.in_(numbers))
    session.execute(nowhere.values(commune_code="", qpv=Qpv.UNKNOWN, district_code=""))
    to_make = (VisitTicket.request_id.in_(asked), VisitTicket.state == Standing.TO_VISIT)  # only these have words
    session.execute(
        update(VisitTicket).where(*to_make).values(state=Standing.CANCELLED, ended_at=at, words_sealed=None)
    )
    for one in gone:
        households.erase(session, one, at=at)
    session.expire_all()
    told = Erasure(
        at=at,
        cause=cause,
        by_id=by.id if by else None,
        households=len(gone),
        notes=notes,
        signatures=len(drawn),
        readings=0,
    )
    session.add(told)
    session.flush()
    return told


def _count(session: Session, statement: object) -> int:
    done = session.execute(statement)  # type: ignore[call-overload]
    assert isinstance(done, CursorResult)
    return done.rowcount


def erased_in_all(session: Session) -> int:
    """How many files were forgotten so far."""
    return session.scalar(select(func.coalesce(func.sum(Erasure.households), 0))) or 0
