"""An association asks for two computers: it declares, the coordinator verifies and allocates, each is handed over and signed for."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from ordi.machines.lifecycle import State
from ordi.sharing.requests import Request
from tests.journeys.workshop import PASSWORD, PHONE, NewPage, Workshop, cast_of, enter
from tests.sharing.calls import an_association
from tests.sharing.families import a_programme
from web.sign_in.accounts import open_account

pytestmark = pytest.mark.browser

CLUB, SIGNATORY, COORDINATOR = "Club du Canal", "Signataire de Club du Canal", "Ada Benali"
OPEN_TO_ALL = "Le local est ouvert à tous"
PROJECT = "Deux postes en libre accès, le mercredi."


def _a_club(workshop: Workshop) -> None:
    """An association that signs, two programmes that it may ask of, and two computers that are ready."""
    at = datetime.now(UTC)
    with workshop.session() as session:
        cast = cast_of(session)
        _, signs = an_association(session, cast, CLUB)
        open_account(session, signs, "club", PASSWORD, at=at)
        open_account(session, cast.ada, "ada", PASSWORD, at=at)
        said = {"open-to-all": OPEN_TO_ALL}
        told = {"criteria": tuple(said), "sentences": said, "pack": ("charger", "mouse")}
        a_programme(session, cast, "clubs", holder="association", name="Pour les clubs", **told)
        a_programme(session, cast, "fetes", holder="association", name="Pour les fêtes")
    workshop.machines(State.READY, 2)


def _hands_over(page: Page, url: str, code: str) -> str:
    """Everything is in the bag, and who receives writes their name; the tag of the computer."""
    page.goto(f"{url}/sharing/requests/{code}")
    page.get_by_role("link", name=re.compile("^Remettre")).click()
    page.wait_for_url("**/hand-over")
    expect(page.get_by_role("heading", name=CLUB, exact=True)).to_be_visible()
    for thing in ("Chargeur", "Souris"):
        page.get_by_role("checkbox", name=thing).check()
    for box in page.locator("#pack > fieldset input[type=checkbox]").all():
        box.check()
    page.get_by_text("Écrire mon nom à la place").click()
    page.get_by_label("Nom écrit au clavier").fill(SIGNATORY)
    page.get_by_role("button", name=re.compile("^Remettre")).click()
    page.wait_for_url("**/handed-over")
    receipt = page.get_by_role("link", name=re.compile("Reçu de remise"))
    assert page.request.get(f"{url}{receipt.get_attribute('href')}").body().startswith(b"%PDF")
    return page.url.split("/")[-2]


def test_an_association_declares_the_pole_verifies_and_two_computers_are_signed_for(
    own_workshop: Workshop, new_page: NewPage
) -> None:
    _a_club(own_workshop)
    url = own_workshop.server.url

    # The signatory chooses a programme, says the project, declares, and sends.
    club = enter(new_page(**PHONE), url, "club", "/sharing")
    club.get_by_role("link", name="Demander pour ma structure").first.click()
    club.get_by_role("link", name=re.compile("Pour les clubs")).click()
    expect(club.get_by_role("heading", name="Pour les clubs")).to_be_visible()
    expect(club.locator("main")).to_contain_text(re.compile("Avec.*chargeur.*souris", re.IGNORECASE))
    club.get_by_label("Combien d’ordinateurs").fill("2")
    club.locator("#needs").get_by_role("checkbox").first.check()
    club.get_by_label("Le projet, en deux phrases").fill(PROJECT)
    club.get_by_role("checkbox", name=OPEN_TO_ALL).check()
    club.get_by_role("button", name=re.compile("Déposer la demande")).click()
    club.wait_for_url("**/sharing/requests/*")
    past = club.get_by_role("region", name="Ce qui s’est passé")
    expect(past).to_contain_text(re.compile(rf"Déclaré par {SIGNATORY}.*{OPEN_TO_ALL}", re.IGNORECASE))
    expect(past).not_to_contain_text("Vérifié par")
    with own_workshop.session() as session:
        codes = session.scalars(select(Request.code).order_by(Request.id)).all()
    assert len(codes) == 2

    # The coordinator reads what was declared, verifies it, and keeps a computer for each.
    ada = enter(new_page(), url, "ada", "/sharing")
    for code in codes:
        ada.goto(f"{url}/sharing/requests/{code}")
        expect(ada.locator("main")).to_contain_text(PROJECT)
        ada.get_by_role("checkbox", name=OPEN_TO_ALL).check()
        ada.get_by_role("button", name="J’ai vérifié").click()
        past = ada.get_by_role("region", name="Ce qui s’est passé")
        expect(past).to_contain_text(re.compile(rf"Vérifié par {COORDINATOR}.*{OPEN_TO_ALL}", re.IGNORECASE))
        ada.get_by_role("link", name=re.compile("^Attribuer")).click()
        ada.get_by_role("button", name=re.compile("^Attribuer")).first.click()
        expect(ada.get_by_text(re.compile(f"est gardé pour la demande {code}"))).to_be_visible()

    # One signature for each computer; each has its receipt.
    tags = {_hands_over(ada, url, code) for code in codes}
    assert len(tags) == 2
    assert {own_workshop.machine(tag).state for tag in tags} == {State.HANDED_OVER}

    # The association finds both among what it received.
    club.goto(f"{url}/sharing?shelf=handed-over")
    for code in codes:
        expect(club.get_by_role("link", name=code, exact=True)).to_be_visible()
    club.get_by_role("link", name=codes[0], exact=True).click()
    expect(club.get_by_role("region", name="Ce qui s’est passé")).to_contain_text(f"Vérifié par {COORDINATOR}")
