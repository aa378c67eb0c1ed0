"""A class list as a school sends it: pasted from a spreadsheet or a CSV file. Every line is taken, or said with its reason."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ordi.errors import Invalid
from ordi.text import folded

MOST_CHARACTERS = 500_000
MOST_LINES = 3_000
LONGEST = 80
LONGEST_CLASS = 20
COLUMNS = ("class_name", "child", "adult", "phone")
"""In this order where the first line names none."""
_NAMES = {
    "classe": "class_name",
    "division": "class_name",
    "eleve": "child",
    "enfant": "child",
    "nom": "child",
    "nom prenom": "child",
    "nom de l eleve": "child",
    "nom et prenom": "child",
    "prenom": "first_name",
    "prenom de l eleve": "first_name",
    "responsable": "adult",
    "parent": "adult",
    "representant legal": "adult",
    "telephone": "phone",
    "tel": "phone",
    "portable": "phone",
}


class Why(StrEnum):
    """Why a line is not taken."""

    NO_CLASS = "no-class"
    NO_CHILD = "no-child"
    NO_ADULT = "no-adult"
    TOO_LONG = "too-long"
    TWICE = "twice"
    """The same child, class and adult stand on an earlier line."""


@dataclass(frozen=True)
class Line:
    """One child of the list."""

    number: int
    class_name: str
    child: str
    adult: str
    phone: str = ""


@dataclass(frozen=True)
class Wrong:
    """A line that is not taken: where, what it says, why."""

    number: int
    text: str
    why: Why


@dataclass(frozen=True)
class Read:
    """The lines that are taken and those that are not: together, every line that says something."""

    lines: tuple[Line, ...]
    wrong: tuple[Wrong, ...]


def decoded(sent: bytes) -> str:
    """The text of a CSV file: UTF-8, or what older spreadsheets write."""
    try:
        return sent.decode("utf-8-sig")
    except UnicodeDecodeError:
        return sent.decode("cp1252", errors="replace")


def read(text: str) -> Read:
    """Read a class list. Columns are named by the first line, in any order, or stand as `COLUMNS`.

    Raises `Invalid` for a list that is empty or too long to be one.
    """
    if len(text) > MOST_CHARACTERS:
        raise Invalid(field="list", why="too-long", longest=MOST_CHARACTERS)
    rows = [(number, raw) for number, raw in enumerate(text.splitlines(), 1) if raw.strip(" \t;,\"'")]
    if len(rows) > MOST_LINES:
        raise Invalid(field="list", why="too-long", longest=MOST_LINES)
    if not rows:
        raise Invalid(field="list", why="missing")
    mark = max("\t;,", key=rows[0][1].count)
    order = _heads(_cells(rows[0][1], mark))
    lines: list[Line] = []
    wrong: list[Wrong] = []
    seen: set[tuple[str, ...]] = set()
    for number, raw in rows[1:] if order else rows:
        said = dict(zip(order or COLUMNS, _cells(raw, mark), strict=False))
        said["child"] = f"{said.pop('first_name', '')} {said.get('child', '')}".strip()
        line = Line(number, *(said.get(column, "") for column in COLUMNS))
        who = tuple(map(folded, (line.class_name, line.child, line.adult, line.phone)))
        why = _why(line) or (Why.TWICE if who in seen else None)
        if why:
            wrong.append(Wrong(number, raw.strip(), why))
        else:
            seen.add(who)
            lines.append(line)
    return Read(tuple(lines), tuple(wrong))


def _heads(cells: Sequence[str]) -> list[str]:
    """The columns a first line names; none when it is a child's."""
    found = [_NAMES.get(folded(cell), "") for cell in cells]
    return found if {"class_name", "child", "adult"} <= set(found) else []


def _cells(raw: str, mark: str) -> list[str]:
    """The cells of one line: each line is read alone, so that a quotation mark left open spoils no other."""
    return [" ".join(cell.split()) for cell in next(csv.reader([raw], delimiter=mark), [])]


def _why(line: Line) -> Why | None:
    for value, why in ((line.class_name, Why.NO_CLASS), (line.child, Why.NO_CHILD), (line.adult, Why.NO_ADULT)):
        if not folded(value):
            return why
    if len(line.class_name) > LONGEST_CLASS or max(map(len, (line.child, line.adult, line.phone))) > LONGEST:
        return Why.TOO_LONG
    return None
