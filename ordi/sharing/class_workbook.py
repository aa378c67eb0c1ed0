"""A class list in a workbook (XLSX): its first sheet as text, a line a row. Bounded before it is unpacked; nothing in it is computed or fetched."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from posixpath import join, normpath
from xml.etree import ElementTree

from ordi.errors import Invalid
from ordi.sharing.class_reading import MOST_CHARACTERS, MOST_LINES

MOST_BYTES = 12_000_000
"""Of one part, unpacked: 3,000 lines take a tenth of it. A bomb is found by reading no further, whatever its header says."""
MOST_PARTS = 500
MOST_COLUMNS = 40
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def text_of_workbook(sent: bytes) -> str:
    """The rows of the first sheet, cells apart by tabs. Raises `Invalid`: no workbook that can be read, or too long."""
    try:
        with zipfile.ZipFile(io.BytesIO(sent)) as parts:
            if len(parts.infolist()) > MOST_PARTS:
                raise Invalid(field="list", why="too-long")
            shared = _shared(parts)
            out = io.StringIO()
            lines = csv.writer(out, delimiter="\t", lineterminator="\n")
            for number, row in enumerate(_rows(parts, shared)):
                if number > MOST_LINES or out.tell() > MOST_CHARACTERS:
                    raise Invalid(field="list", why="too-long")
                lines.writerow(row)
            return out.getvalue()
    except (zipfile.BadZipFile, zlib.error, ElementTree.ParseError, KeyError, IndexError, NotImplementedError, ValueError,
            RuntimeError, EOFError):  # fmt: skip
        raise Invalid(field="list", why="workbook") from None


def _part(parts: zipfile.ZipFile, name: str) -> ElementTree.Element:
    """A part as XML, never more than `MOST_BYTES` of it; a document type, with its entities, is refused."""
    with parts.open(name) as packed:
        raw = packed.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise Invalid(field="list", why="too-long")
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw or b"\0" in raw[:200]:  # in UTF-16 it would go unseen
        raise ValueError(name)
    return ElementTree.fromstring(raw)  # noqa: S314 - bounded above, and without entities


def _shared(parts: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in parts.namelist():
        return []
    return [_said(one) for one in _part(parts, "xl/sharedStrings.xml").iter(f"{_MAIN}si")]


def _rows(parts: zipfile.ZipFile, shared: list[str]) -> Iterator[list[str]]:
    """The rows in order, an empty one where the sheet leaves one out: numbers of lines stay those of the spreadsheet."""
    expected = 1
    for row in _part(parts, _first_sheet(parts)).iter(f"{_MAIN}row"):
        number = int(row.get("r", expected))
        if not expected <= number <= expected + MOST_LINES:
            raise Invalid(field="list", why="too-long")
        yield from ([] for _ in range(expected, number))
        expected = number + 1
        cells: list[str] = []
        for cell in row.iter(f"{_MAIN}c"):
            column = _column(cell.get("r", ""), len(cells))
            if column < MOST_COLUMNS:
                cells += [""] * (column - len(cells))
                cells.append(_cell(cell, shared))
        yield cells


def _first_sheet(parts: zipfile.ZipFile) -> str:
    sheet = next(_part(parts, "xl/workbook.xml").iter(f"{_MAIN}sheet"), None)
    links = {one.get("Id"): one.get("Target", "") for one in _part(parts, "xl/_rels/workbook.xml.rels")}
    target = links[sheet.get(_LINK)] if sheet is not None else ""
    return target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))


def _column(reference: str, otherwise: int) -> int:
    """`B7` → 1."""
    letters = re.match(r"[A-Z]{1,3}", reference)
    if letters is None:
        return otherwise
    number = 0
    for letter in letters.group():
        number = 26 * number + ord(letter) - 64
    return max(number - 1, otherwise)


def _cell(cell: ElementTree.Element, shared: list[str]) -> str:
    value = cell.find(f"{_MAIN}v")
    said = (value.text or "").strip() if value is not None else ""
    match cell.get("t", "n"):
        case "s":
            return shared[int(said)]
        case "inlineStr":
            return _said(cell)
        case "n":
            return _number(said)
    return " ".join(said.split())


def _number(said: str) -> str:
    """A number as somebody typed it: a telephone that a spreadsheet took for a number has lost its 0."""
    try:
        number = Decimal(said)
        whole = str(int(number)) if abs(number) < 10**15 and number == int(number) else said
    except (InvalidOperation, ValueError, OverflowError):
        return said
    return f"0{whole}" if re.fullmatch(r"[1-9]\d{8}", whole) else whole


def _said(text: ElementTree.Element) -> str:
    """What a text says, without its phonetic readings: every run of it, on one line."""
    runs = [
        one.text or "" for one in text.findall(f".//{_MAIN}t") if one not in text.findall(f".//{_MAIN}rPh/{_MAIN}t")
    ]
    return " ".join("".join(runs).split())
