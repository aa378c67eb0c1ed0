"""Consent: which text was read, in which language, by whom, when; and its withdrawal. Rows are added, never changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.database import Base
from ordi.errors import Refused
from ordi.parties.access import require
from ordi.parties.households import Household
from ordi.parties.people import Person

CURRENT_TEXT = "2026-1"
"""The version of the text that is read aloud today; the face holds its words."""

SPOKEN = ("fr", "ar", "uk", "tr", "pt", "en")
"""Languages it can be read in."""


class ConsentTakenBack(Refused):
    """The household took its consent back: nothing is promised to it until a person asked it again."""

    code = "consent-taken-back"


class Consent(Base):
    """A household said yes, or took it back."""

    __tablename__ = "consents"

    id: Mapped[int] = mapped_column(primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("households.id"), index=True)
    given: Mapped[bool]
    version: Mapped[str] = mapped_column(String(12))
    language: Mapped[str] = mapped_column(String(2))
    reader_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]

    reader: Mapped[Person] = relationship()


def give(
    session: Session,
    household: Household,
    version: str,
    language: str,
    *,
    by: Person,
    at: datetime,
    asks: str = "requests.write",
) -> Consent:
    """The text was read by `by`, who holds the permission `asks`, and the household said yes. Raises `NotAllowed`."""
    return _said(session, household, True, version, language, by=by, at=at, asks=asks)


def take_back_consent(session: Session, household: Household, language: str, *, by: Person, at: datetime) -> Consent:
    """The household takes its consent back, in the language it spoke. Raises `NotAllowed`."""
    return _said(session, household, False, CURRENT_TEXT, language, by=by, at=at)


def last_of(session: Session, household_id: int | None) -> Consent | None:
    """The last consent that a household gave or took back."""
    query = select(Consent).where(Consent.household_id == household_id)
    return session.scalar(query.order_by(Consent.id.desc()).limit(1))


def taken_back(session: Session, household_id: int | None) -> bool:
    """Whether a household took its consent back, and has not given it again."""
    said = last_of(session, household_id) if household_id is not None else None
    return said is not None and not said.given


def all_taken_back(session: Session) -> set[int]:
    """The households that took theirs back, for whoever looks at many."""
    ever = select(Consent.household_id).where(Consent.given.is_(False))
    last = select(func.max(Consent.id)).where(Consent.household_id.in_(ever)).group_by(Consent.household_id)
    return set(session.scalars(select(Consent.household_id).where(Consent.id.in_(last), Consent.given.is_(False))))


def _said(
    session: Session,
    household: Household,
    given: bool,
    version: str,
    language: str,
    *,
    by: Person,
    at: datetime,
    asks: str = "requests.write",
) -> Consent:
    require(by, asks, household.partner, at=at)
    household.last_contact_at = at
    consent = Consent(
        household_id=household.id, given=given, version=version[:12], language=language[:2], reader=by, at=at
    )
    session.add(consent)
    session.flush()
    return consent
