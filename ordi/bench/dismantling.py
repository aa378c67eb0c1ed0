"""The way out: a machine is taken apart, then leaves as waste with a line in the outgoing register."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.bench.tasks import WhyDropped, drop_all
from ordi.bench.triage import Reason
from ordi.bench.waits import end_all
from ordi.database import Base
from ordi.errors import Invalid
from ordi.machines.custody import Holder, transfer
from ordi.machines.journal import record
from ordi.machines.lifecycle import Action
from ordi.machines.machine import Machine
from ordi.parties.people import Person
from ordi.parties.siret import valid_siret

WASTE_CODES = ("16 02 14", "16 02 13*", "20 01 36", "20 01 35*")
"""European waste codes of computers; the starred ones hold something dangerous (a battery, an old screen)."""

HEAVIEST_GRAMS = 60_000


class WasteLine(Base):
    """A line of the outgoing register: what left, when, its weight and code, and who took it."""

    __tablename__ = "waste_lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machines.id"), unique=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    left_on: Mapped[date]
    grams: Mapped[int]
    waste_code: Mapped[str] = mapped_column(String(10))
    taker: Mapped[str] = mapped_column(String(80))
    taker_siret: Mapped[str] = mapped_column(String(14))
    slip: Mapped[str] = mapped_column(String(24), default="")
    """The number of the waste tracking slip (BSD), where one is due."""
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]

    machine: Mapped[Machine] = relationship()


def dismantle(session: Session, machine: Machine, reason: Reason, *, by: Person, at: datetime) -> None:
    """Send a machine to parts. Its drives keep their own standing. Raises `WrongState`, `NotAllowed`."""
    record(session, machine, Action.DISMANTLE, by=by, at=at, reason=reason)
    end_all(session, machine, "gone", at=at)
    machine.triage, machine.shelf, machine.held_for = "dismantle", "", ""
    drop_all(session, machine, WhyDropped.DISMANTLED, by=by, at=at)
    session.flush()


def recycle(
    session: Session,
    machine: Machine,
    *,
    grams: int,
    waste_code: str,
    taker: str,
    taker_siret: str,
    slip: str = "",
    by: Person,
    at: datetime,
) -> WasteLine:
    """Let what remains of a machine leave as waste, once no drive in it holds data.

    Raises `Invalid`, `WrongState`, `NotAllowed`, `NotInventoried`, `DrivesNotClean`.
    """
    siret = "".join(taker_siret.split())
    if not 1 <= grams <= HEAVIEST_GRAMS:
        raise Invalid(field="grams", why="out-of-range", least=1, most=HEAVIEST_GRAMS)
    if waste_code not in WASTE_CODES:
        raise Invalid(field="waste_code", why="unknown")
    if not valid_siret(siret):
        raise Invalid(field="taker_siret", why="not-a-siret")
    if not taker.strip():
        raise Invalid(field="taker", why="missing")
    record(session, machine, Action.RECYCLE, by=by, at=at, grams=grams, waste_code=waste_code, taker_siret=siret)
    transfer(session, machine, Holder.RECYCLER, None, by=by, at=at)
    line = WasteLine(
        machine=machine,
        workshop_id=machine.workshop_id,
        left_on=at.date(),
        grams=grams,
        waste_code=waste_code,
        taker=taker.strip()[:80],
        taker_siret=siret,
        slip=slip.strip()[:24],
        by_id=by.id,
        at=at,
    )
    session.add(line)
    session.flush()
    return line
