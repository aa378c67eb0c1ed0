"""A lot: computers given together, handled together, followed together to their outcome."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ordi.database import Base
from ordi.parties.organisations import Organisation


class Lot(Base):
    """What one donor gave at one time."""

    __tablename__ = "lots"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    """`L-2026-014`: written on the slip and on the pallet."""
    donor_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    driver_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    promised_count: Mapped[int]
    collected_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    donor: Mapped[Organisation] = relationship(foreign_keys=[donor_id])
    workshop: Mapped[Organisation] = relationship(foreign_keys=[workshop_id])
