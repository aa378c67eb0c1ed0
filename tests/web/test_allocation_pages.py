"""A ready machine's page of the requests it could answer."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.bench.quarantines import quarantine
from ordi.machines.drive import Sanitisation
from ordi.machines.lifecycle import State
from ordi.machines.machine import Form
from ordi.parties.people import Person
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.sharing import families
from tests.sharing.families import a_household, a_programme, a_request
from tests.web.conftest import form_to
from web.sharing import allocations


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


def test_what_the_gate_would_refuse_is_not_proposed_and_the_page_says_why(
    session: Session, cast: Cast, enter: Callable[[Person], TestApp]
) -> None:
    free = a_machine(session, cast, at=NOW - timedelta(days=60))
    aside, doubtful = a_machine(session, cast, at=NOW - timedelta(days=60)), a_machine(session, cast)
    aside.held_for = "hold"
    programme = a_programme(session, cast)
    for name in ("A", "B"):
        a_request(session, cast, programme, household=a_household(session, cast, name))
    quarantine(
        session, session.scalars(select(Sanitisation).filter_by(machine_id=doubtful.id)).one(), "second_check", at=NOW
    )
    session.commit()
    page = enter(cast.ada).get("/sharing/allocations")
    assert [one["value"] for one in page.html.select("input[name=tag]")] == [free.tag]
    box = next(one for one in page.html.select(".notice") if "2 ordinateurs prêts sont retenus" in one.text)
    lines = {line.text.split(":")[0].strip(): line.a["href"] for line in box.select("li")}
    assert lines == {"Mis de côté": f"/machines/{aside.tag}", "En quarantaine": f"/machines/{doubtful.tag}"}


def test_a_request_from_elsewhere_is_decided_on_its_own_page(
    app: Flask, session: Session, cast: Cast, enter: Callable[[Person], TestApp], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(families, "SEALER", app.extensions["ordi-sealer"])
    machine = a_machine(session, cast)
    one = a_request(session, cast, a_programme(session, cast, postcodes=("39000",)))
    session.commit()
    ada = enter(cast.ada)
    assert f"Ouvrez la demande {one.code}" in ada.get("/sharing/allocations").text
    form_to(ada.get(f"/sharing/requests/{one.code}"), "/derogate").submit(status=302)
    shown = ada.get("/sharing/allocations").html.select("input[name=tag]")
    assert [it["value"] for it in shown] == [machine.tag]


def test_a_machine_that_can_go_is_seen_below_many_who_wait_for_something_else(
    session: Session, cast: Cast, enter: Callable[[Person], TestApp], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allocations, "SHOWN", 3)
    machine = a_machine(session, cast, form=Form.DESKTOP)
    programme = a_programme(session, cast)
    for n, needs in enumerate([("laptop",)] * 5 + [("paperwork",)]):
        at = NOW - timedelta(hours=9 - n)
        a_request(session, cast, programme, needs=needs, household=a_household(session, cast, f"{n}"), at=at)
    session.commit()
    page = enter(cast.ada).get("/sharing/allocations")
    assert [one["value"] for one in page.html.select("input[name=tag]")] == [machine.tag]
    assert [one.text.strip()[0] for one in page.html.select(".match .rank")] == ["1", "2", "3", "6"]
    assert "2 autres demandes attendent." in page.text
