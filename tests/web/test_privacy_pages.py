"""A family's rights over its file, and what the administration sees of files: counts and codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.fleet.enrolment import current_enrolment
from ordi.machines.journal import history
from ordi.parties.households import Household, HouseholdReading, Opening, alike
from ordi.parties.people import Person
from ordi.privacy import marks
from ordi.privacy.erasing import Erasure, mark_of
from ordi.sharing.consents import Consent
from ordi.sharing.promises import Allocation
from tests.cast import Cast
from tests.fleet.news import enrolled, news, tell
from tests.ground.clock import NOW
from tests.sharing import families
from tests.sharing.families import a_household, a_programme, a_request, handed_over
from tests.web.conftest import form_to
from web import clock
from web.session import apart
from web.worker import DUTIES

Enter = Callable[[Person], TestApp]
NAME = "Amina Diallo"


@pytest.fixture(autouse=True)
def same_keys(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Families are sealed as the application seals them."""
    monkeypatch.setattr(families, "SEALER", app.extensions["ordi-sealer"])


@pytest.fixture
def given(session: Session, cast: Cast) -> Allocation:
    """A gift handed over to Amina."""
    made = handed_over(session, cast, request=a_request(session, cast, note="Préfère le matin"))
    session.commit()
    return made


def of(given: Allocation) -> str:
    return f"/sharing/requests/{given.request.code}/file"


def the_family(given: Allocation) -> Household:
    assert given.request.household is not None
    return given.request.household


def test_the_file_says_until_when_and_who_read_it(given: Allocation, cast: Cast, enter: Enter) -> None:
    page = enter(cast.ines).get(f"/sharing/requests/{given.request.code}").click(description="Le dossier de la famille")
    assert NAME in page
    assert "Effacé de lui-même le" in page
    assert "Inès Moreau a lu le dossier" in page.html.get_text(" ", strip=True)


def test_what_is_corrected_leaves_nothing_of_what_it_replaces(
    session: Session, given: Allocation, cast: Cast, enter: Enter, app: Flask
) -> None:
    sealer = app.extensions["ordi-sealer"]
    form = form_to(enter(cast.ines).get(of(given)), "/file")
    form["name"], form["phone"] = "Amina Dialo-Roy", "06 98 76 54 32"
    assert "Amina Dialo-Roy" in form.submit().follow()
    session.expire_all()
    assert alike(session, cast.partner, NAME, sealer=sealer) == []
    assert alike(session, cast.partner, "", "+33 6 98 76 54 32", sealer=sealer) == [the_family(given)]
    assert alike(session, cast.other_partner, "", "0698765432", sealer=sealer) == []
    noted = session.scalars(select(HouseholdReading).where(HouseholdReading.what == Opening.CORRECTED)).one()
    assert noted.person_id == cast.ines.id


def test_the_family_takes_everything_along_and_that_is_noted(
    session: Session, given: Allocation, cast: Cast, enter: Enter
) -> None:
    tell(session, enrolled(session, cast, given.machine), news(session, given.machine), at=NOW)
    session.commit()
    ines = enter(cast.ines)
    answer = ines.get(f"{of(given)}.json")
    kept = json.loads(answer.text)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert kept["household"]["name"] == NAME
    (asked,) = kept["requests"]
    assert asked["note"] == "Préfère le matin"
    assert asked["machines"][0]["tag"] == given.machine.tag
    assert asked["machines"][0]["check_ins"] == 1
    assert kept["consents"][0]["given"] is True
    paper = ines.get(f"{of(given)}/paper")
    for said in (NAME, "Préfère le matin", given.machine.tag, asked["machines"][0]["paper"]):
        assert said in paper
    noted = session.scalars(select(HouseholdReading.what).order_by(HouseholdReading.id)).all()
    assert list(noted) == [Opening.EXPORTED, Opening.EXPORTED]


def test_the_service_stops_the_check_ins_for_the_family(
    session: Session, given: Allocation, cast: Cast, enter: Enter
) -> None:
    enrolled(session, cast, given.machine)
    session.commit()
    ines = enter(cast.ines)
    page = form_to(ines.get(of(given)), "/check-ins").submit().follow()
    enrolment = current_enrolment(session, given.machine)
    assert enrolment is not None
    session.refresh(enrolment)
    assert enrolment.stopped_at == NOW
    assert "Arrêtées le" in page
    form_to(page, "/check-ins").submit().follow()
    session.refresh(enrolment)
    assert enrolment.stopped_at is None


def test_a_family_takes_its_consent_back_and_gives_it_again_from_its_file(
    session: Session, cast: Cast, enter: Enter
) -> None:
    code = a_request(session, cast).code
    session.commit()
    ines = enter(cast.ines)
    form = form_to(ines.get(f"/sharing/requests/{code}/file"), "/consent")
    form["language"] = "ar"
    page = form.submit().follow()
    assert "Repris le" in page
    (last,) = session.scalars(select(Consent).where(Consent.given.is_(False)))
    assert (last.language, last.reader_id) == ("ar", cast.ines.id)
    assert "La famille a repris son accord." in ines.get(f"/sharing/requests/{code}")
    assert "Accord repris : à voir avec la famille" in enter(cast.ada).get("/sharing/allocations")
    assert "Une famille a repris son accord" in enter(cast.zoe).get("/administration/privacy")
    page = form_to(page, "/consent").submit().follow()
    assert "lu par Inès Moreau" in page
    assert "a repris son accord" not in ines.get(f"/sharing/requests/{code}")


def test_a_family_that_asks_is_forgotten_and_the_machine_remembers_its_own_life(
    session: Session, given: Allocation, cast: Cast, enter: Enter, app: Flask
) -> None:
    before = [event.hash for event in history(session, given.machine)]
    family = the_family(given)
    page = form_to(enter(cast.ines).get(of(given)), "/erase").submit().follow()
    assert NAME not in page
    session.expire_all()
    assert (family.erased_at, family.name_sealed) == (NOW, None)
    assert [event.hash for event in history(session, given.machine)] == before
    assert mark_of(family) in marks.remembered(app.extensions["ordi-settings"].data_dir)
    told = session.scalars(select(Erasure)).one()
    assert (told.households, told.notes, told.signatures) == (1, 1, 1)
    assert "Effacé le" in enter(cast.ines).get(of(given))


def test_a_loan_that_runs_is_a_sentence_with_what_to_do(session: Session, cast: Cast, enter: Enter) -> None:
    programme = a_programme(session, cast, contract="loan", loan_months=12)
    lent = handed_over(session, cast, request=a_request(session, cast, programme))
    session.commit()
    ines = enter(cast.ines)
    page = ines.get(of(lent))
    assert "Gardé : un prêt est en cours" in page.html.get_text(" ", strip=True)
    assert "Reprenez l’ordinateur" in page
    form = form_to(page, "/file")
    form.action = f"{of(lent)}/erase"
    refused = form.submit(status=409)
    assert "un prêt est en cours" in refused
    session.expire_all()
    assert the_family(lent).erased_at is None


def test_the_coordinator_reads_and_erases_but_does_not_rewrite(given: Allocation, cast: Cast, enter: Enter) -> None:
    page = enter(cast.ada).get(of(given))
    assert NAME in page
    assert not [form for form in page.forms.values() if form.action.endswith("/file")]


@pytest.mark.parametrize(("who", "status"), [("noor", 404), ("eva", 404), ("zoe", 403), ("sam", 403), ("said", 403)])
def test_a_file_is_not_for_everyone(given: Allocation, cast: Cast, enter: Enter, who: str, status: int) -> None:
    browser = enter(getattr(cast, who))
    for address in (of(given), f"{of(given)}/paper", f"{of(given)}.json"):
        assert NAME not in browser.get(address, status=status)


def test_the_administration_sees_who_read_which_file_and_no_name(
    given: Allocation, cast: Cast, enter: Enter, queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    ines, zoe = enter(cast.ines), enter(cast.zoe)
    ines.get(of(given))
    with queries() as few:
        page = zoe.get("/administration/readings")
    told = page.html.get_text(" ", strip=True)
    assert f"Inès Moreau a lu le dossier {the_family(given).code}" in told
    assert NAME not in page
    for _ in range(9):
        ines.get(of(given))
    with queries() as many:
        zoe.get("/administration/readings")
    assert len(many) == len(few)


def test_the_administration_sees_what_will_be_erased_then_what_was(
    session: Session, given: Allocation, cast: Cast, enter: Enter, later: Callable[..., None], app: Flask
) -> None:
    waits = a_household(session, cast, "Rosa Lindt")
    a_request(session, cast, household=waits)
    session.commit()
    later(days=735)
    page = enter(cast.zoe).get("/administration/privacy")
    assert "Au prochain passage : un dossier." in page
    app.extensions.pop("ordi-files-looked-at", None)
    with app.app_context():
        for erased in (1, 0):
            with apart() as own:
                assert DUTIES["files past their time"](own, app.extensions["ordi-settings"], clock.now()) == erased
    page = enter(cast.zoe).get("/administration/privacy")
    assert "Au prochain passage : aucun dossier." in page
    assert "fin de la durée" in page
    assert NAME not in page
