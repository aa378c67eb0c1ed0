"""Labels in true millimetres: large letters beside a square, drawn as vectors, on sheets or one a page.

The square is at least 18 mm wide. Its quiet zone is four modules, but for the smallest labels, where the paper above and
below is shared with the next label.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fpdf import FPDF

from ordi.errors import Refused
from ordi.labels.stocks import Stock
from web.papers.ink import visible
from web.papers.label_faces import Face, said
from web.papers.qr import QUIET, matrix, runs

LEAST_QR_MM = 18.0
"""Without its quiet zone: what an old phone still reads at arm's length."""
MOST_QR_MM = 26.0
_OF_HEIGHT = 0.66
"""Large labels have a larger square, and room left for words."""
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
_ROOMY_MM = 25
"""From this height on a label has room for more than its lines."""


class LabelTooSmall(Refused):
    """The symbol would be too small to scan: a shorter server address, or a larger label."""

    code = "label-too-small"


@dataclass(frozen=True)
class Aim:
    """How to draw so that a printer that shrinks and shifts puts things where they belong."""

    scale: tuple[float, float] = (1.0, 1.0)
    shift: tuple[float, float] = (0.0, 0.0)
    """Millimetres, added after the scale."""

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where to draw what belongs at (x, y)."""
        return x * self.scale[0] + self.shift[0], y * self.scale[1] + self.shift[1]


TRUE = Aim()


def labels_pdf(
    faces: Sequence[Face],
    stock: Stock,
    *,
    at: datetime,
    lang: str = "fr",
    author: str = "Ordi",
    used: Collection[int] = (),
    aim: Aim = TRUE,
) -> bytes:
    """One label a face, in order, passing over the `used` cells of the first sheet. Raise `LabelTooSmall`."""
    pdf = blank(stock.page, at=at, lang=lang, title=said("title", lang), author=author)
    for face, (page, cell) in zip(faces, stock.places(len(faces), used), strict=True):
        while pdf.page_no() <= page:
            pdf.add_page()
        _label(pdf, aim, stock.corner_of(cell), stock.cell, face)
    return bytes(pdf.output())


def blank(page: tuple[float, float], *, at: datetime, lang: str, title: str, author: str) -> FPDF:
    """A paper without a page yet: no margin, our letters embedded, and no printer may scale it."""
    # here, not above: it takes half a second, and most processes never print
    from fpdf import FPDF
    from fpdf.prefs import ViewerPreferences

    pdf = FPDF(orientation="portrait", unit="mm", format=page)
    if page[0] > page[1]:
        pdf = FPDF(orientation="landscape", unit="mm", format=(page[1], page[0]))
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.set_title(title)
    pdf.set_author(visible(author))
    pdf.set_lang(lang)
    pdf.set_creation_date(at)
    pdf.viewer_preferences = ViewerPreferences(display_doc_title=True, print_scaling="None")
    if _OWN_LETTERS.exists():
        for style, weight in (("", 450), ("B", 750)):
            pdf.add_font("ordi", style, _cut(weight))
    else:
        for system in _SYSTEM_LETTERS:
            if system.exists():
                pdf.add_font("ordi", "", system)
                pdf.add_font("ordi", "B", system)
                break
    return pdf


@cache
def _cut(weight: int) -> Path:
    """Our letters at one weight, cut out of the variable font once for this process: it takes most of a second."""
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    font = instantiateVariableFont(TTFont(_OWN_LETTERS), {"wght": float(weight)})
    font.flavor = None
    cut = Path(_folder().name) / f"{weight}.ttf"
    font.save(cut)
    return cut


@cache
def _folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="ordi-letters-")  # goes with this process


def family(pdf: FPDF) -> str:
    """The letters of a paper."""
    return "ordi" if "ordi" in pdf.fonts else "helvetica"


def square_side(count: int, height: float) -> float:
    """Millimetres of a symbol of `count` modules: as large as the label allows with its quiet zone.

    The smallest labels give up part of that zone. Raises `LabelTooSmall`.
    """
    whole = min(max(MOST_QR_MM, height * _OF_HEIGHT), height * count / (count + 2 * QUIET))
    side = max(whole, LEAST_QR_MM)
    if side + 2 * 1.2 > height:
        raise LabelTooSmall(height=str(height))
    return side


def edge_of(width: float) -> float:
    """White millimetres left and right."""
    return _WIDE_EDGE_MM if width >= _WIDE_MM else _EDGE_MM


def letters(height: float) -> float:
    """Points of the large letters on a label this high, where its width allows them."""
    return max(21.0, height * 0.6)


def small_letters(height: float) -> float:
    """Points of the lines beneath."""
    return max(8.0, height * 0.22) if height >= _ROOMY_MM else 6.5


def told_on(face: Face, height: float) -> list[str]:
    """The lines under the letters, on a label this high."""
    told = (*face.lines, *face.more) if height >= _ROOMY_MM else face.lines
    return [visible(line) for line in told if line]


def _label(pdf: FPDF, aim: Aim, corner: tuple[float, float], cell: tuple[float, float], face: Face) -> None:
    (x, y), (width, height) = corner, cell
    modules = matrix(face.url)
    side = square_side(len(modules), height)
    module = side / len(modules)
    left = x + edge_of(width)
    _symbol(pdf, aim, modules, left, y + (height - side) / 2, module)
    start = left + side + max(QUIET * module * 0.75, 2)
    room = x + width - edge_of(width) - start
    if room < 1:
        raise LabelTooSmall(height=str(height))
    _words(pdf, aim, (start, y), (room, height), face)


def _symbol(pdf: FPDF, aim: Aim, modules: list[list[bool]], left: float, top: float, module: float) -> None:
    pdf.set_fill_color(*_INK)
    across, down = module * aim.scale[0], module * aim.scale[1]
    x, y = aim.at(left, top)
    for column, row, length in runs(modules):
        pdf.rect(x + column * across, y + row * down, length * across, down * 1.004, style="F")


def _words(pdf: FPDF, aim: Aim, corner: tuple[float, float], space: tuple[float, float], face: Face) -> None:
    """The code as large as fits, in two lines where one would be small; then the lines, as many as there is room for."""
    (x, y), (room, height) = corner, space
    code = visible(face.code)
    largest = letters(height)
    lines, size = [code], _size(pdf, code, room, largest)
    if size < 11 and len(code) > 4:
        middle = len(code) // 2
        lines = [code[:middle], code[middle:]]
        size = min(_size(pdf, line, room, largest) for line in lines)
    told = told_on(face, height)
    small = small_letters(height)
    leading, told_leading = size * _MM_PER_POINT * 1.08, small * _MM_PER_POINT * 1.3
    fitting = int((height - 2.4 - leading * len(lines)) / told_leading)
    told = told[: max(fitting, 0)]
    block = leading * len(lines) + told_leading * len(told) + (1.2 if told else 0)
    baseline = y + (height - block) / 2 + size * _MM_PER_POINT * 0.82
    pdf.set_text_color(*_INK)
    for line in lines:
        pdf.set_font(family(pdf), "B", size)
        pdf.text(*aim.at(x, baseline), line)
        baseline += leading
    baseline += 1.2 - leading + told_leading + size * _MM_PER_POINT * 0.2
    for number, line in enumerate(told):
        between = len(face.lines) <= number and 0 < number < len(told) - 1
        pdf.set_font(family(pdf), "" if between else "B", min(small, _size(pdf, line, room, small)))
        pdf.text(*aim.at(x, baseline), line)
        baseline += told_leading


def _size(pdf: FPDF, text: str, room: float, most: float) -> float:
    """The largest size, up to `most` points, at which `text` is no wider than `room`."""
    pdf.set_font(family(pdf), "B", 10)
    width = pdf.get_string_width(text)
    return min(most, 10 * room / width) if width else most
