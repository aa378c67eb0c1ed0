"""The end of a list's loans by clicking: letters for a class in one PDF, coupons typed in, silence applied; no name in an address."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from webtest import TestApp, TestResponse

from ordi.fleet.enrolment import Enrolment
from ordi.messages.outbox import Message
from ordi.parties.people import Person
from ordi.sharing.class_desks import serve
from ordi.sharing.class_lists import ClassList, file_list, open_list
from ordi.sharing.class_reading import read
from ordi.sharing.loan_ends import LoanEnd
from ordi.sharing.promises import Allocation
from tests.cast import Cast
from tests.factories import a_machine
from tests.fleet.news import enrolled
from tests.ground.clock import NOW
from tests.papers.reading import words as words_of
from tests.sharing.classes import a_school_loan, pupils_of, sent
from tests.web.conftest import form_to

Enter = Callable[[Person], TestApp]
pytestmark = pytest.mark.usefixtures("app")

TEXT = "CM2;Amina Diallo;Fatou Diallo;0612345678\nCM2;Léo Martin;Anne Martin\nCM1;Zoé Roy;Luc Roy"


@pytest.fixture
def the_list(session: Session, app: Any, cast: Cast) -> ClassList:
    """Three children, each with an enrolled machine whose loan ends in a month; silence keeps."""
    soon = (NOW + timedelta(days=30)).date()
    programme = a_school_loan(session, cast, loan_ends=soon, silence="keep")
    how: dict[str, Any] = {"attested": ("pupil",), "form_uuid": "e" * 36, "by": cast.eva, "at": NOW}
    sealer = app.extensions["ordi-sealer"]
    made = file_list(session, cast.partner, programme, "École du Parc", read(TEXT).lines, sealer=sealer, **how).the_list
    open_list(session, made, by=cast.ada, at=NOW)
    for pupil in pupils_of(session, made):
        machine = a_machine(session, cast)
        enrolled(session, cast, machine)
        serve(session, made, sent((pupil.id, machine.tag)), by=cast.eva, at=NOW)
    session.commit()
    return made


def coupon(browser: TestApp, the_list: ClassList, text: str) -> TestResponse:
    """What the page finds under a name, a label or a number."""
    form = form_to(browser.get(f"/classes/{the_list.id}/loans"), "/loans/search")
    form["coupon"] = text
    return form.submit()


def answer_forms(page: TestResponse) -> list[Any]:
    """The forms that take a coupon."""
    return [one for one in page.forms.values() if one.action.endswith("/answer")]


@pytest.mark.pdf
def test_a_list_is_written_to_in_one_press_and_printed_with_its_coupons(
    session: Session, cast: Cast, enter: Enter, the_list: ClassList, tmp_path: Path
) -> None:
    ada = enter(cast.ada)
    page = ada.get(f"/classes/{the_list.id}").click("Fin des prêts")
    assert "Écrire à 3 familles" in page.text
    pile = form_to(page, "/loans/letters").submit().follow()
    said = words_of(pile.click("Les lettres").body, tmp_path)
    for text in ("Amina Diallo", "Léo Martin", "Zoé Roy"):
        assert said.count(text) == 1
    for text in ("À remettre en classe", "Je garde l’ordinateur", "Si vous le gardez", "Êtes-vous d’accord"):
        assert said.count(text) == 3
    assert said.index("Zoé Roy") < said.index("Amina Diallo"), "class after class: CM1, then CM2"
    page = ada.get(f"/classes/{the_list.id}/loans")
    assert "Relancer 3 familles" in page.text
    assert session.scalar(select(func.count()).select_from(Message)) == 3


def test_a_coupon_is_found_by_a_name_with_a_slip_a_label_or_a_number(
    session: Session, cast: Cast, enter: Enter, the_list: ClassList
) -> None:
    eva = enter(cast.eva)
    lent = session.scalars(select(Allocation).order_by(Allocation.id)).all()
    for text in ("amima dialo", lent[0].machine.tag, lent[0].request.code, lent[0].request.code.rpartition("-")[2]):
        (form,) = answer_forms(coupon(eva, the_list, text))
        assert f"/pupils/{pupils_of(session, the_list)[0].id}" not in form.action
        assert form.action.endswith(f"/loans/{pupils_of(session, the_list)[0].id}/answer")
    assert "Personne à ce nom" in coupon(eva, the_list, "Tartempion").text


def test_coupons_are_typed_in_one_after_another(
    session: Session, cast: Cast, enter: Enter, the_list: ClassList
) -> None:
    eva = enter(cast.eva)
    for name, value in (("Amina", "keep-news"), ("Léo", "keep"), ("Zoé", "return")):
        (form,) = answer_forms(coupon(eva, the_list, name))
        page = form.submit("answer", value=value).follow()
        assert name not in str(page.request.url)
        assert page.html.select_one("#coupon[autofocus]")
    session.expire_all()
    ends = session.scalars(select(LoanEnd).order_by(LoanEnd.allocation_id)).all()
    assert [one.answer for one in ends] == ["keep", "keep", "return"]
    facts = [json.loads(one.paper.facts)["accepts_check_ins"] if one.paper else None for one in ends]
    assert facts == [True, False, None]
    stopped = session.scalars(select(Enrolment.stopped_at).order_by(Enrolment.machine_id)).all()
    assert [one is None for one in stopped] == [True, False, True]
    page = enter(cast.ada).get(f"/classes/{the_list.id}/loans?stand=return")
    assert "Zoé Roy" in page.text
    assert "Amina Diallo" not in page.html.select_one("#children").parent.get_text()
    assert page.html.select_one("a[href$='/take-back']")


def test_an_answer_nobody_gave_changes_nothing(session: Session, cast: Cast, enter: Enter, the_list: ClassList) -> None:
    (form,) = answer_forms(coupon(enter(cast.eva), the_list, "Amina"))
    form.submit("answer", value="peut-être", status=422)
    form.submit(status=422)
    session.expire_all()
    assert [one.answer for one in session.scalars(select(LoanEnd))] == []


def test_silence_is_applied_to_all_by_a_coordinator_once_the_day_is_past(
    session: Session, cast: Cast, enter: Enter, the_list: ClassList
) -> None:
    ada = enter(cast.ada)
    form_to(ada.get(f"/classes/{the_list.id}/loans"), "/loans/letters").submit()
    assert "L’appliquer" not in ada.get(f"/classes/{the_list.id}/loans").text
    for one in session.scalars(select(Allocation)):
        one.contract_ends = datetime(2020, 7, 5, tzinfo=UTC).date()
    session.commit()
    assert "L’appliquer" not in enter(cast.eva).get(f"/classes/{the_list.id}/loans").text
    page = ada.get(f"/classes/{the_list.id}/loans")
    assert "L’appliquer à 3 familles" in page.text
    form_to(page, "/loans/silence").submit()
    session.expire_all()
    ends = session.scalars(select(LoanEnd)).all()
    assert {(one.answer, one.by_silence) for one in ends} == {("keep", True)}
    assert all(session.scalars(select(Enrolment.stopped_at)))


def test_who_sees_the_ends_of_a_list(cast: Cast, enter: Enter, the_list: ClassList) -> None:
    for who, status in ((cast.awa, 403), (cast.sam, 403), (cast.noor, 404), (cast.lise, 403), (cast.ines, 200)):
        enter(who).get(f"/classes/{the_list.id}/loans", status=status)


def test_the_page_takes_as_many_queries_however_many_answered(
    session: Session, cast: Cast, enter: Enter, the_list: ClassList, queries: Callable[[], Any]
) -> None:
    ada = enter(cast.ada)
    address = f"/classes/{the_list.id}/loans?class=CM2"
    ada.get(address)

    def asked() -> int:
        with queries() as counted:
            ada.get(address)
        return len(counted)

    before = asked()
    form_to(ada.get(f"/classes/{the_list.id}/loans"), "/loans/letters").submit()
    for name in ("Amina", "Léo"):
        answer_forms(coupon(ada, the_list, name))[0].submit("answer", value="keep")
    assert asked() == before
