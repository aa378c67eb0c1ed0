"""The official open files of places, read: La Poste's list of postcodes, and the ANCT's list of priority districts.

Columns are known by what they are called, forgivingly: the files changed their names over the years. A cell that a
spreadsheet keeps as text (`="01004"`) is opened, and a zero it lost at the front of a code is put back.
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ordi.errors import Invalid
from ordi.parties.place_file import guarded, text_of, tidy
from ordi.places.communes import INSEE, POSTCODE
from ordi.text import folded

LARGEST = 8_000_000
"""Bytes of a file: the whole country, with its coordinates."""
MOST = 80_000
"""Lines of a file."""
FEW_WRONG = 20
"""One line in so many may be wrong: beyond, it is another file."""


class ListKind(StrEnum):
    """What a file lists."""

    COMMUNES = "communes"
    DISTRICTS = "districts"


_COLUMNS: dict[ListKind, dict[str, tuple[str, ...]]] = {
    ListKind.DISTRICTS: {
        "code": ("code qp", "code qpv", "codeqpv", "cod qp", "id qp", "id qpv", "code quartier", "qp"),
        "name": ("lib qp", "lib qpv", "nom qp", "nom qpv", "libelle qp", "quartier prioritaire", "nom quartier"),
        "other": ("insee com", "code insee", "cog", "code commune insee", "code commune", "codgeo", "depcom", "insee"),
    },
    ListKind.COMMUNES: {
        "code": ("code commune insee", "code insee", "insee com", "code commune", "codgeo", "code insee commune"),
        "name": ("nom de la commune", "nom commune", "nom com", "lib com", "libelle commune", "commune", "nom"),
        "other": ("code postal", "codepostal", "cp", "codes postaux"),
    },
}
"""What each file needs, under each name it was seen under (without accents, `_` or `#`). Districts first: their file names communes too."""

_SHAPES = {
    ListKind.COMMUNES: (INSEE, POSTCODE),
    ListKind.DISTRICTS: (re.compile(r"Q[PN][0-9A-Z]{6}"), INSEE),
}
_LONGEST = {ListKind.COMMUNES: 80, ListKind.DISTRICTS: 160}


@dataclass(frozen=True)
class Entry:
    """A commune with its postcodes, or a district with its communes."""

    code: str
    name: str
    others: tuple[str, ...]


@dataclass(frozen=True)
class Wrong:
    """A line that is left out: its number, and what it lacks (`code`, `name`, `other`)."""

    number: int
    why: str


@dataclass(frozen=True)
class PlaceList:
    """What a file says: entries in the order of their codes, and the lines that could not be read."""

    kind: ListKind
    entries: Mapping[str, Entry]
    wrong: tuple[Wrong, ...] = ()


def read_list(body: bytes) -> PlaceList:
    """What a file lists. Raises `Invalid` when it is neither list, or spoiled: nothing of it is taken then."""
    if len(body) > LARGEST:
        raise Invalid(field="file", why="too-large")
    text = text_of(body)
    if "\ufffd" in text or "Ã" in text:  # saved once too often in the wrong encoding
        raise Invalid(field="file", why="spoiled")
    first = text.split("\n", 1)[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(";,\t", key=first.count))
    try:
        kind, columns = _columns(next(rows, []))
        return _gathered(kind, columns, rows)
    except csv.Error:
        raise Invalid(field="file", why="not-a-table") from None


def write_list(told: PlaceList) -> bytes:
    """The same list as a file that `read_list` reads: one line a pair, as La Poste and the ANCT write."""
    heads = {ListKind.COMMUNES: ("#Code_commune_INSEE", "Nom_de_la_commune", "Code_postal")}
    sheet = io.StringIO()
    writer = csv.writer(sheet, delimiter=";")
    writer.writerow(heads.get(told.kind, ("code_qp", "lib_qp", "insee_com")))
    for one in told.entries.values():
        writer.writerows((one.code, guarded(one.name), other) for other in one.others)
    return sheet.getvalue().encode()


def pack(told: PlaceList) -> str:
    """A list as a form carries it from the preview to the writing: small, though the country has 35,000 communes."""
    return base64.b64encode(zlib.compress(write_list(told), 6)).decode()


def unpack(packed: str) -> PlaceList:
    """The list of a form. Raises `Invalid`."""
    try:
        opening = zlib.decompressobj()
        body = opening.decompress(base64.b64decode(packed, validate=True), LARGEST)
    except (binascii.Error, ValueError, zlib.error):
        raise Invalid(field="file", why="not-text") from None
    if not opening.eof:
        raise Invalid(field="file", why="too-large")
    return read_list(body)


def listed(kind: ListKind, entries: Iterable[Entry]) -> PlaceList:
    """A list made elsewhere than from a file, in the order of its codes."""
    return PlaceList(kind, {one.code: one for one in sorted(entries, key=lambda one: one.code)})


def _columns(row: list[str]) -> tuple[ListKind, dict[str, int]]:
    heads = [folded(tidy(cell).replace("_", " ")) for cell in row]
    for kind, wanted in _COLUMNS.items():
        found = {
            part: next((heads.index(name) for name in names if name in heads), -1) for part, names in wanted.items()
        }
        if min(found.values()) >= 0:
            return kind, found
    raise Invalid(field="file", why="not-places")


def _gathered(kind: ListKind, columns: dict[str, int], rows: Iterator[list[str]]) -> PlaceList:
    names: dict[str, str] = {}
    others: dict[str, dict[str, None]] = {}
    wrong: list[Wrong] = []
    count = 0
    for number, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        count += 1
        if count > MOST:
            raise Invalid(field="file", why="too-many", most=MOST)
        cells = {part: _opened(row[place]) if place < len(row) else "" for part, place in columns.items()}
        code, name, found = _code(kind, cells["code"]), cells["name"], _several(cells["other"])
        if why := _lacks(kind, code, name, found):
            wrong.append(Wrong(number, why))
            continue
        names.setdefault(code, name)
        others.setdefault(code, {}).update(dict.fromkeys(found))
    if len(wrong) * FEW_WRONG > count:
        raise Invalid(field="file", why="too-many-wrong", line=wrong[0].number)
    if not names:
        raise Invalid(field="file", why="nothing")
    return PlaceList(kind, {c: Entry(c, names[c], tuple(sorted(others[c]))) for c in sorted(names)}, tuple(wrong))


def _lacks(kind: ListKind, code: str, name: str, others: list[str]) -> str:
    shape, other = _SHAPES[kind]
    if not shape.fullmatch(code):
        return "code"
    if not name or len(name) > _LONGEST[kind]:
        return "name"
    return "" if others and all(other.fullmatch(one) for one in others) else "other"


def _opened(cell: str) -> str:
    """A cell without what a spreadsheet put around it."""
    told = tidy(cell)
    kept_as_text = re.fullmatch(r'="(.*)"', told)
    return " ".join((kept_as_text.group(1) if kept_as_text else told).split())


def _code(kind: ListKind, cell: str) -> str:
    return cell.upper() if kind == ListKind.DISTRICTS else _with_its_zero(cell.upper())


def _several(cell: str) -> list[str]:
    return [_with_its_zero(one.upper()) for one in re.split(r"[,;|/\s]+", cell) if one]


def _with_its_zero(code: str) -> str:
    return f"0{code}" if re.fullmatch(r"[0-9]{4}", code) else code
