"""« Toujours utiles ? »: one message to the office, one press on the page, and nothing lost in silence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.messages.outbox import Message
from ordi.parties.people import Person
from ordi.sharing.requests import Request, RequestState
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.sharing import families
from tests.sharing.families import a_programme, a_request
from web.worker import DUTIES

Enter = Callable[[Person], TestApp]


@pytest.fixture(autouse=True)
def the_apps_own_keys(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files opened by the tests are sealed with the keys of the application that reads them."""
    monkeypatch.setattr(families, "SEALER", app.extensions["ordi-sealer"])


@pytest.fixture
def silent(session: Session, cast: Cast) -> list[Request]:
    """Two requests of the same service, filed long ago."""
    programme = a_programme(session, cast, "calme")
    cast.partner.email = "accueil@exemple.invalid"
    found = [a_request(session, cast, programme, at=NOW - timedelta(days=220)) for _ in range(2)]
    session.commit()
    return found


def work(app: Flask, session: Session, days: int = 0) -> int:
    done = DUTIES["still-wanted"](session, app.extensions["ordi-settings"], NOW + timedelta(days=days))
    session.commit()
    return done


def test_the_office_gets_one_message_with_codes_alone(app: Flask, session: Session, silent: list[Request]) -> None:
    assert [work(app, session), work(app, session)] == [2, 0]
    message = session.scalars(select(Message).where(Message.kind == "still-wanted")).one()
    assert message.recipient == "accueil@exemple.invalid"
    assert [one.code in message.body for one in silent] == [True, True]
    assert "/sharing/confirm" in message.body
    assert "Amina Diallo" not in message.body


def test_one_press_confirms_or_withdraws(
    app: Flask, session: Session, cast: Cast, enter: Enter, silent: list[Request]
) -> None:
    work(app, session, -31)
    work(app, session, -1)
    ines = enter(cast.ines)
    assert "2 demandes sans nouvelles" in ines.get("/").text
    assert "2 demandes sont sans nouvelles depuis longtemps" in ines.get("/sharing").text
    page = ines.get("/sharing/confirm")
    assert page.text.count("À confirmer") >= 2
    forms = {form.action: form for form in page.forms.values()}
    assert "attend toujours, à sa place" in forms[f"/sharing/requests/{silent[0].code}/still-wanted"].submit().follow()
    forms[f"/sharing/requests/{silent[1].code}/withdraw"].submit(status=302)
    session.expire_all()
    assert [one.state for one in silent] == [RequestState.WAITING, RequestState.WITHDRAWN]
    assert "Rien à confirmer" in ines.get("/sharing/confirm").text
    assert "Confirmée par" in ines.get(f"/sharing/requests/{silent[0].code}").text


def test_the_coordinator_sees_those_aside_and_what_to_do(
    app: Flask, session: Session, cast: Cast, enter: Enter, silent: list[Request]
) -> None:
    work(app, session, -31)
    work(app, session, -1)
    ada = enter(cast.ada)
    assert "2 demandes sans nouvelles de leur structure" in ada.get("/sharing/allocations").text
    page = ada.get("/sharing/confirm")
    assert "Appelez la structure" in page.text
    assert "N’est plus utile" not in page.text
    assert "Joindre la structure" in ada.get(f"/sharing/requests/{silent[0].code}").text


def test_what_a_year_of_silence_closed_is_told(
    app: Flask, session: Session, cast: Cast, enter: Enter, silent: list[Request]
) -> None:
    for request in silent:
        request.filed_at = NOW - timedelta(days=500)
    session.commit()
    for day in (-100, -60, -1):
        work(app, session, day)
    page = enter(cast.ines).get("/sharing/confirm")
    assert "Fermées après un an sans nouvelles" in page.text
    assert silent[0].code in page.text
    assert "Fermée : un an sans nouvelles" in enter(cast.ines).get(f"/sharing/requests/{silent[0].code}").text
