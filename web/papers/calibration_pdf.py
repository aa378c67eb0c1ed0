"""The page that shows how much a printer shrinks and shifts: two rulers of known length, and a cross of known place."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fpdf import FPDF

from ordi.labels.printers import CROSS_MM, RULER_MM
from web.papers.ink import visible
from web.papers.label_faces import said
from web.papers.labels_pdf import blank, family

_A4 = (210.0, 297.0)
_RULER_AT = (40.0, 45.0)
"""Where both rulers begin: far from the edges, where no printer prints."""


def calibration_pdf(printer: str, *, at: datetime, lang: str) -> bytes:
    """One A4 page for a printer of this name."""
    pdf = blank(_A4, at=at, lang=lang, title=said("calibration", lang), author="Ordi")
    pdf.add_page()
    pdf.set_draw_color(16, 19, 31)
    pdf.set_text_color(16, 19, 31)
    pdf.set_line_width(0.1)
    _cross(pdf, *CROSS_MM)
    (x, y), (across, down) = _RULER_AT, RULER_MM
    pdf.line(x, y, x + across, y)
    pdf.line(x, y, x, y + down)
    pdf.set_font(family(pdf), "", 7)
    for mm in range(round(across) + 1):
        high = 6 if mm % 10 == 0 else 4 if mm % 5 == 0 else 2
        pdf.line(x + mm, y - high, x + mm, y)
        if mm % 10 == 0 and mm:
            pdf.text(x + mm - 1.5, y - 7, str(mm))
    for mm in range(round(down) + 1):
        high = 6 if mm % 10 == 0 else 4 if mm % 5 == 0 else 2
        pdf.line(x - high, y + mm, x, y + mm)
        if mm % 10 == 0 and mm:
            pdf.text(x - 12, y + mm + 0.9, str(mm))
    _told(pdf, x + 12, y + 14, printer, lang)
    return bytes(pdf.output())


def _cross(pdf: FPDF, x: float, y: float) -> None:
    pdf.line(x - 6, y, x + 6, y)
    pdf.line(x, y - 6, x, y + 6)
    pdf.ellipse(x - 3, y - 3, 6, 6)
    pdf.set_font(family(pdf), "B", 9)
    pdf.text(x + 4, y - 2, "C · D")


def _told(pdf: FPDF, x: float, y: float, printer: str, lang: str) -> None:
    pdf.set_font(family(pdf), "B", 16)
    pdf.text(x, y, said("calibration", lang))
    pdf.set_font(family(pdf), "B", 12)
    pdf.text(x, y + 8, visible(printer))
    pdf.set_font(family(pdf), "", 11)
    for number, letter in enumerate("ABCD"):
        pdf.text(x, y + 20 + 8 * number, f"{letter}   {said(f'measure_{letter}', lang)}")
    pdf.text(x, y + 56, said("at_full_size", lang))
