"""Series in a real browser: thirty labels before the camera, a scanner at its own speed, a camera that is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from ordi.giving.reception import Reception
from ordi.machines.labels import print_free
from ordi.machines.lifecycle import State
from ordi.machines.lots import Lot
from ordi.machines.machine import Machine
from tests.ground.browser import Axe
from tests.ground.scanner import scan
from tests.journeys.workshop import (
    PATIENT,
    PHONE,
    NewPage,
    Workshop,
    begin,
    cast_of,
    enter,
    open_series,
    waits,
)

pytestmark = pytest.mark.browser


def a_lot(workshop: Workshop, code: str, coming: int) -> list[str]:
    """A lot on its way; the tags of its machines."""
    with workshop.session() as session:
        cast = cast_of(session)
        lot = Lot(
            code=code,
            donor=cast.donor,
            workshop=cast.workshop,
            promised_count=coming,
            created_at=datetime.now(UTC),
            collected_at=datetime.now(UTC),
        )
        session.add(lot)
        session.flush()
        number = lot.id
    return workshop.machines(State.COLLECTED, coming, lot_id=number)


def test_thirty_labels_in_a_row_before_the_camera(workshop: Workshop, page_with_camera: Callable[..., Page]) -> None:
    tags = a_lot(workshop, "L-2026-930", 31)
    url = workshop.server.url
    page = page_with_camera([f"{url}/M/{tag}".upper() for tag in tags[:30]], frames=5, permissions=["camera"], **PHONE)
    open_series(enter(page, url, "sam"), url)
    begin(page, "receive", "L-2026-930")
    expect(page.locator("[data-figure]")).to_have_text("30", timeout=4 * PATIENT)
    waits(page, 0)
    expect(page.locator("[data-expected]")).to_have_text("sur 31")
    expect(page.locator("[data-missing-n]")).to_have_text("Manquants : 1")
    assert all(len(workshop.events(tag, "receive")) == 1 for tag in tags[:30])
    assert workshop.machine(tags[30]).state == State.COLLECTED


def test_an_unknown_label_is_a_new_machine_and_the_lot_closes_with_its_count(
    workshop: Workshop, new_page: NewPage, axe: Axe
) -> None:
    tags = a_lot(workshop, "L-2026-931", 2)
    with workshop.session() as session:
        cast = cast_of(session)
        (label,) = print_free(session, cast.workshop, 1, by=cast.sam, at=datetime.now(UTC))
        free = label.tag
    url = workshop.server.url
    page = open_series(enter(new_page(**PHONE), url, "sam"), url)
    begin(page, "receive", "L-2026-931")
    scan(page, f"{url}/M/{tags[0]}".upper())
    expect(page.locator("[data-figure]")).to_have_text("1")
    scan(page, f"{url}/M/{free}".upper())
    expect(page.locator("[data-ask]")).to_be_visible()
    assert not axe(page)
    page.locator("[data-ask] [data-form=laptop]").click()
    expect(page.locator("[data-surplus-n]")).to_have_text("En plus : 1")
    waits(page, 0)
    assert workshop.machine(free).form == "laptop"
    page.locator("[data-answer-sheet]").wait_for(state="hidden")
    assert not axe(page)
    page.locator("[data-finish]").click()
    expect(page.locator("[data-choose]")).to_be_visible(timeout=PATIENT)
    waits(page, 0)
    with workshop.session() as session:
        closed = session.scalars(select(Reception).join(Lot).where(Lot.code == "L-2026-931")).one()
        assert (closed.received, closed.missing, closed.surplus) == (1, 1, 1)


def test_a_refused_camera_leaves_a_working_page(workshop: Workshop, new_page: NewPage) -> None:
    (tag,) = workshop.machines(State.RECEIVED, 1)
    url = workshop.server.url
    page = open_series(enter(new_page(**PHONE), url, "sam"), url)
    begin(page, "clean")
    page.locator("[data-scan-start]").click()
    expect(page.locator("[data-scan-says]")).to_contain_text("caméra", ignore_case=True)
    page.locator("#typed-text").fill(tag.replace("-", " ").lower())
    page.keyboard.press("Enter")
    expect(page.locator("[data-list]")).to_contain_text("Nettoyé", timeout=PATIENT)
    waits(page, 0)
    assert len(workshop.events(tag, "cleaned")) == 1


@pytest.mark.parametrize("azerty", [False, True], ids=["QWERTY", "AZERTY"])
def test_a_scanner_types_action_cards_and_labels_at_its_own_speed(
    workshop: Workshop, new_page: NewPage, azerty: bool
) -> None:
    tags = workshop.machines(State.READY, 10)
    url, shelf = workshop.server.url, "B7" if azerty else "B6"
    page = open_series(enter(new_page(**PHONE), url, "sam"), url)
    scan(page, f"{url}/A/SHELVE/{shelf}".upper(), azerty=azerty)
    expect(page.locator("[data-heading]")).to_have_text(f"Ranger {shelf}")
    for tag in tags:  # one after the other, without a pause
        scan(page, f"{url}/M/{tag}".upper(), azerty=azerty)
    expect(page.locator("[data-figure]")).to_have_text("10", timeout=PATIENT)
    waits(page, 0)
    assert {workshop.machine(tag).shelf for tag in tags} == {shelf}
    scan(page, f"{url}/M/{tags[0]}".upper(), azerty=azerty)
    expect(page.locator("[data-answer-sheet]")).to_have_attribute("data-tone", "repeat")
    scan(page, f"{url}/M/{tags[0][:-1]}".upper() + ("0" if tags[0][-1] != "0" else "1"), azerty=azerty)
    expect(page.locator("[data-answer-sheet]")).to_have_attribute("data-tone", "stop")


def test_the_last_one_is_undone(workshop: Workshop, new_page: NewPage) -> None:
    (tag,) = workshop.machines(State.READY, 1)
    url = workshop.server.url
    page = open_series(enter(new_page(**PHONE), url, "sam"), url)
    scan(page, f"{url}/A/SHELVE/D4".upper())
    scan(page, f"{url}/M/{tag}".upper())
    expect(page.locator("[data-figure]")).to_have_text("1")
    waits(page, 0)
    page.locator("[data-answer-sheet]").wait_for(state="hidden")
    page.locator("[data-undo]").click()
    expect(page.locator("[data-figure]")).to_have_text("0")
    waits(page, 0)
    assert workshop.machine(tag).shelf == "A1"


def test_a_shelf_is_counted_and_a_machine_found_by_what_is_left_of_its_label(
    workshop: Workshop, new_page: NewPage
) -> None:
    tags = workshop.machines(State.READY, 3)
    with workshop.session() as session:
        session.execute(update(Machine).where(Machine.tag.in_(tags)).values(shelf="K9"))
    (stranger,) = workshop.machines(State.READY, 1)
    url = workshop.server.url
    page = open_series(enter(new_page(**PHONE), url, "sam"), url)
    begin(page, "audit", "K9")
    for tag in (*tags[:2], stranger):
        scan(page, f"{url}/M/{tag}".upper())
    expect(page.locator("[data-figure]")).to_have_text("2")
    expect(page.locator("[data-expected]")).to_have_text("sur 3")
    expect(page.locator("[data-missing-n]")).to_have_text("Manquants : 1")
    expect(page.locator("[data-surplus-n]")).to_have_text("En plus : 1")
    page.locator("[data-answer-sheet]").wait_for(state="hidden")
    page.locator("[data-finish]").click()
    begin(page, "find")
    wrong = "0" if tags[2][3] != "0" else "1"
    page.locator("#typed-text").press_sequentially((tags[2][:3] + wrong + tags[2][4:]).lower())
    expect(page.locator("[data-list]")).to_contain_text(tags[2])
    expect(page.locator("[data-list]")).to_contain_text("Étagère K9")


def test_an_ordinary_page_hears_the_scanner_too(workshop: Workshop, new_page: NewPage) -> None:
    (tag,) = workshop.machines(State.READY, 1)
    url = workshop.server.url
    page = enter(new_page(), url, "sam", "/bench")
    scan(page, f"{url}/M/{tag}".upper(), azerty=True)
    page.wait_for_url(f"**/bench/{tag}")
