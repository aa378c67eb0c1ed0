"""Gloves on: a badge before the camera, four touches, and one is at work; nobody's hand for five minutes, and one is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from ordi.machines.lifecycle import State
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
    page.wait_for_url("**/bench/series")
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
        page.wait_for_url("**/bench/series")
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
        page.wait_for_url("**/bench/series")
        page.clock.install()
        open_series(page, wire.url)
        begin(page, "hold")
        wire.cut()
        type_label(page, tags[0])
        waits(page, 1)
        page.clock.fast_forward("05:10")
        expect(page.locator("[data-bar]")).to_contain_text("Verrouillé")
        type_label(page, tags[1])
        expect(page.locator("[data-answer-sheet]")).to_contain_text("Verrouillé")
        waits(page, 1)
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
