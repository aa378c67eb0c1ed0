"""The schemes of the field run unchanged, as data: each from the request to its end, through the real verbs."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi import legal_rules
from ordi.errors import Invalid, NotAllowed
from ordi.journeys.returns import take_back
from ordi.machines.custody import CustodyTransfer, Holder, holder_of
from ordi.machines.lifecycle import State
from ordi.machines.machine import Form
from ordi.parties.organisations import Kind, Nature, Organisation, found
from ordi.parties.people import Person, Role, appoint, welcome
from ordi.sharing import programmes
from ordi.sharing.allocation import Allocation, allocate, release
from ordi.sharing.blocks import CriteriaMissing, OtherSoftware
from ordi.sharing.brought import brought
from ordi.sharing.connections import AlreadyConnected, connect, connection_of
from ordi.sharing.filing import Filing, NotForYou, Reading, file_request
from ordi.sharing.hand_over import Pack, TrainingFirst, hand_over
from ordi.sharing.loan_ends import Answer, NotAskedYet, answered, ask, ending, silent
from ordi.sharing.naming import NamedForAnother, NotNamed, name_machine, names, naming_of
from ordi.sharing.placements import ApplicantAsUser, PlacementMissing, place, placement_of
from ordi.sharing.prices import NoPriceYet, PublicDonorMachine, price_of, set_price
from ordi.sharing.programmes import Programme
from ordi.sharing.proposals import proposals
from ordi.sharing.quotas import QuotaReached
from ordi.sharing.requests import OwnConditions, Request, RequestState, attest, withdraw
from ordi.sharing.rules import Service
from ordi.sharing.seats import enlist
from ordi.sharing.shipped import example, examples
from ordi.sharing.tenant_codes import CodeUnknown, give_codes, left
from ordi.sharing.training import (
    Group,
    NotCommitted,
    NotTheNextStep,
    Step,
    TooFewSessions,
    advance,
    certify,
    note_attendance,
    open_group,
)
from ordi.sharing.visits import Cause, Finding, Heading, visit, visits_of
from tests.cast import Cast
from tests.factories import GIB, WAYS, a_machine
from tests.ground.clock import NOW
from tests.sharing.families import a_household, a_programme, a_signature

YEARS = timedelta(days=365)


def put(session: Session, cast: Cast, code: str) -> Programme:
    """An example, in force in our pole."""
    legal_rules.ship(session)
    rules = example(code)
    assert rules
    cast.partner.postcode, cast.partner.commune = "25000", "Besançon"
    return programmes.write(session, cast.pole, rules, at=cast.at)


def ask_for(
    session: Session,
    cast: Cast,
    programme: Programme,
    *,
    by: Person | None = None,
    name: str = "Amina Diallo",
    at: datetime = NOW,
    tenant_code: str = "",
) -> Request:
    """A family's request with every fact of the programme verified."""
    filing = Filing(
        programme=programme,
        needs=("paperwork",),
        attested=programme.rules.facts,
        household=a_household(session, cast, name),
        consent=Reading("2026-1", "fr"),
        tenant_code=tenant_code,
    )
    return file_request(session, cast.partner, filing, by=by or cast.ines, at=at)


def apply_for(
    session: Session, cast: Cast, partner: Organisation, programme: Programme, by: Person, profile: str = ""
) -> Request:
    """An organisation's own request, its conditions verified by the pole."""
    filing = Filing(programme=programme, needs=("paperwork",), attested=programme.rules.facts, profile=profile)
    request = file_request(session, partner, filing, by=by, at=NOW)
    attest(session, request, programme.rules.facts, by=cast.ada, at=NOW)
    return request


def given(session: Session, cast: Cast, request: Request, by: Person, **machine: object) -> Allocation:
    """A ready machine promised by Ada, then signed for."""
    promise = allocate(session, a_machine(session, cast, **machine), request, by=cast.ada, at=NOW)  # type: ignore[arg-type]
    return hand_over(session, promise, a_signature(), by=by, at=NOW, pack=Pack(request.programme.rules.pack))


def another_partner(session: Session, cast: Cast, name: str, nature: Nature = Nature.ASSOCIATION) -> Organisation:
    return found(session, Kind.PARTNER, name, parent=cast.pole, at=cast.at, nature=nature)


def trained(session: Session, cast: Cast, programme: Programme, request: Request) -> Group:
    """A group of this request alone, that comes to every session."""
    training = programme.rules.training
    assert training
    days = [NOW - timedelta(days=n + 1) for n in range(training.sessions)]
    group = open_group(session, cast.partner, programme, days, by=cast.awa, at=NOW)
    seat = enlist(session, group, request, by=cast.awa, at=NOW)
    for step in (Step.WRITTEN_TO, Step.INFORMED, Step.COMMITTED) if training.commitment else ():
        advance(session, seat, step, by=cast.awa, at=NOW)
    for meeting in group.sessions:
        note_attendance(session, meeting, [seat.id], by=cast.awa, at=NOW)
    return group


def test_thirteen_examples_ship_and_each_holds_together() -> None:
    assert len(examples()) == 13
    assert all(rules.source for rules in examples())


def test_1_the_network_gives_for_little_and_the_chain_leads_from_donor_to_family(session: Session, cast: Cast) -> None:
    network = put(session, cast, "ordi-reseau")
    family = given(session, cast, ask_for(session, cast, network), cast.ines)
    association = given(session, cast, apply_for(session, cast, cast.partner, network, cast.said), cast.said)
    assert family.paper
    assert '"price_cents":5000' in family.paper.facts
    steps = select(CustodyTransfer.holder).where(CustodyTransfer.machine_id == family.machine.id)
    chain = session.scalars(steps.order_by(CustodyTransfer.id)).all()
    assert (family.machine.donor, list(chain)) == (cast.donor, [Holder.DRIVER, Holder.WORKSHOP, Holder.HOUSEHOLD])
    holder = holder_of(session, association.machine)
    assert holder
    assert (holder.holder, holder.organisation) == (Holder.PARTNER, cast.partner)


def test_2_an_epn_applies_and_may_not_use_the_machines_itself(session: Session, cast: Cast) -> None:
    call = put(session, cast, "ordis-solidaires")
    home = another_partner(session, cast, "Maison de retraite des Tilleuls")
    request = apply_for(session, cast, cast.partner, call, cast.said)
    promise = allocate(session, a_machine(session, cast), request, by=cast.ada, at=NOW)
    with pytest.raises(PlacementMissing):
        hand_over(session, promise, a_signature(), by=cast.said, at=NOW)
    parts = {"owner": cast.partner, "keeper": home, "where": "Salon", "by": cast.said, "at": NOW}
    with pytest.raises(ApplicantAsUser):
        place(session, request, operator=cast.partner, **parts)  # type: ignore[arg-type]
    place(session, request, operator=home, **parts)  # type: ignore[arg-type]
    loan = hand_over(session, promise, a_signature(), by=cast.said, at=NOW)
    assert loan.contract_ends
    take_back(session, loan, "loan_ended", by=cast.lou, at=NOW + 3 * YEARS)
    assert (request.state, loan.machine.state) == (RequestState.CLOSED, State.RECEIVED)


def test_2_an_association_that_runs_no_room_does_not_apply_to_the_call(session: Session, cast: Cast) -> None:
    call = put(session, cast, "ordis-solidaires")
    club = another_partner(session, cast, "Club d’échecs")
    president = welcome(session, "Nadia Roux", at=cast.at)
    appoint(session, president, Role.SIGNATORY, club, at=cast.at)
    with pytest.raises(NotForYou):
        apply_for(session, cast, club, call, president)


def test_3_feris_a_machine_is_named_before_it_is_ready_built_and_taken_home_after_the_sessions(
    session: Session, cast: Cast
) -> None:
    feris = put(session, cast, "feris")
    request = ask_for(session, cast, feris)
    machine = a_machine(session, cast, State.REINSTALLED, form=Form.DESKTOP, profile="formation")
    name_machine(session, machine, request, by=cast.ada, at=NOW)
    WAYS[State.READY][-1](session, cast, machine, NOW, 1)
    machine.profile = "formation"
    (proposal,) = proposals(session, cast.pole, at=NOW)
    assert proposal.best
    assert proposal.best.machine is machine
    with pytest.raises(NamedForAnother):
        allocate(session, machine, ask_for(session, cast, feris, name="Lila"), by=cast.ada, at=NOW)
    promise = allocate(session, machine, request, by=cast.ada, at=NOW)
    with pytest.raises(TrainingFirst):
        hand_over(session, promise, a_signature(), by=cast.ines, at=NOW)
    (seat,) = trained(session, cast, feris, request).members
    assert certify(session, seat, by=cast.awa, at=NOW) == "A-2026-0001"
    paper = hand_over(session, promise, a_signature(), by=cast.ines, at=NOW).paper
    assert paper
    assert '"price_cents":1000' in paper.facts


def test_3_a_machine_that_nobody_named_is_not_given_to_who_builds_theirs(session: Session, cast: Cast) -> None:
    feris = put(session, cast, "feris")
    request = ask_for(session, cast, feris)
    built = a_machine(session, cast, State.REINSTALLED, form=Form.DESKTOP)
    stranger = a_machine(session, cast, form=Form.DESKTOP)
    built.profile = stranger.profile = "formation"
    (proposal,) = proposals(session, cast.pole, at=NOW)
    assert proposal.best is None
    with pytest.raises(NotNamed):
        allocate(session, stranger, request, by=cast.ada, at=NOW)
    name_machine(session, built, request, by=cast.ada, at=NOW)
    WAYS[State.READY][-1](session, cast, built, NOW, 1)
    built.profile = "formation"
    release(session, allocate(session, built, request, by=cast.ada, at=NOW), by=cast.ada, at=NOW)
    assert allocate(session, built, request, by=cast.ada, at=NOW).machine is built  # it still bears the name


def test_3_a_machine_is_nobodys_once_its_builder_withdraws(session: Session, cast: Cast) -> None:
    feris = put(session, cast, "feris")
    left, stays = (ask_for(session, cast, feris, name=name) for name in ("Ana", "Bo"))
    machine = a_machine(session, cast, State.REINSTALLED, form=Form.DESKTOP)
    name_machine(session, machine, left, by=cast.ada, at=NOW)
    withdraw(session, left, by=cast.ines, at=NOW)
    assert naming_of(session, machine) is None
    name_machine(session, machine, stays, by=cast.ada, at=NOW)
    assert names(session, [machine]) == {machine.id: stays.id}


def test_3_everyone_of_feris_gets_the_same_machine_and_twenty_a_year_get_one(session: Session, cast: Cast) -> None:
    rules = example("feris")
    assert rules
    alike = {"quota": rules.quota.model_copy(update={"total": 1}), "built_by_holder": False}
    same = rules.model_copy(update=alike)
    legal_rules.ship(session)
    feris = programmes.write(session, cast.pole, same, at=cast.at)
    first, second = (ask_for(session, cast, feris, name=name) for name in ("Ana", "Bo"))
    a_machine(session, cast, form=Form.LAPTOP)
    a_machine(session, cast, form=Form.DESKTOP, memory_bytes=16 * GIB)
    assert [one.best for one in proposals(session, cast.pole, at=NOW)] == [None, None]
    other_software = a_machine(session, cast, form=Form.DESKTOP)
    assert [one.best for one in proposals(session, cast.pole, at=NOW)] == [None, None]
    with pytest.raises(OtherSoftware):
        allocate(session, other_software, first, by=cast.ada, at=NOW)
    desktops = [a_machine(session, cast, form=Form.DESKTOP) for _ in range(2)]
    for one in desktops:
        one.profile = "formation"
    assert [bool(one.best) for one in proposals(session, cast.pole, at=NOW)] == [True, False]
    allocate(session, desktops[0], first, by=cast.ada, at=NOW)
    with pytest.raises(QuotaReached):
        allocate(session, desktops[1], second, by=cast.ada, at=NOW)
    allocate(session, desktops[1], second, by=cast.ada, at=NOW + YEARS)


def test_4_a_school_machine_is_used_until_6e_then_kept_with_a_paper_and_a_new_consent(
    session: Session, cast: Cast
) -> None:
    school = put(session, cast, "besancon-ecoles")
    loan = given(session, cast, ask_for(session, cast, school, by=cast.eva), cast.eva)
    ends = loan.contract_ends
    assert ends
    assert ends == school.rules.loan_ends
    near = datetime.combine(ends, NOW.timetz()) - timedelta(days=30)
    assert ending(session, cast.pole, near.date()) == [loan]
    ask(session, loan, by=cast.eva, at=near)
    end = answered(session, loan, Answer.KEEP, Reading("2026-1", "fr"), by=cast.eva, at=near)
    assert end.paper
    assert '"contract":"gift"' in end.paper.facts
    assert (loan.contract_ends, loan.machine.state) == (None, State.HANDED_OVER)
    assert ending(session, cast.pole, near.date()) == []


def test_4_or_it_is_returned(session: Session, cast: Cast) -> None:
    school = put(session, cast, "besancon-ecoles")
    loan = given(session, cast, ask_for(session, cast, school, by=cast.eva), cast.eva)
    ask(session, loan, by=cast.eva, at=NOW)
    answered(session, loan, Answer.RETURN, None, by=cast.eva, at=NOW)
    take_back(session, loan, "loan_ended", by=cast.lou, at=NOW)
    assert loan.machine.state == State.RECEIVED


def test_4_silence_means_what_was_declared_and_only_after_the_letter_and_the_day(session: Session, cast: Cast) -> None:
    school = put(session, cast, "besancon-ecoles")
    loan = given(session, cast, ask_for(session, cast, school, by=cast.eva), cast.eva)
    after = NOW + 4 * YEARS
    with pytest.raises(NotAskedYet):
        silent(session, loan, by=cast.ada, at=after)
    ask(session, loan, by=cast.eva, at=NOW)
    with pytest.raises(NotAskedYet):
        silent(session, loan, by=cast.ada, at=NOW)
    end = silent(session, loan, by=cast.ada, at=after)
    assert (end.answer, end.by_silence, loan.contract_ends) == (Answer.KEEP, True, None)


def test_5_an_association_gets_its_pack(session: Session, cast: Cast) -> None:
    programme = put(session, cast, "besancon-assos")
    gift = given(session, cast, apply_for(session, cast, cast.partner, programme, cast.said), cast.said)
    assert gift.paper
    assert '"printer"' in gift.paper.facts
    again = apply_for(session, cast, cast.partner, programme, cast.said)
    with pytest.raises(QuotaReached) as refusal:
        allocate(session, a_machine(session, cast), again, by=cast.ada, at=NOW)
    assert refusal.value.code == "partner-quota-reached"


def test_6_kerourien_connects_a_home_without_waiting_for_a_machine_and_visits_it(session: Session, cast: Cast) -> None:
    programme = put(session, cast, "kerourien")
    request = ask_for(session, cast, programme)
    access = connect(session, request, by=cast.ines, at=NOW)
    today = NOW.date()
    assert [access.price_on(today + timedelta(days=n)) for n in (0, 260, 290)] == [0, 0, 100]
    with pytest.raises(AlreadyConnected):
        connect(session, request, by=cast.ines, at=NOW)
    given(session, cast, request, cast.ines)
    findings = {str(one): str(Finding.WELL) for one in Heading} | {"provider": str(Finding.HELP_NEEDED)}
    with pytest.raises(Invalid):
        visit(session, request, Cause.WIRING, {str(Heading.SKILLS): Finding.WELL}, by=cast.ines, at=NOW)
    visit(session, request, Cause.INSTALLATION, findings, by=cast.ines, at=NOW)
    trained(session, cast, programme, request)
    assert len(visits_of(session, request)) == 1
    assert all(brought(session, request).values())


def test_7_a_landlord_sets_its_price_and_its_tenants_come_with_a_code_that_serves_once(
    session: Session, cast: Cast
) -> None:
    programme = put(session, cast, "toit-angevin")
    code, spare = give_codes(session, cast.partner, programme.code, 2, by=cast.lise, at=NOW)
    request = ask_for(session, cast, programme, by=cast.lise, tenant_code=f" {code.lower()} ")
    assert left(session, cast.partner, programme.code) == (1, 2)
    for wrong in (code, "AAAAAAAAAA", ""):
        with pytest.raises(CodeUnknown):
            ask_for(session, cast, programme, by=cast.lise, name="Bo", tenant_code=wrong)
    with pytest.raises(NoPriceYet):
        price_of(session, request)
    for not_theirs in (cast.ines, cast.lise, cast.noor):
        with pytest.raises(NotAllowed):
            set_price(session, cast.partner, programme, 900_00, by=not_theirs, at=NOW)
    set_price(session, cast.partner, programme, 45_00, by=cast.said, at=NOW)
    sale = given(session, cast, request, cast.lise)
    assert sale.paper
    assert '"price_cents":4500' in sale.paper.facts
    assert spare != code


def test_7_others_of_the_structure_do_not_file_for_the_landlord(session: Session, cast: Cast) -> None:
    programme = put(session, cast, "toit-angevin")
    (code,) = give_codes(session, cast.partner, programme.code, 1, by=cast.lise, at=NOW)
    with pytest.raises(NotForYou):
        ask_for(session, cast, programme, tenant_code=code)


def test_8_at_larris_equipment_access_and_uses_are_treated_together(session: Session, cast: Cast) -> None:
    programme = put(session, cast, "larris")
    request = ask_for(session, cast, programme)
    assert set(brought(session, request)) == {Service.MACHINE, Service.CONNECTION, Service.TRAINING}
    connect(session, request, by=cast.ines, at=NOW)
    given(session, cast, request, cast.ines)
    assert brought(session, request) == {Service.MACHINE: True, Service.CONNECTION: True, Service.TRAINING: False}
    trained(session, cast, programme, request)
    assert all(brought(session, request).values())


def test_9_a_laureate_gets_machines_for_itself_and_for_learners_in_two_fleets(session: Session, cast: Cast) -> None:
    programme = put(session, cast, "quartiers-numeriques")
    fleets = {}
    for fleet in ("own", "learners"):
        request = apply_for(session, cast, cast.partner, programme, cast.said)
        parts = dict.fromkeys(("owner", "keeper", "operator"), cast.partner)
        place(session, request, **parts, where="Local", fleet=fleet, by=cast.said, at=NOW)
        loan = given(session, cast, request, cast.said)
        said = placement_of(session, request)
        assert said
        fleets[said.fleet] = loan.machine.tag
    assert len(set(fleets.values())) == 2
    with pytest.raises(Invalid):
        place(session, request, **parts, where="Local", fleet="friends", by=cast.said, at=NOW)


def test_10_the_software_is_chosen_for_the_project(session: Session, cast: Cast) -> None:
    programme = put(session, cast, "kit-projet")
    request = apply_for(session, cast, cast.partner, programme, cast.said, profile="formation")
    a_machine(session, cast)
    fitting = a_machine(session, cast)
    fitting.profile = "formation"
    (found_one,) = proposals(session, cast.pole, at=NOW)
    assert found_one.best
    assert found_one.best.machine is fitting
    gift = hand_over(
        session, allocate(session, fitting, request, by=cast.ada, at=NOW), a_signature(), by=cast.said, at=NOW
    )
    assert gift.machine.state == State.HANDED_OVER
    with pytest.raises(Invalid):
        apply_for(session, cast, cast.partner, programme, cast.said, profile="jeux")


def test_11_a_certificate_unlocks_the_price_and_public_donors_machines_are_not_resold(
    session: Session, cast: Cast
) -> None:
    programme = put(session, cast, "passeport-eco")
    firm = another_partner(session, cast, "Boulangerie Picard", Nature.COMPANY)
    baker = welcome(session, "Léo Picard", at=cast.at)
    appoint(session, baker, Role.SIGNATORY, firm, at=cast.at)
    appoint(session, cast.awa, Role.ANIMATOR, firm, at=cast.at)
    request = apply_for(session, cast, firm, programme, baker)
    assert price_of(session, request) == 150_00
    public = a_machine(session, cast, donor=cast.other_donor)
    with pytest.raises(PublicDonorMachine):
        allocate(session, public, request, by=cast.ada, at=NOW)
    group = open_group(
        session, firm, programme, [NOW - timedelta(days=2), NOW - timedelta(days=1)], by=cast.awa, at=NOW
    )
    seat = enlist(session, group, request, by=cast.awa, at=NOW)
    note_attendance(session, group.sessions[0], [seat.id], by=cast.awa, at=NOW)
    with pytest.raises(TooFewSessions):
        certify(session, seat, by=cast.awa, at=NOW)
    note_attendance(session, group.sessions[1], [seat.id], by=cast.awa, at=NOW)
    certify(session, seat, by=cast.awa, at=NOW)
    sale = given(session, cast, request, baker)
    assert sale.paper
    assert '"price_cents":9000' in sale.paper.facts


def test_11_a_programme_of_firms_is_not_for_associations_nor_the_other_way(session: Session, cast: Cast) -> None:
    rules = example("passeport-eco")
    assert rules
    firms = programmes.write(session, cast.pole, rules.model_copy(update={"requesters": ()}), at=cast.at)
    kit = put(session, cast, "kit-projet")
    firm = another_partner(session, cast, "Boulangerie Picard", Nature.COMPANY)
    baker = welcome(session, "Léo Picard", at=cast.at)
    appoint(session, baker, Role.SIGNATORY, firm, at=cast.at)
    with pytest.raises(NotForYou):
        apply_for(session, cast, cast.partner, firms, cast.said)
    with pytest.raises(NotForYou):
        apply_for(session, cast, firm, kit, baker)
    assert apply_for(session, cast, firm, firms, baker).state == RequestState.WAITING


def test_9_what_a_laureate_says_of_itself_counts_once_the_pole_verified_it(session: Session, cast: Cast) -> None:
    programme = a_programme(session, cast, holder="association", criteria=("local-project",))
    filing = Filing(programme=programme, needs=("paperwork",), attested=("local-project",))
    request = file_request(session, cast.partner, filing, by=cast.said, at=NOW)
    assert (request.attested, request.unmet) == ([], ["local-project"])
    with pytest.raises(CriteriaMissing):
        allocate(session, a_machine(session, cast), request, by=cast.ada, at=NOW)
    with pytest.raises(NotAllowed):
        attest(session, request, ["local-project"], by=cast.said, at=NOW)
    attest(session, request, ["local-project"], by=cast.ada, at=NOW)
    assert (request.attested, request.unmet) == (["local-project"], [])
    assert [(one.by, request.declares(one)) for one in request.attestations] == [(cast.said, True), (cast.ada, False)]


def test_9_who_asks_does_not_verify_even_as_a_coordinator(session: Session, cast: Cast) -> None:
    programme = a_programme(session, cast, holder="association", criteria=("local-project",))
    appoint(session, cast.ada, Role.SIGNATORY, cast.partner, at=cast.at)
    filing = Filing(programme=programme, needs=("paperwork",))
    request = file_request(session, cast.partner, filing, by=cast.ada, at=NOW)
    with pytest.raises(OwnConditions):
        attest(session, request, ["local-project"], by=cast.ada, at=NOW)


def test_12_owner_keeper_place_and_operator_differ_and_change(session: Session, cast: Cast) -> None:
    programme = put(session, cast, "placement")
    lycee, centre = another_partner(session, cast, "Lycée Pergaud"), another_partner(session, cast, "Centre social")
    request = apply_for(session, cast, cast.partner, programme, cast.said)
    parts = {"owner": lycee, "keeper": cast.partner, "operator": centre, "by": cast.said, "at": NOW}
    place(session, request, where="FabLab", **parts)  # type: ignore[arg-type]
    loan = given(session, cast, request, cast.said)
    place(session, request, where="Accueil", **parts)  # type: ignore[arg-type]
    said = placement_of(session, request)
    assert said
    assert (said.owner, said.keeper, said.operator, said.place) == (lycee, cast.partner, centre, "Accueil")
    take_back(session, loan, "no_longer_needed", by=cast.lou, at=NOW)
    assert request.state == RequestState.CLOSED


def test_13_people_without_a_machine_learn_together_from_the_pre_list_to_the_certificate(
    session: Session, cast: Cast
) -> None:
    programme = put(session, cast, "ateliers")
    request = ask_for(session, cast, programme)
    assert proposals(session, cast.pole, at=NOW) == []
    days = [NOW - timedelta(days=n + 1) for n in range(10)]
    group = open_group(session, cast.partner, programme, days, by=cast.awa, at=NOW, level="Je commence")
    seat = enlist(session, group, request, by=cast.awa, at=NOW)
    with pytest.raises(NotTheNextStep):
        advance(session, seat, Step.COMMITTED, by=cast.awa, at=NOW)
    with pytest.raises(NotCommitted):
        note_attendance(session, group.sessions[0], [seat.id], by=cast.awa, at=NOW)
    for step in (Step.WRITTEN_TO, Step.INFORMED, Step.COMMITTED):
        advance(session, seat, step, by=cast.awa, at=NOW)
    for meeting in group.sessions[:8]:
        note_attendance(session, meeting, [seat.id], by=cast.awa, at=NOW)
    certify(session, seat, by=cast.awa, at=NOW)
    assert (seat.step, request.state) == (Step.CERTIFIED, RequestState.CLOSED)
    assert connection_of(session, request) is None
