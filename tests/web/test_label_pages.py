"""The label room: what is printed, on what, and what is remembered."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.machines.labels import print_free
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.parties.people import Person
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.web.conftest import form_to
from tests.web.test_giving_pages import accepted

Enter = Callable[[Person], TestApp]

pytestmark = pytest.mark.usefixtures("app")


def test_a_label_prints_and_a_second_time_asks_why(session: Session, cast: Cast, enter: Enter) -> None:
    machine = a_machine(session, cast, State.READY)
    session.commit()
    sam = enter(cast.sam)
    page = sam.get(f"/machines/{machine.tag}").click("Imprimer l’étiquette")
    assert "Pourquoi ?" not in page.text
    form = form_to(page, f"/machine/{machine.tag}")
    paper = form.submit("through", value="pdf", status=302).follow()
    assert paper.body.startswith(b"%PDF")
    again = sam.get(f"/labels/for/machine/{machine.tag}")
    form = form_to(again, f"/machine/{machine.tag}")
    assert "pourquoi" in form.submit("through", value="pdf", status=409).text.lower()
    form["why"] = "torn"
    form.submit("through", value="pdf", status=302)
    life = sam.get(f"/machines/{machine.tag}").text
    assert "Étiquette posée" in life
    assert "Étiquette imprimée de nouveau : abîmée" in life


def test_free_labels_are_made_then_printed_where_the_sheet_stopped(session: Session, cast: Cast, enter: Enter) -> None:
    lou = enter(cast.lou)
    form = form_to(lou.get("/labels"), "/labels/free")
    form["count"] = "5"
    choose = form.submit(status=302).follow()
    form = form_to(choose, choose.request.path)
    form.submit("through", value="pdf", status=302).follow()
    next_time = lou.get(choose.request.path + "?stock=24-70x37")
    taken = [box["value"] for box in next_time.html.select('input[name="used"]') if box.has_attr("checked")]
    assert taken == ["0", "1", "2", "3", "4"]
    room = lou.get("/labels")
    assert "5 étiquettes · Lou Martin" in room.text
    number = room.html.select_one(".lines a")["href"]
    assert lou.get(number).content_type == "application/pdf"
    enter(cast.noor).get(number, status=404)
    enter(cast.noor).get(choose.request.path, status=404)


def test_this_device_remembers_its_paper(session: Session, cast: Cast, enter: Enter) -> None:
    machine = a_machine(session, cast, State.READY)
    session.commit()
    sam = enter(cast.sam)
    path = f"/labels/for/machine/{machine.tag}"
    form = form_to(sam.get(path + "?stock=1-57x32"), path)
    form.submit("through", value="pdf", status=302)
    assert "57 × 32" in sam.get(path).html.select_one("#on").parent.text
    assert "62 × 29" in enter(cast.kim).get(path).html.select_one("#on").parent.text


@pytest.mark.parametrize("code", ["1-62x29", "24-70x37", "65-38x21", "1-100x50"])
def test_a_label_comes_on_any_stock(session: Session, cast: Cast, enter: Enter, code: str) -> None:
    machine = a_machine(session, cast, State.PROMISED)
    session.commit()
    sam = enter(cast.sam)
    path = f"/labels/for/machine/{machine.tag}"
    page = sam.get(path, {"stock": code})
    assert form_to(page, path).submit("through", value="pdf", status=302).follow().body.startswith(b"%PDF")


def test_a_shelf_and_an_action_card_carry_one_too(session: Session, cast: Cast, enter: Enter) -> None:
    sam = enter(cast.sam)
    for path in (f"/labels/for/shelf/{cast.workshop.id}/A2", f"/labels/for/card/{cast.workshop.id}/keep"):
        page = sam.get(path)
        assert form_to(page, path).submit("through", value="pdf", status=302).follow().body.startswith(b"%PDF")
    for path in (
        f"/labels/for/shelf/{cast.other_workshop.id}/A2",
        f"/labels/for/shelf/{cast.workshop.id}/{'A' * 30}",
        f"/labels/for/card/{cast.workshop.id}/explode",
        "/labels/for/dragon/1",
        "/labels/for/free/no",
    ):
        sam.get(path, status=404)


def test_a_lot_prints_those_that_carry_none_yet(session: Session, cast: Cast, enter: Enter) -> None:
    lot = accepted(session, enter, cast)
    machines = session.scalars(select(Machine).where(Machine.lot_id == lot.id).order_by(Machine.id)).all()
    sam, path = enter(cast.sam), f"/labels/for/lot/{lot.code}"
    page = sam.get(path)
    assert machines[0].tag in page.text
    assert f"{len(machines)} étiquettes" in page.text
    sheet = form_to(page, path).submit("through", value="pdf", status=302).follow()
    assert sheet.content_type == "application/pdf"
    for machine in machines:
        assert "Étiquette posée" in enter(cast.ada).get(f"/machines/{machine.tag}").text
    enter(cast.noor).get(path, status=404)


def test_a_scanned_square_of_ours_opens_its_page(session: Session, cast: Cast, enter: Enter) -> None:
    sam = enter(cast.sam)
    found = sam.get("/machines/search", {"q": "HTTP://LOCALHOST/A/SHELVE/A2"}, status=302)
    assert found.location.endswith("/A/SHELVE/A2")
    for text in ("HTTP://EVIL.EXAMPLE/A/SHELVE/A2", "HTTP://LOCALHOST/ADMIN/PEOPLE", "http://[", "//localhost/A/X"):
        answer = sam.get("/machines/search", {"q": text}, expect_errors=True)
        assert answer.status_int != 302 or "/A/" not in answer.location


def test_a_free_label_that_was_claimed_is_not_printed_again_as_free(session: Session, cast: Cast, enter: Enter) -> None:
    from ordi.giving.reception import admit

    labels = print_free(session, cast.workshop, 3, by=cast.sam, at=NOW)
    admit(session, labels[0], by=cast.sam, at=NOW)
    session.commit()
    page = enter(cast.sam).get(f"/labels/for/free/{labels[1].id}")
    assert "2 étiquettes" in page.text
    assert labels[0].tag not in page.text
