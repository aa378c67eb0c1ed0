"""Somebody holds a connection to the database and no scruple: what raw SQL still cannot do."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ordi.machines.drive import Sighting, Standing, open_sightings
from ordi.machines.evidence import Evidence
from ordi.machines.journal import record
from ordi.machines.lifecycle import Action, State
from ordi.machines.machine import Machine
from tests.cast import Cast
from tests.factories import a_drive, a_machine
from tests.machines.test_gate import refused


def _refuses(session: Session, statement: str, **values: object) -> None:
    with pytest.raises(IntegrityError, match="ordi:"), session.begin_nested():
        session.execute(text(statement), values)


def _forge(session: Session, machine: Machine, to: State, *, stay: int | None = None) -> None:
    """The move that a forger writes: an event that fits the chain, then the machine."""
    session.execute(
        text(
            "INSERT INTO events (machine_id, seq, action, from_state, to_state, happened_at, recorded_at, facts, prev_hash, hash)"
            " VALUES (:m, :s, 'forged', :f, :to, :t, :t, '{}', :p, 'forged')"
        ),
        {
            "m": machine.id,
            "s": machine.head_seq + 1,
            "f": machine.state,
            "to": to,
            "t": "2026-11-16 09:30:00+00:00",
            "p": machine.head_hash,
        },
    )
    session.execute(
        text(
            "UPDATE machines SET state = :to, head_seq = head_seq + 1, head_hash = 'forged', stay = :stay WHERE id = :id"
        ),
        {"to": to, "id": machine.id, "stay": machine.stay if stay is None else stay},
    )


def test_a_drive_has_no_standing_of_one_s_own_invention(session: Session, cast: Cast) -> None:
    drive = a_drive(session, a_machine(session, cast, State.RECEIVED))
    for standing in ("clean", "SANITISED", "sanitised ", ""):
        _refuses(session, "UPDATE drives SET standing = :standing WHERE id = :id", standing=standing, id=drive.id)


def test_an_inventory_speaks_for_no_other_machine_and_no_other_stay(session: Session, cast: Cast) -> None:
    machine = a_machine(session, cast, State.READY)
    other = a_machine(session, cast, State.RECEIVED)
    kept = open_sightings(session, machine)[0].evidence_id
    for change in (f"machine_id = {other.id}", "machine_id = NULL", "stay = stay + 1", "id = 999999"):
        _refuses(session, f"UPDATE evidence SET {change} WHERE id = :id", id=kept)
    _refuses(session, "UPDATE evidence SET bench = :no WHERE id = :id", no=False, id=kept)


def test_no_report_is_written_over_by_another(session: Session, cast: Cast) -> None:
    sqlite = session.get_bind().dialect.name == "sqlite"
    first = a_drive(session, a_machine(session, cast, State.RECEIVED))
    second = a_drive(session, a_machine(session, cast, State.RECEIVED))
    ids = [
        session.scalars(select(Sighting.evidence_id).where(Sighting.drive_id == d.id)).one() for d in (first, second)
    ]
    if sqlite:
        session.execute(text("PRAGMA recursive_triggers = OFF"))
    for table, old, new in (("evidence", *ids), ("drives", first.id, second.id)):
        over = "OR REPLACE " if sqlite else ""
        _refuses(session, f"UPDATE {over}{table} SET id = :new WHERE id = :old", old=old, new=new)
    _refuses(
        session,
        "INSERT INTO drives (id, serial, model, firmware, medium, transport, bytes, standing, generation, demonstration)"
        " VALUES (:id, 'X', '', '', 'hdd', '', 1, 'holds_data', 1, :no)"
        " ON CONFLICT (id) DO UPDATE SET standing = 'sanitised'",
        id=first.id,
        no=False,
    )
    if sqlite:
        session.execute(text("PRAGMA recursive_triggers = ON"))
    assert session.get_one(Evidence, ids[1]).machine_id


@pytest.mark.parametrize("state", [State.REINSTALLED, State.READY, State.LOST])
def test_a_machine_that_comes_back_to_the_bench_begins_another_stay(session: Session, cast: Cast, state: State) -> None:
    machine = a_machine(session, cast, state)
    with pytest.raises(IntegrityError, match=refused("machines_stay")):
        _forge(session, machine, State.RECEIVED)


def test_tables_of_one_s_own_do_not_stand_before_the_real_ones(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.REINSTALLED)
    record(session, machine, Action.REOPEN, by=None, at=now)
    a_drive(session, machine)
    record(session, machine, Action.DISMANTLE, by=cast.sam, at=now)
    for table in ("sightings", "drives", "evidence", "driveless_records"):
        session.execute(text(f"CREATE TEMPORARY TABLE {table} AS SELECT * FROM {table} WHERE 1 = 0"))
    schema = "main." if session.get_bind().dialect.name == "sqlite" else "public."
    session.execute(
        text(f"INSERT INTO evidence SELECT * FROM {schema}evidence WHERE machine_id = :m"), {"m": machine.id}
    )
    try:
        with pytest.raises(IntegrityError, match=refused("machines_gate")), session.begin_nested():
            _forge(session, machine, State.RECYCLED)
    finally:
        for table in ("sightings", "drives", "evidence", "driveless_records"):
            session.execute(text(f"DROP TABLE {'temp.' if schema == 'main.' else 'pg_temp.'}{table}"))


def test_a_machine_goes_back_to_its_donor_only_as_it_came_or_clean(session: Session, cast: Cast, now: datetime) -> None:
    home = a_machine(session, cast, State.HANDED_OVER)
    record(session, home, Action.TAKE_BACK, by=cast.sam, at=now)
    with pytest.raises(IntegrityError, match=refused("machines_returned")), session.begin_nested():
        _forge(session, home, State.REFUSED)
    session.refresh(home)
    _forge(session, a_machine(session, cast, State.RECEIVED), State.REFUSED)


def test_a_destroyed_drive_is_never_seen_again(session: Session, cast: Cast, now: datetime) -> None:
    drive = a_drive(session, a_machine(session, cast, State.RECEIVED))
    session.execute(
        text("INSERT INTO destructions (drive_id, by_id, witness_id, method, at) VALUES (:d, :a, :b, 'shredded', :t)"),
        {"d": drive.id, "a": cast.lou.id, "b": cast.sam.id, "t": "2026-11-16 09:30:00+00:00"},
    )
    drive.standing = Standing.DESTROYED
    session.flush()
    other = a_machine(session, cast, State.SANITISED)
    record(session, other, Action.REOPEN, by=None, at=now)
    evidence = open_sightings(session, other)[0].evidence_id
    session.add(Sighting(machine_id=other.id, drive_id=drive.id, evidence_id=evidence, at=now))
    with pytest.raises(IntegrityError, match=refused("sightings_destroyed")):
        session.flush()
