"""Tables as spreadsheets read them, CSV and XLSX. What others wrote stays text: no cell of theirs is ever computed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from flask import make_response
from werkzeug.wrappers import Response

CSV, XLSX = "csv", "xlsx"
TYPES = {CSV: "text/csv", XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}

_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""With one of these a spreadsheet takes a cell of a CSV for a formula (OWASP, CSV injection)."""
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff]")
LONGEST = 32_767
"""Characters in one cell of a spreadsheet."""

Sheet = tuple[str, Sequence[str], Iterable[Sequence[object]]]
"""Its name, its heads, its rows: text, numbers, days, nothing."""


def inert(cell: object) -> str:
    """A cell of a CSV: without control characters, and an apostrophe before what a spreadsheet would compute."""
    if isinstance(cell, bool | int | float):
        return str(cell)
    text = plain(cell)
    return f"'{text}" if str("" if cell is None else cell).lstrip().startswith(_STARTS) else text


def plain(cell: object) -> str:
    """A cell's text, on one line and no longer than a cell holds."""
    return _CONTROLS.sub(" ", "" if cell is None else str(cell))[:LONGEST]


def as_csv(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """One table as CSV in UTF-8, with the mark by which spreadsheets know it."""
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(heads)
    writer.writerows([inert(cell) for cell in row] for row in rows)
    return ("\ufeff" + sheet.getvalue()).encode()


def as_xlsx(sheets: Iterable[Sheet]) -> bytes:
    """Several tables as one workbook; text is written as text, whatever it begins with."""
    from xlsxwriter import Workbook

    kept = io.BytesIO()
    off = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(kept, {"in_memory": True, **off}) as book:
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        for name, heads, rows in sheets:
            sheet = book.add_worksheet(re.sub(r"[\[\]:*?/\\']", " ", plain(name))[:31])
            sheet.freeze_panes(1, 0)
            for column, head in enumerate(heads):
                sheet.write_string(0, column, plain(head), bold)
                sheet.set_column(column, column, max(10, len(head) + 2))
            for line, row in enumerate(rows, start=1):
                for column, cell in enumerate(row):
                    _write(sheet, line, column, cell, day)
    return kept.getvalue()


def _write(sheet: Any, line: int, column: int, cell: object, day: Any) -> None:
    if isinstance(cell, date):
        sheet.write_datetime(line, column, cell, day)
    elif isinstance(cell, int | float) and not isinstance(cell, bool):
        sheet.write_number(line, column, cell)
    elif cell is not None:
        sheet.write_string(line, column, plain(cell))


def file_of(body: bytes, kind: str, name: str) -> Response:
    """The answer that a browser keeps as a file."""
    answer = make_response(body)
    answer.headers["Content-Type"] = TYPES[kind] + ("; charset=utf-8" if kind == CSV else "")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
