"""A call for projects in a real browser: an association writes, loses its page and files; two people mark, one decides."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from ordi.messages.outbox import Message
from ordi.sharing.applications import Application, Outcome
from ordi.sharing.calls import Applicant, Criterion, Opening, open_call
from ordi.sharing.requests import Request
from ordi.sharing.scoring import appoint_juror
from tests.journeys.workshop import PASSWORD, PATIENT, PHONE, NewPage, Workshop, cast_of, enter
from tests.sharing.calls import PROJECT, an_association
from tests.sharing.families import a_programme
from web.sign_in.accounts import open_account

pytestmark = pytest.mark.browser


def _opened(workshop: Workshop) -> str:
    """A call of Ada's, whom Lou judges with; an association's signatory, Ada and Lou may sign in."""
    at = datetime.now(UTC)
    with workshop.session() as session:
        cast = cast_of(session)
        pole = cast.workshop.parent
        assert pole
        cast.__dict__["pole"] = pole
        said = Opening(
            programme=a_programme(session, cast, "appel", holder="association"),
            title="Ordinateurs solidaires",
            words="Pour des projets qui accompagnent.",
            opens=at.date() - timedelta(days=1),
            closes=at.date() + timedelta(days=14),
            applicants=(Applicant.ASSOCIATION,),
            machines=5,
            most_each=4,
            criteria=(Criterion("Qui s’en servira, et comment", 3, 5),),
        )
        call = open_call(session, pole, said, by=cast.ada, at=at)
        for person in (cast.ada, cast.lou):
            appoint_juror(session, call, person, by=cast.ada, at=at)
        _club, signs = an_association(session, cast)
        open_account(session, signs, "signe", PASSWORD, at=at)
        open_account(session, cast.ada, "ada", PASSWORD, at=at)
        return call.code


def test_an_association_applies_and_two_people_decide(workshop: Workshop, new_page: NewPage) -> None:
    url, code = workshop.server.url, _opened(workshop)
    page = enter(new_page(**PHONE), url, "signe", "/sharing/calls")
    page.get_by_role("link", name="Ordinateurs solidaires").click()
    page.get_by_role("link", name="Répondre à cet appel").click()
    page.locator("#project").fill(PROJECT)
    expect(page.locator("form[data-saves]")).to_have_attribute("data-kept", "true", timeout=PATIENT)
    page.goto(f"{url}/sharing/calls")  # the page is lost, what was written is not
    page.goto(f"{url}/sharing/calls/{code}/apply")
    expect(page.locator("#project")).to_have_value(PROJECT)
    page.get_by_label("Combien d’ordinateurs").fill("3")
    page.locator("input[name=needs][value=paperwork]").check()
    page.get_by_role("button", name=re.compile("^Signer et déposer")).click()
    expect(page.get_by_role("heading", name=re.compile("^Candidature .* déposée"))).to_be_visible()

    ada = enter(new_page(), url, "ada", f"/sharing/calls/{code}")
    ada.get_by_role("button", name="Fermer l’appel maintenant").click()
    expect(ada.get_by_role("link", name="Club des Deux-Rives")).to_be_visible()
    for person in (ada, enter(new_page(**PHONE), url, "lou", f"/sharing/calls/{code}")):
        person.get_by_role("link", name="Club des Deux-Rives").click()
        expect(person.get_by_role("heading", name="Vos notes")).to_be_visible()
        expect(person.get_by_text("Qui a noté")).to_have_count(0)  # nobody reads marks before giving theirs
        person.get_by_label("Qui s’en servira").fill("4")
        person.get_by_role("button", name=re.compile("^Donner mes notes")).click()
        person.get_by_role("link", name="Club des Deux-Rives").click()
        expect(person.get_by_role("heading", name="Qui a noté")).to_be_visible()
    ada.goto(f"{url}/sharing/calls/{code}/deliberation")
    expect(ada.get_by_text("80 sur 100")).to_be_visible()
    ada.locator("input[value=in_part]").check()
    ada.get_by_role("spinbutton", name="En partie").fill("2")
    ada.get_by_label("Lou Martin").check()
    ada.get_by_role("button", name=re.compile("^Décider")).click()
    expect(ada.get_by_role("link", name=re.compile(r"^V-\d{4}"))).to_be_visible()

    with workshop.session() as session:
        one = session.scalars(select(Application)).one()
        assert (one.outcome, one.granted) == (Outcome.IN_PART, 2)
        assert len(session.scalars(select(Request).where(Request.application_id == one.id)).all()) == 2
        assert len(session.scalars(select(Message).where(Message.application_id == one.id)).all()) == 1
