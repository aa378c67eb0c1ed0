"""The record of each paper issued, numbered without a gap for each kind and year. `web/papers` draws them.

The number is taken in the same transaction as the act it proves: an act that is rolled back gives its number back.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, String, UniqueConstraint, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from ordi.canonical import canonical, digest
from ordi.database import Base
from ordi.errors import Refused

PARIS = ZoneInfo("Europe/Paris")
"""The year of a paper is the year on its reader's calendar."""


class PaperKind(StrEnum):
    """What a paper is; each kind has its own series of numbers."""

    COLLECTION_SLIP = "collection_slip"
    COMMITMENT = "commitment"
    TRANSFER_AGREEMENT = "transfer_agreement"
    HAND_OVER_RECEIPT = "hand_over_receipt"
    TAKE_BACK_RECEIPT = "take_back_receipt"
    DONOR_REPORT = "donor_report"
    DESTRUCTION_RECORD = "destruction_record"
    PAYMENT_RECEIPT = "payment_receipt"
    CALL_MINUTES = "call_minutes"
    COMMITTEE_MINUTES = "committee_minutes"
    TAX_RECEIPT_COMPANY = "tax_receipt_company"
    TAX_RECEIPT_INDIVIDUAL = "tax_receipt_individual"


PREFIX = {
    PaperKind.COLLECTION_SLIP: "B",
    PaperKind.COMMITMENT: "E",
    PaperKind.TRANSFER_AGREEMENT: "C",
    PaperKind.HAND_OVER_RECEIPT: "R",
    PaperKind.TAKE_BACK_RECEIPT: "T",
    PaperKind.DONOR_REPORT: "S",
    PaperKind.DESTRUCTION_RECORD: "X",
    PaperKind.PAYMENT_RECEIPT: "P",
    PaperKind.CALL_MINUTES: "V",
    PaperKind.COMMITTEE_MINUTES: "VC",
    PaperKind.TAX_RECEIPT_COMPANY: "FE",
    PaperKind.TAX_RECEIPT_INDIVIDUAL: "FP",
}
"""What stands before the year on the paper: `R-2026-0041`."""


class AlreadyAnnulled(Refused):
    """A paper is annulled once; what replaces it is a new paper."""

    code = "already-annulled"


_UNSYNCHRONISED = {"synchronize_session": False}


class Series(Base):
    """How far a series of numbers has come in a year. Its row is the lock that keeps the series without a gap."""

    __tablename__ = "number_series"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Paper(Base):
    """A paper that was issued. Its number is never used again, even when it is annulled."""

    __tablename__ = "papers"
    __table_args__ = (UniqueConstraint("kind", "year", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    year: Mapped[int]
    number: Mapped[int]
    subject: Mapped[str] = mapped_column(String(40), index=True)
    """What it is about: `allocation:12`, `lot:L-2026-014`."""
    facts: Mapped[str]
    """Canonical JSON of what it states, as issued: codes and figures, never a household."""
    sha256: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    issued_at: Mapped[datetime]
    annulled_at: Mapped[datetime | None]
    annulled_because: Mapped[str] = mapped_column(String(40), default="")

    @property
    def label(self) -> str:
        """The number as it is printed."""
        return f"{PREFIX[PaperKind(self.kind)]}-{self.year}-{self.number:04d}"


def issue(
    session: Session, kind: PaperKind, subject: str, facts: dict[str, object], *, by_id: int | None, at: datetime
) -> Paper:
    """Record a paper under the next number of its kind and year."""
    year = year_of(at)
    stated = canonical(facts)
    paper = Paper(
        kind=kind,
        year=year,
        number=next_number(session, kind, year),
        subject=subject,
        facts=stated,
        sha256=digest(stated),
        person_id=by_id,
        issued_at=at,
    )
    session.add(paper)
    session.flush()
    return paper


def annul(session: Session, paper: Paper, because: str, *, at: datetime) -> None:
    """Mark a paper as no longer valid; it keeps its number. Raises `AlreadyAnnulled`."""
    session.refresh(paper, with_for_update=True)
    if paper.annulled_at is not None:
        raise AlreadyAnnulled(paper=paper.label)
    paper.annulled_at, paper.annulled_because = at, because
    session.flush()


def of_subject(session: Session, subject: str, kind: PaperKind | None = None) -> list[Paper]:
    """The papers about something, oldest first."""
    found = select(Paper).where(Paper.subject == subject).order_by(Paper.id)
    return list(session.scalars(found.where(Paper.kind == kind) if kind else found))


def next_number(session: Session, series: str, year: int) -> int:
    """The next number of a series. Others who want one wait until this transaction ends, so that no number is skipped."""
    session.execute(
        text("INSERT INTO number_series (name, year, last) VALUES (:name, :year, 0) ON CONFLICT DO NOTHING"),
        {"name": str(series), "year": year},
    )
    taken = update(Series).where(Series.name == str(series), Series.year == year).values(last=Series.last + 1)
    return int(session.execute(taken.returning(Series.last), execution_options=_UNSYNCHRONISED).scalar_one())


def year_of(at: datetime) -> int:
    """The year at an instant, in France."""
    return at.astimezone(PARIS).year
