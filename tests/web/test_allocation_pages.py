"""A ready machine's page of the requests it could answer."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.bench.quarantines import quarantine
from ordi.machines.drive import Sanitisation
from ordi.machines.lifecycle import State
from ordi.parties.people import Person
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.sharing.families import a_household, a_programme, a_request
from tests.web.conftest import form_to


def test_the_requests_of_a_machine_cost_no_more_for_twenty_than_for_two(
    session: Session,
    cast: Cast,
    enter: Callable[[Person], TestApp],
    queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    machine, programme = a_machine(session, cast), a_programme(session, cast)
    ada, counts = enter(cast.ada), []
    for many in (2, 18):
        for n in range(many):
            a_request(session, cast, programme, household=a_household(session, cast, f"{many} {n}"))
        session.commit()
        ada.get(f"/sharing/machines/{machine.tag}/allocate")
        session.expire_all()
        with queries() as counted:
            page = ada.get(f"/sharing/machines/{machine.tag}/allocate")
        counts.append(len(counted))
    assert len(page.html.select("input[name=request]")) == 20
    assert counts[0] == counts[1] > 0


def test_all_the_rest_is_kept_when_a_second_browser_took_one_meanwhile(
    session: Session, cast: Cast, enter: Callable[[Person], TestApp]
) -> None:
    programme = a_programme(session, cast)
    for name in ("A", "B", "C"):
        a_machine(session, cast)
        a_request(session, cast, programme, household=a_household(session, cast, name))
    session.commit()
    everything = form_to(enter(cast.ada).get("/sharing/allocations"), "/allocations/all")
    assert len(everything.fields["pair"]) == 3
    form_to(enter(cast.ada).get("/sharing/allocations"), "/sharing/allocations").submit(status=302)
    page = everything.submit().follow().text
    assert "2 ordinateurs sont gardés." in page
    assert "Une proposition a changé" in page


def test_what_the_gate_refuses_is_left_and_the_rest_is_kept(
    session: Session, cast: Cast, enter: Callable[[Person], TestApp]
) -> None:
    programme = a_programme(session, cast)
    a_machine(session, cast, at=NOW - timedelta(days=60))  # wiped long before, in another lot
    doubtful = a_machine(session, cast)
    for name in ("A", "B"):
        a_request(session, cast, programme, household=a_household(session, cast, name))
    session.commit()
    everything = form_to(enter(cast.ada).get("/sharing/allocations"), "/allocations/all")
    assert len(everything.fields["pair"]) == 2
    proof = session.scalars(select(Sanitisation).where(Sanitisation.machine_id == doubtful.id)).one()
    quarantine(session, proof, "second_check", at=NOW)
    session.commit()
    page = everything.submit().follow().text
    assert "Un ordinateur est gardé." in page
    assert "Une proposition a changé" in page
    assert doubtful.state == State.READY
