"""A request filed on a telephone outdoors: kept as it goes, encrypted, through four minutes without a network, sent once.

The wire between the telephone and the server is really cut; the four minutes are the page's own clock.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.ground.network import Wire, wired
from tests.ground.server import Server

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
NAME, CALL = "Zélie Brouillon-Canari", "06 99 00 55 66"

KEPT = """async () => {
  const base = await new Promise(done => {
    const asked = indexedDB.open("ordi-drafts");
    asked.onsuccess = () => done(asked.result);
  });
  if (!base.objectStoreNames.contains("kept")) { base.close(); indexedDB.deleteDatabase("ordi-drafts"); return []; }
  const store = base.transaction("kept").objectStore("kept");
  const all = await new Promise(done => { const asked = store.getAll(); asked.onsuccess = () => done(asked.result); });
  base.close();
  const told = [];
  for (const one of all) {
    if (one instanceof CryptoKey) {
      const out = await crypto.subtle.exportKey("raw", one).then(() => "read out", () => "stays");
      told.push("key " + one.algorithm.name + " " + out);
    } else {
      told.push("draft " + String.fromCharCode(...new Uint8Array(one.sealed)));
    }
  }
  return told;
}"""
"""What the browser keeps: the key, and whether a script can read it out; the draft, as it lies there."""


@pytest.fixture
def wire(live_server: Server) -> Iterator[Wire]:
    """Between the telephone and the server."""
    with wired(live_server.url) as wire:
        yield wire


@pytest.fixture
def page(new_page: Callable[..., Page], wire: Wire) -> Page:
    """Inès, at the first step of a new request."""
    page = new_page(**PHONE)
    page.clock.install()
    page.goto(f"{wire.url}/sign-in?next=/sharing/new")
    page.get_by_role("button", name="Entrer comme Inès Moreau CCAS de Planoise").or_(
        page.locator("form[action*='/sign-in/as/'] button", has_text="Inès Moreau")
    ).first.click()
    expect(page.locator("form[data-draft]")).to_be_visible()
    return page


def rows(server: Server, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(f"file:{server.data / 'ordi.db'}?mode=ro", uri=True) as reading:
        return reading.execute(query).fetchall()


def first_step(page: Page, server: Server) -> None:
    """A programme that asks for no code, and a need."""
    code = "select id from programmes where code = 'emploi' and standing = 'in_force' order by id desc limit 1"
    ((programme,),) = rows(server, code)
    page.locator(f"label:has(input[name=programme][value='{programme}'])").click()
    page.locator("label:has(input[name=uses])").first.click()


def go_on(page: Page) -> None:
    page.locator("form[data-draft] button.next").click()


def test_four_minutes_without_a_network_then_an_answer_lost_and_one_request(
    live_server: Server, wire: Wire, page: Page
) -> None:
    before = rows(live_server, "select count(*) from requests")
    first_step(page, live_server)
    go_on(page)
    expect(page.locator("#attested")).to_be_visible()
    go_on(page)
    expect(page.locator("input[name=agreed]")).to_be_attached()
    page.wait_for_load_state()  # the page is whole, its scripts too, before the wire goes
    wire.cut()
    page.locator("label:has(input[name=agreed])").click()
    go_on(page)
    waits = page.locator("[data-draft-waits]")
    expect(waits).to_be_visible()
    page.clock.run_for(240_000)
    expect(waits).to_be_visible()
    assert any(one.startswith("draft ") for one in page.evaluate(KEPT))
    wire.mend()
    page.clock.run_for(5_000)
    name = page.get_by_label("Nom de la personne")
    expect(name).to_be_visible()
    expect(waits).to_be_hidden()
    name.fill(NAME)
    page.get_by_label("Téléphone").fill(CALL)
    page.clock.run_for(1_000)
    expect(page.locator("html[data-draft=kept]")).to_be_attached()
    kept = page.evaluate(KEPT)
    assert [one for one in kept if one.startswith("key ")] == ["key AES-GCM stays"]
    assert not [one for one in kept if "Canari" in one or "0699" in one or "06 99" in one]
    stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "Canari" not in stored
    wire.deaf = True
    go_on(page)
    expect(waits).to_be_visible()
    wire.deaf = False
    page.clock.run_for(5_000)
    page.wait_for_url("**/sharing/requests/D-*")
    expect(page.get_by_role("heading", level=1)).to_contain_text(NAME)
    ((count,),), ((now,),) = before, rows(live_server, "select count(*) from requests")
    assert now == count + 1
    assert page.evaluate(KEPT) == []


def test_a_commune_is_found_without_a_network_and_the_request_leaves_when_it_is_back(
    live_server: Server, wire: Wire, page: Page
) -> None:
    with page.expect_event("requestfinished", lambda asked: "/places/near/" in asked.url):
        page.goto(f"{wire.url}/sharing/new")
    first_step(page, live_server)
    go_on(page)
    expect(page.locator("#attested")).to_be_visible()
    go_on(page)
    page.locator("label:has(input[name=agreed])").click()
    go_on(page)
    page.get_by_label("Nom de la personne").fill("Zélie Commune-Canari")
    page.get_by_label("Téléphone").fill("06 99 00 33 44")  # nobody else's: a known one is asked about
    page.wait_for_load_state()
    wire.cut()
    postcode, commune = page.locator("input[name=postcode]"), page.locator("input[name=commune]")
    commune.fill("avanne av")
    page.get_by_role("button", name="Avanne-Aveney (25720)").click()
    expect(postcode).to_have_value("25720")
    expect(commune).to_have_value("Avanne-Aveney")
    commune.fill("")
    postcode.fill("25000")
    expect(commune).to_have_value("Besançon")
    go_on(page)
    expect(page.locator("[data-draft-waits]")).to_be_visible()
    wire.mend()
    page.clock.run_for(5_000)
    page.wait_for_url("**/sharing/requests/D-*")
    code = page.url.rpartition("/")[2]
    assert rows(live_server, f"select commune_code from requests where code = '{code}'") == [("25056",)]


def test_a_draft_is_taken_up_again_after_the_page_was_closed_and_goes_at_sign_out(
    live_server: Server, wire: Wire, page: Page
) -> None:
    first_step(page, live_server)
    go_on(page)
    expect(page.locator("#attested")).to_be_visible()
    page.clock.run_for(1_000)
    expect(page.locator("html[data-draft=kept]")).to_be_attached()
    page.goto(f"{wire.url}/sharing/new")
    page.locator("[data-draft-resume]").click()
    expect(page.locator("#attested")).to_be_visible()
    page.evaluate("document.querySelector(\"form[action$='/sign-in/out']\").requestSubmit()")
    page.wait_for_url("**/sign-in*")
    assert page.evaluate(KEPT) == []


def test_a_draft_goes_after_a_day(live_server: Server, wire: Wire, page: Page) -> None:
    first_step(page, live_server)
    page.clock.run_for(1_000)
    expect(page.locator("html[data-draft=kept]")).to_be_attached()
    page.clock.fast_forward("25:00:00")
    expect(page.locator("html[data-draft=kept]")).not_to_be_attached()
    assert page.evaluate(KEPT) == []
