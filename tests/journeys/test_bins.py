"""A part out of one computer, into a bin, into another: two scans and two presses, by scanner and by camera."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from ordi.bench.bins import Bin, inside, open_bin
from ordi.bench.part_kinds import Family, kind_of
from ordi.bench.part_moves import Origin, put_in
from ordi.machines.lifecycle import Note, State
from tests.ground.browser import Axe
from tests.ground.scanner import scan
from tests.journeys.workshop import PATIENT, PHONE, NewPage, Workshop, cast_of, enter

pytestmark = pytest.mark.browser


def a_bin(workshop: Workshop, *, keyboards: int = 0) -> tuple[str, int]:
    """A bin of the workshop, and the kind of its keyboards."""
    with workshop.session() as session:
        cast, at = cast_of(session), datetime.now(UTC)
        box = open_bin(session, cast.workshop, "Claviers", "P3", by=cast.sam, at=at)
        kind = kind_of(session, Family.KEYBOARD, {"fits": "Dell Latitude 5490"})
        if keyboards:
            put_in(session, box, kind, Origin.DONATED, count=keyboards, by=cast.sam, at=at)
        return box.tag, kind.id


def lies_in(workshop: Workshop, tag: str) -> int:
    """How many parts are counted in it."""
    with workshop.session() as session:
        box = session.scalars(select(Bin).where(Bin.tag == tag)).one()
        return sum(heap.count for heap in inside(session, box))


def ready(page: Page) -> None:
    """The page hears a scanner."""
    expect(page.locator("[data-scan]")).to_be_visible(timeout=PATIENT)


def test_a_scanner_takes_a_keyboard_from_one_computer_through_a_bin_into_another(
    workshop: Workshop, new_page: NewPage, axe: Axe
) -> None:
    url = workshop.server.url
    (giver,), (taker,) = workshop.machines(State.DISMANTLED, 1), workshop.machines(State.SANITISED, 1)
    box, _kind = a_bin(workshop)
    page = enter(new_page(**PHONE), url, "sam", "/bins")
    page.goto(f"{url}/bins")
    ready(page)
    scan(page, giver)
    page.wait_for_url(f"**/bins/of/{giver}")
    page.get_by_role("link", name="Clavier de portable").click()
    page.wait_for_url("**/keyboard")
    ready(page)
    assert not axe(page)
    scan(page, f"{url}/P/{box}".upper())
    page.wait_for_url(f"**/bins/{box}")
    assert lies_in(workshop, box) == 1
    page.get_by_role("link", name="Clavier de portable de Dell Latitude 5490").click()
    page.wait_for_url("**/take/*")
    ready(page)
    scan(page, taker)
    page.wait_for_url(f"**/bins/of/{taker}")
    assert lies_in(workshop, box) == 0
    assert len(workshop.events(giver, Note.PART_TAKEN)) == 1
    assert len(workshop.events(taker, Note.PART_FITTED)) == 1


def test_the_camera_sees_the_computer_and_the_part_is_fitted(
    workshop: Workshop, page_with_camera: Callable[..., Page]
) -> None:
    url = workshop.server.url
    (taker,) = workshop.machines(State.SANITISED, 1)
    box, kind = a_bin(workshop, keyboards=2)
    page = page_with_camera(f"HTTPS://ORDI.EXAMPLE/M/{taker}", permissions=["camera"], **PHONE)
    enter(page, url, "sam", "/bins")
    page.goto(f"{url}/bins/{box}/take/{kind}")
    page.wait_for_url(f"**/bins/of/{taker}", timeout=PATIENT)
    assert lies_in(workshop, box) == 1
    assert len(workshop.events(taker, Note.PART_FITTED)) == 1


def test_a_count_is_two_thumbs(workshop: Workshop, new_page: NewPage) -> None:
    url = workshop.server.url
    box, _kind = a_bin(workshop, keyboards=3)
    page = enter(new_page(**PHONE), url, "sam", "/bins")
    page.goto(f"{url}/bins/{box}/count")
    page.get_by_role("button", name="Un de moins").click()
    page.get_by_role("button", name="C’est compté").click()
    page.wait_for_url(f"**/bins/{box}")
    assert lies_in(workshop, box) == 2
