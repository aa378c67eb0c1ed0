"""The label room in a real browser: a begun sheet touched where it is used, a paper drawn while it is measured, a drive's square scanned."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin

import pytest
import zxingcpp
from playwright.sync_api import Page, expect
from sqlalchemy import select

from ordi.bench.loose_drives import Why, remove_drive
from ordi.labels.stocks import SHIPPED
from ordi.machines.drive import open_sightings
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.tags import read_tag
from tests.factories import a_drive
from tests.ground.browser import Axe
from tests.ground.scanner import scan
from tests.journeys.workshop import PHONE, NewPage, Workshop, cast_of, enter
from tests.papers.reading import pictures, squares

pytestmark = [pytest.mark.browser, pytest.mark.pdf]

USED = (0, 1, 7, 23)
MM = 200 / 25.4


def printed(page: Page) -> bytes:
    """Press the button that makes a PDF; what it holds."""
    with page.expect_response(lambda answer: answer.request.method == "POST") as posted:
        page.locator("button[name=through][value=pdf]").click()
    where = posted.value.headers["location"]
    return page.context.request.get(urljoin(posted.value.url, where)).body()


def colour(page: Page, cell: int) -> str:
    """How a place of the sheet is drawn."""
    drawn: str = page.locator(".sheet-cells label").nth(cell).evaluate("one => getComputedStyle(one).borderStyle")
    return drawn


def test_places_touched_on_the_sheet_stay_empty_and_every_label_scans(
    workshop: Workshop, new_page: NewPage, axe: Axe, tmp_path: Path
) -> None:
    url, stock = workshop.server.url, SHIPPED["24-70x37"]
    page = enter(new_page(**PHONE), url, "lou", "/labels")
    page.locator("#count").fill("20")
    page.get_by_role("button", name="Préparer").click()
    page.wait_for_url("**/labels/for/free/**")
    page.goto(f"{page.url}?stock=24-70x37")
    boxes = page.locator(".sheet-cells input")
    expect(boxes).to_have_count(24)
    for cell in range(24):  # what another test printed before
        boxes.nth(cell).set_checked(False, force=True)
    before = colour(page, USED[0])
    for cell in USED:
        page.locator(".sheet-cells label").nth(cell).click()
        expect(boxes.nth(cell)).to_be_checked()
    assert colour(page, USED[0]) != before == colour(page, 2)
    assert not axe(page)
    expect(page.locator("button[value=pdf]")).to_have_text(re.compile(r"PDF\s+à imprimer"))
    (sheet,) = pictures(printed(page), tmp_path)
    codes = zxingcpp.read_barcodes(sheet, formats=zxingcpp.BarcodeFormat.QRCode)
    tags = {read_tag(code.text) for code in codes}
    assert (len(codes), len(tags), None in tags) == (20, 20, False)
    cells = set()
    for code in codes:
        left, top = code.position.top_left.x / MM, code.position.top_left.y / MM
        column, row = int((left - stock.left) // stock.pitch[0]), int((top - stock.top) // stock.pitch[1])
        cells.add(row * stock.columns + column)
    assert cells == set(range(24)) - set(USED)


def test_a_paper_is_drawn_while_its_measures_are_typed(workshop: Workshop, new_page: NewPage) -> None:
    page = enter(new_page(), workshop.server.url, "lou", "/labels/stocks/new")
    cells = page.locator("[data-stock-drawing] .cell-on")
    for name, value in (("columns", "2"), ("rows", "3")):
        page.locator(f"[name={name}]").fill(value)
    expect(cells).to_have_count(6)
    page.locator("[name=columns]").fill("1")
    expect(cells).to_have_count(3)
    page.locator("[name=left]").fill("190")
    expect(page.locator("[data-stock-drawing] .cell-off")).to_have_count(3)


def test_the_square_of_a_loose_drive_leads_to_that_drive(workshop: Workshop, new_page: NewPage, tmp_path: Path) -> None:
    (tag,) = workshop.machines(State.RECEIVED, 1)
    with workshop.session() as session:
        cast = cast_of(session)
        machine = session.scalars(select(Machine).where(Machine.tag == tag)).one()
        drive = a_drive(session, machine)
        (inside,) = [one for one in open_sightings(session, machine) if one.drive_id == drive.id]
        remove_drive(session, inside, Why.FAULTY, by=cast.sam, witness=cast.kim, at=datetime.now(UTC))
        number, ends = drive.id, drive.serial[-4:]
    url = workshop.server.url
    page = enter(new_page(**PHONE), url, "sam", f"/labels/for/drive/{number}")
    (square,) = squares(printed(page), tmp_path)
    page.goto(f"{url}/bench")
    expect(page.locator("[data-scan-box]").first).to_be_attached()
    scan(page, square)
    page.wait_for_url(f"**/bench/loose-drives/{number}")
    expect(page.locator("h1")).to_contain_text(ends)
