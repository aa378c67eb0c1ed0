"""Every rule of a programme is obeyed, and told: each one is changed, and somebody sees another outcome.

A field that no code reads has no line here, and the first test fails.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi import legal_rules
from ordi.errors import Refused
from ordi.parties.people import Person
from ordi.sharing import programmes
from ordi.sharing.blocks import CriteriaMissing
from ordi.sharing.brought import brought
from ordi.sharing.connections import connect
from ordi.sharing.delays import delay_of
from ordi.sharing.filing import Reading
from ordi.sharing.fit import rank, total
from ordi.sharing.hand_over import contract_end
from ordi.sharing.loan_ends import answered, ask, silent
from ordi.sharing.packs import pack_of
from ordi.sharing.prices import price_of
from ordi.sharing.refreshers import refreshers
from ordi.sharing.requests import Request
from ordi.sharing.reservations import expire, remind_silent
from ordi.sharing.rules import Rules
from ordi.sharing.seats import enlist
from ordi.sharing.still_wanted import ask as ask_whether_wanted
from ordi.sharing.training import certify
from ordi.sharing.visits import Cause, Finding, Heading, visit
from ordi.sharing.warranty import warranty_of
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.sharing.classes import file_text, pupils_of
from tests.web.programme_scene import Reader, Rule, Scene, leaves, rules
from web.sharing.attendance_papers import attended

Enter = Callable[[Person], TestApp]
LOAN = {"contract": "loan", "loan_months": 6}
SALE = {"contract": "sale", "price_cents": 60_00}
PLACED = {"placed": True, "holder": "association"}
TRAINED = {"training": {"sessions": 2, "minutes": 60}}
CERTIFIED = {"training": {"sessions": 2, "minutes": 60, "certificate": True}}
UNLOCKED = SALE | CERTIFIED | {"unlocked_price_cents": 40_00}
SAME = {"configuration": {"form": "laptop", "least_memory_gib": 4}}
CONNECTED = {"services": ("machine", "connection"), "connection": {"free_months": 2, "then_cents": 100}}
OWN = {"criteria": ("of-our-own",), "sentences": {"of-our-own": "Le foyer est voisin"}}


def rule(reader: Reader, base: dict[str, Any] | None = None, **change: Any) -> Rule:
    return Rule(reader, change, base or {})


def in_training(reader: Reader, **change: Any) -> Rule:
    return Rule(reader, {"training": CERTIFIED["training"] | change}, CERTIFIED)


def in_configuration(base: dict[str, Any], change: dict[str, Any]) -> Rule:
    return Rule(lambda it: it.promise().id > 0, {"configuration": SAME["configuration"] | change}, SAME | base)


def served(it: Scene) -> bool:
    return it.promise().id > 0


def filed(it: Scene) -> bool:
    return it.request().id > 0


def visited(it: Scene) -> object:
    request, findings = it.request(), {str(one): str(Finding.WELL) for one in Heading}
    visit(it.session, request, Cause.WIRING, findings, by=it.cast.ines, at=NOW)
    return brought(it.session, request)


def missing(it: Scene) -> object:
    try:
        return it.promise(it.request(attested=False)).id > 0
    except CriteriaMissing as refusal:
        return refusal.facts["criteria"]


def kept(it: Scene) -> object:
    loan = it.given()
    ask(it.session, loan, by=it.cast.ines, at=NOW)
    return answered(it.session, loan, "keep", Reading("2026-1", "fr"), by=it.cast.ines, at=NOW).answer


def of_a_class(it: Scene) -> object:
    filed = file_text(it.session, it.cast, it.programme, "Classe;Élève;Responsable\nCM2 A;Amina Diallo;Fatou Diallo\n")
    (child,) = pupils_of(it.session, filed.the_list)
    return contract_end(it.session, it.session.get_one(Request, child.request_id), NOW.date())


def nobody_answered(it: Scene) -> object:
    loan = it.given()
    ask(it.session, loan, by=it.cast.ines, at=NOW)
    return silent(it.session, loan, by=it.cast.ada, at=NOW + timedelta(days=700)).answer


def went_back(it: Scene) -> int:
    it.promise()
    remind_silent(it.session, at=NOW + timedelta(days=20))
    return expire(it.session, at=NOW + timedelta(days=40))


def read_by_families(it: Scene) -> str:
    """What the five questions show of it."""
    it.session.flush()
    page = it.ines.get("/sharing/which")
    form = page.forms[max(n for n in page.forms if isinstance(n, int))]
    form["pole"] = str(it.cast.pole.id)
    return " ".join(form.submit().html.find("article").text.split())


def followed(it: Scene) -> str:
    """What the follow-up says of the machine."""
    code = it.given().request.code
    it.session.flush()
    return str(it.ines.get(f"/sharing/requests/{code}/follow").html.select_one("[aria-labelledby=held] dl"))


def hours(it: Scene) -> str:
    group = it.certified()
    with it.app.test_request_context():
        return attended(group, group.members[0]).hours


def waited(days: int) -> Reader:
    return lambda it: total(rank(it.request(), NOW + timedelta(days=days)))


RULES: dict[str, Rule] = {
    "code": rule(lambda it: [one.code for one in programmes.programmes_of(it.session, it.cast.pole)], code="autre"),
    "name": rule(read_by_families, name="Un autre nom"),
    "summary": rule(read_by_families, summary="En une phrase"),
    "contract": rule(lambda it: it.given().contract_ends, contract="loan", loan_months=6),
    "open_from": rule(filed, open_from=date(2030, 1, 1)),
    "open_until": rule(filed, open_until=date(2026, 1, 31)),
    "services": rule(lambda it: set(brought(it.session, it.request())), TRAINED, services=("machine", "training")),
    "holder": rule(lambda it: it.request(association=True).id > 0, holder="association"),
    "also_for": rule(lambda it: it.request(association=True).id > 0, also_for=("association",)),
    "requesters": rule(filed, requesters=("landlord",)),
    "criteria": rule(missing, criteria=("lives-here",)),
    "points": rule(lambda it: total(rank(it.request(), NOW)), {"points": {"pupil": 5}}, points={"pupil": 6}),
    "sentences": rule(missing, OWN, sentences={"of-our-own": "Le foyer est de la rue"}),
    "waiting_days_per_point": rule(waited(30), waiting_days_per_point=10),
    "most_waiting_points": rule(waited(300), most_waiting_points=4),
    "postcodes": rule(served, postcodes=("29200",)),
    "communes": rule(served, communes=("29019",)),
    "price_cents": rule(lambda it: price_of(it.session, it.request()), SALE, price_cents=50_00),
    "unlocked_price_cents": rule(
        lambda it: price_of(it.session, it.certified().members[0].request), UNLOCKED, unlocked_price_cents=30_00
    ),
    "unlocked_by": rule(
        lambda it: price_of(it.session, it.certified().members[0].request), UNLOCKED, unlocked_by=("ateliers",)
    ),
    "partner_sets_price": rule(lambda it: price_of(it.session, it.request()), SALE, partner_sets_price=True),
    "needs_code": rule(filed, needs_code=True),
    "loan_months": rule(lambda it: contract_end(it.session, it.request(), NOW.date()), LOAN, loan_months=7),
    "loan_ends": rule(lambda it: contract_end(it.session, it.request(), NOW.date()), LOAN, loan_ends=date(2029, 7, 5)),
    "loan_until": rule(
        of_a_class,
        LOAN | {"loan_ends": date(2029, 7, 5), "requesters": ("school",), "criteria": ("pupil",)},
        loan_until="6e",
    ),
    "ends_at": rule(followed, LOAN | {"loan_ends": date(2029, 7, 5)}, ends_at="l’entrée en 6e"),
    "may_keep": rule(kept, LOAN, may_keep=True),
    "silence": rule(nobody_answered, LOAN, silence="return"),
    "warranty_months": rule(lambda it: warranty_of(it.session, it.given()), warranty_months=6),
    "pack": rule(lambda it: pack_of(a_machine(it.session, it.cast), it.request()), pack=("epn_card",)),
    "profile": rule(lambda it: it.request().software, profile="ecole"),
    "profiles": rule(lambda it: it.request(profile="formation").software, profiles=("formation", "bureau")),
    "configuration.form": in_configuration({}, {"form": "desktop"}),
    "configuration.least_memory_gib": in_configuration({}, {"least_memory_gib": 16}),
    "configuration.most_memory_gib": in_configuration({}, {"most_memory_gib": 4}),
    "built_by_holder": rule(served, built_by_holder=True),
    "placed": rule(lambda it: it.given().id > 0, placed=True),
    "applicant_may_use": rule(lambda it: it.placed(), PLACED, applicant_may_use=False),
    "fleets": rule(lambda it: it.placed("own"), PLACED, fleets=("own", "learners")),
    "training.sessions": in_training(lambda it: len(it.group().sessions), sessions=3),
    "training.minutes": in_training(hours, minutes=90),
    "training.least_attended": in_training(
        lambda it: certify(it.session, it.trained(1).members[0], by=it.cast.awa, at=NOW), least_attended=1
    ),
    "training.levels": in_training(lambda it: it.group(level="Je commence").level, levels=("Je commence",)),
    "training.before_hand_over": in_training(lambda it: it.given().id > 0, before_hand_over=True),
    "training.certificate": in_training(lambda it: it.certified().members[0].certificate, certificate=False),
    "training.commitment": in_training(
        lambda it: enlist(it.session, it.group(), it.request(), by=it.cast.awa, at=NOW).step, commitment=True
    ),
    "training.refresher_months": in_training(
        lambda it: (
            bool(it.certified()) and len(refreshers(it.session, [it.cast.partner.id], NOW.date() + timedelta(days=400)))
        ),
        refresher_months=12,
    ),
    "visits": rule(visited, {"services": ("machine", "visit"), "visits": 1}, visits=2),
    "connection.free_months": rule(
        lambda it: connect(it.session, it.request(), by=it.cast.ines, at=NOW).free_until,
        CONNECTED,
        connection={"free_months": 9, "then_cents": 100},
    ),
    "connection.then_cents": rule(
        lambda it: connect(it.session, it.request(), by=it.cast.ines, at=NOW).then_cents,
        CONNECTED,
        connection={"free_months": 2, "then_cents": 500},
    ),
    "quota.total": rule(lambda it: it.third().id > 0, quota={"total": 2}),
    "quota.per_partner": rule(lambda it: it.third().id > 0, quota={"per_partner": 2}),
    "quota.per_commune": rule(lambda it: it.third().id > 0, quota={"per_commune": 2}),
    "quota.per_months": rule(
        lambda it: it.third(later=60).id > 0, {"quota": {"total": 2}}, quota={"total": 2, "per_months": 1}
    ),
    "budget_cents": rule(lambda it: it.third().id > 0, {"unit_cost_cents": 50_00}, budget_cents=120_00),
    "unit_cost_cents": rule(
        lambda it: it.third().id > 0, {"unit_cost_cents": 40_00, "budget_cents": 120_00}, unit_cost_cents=50_00
    ),
    "public_donors": rule(lambda it: it.promise(donor=it.cast.other_donor).id > 0, public_donors=False),
    "hold_days": rule(lambda it: it.promise().kept_until, hold_days=20),
    "expire_days": rule(went_back, expire_days=90),
    "ask_again_days": rule(
        lambda it: bool(it.request()) and len(ask_whether_wanted(it.session, at=NOW + timedelta(days=100))),
        ask_again_days=60,
    ),
    "usual_delay_days": rule(lambda it: delay_of(it.programme, {}).days, usual_delay_days=21),
    "bring": rule(read_by_families, bring=("siret",)),
    "source": rule(lambda it: told(it), source="Besançon-Clic"),
}


@pytest.fixture
def scene(session: Session, cast: Cast, app: Flask, enter: Enter) -> Callable[[dict[str, Any]], Scene]:
    """A scene under some rules."""
    legal_rules.ship(session)
    cast.partner.commune = "Besançon"
    session.commit()
    ada, ines = enter(cast.ada), enter(cast.ines)

    def under(change: dict[str, Any]) -> Scene:
        programme = programmes.write(session, cast.pole, rules(change), at=cast.at)
        return Scene(session, cast, programme, app, ada, ines)

    return under


def outcome(session: Session, scene: Callable[[dict[str, Any]], Scene], how: Rule, said: dict[str, Any]) -> object:
    """What the reader sees under these rules; all of it is undone."""
    with session.begin_nested() as undone:
        it = scene(said)
        try:
            return how.reader(it)
        except Refused as refusal:
            return refusal.code
        finally:
            undone.rollback()
            session.expire_all()


def test_every_field_of_the_rules_has_its_reader() -> None:
    assert set(leaves(Rules)) == set(RULES)


@pytest.mark.parametrize("field", RULES)
def test_a_rule_that_changes_changes_what_happens(
    session: Session, scene: Callable[[dict[str, Any]], Scene], field: str
) -> None:
    how = RULES[field]
    before, same, after = (outcome(session, scene, how, said) for said in (how.base, how.base, how.base | how.change))
    assert before == same != after


@pytest.mark.parametrize("field", RULES)
def test_a_rule_that_changes_changes_what_is_told_of_the_programme(
    session: Session, scene: Callable[[dict[str, Any]], Scene], field: str
) -> None:
    how = RULES[field]
    page = Rule(told, {}, {})
    before, same, after = (outcome(session, scene, page, said) for said in (how.base, how.base, how.base | how.change))
    assert before == same != after


def told(it: Scene) -> str:
    """The page of a programme, rule by rule, as text, without its versions."""
    number = it.programme.id
    it.session.flush()
    page = it.ada.get(f"/sharing/programmes/{number}")
    page.html.select_one("[aria-labelledby=versions]").decompose()
    return " ".join(page.html.find("main").text.split())
