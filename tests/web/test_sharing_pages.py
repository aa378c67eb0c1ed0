"""From a family's need to the machine in its hands, by clicking; and what each reader does not see."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import Form, TestApp, TestResponse

from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.parties.households import HouseholdReading
from ordi.parties.organisations import Nature
from ordi.parties.people import Person, Role, appoint, welcome
from ordi.sharing.allocation import Allocation, allocate
from ordi.sharing.filing import Filing, Reading, file_request
from ordi.sharing.requests import Request, withdraw
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.sharing import families
from tests.sharing.families import a_household, a_programme, a_request, a_signature, the_programmes
from tests.web.conftest import form_to

Enter = Callable[[Person], TestApp]

NAME = "Amina Diallo"


@pytest.fixture(autouse=True)
def the_apps_own_keys(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files opened by the tests are sealed with the keys of the application that reads them."""
    monkeypatch.setattr(families, "SEALER", app.extensions["ordi-sealer"])


def form_with(page: TestResponse, field: str):
    """The form of a page that holds this field."""
    return next(form for form in page.forms.values() if field in form.fields)


def tick(form: Form, *codes: str) -> None:
    """Tick things of the pack."""
    for box in form.fields["bag"]:
        box.checked = box._value in codes


def step_on(page: TestResponse, **answers: object) -> TestResponse:
    """Answer a step and go on."""
    form = form_with(page, "step")
    for name, value in answers.items():
        if isinstance(value, list):
            for box in form.fields[name]:
                box.checked = box._value in value
        else:
            form[name] = value
    return form.submit(status="*")


def filed(session: Session, cast: Cast, enter: Enter, name: str = NAME, phone: str = "06 12 34 56 78") -> TestResponse:
    """Inès files a request in four steps; the answer to the last."""
    school = the_programmes(session, cast)["ecole"]
    session.commit()
    page = enter(cast.ines).get("/sharing").click("Nouvelle demande", index=0)
    page = step_on(page, programme=str(school.id), uses=["school", "video_calls"], comforts=["headphones"])
    page = step_on(page, attested=["lives-here", "pupil", "no-computer"])
    page = step_on(page, agreed=True)
    return step_on(page, name=name, phone=phone)


def test_ines_files_a_request_in_four_steps(session: Session, cast: Cast, enter: Enter) -> None:
    answer = filed(session, cast, enter)
    assert answer.status_int == 302
    assert NAME not in answer.location
    page = enter(cast.ines).get(answer.location)
    assert NAME in page.text
    assert "En attente" in page.text
    assert "1" in page.html.select_one(".figure").text


def test_nothing_is_stored_before_the_last_step(session: Session, cast: Cast, enter: Enter) -> None:
    the_programmes(session, cast)
    session.commit()
    page = enter(cast.ines).get("/sharing/new")
    step_on(page, uses=["school"])
    assert session.scalars(select(Request)).all() == []


def test_a_step_that_is_not_answered_says_what_is_missing(session: Session, cast: Cast, enter: Enter) -> None:
    school = the_programmes(session, cast)["ecole"]
    session.commit()
    page = enter(cast.ines).get("/sharing/new")
    assert "Choisissez un dispositif" in step_on(page, uses=["school"]).text
    page = step_on(page, programme=str(school.id), uses=["school"])
    assert "déposez quand même : une personne décide" in page.text
    page = step_on(page, attested=["pupil"])
    assert "Sans son accord, rien n’est gardé" in step_on(page).text


def test_going_back_keeps_what_was_answered(session: Session, cast: Cast, enter: Enter) -> None:
    school = the_programmes(session, cast)["ecole"]
    session.commit()
    page = step_on(enter(cast.ines).get("/sharing/new"), programme=str(school.id), uses=["school"])
    back = form_with(page, "step").submit("go", value="back")
    checked = [box["value"] for box in back.html.select("input[name=uses][checked]")]
    assert checked == ["school"]


def test_a_family_already_known_is_recognised_by_a_person_and_not_by_the_machine(
    session: Session, cast: Cast, enter: Enter
) -> None:
    filed(session, cast, enter)
    page = filed(session, cast, enter, name="amina DIALLO")
    assert page.status_int == 422
    assert "Ce nom ou ce téléphone est connu ici" in page.text
    done = step_on(page, family="another")
    assert done.status_int == 302
    codes = {one.household.code for one in session.scalars(select(Request)) if one.household}
    assert len(codes) == 2


def test_a_family_is_found_by_its_name_without_its_name_in_an_address(
    session: Session, cast: Cast, enter: Enter
) -> None:
    code = a_request(session, cast).code
    session.commit()
    form = form_to(enter(cast.ines).get("/sharing"), "/find")
    form["name"] = "diallo amina"
    assert code not in form.submit().text
    form["name"] = "AMINA DIALLO"
    found = form.submit()
    assert code in found.text
    assert found.request.path == "/sharing/find"


def test_every_opening_of_a_file_is_kept(session: Session, cast: Cast, enter: Enter) -> None:
    code = a_request(session, cast).code
    session.commit()
    enter(cast.ada).get(f"/sharing/requests/{code}")
    assert [one.person_id for one in session.scalars(select(HouseholdReading))] == [cast.ada.id]


@pytest.mark.parametrize(("who", "status"), [("noor", 404), ("sam", 403), ("bruno", 403), ("awa", 403), ("fanny", 403)])
def test_a_request_is_not_for_everyone(session: Session, cast: Cast, enter: Enter, who: str, status: int) -> None:
    code = a_request(session, cast).code
    session.commit()
    page = enter(getattr(cast, who)).get(f"/sharing/requests/{code}", status=status)
    assert NAME not in page.text


def test_the_partners_lead_counts_the_requests_and_opens_none(session: Session, cast: Cast, enter: Enter) -> None:
    codes = [a_request(session, cast, note="Un mot").code for _ in range(3)]
    session.commit()
    page = enter(cast.paul).get("/sharing/service")
    assert "Inès Moreau" in page
    assert page.html.select("tbody td")[0].text.strip() == "3"
    assert not [word for word in (*codes, NAME, "Un mot") if word in page]
    enter(cast.paul).get(f"/sharing/requests/{codes[0]}", status=403)


def test_an_office_with_a_list_of_its_own_reads_that_list_alone(session: Session, cast: Cast, enter: Enter) -> None:
    family = a_request(session, cast)
    tenant = a_household(session, cast, "Rosa Lindt")
    programme = a_programme(session, cast, code="bailleur")
    filing = Filing(programme, ("paperwork",), household=tenant, consent=Reading("2026-1", "fr"))
    own = file_request(session, cast.partner, filing, by=cast.lise, at=NOW)
    colleague = welcome(session, "Théa Blanc", at=NOW)
    appoint(session, colleague, Role.LANDLORD_OFFICER, cast.partner, at=NOW)
    session.commit()
    for officer in (cast.lise, colleague):
        listed = enter(officer).get("/sharing")
        assert own.code in listed
        assert family.code not in listed
        assert "Rosa Lindt" in enter(officer).get(f"/sharing/requests/{own.code}")
        enter(officer).get(f"/sharing/requests/{family.code}", status=404)
    enter(cast.eva).get(f"/sharing/requests/{own.code}", status=404)
    assert "Rosa Lindt" in enter(cast.ines).get(f"/sharing/requests/{own.code}")


def test_a_posted_code_of_another_offices_family_never_overwrites_its_file(
    session: Session, cast: Cast, enter: Enter
) -> None:
    tenant = a_household(session, cast)
    filing = Filing(a_programme(session, cast), ("paperwork",), household=tenant, consent=Reading("2026-1", "fr"))
    file_request(session, cast.partner, filing, by=cast.lise, at=NOW)
    theirs = the_programmes(session, cast)["ecole"]
    session.commit()
    eva, known = enter(cast.eva), tenant.phone_sealed
    page = step_on(eva.get("/sharing/new"), programme=str(theirs.id), uses=["school"])
    page = step_on(step_on(page, attested=["pupil"]), agreed=True)
    form = form_with(page, "step")
    told = {name: form[name].value for name in form.fields if name and name not in ("go", "family")}
    told |= {"name": NAME, "phone": "06 12 34 56 78", "address": "9 rue d’un autre", "family": tenant.code}
    assert tenant.code not in eva.post("/sharing/new", told, status=422), "whom to call, and nothing of the family"
    eva.post("/sharing/new", told | {"called": "y"}, status=302)
    session.expire_all()
    assert tenant.phone_sealed == known, "another office's file was opened and written over"
    filed_by_eva = session.scalars(select(Request).where(Request.filed_by_id == cast.eva.id)).one()
    assert filed_by_eva.household_id != tenant.id


def refused_allocation(session: Session, cast: Cast, enter: Enter, request: Request) -> str:
    """What Ada reads when she promises a machine to a request that may not be served."""
    machine = a_machine(session, cast)
    session.commit()
    ada = enter(cast.ada)
    told = {"csrf_token": form_with(ada.get("/sharing/allocations"), "csrf_token")["csrf_token"].value}
    page = ada.post("/sharing/allocations", told | {"request": request.code, "tag": machine.tag}, status=409)
    return str(page.html.select_one("main").get_text(" ", strip=True))


def test_a_condition_nobody_verified_is_said_in_words(session: Session, cast: Cast, enter: Enter) -> None:
    criteria = ("lives-here", "own")
    programme = a_programme(session, cast, criteria=criteria, sentences={"own": "Le quartier est desservi"})
    filing = Filing(programme, ("paperwork",), household=a_household(session, cast), consent=Reading("2026-1", "fr"))
    request = file_request(session, cast.partner, filing, by=cast.ines, at=NOW)
    said = refused_allocation(session, cast, enter, request)
    assert "Le foyer habite le territoire, Le quartier est desservi" in said
    assert "lives-here" not in said


def test_a_programme_of_other_postcodes_says_which_and_never_speaks_of_another_pole(
    session: Session, cast: Cast, enter: Enter
) -> None:
    cast.partner.postcode = "25480"
    request = a_request(session, cast, a_programme(session, cast, postcodes=("25000", "25220")))
    said = refused_allocation(session, cast, enter, request)
    assert "25000, 25220. La demande vient d’ailleurs : 25480" in said
    assert "servez-la quand même, avec une raison" in said
    assert "autre pôle" not in said


@pytest.mark.parametrize(
    ("quota", "words"),
    [
        ({"total": 1}, "sa limite est de 1 en tout"),
        ({"per_partner": 1}, "à CCAS de Planoise : sa limite est de 1 par structure"),
        ({"per_commune": 1}, "à Besançon : sa limite est de 1 par commune"),
    ],
)
def test_a_quota_says_which_one_is_reached(
    session: Session, cast: Cast, enter: Enter, quota: dict[str, int], words: str
) -> None:
    cast.partner.commune = "Besançon"
    programme = a_programme(session, cast, quota=quota)
    allocate(session, a_machine(session, cast), a_request(session, cast, programme), by=cast.ada, at=NOW)
    second = a_request(session, cast, programme, household=a_household(session, cast, "Rosa Lindt"))
    said = refused_allocation(session, cast, enter, second)
    assert words in said
    assert "La demande garde sa place" in said


def test_the_bench_reads_needs_and_never_names(session: Session, cast: Cast, enter: Enter) -> None:
    a_request(session, cast, needs=("left_handed_mouse",))
    session.commit()
    page = enter(cast.sam).get("/sharing/needs")
    assert "Souris à gauche" in page.text
    assert NAME not in page.text
    assert "CCAS" not in page.text


def test_ada_accepts_a_proposal_that_says_why(session: Session, cast: Cast, enter: Enter) -> None:
    machine = a_machine(session, cast)
    request = a_request(session, cast, needs=("video_calls",))
    session.commit()
    page = enter(cast.ada).get("/sharing/allocations")
    assert "Caméra testée" in page.text
    assert NAME not in page.text
    form_to(page, "/allocations").submit(status=302)
    session.refresh(machine)
    assert machine.state == State.ALLOCATED
    assert session.scalars(select(Allocation)).one().request_id == request.id


def test_a_stale_proposal_is_refused_and_says_somebody_was_faster(session: Session, cast: Cast, enter: Enter) -> None:
    machine, first = a_machine(session, cast), a_request(session, cast)
    session.commit()
    page = enter(cast.ada).get("/sharing/allocations")
    allocate(session, machine, first, by=cast.ada, at=NOW)
    session.commit()
    refused = form_to(page, "/allocations").submit(status=409)
    assert "Quelqu’un vient de le faire" in refused.text


def test_another_machine_can_be_chosen_by_hand_and_put_back(session: Session, cast: Cast, enter: Enter) -> None:
    a_machine(session, cast)
    request = a_request(session, cast)
    session.commit()
    page = enter(cast.ada).get(f"/sharing/requests/{request.code}").click("Attribuer", index=0)
    form_to(page, "/allocations").submit(status=302)
    page = enter(cast.ada).get(f"/sharing/requests/{request.code}").click("Rendre au stock")
    form_to(page, "/release").submit(status=302)
    assert session.scalars(select(Machine)).one().state == State.READY


def promised(session: Session, cast: Cast, name: str = NAME) -> Machine:
    """A machine kept for a family."""
    request = a_request(
        session, cast, the_programmes(session, cast)["ecole"], household=a_household(session, cast, name)
    )
    machine = a_machine(session, cast)
    allocate(session, machine, request, by=cast.ada, at=NOW)
    session.commit()
    return machine


def test_ines_hands_over_with_a_drawn_signature_and_prints_the_receipt(
    session: Session, cast: Cast, enter: Enter
) -> None:
    machine = promised(session, cast)
    browser = enter(cast.ines)
    form = form_with(browser.get(f"/sharing/machines/{machine.tag}/hand-over"), "signature")
    tick(form, "computer")
    form["signature"] = "data:image/png;base64," + base64.b64encode(a_signature()).decode()
    form["check_ins"] = "yes"
    done = form.submit(status=302).follow()
    assert "R-2026-0001" in done.text
    receipt = browser.get(f"/sharing/machines/{machine.tag}/receipt.pdf")
    assert receipt.content_type == "application/pdf"
    assert receipt.body.startswith(b"%PDF")


def test_whoever_cannot_draw_writes_a_name(session: Session, cast: Cast, enter: Enter) -> None:
    machine = promised(session, cast)
    page = enter(cast.ines).get(f"/sharing/machines/{machine.tag}/hand-over")
    form = form_with(page, "signature")
    tick(form, "computer")
    form["signature_typed"] = NAME
    form.submit(status=302)
    session.refresh(machine)
    assert machine.state == State.HANDED_OVER


def test_without_a_signature_nothing_is_handed_over(session: Session, cast: Cast, enter: Enter) -> None:
    machine = promised(session, cast)
    page = enter(cast.ines).get(f"/sharing/machines/{machine.tag}/hand-over")
    form = form_with(page, "signature")
    refused = form.submit(status=409)
    assert "Rien n’a été changé" in refused.text


def test_an_animator_hands_over_without_reading_the_familys_name(session: Session, cast: Cast, enter: Enter) -> None:
    machine = promised(session, cast)
    page = enter(cast.awa).get(f"/sharing/machines/{machine.tag}/hand-over")
    assert "Foyer F-" in page.text
    assert NAME not in page.text


@pytest.mark.parametrize(("who", "status"), [("noor", 404), ("sam", 403), ("bruno", 403), ("vic", 403)])
def test_nobody_else_opens_the_hand_over(session: Session, cast: Cast, enter: Enter, who: str, status: int) -> None:
    machine = promised(session, cast)
    enter(getattr(cast, who)).get(f"/sharing/machines/{machine.tag}/hand-over", status=status)


def test_sam_takes_a_machine_back_with_its_reason(session: Session, cast: Cast, enter: Enter) -> None:
    given = families.handed_over(session, cast)
    session.commit()
    page = enter(cast.sam).get(f"/sharing/machines/{given.machine.tag}/take-back")
    form = form_with(page, "reason")
    form["reason"] = "loan_ended"
    form.submit(status=302)
    session.refresh(given.machine)
    assert given.machine.state == State.RECEIVED


def test_a_withdrawn_request_that_keeps_a_machine_is_shown_to_the_coordinator(
    session: Session, cast: Cast, enter: Enter
) -> None:
    machine = promised(session, cast)
    withdraw(session, session.scalars(select(Request)).one(), by=cast.ines, at=NOW)
    session.commit()
    assert f"Rendre {machine.tag} au stock" in enter(cast.ada).get("/sharing/allocations").text


def test_said_asks_for_his_association_and_the_pole_verifies_what_he_declares(
    session: Session, cast: Cast, enter: Enter
) -> None:
    the_programmes(session, cast)
    session.commit()
    said = enter(cast.said)
    page = said.get("/sharing").click("Demander pour ma structure", index=0)
    form = form_with(page, "needs")
    form.fields["needs"][0].checked = form.fields["attested"][0].checked = True
    form["number"] = "2"
    done = form.submit(status=302).follow()
    assert "Associations, prêt de trois ans" in done.text
    assert "Déclaré par" in done.text
    assert "Vérifié par" not in done.text
    assert form.submit(status=302).location == done.request.path  # sent twice, filed once
    asked = session.scalars(select(Request).order_by(Request.id)).all()
    assert len(asked) == 2
    ada = enter(cast.ada)
    form = form_with(ada.get(f"/sharing/requests/{asked[0].code}"), "attested")
    form.fields["attested"][0].checked = True
    assert "Vérifié par" in form.submit(status=302).follow().text
    assert (done.request.path, asked[0].unmet) == (f"/sharing/requests/{asked[0].code}", [])


def test_a_firm_is_offered_the_programmes_of_firms_with_their_own_sentences(
    session: Session, cast: Cast, enter: Enter
) -> None:
    cast.partner.nature = Nature.COMPANY
    firms = a_programme(
        session, cast, "firms", holder="firm", name="Firmes", criteria=("at-work",), sentences={"at-work": "Au travail"}
    )
    a_programme(session, cast, "more", holder="firm", name="Autres firmes", criteria=("lives-here",))
    a_programme(session, cast, "clubs", holder="association", name="Pour les clubs")
    a_programme(session, cast, "rooms", holder="firm", name="Pour les bailleurs", requesters=("landlord",))
    session.commit()
    page = enter(cast.said).get("/sharing/project")
    assert "Pour les clubs" not in page.text
    assert "Pour les bailleurs" not in page.text
    form = form_with(page.click(href=f"programme={firms.id}$"), "needs")
    assert len(form.fields["attested"]) == 1
    assert "Au travail" in form.text
    form.fields["needs"][0].checked = True
    form.submit(status=302)
    assert session.scalars(select(Request)).one().programme is not None
