"""What a request is given beside a machine: an access, a visit. A row each; the verbs are in `connections` and `visits`."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ordi.database import Base
from ordi.parties.people import Person


class Connection(Base):
    """The access of a request's home, with the terms of the day it was opened."""

    __tablename__ = "connections"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), index=True)
    opened_on: Mapped[date] = mapped_column(Date)
    free_until: Mapped[date] = mapped_column(Date)
    then_cents: Mapped[int]
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    closed_at: Mapped[datetime | None]

    def price_on(self, day: date) -> int:
        """What a month costs on a day, in cents."""
        return 0 if day < self.free_until else self.then_cents


class Visit(Base):
    """One visit."""

    __tablename__ = "visits"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), index=True)
    cause: Mapped[str] = mapped_column(String(16))
    """A code of `visits.Cause`."""
    findings: Mapped[str]
    """Canonical JSON: heading → finding, all five."""
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]

    by: Mapped[Person] = relationship()
