"""Label stocks: what labels are printed on, in true millimetres. Common ones are shipped; a workshop measures and saves its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ordi.database import Base
from ordi.errors import Invalid, NotFound, Refused
from ordi.parties.access import require
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person

DOTS = (203, 300, 600)
"""How fine label printers print, in dots an inch."""
LEAST_CELL = (34.0, 20.4)
"""A square of 18 mm that old phones read, its white edge, and beside it room for letters one reads."""
_LARGEST_PAGE = 1000.0
_MOST_CELLS = 200
_SLACK = 0.05
"""Millimetres that measuring with a ruler may be wrong by without being a mistake."""
_OWN = "own-"


class StockDoesNotFit(Refused):
    """These labels do not fit on their page, or one on another; `field` says what to measure again, `by` how many tenths of a millimetre."""

    code = "stock-does-not-fit"


@dataclass(frozen=True)
class Stock:
    """A sheet or a roll of labels: page, cells, margins, pitch and rounded corner, all in millimetres."""

    key: str
    page: tuple[float, float]
    columns: int
    rows: int
    cell: tuple[float, float]
    left: float
    top: float
    pitch: tuple[float, float]
    corner: float = 0
    roll: bool = False
    dpi: int = 203
    """Of the label printer that usually takes this roll; a printer's own counts more."""
    name: str = ""
    """What a workshop calls a stock of its own."""

    @property
    def count(self) -> int:
        """Labels on one page."""
        return self.columns * self.rows

    def corner_of(self, cell: int) -> tuple[float, float]:
        """Where a cell begins, from the top left of the page."""
        row, column = divmod(cell, self.columns)
        return self.left + column * self.pitch[0], self.top + row * self.pitch[1]

    def places(self, count: int, used: Collection[int] = ()) -> Iterator[tuple[int, int]]:
        """Page and cell of each of `count` labels, passing over the cells of the first page that are `used`.

        A first page that has none left is not printed at all.
        """
        free = [cell for cell in range(self.count) if cell not in used] or list(range(self.count))
        for place in range(count):
            if place < len(free):
                yield 0, free[place]
            else:
                page, cell = divmod(place - len(free), self.count)
                yield page + 1, cell

    def left_over(self, count: int, used: Collection[int] = ()) -> list[int]:
        """The cells taken on the last page once `count` labels are on it: nothing when it is full, or a roll."""
        placed = list(self.places(count, used))
        if self.roll or not placed:
            return [] if self.roll else sorted(used)
        last = placed[-1][0]
        taken = {cell for page, cell in placed if page == last}
        if last == 0 and len(set(used)) < self.count:
            taken |= set(used)
        return sorted(taken) if len(taken) < self.count else []

    def check(self) -> None:
        """Raise `Invalid` for what is no measure, `StockDoesNotFit` for measures that contradict each other."""
        for field, value, least, most in (
            ("columns", self.columns, 1, 20),
            ("rows", self.rows, 1, 50),
            ("page_width", self.page[0], LEAST_CELL[0], _LARGEST_PAGE),
            ("page_height", self.page[1], LEAST_CELL[1], _LARGEST_PAGE),
            ("left", self.left, 0, self.page[0]),
            ("top", self.top, 0, self.page[1]),
            ("corner", self.corner, 0, 10),
        ):
            if not least <= value <= most:
                raise Invalid(field=field, why="out-of-range", least=round(least), most=round(most))
        if self.count > _MOST_CELLS:
            raise Invalid(field="rows", why="out-of-range", least=1, most=_MOST_CELLS // self.columns)
        if self.dpi not in DOTS:
            raise Invalid(field="dpi", why="unknown")
        for axis, (cell, pitch, many) in enumerate(
            (("cell_width", "pitch_x", self.columns), ("cell_height", "pitch_y", self.rows))
        ):
            size, step, start = self.cell[axis], self.pitch[axis], (self.left, self.top)[axis]
            if size < LEAST_CELL[axis]:
                raise StockDoesNotFit(field=cell, why="too-small", by=_tenths(LEAST_CELL[axis] - size))
            if many > 1 and step < size - _SLACK:
                raise StockDoesNotFit(field=pitch, why="overlap", by=_tenths(size - step))
            over = start + (many - 1) * step + size - self.page[axis]
            if over > _SLACK:
                raise StockDoesNotFit(field=cell, why="past-right" if axis == 0 else "past-bottom", by=_tenths(over))


def _tenths(millimetres: float) -> int:
    return max(round(millimetres * 10), 1)


_A4 = (210.0, 297.0)


def _roll(width: float, height: float) -> Stock:
    size = (width, height)
    return Stock(f"1-{width:g}x{height:g}", size, 1, 1, size, 0, 0, size, corner=1.5, roll=True)


SHIPPED = {
    stock.key: stock
    for stock in (
        Stock("24-70x37", _A4, 3, 8, (70, 37), 0, 0.5, (70, 37)),
        Stock("21-63x38", _A4, 3, 7, (63.5, 38.1), 7.2, 15.15, (66.05, 38.1), 1.5),
        Stock("65-38x21", _A4, 5, 13, (38.1, 21.2), 4.75, 10.7, (40.6, 21.2), 1.5),
        Stock("33-70x25", _A4, 3, 11, (70, 25.4), 0, 8.8, (70, 25.4)),
        Stock("14-99x38", _A4, 2, 7, (99.1, 38.1), 4.65, 15.15, (101.6, 38.1), 1.5),
        Stock("12-105x48", _A4, 2, 6, (105, 48), 0, 4.5, (105, 48)),
        Stock("10-96x51", _A4, 2, 5, (96, 50.8), 8, 21.5, (98, 50.8), 2.5),
        _roll(62, 29),
        _roll(57, 32),
        _roll(51, 25),
        _roll(100, 50),
    )
}
"""Dealers' boxes name them by count and size; where a box differs by a millimetre, calibrate the printer or save one's own."""


class SavedStock(Base):
    """A stock that a workshop measured. Never changed, since sheets were printed on it: put away, and measured anew."""

    __tablename__ = "label_stocks"

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    roll: Mapped[bool]
    page_width: Mapped[float]
    page_height: Mapped[float]
    columns: Mapped[int]
    rows: Mapped[int]
    cell_width: Mapped[float]
    cell_height: Mapped[float]
    left: Mapped[float]
    top: Mapped[float]
    pitch_x: Mapped[float]
    pitch_y: Mapped[float]
    corner: Mapped[float]
    dpi: Mapped[int]
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    retired_at: Mapped[datetime | None]

    @property
    def stock(self) -> Stock:
        """As sheets are drawn on it."""
        return Stock(
            f"{_OWN}{self.id}",
            (self.page_width, self.page_height),
            self.columns,
            self.rows,
            (self.cell_width, self.cell_height),
            self.left,
            self.top,
            (self.pitch_x, self.pitch_y),
            self.corner,
            self.roll,
            self.dpi,
            self.name,
        )


def save_stock(session: Session, workshop: Organisation, stock: Stock, *, by: Person, at: datetime) -> SavedStock:
    """Keep a stock that a workshop measured. Raises `NotAllowed`, `Invalid`, `StockDoesNotFit`."""
    require(by, "labels.print", workshop, at=at)
    name = " ".join(stock.name.split())
    if not name or len(name) > 40 or not name.isprintable():
        raise Invalid(field="name", why="missing")
    replace(stock, name=name).check()
    saved = SavedStock(
        workshop_id=workshop.id,
        name=name,
        roll=stock.roll,
        page_width=stock.page[0],
        page_height=stock.page[1],
        columns=stock.columns,
        rows=stock.rows,
        cell_width=stock.cell[0],
        cell_height=stock.cell[1],
        left=stock.left,
        top=stock.top,
        pitch_x=stock.pitch[0],
        pitch_y=stock.pitch[1],
        corner=stock.corner,
        dpi=stock.dpi,
        by_id=by.id,
        at=at,
    )
    session.add(saved)
    session.flush()
    return saved


def stocks_of(session: Session, workshop: Organisation) -> dict[str, Stock]:
    """Those of this workshop, newest first, then those shipped, by key."""
    return {stock.key: stock for stock in own_stocks_in(session, [workshop])[workshop.id]} | SHIPPED


def own_stocks_in(session: Session, workshops: Sequence[Organisation]) -> dict[int, list[Stock]]:
    """What each of these workshops measured itself, newest first, by the workshop's id, in one query."""
    found: dict[int, list[Stock]] = {room.id: [] for room in workshops}
    own = select(SavedStock).where(SavedStock.workshop_id.in_(found), SavedStock.retired_at.is_(None))
    for saved in session.scalars(own.order_by(SavedStock.id.desc())):
        found[saved.workshop_id].append(saved.stock)
    return found


def stock_named(session: Session, workshop: Organisation, key: str) -> Stock:
    """The stock under this key, one put away too: what was printed on it can be printed again. Raises `NotFound`."""
    if key in SHIPPED:
        return SHIPPED[key]
    return saved_stock(session, workshop, key).stock


def saved_stock(session: Session, workshop: Organisation, key: str) -> SavedStock:
    """The row of a workshop's own stock. Raises `NotFound`."""
    number = key.removeprefix(_OWN)
    saved = None
    if key.startswith(_OWN) and number.isascii() and number.isdigit() and len(number) < 10:
        saved = session.get(SavedStock, int(number))
    if saved is None or saved.workshop_id != workshop.id:
        raise NotFound(stock=key[:24])
    return saved


def retire_stock(session: Session, saved: SavedStock, workshop: Organisation, *, by: Person, at: datetime) -> None:
    """Offer it no more. Raises `NotAllowed`."""
    require(by, "labels.print", workshop, at=at)
    saved.retired_at = saved.retired_at or at
    session.flush()
