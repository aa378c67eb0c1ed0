"""The pack, the exchange and the signed sheet, by clicking."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp, TestResponse

from ordi.machines.lifecycle import State
from ordi.parties.people import Person
from ordi.sharing.allocation import Allocation
from ordi.sharing.packs import PackItem
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.sharing import families
from tests.sharing.families import a_promise, handed_over
from tests.web.conftest import form_to

Enter = Callable[[Person], TestApp]


@pytest.fixture(autouse=True)
def the_apps_own_keys(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files opened by the tests are sealed with the keys of the application that reads them."""
    monkeypatch.setattr(families, "SEALER", app.extensions["ordi-sealer"])


def ticked(page: TestResponse) -> set[str]:
    """What is ticked of the pack."""
    return {box["value"] for box in page.html.select("input[name=bag][checked]")}


def test_scans_tick_the_pack_and_what_is_missing_is_said_until_it_is_there(
    session: Session, cast: Cast, enter: Enter
) -> None:
    machine, other = a_promise(session, cast).machine, a_machine(session, cast)
    session.commit()
    browser = enter(cast.ines)
    page = browser.get(f"/sharing/machines/{machine.tag}/hand-over")
    assert ticked(page) == set()
    form = form_to(page, "/hand-over")
    form["signature_typed"] = "A. D."
    refused = form.submit(status=409)
    assert "L’ordinateur n’est pas coché" in refused.text
    for said, expected in ((other.tag, set()), (machine.tag, {"computer"}), ("chargeur", {"computer", "charger"})):
        form = form_to(page, "/hand-over")
        form["read"], form["check_ins"] = said, "yes"
        page = form.submit(status=200)
        assert ticked(page) == expected
    assert page.html.select_one("input[name=check_ins][value=yes][checked]")
    form = form_to(page, "/hand-over")
    form["signature_typed"] = "A. D."
    after = form.submit(status=302).follow()
    assert "manque : à remettre" in after.text
    rows = session.scalars(select(PackItem).order_by(PackItem.id)).all()
    assert [(one.code, one.scanned, one.handed_at is None) for one in rows] == [
        ("charger", True, False),
        ("mouse", False, True),
        ("leaflet", False, True),
    ]
    assert "À remettre" in browser.get("/").text
    page = browser.get("/sharing/awaited")
    for _ in range(2):
        page = form_to(page, "/pack").submit(status=302).follow()
    assert "Rien ne manque" in page.text
    enter(cast.noor).get("/sharing/awaited").mustcontain("Rien ne manque")


def test_ada_exchanges_a_failing_machine_from_its_label_to_the_receipt(
    session: Session, cast: Cast, enter: Enter
) -> None:
    given, other = handed_over(session, cast), a_machine(session, cast)
    session.commit()
    browser = enter(cast.ada)
    form = browser.get("/sharing/exchange").forms["old"]
    form["tag"] = given.machine.tag.lower()
    page = form.submit().follow()
    assert other.tag in page.text
    form = page.forms["new"]
    form["new"] = other.tag
    form = form_to(form.submit(), "/exchange")
    form["files"], form["signature_typed"] = "declined", "A. D."
    done = form.submit(status=302).follow()
    assert "à effacer" in done.text
    session.expire_all()
    assert (given.machine.state, other.state) == (State.RECEIVED, State.HANDED_OVER)
    for who, status in ((cast.sam, 403), (cast.ines, 403), (cast.noor, 404)):
        enter(who).get(f"/sharing/machines/{other.tag}/exchange", status=status)


def test_a_sheet_names_nobody_and_is_typed_in_with_its_day_and_witness(
    session: Session, cast: Cast, enter: Enter
) -> None:
    promise = a_promise(session, cast)
    session.commit()
    browser = enter(cast.ines)
    page = browser.get(f"/sharing/machines/{promise.machine.tag}/hand-over")
    sheet = page.click("Imprimer la feuille")
    assert "".join(one.text for one in sheet.html.select(".letters span")) == promise.machine.tag
    assert "Amina" not in sheet.text
    assert "La personne qui remet" in browser.get("/sharing/hand-over-sheet").text
    form = form_to(page.click("Noter une feuille signée"), "/hand-over")
    for box in form.fields["bag"]:
        box.checked = box._value == "computer"
    form["paper_day"], form["witness"] = NOW.date().isoformat(), str(cast.awa.id)
    form.submit(status=302)
    session.expire_all()
    found = session.scalars(select(Allocation)).one()
    assert (found.signed_on_paper, found.witness, found.machine.state) == (NOW.date(), cast.awa, State.HANDED_OVER)
