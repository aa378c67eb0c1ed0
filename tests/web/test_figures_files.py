"""The figures of a workshop as a page and as files, read back by another program; what machines say computes nothing there."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.machines.lifecycle import State
from ordi.parties.people import Person
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from web.sheets import as_csv, as_xlsx

Enter = Callable[[Person], TestApp]
Queries = Callable[[], AbstractContextManager[list[str]]]
HOSTILE = (
    '=cmd|"/c calc"!A1',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    " =1+1",
    "a\x00b\x1b[31m\x7f",
    "line\nbreak",
    "https://example.org/",
    "007",
    "x" * 40_000,
    "_x0041_",
)

pytestmark = pytest.mark.usefixtures("app")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_a_machine_says_is_text_in_both_files(text: str) -> None:
    (row,) = list(csv.reader(io.StringIO(as_csv(["head"], [[text, 3, None]]).decode("utf-8-sig"))))[1:]
    assert not row[0].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert row[0].isprintable()
    assert row[1:] == ["3", ""]
    book = load_workbook(io.BytesIO(as_xlsx([("Feuille", ["head"], [[text, 3, None]])])))
    cell = book["Feuille"]["A2"]
    assert cell.data_type == "s"
    assert cell.hyperlink is None
    assert len(cell.value) <= 32_767
    assert str(cell.value).isprintable()
    assert book["Feuille"]["B2"].value == 3


def test_a_lead_takes_the_stock_home_as_files(session: Session, cast: Cast, enter: Enter) -> None:
    machine = a_machine(session, cast, State.READY, manufacturer='=cmd|"/c calc"!A1', at=NOW)
    a_machine(session, cast, State.RECEIVED)
    session.commit()
    lou = enter(cast.lou)
    page = lou.get("/bench/figures")
    assert "Du premier coup" in page
    assert len(page.html.select("svg.chart[role=img] > title")) == 4
    sheet = lou.get("/bench/figures.csv")
    (row,) = csv.DictReader(io.StringIO(sheet.body.decode("utf-8-sig")))
    assert (row["tag"], row["grade"], row["shelf"], row["days"]) == (machine.tag, "B", "A1", "0")
    assert row["manufacturer"] == '\'=cmd|"/c calc"!A1'
    answer = lou.get("/bench/figures.xlsx")
    assert "no-store" in answer.headers["Cache-Control"]
    book = load_workbook(io.BytesIO(answer.body))
    assert book.sheetnames == ["Stock", "Étagères", "Semaines", "Attente"]
    told = list(book["Stock"].iter_rows(min_row=2))
    assert [cell.value for cell in told[0]][:1] == [machine.tag]
    assert told[0][2].data_type == "s"
    assert isinstance(told[0][8].value, datetime)
    assert [row[2].value for row in book["Semaines"].iter_rows(min_row=13)] == [1]
    lou.get("/bench/figures.ods", status=404)


def test_figures_are_of_ones_own_workshops(session: Session, cast: Cast, enter: Enter) -> None:
    machine = a_machine(session, cast, State.READY)
    session.commit()
    enter(cast.sam).get("/bench/figures", status=403)
    noor = enter(cast.noor)
    assert cast.workshop.name not in noor.get("/bench/figures")
    assert machine.tag not in noor.get("/bench/figures.csv")
    noor.get(f"/bench/figures?workshop={cast.workshop.id}", status=404)


def test_the_page_asks_as_often_for_many_as_for_few(
    session: Session, cast: Cast, enter: Enter, queries: Queries
) -> None:
    def asked(more: int) -> int:
        for number in range(more):
            a_machine(session, cast, State.READY, at=NOW - timedelta(days=number))
        session.commit()
        lou = enter(cast.lou)
        lou.get("/bench/figures")
        with queries() as counted:
            lou.get("/bench/figures")
        return len(counted)

    assert asked(2) == asked(12)
