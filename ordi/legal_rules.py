"""Thresholds of the law, as rows with their dates and their source: never a constant in a verb.

A threshold that changes is a new row; a paper issued before keeps the one that was in force on its day.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from sqlalchemy import Date, String, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ordi.database import Base
from ordi.errors import Refused


class NoLegalRule(Refused):
    """No row says what this threshold was on that day: an administrator adds it, with its source."""

    code = "no-legal-rule"


class LegalRule(Base):
    """One threshold from one day until another, and where it is written."""

    __tablename__ = "legal_rules"
    __table_args__ = (UniqueConstraint("code", "since"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(48))
    value: Mapped[int]
    unit: Mapped[str] = mapped_column(String(16))
    """cents, percent, years, months, days, hours, count."""
    since: Mapped[date] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    """The first day it no longer holds."""
    source: Mapped[str] = mapped_column(String(200))


class Shipped(NamedTuple):
    """A row that comes with Ordi, for administrators to correct."""

    code: str
    value: int
    unit: str
    since: date
    source: str


_SOLIDARITY = "CG3P L. 3212-3, prix solidaire TTC (source secondaire, à vérifier avant usage)"

SHIPPED = (
    Shipped("public-donor.unit-value", 30_000, "cents", date(2022, 1, 1), "CG3P, L. 3212-2 et D. 3212-3"),
    Shipped("solidarity-price.laptop", 18_000, "cents", date(2023, 1, 1), _SOLIDARITY),
    Shipped("solidarity-price.desktop", 15_000, "cents", date(2023, 1, 1), _SOLIDARITY),
    Shipped("solidarity-price.screen", 3_000, "cents", date(2023, 1, 1), _SOLIDARITY),
    Shipped("reuse.target", 50, "percent", date(2025, 1, 1), "Décret 2023-266"),
    Shipped("reuse.greatest-age", 10, "years", date(2023, 4, 13), "Décret 2023-266"),
    Shipped("sale.warranty", 24, "months", date(2022, 1, 1), "Code de la consommation, L. 217-3"),
    Shipped("household.kept", 24, "months", date(2018, 5, 25), "RGPD, art. 5 ; référentiel CNIL du secteur social"),
    Shipped("household-reading.kept", 12, "months", date(2021, 10, 14), "CNIL, délibération 2021-122 (journalisation)"),
    Shipped("check-in.kept", 90, "days", date(2018, 5, 25), "RGPD, art. 5 ; registre des traitements du réseau"),
    Shipped("breach.notify", 72, "hours", date(2018, 5, 25), "RGPD, art. 33, 1"),
    Shipped(
        "figures.least-count", 5, "count", date(2018, 5, 25), "RGPD, considérant 26 ; usage de la statistique publique"
    ),
)


def ship(session: Session) -> None:
    """Add the rows that come with Ordi where they are missing; a corrected row is left as it is."""
    known = {tuple(row) for row in session.execute(select(LegalRule.code, LegalRule.since))}
    session.add_all(LegalRule(**row._asdict()) for row in SHIPPED if (row.code, row.since) not in known)
    session.flush()


def in_force(session: Session, on: date) -> dict[str, LegalRule]:
    """Every row in force on a day, by its code: for whoever asks about many at once."""
    query = select(LegalRule).where(LegalRule.since <= on, or_(LegalRule.until.is_(None), LegalRule.until > on))
    return {found.code: found for found in session.scalars(query.order_by(LegalRule.since))}


def rule(session: Session, code: str, on: date) -> LegalRule:
    """The row in force on a day. Raises `NoLegalRule`."""
    found = session.scalar(
        select(LegalRule)
        .where(LegalRule.code == code, LegalRule.since <= on, or_(LegalRule.until.is_(None), LegalRule.until > on))
        .order_by(LegalRule.since.desc())
        .limit(1)
    )
    if found is None:
        raise NoLegalRule(rule=code, on=on.isoformat())
    return found
