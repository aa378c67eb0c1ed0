"""The label room: what is printed, on what, and what is remembered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest
import zxingcpp
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.bench.loose_drives import Why, remove_drive
from ordi.labels.printers import Printer, add_printer
from ordi.machines.drive import open_sightings
from ordi.machines.labels import print_free
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.parties.people import Person
from ordi.tags import read_tag
from tests.cast import Cast
from tests.factories import a_drive, a_machine
from tests.ground.clock import NOW
from tests.ground.zebra import Zebra, a_zebra
from tests.papers.reading import squares, words
from tests.papers.zpl import read
from tests.web.conftest import form_to
from tests.web.test_giving_pages import accepted
from web.labels.sending import send_waiting

Enter = Callable[[Person], TestApp]
Later = Callable[..., None]

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
    assert lou.get(number).click("PDF").content_type == "application/pdf"
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


def test_a_card_s_page_leads_back_to_a_page_its_reader_may_open(cast: Cast, enter: Enter) -> None:
    path = f"/labels/for/card/{cast.workshop.id}/keep"
    for person, back in ((cast.sam, "/bench/series/cards"), (cast.ada, "/labels")):
        browser = enter(person)
        assert browser.get(path).html.select_one("a.crumb")["href"] == back
        browser.get(back)


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


@pytest.fixture
def printers_allowed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """This server may call printers on this computer."""
    settings = replace(app.extensions["ordi-settings"], printer_networks=(ip_network("127.0.0.0/8"),))
    monkeypatch.setitem(app.extensions, "ordi-settings", settings)


def the_zebra(session: Session, cast: Cast, zebra: Zebra) -> Printer:
    printer = add_printer(
        session, cast.workshop, name="Zebra", address="127.0.0.1", port=zebra.port, by=cast.lou, at=NOW
    )
    session.commit()
    return printer


@pytest.mark.usefixtures("printers_allowed")
def test_one_press_prints_on_the_network_and_pressed_twice_prints_once(
    session: Session, cast: Cast, enter: Enter
) -> None:
    machine = a_machine(session, cast, State.PROMISED)
    with a_zebra() as zebra:
        printer = the_zebra(session, cast, zebra)
        sam, path = enter(cast.sam), f"/labels/for/machine/{machine.tag}"
        form = form_to(sam.get(path + "?stock=1-62x29"), path)
        form["copies"] = "2"
        for _ in range(2):
            page = form.submit("through", value=f"net-{printer.id}", status=302).follow()
            assert page.html.h1.text == "Imprimée"
        assert len(zebra.labels) == 2
    (label,) = {zxingcpp.read_barcodes(read(one)[0].picture())[0].text for one in zebra.labels}
    assert read_tag(label) == machine.tag
    assert sam.get(path).html.select_one("button.next")["value"] == f"net-{printer.id}"


@pytest.mark.usefixtures("printers_allowed")
def test_without_paper_nothing_is_lost_and_it_goes_when_somebody_presses(
    session: Session, cast: Cast, enter: Enter
) -> None:
    machine = a_machine(session, cast, State.PROMISED)
    with a_zebra() as zebra:
        printer = the_zebra(session, cast, zebra)
        zebra.paper_out = True
        sam, path = enter(cast.sam), f"/labels/for/machine/{machine.tag}"
        page = form_to(sam.get(path + "?stock=1-62x29"), path).submit("through", value=f"net-{printer.id}").follow()
        assert page.html.h1.text == "Attend l’imprimante"
        assert "changez le rouleau" in page.text
        assert zebra.labels == []
        zebra.paper_out = False
        assert form_to(page, "/again").submit(status=302).follow().html.h1.text == "Imprimée"
        assert len(zebra.labels) == 1


@pytest.mark.usefixtures("printers_allowed")
def test_the_worker_sends_what_waited(session: Session, cast: Cast, enter: Enter, app: Flask, later: Later) -> None:
    machine = a_machine(session, cast, State.PROMISED)
    with a_zebra() as zebra:
        printer = the_zebra(session, cast, zebra)
        zebra.head_open = True
        sam, path = enter(cast.sam), f"/labels/for/machine/{machine.tag}"
        page = form_to(sam.get(path + "?stock=1-62x29"), path).submit("through", value=f"net-{printer.id}").follow()
        zebra.head_open = False
        later(minutes=2)
        with app.app_context():
            assert send_waiting(session, app.extensions["ordi-settings"], app.extensions["ordi-clock"]()) == 1
        assert sam.get(page.request.path).html.h1.text == "Imprimée"
        assert len(zebra.labels) == 1


@pytest.mark.usefixtures("printers_allowed")
def test_paper_that_ran_out_meanwhile_waits_for_a_person_to_count(session: Session, cast: Cast, enter: Enter) -> None:
    labels = print_free(session, cast.workshop, 4, by=cast.sam, at=NOW)
    with a_zebra() as zebra:
        printer = the_zebra(session, cast, zebra)
        zebra.breaks_after = 2
        sam, path = enter(cast.sam), f"/labels/for/free/{labels[0].id}"
        page = form_to(sam.get(path + "?stock=1-62x29"), path).submit("through", value=f"net-{printer.id}").follow()
        assert page.html.h1.text == "Peut-être imprimée"
        assert "Comptez" in page.text
        form_to(page, "/seen").submit(status=302)
        assert sam.get(page.request.path).html.h1.text == "Imprimée"


def test_a_server_without_printer_networks_calls_nobody(session: Session, cast: Cast, enter: Enter) -> None:
    with a_zebra() as zebra:
        printer = the_zebra(session, cast, zebra)
        machine = a_machine(session, cast, State.PROMISED)
        session.commit()
        sam, path = enter(cast.sam), f"/labels/for/machine/{machine.tag}"
        page = form_to(sam.get(path + "?stock=1-62x29"), path).submit("through", value=f"net-{printer.id}").follow()
        assert "n’a le droit d’appeler aucune imprimante" in page.text
        asked = form_to(sam.get("/labels/printers"), f"/{printer.id}/ask").submit().follow()
        assert "n’a le droit d’appeler aucune imprimante" in asked.text
        assert zebra.asked == 0


@pytest.mark.usefixtures("printers_allowed")
def test_a_printer_is_asked_how_it_is(session: Session, cast: Cast, enter: Enter) -> None:
    with a_zebra() as zebra:
        printer = the_zebra(session, cast, zebra)
        sam = enter(cast.sam)
        ask = form_to(sam.get("/labels/printers"), f"/{printer.id}/ask")
        assert "Elle est prête" in ask.submit().follow().text
        zebra.paused = True
        assert "Elle est en pause" in ask.submit().follow().text


def test_a_file_for_label_printers_is_downloaded(session: Session, cast: Cast, enter: Enter) -> None:
    machine = a_machine(session, cast, State.PROMISED)
    session.commit()
    sam, path = enter(cast.sam), f"/labels/for/machine/{machine.tag}"
    sheet = form_to(sam.get(path + "?stock=1-51x25"), path).submit("through", value="zpl", status=302).follow()
    assert "attachment" in sheet.headers["Content-Disposition"]
    (label,) = read(sheet.body)
    assert read_tag(zxingcpp.read_barcodes(label.picture())[0].text) == machine.tag


def test_a_lead_adds_a_printer_and_anybody_calibrates_it(session: Session, cast: Cast, enter: Enter) -> None:
    lou = enter(cast.lou)
    form = form_to(lou.get("/labels/printers"), "/labels/printers")
    form["name"], form["address"] = "Zebra", "http://evil"
    assert "Un nom ou un numéro de réseau" in form.submit(status=422).text
    form["address"] = ""
    form.submit(status=302)
    sam = enter(cast.sam)
    page = sam.get("/labels/printers").click("Régler")
    assert page.click("La page de réglage").body.startswith(b"%PDF")
    form = form_to(page, "/calibration")
    form["across"], form["down"], form["from_left"], form["from_top"] = "149,2", "env. 200", "20", "20"
    assert "Des millimètres" in form.submit(status=422).text
    form["down"] = "100"
    assert "mise à l’échelle" in form.submit(status=409).text
    form["down"] = "199.5"
    assert "Réglée le" in form.submit(status=302).follow().text
    assert "Ajouter une imprimante" not in sam.get("/labels/printers").text


def test_a_stock_is_measured_drawn_refused_then_kept(session: Session, cast: Cast, enter: Enter) -> None:
    sam = enter(cast.sam)
    form = form_to(sam.get("/labels/stocks/new?like=14-99x38"), "/labels/stocks")
    form["name"], form["left"] = "Boîte verte", "12,5"
    drawn = form.submit("look", value="1")
    assert "dépasse de 3,2 mm à droite" in drawn.text
    assert drawn.html.select(".cell-off")
    assert "dépasse de 3,2 mm à droite" in form.submit(status=422).text
    form["left"] = "large"
    assert "Marge gauche : entre 0 et" in form.submit(status=422).text
    form["left"] = "4.6"
    assert "Boîte verte (99,1 × 38,1 mm)" in form.submit(status=302).follow().text
    machine = a_machine(session, cast, State.PROMISED)
    session.commit()
    path = f"/labels/for/machine/{machine.tag}"
    choose = sam.get(path).click("Boîte verte")
    assert form_to(choose, path).submit("through", value="pdf", status=302).follow().body.startswith(b"%PDF")
    assert "Boîte verte" not in enter(cast.noor).get("/labels/stocks").text
    form_to(sam.get("/labels/stocks"), "/retire").submit(status=302)
    sam.get("/labels/stocks")  # the answer, said once
    assert "Boîte verte" not in sam.get(path).text


def test_a_loose_drive_carries_a_label_that_opens_its_page(
    session: Session, cast: Cast, enter: Enter, tmp_path: Path
) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    drive = a_drive(session, machine)
    (sighting,) = [one for one in open_sightings(session, machine) if one.drive_id == drive.id]
    remove_drive(session, sighting, Why.FAULTY, by=cast.sam, witness=cast.kim, at=NOW)
    session.commit()
    sam = enter(cast.sam)
    page = sam.get("/bench/loose-drives").click("Ouvrir").click("Étiquette")
    sheet = form_to(page, page.request.path).submit("through", value="pdf", status=302).follow().body
    assert "À effacer 16/11/2026" in words(sheet, tmp_path)
    assert f"…{drive.serial[-4:]}" in words(sheet, tmp_path)
    assert drive.serial not in words(sheet, tmp_path)
    (square,) = squares(sheet, tmp_path)
    opened = sam.get("/machines/search", {"q": square}, status=302).follow(status=302).follow()
    assert f"…{drive.serial[-4:]}" in opened.html.h1.text
    sam.get("/labels/for/drawer/" + str(cast.workshop.id), status=200)
    noor = enter(cast.noor)
    noor.get(opened.request.path, status=404)
    noor.get(f"/labels/for/drive/{drive.id}", status=404)
    noor.get(square.lower().removeprefix("http://localhost").replace("/d/", "/D/"), status=404)
