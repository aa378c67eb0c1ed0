"""From the donor's form to the reception at the workshop, by clicking."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import Form, TestApp, TestResponse

from ordi.giving.collections import slip_of
from ordi.giving.reception import count_of
from ordi.machines.labels import print_free
from ordi.machines.lots import Lot
from ordi.machines.machine import Machine
from ordi.parties.people import Person
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.web.conftest import form_to

Enter = Callable[[Person], TestApp]

pytestmark = pytest.mark.usefixtures("app")


def form_with(page: TestResponse, field: str) -> Form:
    """The form of a page that asks for this."""
    return next(form for form in page.forms.values() if field in form.fields)


def offered(enter: Enter, cast: Cast, laptops: str = "3") -> str:
    """Bruno offers; the address of his offer."""
    page = enter(cast.bruno).get("/giving").click("Proposer un don", index=0)
    form = form_with(page, "laptops")
    form["laptops"] = laptops
    form["note"] = "Quai B"
    return str(form.submit(status=302).location)


def accepted(session: Session, enter: Enter, cast: Cast) -> Lot:
    """Ada accepts Bruno's offer; the lot."""
    page = enter(cast.ada).get(offered(enter, cast))
    form = form_to(page, "/accept")
    form["driver"] = str(cast.theo.id)
    form["on"] = "2026-11-20"
    form.submit(status=302)
    session.expire_all()
    return session.scalars(select(Lot)).one()


def test_bruno_offers_and_reads_the_answer(session: Session, cast: Cast, enter: Enter) -> None:
    where = offered(enter, cast)
    assert "Attend une réponse" in enter(cast.bruno).get(where).text
    form = form_to(enter(cast.ada).get(where), "/decline")
    form["reason"] = "too_old"
    form.submit(status=302)
    page = enter(cast.bruno).get(where)
    assert "Trop vieux pour être réemployés" in page.text


def test_an_empty_offer_says_what_to_correct(cast: Cast, enter: Enter) -> None:
    page = enter(cast.bruno).get("/giving/offers/new")
    form = form_with(page, "laptops")
    assert "entre 1 et 500" in form.submit(status=422).text


def test_a_lot_is_fetched_signed_received_and_closed(session: Session, cast: Cast, enter: Enter) -> None:
    lot = accepted(session, enter, cast)
    page = enter(cast.theo).get(f"/giving/lots/{lot.code}").click("Collecter")
    form = page.forms["round"]
    form["count"], form["signature_typed"] = "2", "B. Faure"
    refused = form.submit(status=409)
    assert "Dites pourquoi" in refused.text
    form["reason"] = "not_found"
    form.submit(status=302)
    session.expire_all()
    assert slip_of(session, lot) is not None
    slip = enter(cast.bruno).get(f"/giving/lots/{lot.code}/slip.pdf", status=200)
    assert slip.body.startswith(b"%PDF")

    sam = enter(cast.sam)
    arrivals = sam.get("/giving/receive")
    assert lot.code in arrivals.text
    tag = count_of(session, lot).missing[0].tag
    form = form_to(sam.get(f"/giving/lots/{lot.code}/receive"), "/receive")
    form["tag"] = tag.lower()
    assert "est reçu" in form.submit(status=302).follow().text
    assert "déjà compté" in form.submit(status=302).follow().text
    page = form_to(sam.get(f"/giving/lots/{lot.code}/receive"), "/close").submit(status=302).follow()
    assert "1 reçus, 1 manquants, 0 en plus" in page.text


def test_a_free_label_scanned_at_the_reception_takes_a_surplus_in(session: Session, cast: Cast, enter: Enter) -> None:
    lot = accepted(session, enter, cast)
    (label,) = print_free(session, cast.workshop, 1, by=cast.sam, at=NOW)
    session.commit()
    sam = enter(cast.sam)
    form = form_to(sam.get(f"/giving/lots/{lot.code}/receive"), "/receive")
    form["tag"] = label.tag
    intake = form.submit(status=302).follow()
    form = form_with(intake, "lot")
    form.submit("form", value="desktop", status=302)
    session.expire_all()
    machine = session.scalars(select(Machine).where(Machine.tag == label.tag)).one()
    assert (machine.lot_id, machine.form) == (lot.id, "desktop")


def test_the_outcomes_leave_as_a_spreadsheet_without_formulas(session: Session, cast: Cast, enter: Enter) -> None:
    lot = accepted(session, enter, cast)
    machine = session.scalars(select(Machine).where(Machine.lot_id == lot.id)).first()
    assert machine is not None
    machine.model = '=cmd|"/c calc"!A0'
    session.commit()
    sheet = enter(cast.bruno).get(f"/giving/lots/{lot.code}/outcomes.csv")
    assert "'=cmd" in sheet.text
    assert ",=cmd" not in sheet.text


@pytest.mark.parametrize("page", ["", "/round", "/slip.pdf", "/outcomes.csv", "/receive"])
def test_noor_finds_nothing_of_our_lots(session: Session, cast: Cast, enter: Enter, page: str) -> None:
    lot = accepted(session, enter, cast)
    enter(cast.noor).get(f"/giving/lots/{lot.code}{page}", status=404)


def test_a_signature_that_is_no_picture_is_refused(session: Session, cast: Cast, enter: Enter) -> None:
    lot = accepted(session, enter, cast)
    form = enter(cast.theo).get(f"/giving/lots/{lot.code}/round").forms["round"]
    form["signature"].force_value("data:image/png;base64,AAAA")
    assert "signature n’a pas pu être lue" in form.submit(status=409).text
