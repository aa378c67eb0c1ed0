"""A programme's territory is read and written as people say it: communes by their names."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.parties.people import Person
from ordi.sharing.programmes import Programme
from tests.cast import Cast
from tests.factories import a_machine
from tests.places.test_importing import COMMUNES, brought
from tests.sharing import families
from tests.sharing.families import a_programme, a_request
from tests.web.conftest import form_to
from tests.web.test_programme_pages import last

Enter = Callable[[Person], TestApp]


@pytest.fixture(autouse=True)
def the_apps_own_keys(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(families, "SEALER", app.extensions["ordi-sealer"])


@pytest.fixture(autouse=True)
def known(session: Session, cast: Cast) -> None:
    cast.partner.postcode, cast.partner.commune_code = "25000", "25056"
    brought(session, COMMUNES + "93066;Saint-Denis;93200\n")
    session.commit()


def test_communes_are_written_by_name_and_read_by_name(session: Session, cast: Cast, enter: Enter) -> None:
    form = last(enter(cast.ada).get("/sharing/programmes/write?example=feris"))
    form["communes"], form["postcodes"] = "besancon, ST DENIS (974), 2A004", "25720"
    page = form.submit().follow()
    (draft,) = session.scalars(select(Programme).where(Programme.code == "feris"))
    assert draft.rules.communes == ("25056", "97411", "2A004")
    assert "Besançon ; Saint-Denis (974) ; Ajaccio ; Avanne-Aveney, Beure (25720)" in page.text
    form = last(page.click(description="Modifier"))
    assert form["communes"].value == "Besançon, Saint-Denis (974), Ajaccio"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("Nulle-Part", "Les communes portent un nom que personne ne connaît."),
        ("Saint-Denis", "Les communes portent un nom que plusieurs ont : ajoutez le département"),
    ],
)
def test_a_name_nobody_or_several_bear_is_told(cast: Cast, enter: Enter, typed: str, told: str) -> None:
    form = last(enter(cast.ada).get("/sharing/programmes/write?example=feris"))
    form["communes"] = typed
    page = form.submit(status=422)
    assert told in page.text
    assert last(page)["communes"].value == typed


def test_a_refusal_for_the_territory_names_the_places(session: Session, cast: Cast, enter: Enter) -> None:
    programme = a_programme(session, cast, communes=("25058",))
    request = a_request(session, cast, programme)
    request.commune_code = "25058"
    machine = a_machine(session, cast)
    session.commit()
    form = form_to(enter(cast.ada).get(f"/sharing/machines/{machine.tag}/allocate"), "/sharing/allocations")
    request.commune_code = "25056"  # the family was asked again meanwhile
    session.commit()
    form["version"] = str(request.version)
    page = form.submit(status=409)
    told = page.html.select_one("main").get_text(" ", strip=True)
    assert "Ce dispositif est pour d’autres lieux : Beure. La demande vient d’ailleurs : Besançon." in told
