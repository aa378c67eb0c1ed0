"""A family comes for its machine: a moment chosen on a telephone, the reminder, the signature, the contract in its words."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.keys import KeyRing
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.papers import PARIS
from ordi.parties.households import Contact, open_file
from ordi.sharing.allocation import allocate
from ordi.sharing.appointments import remind
from ordi.sharing.bookings import Appointment
from ordi.sharing.desks import open_desk
from ordi.sharing.filing import Filing, Reading, file_request
from ordi.sharing.programmes import write
from ordi.sharing.rules import Rules
from tests.factories import a_machine
from tests.journeys.workshop import PASSWORD, PHONE, NewPage, Workshop, cast_of, enter
from web.settings import Settings
from web.sign_in.accounts import open_account

pytestmark = pytest.mark.browser


def _promised(workshop: Workshop) -> tuple[str, str]:
    """A machine that Ada keeps for a family of Inès; the workshop receives every day. The request's code, the tag."""
    at = datetime.now(UTC)
    keys = Settings.from_environment(workshop.server.environment).keys_dir
    with workshop.session() as session:
        cast: Any = cast_of(session)
        every_day = dict.fromkeys(range(1, 8), "9h-12h")
        open_desk(session, cast.workshop, every_day, minutes=30, at_once=2, by=cast.ada, at=at)
        open_account(session, cast.ines, "ines", PASSWORD, at=at)
        rules = Rules(code="venir", name="Venir", contract="gift", open_from=date(2020, 1, 1))  # type: ignore[call-arg, arg-type]
        programme = write(session, cast.workshop.parent, rules, at=at)
        sealer = KeyRing.open(keys, at=at).sealer()
        home = open_file(
            session, cast.partner, Contact("Famille Canari", language="tr"), sealer=sealer, by=cast.ines, at=at
        )
        filing = Filing(programme, ("paperwork",), household=home, consent=Reading("2026-1", "tr"))
        request = file_request(session, cast.partner, filing, by=cast.ines, at=at)
        machine = a_machine(session, cast, State.READY, at=at)
        allocate(session, machine, request, by=cast.ada, at=at)
        return request.code, machine.tag


def _sign(page: Page) -> None:
    canvas = page.locator("canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    page.mouse.move(box["x"] + 30, box["y"] + 40)
    page.mouse.down()
    for step in range(1, 12):
        page.mouse.move(box["x"] + 30 + step * 14, box["y"] + (60 if step % 2 else 30))
    page.mouse.up()


def _reminded(session: Session) -> int:
    """The worker, the day before, at noon."""
    begins = session.scalars(select(Appointment.begins)).one()
    day = begins.astimezone(PARIS).date() - timedelta(days=1)
    return remind(session, at=datetime.combine(day, time(12), PARIS))


def test_a_family_is_given_a_moment_reminded_of_it_and_comes(workshop: Workshop, new_page: NewPage) -> None:
    code, tag = _promised(workshop)
    page = enter(new_page(**PHONE), workshop.server.url, "ines", then="/sharing")
    page.goto(f"{workshop.server.url}/sharing/requests/{code}")
    page.get_by_role("link", name="Prendre rendez-vous").click()
    page.locator("fieldset").nth(2).locator("label.slot").first.click()
    page.get_by_role("button", name=re.compile("Prendre ce rendez-vous")).click()
    expect(page.get_by_text("La famille sera prévenue")).to_be_visible()

    with workshop.session() as session:
        assert _reminded(session) == 1
        assert _reminded(session) == 0
    page.goto(f"{workshop.server.url}/messages")
    expect(page.get_by_role("heading", name="Rappel du rendez-vous")).to_be_visible()
    page.locator("article").filter(has_text="Rappel du rendez-vous").get_by_role("button", name="C’est dit").click()
    expect(page.get_by_text("C’est noté")).to_be_visible()
    assert "Canari" not in page.content()

    page.goto(f"{workshop.server.url}/sharing/machines/{tag}/hand-over")
    page.get_by_role("checkbox", name=tag).check()
    _sign(page)
    page.get_by_role("button", name=re.compile("^Remettre")).click()
    page.wait_for_url("**/handed-over")
    short = page.locator("#short-tr")
    expect(short).to_be_visible()
    expect(short).to_contain_text("Bu bilgisayar sizin")
    spoken = page.evaluate("speechSynthesis.getVoices().some((one) => one.lang.startsWith('tr'))")
    assert page.locator("[data-listen=short-tr]").is_visible() == spoken

    with workshop.session() as session:
        assert session.scalars(select(Appointment.state)).one() == "kept"
        assert session.scalars(select(Machine.state).where(Machine.tag == tag)).one() == State.HANDED_OVER
