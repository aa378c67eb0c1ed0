"""Gloves on and no network: one's badge and four pictures open the device one came in at today, and nothing of anybody else's.

The wire is really cut. When it carries again the server asks for the badge itself before it takes anything.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from ordi.bench.acts import BenchAct
from ordi.machines.lifecycle import State
from tests.ground.browser import Axe
from tests.ground.network import Wire, wired
from tests.ground.scanner import scan
from tests.journeys.test_badges import PICTURES, badge, come_in, registered
from tests.journeys.workshop import PATIENT, PHONE, NewPage, Workshop, begin, cast_of, open_series, waits
from web.sign_in.badges import end_badges
from web.sign_in.devices import BenchDevice

pytestmark = pytest.mark.browser

WRONG = ["boat", "boat", "key", "cat"]
SAM, KIM = "Sam Petit", "Kim Tran"

_STORE = """(work) => new Promise(done => { const asked = indexedDB.open('ordi-bench');
  asked.onsuccess = () => { const told = asked.result.transaction('kept', 'readwrite'); const store = told.objectStore('kept');
    const answer = store.get('unlocking'); let rows;
    answer.onsuccess = () => { rows = answer.result ?? [];
      if (work) { for (const row of rows) row.until = Date.now() - 1; store.put(rows, 'unlocking'); } };
    told.oncomplete = () => { asked.result.close(); done(rows.map(row => ({ ...row, salt: [...row.salt], iv: [...row.iv],
      sealed: [...new Uint8Array(row.sealed)] }))); }; }; })"""


@pytest.fixture
def wire(workshop: Workshop) -> Iterator[Wire]:
    """Between the device and the server."""
    with wired(workshop.server.url) as wire:
        yield wire


@pytest.fixture
def device(workshop: Workshop, wire: Wire, new_page: NewPage) -> Page:
    """A device of the workshop whose page of series is in place, and at which nobody stands."""
    page = new_page(**PHONE)
    registered(workshop, page.context)
    return page


def kept(page: Page, *, aged: bool = False) -> list[dict[str, object]]:
    """What this device keeps to open without a network; `aged`: its time is over."""
    rows: list[dict[str, object]] = page.evaluate(_STORE, aged)
    return rows


def left_alone(page: Page, wire: Wire) -> Page:
    """Its page closed, nobody's hand on it for six minutes, opened again."""
    context = page.context
    page.close()
    page = context.new_page()
    page.add_init_script("""if (!sessionStorage.getItem('away')) { sessionStorage.setItem('away', 'yes');
        localStorage.setItem('ordi-hand', String(Date.now() - 360000)); }""")
    return open_series(page, wire.url)


def show(page: Page, code: str, pictures: list[str]) -> None:
    """Show a badge to the scanner, touch four pictures."""
    scan(page, code)
    touch(page, pictures)


def touch(page: Page, pictures: list[str]) -> None:
    """Four pictures, once they are asked for."""
    dialog = page.locator("[data-unlock]")
    expect(dialog).to_be_visible(timeout=PATIENT)
    for name in pictures:
        dialog.locator(f"[data-picture={name}]").click()


def opened_for(page: Page, name: str) -> None:
    """The page is this person's now."""
    expect(page.locator("[data-who]")).to_have_text(name, timeout=PATIENT)
    expect(page.locator("[data-locked]")).to_be_hidden()


def locked(page: Page) -> None:
    """Nobody's page."""
    expect(page.locator("[data-locked]")).to_be_visible(timeout=PATIENT)
    expect(page.locator("[data-choose]")).to_be_hidden()
    expect(page.locator("[data-doing]")).to_be_hidden()


def refused(page: Page, why: str) -> None:
    """The page says no, over the whole screen."""
    sheet = page.locator("[data-answer-sheet]")
    expect(sheet).to_be_visible(timeout=PATIENT)
    expect(sheet).to_contain_text(why)


def done(workshop: Workshop, tags: list[str]) -> list[tuple[str, str]]:
    """Which of these machines the server took an act about, and whose it was."""
    with workshop.session() as session:
        names = {person.id: person.name for person in (cast_of(session).sam, cast_of(session).kim)}
        acts = session.scalars(select(BenchAct).where(BenchAct.tag.in_(tags)).order_by(BenchAct.id))
        return [(act.tag, names[act.person_id]) for act in acts]


def with_the_server(page: Page, wire: Wire, code: str) -> Page:
    """The badge before the server itself."""
    come_in(page, wire.url, code, "/bench/series")
    expect(page.locator("[data-series][data-ready]")).to_be_attached(timeout=PATIENT)
    return page


def test_a_badge_opens_again_without_a_network_and_the_server_still_asks_for_it(
    workshop: Workshop, wire: Wire, device: Page, axe: Axe
) -> None:
    tags = workshop.machines(State.READY, 2)
    code = badge(workshop, "sam")
    come_in(device, wire.url, code, "/bench/series")
    open_series(device, wire.url)
    wire.cut()
    page = left_alone(device, wire)
    locked(page)
    expect(page.locator("[data-bar]")).to_contain_text("Montrez votre badge")
    assert not axe(page)
    scan(page, tags[0])
    refused(page, "Verrouillé")
    page.locator("[data-answer-close]").click()
    show(page, code, WRONG)
    expect(page.locator("[data-unlock-says]")).to_be_visible(timeout=PATIENT)
    assert not axe(page)
    began = time.monotonic()
    touch(page, PICTURES)
    opened_for(page, SAM)
    print(f"from the pictures to the page, without a network: {time.monotonic() - began:.2f} s")
    begin(page, "hold")
    scan(page, tags[0])
    waits(page, 1)
    context = page.context
    page.close()
    page = open_series(context.new_page(), wire.url)  # closed and opened: still Sam's, still without a network
    opened_for(page, SAM)
    waits(page, 1)
    wire.mend()
    page.reload()
    expect(page.get_by_role("link", name="Entrer", exact=True)).to_be_visible(timeout=PATIENT)
    assert done(workshop, tags) == []
    page = with_the_server(page, wire, code)
    waits(page, 0)
    assert done(workshop, tags) == [(tags[0], SAM)]


def test_two_people_at_one_device_without_a_network_each_under_their_own_name(
    workshop: Workshop, wire: Wire, device: Page
) -> None:
    tags = workshop.machines(State.READY, 2)
    codes = {name: badge(workshop, name) for name in ("sam", "kim")}
    for code in (codes["kim"], codes["sam"]):
        come_in(device, wire.url, code, "/bench/series")
    page = open_series(device, wire.url)
    opened_for(page, SAM)
    assert len(kept(page)) == 2
    wire.cut()
    begin(page, "hold")
    scan(page, tags[0])
    waits(page, 1)
    page.locator("[data-answer-sheet]").wait_for(state="hidden")
    show(page, codes["kim"], PICTURES)
    opened_for(page, KIM)
    expect(page.locator("[data-choose]")).to_be_visible()  # what Sam was doing is not hers
    begin(page, "hold")
    scan(page, tags[1])
    waits(page, 1)
    expect(page.locator("[data-bar]")).to_contain_text(f"Gestes de {SAM} : 1")
    wire.mend()
    page.reload()
    expect(page.get_by_role("link", name="Entrer", exact=True)).to_be_visible(timeout=PATIENT)
    assert done(workshop, tags) == []
    page = with_the_server(page, wire, codes["kim"])
    waits(page, 0)
    expect(page.locator("[data-bar]")).to_contain_text(f"Gestes de {SAM} : 1")
    assert done(workshop, tags) == [(tags[1], KIM)]
    page = with_the_server(page, wire, codes["sam"])
    waits(page, 0)
    assert done(workshop, tags) == [(tags[1], KIM), (tags[0], SAM)]


def test_five_wrong_tries_erase_what_opens_and_the_server_counts_for_itself(
    workshop: Workshop, wire: Wire, device: Page
) -> None:
    code = badge(workshop, "sam")
    come_in(device, wire.url, code, "/bench/series")
    page = open_series(device, wire.url)
    wire.cut()
    page = left_alone(page, wire)
    scan(page, code)
    for _ in range(2):
        touch(page, WRONG)
        expect(page.locator("[data-unlock-says]")).to_be_visible(timeout=PATIENT)
        expect(page.locator("[data-unlock] [data-dot][data-on]")).to_have_count(0)
    page = left_alone(page, wire)  # closing the page gives no try back
    scan(page, code)
    for _ in range(2):
        touch(page, WRONG)
        expect(page.locator("[data-unlock-says]")).to_be_visible(timeout=PATIENT)
        expect(page.locator("[data-unlock] [data-dot][data-on]")).to_have_count(0)
    touch(page, WRONG)
    refused(page, "Trop d’essais")
    assert kept(page) == []
    page.locator("[data-answer-close]").click()
    scan(page, code)
    refused(page, "n’ouvre pas ici")
    locked(page)
    wire.mend()
    opened_for(with_the_server(page, wire, code), SAM)


def test_after_its_time_a_badge_opens_with_the_server_only(workshop: Workshop, wire: Wire, device: Page) -> None:
    code = badge(workshop, "sam")
    come_in(device, wire.url, code, "/bench/series")
    page = open_series(device, wire.url)
    wire.cut()
    kept(page, aged=True)
    page = left_alone(page, wire)
    locked(page)
    expect(page.locator("[data-bar]")).to_contain_text("Retrouvez le réseau")
    scan(page, code)
    refused(page, "n’ouvre pas ici")
    assert kept(page) == []


def test_another_person_s_badge_opens_nothing_without_a_network(workshop: Workshop, wire: Wire, device: Page) -> None:
    come_in(device, wire.url, badge(workshop, "sam"), "/bench/series")
    page = open_series(device, wire.url)
    wire.cut()
    page = left_alone(page, wire)
    scan(page, badge(workshop, "kim"))
    refused(page, "n’ouvre pas ici")
    locked(page)


def erased(page: Page, wire: Wire) -> None:
    """At the next contact nothing is left that opens without a network."""
    page.goto(f"{wire.url}/sign-in/badge")
    page.wait_for_function(f"async () => (await ({_STORE})(false)).length === 0", timeout=PATIENT)


def test_a_badge_that_ended_is_erased_at_the_next_contact(workshop: Workshop, wire: Wire, device: Page) -> None:
    come_in(device, wire.url, badge(workshop, "sam"), "/bench/series")
    assert len(kept(open_series(device, wire.url))) == 1
    with workshop.session() as session:
        end_badges(session, cast_of(session).sam, at=datetime.now(UTC))
    erased(device, wire)


def test_a_device_that_was_removed_is_emptied_at_the_next_contact(workshop: Workshop, wire: Wire, device: Page) -> None:
    come_in(device, wire.url, badge(workshop, "sam"), "/bench/series")
    assert len(kept(open_series(device, wire.url))) == 1
    with workshop.session() as session:
        newest = session.scalars(select(BenchDevice).order_by(BenchDevice.id.desc())).first()
        assert newest
        newest.ended_at = datetime.now(UTC)
    erased(device, wire)


def test_at_the_door_itself_a_badge_opens_series_when_the_network_goes(
    workshop: Workshop, wire: Wire, device: Page
) -> None:
    code = badge(workshop, "sam")
    come_in(device, wire.url, code, "/bench/series")
    open_series(device, wire.url)
    device.goto(f"{wire.url}/sign-in/badge?next=/bench")
    expect(device.locator("[data-scan]")).to_be_visible()
    wire.cut()
    scan(device, code)
    for name in PICTURES:
        device.locator(f"[data-picture={name}]").click()
    device.wait_for_url(f"{wire.url}/bench/series")
    opened_for(device, SAM)


def test_what_stays_on_the_device_is_neither_the_badge_nor_the_pictures(
    workshop: Workshop, wire: Wire, device: Page
) -> None:
    code = badge(workshop, "sam")
    come_in(device, wire.url, code, "/bench/series")
    (row,) = kept(open_series(device, wire.url))
    assert set(row) == {"name", "mark", "salt", "iv", "sealed", "at", "until", "wrong"}
    assert code.removeprefix("ORDIBADGE") not in json.dumps(row).upper()
    sealed = row["sealed"]
    assert isinstance(sealed, list)
    assert SAM.encode() not in bytes(sealed)
    assert (row["until"], row["wrong"]) == (int(str(row["at"])) + 12 * 3600 * 1000, 0)
