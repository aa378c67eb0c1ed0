"""What stops each of many machines is what the gate says of each of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.bench.quarantines import quarantine
from ordi.errors import Refused
from ordi.machines.audit import AuditDraw, AuditSeed
from ordi.machines.drive import Sanitisation
from ordi.machines.gate import NEEDS
from ordi.machines.lifecycle import Need
from ordi.machines.machine import Machine
from ordi.machines.policy import Demand, write_policy
from ordi.machines.stopped import stopped
from ordi.parties.organisations import Kind, found
from tests.cast import Cast
from tests.factories import a_machine

ASKED = (Need.CLEAN_DRIVES, Need.AS_ASKED, Need.AUDITED, Need.NOT_QUARANTINED, Need.NOT_HELD)
"""What the gate asks of a machine that is promised."""


def proof_of(session: Session, machine: Machine) -> Sanitisation:
    """The one wipe of a machine."""
    return session.scalars(select(Sanitisation).where(Sanitisation.machine_id == machine.id)).one()


def refused_by_the_gate(session: Session, machine: Machine) -> set[Need]:
    """Each thing the gate finds wrong with a machine, asked alone."""
    wrong = set()
    for need in ASKED:
        try:
            NEEDS[need](session, machine)
        except Refused:
            wrong.add(need)
    return wrong


def test_each_reason_stops_the_machines_that_the_gate_refuses_and_no_other(
    session: Session, cast: Cast, now: datetime
) -> None:
    before = now - timedelta(days=60)  # wiped long before what is in quarantine
    strict, watched = (found(session, Kind.DONOR, name, parent=cast.pole, at=cast.at) for name in ("Strict", "Exact"))
    free, aside, drawn = (a_machine(session, cast, at=before) for _ in range(3))
    below, unchecked = (
        a_machine(session, cast, donor=strict, at=before),
        a_machine(session, cast, donor=watched, at=before),
    )
    doubtful, both = a_machine(session, cast), a_machine(session, cast)
    write_policy(session, strict, Demand("purge"), by=cast.ada, at=now)
    write_policy(session, watched, Demand(counter_check=True), by=cast.ada, at=now)
    aside.held_for = both.held_for = "hold"
    quarantine(session, proof_of(session, doubtful), "second_check", at=now)
    seed = AuditSeed(period="2026-11", seed=b"s" * 32, made_at=now)
    session.add(seed)
    session.flush()
    told = {"workshop_id": cast.workshop.id, "percent": 5, "before": 0, "at": now}
    for n, (machine, came_out) in enumerate(((drawn, True), (free, False)), start=1):
        proof = proof_of(session, machine)
        session.add(AuditDraw(sanitisation_id=proof.id, seed_id=seed.id, place=n, drawn=came_out, **told))
    session.flush()
    machines = [free, aside, drawn, below, unchecked, doubtful, both]
    why = stopped(session, machines)
    assert why == {
        aside.id: Need.NOT_HELD,
        drawn.id: Need.AUDITED,
        below.id: Need.AS_ASKED,
        unchecked.id: Need.AS_ASKED,
        doubtful.id: Need.NOT_QUARANTINED,
        both.id: Need.NOT_HELD,
    }
    for machine in machines:
        wrong = refused_by_the_gate(session, machine)
        assert (why[machine.id] in wrong) if machine.id in why else not wrong
    assert refused_by_the_gate(session, both) == {Need.NOT_HELD, Need.NOT_QUARANTINED}


def test_nothing_stops_none(session: Session, cast: Cast) -> None:
    assert stopped(session, []) == {}
