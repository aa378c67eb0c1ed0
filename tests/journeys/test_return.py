"""The end of a loan: the letter, the reminder, what was declared; one comes back to be wiped, another becomes a gift."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from ordi.keys import KeyRing
from ordi.machines.drive import Standing, open_sightings
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.papers import PARIS
from ordi.parties.households import Contact, open_file
from ordi.sharing.allocation import allocate
from ordi.sharing.consents import Consent
from ordi.sharing.filing import Filing, Reading, file_request
from ordi.sharing.hand_over import Pack, hand_over
from ordi.sharing.loan_ends import LoanEnd
from ordi.sharing.programmes import write
from ordi.sharing.rules import Rules
from tests.factories import a_machine
from tests.journeys.workshop import PASSWORD, PHONE, NewPage, Workshop, cast_of, enter
from tests.sharing.families import a_signature
from web.settings import Settings
from web.sign_in.accounts import open_account

pytestmark = pytest.mark.browser


def _lent(workshop: Workshop) -> list[tuple[str, str]]:
    """Two machines whose loan ended yesterday, to be returned when nobody answers: each request's code, and its tag."""
    at = datetime.now(UTC)
    keys = Settings.from_environment(workshop.server.environment).keys_dir
    ended = at.astimezone(PARIS).date() - timedelta(days=1)
    told: dict[str, Any] = {"contract": "loan", "loan_ends": ended, "may_keep": True, "silence": "return"}
    made = []
    with workshop.session() as session:
        cast: Any = cast_of(session)
        for name in ("ines", "ada"):
            open_account(session, getattr(cast, name), name, PASSWORD, at=at)
        rules = Rules(code="preter", name="Prêter", open_from=date(2020, 1, 1), **told)
        programme = write(session, cast.workshop.parent, rules, at=at)
        sealer = KeyRing.open(keys, at=at).sealer()
        for name in ("Famille Canari", "Famille Mésange"):
            contact = Contact(name, address="3 rue des Lilas, 25000 Besançon")
            home = open_file(session, cast.partner, contact, sealer=sealer, by=cast.ines, at=at)
            filing = Filing(programme, ("paperwork",), household=home, consent=Reading("2026-1", "fr"))
            request = file_request(session, cast.partner, filing, by=cast.ines, at=at)
            machine = a_machine(session, cast, State.READY, at=at)
            promise = allocate(session, machine, request, by=cast.ada, at=at)
            hand_over(session, promise, a_signature(), by=cast.ines, at=at, pack=Pack(("charger", "mouse")))
            made.append((request.code, machine.tag))
    return made


def test_a_loan_ends_one_machine_comes_back_and_the_other_is_kept(own_workshop: Workshop, new_page: NewPage) -> None:
    workshop = own_workshop
    (returned, back), (kept, gift) = _lent(workshop)
    url = workshop.server.url

    # The letters leave on paper, with a coupon; one family is reminded, and still says nothing.
    page = enter(new_page(**PHONE), url, "ines", then="/sharing/loans")
    page.get_by_role("button", name=re.compile("Écrire à 2 familles")).click()
    expect(page.get_by_text("2 lettres attendent d’être imprimées")).to_be_visible()
    silent = page.locator("article").filter(has_text=returned)
    silent.get_by_role("button", name="Relancer").click()
    expect(page.locator("article").filter(has_text=returned)).to_contain_text("2 lettres.")

    # The other keeps it: consent is asked anew, and the gift has its paper.
    page.goto(f"{url}/sharing/loans")
    other = page.locator("article").filter(has_text=kept)
    other.get_by_text("Elle le garde").click()
    other.get_by_role("checkbox", name="La personne a dit oui devant moi").check()
    other.get_by_role("button", name="En faire un don").click()
    page.wait_for_url("**/handed-over")
    expect(page.get_by_text("C’est un don. Imprimez son papier.")).to_be_visible()
    paper = page.request.get(f"{url}/sharing/machines/{gift}/receipt.pdf")
    assert paper.body().startswith(b"%PDF")

    # What was declared in advance holds for who said nothing.
    ada = enter(new_page(), url, "ada", then="/sharing/loans")
    ada.locator("article").filter(has_text=returned).get_by_role("button", name=re.compile("Pas de réponse")).click()
    expect(ada.locator("article").filter(has_text=returned)).to_have_count(0)

    # It is brought back: scanned at the desk, with its charger, against a receipt.
    sam = enter(new_page(**PHONE), url, "sam", then="/machines/scan")
    sam.goto(f"{url}/machines/search?q={back}")
    sam.get_by_role("link", name="Reprendre").first.click()
    sam.wait_for_url("**/take-back")
    sam.get_by_role("radio", name="Le prêt est fini").check()
    sam.get_by_role("checkbox", name="Chargeur").check()
    sam.get_by_role("button", name=re.compile("^Reprendre")).click()
    sam.wait_for_url("**/taken-back")
    receipt = sam.get_by_role("link", name=re.compile("Reçu de retour T-"))
    address = receipt.get_attribute("href")
    assert sam.request.get(f"{url}{address}").body().startswith(b"%PDF")

    with workshop.session() as session:
        machine = session.scalars(select(Machine).where(Machine.tag == back)).one()
        assert (machine.state, machine.partner) == (State.RECEIVED, None)
        assert {one.drive.standing for one in open_sightings(session, machine)} <= {Standing.HOLDS_DATA}
        assert session.scalars(select(Machine.state).where(Machine.tag == gift)).one() == State.HANDED_OVER
        ends = session.scalars(select(LoanEnd).order_by(LoanEnd.allocation_id)).all()
        assert [(one.answer, one.by_silence, one.letters) for one in ends] == [("return", True, 2), ("keep", False, 1)]
        assert len(session.scalars(select(Consent)).all()) == 3  # two at the filing, one anew

    # Nothing takes it anywhere before a new wipe.
    sam.goto(f"{url}/machines/{back}")
    expect(sam.get_by_role("link", name="Attribuer")).to_have_count(0)
    expect(sam.get_by_role("link", name="Remettre")).to_have_count(0)
