"""What a donor asks of the wipe of its drives: Ada sets it, Bruno reads it, the bench is told what to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.machines.lifecycle import State
from ordi.machines.lots import Lot
from ordi.machines.policy import Demand, policies_of, policy_of, set_policy
from ordi.parties.people import Person
from tests.cast import Cast
from tests.factories import a_machine
from tests.web.conftest import form_to


@pytest.fixture
def lot(session: Session, cast: Cast, now: datetime) -> Lot:
    """A lot of our donor."""
    made = Lot(
        code="L-2026-900", donor=cast.donor, workshop=cast.workshop, promised_count=1, created_at=now, collected_at=now
    )
    session.add(made)
    session.flush()
    return made


def test_ada_sets_what_a_donor_asks_and_bruno_reads_it(
    session: Session, cast: Cast, enter: Callable[[Person], TestApp]
) -> None:
    page = enter(cast.ada).get(f"/giving/donors/{cast.donor.id}")
    assert "Rien de plus que la règle du réseau" in page
    form = form_to(page, "/policy")
    form["minimum_level"] = "purge"
    form["destroy"] = True
    form["audit_percent"] = "25"
    assert "Purge : effacement par le disque" in form.submit().follow()
    stands = policy_of(session, cast.donor)
    assert stands is not None
    assert (stands.demand, stands.set_by_id) == (Demand("purge", destroy=True, audit_percent=25), cast.ada.id)
    read = enter(cast.bruno).get(f"/giving/donors/{cast.donor.id}")
    assert "Un disque qui n’y arrive pas est détruit" in read
    assert "25 % des effacements" in read
    assert not read.forms or all(not form.action.endswith("/policy") for form in read.forms.values())


def test_what_was_asked_before_stays_on_the_donors_page(
    session: Session, cast: Cast, now: datetime, enter: Callable[[Person], TestApp]
) -> None:
    for demand in (Demand("clear"), Demand("purge")):
        set_policy(session, cast.donor, demand, by=cast.ada, at=now)
    session.commit()
    page = enter(cast.bruno).get(f"/giving/donors/{cast.donor.id}")
    assert "Ce qui a été demandé" in page
    assert cast.ada.name not in page
    assert cast.ada.op_code in page


def test_a_lot_is_asked_more_on_its_own_page(
    session: Session, cast: Cast, lot: Lot, enter: Callable[[Person], TestApp]
) -> None:
    page = enter(cast.ada).get(f"/giving/lots/{lot.code}")
    form = form_to(page, "/policy")
    form["minimum_level"] = "clear"
    form["counter_check"] = True
    assert "Chaque disque contrôlé par une seconde personne" in form.submit().follow()
    assert [one.demand for one in policies_of(session, lot)] == [Demand("clear", counter_check=True)]


def test_the_bench_is_told_what_is_in_the_way_and_what_to_do(
    session: Session, cast: Cast, now: datetime, enter: Callable[[Person], TestApp]
) -> None:
    machine = a_machine(session, cast, State.SANITISED)
    set_policy(session, cast.donor, Demand("purge", destroy=True), by=cast.ada, at=now)
    session.commit()
    page = enter(cast.sam).get(f"/bench/{machine.tag}/reinstall")
    assert "Le donateur demande « Purge »" in page
    assert "S’il n’y arrive pas, détruisez-le" in page


def test_a_level_nobody_offers_is_refused(cast: Cast, enter: Callable[[Person], TestApp]) -> None:
    form = form_to(enter(cast.ada).get(f"/giving/donors/{cast.donor.id}"), "/policy")
    form["minimum_level"].force_value("destroy")
    assert form.submit(status="*").status_int in (409, 422)
