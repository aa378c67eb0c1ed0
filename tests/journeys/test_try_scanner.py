"""Trying a scanner and the camera; answers that differ to ear, hand and eye; help that is spoken where the device has a voice."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from ordi.machines.lifecycle import State
from tests.ground.browser import Axe
from tests.ground.scanner import scan
from tests.journeys.workshop import PHONE, NewPage, Workshop, begin, enter, open_series, waits

pytestmark = pytest.mark.browser

TRY = "/machines/scan/try"


def fact(page: Page, name: str) -> str:
    """What the page says of the last scan."""
    return page.locator(f"[data-fact={name}]").inner_text()


def test_the_page_tells_what_arrived_and_how_fast(workshop: Workshop, new_page: NewPage, axe: Axe) -> None:
    url = workshop.server.url
    (tag,) = workshop.machines(State.READY, 1)
    page = enter(new_page(**PHONE), url, "sam", TRY)
    scan(page, f"{url}/M/{tag}".upper())
    expect(page.locator("[data-try]")).to_have_attribute("data-kind", "label")
    assert (fact(page, "read"), fact(page, "end"), fact(page, "layout")) == (tag, "Entrée", "bien réglé")
    assert fact(page, "speed") == "4 ms"
    page.locator("[data-answer-sheet]").wait_for(state="hidden")
    assert not axe(page)
    scan(page, f"{url}/M/{tag}".upper(), azerty=True)
    expect(page.locator("[data-fact=layout]")).to_have_text("différent, corrigé par Ordi")
    assert fact(page, "read") == tag
    scan(page, f"{url}/A/SHELVE/B2".upper())
    expect(page.locator("[data-try]")).to_have_attribute("data-kind", "card")
    scan(page, "PF0XYZ12")
    expect(page.locator("[data-try]")).to_have_attribute("data-kind", "other")
    assert fact(page, "read") == "PF0XYZ12"
    assert page.url.endswith(TRY)


def test_a_scanner_without_enter_or_too_slow_is_told_how_to_be_set(workshop: Workshop, new_page: NewPage) -> None:
    url = workshop.server.url
    page = enter(new_page(**PHONE), url, "sam", TRY)
    scan(page, "PF0XYZ12", ends=False)
    expect(page.locator("[data-advice]")).to_contain_text("finir par Entrée")
    expect(page.locator("[data-answer-sheet]")).to_have_attribute("data-tone", "stop")
    scan(page, "PF0XYZ12", speed=0.09)
    expect(page.locator("[data-advice]")).to_contain_text("Trop lent")
    assert fact(page, "end") == "Entrée"


def test_a_badge_is_named_and_never_shown(workshop: Workshop, new_page: NewPage) -> None:
    page = enter(new_page(**PHONE), workshop.server.url, "sam", TRY)
    code = "ORDIBADGE" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    scan(page, code)
    expect(page.locator("[data-try]")).to_have_attribute("data-kind", "badge")
    assert "ABCDEFGHIJ" not in page.locator("main").inner_text()


def test_the_camera_tells_too_and_its_torch_is_there_when_it_has_one(
    workshop: Workshop, page_with_camera: Callable[..., Page]
) -> None:
    url = workshop.server.url
    (tag,) = workshop.machines(State.READY, 1)
    page = page_with_camera(f"{url}/M/{tag}".upper(), permissions=["camera"], **PHONE)
    enter(page, url, "sam", TRY)
    page.locator("[data-scan-start]").click()
    expect(page.locator("[data-fact=read]")).to_have_text(tag)
    assert fact(page, "speed") == "lu par la caméra"
    expect(page.locator("[data-scan-torch]")).to_be_hidden()  # this camera has none
    page.add_init_script(
        """window.lit = [];
        MediaStreamTrack.prototype.getCapabilities = () => ({torch: true});
        MediaStreamTrack.prototype.applyConstraints = async (asked) => void window.lit.push(asked.advanced[0].torch);"""
    )
    page.reload()
    page.locator("[data-scan-start]").click()
    expect(page.locator("[data-answer-sheet]")).to_be_visible()
    page.locator("[data-answer-sheet]").wait_for(state="hidden")
    torch = page.locator("[data-scan-torch]")
    expect(torch).to_be_visible()
    torch.click()
    expect(torch).to_have_attribute("aria-pressed", "true")
    torch.click()
    expect(torch).to_have_attribute("aria-pressed", "false")
    assert page.evaluate("window.lit") == [True, False]


HEARD = """
window.heard = [];
const Voice = OscillatorNode;
window.OscillatorNode = class extends Voice {
  constructor(context, options) { super(context, options); window.heard.push(options.frequency); }
};
navigator.vibrate = (shake) => { window.heard.push([shake].flat().join('-')); return true; };
"""


def test_ok_refused_and_repeated_differ_to_ear_hand_and_eye(workshop: Workshop, new_page: NewPage) -> None:
    url = workshop.server.url
    (tag,) = workshop.machines(State.READY, 1)
    page = new_page(**PHONE)
    page.add_init_script(HEARD)
    open_series(enter(page, url, "sam"), url)
    begin(page, "hold")
    sheet = page.locator("[data-answer-sheet]")
    told = []
    for text, tone in ((tag, "ok"), (tag, "repeat"), ("PASUNE-X", "stop")):
        page.evaluate("window.heard.length = 0")
        scan(page, text)
        expect(sheet).to_have_attribute("data-tone", tone)
        expect(sheet).to_be_visible()
        box = sheet.bounding_box()
        assert box
        assert (box["width"], box["height"]) == (360, 740)
        mark = sheet.locator(".mark").locator("visible=true")
        expect(mark).to_have_count(1)
        colour = sheet.evaluate("one => getComputedStyle(one).backgroundColor")
        told.append((*page.evaluate("window.heard"), colour, mark.locator("use").get_attribute("href")))
        if tone == "ok":
            waits(page, 0)
            sheet.wait_for(state="hidden")
    assert [one[0:3] for one in told[:2]] == [("40", 660, 880), ("40-60-40", 520, 520)]
    assert told[2][0:2] == ("200-80-200", 196)
    for place in (-2, -1):
        assert len({one[place] for one in told}) == 3


VOICES = """
window.said = [];
window.voices = %s;
SpeechSynthesis.prototype.getVoices = () => window.voices;
SpeechSynthesis.prototype.cancel = () => {};
SpeechSynthesis.prototype.speak = (one) => void window.said.push([one.lang, one.text]);
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
"""
FRENCH = "[{lang: 'en-GB', localService: true}, {lang: 'fr-FR', localService: true}]"


def test_the_screen_says_what_it_asks_where_the_device_has_a_french_voice(
    workshop: Workshop, new_page: NewPage, axe: Axe
) -> None:
    url = workshop.server.url
    (tag,) = workshop.machines(State.SANITISED, 1)
    page = new_page(**PHONE)
    page.add_init_script(VOICES % FRENCH)
    enter(page, url, "sam", f"/bench/{tag}/hold")
    button = page.get_by_role("button", name="Écouter")
    expect(button).to_be_visible()
    assert not axe(page)
    button.click()
    assert page.evaluate("window.said") == [["fr-FR", f"Mettre de côté\n{tag}. Pourquoi attend-il\u00a0?"]]
    open_series(page, url)
    expect(page.get_by_role("button", name="Écouter")).to_be_visible()


@pytest.mark.parametrize(
    "voices", ["[]", "[{lang: 'en-GB', localService: true}]", "[{lang: 'fr-FR', localService: false}]"]
)
def test_without_a_french_voice_of_its_own_the_button_hides(workshop: Workshop, new_page: NewPage, voices: str) -> None:
    url = workshop.server.url
    page = new_page(**PHONE)
    page.add_init_script(VOICES % voices)
    enter(page, url, "sam", TRY)
    expect(page.locator("[data-aloud]")).to_be_hidden()
    page.evaluate(f"window.voices = {FRENCH}; speechSynthesis.dispatchEvent(new Event('voiceschanged'))")
    expect(page.locator("[data-aloud]")).to_be_visible()
