"""Labels in the language of label printers (ZPL II): the square as dots, the letters as text that no string can break out of.

Each byte of a text that is not a letter, a digit, a space or one of `. - / :` is written as `_HH` under `^FH_`, in UTF-8 (`^CI28`):
neither `^XZ`, nor `~`, nor the escape itself is ever sent as such.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import ceil, floor

from ordi.labels.stocks import Stock
from web.papers.ink import visible
from web.papers.label_faces import Face
from web.papers.labels_pdf import (
    LEAST_QR_MM,
    TRUE,
    Aim,
    LabelTooSmall,
    edge_of,
    letters,
    small_letters,
    square_side,
    told_on,
)
from web.papers.qr import QUIET, matrix

_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .-/:")
_MM_PER_POINT = 25.4 / 72
_ADVANCE = 0.62
"""How wide a character of font 0 is at most, on average, for its width setting: a wide word keeps inside its label."""
_NARROWEST = 0.55


def labels_zpl(
    faces: Sequence[Face], stock: Stock, *, dpi: int, used: Collection[int] = (), aim: Aim = TRUE
) -> list[bytes]:
    """One block of ZPL a page of a roll, `^XA` to `^XZ`, for a printer of `dpi` dots an inch. Raise `LabelTooSmall`."""
    dots = dpi / 25.4
    pages: dict[int, list[bytes]] = {}
    for face, (page, cell) in zip(faces, stock.places(len(faces), used), strict=True):
        x, y = aim.at(*stock.corner_of(cell))
        pages.setdefault(page, []).extend(_label(x, y, stock.cell, face, dots))
    head = f"^XA^CI28^LH0,0^PW{round(stock.page[0] * dots)}^LL{round(stock.page[1] * dots)}^FWN".encode()
    return [b"\n".join([head, *fields, b"^PQ1^XZ\n"]) for _page, fields in sorted(pages.items())]


def _label(x: float, y: float, cell: tuple[float, float], face: Face, dots: float) -> list[bytes]:
    width, height = cell
    modules = matrix(face.url)
    side, module = _module(len(modules), height, dots)
    left = round((x + edge_of(width)) * dots)
    top = round((y + height / 2) * dots - side / 2)
    start = left + side + max(round(QUIET * module * 0.75), round(2 * dots))
    room = round((x + width - edge_of(width)) * dots) - start
    if room < dots:
        raise LabelTooSmall(height=str(height))
    field = f"^FO{max(left, 0)},{max(top, 0)}".encode()
    return [field + _graphic(modules, module) + b"^FS", *_words(start, y * dots, room, height * dots, face, dots)]


def _module(count: int, height: float, dots: float) -> tuple[int, int]:
    """The side of the square and of one module, in whole dots: no printer blurs an edge that lies on a dot."""
    module = max(floor(square_side(count, height) * dots / count), ceil(LEAST_QR_MM * dots / count - 0.02))
    if module * count > (height - 1.6) * dots:
        raise LabelTooSmall(height=str(height))
    return module * count, module


def _graphic(modules: list[list[bool]], module: int) -> bytes:
    """The square as a graphic field: rows of dots in hexadecimal, `:` for a row like the one before."""
    across = ceil(len(modules) * module / 8)
    total = across * len(modules) * module
    rows = []
    for row in modules:
        bits = "".join(("1" if dark else "0") * module for dark in row).ljust(across * 8, "0")
        rows.append(f"{int(bits, 2):0{across * 2}X}" + ":" * (module - 1))
    return f"^GFA,{total},{total},{across},{''.join(rows)}".encode()


def _words(x: int, top: float, room: int, height: float, face: Face, dots: float) -> list[bytes]:
    point = _MM_PER_POINT * dots
    told = told_on(face, height / dots)
    code = visible(face.code)[:40]
    parts = [code]
    if room / (len(code) * _ADVANCE) < 11 * point * 0.8 and len(code) > 4:
        middle = len(code) // 2
        parts = [code[:middle], code[middle:]]
    large = min(letters(height / dots) * point, min(room / (len(part) * _ADVANCE) for part in parts) / 0.8)
    small = small_letters(height / dots) * point
    fitting = int((height - 2 * dots - large * 1.1 * len(parts)) / (small * 1.35))
    told = told[: max(fitting, 0)]
    y = top + (height - large * 1.1 * len(parts) - small * 1.35 * len(told)) / 2
    fields = []
    for part in parts:
        fields.append(_text(x, y, large, room, part))
        y += large * 1.1
    for line in told:
        y += small * 0.2
        fields.append(_text(x, y, small, room, line))
        y += small * 1.15
    return fields


def _text(x: int, y: float, high: float, room: int, text: str) -> bytes:
    """One line, narrowed to its room; what would be too narrow to read is cut."""
    text = text[: max(int(room / (high * _NARROWEST * _ADVANCE)), 1)]
    wide = min(high, room / (len(text) * _ADVANCE))
    return f"^FO{x},{max(round(y), 0)}^A0N,{round(high)},{round(wide)}^FH_^FD".encode() + _escaped(text) + b"^FS"


def _escaped(text: str) -> bytes:
    """Letters and digits as they are, everything else as `_HH`."""
    return b"".join(bytes([byte]) if byte in _PLAIN else b"_%02X" % byte for byte in text.encode("utf-8", "replace"))
