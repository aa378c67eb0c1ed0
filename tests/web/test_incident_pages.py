"""A loss has its page: what was in it, what is to be done and until when, who was told, how it ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi import legal_rules
from ordi.bench.incidents import Incident
from ordi.bench.losses import Loss, lose
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.messages.outbox import Message
from ordi.parties.people import Person
from tests.cast import Cast
from tests.factories import a_drive, a_machine
from tests.ground.clock import NOW
from tests.web.conftest import form_to

Enter = Callable[[Person], TestApp]
pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(autouse=True)
def the_law(app: object, session: Session) -> None:
    legal_rules.ship(session)
    session.commit()


def with_data(session: Session, cast: Cast) -> Machine:
    machine = a_machine(session, cast, State.RECEIVED)
    a_drive(session, machine)
    session.commit()
    return machine


def test_a_theft_opens_its_file_and_writes_to_whoever_has_an_address(
    session: Session, cast: Cast, enter: Enter
) -> None:
    cast.donor.email, cast.pole.email = "don@example.org", "pole@example.org"
    machine = with_data(session, cast)
    page = enter(cast.lou).get(f"/bench/{machine.tag}/lose")
    form = next(form for form in page.forms.values() if "how" in form.fields)
    form["days"] = "1"
    page = form.submit("how", value="stolen").follow()
    assert "des données y sont peut-être" in page.text
    assert "Il reste 48 heures" in page.text
    letters = session.scalars(select(Message).order_by(Message.id)).all()
    assert [one.recipient for one in letters] == ["don@example.org", "pole@example.org"]
    assert machine.tag in letters[0].body
    assert "Lou Martin" not in letters[0].body


def test_the_file_is_followed_step_by_step_to_its_end(session: Session, cast: Cast, enter: Enter) -> None:
    machine = with_data(session, cast)
    incident = lose(session, machine, Loss.STOLEN, by=cast.lou, at=NOW)
    session.commit()
    ada = enter(cast.ada)
    address = f"/incidents/{incident.id}"
    assert machine.tag in ada.get("/incidents").text
    form = form_to(ada.get(address), f"{address}/steps/police")
    form["said"] = "PV 12"
    form.submit()
    form = form_to(ada.get(address), f"{address}/steps/cnil")
    form["said"] = "disque chiffré"
    page = form.submit("needed", value="no").follow()
    assert "Inutile : disque chiffré" in page.text
    for step in ("search", "donor"):
        form_to(ada.get(address), f"{address}/steps/{step}").submit()
    page = form_to(ada.get(address), f"{address}/give-up").submit().follow()
    assert "Perdu pour de bon" in page.text
    assert machine.tag in ada.get("/incidents?show=closed").text
    form_to(page, f"/bench/{machine.tag}/find").submit()
    session.expire_all()
    assert session.get_one(Incident, incident.id).ending == "found"
    assert session.get_one(Machine, machine.id).state == State.RECEIVED


def test_a_letter_is_sent_by_hand_where_no_address_was_known(session: Session, cast: Cast, enter: Enter) -> None:
    incident = lose(session, with_data(session, cast), Loss.NOT_FOUND, by=cast.lou, at=NOW)
    session.commit()
    form = form_to(enter(cast.lou).get(f"/incidents/{incident.id}"), "/tell")
    form["reader"], form["address"] = "donor", "direction@example.org"
    form.submit().follow()
    session.expire_all()
    assert cast.donor.email == "direction@example.org"
    assert session.scalars(select(Message.recipient)).all() == ["direction@example.org"]


def test_an_auditor_reads_the_file_and_changes_nothing(session: Session, cast: Cast, enter: Enter) -> None:
    incident = lose(session, with_data(session, cast), Loss.STOLEN, by=cast.lou, at=NOW)
    session.commit()
    aude = enter(cast.aude)
    page = aude.get(f"/incidents/{incident.id}")
    assert "Porter plainte" in page.text
    assert "/steps/" not in page.text


def test_the_list_takes_as_many_queries_however_long(
    session: Session, cast: Cast, enter: Enter, queries: Callable[[], Any]
) -> None:
    lose(session, with_data(session, cast), Loss.STOLEN, by=cast.lou, at=NOW)
    session.commit()
    ada = enter(cast.ada)

    def asked() -> int:
        ada.get("/incidents")
        with queries() as counted:
            ada.get("/incidents", status=200)
        return len(counted)

    before = asked()
    for _ in range(5):
        lose(session, with_data(session, cast), Loss.NOT_FOUND, by=cast.lou, at=NOW)
    session.commit()
    assert asked() == before


def test_a_correction_by_thumb_is_read_on_the_timeline_and_taken_back(
    session: Session, cast: Cast, enter: Enter
) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    session.commit()
    sam = enter(cast.sam)
    form = form_to(sam.get(f"/bench/{machine.tag}/correct"), "/correct/form")
    form["form"], form["why"] = "desktop", "mistake"
    page = form.submit().follow()
    assert "Sorte d’ordinateur corrigée" in sam.get(f"/bench/{machine.tag}").text
    form_to(page, "/correct/undo").submit()
    session.expire_all()
    assert session.get_one(Machine, machine.id).form == "laptop"


def test_a_technician_corrects_neither_lot_nor_serial_and_a_lead_does(
    session: Session, cast: Cast, enter: Enter
) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    session.commit()
    assert "/correct/serial" not in enter(cast.sam).get(f"/bench/{machine.tag}/correct").text
    form = form_to(enter(cast.lou).get(f"/bench/{machine.tag}/correct"), "/correct/serial")
    form["serial"], form["why"] = "5CD9911ABC", "mistake"
    form.submit().follow()
    session.expire_all()
    assert session.get_one(Machine, machine.id).serial == "5CD9911ABC"
