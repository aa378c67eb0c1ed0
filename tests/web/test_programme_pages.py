"""Programmes in the app: written as a draft, looked at, put in force; found before any name; and what follows a request."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from webtest import Form, TestApp, TestResponse

from ordi import legal_rules
from ordi.parties.households import erase
from ordi.parties.people import Person
from ordi.sharing import programmes
from ordi.sharing.allocation import current_for
from ordi.sharing.programmes import Programme, Standing
from ordi.sharing.requests import Request, RequestState
from ordi.sharing.shipped import example, examples, ship
from ordi.sharing.tenant_codes import TenantCode
from ordi.sharing.training import Group, Step
from ordi.sharing.visits import Heading, Visit
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.sharing.families import a_household, a_promise, a_request, the_programmes

Enter = Callable[[Person], TestApp]


def nameless(session: Session, request: Request) -> None:
    """A file whose name was forgotten: these tests do not hold the application's key."""
    assert request.household
    erase(session, request.household, at=NOW)
    session.commit()


def last(page: TestResponse) -> Form:
    """The form of a page: what stands after the bar's own."""
    return page.forms[max(n for n in page.forms if isinstance(n, int))]


def form_to(page: TestResponse, ending: str, n: int = 0) -> Form:
    """The n-th form whose address ends like this."""
    found = {id(f): f for f in page.forms.values() if f.action.split("?")[0].endswith(ending)}
    return list(found.values())[n]


def put(session: Session, cast: Cast, code: str) -> Programme:
    legal_rules.ship(session)
    rules = example(code)
    assert rules
    programme = programmes.write(session, cast.pole, rules, at=cast.at)
    session.commit()
    return programme


@pytest.mark.parametrize("code", [rules.code for rules in examples()])
def test_an_example_goes_through_the_form_unchanged(session: Session, cast: Cast, enter: Enter, code: str) -> None:
    form = last(enter(cast.ada).get(f"/sharing/programmes/write?example={code}"))
    answer = form.submit()
    assert answer.status_int == 302, answer.text
    (draft,) = session.scalars(select(Programme).where(Programme.code == code))
    assert (draft.standing, draft.rules) == (Standing.DRAFT, example(code))


def test_a_draft_is_looked_at_before_it_is_put_in_force(session: Session, cast: Cast, enter: Enter) -> None:
    (emploi,) = [one for one in ship(session, at=cast.at) if one.code == "emploi"]
    request = a_request(session, cast, emploi)
    session.commit()
    ada = enter(cast.ada)
    form = last(ada.get(f"/sharing/programmes/write?version={emploi.id}"))
    form["own_facts"] = "Le projet est suivi par la mission locale"
    page = form.submit().follow()
    page = page.click(description="Modifier")
    form = last(page)
    form["group-1-facts"] = ["lives-here", "job-seeker", "le-projet-est-suivi"]
    form["contract"], form["price"], form["warranty_months"], form["total"] = "sale", "30", "", "5"
    page = form.submit().follow()
    assert "Une aurait encore une condition à vérifier." in page
    assert "Le prix d’une changerait : 30 €." in page
    assert "Aucune ne serait de plus au-delà du quota ou du budget." in page
    assert request.code in page
    form_to(page, "/in-force").submit()
    session.expire_all()
    assert request.programme_id == emploi.id
    assert request.unmet == []
    (new,) = session.scalars(select(Programme).where(Programme.pole_id == cast.pole.id))
    assert (new.number, new.standing) == (2, Standing.IN_FORCE)
    assert new in programmes.open_programmes(session, cast.partner, NOW.date())
    assert emploi not in programmes.open_programmes(session, cast.partner, NOW.date())
    assert emploi in programmes.open_programmes(session, cast.other_partner, NOW.date())


def test_rules_that_do_not_hold_together_are_each_told(session: Session, cast: Cast, enter: Enter) -> None:
    form = last(enter(cast.ada).get("/sharing/programmes/write"))
    form["name"], form["holders"], form["contract"] = "Essai", ["household"], "sale"
    page = form.submit(status=422)
    assert "Le prix ne va pas avec ce contrat." in page
    form = last(page)
    form["price"] = "beaucoup"
    assert "Le prix n’est pas bien écrit." in form.submit(status=422)
    assert session.scalar(select(func.count()).select_from(Programme)) == 0


def test_a_draft_is_thrown_away_and_what_is_in_force_is_not(session: Session, cast: Cast, enter: Enter) -> None:
    programme = put(session, cast, "kerourien")
    page = enter(cast.ada).get(f"/sharing/programmes/{programme.id}")
    assert "Jeter" not in page


def test_five_questions_without_a_name_list_what_fits_and_keep_nothing(
    session: Session, cast: Cast, visitor: TestApp
) -> None:
    the_programmes(session, cast)
    session.commit()
    before = {
        table.name: session.scalar(select(func.count()).select_from(table))
        for table in Programme.metadata.sorted_tables
    }
    form = last(visitor.get("/sharing/which"))
    form["pole"] = str(cast.pole.id)
    form["situation"] = ["lives-here", "job-seeker"]
    form["no-computer"] = "no"
    page = form.submit()
    assert "Emploi, don" in page
    assert "gratuit" in page
    assert "3 semaines environ" in page
    assert "La carte de France Travail" in page
    assert "École, prêt jusqu’en 6e" not in page  # no child goes to school
    assert "Associations" not in page.html.find("section").text
    assert page.request.path_qs == "/sharing/which"
    session.expire_all()
    after = {
        table.name: session.scalar(select(func.count()).select_from(table))
        for table in Programme.metadata.sorted_tables
    }
    assert after == before


def test_a_condition_that_is_missing_is_filed_and_decided_with_a_reason(
    session: Session, cast: Cast, enter: Enter
) -> None:
    emploi = the_programmes(session, cast)["emploi"]
    request = a_request(session, cast, emploi)
    for one in request.attestations:
        session.delete(one)
    session.flush()
    session.expire(request)
    a_machine(session, cast)
    session.commit()
    ada = enter(cast.ada)
    assert "À vérifier :" in ada.get("/sharing/allocations")
    nameless(session, request)
    page = ada.get(f"/sharing/requests/{request.code}")
    form = form_to(page, "/derogate")
    form["reason"] = "urgent"
    form.submit()
    session.expire_all()
    assert (request.derogation, request.derogated_by) == ("urgent", cast.ada)
    assert "Accepter" in ada.get("/sharing/allocations")


def test_all_the_proposals_of_a_page_are_accepted_at_once(session: Session, cast: Cast, enter: Enter) -> None:
    programme = the_programmes(session, cast)["emploi"]
    asked = [a_request(session, cast, programme, household=a_household(session, cast, name)) for name in ("A", "B")]
    for _ in range(2):
        a_machine(session, cast)
    session.commit()
    page = enter(cast.ada).get("/sharing/allocations")
    form = form_to(page, "/allocations/all")
    assert "2 ordinateurs sont gardés" in form.submit().follow()
    session.expire_all()
    assert {one.state for one in asked} == {RequestState.ALLOCATED}


def test_who_does_not_answer_is_called_again_and_keeps_their_rank(session: Session, cast: Cast, enter: Enter) -> None:
    promise = a_promise(session, cast)
    promise.kept_until = NOW.date().replace(day=1)
    filed_at = promise.request.filed_at
    nameless(session, promise.request)
    assert "À rappeler" in enter(cast.ada).get("/sharing/allocations")
    page = enter(cast.ines).get(f"/sharing/requests/{promise.request.code}")
    form_to(page, "/heard").submit()
    session.expire_all()
    held = current_for(session, promise.request)
    assert held
    assert held.heard_at
    assert held.request.filed_at == filed_at
    assert "À rappeler" not in enter(cast.ada).get("/sharing/allocations")


def test_the_list_for_a_committee_names_nobody(session: Session, cast: Cast, enter: Enter) -> None:
    request = a_request(session, cast, note="Préfère le matin")
    session.commit()
    page = enter(cast.ada).get("/sharing/committee")
    assert request.code in page
    for secret in ("Diallo", cast.partner.name, "Inès", "Préfère"):
        assert secret not in page


def test_a_visit_is_noted_under_its_five_headings_and_the_access_is_opened(
    session: Session, cast: Cast, enter: Enter
) -> None:
    request = a_request(session, cast, put(session, cast, "kerourien"))
    nameless(session, request)
    ines = enter(cast.ines)
    page = ines.get(f"/sharing/requests/{request.code}").click(description="Ouvrir le suivi")
    form = form_to(page, "/visit")
    form["cause"] = "wiring"
    for heading in Heading:
        form[f"heading-{heading}"] = "help_needed" if heading == Heading.PROVIDER else "well"
    page = form.submit().follow()
    assert "Le contrat internet : besoin d’aide" in page.html.get_text(" ", strip=True)
    assert session.scalar(select(func.count()).select_from(Visit)) == 1
    form_to(page, "/connect").submit().follow()
    assert "Gratuit jusqu’au" in ines.get(f"/sharing/requests/{request.code}/follow")


def test_a_landlord_prints_codes_once_and_a_tenant_uses_one(session: Session, cast: Cast, enter: Enter) -> None:
    programme = put(session, cast, "toit-angevin")
    said, lise = enter(cast.said), enter(cast.lise)
    price = form_to(said.get("/sharing/tenants"), "/price")
    price["price"] = "45"
    price.submit().follow()
    enter(cast.ines).get("/sharing/tenants", status=403)
    page = lise.get("/sharing/tenants")
    assert "45 €" in page.html.select_one("main").get_text(" ", strip=True).replace("\u00a0", " ")
    assert not [form for form in page.forms.values() if form.action.endswith("/price")]
    ada = form_to(enter(cast.ada).get(f"/sharing/tenants?partner={cast.partner.id}"), "/price")
    ada["price"] = "40"
    assert "40" in form_to(ada.submit().follow(), "/price")["price"].value
    codes = form_to(page, "/codes")
    codes["count"] = "2"
    page = codes.submit()
    code = page.html.find("code").text
    assert code not in lise.get("/sharing/tenants")
    form = last(lise.get("/sharing/new"))
    form["programme"], form["uses"] = str(programme.id), ["paperwork"]
    form = last(form.submit())
    form["tenant_code"] = code
    page = form.submit()
    for language in ("fr", "ar", "uk"):
        assert page.html.select_one(f"#consent-{language}[lang={language}]")
        assert page.html.select_one(f"button[data-listen=consent-{language}]")
    form = last(page)
    form["agreed"] = True
    form = last(form.submit())
    form["name"] = "Amina Diallo"
    form.submit().follow()
    (filed,) = session.scalars(select(Request))
    used = session.scalars(select(TenantCode.request_id).where(TenantCode.used_at.is_not(None))).all()
    assert used == [filed.id]


def test_a_group_goes_from_the_pre_list_to_the_certificate(session: Session, cast: Cast, enter: Enter) -> None:
    programme = put(session, cast, "ateliers")
    request = a_request(session, cast, programme)
    session.commit()
    awa = enter(cast.awa)
    form = last(awa.get("/sharing/training"))
    form["days"] = "\n".join(f"2026-11-{day:02d} 10:00" for day in range(1, 11))
    page = form.submit().follow()

    def act(page: TestResponse, path: str) -> TestResponse:
        return form_to(page, path).submit().follow()

    page = act(page, "/enlist")
    for _ in range(3):
        page = act(page, "/advance")
    for n in range(8):
        form = form_to(page, "/attendance", n)
        form.set("came", True, 0)
        page = form.submit().follow()
    act(page, "/certify")
    session.expire_all()
    (group,) = session.scalars(select(Group))
    assert [(one.step, one.certificate) for one in group.members] == [(Step.CERTIFIED, "A-2026-0001")]
    paper = awa.get(f"/sharing/training/{group.code}").click("attestation A-2026-0001")
    assert paper.content_type == "application/pdf"
    sheet = awa.get(f"/sharing/training/{group.code}/sheet")
    assert request.code in sheet
    assert "Diallo" not in sheet


def test_at_the_end_of_a_loan_the_letter_leaves_and_the_family_keeps_it(
    session: Session, cast: Cast, enter: Enter
) -> None:
    school = the_programmes(session, cast)["ecole"]
    promise = a_promise(session, cast, request=a_request(session, cast, school, needs=("school",)))
    promise.handed_over_at, promise.contract_ends = NOW, NOW.date()
    promise.request.state = RequestState.HANDED_OVER
    session.commit()
    ines = enter(cast.ines)
    page = ines.get("/sharing/loans")
    page = form_to(page, "/ask").submit().follow()
    assert "Une lettre." in page
    keep = form_to(page, "/answer", 1)
    keep["agreed"] = True
    keep.submit().follow()
    session.expire_all()
    assert promise.contract_ends is None
