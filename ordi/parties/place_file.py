"""The CSV of places of digital mediation: the national schema `lieux-inclusion-numerique` (LaMednum), read and written.

What the schema does not name is kept under its own heading, so that a file comes back whole. A cell that a spreadsheet
would compute bears an apostrophe in the file and loses it when it is read; numbers alone are left as they are.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from ordi.errors import Invalid
from ordi.parties.siret import valid_siret

FIELDS = (
    *("id", "pivot", "nom", "commune", "code_postal", "code_insee", "adresse", "complement_adresse"),
    *("latitude", "longitude", "typologie", "telephone", "courriels", "site_web", "horaires"),
    *("presentation_resume", "presentation_detail", "source", "itinerance", "structure_parente", "date_maj"),
    *("services", "publics_specifiquement_adresses", "prise_en_charge_specifique", "frais_a_charge"),
    *("dispositif_programmes_nationaux", "formations_labels", "autres_formations_labels", "modalites_acces"),
    *("modalites_accompagnement", "fiche_acces_libre", "prise_rdv"),
)
"""The schema's columns, in its order; a cell of several values separates them with `|`."""
NEEDED = ("id", "nom", "commune", "code_postal", "adresse")
"""Without these no place can be found or told from another."""
NO_SIRET = "00000000000000"
"""What the schema writes for a place that has none."""
LARGEST = 1_500_000
"""Bytes of a file: a whole region."""
MOST = 5_000
"""Lines of a file."""

_COMPUTED = re.compile(r"'*\s*[=+\-@＝＋－＠]")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")
_SHAPES = {
    "code_postal": re.compile(r"[0-9]{5}"),
    "code_insee": re.compile(r"[0-9][0-9AB][0-9]{3}"),
    "courriels": re.compile(r"[^\s@|]+@[^\s@|]+\.[^\s@|]+(\|[^\s@|]+@[^\s@|]+\.[^\s@|]+)*"),
}
_LONGEST = {"id": 160, "nom": 200, "commune": 120}


@dataclass(frozen=True)
class Fault:
    """What keeps a line out: the column, and a code that the pages put in words."""

    field: str
    why: str


@dataclass(frozen=True)
class Line:
    """One place of a file: where it stands, what it says (no empty value), what is wrong with it."""

    number: int
    fields: Mapping[str, str]
    faults: tuple[Fault, ...] = ()

    @property
    def siret(self) -> str | None:
        """Its SIRET, when it has one."""
        pivot = self.fields.get("pivot", NO_SIRET)
        return None if pivot == NO_SIRET else pivot


def read_places(body: bytes) -> list[Line]:
    """The places of a file, faulty ones included. Raises `Invalid` when it is no such file."""
    if len(body) > LARGEST:
        raise Invalid(field="file", why="too-large")
    text = text_of(body)
    first = text.split("\n", 1)[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",")
    lines: list[Line] = []
    seen: set[str] = set()
    try:
        heads = _heads(next(rows, []))
        before = rows.line_num
        for row in rows:
            number, before = before + 1, rows.line_num
            if not any(cell.strip() for cell in row):
                continue
            if len(lines) == MOST:
                raise Invalid(field="file", why="too-many", most=MOST)
            lines.append(_line(number, heads, row, seen))
    except csv.Error:
        raise Invalid(field="file", why="not-a-table") from None
    return lines


def write_places(places: Iterable[Mapping[str, str]]) -> bytes:
    """These places as a file: the schema's columns, then the others by name."""
    held = list(places)
    heads = [*FIELDS, *sorted({name for one in held for name in one} - set(FIELDS))]
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow([guarded(name) for name in heads])
    writer.writerows([guarded(one.get(name, "")) for name in heads] for one in held)
    return ("\ufeff" + sheet.getvalue()).encode()


def guarded(text: str) -> str:
    """A cell that no spreadsheet computes (OWASP, CSV injection)."""
    return f"'{text}" if _COMPUTED.match(text) and not _NUMBER.fullmatch(text) else text


def tidy(cell: str) -> str:
    """A cell as it is kept: without the guard, controls and blanks around it."""
    told = cell[1:] if cell.startswith("'") and _COMPUTED.match(cell[1:]) else cell
    return _CONTROLS.sub("", told.replace("\r\n", "\n").replace("\r", "\n")).strip()


def text_of(body: bytes) -> str:
    """The text of a file, in UTF-8 or as older spreadsheets write it. Raises `Invalid`."""
    for encoding in ("utf-8-sig", "cp1252"):  # what a French spreadsheet saves when it is not asked
        try:
            return body.decode(encoding).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    raise Invalid(field="file", why="not-text")


def _heads(row: list[str]) -> list[str]:
    names = [tidy(cell) or f"colonne {place}" for place, cell in enumerate(row, start=1)]
    heads = [name.casefold() if name.casefold() in FIELDS else name for name in names]
    if not {"id", "nom"} <= set(heads):
        raise Invalid(field="file", why="not-places")
    if len(set(heads)) < len(heads):
        raise Invalid(field="file", why="column-twice")
    return heads


def _line(number: int, heads: list[str], row: list[str], seen: set[str]) -> Line:
    fields = {name: told for name, cell in zip(heads, row, strict=False) if (told := tidy(cell))}
    faults = [Fault(name, "missing") for name in NEEDED if name not in fields]
    if len(row) > len(heads):
        faults.append(Fault("", "cells"))
    faults += [Fault(name, "shape") for name, shape in _SHAPES.items() if not _fits(shape, fields.get(name))]
    faults += [Fault(name, "too-long") for name, most in _LONGEST.items() if len(fields.get(name, "")) > most]
    faults += [
        Fault(name, "number") for name, most in (("latitude", 90), ("longitude", 180)) if _far(fields, name, most)
    ]
    if (pivot := fields.get("pivot", NO_SIRET)) != NO_SIRET and not valid_siret(pivot):
        faults.append(Fault("pivot", "siret"))
    if "date_maj" in fields and day_of(fields["date_maj"]) is None:
        faults.append(Fault("date_maj", "day"))
    if "id" in fields:
        if fields["id"] in seen:
            faults.append(Fault("id", "twice"))
        seen.add(fields["id"])
    return Line(number, fields, tuple(faults))


def _fits(shape: re.Pattern[str], told: str | None) -> bool:
    return told is None or shape.fullmatch(told) is not None


def _far(fields: Mapping[str, str], name: str, most: int) -> bool:
    told = fields.get(name)
    return told is not None and (not _NUMBER.fullmatch(told) or abs(float(told)) > most)


def day_of(text: str) -> date | None:
    """The day of a `date_maj`: `2026-11-23`, with or without an hour behind it."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
