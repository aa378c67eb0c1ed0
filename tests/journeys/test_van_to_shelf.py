"""From the van to the shelf with a scanner and a thumb: how often a hand must move is counted, and nothing is typed.

The machine's own part (its start on the key, the wipe, the answers to the challenge) is played by tests/bench/benches.py on the
same database; tests/journeys/test_one_life.py has the same life with a real machine.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.bench.intake import receive
from ordi.bench.jobs import WipeJob
from ordi.bench.judging import answer
from ordi.bench.sessions import BenchSession
from ordi.machines.lifecycle import State
from ordi.machines.reports import pack
from tests.bench.benches import Bench, honest, report, send
from tests.ground.scanner import scan
from tests.journeys.test_series import a_lot
from tests.journeys.workshop import PATIENT, PHONE, NewPage, Workshop, enter

pytestmark = pytest.mark.browser

MOST = 9
"""Scans and presses from the van to the shelf, beside the tests that a person must judge: one press each."""


@dataclass
class Hand:
    """A gloved hand: it scans, it presses, and each time is counted by the browser itself."""

    page: Page
    url: str
    scans: int = 0
    clicks: list[str] = field(default_factory=list)

    def scan(self, text: str) -> None:
        """Pull the scanner's trigger."""
        with self.page.expect_navigation():
            scan(self.page, text)
        self.scans += 1

    def press(self, name: str) -> None:
        """One thumb, one press; the page that follows."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name).locator("visible=true").first.click()
        self.clicks.append(name)


def seen_by_the_agent() -> dict[str, Any]:
    """What the agent says of a laptop with one drive, small enough to be overwritten in a wink."""
    drive = {
        "name": "sda",
        "type": "disk",
        "size": 8 << 20,
        "serial": f"E7{uuid4().hex[:8]}",
        "rota": False,
        "tran": "sata",
    }
    raw = {"lsblk": pack(json.dumps({"blockdevices": [drive]}).encode())}
    return {"uuid": str(uuid4()), "format": "ordi-inventory/1", "agent": "0.1.0", "raw": raw, "absences": []}


def on_its_screen(session: Session, bench: BenchSession) -> str:
    """The address in the code that a live system shows."""
    return f"/B/{bench.uuid.replace('-', '')}/{bench.fingerprint}".upper()


def counted(page: Page) -> dict[str, int]:
    """What the browser saw of hands, over every page so far."""
    told: dict[str, int] = json.loads(page.evaluate("sessionStorage.getItem('hands') ?? '{}'"))
    return told


COUNTING = """
const add = (name) => {
  const told = JSON.parse(sessionStorage.getItem('hands') ?? '{}');
  sessionStorage.setItem('hands', JSON.stringify({...told, [name]: (told[name] ?? 0) + 1}));
};
addEventListener('click', (event) => event.isTrusted && event.detail > 0 && add('clicks'), true);
addEventListener('keydown', (event) => event.isTrusted && add(event.key === 'Enter' ? 'scans' : 'keys'), true);
addEventListener('beforeinput', (event) => event.isTrusted && event.inputType.startsWith('insert') && add('typed'), true);
"""
"""A scanner ends each scan with Enter; what it types reaches no field, so whatever a field is given was typed."""


def test_from_the_van_to_the_shelf_in_nine_scans_and_presses(workshop: Workshop, new_page: NewPage) -> None:
    url = workshop.server.url
    workshop.machines(State.READY, 1)  # this workshop has reinstalled something before
    (tag, *_rest) = a_lot(workshop, "L-2026-940", 2)
    page = new_page(**PHONE)
    enter(page, url, "sam", "/giving/receive")
    page.add_init_script(COUNTING)
    page.reload()
    hand = Hand(page, url)

    hand.scan(f"{url}/M/{tag}".upper())  # out of the van
    expect(page.locator("#piles")).to_contain_text(tag)
    with workshop.session() as session:
        bench = Bench(session, datetime.now(UTC)).hello()
        screen, session_id = on_its_screen(session, bench), bench.id
    hand.scan(url.upper() + screen)  # the machine's screen, then its label
    hand.scan(f"{url}/M/{tag}".upper())
    with workshop.session() as session:
        bench = session.get_one(BenchSession, session_id)
        told = seen_by_the_agent()
        receive(session, told, json.dumps(told).encode(), sender=bench, at=datetime.now(UTC))
    page.reload()
    hand.press("Garder et effacer")

    judged = 0  # tests, each a person's own judgement and one press
    while page.locator(".question").count():
        with page.expect_navigation():
            page.locator("button[name=result][value=good]").click()
        hand.clicks.append("good")
        judged += 1
    hand.press("Catégorie A")
    hand.press("C’est nettoyé")

    with workshop.session() as session:  # meanwhile the drive was overwritten and answered the challenge
        at = datetime.now(UTC)
        bench = session.get_one(BenchSession, session_id)
        job = session.scalars(select(WipeJob).where(WipeJob.bench_session_id == bench.id)).one()
        outcome = send(session, report(job, write__ms=40, read__ms=40), bench=bench, at=at)
        assert outcome.challenge is not None
        answer(session, bench, job.uuid, honest(job, outcome.challenge), at=at)
    assert workshop.machine(tag).state == State.SANITISED

    hand.scan(f"{url}/M/{tag}".upper())  # it comes back into the hand, whatever page was open
    hand.press("C’est réinstallé")
    page.wait_for_url(f"**/bench/{tag}/release")
    hand.scan(f"{url}/A/SHELVE/E7".upper())  # the shelf's own card
    expect(page.locator("main")).to_contain_text("E7", timeout=PATIENT)

    machine = workshop.machine(tag)
    assert (machine.state, machine.shelf, machine.grade, machine.profile) == (State.READY, "E7", "A", "bureau")
    seen = counted(page)
    print(f"{hand.scans} scans, {len(hand.clicks) - judged} presses, {judged} tests: {hand.clicks}")
    assert seen.get("typed", 0) == 0
    assert (seen["scans"], seen["clicks"]) == (hand.scans, len(hand.clicks))
    assert hand.scans + len(hand.clicks) - judged <= MOST


def test_a_scanner_is_heard_on_a_page_of_the_bench_that_asks_for_nothing(workshop: Workshop, new_page: NewPage) -> None:
    (first,) = workshop.machines(State.READY, 1, serial="PF0WEDGE7", found_by="lenovo pf0wedge7")
    (second,) = workshop.machines(State.READY, 1)
    url = workshop.server.url
    page = enter(new_page(**PHONE), url, "sam", f"/bench/{first}")
    scan(page, f"{url}/M/{second}".upper())
    page.wait_for_url(f"**/bench/{second}")
    scan(page, "PF0WEDGE7")
    page.wait_for_url(f"**/machines/{first}")


def test_a_shelf_is_no_machine_s_label(workshop: Workshop, new_page: NewPage) -> None:
    (tag,) = workshop.machines(State.READY, 1)
    url = workshop.server.url
    page = enter(new_page(**PHONE), url, "sam", f"/bench/{tag}/shelf")
    scan(page, f"{url}/M/{tag}".upper())
    expect(page.locator("[data-answer-sheet]")).to_contain_text("Ce n’est pas une étagère.")
    assert workshop.machine(tag).shelf == "A1"
