"""Label sheets in true millimetres: a tag in large letters beside its QR, drawn as vectors.

The QR says `HTTPS://HOST/M/TAG` in upper case, for the small symbol. It is at least 18 mm wide. Its quiet zone
is four modules, but for the smallest labels, where the paper above and below is shared with the next label.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fpdf import FPDF

from ordi.errors import Refused
from web.papers.ink import visible
from web.papers.qr import QUIET, matrix, runs

LEAST_QR_MM = 18.0
"""Without its quiet zone: what an old phone still reads at arm's length."""
MOST_QR_MM = 26.0
_OWN_LETTERS = (
    Path(__file__).resolve().parents[1] / "static/vendor/fonts/atkinson-hyperlegible-next-latin-wght-normal.woff2"
)
_SYSTEM_LETTERS = (
    Path("/usr/share/fonts/truetype/liberation/LiberationSans-Bold.ttf"),
    Path("/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"),
)
_INK = (16, 19, 31)
_EDGE_MM = 1.6
_WIDE_MM, _WIDE_EDGE_MM = 60, 4.5
"""Wide labels touch the edge of the sheet, where office printers do not print."""
_MM_PER_POINT = 25.4 / 72


class LabelTooSmall(Refused):
    """The symbol would be too small to scan: a shorter server address, or a larger label."""

    code = "label-too-small"


@dataclass(frozen=True)
class Stock:
    """A sheet of labels: page, cells, margins and pitch, all in millimetres."""

    name: str
    page: tuple[float, float]
    columns: int
    rows: int
    cell: tuple[float, float]
    left: float
    top: float
    pitch: tuple[float, float]

    @property
    def count(self) -> int:
        """Labels on one sheet."""
        return self.columns * self.rows


STOCKS = {
    stock.name: stock
    for stock in (
        Stock("24-70x37", (210, 297), 3, 8, (70, 37), 0, 0.5, (70, 37)),
        Stock("65-38x21", (210, 297), 5, 13, (38.1, 21.2), 4.75, 10.7, (40.6, 21.2)),
        Stock("1-62x29", (62, 29), 1, 1, (62, 29), 0, 0, (62, 29)),
    )
}


@dataclass(frozen=True)
class Found:
    """What a label tells who finds the machine."""

    organisation: str
    phone: str


def tag_url(public_url: str, tag: str) -> str:
    """What the QR of a tag says."""
    return f"{public_url.rstrip('/')}/M/{tag}".upper()


def labels_pdf(
    tags: Sequence[str], stock: Stock, *, public_url: str, found: Found, at: datetime, skip: int = 0
) -> bytes:
    """Sheets of labels, one a tag, leaving the first `skip` cells of the first sheet. Raise `LabelTooSmall`."""
    if not 0 <= skip < stock.count:
        raise ValueError(f"a sheet has {stock.count} labels, {skip} cannot be used already")
    pdf = _blank(stock, at, found)
    for place, tag in enumerate(tags, start=skip):
        page, cell = divmod(place, stock.count)
        while pdf.page_no() <= page:
            pdf.add_page()
        row, column = divmod(cell, stock.columns)
        x = stock.left + column * stock.pitch[0]
        y = stock.top + row * stock.pitch[1]
        _label(pdf, x, y, stock.cell, tag, tag_url(public_url, tag), found)
    return bytes(pdf.output())


def _blank(stock: Stock, at: datetime, found: Found) -> FPDF:
    # here, not above: it takes half a second, and most processes never print
    from fpdf import FPDF
    from fpdf.prefs import ViewerPreferences

    pdf = FPDF(orientation="portrait", unit="mm", format=stock.page)
    if stock.page[0] > stock.page[1]:
        pdf = FPDF(orientation="landscape", unit="mm", format=(stock.page[1], stock.page[0]))
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.set_title("Étiquettes Ordi")
    pdf.set_author(visible(found.organisation))
    pdf.set_lang("fr")
    pdf.set_creation_date(at)
    pdf.viewer_preferences = ViewerPreferences(display_doc_title=True, print_scaling="None")
    if _OWN_LETTERS.exists():
        for style, weight in (("", 450), ("B", 750)):
            pdf.add_font("ordi", style, _OWN_LETTERS, variations={"wght": float(weight)})
    else:
        for system in _SYSTEM_LETTERS:
            if system.exists():
                pdf.add_font("ordi", "", system)
                pdf.add_font("ordi", "B", system)
                break
    return pdf


def _label(pdf: FPDF, x: float, y: float, cell: tuple[float, float], tag: str, text: str, found: Found) -> None:
    width, height = cell
    modules = matrix(text)
    side = _side(len(modules), height)
    module = side / len(modules)
    edge = _WIDE_EDGE_MM if width >= _WIDE_MM else _EDGE_MM
    left = x + edge
    _symbol(pdf, modules, left, y + (height - side) / 2, module)
    start = left + side + max(QUIET * module * 0.75, 2)
    room = x + width - edge - start
    _words(pdf, start, y, room, height, tag, found)


def _side(count: int, height: float) -> float:
    """As large as the label allows with its quiet zone; the smallest labels give up part of that zone."""
    whole = min(MOST_QR_MM, height * count / (count + 2 * QUIET))
    side = max(whole, LEAST_QR_MM)
    if side + 2 * 1.2 > height:
        raise LabelTooSmall(height=str(height))
    return side


def _symbol(pdf: FPDF, modules: list[list[bool]], left: float, top: float, module: float) -> None:
    pdf.set_fill_color(*_INK)
    for column, row, length in runs(modules):
        pdf.rect(left + column * module, top + row * module, length * module, module * 1.004, style="F")


def _words(pdf: FPDF, x: float, y: float, room: float, height: float, tag: str, found: Found) -> None:
    """The tag as large as fits, in two lines where one would be small; then who to call, where there is room."""
    family = "ordi" if "ordi" in pdf.fonts else "helvetica"
    pdf.set_text_color(*_INK)
    lines, size = [tag], _size(pdf, family, tag, room, 21)
    if size < 11:
        lines = [tag[:4], tag[4:]]
        size = min(_size(pdf, family, line, room, 21) for line in lines)
    small = 8 if height >= 25 else 0
    told = [visible(found.organisation), "Trouvé ? Scannez, ou appelez", visible(found.phone)] if small else []
    told_sizes = [min(small, _size(pdf, family, line, room, small)) for line in told]
    leading = size * _MM_PER_POINT * 1.08
    told_leading = small * _MM_PER_POINT * 1.3
    block = leading * len(lines) + told_leading * len(told) + (1.2 if told else 0)
    baseline = y + (height - block) / 2 + size * _MM_PER_POINT * 0.82
    for line in lines:
        pdf.set_font(family, "B", size)
        pdf.text(x, baseline, line)
        baseline += leading
    baseline += 1.2 - leading + told_leading + size * _MM_PER_POINT * 0.2
    for number, (line, fitted) in enumerate(zip(told, told_sizes, strict=True)):
        pdf.set_font(family, "" if number == 1 else "B", fitted)
        pdf.text(x, baseline, line)
        baseline += told_leading


def _size(pdf: FPDF, family: str, text: str, room: float, most: float) -> float:
    """The largest size, up to `most` points, at which `text` is no wider than `room`."""
    pdf.set_font(family, "B", 10)
    width = pdf.get_string_width(text)
    return min(most, 10 * room / width) if width else most
