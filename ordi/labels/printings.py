"""What was printed: who, when, which labels and how many, on what, and where the sheet stopped.

A label is printed again under its own record: a computer that already carries one asks why, and its history says so.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.database import Base
from ordi.errors import Invalid, NotFound
from ordi.labels.printers import Printer
from ordi.labels.stocks import Stock
from ordi.machines.labels import Again, label_machine
from ordi.machines.machine import Machine
from ordi.parties.access import may, require
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person

MOST = 1000
"""The most labels of one printing."""
MOST_COPIES = 10


class Way(StrEnum):
    """How labels leave: as a PDF, as a file for label printers, or straight to one over the network."""

    PAPER = "paper"
    FILE = "file"
    NETWORK = "network"


class Stage(StrEnum):
    """How a printing stands. What goes over the network may be anywhere; a file is handed out at once."""

    HANDED_OUT = "handed_out"
    WAITING = "waiting"
    SENDING = "sending"
    PRINTED = "printed"
    PERHAPS = "perhaps_printed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Item:
    """One label to print: its letters, its address, its lines; the computer it is for, if it is for one."""

    code: str
    url: str
    lines: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    machine: Machine | None = None


class Printing(Base):
    """Labels printed in one go."""

    __tablename__ = "label_printings"
    __table_args__ = (
        Index("ix_label_printings_workshop", "workshop_id", "id"),
        Index("ix_label_printings_stage_due", "stage", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(String(36), unique=True)
    """Made with the form: pressed twice, printed once."""
    workshop_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    kind: Mapped[str] = mapped_column(String(12))
    subject: Mapped[str] = mapped_column(String(60))
    """Of what: a tag, a lot, a shelf; with `kind` the page where it can be printed anew."""
    stock: Mapped[str] = mapped_column(String(24))
    way: Mapped[str] = mapped_column(String(8))
    lang: Mapped[str] = mapped_column(String(2))
    printer_id: Mapped[int | None] = mapped_column(ForeignKey("label_printers.id"))
    copies: Mapped[int]
    used: Mapped[str] = mapped_column(String(800), default="")
    """Cells of the first sheet that were taken before, in order."""
    left_over: Mapped[str] = mapped_column(String(800), default="")
    """Cells taken on the last sheet: where the next printing begins."""
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    stage: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    trouble: Mapped[str] = mapped_column(String(24), default="")
    """What the printer last answered, as a code."""

    by: Mapped[Person] = relationship()
    workshop: Mapped[Organisation] = relationship()
    printer: Mapped[Printer | None] = relationship()


class PrintedLabel(Base):
    """One label of a printing, as it was."""

    __tablename__ = "printed_labels"

    id: Mapped[int] = mapped_column(primary_key=True)
    printing_id: Mapped[int] = mapped_column(ForeignKey("label_printings.id"), index=True)
    code: Mapped[str] = mapped_column(String(60), index=True)
    url: Mapped[str] = mapped_column(String(400))
    told: Mapped[str] = mapped_column(String(2000))
    """JSON: the lines that are always printed, and those printed where there is room."""
    machine_id: Mapped[int | None] = mapped_column(ForeignKey("machines.id"), index=True)
    again: Mapped[str] = mapped_column(String(12), default="")
    """Why once more, when the computer carried one already."""

    @property
    def lines(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The lines always printed, and those printed where there is room."""
        always, more = json.loads(self.told)
        return tuple(always), tuple(more)


def print_labels(
    session: Session,
    workshop: Organisation,
    items: Sequence[Item],
    stock: Stock,
    way: Way,
    *,
    uuid: str,
    kind: str,
    subject: str,
    lang: str = "fr",
    printer: Printer | None = None,
    copies: int = 1,
    used: Collection[int] = (),
    why: Again | None = None,
    by: Person,
    at: datetime,
) -> Printing:
    """Keep a printing, and write it in the history of each computer. Sent twice under one uuid it is one printing.

    What goes over the network waits to be sent. Raises `NotAllowed`, `Invalid`, `CarriesOne` (a computer has its label: why again?).
    """
    require(by, "labels.print", workshop, at=at)
    key = _key(uuid)
    known = session.scalar(select(Printing).where(Printing.uuid == key))
    if known is not None:
        if known.by_id != by.id or known.workshop_id != workshop.id:
            raise NotFound(printing=key)
        return known
    if not 1 <= copies <= MOST_COPIES:
        raise Invalid(field="copies", why="out-of-range", least=1, most=MOST_COPIES)
    if not 1 <= len(items) * copies <= MOST:
        raise Invalid(field="count", why="out-of-range", least=1, most=MOST)
    if way is Way.NETWORK and (printer is None or not printer.networked or not stock.roll):
        raise Invalid(field="printer", why="missing")
    taken = sorted({cell for cell in used if 0 <= cell < stock.count}) if way is Way.PAPER else []
    left_over = stock.left_over(len(items) * copies, taken) if way is Way.PAPER else []
    printing = Printing(
        uuid=key,
        workshop=workshop,
        kind=kind,
        subject=subject,
        stock=stock.key,
        way=way,
        lang=lang,
        printer=printer,
        copies=copies,
        used=_cells(taken),
        left_over=_cells(left_over),
        by=by,
        at=at,
        stage=Stage.WAITING if way is Way.NETWORK else Stage.HANDED_OUT,
        due_at=at if way is Way.NETWORK else None,
        ended_at=None if way is Way.NETWORK else at,
    )
    session.add(printing)
    session.flush()
    reasons = _labelled(session, items, copies, why, by=by, at=at)
    for item in items:
        again = reasons.get(item.machine.id, "") if item.machine else ""
        told = json.dumps([item.lines, item.more], ensure_ascii=False)
        machine_id = item.machine.id if item.machine else None
        session.add(
            PrintedLabel(
                printing_id=printing.id, code=item.code, url=item.url, told=told, machine_id=machine_id, again=again
            )
        )
    session.flush()
    return printing


def _labelled(
    session: Session, items: Sequence[Item], copies: int, why: Again | None, *, by: Person, at: datetime
) -> dict[int, str]:
    """Write each computer's history, in the order in which computers are locked everywhere; why again, by computer."""
    machines = sorted((item.machine for item in items if item.machine), key=lambda one: one.id)
    return {one.id: label_machine(session, one, by=by, at=at, why=why, copies=copies) for one in machines}


def printing_seen(session: Session, uuid: str, by: Person, *, at: datetime) -> Printing:
    """A printing of a workshop for which this person prints. Raises `NotFound`."""
    found = session.scalar(select(Printing).where(Printing.uuid == _key(uuid)))
    if found is None or not may(by, "labels.print", found.workshop, at=at):
        raise NotFound(printing=uuid[:36])
    return found


def labels_of(session: Session, printing: Printing) -> list[PrintedLabel]:
    """Its labels, in order, one line however many copies."""
    query = select(PrintedLabel).where(PrintedLabel.printing_id == printing.id).order_by(PrintedLabel.id)
    return list(session.scalars(query))


def cells_taken(session: Session, workshop: Organisation, stock: Stock) -> list[int]:
    """The cells that the last sheet of this stock left taken."""
    if stock.roll:
        return []
    last = session.scalar(
        select(Printing.left_over)
        .where(Printing.workshop_id == workshop.id, Printing.stock == stock.key, Printing.way == Way.PAPER)
        .order_by(Printing.id.desc())
        .limit(1)
    )
    return cells_in(last or "")


def cells_in(text: str) -> list[int]:
    """Cells as they are kept: `0 1 2`."""
    return [int(cell) for cell in text.split()]


def _cells(cells: Sequence[int]) -> str:
    return " ".join(map(str, cells))


def _key(uuid: str) -> str:
    try:
        return str(UUID(uuid))
    except ValueError:
        raise NotFound(printing=uuid[:36]) from None
