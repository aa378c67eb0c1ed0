"""The page of trials in a real browser that plays the machine under test; and a bench bound to its label without a key pressed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from ordi.bench.sessions import BenchSession, open_session
from ordi.bench.trials import open_trial
from ordi.machines.checks import Check, How, answered
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from tests.ground.browser import Axe
from tests.ground.camera import hold_up
from tests.journeys.workshop import PATIENT, PHONE, Workshop, cast_of, enter
from web.api.sessions import adopt_url

pytestmark = pytest.mark.browser


def found(workshop: Workshop, tag: str) -> dict[Check, tuple[str, str]]:
    """What is known of a machine, and how."""
    with workshop.session() as session:
        machine = session.get_one(Machine, workshop.machine(tag).id)
        return {check: (one.result, one.how) for check, one in answered(session, machine).items()}


def its_page(workshop: Workshop, page: Page, tag: str) -> Page:
    """The page of trials, opened on the machine."""
    with workshop.session() as session:
        machine = session.get_one(Machine, workshop.machine(tag).id)
        key = open_trial(session, machine, by=cast_of(session).sam, at=datetime.now(UTC))
    page.goto(f"{workshop.server.url}/T#{key}")
    expect(page.locator("[data-tag]")).to_have_text(tag)
    assert "#" not in page.url
    return page


def test_a_machine_is_tried_on_its_own_screen(
    workshop: Workshop, page_with_camera: Callable[..., Page], axe: Axe
) -> None:
    (tag,) = workshop.machines(State.SANITISED, 1, form="laptop")
    page = its_page(workshop, page_with_camera("", permissions=["camera", "microphone"]), tag)
    assert not axe(page)

    screen = page.locator("[data-check=screen]")
    screen.locator("[data-start]").click()
    shown = page.locator("[data-screen]")
    for colour in ("#f00", "#0f0", "#00f", "#fff", "#000"):
        expect(shown).to_have_attribute("data-colour", colour)
        page.keyboard.press("Space")
    expect(shown).to_be_hidden()
    screen.locator("[data-result=good]").click()
    expect(screen.locator("[data-said]")).to_have_text("Bon")

    keyboard = page.locator("[data-check=keyboard]")
    good = keyboard.locator("[data-result=good]")
    expect(good).to_be_disabled()
    expect(keyboard.locator("[data-key=KeyQ]")).to_have_text("A")
    keyboard.locator("[data-layout]").click()
    expect(keyboard.locator("[data-key=KeyQ]")).to_have_text("Q")
    for code in keyboard.locator("[data-key]").evaluate_all("keys => keys.map(key => key.dataset.key)"):
        page.keyboard.press(code)
    expect(keyboard.locator("[data-key]:not([data-lit])")).to_have_count(0)
    expect(good).to_be_enabled()
    good.click()

    sound = page.locator("[data-check=sound]")
    for side in ("-1", "1"):
        button = sound.locator(f"[data-tone-at='{side}']")
        button.click()
        expect(button).to_have_attribute("data-played", "")
    sound.locator("[data-result=worn]").click()

    microphone = page.locator("[data-check=microphone]")
    microphone.locator("[data-start]").click()
    expect(microphone.locator("[data-play]")).to_be_enabled(timeout=PATIENT)
    expect(microphone.locator("[data-level]")).to_have_attribute("data-heard", "")
    microphone.locator("[data-play]").click()
    microphone.locator("[data-result=good]").click()

    camera = page.locator("[data-check=camera]")
    camera.locator("[data-start]").click()
    expect(camera.locator("video")).to_be_visible(timeout=PATIENT)
    camera.locator("[data-result=failed]").click()
    expect(camera.locator("[data-said]")).to_have_text("En panne")

    assert found(workshop, tag) == {
        Check.SCREEN: ("good", How.BROWSER),
        Check.KEYBOARD: ("good", How.BROWSER),
        Check.SOUND: ("worn", How.BROWSER),
        Check.MICROPHONE: ("good", How.BROWSER),
        Check.CAMERA: ("failed", How.BROWSER),
    }


def test_a_page_without_a_key_says_where_to_get_one(workshop: Workshop, page: Page, axe: Axe) -> None:
    page.goto(f"{workshop.server.url}/T")
    expect(page.get_by_text("Demandez une page d’essai à l’établi")).to_be_visible()
    expect(page.locator("[data-trials]")).to_be_hidden()
    assert not axe(page)


def test_the_screen_then_the_label_and_not_a_character(
    workshop: Workshop, page_with_camera: Callable[..., Page], tmp_path: Path
) -> None:
    (tag,) = workshop.machines(State.RECEIVED, 1)
    url = workshop.server.url
    with workshop.session() as session:
        bench = open_session(
            session,
            str(uuid4()),
            uuid4().bytes + uuid4().bytes,
            agent="0.1.0",
            image_sha256=None,
            host_uuid=None,
            test=False,
            demonstration=False,
            at=datetime.now(UTC),
        )
        shown, number = adopt_url(url, bench), bench.id
    page = page_with_camera(shown, permissions=["camera"], **PHONE)
    enter(page, url, "sam", then="/bench")
    expect(page.get_by_role("heading", name="Relier l’écran")).to_be_visible(timeout=PATIENT)
    hold_up(f"{url}/M/{tag}".upper(), tmp_path / "camera.y4m")
    page.wait_for_url(f"**/machines/{tag}/wipe", timeout=PATIENT)
    with workshop.session() as session:
        adopted = session.get_one(BenchSession, number)
        assert adopted.machine is not None
        assert (adopted.machine.tag, adopted.adopter_id) == (tag, cast_of(session).sam.id)
