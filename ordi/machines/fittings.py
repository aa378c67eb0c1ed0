"""What is known of how a machine is fitted, as its last bench report told it: one row a machine."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from ordi.database import Base
from ordi.machines.fitted import Fitted, stored
from ordi.machines.machine import Machine


class Fittings(Base):
    """What the last bench report measured, and in which stay."""

    __tablename__ = "fittings"

    machine_id: Mapped[int] = mapped_column(ForeignKey("machines.id"), primary_key=True, autoincrement=False)
    stay: Mapped[int]
    told: Mapped[str] = mapped_column(String(2000))
    at: Mapped[datetime]


def fitted(session: Session, machine: Machine) -> Fitted:
    """What the last bench report said; nothing known without one."""
    kept = session.get(Fittings, machine.id)
    return stored(kept.told) if kept else Fitted()


def keep_fitted(session: Session, machine: Machine, told: Fitted, *, at: datetime) -> None:
    """Replace what is known of a held machine; a report that says nothing replaces nothing."""
    if told == Fitted():
        return
    kept = session.get(Fittings, machine.id)
    if kept is None:
        session.add(Fittings(machine_id=machine.id, stay=machine.stay, told=told.told(), at=at))
    else:
        kept.stay, kept.told, kept.at = machine.stay, told.told(), at
    session.flush()
