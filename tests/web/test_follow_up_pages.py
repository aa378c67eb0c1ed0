"""After the hand-over by clicking: papers in the family's words, payment, loans that end, the repair café, an exchange."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp, TestResponse

from ordi.machines.custody import Holder, holder_of
from ordi.machines.lifecycle import State
from ordi.messages.outbox import Channel, Message, Posting
from ordi.papers import Paper, PaperKind
from ordi.parties.people import Person
from ordi.sharing.allocation import Allocation
from ordi.sharing.hand_over import Means, hand_over
from ordi.sharing.loan_ends import LoanEnd
from ordi.sharing.repairs import Repair
from ordi.sharing.requests import RequestState
from ordi.sharing.rules import Contract
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.papers.reading import words as words_of
from tests.sharing import families
from tests.sharing.families import a_programme, a_promise, a_request, a_signature, handed_over, the_programmes
from web.messages.telling_words import LANGUAGES, NOT_REVIEWED, RIGHT_TO_LEFT
from web.sharing.summary_words import AND_THEN, KINDS, TITLES, TO_RETURN, summary

Enter = Callable[[Person], TestApp]
NAME = "Amina Diallo"


@pytest.fixture(autouse=True)
def the_apps_own_keys(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files opened by the tests are sealed with the keys of the application that reads them."""
    monkeypatch.setattr(families, "SEALER", app.extensions["ordi-sealer"])


def form_to(page: TestResponse, end: str):
    """The form that leads there."""
    return next(one for one in page.forms.values() if one.action.endswith(end))


def loans(session: Session, cast: Cast, count: int) -> list[Allocation]:
    """Loans of a class that end today."""
    school = the_programmes(session, cast)["ecole"]
    given = []
    for _ in range(count):
        loan = handed_over(session, cast, request=a_request(session, cast, school, needs=("school",)))
        loan.contract_ends = NOW.date()
        given.append(loan)
    session.commit()
    return given


def test_every_summary_is_in_every_language_and_right_to_left_where_it_is() -> None:
    assert set(TITLES) == set(AND_THEN) == set(TO_RETURN) == set(LANGUAGES)
    for kind, may_keep in (
        (Contract.LOAN, True),
        (Contract.LOAN, False),
        (Contract.GIFT, False),
        (Contract.SALE, False),
    ):
        assert set(KINDS[kind]) == set(LANGUAGES)
        for language in LANGUAGES:
            one = summary(language, kind, "02 61 91 04 17", NOW.date(), "60 €", may_keep=may_keep, reviews=NOT_REVIEWED)
            assert one.rtl == (language in RIGHT_TO_LEFT)
            assert "02\u00a061\u00a091\u00a004\u00a017" in one.text
            assert "{" not in one.text + one.title
            assert bool(one.review) == (language != "fr")


@pytest.mark.parametrize("may_keep", [True, False])
def test_only_a_loan_that_may_be_kept_says_so_in_every_language(
    session: Session, cast: Cast, enter: Enter, may_keep: bool
) -> None:
    lent = a_programme(session, cast, "pret", contract="loan", loan_months=12, may_keep=may_keep)
    machine = handed_over(session, cast, request=a_request(session, cast, lent)).machine
    session.commit()
    page = enter(cast.ines).get(f"/sharing/machines/{machine.tag}/handed-over")
    texts = KINDS[Contract.LOAN] if may_keep else TO_RETURN
    for language in LANGUAGES:
        said = page.html.select_one(f"#short-{language}").get_text(" ", strip=True)
        assert texts[language].split("{day}")[1].strip(". ") in said


def test_the_family_hears_its_contract_in_six_languages_and_the_page_names_nobody(
    session: Session, cast: Cast, enter: Enter
) -> None:
    machine = handed_over(session, cast).machine
    session.commit()
    page = enter(cast.ines).get(f"/sharing/machines/{machine.tag}/handed-over")
    assert [one["lang"] for one in page.html.select("[id^=short-]")] == list(LANGUAGES)
    assert page.html.select_one("#short-ar")["dir"] == "rtl"
    assert len(page.html.select("[data-listen][hidden]")) == len(LANGUAGES)
    assert "Nobody has reviewed this translation yet" in page.text
    assert NAME not in page.text


@pytest.mark.pdf
def test_who_pays_gets_a_numbered_receipt(session: Session, cast: Cast, enter: Enter, tmp_path: Path) -> None:
    sale = a_programme(session, cast, "vente", contract="sale", price_cents=10_00)
    promise = a_promise(session, cast, request=a_request(session, cast, sale))
    hand_over(session, promise, a_signature(), by=cast.ines, at=NOW, paid_by=Means.CASH)
    free = handed_over(session, cast)
    session.commit()
    (paper,) = session.scalars(select(Paper).where(Paper.kind == PaperKind.PAYMENT_RECEIPT)).all()
    assert (paper.label, json.loads(paper.facts)["price_cents"]) == ("P-2026-0001", 10_00)
    browser = enter(cast.ines)
    page = browser.get(f"/sharing/machines/{promise.machine.tag}/handed-over")
    said = words_of(page.click("Reçu de paiement").body, tmp_path)
    assert "P-2026-0001" in said
    assert "10 €" in said
    assert "en espèces" in said
    browser.get(f"/sharing/machines/{free.machine.tag}/payment.pdf", status=404)
    enter(cast.noor).get(f"/sharing/machines/{promise.machine.tag}/payment.pdf", status=404)


@pytest.mark.pdf
def test_a_campaign_writes_to_a_whole_class_once_with_a_coupon(
    session: Session, cast: Cast, enter: Enter, tmp_path: Path
) -> None:
    loans(session, cast, 3)
    browser = enter(cast.ines)
    page = form_to(browser.get("/sharing/loans"), "/ask-all").submit().follow()
    assert "/ask-all" not in page.text
    told = session.scalars(select(Message)).all()
    assert {(one.kind, one.channel) for one in told} == {("loan_ends", Channel.LETTER)}
    assert len(told) == 3
    pile = form_to(browser.get("/messages"), "/messages/letters").submit().follow()
    said = words_of(pile.click("Les lettres").body, tmp_path)
    assert said.count("Je garde l’ordinateur") == 3
    assert said.count("Je rends l’ordinateur") == 3


def test_an_answer_ends_the_letters_and_a_keep_gives_its_paper(session: Session, cast: Cast, enter: Enter) -> None:
    (loan,) = loans(session, cast, 1)
    browser = enter(cast.ines)
    page = form_to(browser.get("/sharing/loans"), "/ask").submit().follow()
    keep = next(one for one in page.forms.values() if "agreed" in one.fields)
    keep["agreed"] = True
    answer = keep.submit().follow()
    assert "Reçu de remise" in answer.text
    session.expire_all()
    assert [one.state for one in session.scalars(select(Message))] == [Posting.DROPPED]
    assert loan.paper
    assert json.loads(loan.paper.facts)["kept_after_loan"]
    assert session.get_one(LoanEnd, loan.id).answer == "keep"


def test_a_machine_is_repaired_by_its_label_and_goes_back_signed(session: Session, cast: Cast, enter: Enter) -> None:
    given = handed_over(session, cast)
    session.commit()
    browser = enter(cast.sam)
    form = form_to(browser.get("/sharing/repairs"), "/repairs")
    form["tag"], form["fault"] = given.machine.tag, "slow"
    page = form.submit().follow()
    assert "rien n’est effacé" in page.text
    assert NAME not in page.text
    page = form_to(page, "/mended").submit().follow()
    back = form_to(page, "/back")
    back["signature_typed"] = "A. D."
    back.submit()
    session.expire_all()
    held = holder_of(session, given.machine)
    assert held
    assert (held.holder, given.machine.state) == (Holder.HOUSEHOLD, State.HANDED_OVER)
    assert [one.outcome for one in session.scalars(select(Repair))] == ["mended"]


def test_something_without_a_label_gets_a_slip(session: Session, cast: Cast, enter: Enter) -> None:
    form = form_to(enter(cast.awa).get("/sharing/repairs"), "/repairs")
    form["brought"], form["fault"] = "printer", "other"
    page = form.submit().follow()
    slip = page.click("Le numéro à garder")
    assert slip.text.count("AR-2026-0001") >= 2
    enter(cast.noor).get("/sharing/repairs/AR-2026-0001", status=404)
    enter(cast.vic).get("/sharing/repairs", status=403)
    form = form_to(enter(cast.awa).get("/sharing/repairs"), "/repairs")
    assert form.submit(status=422)


def test_before_an_exchange_the_familys_files_are_offered(session: Session, cast: Cast, enter: Enter) -> None:
    given = handed_over(session, cast)
    session.commit()
    browser = enter(cast.ada)
    page = browser.get(f"/sharing/machines/{given.machine.tag}/take-back")
    form = next(one for one in page.forms.values() if "reason" in one.fields)
    form["reason"] = "broken"
    form.submit(status=422)
    form["files"] = "copied"
    answer = form.submit(status=302)
    assert f"/sharing/requests/{given.request.code}" in answer.follow().text
    session.expire_all()
    assert (given.machine.state, given.request.state) == (State.RECEIVED, RequestState.WAITING)
    paper = session.scalars(select(Paper).where(Paper.kind == PaperKind.TAKE_BACK_RECEIPT)).one()
    assert json.loads(paper.facts)["files"] == "copied"
