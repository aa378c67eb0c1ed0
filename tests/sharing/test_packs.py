"""What goes with a machine: ticked by a label or a press, never silently; what is missing is said and handed over later."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from ordi.bench.bins import Bin, open_bin
from ordi.bench.part_kinds import Family, kind_of
from ordi.bench.part_moves import Origin, put_in
from ordi.errors import Invalid, NotAllowed, NotFound, SomeoneJustDidThis
from ordi.journeys.pack_reading import AnotherMachine, NotOfThePack, SeveralThings, read_thing
from ordi.machines.custody import holder_of
from ordi.machines.journal import verify
from ordi.machines.machine import Form
from ordi.sharing.hand_over import OnPaper, Pack, PaperDayImpossible, hand_over
from ordi.sharing.packs import COMPUTER, missing_of, pack_of, settle_item
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.sharing.families import a_programme, a_promise, a_request, a_signature, handed_over

CODES = (COMPUTER, "charger", "mouse", "leaflet")


def a_bin(session: Session, cast: Cast, *families: Family) -> Bin:
    """A bin of our workshop with one part of each of these families."""
    box = open_bin(session, cast.workshop, "Bac", "P1", by=cast.sam, at=NOW)
    facts = {Family.CHARGER: {"volts": "19", "plug": "5.5x2.5", "watts": "65"}, Family.MOUSE: {"link": "usb"}}
    for family in families:
        put_in(session, box, kind_of(session, family, facts[family]), Origin.BOUGHT, by=cast.sam, at=NOW)
    return box


def test_a_pack_is_what_the_machine_the_programme_and_the_family_ask_for(session: Session, cast: Cast) -> None:
    school = a_programme(session, cast, "ecole-test", pack=("charger", "library_card", "bag"))
    asks = a_request(session, cast, school, needs=("school", "left_handed_mouse", "large_print", "no_internet"))
    laptop, desktop = a_machine(session, cast), a_machine(session, cast)
    laptop.form, desktop.form = Form.LAPTOP, Form.DESKTOP
    assert pack_of(laptop, asks) == [
        "charger", "left_handed_mouse", "library_card", "bag", "sim_key", "leaflet", "large_print_keyboard",
    ]  # fmt: skip
    assert pack_of(desktop, asks)[:3] == ["large_print_keyboard", "left_handed_mouse", "screen"]


def test_a_label_a_bin_a_serial_and_a_stock_code_each_say_what_is_in_the_hand(session: Session, cast: Cast) -> None:
    machine, box = a_machine(session, cast), a_bin(session, cast, Family.CHARGER)
    kind = kind_of(session, Family.MOUSE, {"link": "usb"})
    put_in(session, box, kind, Origin.BOUGHT, serial="SOURIS-001", by=cast.sam, at=NOW)
    assert read_thing(session, machine, CODES, machine.tag.lower()) == COMPUTER
    assert read_thing(session, machine, CODES, "CHARGER") == "charger"
    assert read_thing(session, machine, CODES, "SOURIS-001") == "mouse"
    with pytest.raises(SeveralThings):
        read_thing(session, machine, CODES, box.tag)
    assert read_thing(session, machine, (COMPUTER, "charger"), f"https://ordi.example/P/{box.tag}") == "charger"


def test_what_is_not_of_this_pack_is_refused(session: Session, cast: Cast) -> None:
    machine = a_machine(session, cast)
    with pytest.raises(AnotherMachine):
        read_thing(session, machine, CODES, a_machine(session, cast).tag)
    for said in ("banana", a_bin(session, cast).tag):
        with pytest.raises(NotOfThePack):
            read_thing(session, machine, CODES, said)


def test_what_is_missing_is_on_the_paper_and_handed_over_later_once(session: Session, cast: Cast) -> None:
    promise = a_promise(session, cast)
    pack = Pack(("charger", "leaflet"), ("charger",), ("mouse", "bag"))
    given = hand_over(session, promise, a_signature(), by=cast.ines, at=NOW, pack=pack)
    assert given.paper
    stated = json.loads(given.paper.facts)
    assert (stated["bag"], stated["missing"]) == (["charger", "leaflet"], ["mouse", "bag"])
    mouse, bag = missing_of(session, given)
    with pytest.raises(NotAllowed):
        settle_item(session, given, mouse.id, True, by=cast.vic, at=NOW)
    settle_item(session, given, mouse.id, True, by=cast.awa, at=NOW)
    settle_item(session, given, bag.id, False, by=cast.ines, at=NOW)
    assert (mouse.handed_by_id, bag.handed_at, missing_of(session, given)) == (cast.awa.id, None, [])
    with pytest.raises(SomeoneJustDidThis):
        settle_item(session, given, mouse.id, True, by=cast.ines, at=NOW)
    with pytest.raises(NotFound):
        settle_item(session, handed_over(session, cast), mouse.id, True, by=cast.ines, at=NOW)


def test_what_was_signed_with_ink_is_kept_as_such(session: Session, cast: Cast) -> None:
    school = a_programme(session, cast, "pret", contract="loan", loan_months=12)
    promise = a_promise(session, cast, request=a_request(session, cast, school))
    later = NOW + timedelta(days=3)
    sheet = OnPaper(NOW.date() + timedelta(days=1), cast.awa)
    given = hand_over(session, promise, sheet, by=cast.ines, at=later)
    assert (given.signed_on_paper, given.witness, given.handed_over_by) == (sheet.day, cast.awa, cast.ines)
    assert given.contract_ends == date(sheet.day.year + 1, sheet.day.month, sheet.day.day)
    assert given.paper
    assert json.loads(given.paper.facts)["signed_on_paper"] == sheet.day.isoformat()
    held = holder_of(session, given.machine)
    assert held
    assert held.signature is None
    assert list(verify(session)) == []


def test_a_sheet_has_a_day_that_was_and_somebody_who_saw_it(session: Session, cast: Cast) -> None:
    promise = a_promise(session, cast)
    for days in (-1, 1):
        with pytest.raises(PaperDayImpossible):
            hand_over(session, promise, OnPaper(NOW.date() + timedelta(days=days), cast.awa), by=cast.ines, at=NOW)
    for who in (cast.sam, cast.noor):
        with pytest.raises(Invalid):
            hand_over(session, promise, OnPaper(NOW.date(), who), by=cast.ines, at=NOW)
