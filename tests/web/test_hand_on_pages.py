"""The pages of a service of several people: away and covered, handed on before somebody leaves, told to who receives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.parties.households import HouseholdReading
from ordi.parties.people import Person, Role, appoint, welcome
from ordi.sharing.hand_ons import HandOn
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.sharing import families
from tests.sharing.families import a_request
from tests.web.conftest import form_to

Enter = Callable[[Person], TestApp]

TODAY = NOW.date()


@pytest.fixture(autouse=True)
def the_apps_own_keys(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files opened by the tests are sealed with the keys of the application that reads them."""
    monkeypatch.setattr(families, "SEALER", app.extensions["ordi-sealer"])


@pytest.fixture
def nadia(session: Session, cast: Cast) -> Person:
    """Another social worker of Inès's service."""
    person = welcome(session, "Nadia Ferrand", at=cast.at)
    appoint(session, person, Role.SOCIAL_WORKER, cast.partner, at=cast.at)
    return person


def test_a_worker_says_she_is_away_and_her_colleague_finds_her_files_and_each_reading_is_kept(
    session: Session, cast: Cast, enter: Enter, nadia: Person
) -> None:
    code = a_request(session, cast).code
    session.commit()
    form = form_to(enter(cast.ines).get("/sharing/absences"), "/sharing/absences")
    form["first"], form["last"] = TODAY.isoformat(), (TODAY + timedelta(days=4)).isoformat()
    form["cover"] = str(nadia.id)
    assert "Nadia Ferrand vous remplace" in form.submit().follow()
    hers = enter(nadia)
    assert "Vous remplacez Inès Moreau" in hers.get("/")
    page = hers.get("/sharing/absences")
    page.click(code)
    assert [one.person_id for one in session.scalars(select(HouseholdReading))] == [nadia.id]
    ended = form_to(page, "/end").submit().follow()
    assert code not in ended
    assert "Vous remplacez" not in hers.get("/")


def test_closing_an_account_says_whose_files_are_open_and_offers_the_hand_on_in_one_act(
    session: Session, cast: Cast, enter: Enter, nadia: Person
) -> None:
    codes = [a_request(session, cast).code for _ in range(3)]
    session.commit()
    administrator = enter(cast.zoe)
    page = administrator.get(f"/administration/people/{cast.ines.id}")
    assert "3 dossiers ouverts" in page
    for way in ("/leave", "/end"):
        refused = form_to(page, way).submit(status=409)
        assert "Confiez d’abord ses dossiers" in refused
    form = form_to(page, "/sharing/followers")
    form["taker"] = str(nadia.id)
    after = form.submit().follow()
    assert "3 dossiers sont confiés à Nadia Ferrand." in after
    assert not [code for code in codes if code in page or code in after]
    assert "Inès Moreau n’entre plus." in form_to(after, "/leave").submit().follow()
    hers = enter(nadia)
    assert "3 familles vous sont confiées" in hers.get("/")
    told = hers.get("/sharing/absences")
    assert "3 dossiers suivis par Inès Moreau" in told
    form_to(told, "/sharing/received").submit().follow()
    assert "vous sont confiées" not in hers.get("/")
    assert session.scalars(select(HandOn)).one().seen_at is not None


def test_the_lead_counts_and_hands_on_without_opening_a_file(
    session: Session, cast: Cast, enter: Enter, nadia: Person
) -> None:
    request = a_request(session, cast, note="Un mot")
    session.commit()
    lead = enter(cast.paul)
    page = lead.get("/sharing/service").click("Qui suit les familles")
    form = form_to(page, "/sharing/followers")
    form["taker"] = str(nadia.id)
    after = form.submit().follow()
    assert "Nadia Ferrand" in after
    assert not [word for word in (request.code, "Amina", "Un mot") for told in (page, after) if word in told]
    lead.get(f"/sharing/requests/{request.code}", status=403)
    assert list(session.scalars(select(HouseholdReading))) == []


def test_families_whom_nobody_follows_wait_on_the_first_page_of_the_lead_and_the_pole(
    session: Session, cast: Cast, enter: Enter
) -> None:
    a_request(session, cast)
    cast.ines.left_at = NOW - timedelta(hours=1)
    session.commit()
    for person in (cast.paul, cast.ada, cast.zoe):
        assert "une famille n’est plus suivie par personne" in enter(person).get("/")
    assert "N’est plus là" in enter(cast.ada).get("/sharing/followers")
    assert "plus suivie" not in enter(cast.lise).get("/")
