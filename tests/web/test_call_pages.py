"""A call for projects by clicking: an association applies, people mark alone, a coordinator decides, the answer comes back."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import event, select
from sqlalchemy.orm import Session
from webtest import TestApp, TestResponse

from ordi.messages.outbox import Channel, Message
from ordi.parties.people import Person
from ordi.sharing.applications import Application, Outcome, Standing
from ordi.sharing.calls import Call, close_call
from ordi.sharing.deliberating import Because, Verdict, deliberate
from ordi.sharing.requests import Request
from ordi.sharing.scoring import appoint_juror
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.sharing.calls import PROJECT, a_call, a_jury, an_application, an_association, marked
from tests.sharing.families import a_programme

Enter = Callable[[Person], TestApp]


def form_with(page: TestResponse, field: str):
    """The form of a page that holds this field."""
    return next(form for form in page.forms.values() if field in form.fields)


def test_ada_opens_a_call_with_its_criteria(session: Session, cast: Cast, enter: Enter) -> None:
    programme = a_programme(session, cast, "assos", holder="association", unit_cost_cents=40_00)
    session.commit()
    form = form_with(enter(cast.ada).get("/sharing/calls").click("Ouvrir un appel"), "title")
    form["title"], form["words"], form["programme"] = "Des écrans", "Pour apprendre", str(programme.id)
    form["opens"], form["closes"] = NOW.date().isoformat(), (NOW.date() + timedelta(days=9)).isoformat()
    form["machines"], form["most_each"] = "8", "9"
    form.fields["applicants"][0].checked = True
    refused = form.submit(status=422)
    assert "Un projet ne peut pas avoir plus" in refused.text
    form = form_with(refused, "title")
    form["most_each"] = "3"
    assert "Écrivez au moins un critère" in form.submit(status=422).text
    form["budget"] = "39,99"
    form = form_with(form.submit(status=422), "title")
    assert "qui coûte 40" in form.text
    form["budget"] = "100 €"
    form["words-0"], form["weight-0"], form["scale-0"] = "Qui s’en servira", "3", "5"
    page = form.submit().follow()
    assert "Des écrans" in page.text
    assert "2 ordinateurs au plus" in page.text
    call = session.scalars(select(Call)).one()
    assert [(one.words, one.weight, one.scale) for one in call.criteria] == [("Qui s’en servira", 3, 5)]


def test_an_association_writes_saves_and_files(session: Session, cast: Cast, enter: Enter) -> None:
    call, (club, by) = a_call(session, cast, joint=True), an_association(session, cast)
    session.commit()
    page = enter(by).get(f"/sharing/calls/{call.code}").click("Répondre à cet appel")
    form = form_with(page, "project")
    form["project"], form["machines"] = PROJECT, "3"
    form.fields["needs"][0].checked = True
    refused = form.submit("go", value="file", status=409)
    assert "le partenaire du projet commun" in refused.text
    assert session.scalars(select(Application)).one().project == PROJECT  # nothing is lost by a refusal
    form = form_with(enter(by).get(f"/sharing/calls/{call.code}/apply"), "project")
    form["joint-0"], form["part-0"] = str(cast.partner.id), "prête la salle"
    assert "déposée" in form.submit("go", value="file").follow().text
    session.expire_all()
    assert session.scalars(select(Application)).one().standing == Standing.FILED
    assert club.name in enter(by).get(f"/sharing/calls/{call.code}").text


def test_a_colleague_who_wrote_meanwhile_is_not_overwritten(session: Session, cast: Cast, enter: Enter) -> None:
    call, (_club, by) = a_call(session, cast), an_association(session, cast)
    session.commit()
    browser = enter(by)
    early, late = (form_with(browser.get(f"/sharing/calls/{call.code}/apply"), "project") for _ in range(2))
    early["project"], late["project"] = "Le premier", "Le second"
    saved = early.submit("go", value="", headers={"Ordi-Draft": "1"}, status=204)
    assert saved.headers["Ordi-Version"]
    late.submit("go", value="save", status=409)
    assert session.scalars(select(Application)).one().project == "Le premier"


def test_after_the_close_the_page_says_so(session: Session, cast: Cast, enter: Enter) -> None:
    call, (_club, by) = a_call(session, cast), an_association(session, cast)
    close_call(session, call, by=cast.ada, at=NOW)
    session.commit()
    assert "ne prend pas de candidature" in enter(by).get(f"/sharing/calls/{call.code}/apply", status=409).text


def closed(session: Session, cast: Cast, **details: str) -> Application:
    """A call that closed with one application; Lou, Paul and Ada judge."""
    call = a_call(session, cast)
    one = an_application(session, call, *an_association(session, cast, **details))
    a_jury(session, cast, call)
    appoint_juror(session, call, cast.ada, by=cast.ada, at=NOW)
    close_call(session, call, by=cast.ada, at=NOW)
    session.commit()
    return one


def test_marks_are_given_alone_then_read(session: Session, cast: Cast, enter: Enter) -> None:
    one = closed(session, cast)
    address = f"/sharing/applications/{one.code}"
    first, second = one.call.criteria
    page = enter(cast.lou).get("/")
    assert "1 projet à noter" in page.text
    form = form_with(enter(cast.lou).get(address), f"mark-{first.id}")
    form[f"mark-{first.id}"], form[f"mark-{second.id}"] = "4", "8"
    form.submit()
    for waiting in (cast.paul, cast.ada):
        page = enter(waiting).get(address)
        assert "Les points" not in page.text
        assert "Vos notes" in page.text
    read = enter(cast.lou).get(address)
    assert "80 sur 100" in read.text
    assert "compte pour 75 points sur 100" in read.text
    form = form_with(enter(cast.paul).get(address), "conflict")
    form["conflict"] = "relative"
    form.submit()
    assert "Les points" not in enter(cast.paul).get(address).text


def test_the_coordinator_decides_and_the_answer_comes_back(session: Session, cast: Cast, enter: Enter) -> None:
    one = closed(session, cast, street="1 rue Haute", postcode="25000", commune="Besançon")
    for person in (cast.lou, cast.paul, cast.ada):
        marked(session, one, person, 4, 8, at=NOW)
    session.commit()
    browser = enter(cast.ada)
    form = form_with(browser.get(f"/sharing/calls/{one.call.code}").click("Délibérer"), f"outcome-{one.code}")
    form[f"outcome-{one.code}"], form[f"granted-{one.code}"] = "in_part", "2"
    assert "Personne ne décide seul" in form.submit(status=409).text
    for box in form.fields["present"]:
        box.checked = box._value == str(cast.lou.id)
    page = form.submit().follow()
    assert "V-2026-0001" in page.text
    told = PdfReader(io.BytesIO(page.click("V-2026-0001").body)).pages[0].extract_text()
    assert "Accepté en partie" in told
    assert cast.lou.name in told
    assert len(session.scalars(select(Request)).all()) == 2
    answer = enter(one.signed_by).get(f"/sharing/calls/{one.call.code}").text  # type: ignore[arg-type]
    assert "2 ordinateurs, sur 3 demandés" in answer
    messages = browser.get("/messages")
    assert "2 ordinateurs, sur 3 demandés" in messages.text
    pile = form_with_action(messages, "/messages/letters").submit().follow()
    letter = PdfReader(io.BytesIO(browser.get(f"{pile.request.path}/letters.pdf").body)).pages[0].extract_text()
    assert "1 rue Haute" in letter


def form_with_action(page: TestResponse, action: str):
    """The form that goes to an address."""
    return next(form for form in page.forms.values() if form.action.endswith(action))


def test_a_refusal_is_written_in_the_signatorys_language_with_what_to_do_next(
    session: Session, cast: Cast, enter: Enter
) -> None:
    one = closed(session, cast, email="club@exemple.fr")
    assert one.signed_by
    one.signed_by.language = "en"
    for person in (cast.lou, cast.paul, cast.ada):
        marked(session, one, person, 1, 1, at=NOW)
    verdict = {one.code: Verdict(Outcome.REFUSED, 0, Because.TOO_VAGUE)}
    deliberate(session, one.call, verdict, [cast.lou], by=cast.ada, at=NOW)
    session.commit()
    from web.messages.results import written

    message = session.scalars(select(Message)).one()
    assert message.channel == Channel.MAIL
    mail = written(session, message, "01 23 45 67 89")
    assert mail.recipient == "club@exemple.fr"
    assert "file it at the next call" in mail.body
    assert "déposez-le au prochain appel" in mail.body


def counted(session: Session, browser: TestApp, page: str) -> int:
    """The queries of a page that was opened once before."""
    asked: list[str] = []
    browser.get(page)
    engine = session.get_bind()

    def count(*told: object) -> None:
        asked.append(str(told[2]))

    event.listen(engine, "before_cursor_execute", count)
    browser.get(page)
    event.remove(engine, "before_cursor_execute", count)
    return len(asked)


def test_a_list_of_ten_calls_costs_the_queries_of_one(session: Session, cast: Cast, enter: Enter) -> None:
    a_call(session, cast)
    session.commit()
    browser = enter(cast.ada)
    one = counted(session, browser, "/sharing/calls")
    programme = session.scalars(select(Call)).one().programme
    for n in range(9):
        a_call(session, cast, title=f"Appel numéro {n}", programme=programme)
    session.commit()
    assert browser.get("/sharing/calls").text.count("Appel numéro") >= 9
    assert counted(session, browser, "/sharing/calls") == one > 0


def test_a_project_marked_by_many_costs_the_queries_of_one_marked_by_few(
    session: Session, cast: Cast, enter: Enter
) -> None:
    one = closed(session, cast)
    session.commit()
    browser, page = enter(cast.ada), f"/sharing/applications/{one.code}"
    marked(session, one, cast.ada, 1, 1, at=NOW)
    session.commit()
    few = counted(session, browser, page)
    for person in (cast.lou, cast.paul):
        marked(session, one, person, 2, 2, at=NOW)
    session.commit()
    assert counted(session, browser, page) == few > 0


@pytest.mark.parametrize("page", ["/sharing/calls", "/sharing/calls/{code}", "/sharing/calls/{code}/deliberation"])
def test_a_page_of_many_costs_the_queries_of_one_of_few(session: Session, cast: Cast, enter: Enter, page: str) -> None:
    one = closed(session, cast)
    browser = enter(cast.ada)
    counts = []
    asked: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *told: asked.append(told[2]))
    for _ in range(2):
        browser.get(page.format(code=one.call.code))
        asked.clear()
        browser.get(page.format(code=one.call.code))
        counts.append(len(asked))
        one.call.closed_at = None
        session.commit()
        for n in range(5):
            an_application(session, one.call, *an_association(session, cast, f"Club {n}"))
        close_call(session, one.call, by=cast.ada, at=NOW)
        session.commit()
    assert counts[0] == counts[1] > 0
