"""A coordinator promises one machine to one request; two who do so at once do not both win."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from ordi.database import make_engine, make_sessions
from ordi.errors import NotAllowed, Refused, SomeoneJustDidThis
from ordi.machines.gate import OnHold
from ordi.machines.journal import history, record
from ordi.machines.lifecycle import Action, State
from ordi.machines.machine import Form, Machine
from ordi.sharing.allocation import (
    Allocation,
    Ending,
    MachineNotReady,
    NotAllocated,
    allocate,
    current_for,
    release,
)
from ordi.sharing.prices import PriceAboveCap
from ordi.sharing.requests import NotWaiting, OutOfTerritory, Request, RequestState, withdraw
from ordi.sharing.waiting import waiting_requests
from tests.cast import Cast, assemble
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.sharing.families import a_programme, a_promise, a_request


def test_a_promised_machine_is_shown_to_the_partner_and_its_history_knows_a_code_only(
    session: Session, cast: Cast
) -> None:
    promise = a_promise(session, cast)
    machine = promise.machine
    assert (machine.state, machine.partner) == (State.ALLOCATED, cast.partner)
    assert promise.request.state == RequestState.ALLOCATED
    assert history(session, machine)[-1].facts == '{"request":"D-2026-0001"}'


def test_a_machine_that_is_not_ready_is_not_promised(session: Session, cast: Cast) -> None:
    for state in (State.RECEIVED, State.REINSTALLED, State.DISMANTLED):
        with pytest.raises(MachineNotReady):
            a_promise(session, cast, a_machine(session, cast, state))


def test_a_machine_put_aside_is_not_promised(session: Session, cast: Cast) -> None:
    machine = a_machine(session, cast)
    machine.held_for = "part"
    with pytest.raises(OnHold):
        a_promise(session, cast, machine)


def test_a_machine_of_another_pole_is_not_promised(session: Session, cast: Cast) -> None:
    theirs = a_machine(session, cast)
    theirs.workshop = cast.other_workshop
    request = a_request(session, cast)
    for who in (cast.ada, cast.noor):
        with pytest.raises((NotAllowed, OutOfTerritory)):
            allocate(session, theirs, request, by=who, at=NOW)


@pytest.mark.parametrize("who", ["sam", "lou", "ines", "paul", "zoe", "noor"])
def test_only_the_coordinator_promises(session: Session, cast: Cast, who: str) -> None:
    machine, request = a_machine(session, cast), a_request(session, cast)
    with pytest.raises(NotAllowed):
        allocate(session, machine, request, by=getattr(cast, who), at=NOW)


def test_a_withdrawn_request_is_promised_nothing(session: Session, cast: Cast) -> None:
    request = a_request(session, cast)
    withdraw(session, request, by=cast.ines, at=NOW)
    with pytest.raises(NotWaiting):
        a_promise(session, cast, request=request)


def test_a_second_promise_of_the_same_machine_or_to_the_same_request_learns_that_it_came_late(
    session: Session, cast: Cast
) -> None:
    promise = a_promise(session, cast)
    with pytest.raises(SomeoneJustDidThis):
        a_promise(session, cast, promise.machine)
    with pytest.raises(SomeoneJustDidThis):
        a_promise(session, cast, request=promise.request)


@pytest.mark.parametrize("same", ["machine", "request"])
def test_of_two_coordinators_who_promise_at_once_one_wins(fresh_database: str, same: str) -> None:
    engine = make_engine(fresh_database)
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        cast = assemble(session, NOW)
        machines = [a_machine(session, cast) for _ in range(2)]
        programme = a_programme(session, cast)
        requests = [a_request(session, cast, programme) for _ in range(2)]
        pairs = [
            (machines[0 if same == "machine" else n].id, requests[0 if same == "request" else n].id) for n in (0, 1)
        ]
        ada = cast.ada.id
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def promise(machine_id: int, request_id: int) -> None:
        start.wait()
        try:
            with sessions.begin() as session:
                machine, request = session.get_one(Machine, machine_id), session.get_one(Request, request_id)
                allocate(session, machine, request, by=session.get_one(type(cast.ada), ada), at=NOW)
            outcomes.append("won")
        except Refused as refusal:
            outcomes.append(refusal.code)

    racers = [threading.Thread(target=promise, args=pair) for pair in pairs]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    engine.dispose()
    assert sorted(outcomes) == ["someone-just-did-this", "won"]


def test_a_released_machine_is_ready_again_and_the_request_waits_with_its_place(session: Session, cast: Cast) -> None:
    promise = a_promise(session, cast)
    release(session, promise, by=cast.ada, at=NOW)
    assert (promise.machine.state, promise.machine.partner) == (State.READY, None)
    assert promise.request.state == RequestState.WAITING
    assert promise.request.filed_at == NOW
    with pytest.raises(NotAllocated):
        release(session, promise, by=cast.ada, at=NOW)


def test_a_family_may_withdraw_after_the_promise_and_the_coordinator_releases_the_machine(
    session: Session, cast: Cast
) -> None:
    promise = a_promise(session, cast)
    withdraw(session, promise.request, by=cast.ines, at=NOW)
    release(session, promise, by=cast.ada, at=NOW)
    assert promise.request.state == RequestState.WITHDRAWN
    assert promise.machine.state == State.READY


def test_a_machine_the_bench_had_to_reopen_leaves_the_request_waiting(session: Session, cast: Cast) -> None:
    promise = a_promise(session, cast)
    request = promise.request
    record(session, promise.machine, Action.REOPEN, by=cast.sam, at=NOW)
    assert not promise.standing
    assert waiting_requests(session, cast.pole) == [request]
    second = allocate(session, a_machine(session, cast), request, by=cast.ada, at=NOW + timedelta(hours=1))
    assert (promise.ending, current_for(session, request)) == (Ending.MACHINE_LEFT, second)


def test_a_public_donors_machine_is_not_sold_above_the_solidarity_price(session: Session, cast: Cast) -> None:
    dear = a_programme(session, cast, contract="sale", price_cents=180_01)
    theirs = a_machine(session, cast, donor=cast.other_donor)  # a town
    with pytest.raises(PriceAboveCap) as refusal:
        a_promise(session, cast, theirs, a_request(session, cast, dear))
    assert refusal.value.facts["cap"] == "180\u00a0€"
    a_promise(session, cast, a_machine(session, cast), a_request(session, cast, dear, household=None))


def test_a_desktop_has_its_own_cap(session: Session, cast: Cast) -> None:
    dear = a_programme(session, cast, contract="sale", price_cents=160_00)
    theirs = a_machine(session, cast, form=Form.DESKTOP, donor=cast.other_donor)
    with pytest.raises(PriceAboveCap):
        a_promise(session, cast, theirs, a_request(session, cast, dear))


def test_the_database_itself_holds_one_open_promise_a_machine(session: Session, cast: Cast) -> None:
    from sqlalchemy.exc import IntegrityError

    promise = a_promise(session, cast)
    with pytest.raises(IntegrityError), session.begin_nested():
        session.add(
            Allocation(machine_id=promise.machine_id, request_id=a_request(session, cast).id, by_id=cast.ada.id, at=NOW)
        )
