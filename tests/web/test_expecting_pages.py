"""What somebody who asked may expect: which software, after how long, and what silence does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp, TestResponse

from ordi.parties.people import Person
from ordi.sharing.requests import Request
from ordi.sharing.reservations import remind_silent
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.sharing import families
from tests.sharing.families import a_programme, a_promise, a_request, handed_over, the_programmes
from web.worker import DUTIES

Enter = Callable[[Person], TestApp]


@pytest.fixture(autouse=True)
def the_apps_own_keys(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files opened by the tests are sealed with the keys of the application that reads them."""
    monkeypatch.setattr(families, "SEALER", app.extensions["ordi-sealer"])


def form_with(page: TestResponse, field: str):
    """The form of a page that holds this field."""
    return next(form for form in page.forms.values() if field in form.fields)


def test_the_association_chooses_its_software_and_the_bench_reads_which(
    session: Session, cast: Cast, enter: Enter
) -> None:
    the_programmes(session, cast)
    session.commit()
    browser = enter(cast.said)
    form = form_with(browser.get("/sharing/project"), "profile")
    form.fields["needs"][0].checked = True
    form["profile"] = "formation"
    assert "Formation" in form.submit(status=302).follow().text
    assert session.scalars(select(Request)).one().software == "formation"
    needed = enter(cast.sam).get("/sharing/needs")
    assert "À installer" in needed.text
    assert "1 · Formation" in needed.text


def test_software_that_a_programme_does_not_offer_is_refused_with_what_it_offers(
    session: Session, cast: Cast, enter: Enter
) -> None:
    kit = a_programme(session, cast, "kit", name="Kit", holder="association", profiles=("association",))
    other = a_programme(session, cast, "autre", name="Autre", holder="association", profiles=("bureau", "formation"))
    session.commit()
    said = enter(cast.said)
    form = form_with(said.get(f"/sharing/project?programme={kit.id}"), "profile")
    form.fields["needs"][0].checked = True
    form["profile"].force_value("formation")
    refused = form.submit(status=422)
    assert "« Kit » propose : Association." in refused.text
    form = form_with(said.get(f"/sharing/project?programme={other.id}"), "profile")
    form.fields["needs"][0].checked = True
    form["profile"] = "formation"
    form.submit(status=302)
    assert session.scalars(select(Request)).one().programme_id == other.id


def test_the_usual_delay_stands_beside_the_place_announced_then_measured(
    session: Session, cast: Cast, enter: Enter
) -> None:
    programme = a_programme(session, cast, "delai", usual_delay_days=9)
    waits = a_request(session, cast, programme)
    session.commit()
    page = f"/sharing/requests/{waits.code}"
    announced = enter(cast.ines).get(page)
    assert "9 jours environ" in announced.text
    assert "annoncé" in announced.text
    for days in (2, 4, 6, 8, 10):
        given = handed_over(session, cast, request=a_request(session, cast, programme, at=NOW - timedelta(days=days)))
        assert given.handed_over_at == NOW
    session.commit()
    measured = enter(cast.ines).get(page)
    assert "6 jours environ" in measured.text
    assert "mesuré sur 5 remises" in measured.text
    assert "entre 4 et 8 jours" in measured.text


def test_a_machine_that_went_back_for_silence_is_told_to_the_service_and_to_the_coordinator(
    app: Flask, session: Session, cast: Cast, enter: Enter
) -> None:
    machine = a_promise(session, cast).machine
    remind_silent(session, at=NOW + timedelta(days=20))
    session.commit()
    follow = DUTIES["reservations"]
    assert follow(session, app.extensions["ordi-settings"], NOW + timedelta(days=31)) == 1
    session.commit()
    request = session.scalars(select(Request)).one()
    page = enter(cast.ines).get(f"/sharing/requests/{request.code}")
    assert f"{machine.tag} était gardé pour cette demande" in page.text
    assert "Rendus au stock, sans réponse" in enter(cast.ada).get("/sharing/allocations").text
