"""Gloves on: a badge before the camera, four touches, and one is at work; nobody's hand for five minutes, and one is not."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import BrowserContext, Page, Request, expect
from sqlalchemy import select

from ordi.machines.drive import Removal
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from tests.factories import a_drive
from tests.ground.browser import Axe
from tests.ground.network import wired
from tests.ground.scanner import scan
from tests.journeys.workshop import PATIENT, PHONE, NewPage, Workshop, begin, cast_of, enter, open_series, waits
from web.sign_in.badges import make_badge
from web.sign_in.devices import register

pytestmark = pytest.mark.browser

PICTURES = ["cat", "sun", "key", "cat"]


def badge(workshop: Workshop, name: str) -> str:
    """Somebody's new badge."""
    with workshop.session() as session:
        return make_badge(session, getattr(cast_of(session), name), PICTURES, at=datetime.now(UTC))


def registered(workshop: Workshop, context: BrowserContext) -> None:
    """This browser is a device of the workshop."""
    with workshop.session() as session:
        cast = cast_of(session)
        _device, token = register(session, cast.workshop, "Tablette", by=cast.lou, at=datetime.now(UTC))
    context.add_cookies([{"name": "ordi-device", "value": token, "domain": "127.0.0.1", "path": "/"}])


def touch_pictures(page: Page) -> None:
    """The four, in order."""
    for name in PICTURES:
        page.locator(f"[data-picture={name}]").click()


def come_in(page: Page, url: str, code: str, then: str) -> None:
    """Show a badge to the scanner and touch the four pictures."""
    page.goto(f"{url}/sign-in/badge?next={then}")
    expect(page.locator("[data-scan]")).to_be_visible()
    scan(page, code)
    touch_pictures(page)
    page.wait_for_url(f"{url}{then}")


def type_label(page: Page, tag: str) -> None:
    """Type it: under the test's own clock, keys have no speed."""
    page.locator("#typed-text").fill(tag)
    page.keyboard.press("Enter")


def test_a_badge_before_the_camera_and_four_touches(
    workshop: Workshop, page_with_camera: Callable[..., Page], axe: Axe
) -> None:
    url = workshop.server.url
    page = page_with_camera(badge(workshop, "sam"), permissions=["camera"], **PHONE)
    registered(workshop, page.context)
    page.goto(f"{url}/bench/series")
    expect(page.locator("[data-picture]").first).to_be_visible(timeout=PATIENT)
    assert not axe(page)
    touch_pictures(page)
    page.wait_for_url(f"{url}/bench/series")
    expect(page.locator("[data-who]")).to_have_text("Sam Petit")


def test_a_scanner_reads_badges_and_the_second_person_is_then_here(workshop: Workshop, new_page: NewPage) -> None:
    url = workshop.server.url
    page = new_page(**PHONE)
    registered(workshop, page.context)
    for name, azerty, called in (("sam", False, "Sam Petit"), ("kim", True, "Kim Tran")):
        page.goto(f"{url}/sign-in/badge?next=/bench/series")
        expect(page.locator("[data-scan]")).to_be_visible()
        scan(page, badge(workshop, name), azerty=azerty)
        touch_pictures(page)
        page.wait_for_url(f"{url}/bench/series")
        expect(page.locator("[data-who]")).to_have_text(called)


def test_five_idle_minutes_lock_a_device_also_without_a_network(workshop: Workshop, new_page: NewPage) -> None:
    tags = workshop.machines(State.READY, 2)
    with wired(workshop.server.url) as wire:
        page = new_page(**PHONE)
        registered(workshop, page.context)
        page.goto(f"{wire.url}/sign-in/badge?next=/bench/series")
        expect(page.locator("[data-scan]")).to_be_visible()
        scan(page, badge(workshop, "sam"))
        touch_pictures(page)
        page.wait_for_url(f"{wire.url}/bench/series")
        page.clock.install()
        open_series(page, wire.url)
        begin(page, "hold")
        wire.cut()
        type_label(page, tags[0])
        waits(page, 1)
        page.clock.fast_forward("05:10")
        expect(page.locator("[data-bar]")).to_contain_text("Verrouillé")
        expect(page.locator("[data-locked]")).to_be_visible()
        expect(page.locator("#typed-text")).to_be_hidden()
        wire.mend()
        page = page.context.new_page()
        page.goto(f"{wire.url}/bench/series")
        expect(page.get_by_role("link", name="Entrer", exact=True)).to_be_visible(timeout=PATIENT)
        assert [len(workshop.events(tag, "put_aside")) for tag in tags] == [0, 0]
        page.goto(f"{wire.url}/bench/series")
        page.wait_for_url("**/sign-in/badge**")
        enter(page, wire.url, "sam", "/bench/series&password=1")
        expect(page.locator("[data-series][data-ready]")).to_be_attached(timeout=PATIENT)
        waits(page, 0)
        assert [len(workshop.events(tag, "put_aside")) for tag in tags] == [1, 0]


def test_the_witness_shows_a_badge_on_the_same_screen(workshop: Workshop, new_page: NewPage, axe: Axe) -> None:
    (tag,) = workshop.machines(State.RECEIVED, 1)
    with workshop.session() as session:
        a_drive(session, session.scalars(select(Machine).where(Machine.tag == tag)).one())
    url = workshop.server.url
    page = new_page(**PHONE)
    registered(workshop, page.context)
    come_in(page, url, badge(workshop, "sam"), f"/bench/{tag}/drives")
    page.locator("details.more summary").first.click()
    page.locator("input[name=why][value=faulty]").check(force=True)
    scan(page, badge(workshop, "kim"), azerty=True)
    touch_pictures(page)
    expect(page.locator("[data-witness-says]")).to_have_text("Le témoin est là.")
    assert not axe(page)
    page.get_by_role("button", name="Retiré, à deux").click()
    expect(page.locator("main")).to_contain_text("Disque retiré, à deux.")
    with workshop.session() as session:
        cast = cast_of(session)
        removal = session.scalars(select(Removal).order_by(Removal.id.desc())).first()
        assert removal
        assert (removal.by_id, removal.witness_id) == (cast.sam.id, cast.kim.id)


@pytest.mark.parametrize("path", ["/bench", "/machines"])
def test_a_badge_read_on_any_page_leads_to_the_door_and_is_in_no_address(
    workshop: Workshop, new_page: NewPage, path: str
) -> None:
    url, code = workshop.server.url, badge(workshop, "kim")
    page = enter(new_page(), url, "sam", path)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    scan(page, code)
    page.wait_for_url("**/sign-in/badge**")
    assert not any(code in address or code.removeprefix("ORDIBADGE") in address for address in asked)


def test_signing_in_with_a_badge_is_two_small_round_trips(workshop: Workshop, new_page: NewPage) -> None:
    """Three seconds are kept by doing little: one page, one form, and files that the device already holds."""
    url, code = workshop.server.url, badge(workshop, "sam")
    page = new_page(**PHONE)
    registered(workshop, page.context)
    come_in(page, url, code, "/bench")
    page.goto(f"{url}/sign-in/badge?next=/bench")
    expect(page.locator("[data-scan]")).to_be_visible()
    asked: list[Request] = []
    page.on("requestfinished", lambda request: asked.append(request))
    began = time.monotonic()
    scan(page, code)
    touch_pictures(page)
    page.wait_for_url(f"{url}/bench")
    page.wait_for_load_state("load")
    print(f"from the badge to the bench: {time.monotonic() - began:.2f} s")
    pages = [one for one in asked if one.resource_type == "document" or one.method == "POST"]
    assert [(one.method, one.url.removeprefix(url)) for one in pages] == [
        ("POST", "/sign-in/badge?next=/bench"),
        ("GET", "/bench"),
    ]
    assert sum(one.sizes()["responseBodySize"] for one in pages) < 60_000
