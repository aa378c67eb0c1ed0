"""A committee's evening: the list without names, what changes, and minutes to sign."""

from __future__ import annotations

import io
from collections.abc import Callable

from pypdf import PdfReader
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.parties.people import Person
from tests.cast import Cast
from tests.sharing.families import a_request
from tests.web.conftest import form_to

Enter = Callable[[Person], TestApp]


def test_a_committee_moves_a_request_and_prints_its_minutes(session: Session, cast: Cast, enter: Enter) -> None:
    codes = [a_request(session, cast, note="Préfère le matin").code for _ in range(2)]
    session.commit()
    ada = enter(cast.ada)
    page = ada.get("/sharing/allocations").click("Commission")
    for secret in ("Diallo", cast.partner.name, "Préfère"):
        assert secret not in page.text
    form = form_to(page, "/committee/decisions")
    form[f"move-{codes[1]}"], form[f"why-first-{codes[1]}"] = "first", "nothing_at_home"
    assert "Personne ne décide seul" in form.submit(status=409).text
    for box in form.fields["present"]:
        box.checked = box._value == str(cast.paul.id)
    page = form.submit().follow()
    assert "VC-2026-0001" in page.text
    assert page.text.index(f"r-{codes[1]}") < page.text.index(f"r-{codes[0]}")
    told = PdfReader(io.BytesIO(page.click("VC-2026-0001").body)).pages[0].extract_text()
    for said in ("Procès-verbal", codes[0], codes[1], "Passe d’abord", "aucun ordinateur chez soi", cast.paul.name):
        assert said in told
    assert "La commission la fait passer d’abord" in ada.get("/sharing/allocations")


def test_another_pole_finds_no_minutes_of_ours(session: Session, cast: Cast, enter: Enter) -> None:
    a_request(session, cast)
    session.commit()
    ada = enter(cast.ada)
    form = form_to(ada.get("/sharing/committee/decisions"), "/committee/decisions")
    for box in form.fields["present"]:
        box.checked = box._value == str(cast.paul.id)
    form.submit()
    ada.get("/sharing/committee/minutes/VC-2026-0001.pdf", status=200)
    enter(cast.noor).get("/sharing/committee/minutes/VC-2026-0001.pdf", status=404)


def test_the_page_asks_no_more_for_twenty_than_for_two(
    session: Session, cast: Cast, enter: Enter, queries: Callable[[], object]
) -> None:
    counts = []
    for many in (2, 18):
        for _ in range(many):
            a_request(session, cast)
        session.commit()
        ada = enter(cast.ada)
        session.expire_all()
        with queries() as sent:  # type: ignore[attr-defined]
            ada.get("/sharing/committee/decisions")
        counts.append(len(sent))
    assert counts[0] == counts[1]
