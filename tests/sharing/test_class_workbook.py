"""A list as a spreadsheet keeps it: the same lines as its CSV; a bomb, an entity or a broken file is refused before it costs anything."""

from __future__ import annotations

import io
import zipfile

import pytest
import xlsxwriter
from openpyxl import Workbook

from ordi.errors import Invalid
from ordi.sharing.class_reading import MOST_LINES, Line, read
from ordi.sharing.class_workbook import MOST_BYTES, text_of_workbook

ROWS = [
    ["Classe", "Nom", "Prénom", "Responsable", "Téléphone"],
    ["CE2 A", "Diallo", "Amina", "Fatou Diallo", "06 12 34 56 78"],
    ["CM1 B", "Diallo", "Ibrahim", "Fatou Diallo", 612345678],
    [],
    ["CM2", 'Le "Grand"', "Léo\nPaul", "Anne Martin; mère", None],
]


def a_workbook(rows: list[list[object]], *, second: bool = True) -> bytes:
    """A file, with another sheet behind."""
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    if second:
        book.create_sheet("Autre").append(["CP", "Personne", "", "Personne"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_shared_texts(rows: list[list[object]]) -> bytes:
    """The same rows as office suites write them: each text once, apart from the sheet."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return out.getvalue()


def replaced(book: bytes, name: str, content: bytes) -> bytes:
    """The same file with another part."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.namelist():
            new.writestr(one, content if one == name else old.read(one))
    return out.getvalue()


def refused(sent: bytes) -> str:
    """Why a file is refused."""
    with pytest.raises(Invalid) as refusal:
        text_of_workbook(sent)
    return str(refusal.value.facts["why"])


@pytest.mark.parametrize("book", [a_workbook(ROWS), with_shared_texts(ROWS)], ids=["texts inside", "texts apart"])
def test_the_first_sheet_is_read_as_its_rows_stand(book: bytes) -> None:
    found = read(text_of_workbook(book))
    assert found.wrong == ()
    assert found.lines == (
        Line(2, "CE2 A", "Amina Diallo", "Fatou Diallo", "06 12 34 56 78"),
        Line(3, "CM1 B", "Ibrahim Diallo", "Fatou Diallo", "0612345678"),  # typed as a number, it had lost its 0
        Line(5, "CM2", 'Léo Paul Le "Grand"', "Anne Martin; mère"),
    )


def test_a_cell_left_out_moves_no_other() -> None:
    found = read(text_of_workbook(a_workbook([["Classe", "Nom", "Tel", "Parent"], ["CM2", "Léo", None, "Anne"]])))
    assert found.lines == (Line(2, "CM2", "Léo", "Anne"),)


def test_a_bomb_is_read_no_further_than_its_bound() -> None:
    book = a_workbook(ROWS)
    bomb = replaced(book, "xl/worksheets/sheet1.xml", b"<x>" + b" " * (20 * MOST_BYTES))
    assert len(bomb) < 400_000
    assert refused(bomb) == "too-long"
    apart = with_shared_texts(ROWS)
    assert refused(replaced(apart, "xl/sharedStrings.xml", b" " * (2 * MOST_BYTES))) == "too-long"


def test_what_nests_entities_is_refused() -> None:
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    assert refused(replaced(a_workbook(ROWS), "xl/worksheets/sheet1.xml", laughs)) == "workbook"


def test_too_many_rows_or_parts_are_refused() -> None:
    rows: list[list[object]] = [["CM2", f"Enfant {n}", f"Parent {n}"] for n in range(MOST_LINES + 2)]
    assert refused(a_workbook(rows)) == "too-long"
    far = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><row r="1048576"/></worksheet>'
    assert refused(replaced(a_workbook(ROWS), "xl/worksheets/sheet1.xml", far)) == "too-long"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as many:
        for n in range(501):
            many.writestr(f"{n}", b"")
    assert refused(out.getvalue()) == "too-long"


@pytest.mark.parametrize("cut", [4, 30, 2000, -30])
def test_a_file_cut_short_is_no_workbook(cut: int) -> None:
    assert refused(a_workbook(ROWS)[:cut]) == "workbook"


def test_another_zip_is_no_workbook() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as other:
        other.writestr("lisez-moi.txt", b"bonjour")
    assert refused(out.getvalue()) == "workbook"
