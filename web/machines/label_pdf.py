"""Label sheets drawn straight into a PDF, in true millimetres: hundreds at once, without a browser."""

from __future__ import annotations

from dataclasses import dataclass

from fpdf import FPDF

from web.papers.qr import QUIET, matrix, runs


@dataclass(frozen=True)
class Layout:
    """A sheet of stickers, in millimetres."""

    columns: int
    rows: int
    width: float
    height: float
    left: float
    top: float
    gap_x: float
    gap_y: float = 0.0

    @property
    def places(self) -> int:
        """How many labels a sheet holds."""
        return self.columns * self.rows


FORMATS = {
    "63x34": Layout(3, 8, 63.5, 33.9, 7.2, 12.9, 2.5),
    "70x37": Layout(3, 8, 70.0, 37.0, 0.0, 0.5, 0.0),
    "99x38": Layout(2, 7, 99.1, 38.1, 4.65, 15.15, 2.5),
    "105x48": Layout(2, 6, 105.0, 48.0, 0.0, 4.5, 0.0),
}
QR_MM = 25.0
_MARGIN = 2.5


def address(base_url: str, tag: str) -> str:
    """What a label's QR says: upper case makes a smaller symbol, easier to read when worn."""
    return f"{base_url}/M/{tag}".upper()


def sheet(tags: list[str], *, base_url: str, phone: str, layout: str = "63x34", skip: int = 0) -> bytes:
    """An A4 PDF of these labels, `skip` places left free on the first page."""
    form = FORMATS[layout]
    paper = FPDF(unit="mm", format="A4")
    paper.set_auto_page_break(False)
    paper.set_title("Ordi, labels")
    for number, tag in enumerate(tags, start=skip):
        place = number % form.places
        if place == 0 or number == skip:
            paper.add_page()
        row, column = divmod(place, form.columns)
        x = form.left + column * (form.width + form.gap_x)
        y = form.top + row * (form.height + form.gap_y)
        _label(paper, tag, address(base_url, tag), phone, x, y, form)
    return bytes(paper.output())


def _label(paper: FPDF, tag: str, url: str, phone: str, x: float, y: float, form: Layout) -> None:
    modules = matrix(url)
    size = min(QR_MM, form.height - 2 * _MARGIN)
    unit = size / (len(modules) + 2 * QUIET)
    top = y + (form.height - size) / 2
    paper.set_fill_color(0)
    for column, row, length in runs(modules):
        left = x + _MARGIN + (column + QUIET) * unit
        paper.rect(left, top + (row + QUIET) * unit, length * unit, unit, style="F")
    words = x + _MARGIN + size + 1.5
    room = form.width - size - _MARGIN - 3
    paper.set_xy(words, top + 3)
    paper.set_font("Helvetica", "B", 14)
    paper.cell(room, 6, tag)
    paper.set_xy(words, top + 10)
    paper.set_font("Helvetica", "", 7.5)
    told = "Trouvé ? Scannez ce carré" + (f",\nou appelez le {phone}" if phone else ".")
    paper.multi_cell(room, 3.4, f"Ordi\n{told}", align="L")
