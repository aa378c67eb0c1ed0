"""The bench without a network: nothing done is lost, nothing is done twice, and what cannot be done is shown to its person.

The wire between the phones and the server is really cut: connections are refused, or answers never come back.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from ordi.bench.acts import BenchAct
from ordi.machines.lifecycle import State
from ordi.parties.people import Person
from tests.ground.browser import Axe
from tests.ground.network import Wire, wired
from tests.ground.scanner import scan
from tests.journeys.workshop import PATIENT, PHONE, NewPage, Workshop, begin, enter, open_series, waits
from web.sign_in.sessions import SignInSession

pytestmark = pytest.mark.browser


@pytest.fixture
def wire(workshop: Workshop) -> Iterator[Wire]:
    """Between the phones and the server."""
    with wired(workshop.server.url) as wire:
        yield wire


def reopened(page: Page, wire: Wire) -> Page:
    """The same phone, its page closed and opened again."""
    context = page.context
    page.close()
    return open_series(context.new_page(), wire.url)


def done_by(workshop: Workshop, tags: list[str]) -> list[BenchAct]:
    """The acts the server took about these machines, in the order in which it took them."""
    with workshop.session() as session:
        return list(session.scalars(select(BenchAct).where(BenchAct.tag.in_(tags)).order_by(BenchAct.id)))


def test_forty_acts_without_a_network_then_each_once_and_in_order(
    workshop: Workshop, wire: Wire, new_page: NewPage, axe: Axe
) -> None:
    tags = workshop.machines(State.RECEIVED, 20)
    page = open_series(enter(new_page(**PHONE), wire.url, "sam"), wire.url)
    wire.cut()
    page = reopened(page, wire)
    begin(page, "keep")
    for tag in tags:
        scan(page, tag)
    waits(page, 20)
    page = reopened(page, wire)
    waits(page, 20)
    expect(page.locator("[data-heading]")).to_have_text("Garder")
    scan(page, f"{wire.url}/A/CLEAN".upper())
    for tag in tags:
        scan(page, tag)
    waits(page, 40)
    page.locator("[data-answer-sheet]").wait_for(state="hidden")
    assert not axe(page)
    page.close()
    assert done_by(workshop, tags) == []
    wire.mend()
    page = open_series(page.context.new_page(), wire.url)
    waits(page, 0)
    acts = done_by(workshop, tags)
    assert [(act.verb, act.tag) for act in acts] == [(verb, tag) for verb in ("keep", "clean") for tag in tags]
    assert all(act.tone == "ok" and act.queued for act in acts)
    assert [act.happened_at for act in acts] == sorted(act.happened_at for act in acts)
    for tag in tags:
        events = workshop.events(tag, "triaged", "cleaned")
        assert [event.action for event in events] == ["triaged", "cleaned"]
        assert all(event.happened_at < event.recorded_at for event in events)


def test_an_answer_lost_on_its_way_does_nothing_twice(workshop: Workshop, wire: Wire, new_page: NewPage) -> None:
    (tag,) = workshop.machines(State.READY, 1)
    page = open_series(enter(new_page(**PHONE), wire.url, "sam"), wire.url)
    begin(page, "hold")
    wire.deaf = True
    scan(page, tag)
    waits(page, 1)
    for _ in range(100):
        if done_by(workshop, [tag]):
            break
        page.wait_for_timeout(100)
    assert len(done_by(workshop, [tag])) == 1
    wire.deaf = False
    page = reopened(page, wire)
    waits(page, 0)
    assert len(done_by(workshop, [tag])) == len(workshop.events(tag, "put_aside")) == 1


def test_two_phones_without_a_network_and_the_same_machine(
    workshop: Workshop, wire: Wire, new_page: NewPage, axe: Axe
) -> None:
    (tag,) = workshop.machines(State.READY, 1)
    phones = {name: open_series(enter(new_page(**PHONE), wire.url, name), wire.url) for name in ("sam", "kim")}
    wire.cut()
    for name, shelf in (("sam", "S1"), ("kim", "K1")):
        scan(phones[name], f"{wire.url}/A/SHELVE/{shelf}".upper())
        scan(phones[name], tag)
        waits(phones[name], 1)
    phones["kim"].close()
    wire.mend()
    sam = reopened(phones["sam"], wire)
    waits(sam, 0)
    expect(sam.locator("[data-conflicts]")).to_be_hidden()
    kim = open_series(phones["kim"].context.new_page(), wire.url)
    waits(kim, 0)
    conflict = kim.locator("[data-conflict-list] li")
    expect(conflict).to_have_count(1, timeout=PATIENT)  # the server is asked once the act was answered
    expect(conflict).to_contain_text(tag)
    expect(conflict).to_contain_text("Quelqu’un a agi")
    assert workshop.machine(tag).shelf == "S1"
    kim = reopened(kim, wire)  # it waits until somebody saw it
    assert not axe(kim)
    expect(kim.locator("[data-conflict-list] li")).to_have_count(1, timeout=PATIENT)
    kim.get_by_role("button", name="Vu").click()
    expect(kim.locator("[data-conflicts]")).to_be_hidden()
    kim = reopened(kim, wire)
    expect(kim.locator("[data-conflicts]")).to_be_hidden()


def test_what_was_on_its_way_when_the_page_closed_is_compared_with_what_happened_since(
    workshop: Workshop, new_page: NewPage
) -> None:
    (tag,) = workshop.machines(State.READY, 1)
    url = workshop.server.url
    sam, kim = (open_series(enter(new_page(**PHONE), url, name), url) for name in ("sam", "kim"))
    kim.evaluate("""() => { const fetches = window.fetch;  // what she sends stays on its way, until her page is gone
        window.fetch = (to, told) => String(to).endsWith("/acts") ? new Promise(() => {}) : fetches(to, told); }""")
    for page, shelf in ((kim, "K1"), (sam, "S1")):
        scan(page, f"{url}/A/SHELVE/{shelf}".upper())
    scan(kim, tag)
    waits(kim, 1)
    with sam.expect_response("**/bench/series/acts"):
        scan(sam, tag)
    assert workshop.machine(tag).shelf == "S1"
    context = kim.context
    kim.close()
    kim = open_series(context.new_page(), url)
    waits(kim, 0)
    expect(kim.locator("[data-conflict-list] li")).to_contain_text(tag, timeout=PATIENT)
    assert workshop.machine(tag).shelf == "S1"


def test_what_sam_did_only_sam_can_send(workshop: Workshop, wire: Wire, new_page: NewPage) -> None:
    tags = workshop.machines(State.READY, 2)
    page = open_series(enter(new_page(**PHONE), wire.url, "sam"), wire.url)
    begin(page, "hold")
    wire.cut()
    for tag in tags:
        scan(page, tag)
    waits(page, 2)
    with workshop.session() as session:  # meanwhile the day is over: everybody is signed out
        session.execute(update(SignInSession).values(ended_at=SignInSession.created_at))
    wire.mend()
    page = reopened_at_the_door(page, wire)
    enter(page, wire.url, "kim", "/bench")
    expect(page.locator("[data-queue]")).to_contain_text("2")
    open_series(page, wire.url)
    expect(page.locator("[data-bar]")).to_contain_text("Gestes de Sam Petit : 2")
    forced = page.evaluate(
        """async ([url, form]) => {
          const token = (await (await fetch('/bench/series/state')).json()).token;
          const answer = await fetch(url, {method: 'POST', headers: {'X-CSRFToken': token}, body: new URLSearchParams(form)});
          return [answer.status, (await answer.json()).code];
        }""",
        ["/bench/series/acts", {**_act_of_sam(workshop), "tag": tags[0]}],
    )
    assert forced == [409, "not-your-act"]
    assert done_by(workshop, tags) == []
    sign_out_of(page, wire, waiting=2)
    enter(page, wire.url, "sam")
    expect(page.locator("[data-series][data-ready]")).to_be_attached(timeout=PATIENT)
    waits(page, 0)
    assert [len(workshop.events(tag, "put_aside")) for tag in tags] == [1, 1]
    assert {act.person_id for act in done_by(workshop, tags)} == {_sam(workshop)}


def reopened_at_the_door(page: Page, wire: Wire) -> Page:
    """The same phone opened again, when nobody is signed in any more."""
    context = page.context
    page.close()
    page = context.new_page()
    page.goto(f"{wire.url}/bench/series")
    expect(page.get_by_label("Mot de passe")).to_be_visible(timeout=PATIENT)
    return page


def sign_out_of(page: Page, wire: Wire, *, waiting: int) -> None:
    """Sign out: asked twice while acts wait on this phone."""
    page.goto(f"{wire.url}/bench")
    page.locator("details.me summary").click()
    page.get_by_role("button", name="Sortir").click()
    warning = page.locator("[data-leaving-says]")
    expect(warning).to_be_visible()
    expect(warning).to_contain_text(str(waiting))
    page.get_by_role("button", name="Sortir").click()
    page.wait_for_url("**/sign-in")


def _sam(workshop: Workshop) -> int:
    with workshop.session() as session:
        return int(session.scalars(select(Person.id).where(Person.name == "Sam Petit")).one())


def _act_of_sam(workshop: Workshop) -> dict[str, str]:
    return {
        "uuid": str(uuid4()),
        "device": str(uuid4()),
        "person": f"OP-{_sam(workshop):04d}",
        "verb": "hold",
        "happened_at": "2026-11-22T10:00:00Z",
    }


def test_what_was_not_sent_yet_is_undone_without_a_trace(workshop: Workshop, wire: Wire, new_page: NewPage) -> None:
    tags = workshop.machines(State.RECEIVED, 2)
    page = open_series(enter(new_page(**PHONE), wire.url, "sam"), wire.url)
    begin(page, "clean")
    wire.cut()
    for tag in tags:
        scan(page, tag)
    waits(page, 2)
    page.locator("[data-answer-sheet]").wait_for(state="hidden")
    page.locator("[data-undo]").click()
    waits(page, 1)
    wire.mend()
    page = reopened(page, wire)
    waits(page, 0)
    assert [len(workshop.events(tag, "cleaned")) for tag in tags] == [1, 0]


def test_a_phone_keeps_no_more_than_the_bench_needs(workshop: Workshop, wire: Wire, new_page: NewPage) -> None:
    workshop.machines(State.ALLOCATED, 1)
    workshop.machines(State.HANDED_OVER, 1)
    page = open_series(enter(new_page(**PHONE), wire.url, "sam"), wire.url)
    kept = page.evaluate(
        """() => new Promise(done => { const asked = indexedDB.open('ordi-bench');
          asked.onsuccess = () => { const store = asked.result.transaction('kept').objectStore('kept');
            store.get('state').onsuccess = event => done(event.target.result); }; })"""
    )
    assert set(kept) == {"person", "at", "locks", "sitting", "machines", "lots", "refused"}
    assert set(kept["person"]) == {"code", "name"}
    assert all(len(row) == 7 for row in kept["machines"])
    assert "handed_over" not in {row[2] for row in kept["machines"]}
    assert page.evaluate("document.documentElement.outerHTML.includes('csrf_token')") is False


def test_a_phone_that_is_full_says_so_and_takes_nothing_more(workshop: Workshop, wire: Wire, new_page: NewPage) -> None:
    (tag,) = workshop.machines(State.READY, 1)
    page = open_series(enter(new_page(**PHONE), wire.url, "sam"), wire.url)
    begin(page, "hold")
    wire.cut()
    scan(page, tag)
    waits(page, 1)
    page.locator("[data-answer-sheet]").wait_for(state="hidden")
    page.evaluate(
        """() => new Promise(done => { const asked = indexedDB.open('ordi-bench');
          asked.onsuccess = () => { const work = asked.result.transaction('acts', 'readwrite'); const acts = work.objectStore('acts');
            acts.getAll().onsuccess = event => { const { n, ...one } = event.target.result[0];
              for (let i = 1; i < 500; i += 1) acts.add({ ...one, uuid: crypto.randomUUID() }); };
            work.oncomplete = done; }; })"""
    )
    page = reopened(page, wire)
    waits(page, 500)
    begin_again(page, "resume")
    scan(page, tag)
    expect(page.locator("[data-answer-sheet]")).to_contain_text("Plus de place")
    waits(page, 500)
    assert done_by(workshop, [tag]) == []


def begin_again(page: Page, verb: str) -> None:
    """Another action, by its card's own way: the choice, then the verb."""
    page.locator("[data-answer-sheet]").wait_for(state="hidden")
    page.locator("[data-finish]").click()
    begin(page, verb)
