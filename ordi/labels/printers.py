"""Printers of a workshop: where the label printer answers, and how much each one shrinks and shifts what it prints."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ordi.database import Base
from ordi.errors import Invalid, NotFound, Refused
from ordi.labels.stocks import DOTS
from ordi.parties.access import require
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person

PORT = 9100
"""Where label printers take their language, without a word before it."""
LEAST_PORT = 1024
"""Beneath are servers that are no printers."""

CROSS_MM, RULER_MM = (20.0, 20.0), (150.0, 200.0)
"""The calibration page: where the cross is drawn, and how long its two rulers are."""
_MOST_STRETCH, _MOST_SHIFT_MM = 0.05, 10.0

_ADDRESS = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:-]{0,250}[A-Za-z0-9])?", re.ASCII)


class NotOfAPrinter(Refused):
    """No printer is that far off: the page was scaled when it was printed, or measured wrongly."""

    code = "not-of-a-printer"


class Printer(Base):
    """A printer. One with an address takes labels over the network; the others take sheets from whoever prints."""

    __tablename__ = "label_printers"

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(253), default="")
    port: Mapped[int] = mapped_column(default=PORT)
    dpi: Mapped[int] = mapped_column(default=203)
    scale_x: Mapped[float] = mapped_column(default=1.0)
    scale_y: Mapped[float] = mapped_column(default=1.0)
    shift_x: Mapped[float] = mapped_column(default=0.0)
    shift_y: Mapped[float] = mapped_column(default=0.0)
    """What to draw at x·scale + shift, in millimetres, so that it is printed at x."""
    calibrated_at: Mapped[datetime | None]
    added_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    added_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]

    @property
    def networked(self) -> bool:
        """Whether labels reach it over the network."""
        return bool(self.address)


def add_printer(
    session: Session,
    workshop: Organisation,
    *,
    name: str,
    address: str = "",
    port: int = PORT,
    dpi: int = 203,
    by: Person,
    at: datetime,
) -> Printer:
    """Write a printer down. Raises `NotAllowed`, `Invalid` (name, address, port, dpi)."""
    require(by, "labels.printers", workshop, at=at)
    name, address = " ".join(name.split()), address.strip()
    if not name or len(name) > 40 or not name.isprintable():
        raise Invalid(field="name", why="missing")
    if address and not _ADDRESS.fullmatch(address):
        raise Invalid(field="address", why="shape")
    if not LEAST_PORT <= port < 65536:
        raise Invalid(field="port", why="out-of-range", least=LEAST_PORT, most=65535)
    if dpi not in DOTS:
        raise Invalid(field="dpi", why="unknown")
    printer = Printer(
        workshop_id=workshop.id, name=name, address=address, port=port, dpi=dpi, added_by_id=by.id, added_at=at
    )
    session.add(printer)
    session.flush()
    return printer


def retire_printer(session: Session, printer: Printer, workshop: Organisation, *, by: Person, at: datetime) -> None:
    """Nothing goes there any more. Raises `NotAllowed`."""
    require(by, "labels.printers", workshop, at=at)
    printer.retired_at = printer.retired_at or at
    session.flush()


def printers_of(session: Session, workshop: Organisation) -> list[Printer]:
    """Those in use, by name."""
    return printers_in(session, [workshop])[workshop.id]


def printers_in(session: Session, workshops: Sequence[Organisation]) -> dict[int, list[Printer]]:
    """Those in use in several workshops, by the workshop's id, in one query."""
    found: dict[int, list[Printer]] = {room.id: [] for room in workshops}
    mine = select(Printer).where(Printer.workshop_id.in_(found), Printer.retired_at.is_(None))
    for printer in session.scalars(mine.order_by(Printer.name, Printer.id)):
        found[printer.workshop_id].append(printer)
    return found


def printer_of(session: Session, workshop: Organisation, number: int) -> Printer:
    """One of this workshop's printers in use. Raises `NotFound`."""
    printer = session.get(Printer, number)
    if printer is None or printer.workshop_id != workshop.id or printer.retired_at is not None:
        raise NotFound(printer=number)
    return printer


def calibrate(
    session: Session,
    printer: Printer,
    workshop: Organisation,
    *,
    rulers: tuple[float, float],
    cross: tuple[float, float],
    by: Person,
    at: datetime,
) -> None:
    """Keep how a printer shrinks and shifts, from what was measured on the calibration page, in millimetres.

    `rulers` are the lengths found, across and down; `cross` how far it lies from the left and the top edge of the paper.
    Raises `NotAllowed`, `NotOfAPrinter`.
    """
    require(by, "labels.print", workshop, at=at)
    scales, shifts = [], []
    for found, drawn, lies, place in zip(rulers, RULER_MM, cross, CROSS_MM, strict=True):
        stretch = found / drawn
        moved = lies - place * stretch
        if abs(stretch - 1) > _MOST_STRETCH or abs(moved) > _MOST_SHIFT_MM:
            raise NotOfAPrinter()
        scales.append(1 / stretch)
        shifts.append(-moved / stretch)
    printer.scale_x, printer.scale_y = scales
    printer.shift_x, printer.shift_y = shifts
    printer.calibrated_at = at
    session.flush()
