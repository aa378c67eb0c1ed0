"""Nothing leaves with data on it: not through the table, not through the journal, not through raw SQL."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ordi.bench.claims import claim_wipe
from ordi.errors import NotAllowed
from ordi.machines import triggers
from ordi.machines.audit import Audit, AuditDraw, AuditSeed
from ordi.machines.contradiction import LateContradiction
from ordi.machines.drive import (
    CounterCheck,
    Destruction,
    Drive,
    DrivelessRecord,
    Removal,
    Sanitisation,
    Sighting,
    Standing,
    fill,
    open_sightings,
)
from ordi.machines.gate import DrivesNotClean, NotInventoried
from ordi.machines.journal import Event, WrongState, bear, heads, record, verify
from ordi.machines.lifecycle import GATED, LIFECYCLE, Action, State
from ordi.machines.machine import Machine
from ordi.machines.policy import Demand, set_policy
from ordi.tags import new_tag
from tests.cast import Cast
from tests.factories import a_drive, a_machine, wiped

NOT_YET = [state for state in State if state not in GATED]


def refused(code: str) -> str:
    """How the database says it."""
    return re.escape(f"ordi:{code}")


def test_a_machine_with_an_unsanitised_drive_cannot_be_recycled(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    a_drive(session, machine)
    record(session, machine, Action.DISMANTLE, by=cast.sam, at=now)
    with pytest.raises(DrivesNotClean):
        record(session, machine, Action.RECYCLE, by=cast.lou, at=now)


def test_a_machine_nobody_looked_into_cannot_be_sanitised(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.RECEIVED, triage="keep")
    with pytest.raises(NotInventoried):
        record(session, machine, Action.SANITISE, by=cast.sam, at=now)


def test_two_people_may_say_that_a_machine_holds_no_drive(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.RECEIVED, triage="keep")
    session.add(
        DrivelessRecord(machine_id=machine.id, stay=machine.stay, by_id=cast.sam.id, witness_id=cast.kim.id, at=now)
    )
    session.flush()
    record(session, machine, Action.SANITISE, by=cast.sam, at=now)
    assert machine.state == State.SANITISED


def test_one_person_twice_is_not_two_people(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    session.add(
        DrivelessRecord(machine_id=machine.id, stay=machine.stay, by_id=cast.sam.id, witness_id=cast.sam.id, at=now)
    )
    with pytest.raises(IntegrityError):
        session.flush()


def test_after_a_hand_over_every_earlier_proof_has_lapsed(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.HANDED_OVER)
    drive = open_sightings(session, machine)[0].drive
    assert (drive.standing, drive.generation) == (Standing.HOLDS_DATA, 2)
    record(session, machine, Action.TAKE_BACK, by=cast.sam, at=now)
    with pytest.raises(NotInventoried):
        record(session, machine, Action.SANITISE, by=cast.sam, at=now) if machine.triage == "keep" else None
    with pytest.raises(IntegrityError, match=refused("drives_proof")):
        session.execute(text("UPDATE drives SET standing = 'sanitised' WHERE id = :id"), {"id": drive.id})


@pytest.mark.parametrize("target", GATED)
@pytest.mark.parametrize("state", [State.RECEIVED, State.SANITISED, State.REINSTALLED])
def test_raw_sql_cannot_move_a_machine_past_the_gate(
    session: Session, cast: Cast, now: datetime, state: State, target: State
) -> None:
    machine = a_machine(session, cast, state)
    with pytest.raises(IntegrityError, match="ordi:machines_"):
        session.execute(text("UPDATE machines SET state = :to WHERE id = :id"), {"to": target, "id": machine.id})


def test_raw_sql_with_a_forged_event_still_meets_the_gate(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.REINSTALLED)
    record(session, machine, Action.REOPEN, by=None, at=now)
    a_drive(session, machine)
    record(session, machine, Action.DISMANTLE, by=cast.sam, at=now)
    session.execute(
        text(
            "INSERT INTO events (machine_id, seq, action, from_state, to_state, happened_at, recorded_at, facts, prev_hash, hash)"
            " VALUES (:m, :s, 'recycle', 'dismantled', 'recycled', :t, :t, '{}', :p, 'forged')"
        ),
        {"m": machine.id, "s": machine.head_seq + 1, "t": "2026-11-16 09:30:00+00:00", "p": machine.head_hash},
    )
    with pytest.raises(IntegrityError, match=refused("machines_gate")):
        session.execute(
            text(
                "UPDATE machines SET state = 'recycled', head_seq = head_seq + 1, head_hash = 'forged' WHERE id = :id"
            ),
            {"id": machine.id},
        )


@pytest.mark.parametrize("state", [s for s in State if s not in (State.PROMISED, State.RECEIVED)])
def test_no_machine_is_born_late_in_life(session: Session, cast: Cast, now: datetime, state: State) -> None:
    session.add(
        Machine(tag=new_tag(), state=state, state_since=now, workshop=cast.workshop, head_seq=0, head_hash="", stay=1)
    )
    with pytest.raises(IntegrityError, match=refused("machines_birth")):
        session.flush()


@pytest.mark.parametrize("state", GATED)
def test_a_drive_is_not_slipped_into_a_machine_that_has_left(
    session: Session, cast: Cast, now: datetime, state: State
) -> None:
    machine = a_machine(session, cast, state)
    drive = Drive(serial="SLIPPED", bytes=1)
    session.add(drive)
    session.flush()
    evidence = open_sightings(session, machine)[0].evidence_id
    session.add(Sighting(machine_id=machine.id, drive_id=drive.id, evidence_id=evidence, at=now))
    with pytest.raises(IntegrityError, match=refused("sightings_out")):
        session.flush()


def test_a_drive_in_a_ready_machine_cannot_turn_unclean(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.READY)
    with pytest.raises(IntegrityError, match=refused("drives_out")):
        fill(session, machine)


def test_a_drive_is_born_holding_data(session: Session, cast: Cast) -> None:
    session.add(Drive(serial="X", bytes=1, standing=Standing.SANITISED))
    with pytest.raises(IntegrityError, match=refused("drives_birth")):
        session.flush()


def test_a_pass_needs_a_job_and_a_person(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    drive = a_drive(session, machine)
    session.add(
        Sanitisation(
            uuid=str(uuid4()),
            machine_id=machine.id,
            drive_id=drive.id,
            generation=1,
            verdict="PASS",
            technique="x",
            level="clear",
            assurance="executed",
            facts="{}",
            judged_at=now,
        )
    )
    with pytest.raises(IntegrityError, match=refused("sanitisations_pass")):
        session.flush()


@pytest.mark.parametrize("table", triggers.APPEND_ONLY)
def test_what_was_written_is_never_changed(session: Session, cast: Cast, now: datetime, table: str) -> None:
    machine = a_machine(session, cast, State.READY)
    sighting = open_sightings(session, machine)[0]
    session.add(Removal(sighting_id=sighting.id, by_id=cast.sam.id, witness_id=cast.kim.id, reason="loose", at=now))
    session.add(
        DrivelessRecord(machine_id=machine.id, stay=machine.stay, by_id=cast.sam.id, witness_id=cast.kim.id, at=now)
    )
    session.flush()
    drive = sighting.drive
    session.add(Destruction(drive_id=drive.id, by_id=cast.lou.id, witness_id=cast.sam.id, method="shredded", at=now))
    proof = session.scalars(select(Sanitisation).where(Sanitisation.drive_id == drive.id)).one()
    session.add(
        CounterCheck(
            sanitisation_id=proof.id, job_uuid=str(uuid4()), checker_id=cast.lou.id, sectors=1, matched=1, at=now
        )
    )
    set_policy(session, cast.donor, Demand("purge"), by=cast.ada, at=now)
    seed = AuditSeed(period="2026-11", seed=b"s" * 32, made_at=now)
    session.add(seed)
    session.flush()
    session.add(
        AuditDraw(
            sanitisation_id=proof.id,
            seed_id=seed.id,
            workshop_id=cast.workshop.id,
            percent=5,
            place=1,
            before=0,
            drawn=True,
            at=now,
        )
    )
    session.add(
        LateContradiction(
            sanitisation=proof, machine=machine, counter="hours", before=2, told=1, found_by="inventory", at=now
        )
    )
    session.add(Audit(sanitisation_id=proof.id, how="agent", auditor_id=cast.kim.id, matched=True, at=now))
    claim_wipe(session, machine, b"nwipe 0.42\nnotice: Found /dev/sda, SATA, X, 5 GB, S/N=1\n", by=cast.sam, at=now)
    session.flush()
    row = session.scalar(text(f"SELECT min(id) FROM {table}"))
    for statement in (f"UPDATE {table} SET id = id WHERE id = {row}", f"DELETE FROM {table} WHERE id = {row}"):
        with pytest.raises(IntegrityError, match=refused(table)), session.begin_nested():
            session.execute(text(statement))


def test_no_event_is_replaced_or_truncated(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    event = session.scalars(select(Event).where(Event.machine_id == machine.id).order_by(Event.seq)).first()
    assert event
    if session.get_bind().dialect.name == "sqlite":
        for statement in (
            "INSERT OR REPLACE INTO events SELECT * FROM events WHERE id = :id",
            "REPLACE INTO machines SELECT * FROM machines WHERE id = :machine",
        ):
            with pytest.raises(IntegrityError, match="ordi:"), session.begin_nested():
                session.execute(text(statement), {"id": event.id, "machine": machine.id})
    else:
        for table in ("events CASCADE", "machines CASCADE", "sightings CASCADE"):
            with pytest.raises(IntegrityError, match=refused("truncate")), session.begin_nested():
                session.execute(text(f"TRUNCATE {table}"))


def test_every_guard_that_is_declared_is_installed(session: Session) -> None:
    connection = session.connection()
    assert set(triggers.installed(connection)) == triggers.declared(connection)


def test_only_the_roles_of_a_step_in_their_own_organisation_may_take_it(
    session: Session, cast: Cast, now: datetime
) -> None:
    machine = a_machine(session, cast, State.SANITISED)
    for person in (cast.noor, cast.ines, cast.bruno, cast.ada, cast.vic, cast.zoe):
        with pytest.raises(NotAllowed):
            record(session, machine, Action.REINSTALL, by=person, at=now)
    record(session, machine, Action.REINSTALL, by=cast.lou, at=now)


def test_no_step_is_taken_from_where_it_does_not_start(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.PROMISED)
    for step in LIFECYCLE:
        if step.sources and State.PROMISED not in step.sources:
            with pytest.raises(WrongState):
                record(session, machine, step.action, by=cast.sam, at=now)


def test_nobody_but_ordi_itself_is_nobody(session: Session, cast: Cast, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        record(session, a_machine(session, cast, State.ALLOCATED), Action.HAND_OVER, by=None, at=now)


def test_a_stranger_gives_birth_to_nothing(session: Session, cast: Cast, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        bear(session, Machine(tag=new_tag(), workshop=cast.workshop), Action.ADMIT, by=cast.noor, at=now)


def test_a_clean_history_has_no_fault_and_an_earlier_export_agrees(session: Session, cast: Cast, now: datetime) -> None:
    a_machine(session, cast, State.HANDED_OVER)
    before = heads(session)
    a_machine(session, cast, State.LOST)
    assert list(verify(session)) == []
    assert list(verify(session, before)) == []


def test_an_export_of_heads_finds_a_machine_that_vanished_and_a_tail_that_was_cut(
    session: Session, cast: Cast, now: datetime
) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    exported = heads(session)
    exported["GONE00-0"] = (3, "f" * 64)
    exported[machine.tag] = (machine.head_seq + 2, "e" * 64)
    assert {(fault.tag, fault.what) for fault in verify(session, exported)} == {
        ("GONE00-0", "machine-gone"),
        (machine.tag, "cut"),
    }


COLUMNS = ("machine_id", "seq", "action", "from_state", "to_state", "person_id", "happened_at", "recorded_at")
COLUMNS += ("facts", "prev_hash", "hash")


@pytest.mark.parametrize("column", COLUMNS)
def test_an_altered_event_is_found_and_named(session: Session, cast: Cast, now: datetime, column: str) -> None:
    machine = a_machine(session, cast, State.SANITISED)
    triggers.drop(session.connection())
    elsewhere = a_machine(session, cast, State.PROMISED)
    past, others = "2020-01-01 00:00:00+00:00", {"person_id": cast.noor.id, "seq": 99, "machine_id": elsewhere.id}
    value = others.get(column, past if column.endswith("_at") else "forged")
    session.execute(
        text(f"UPDATE events SET {column} = :value WHERE machine_id = :id AND seq = 2"),
        {"value": value, "id": machine.id},
    )
    session.expire_all()
    assert (machine.tag, 2) in {(fault.tag, fault.seq) for fault in verify(session)}


def test_no_column_of_an_event_is_forgotten_there() -> None:
    assert {*COLUMNS, "id"} == {column.name for column in Event.__table__.columns}


def test_a_missing_event_is_found_and_named(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.SANITISED)
    triggers.drop(session.connection())
    session.execute(text("DELETE FROM events WHERE machine_id = :id AND seq = 2"), {"id": machine.id})
    session.expire_all()
    assert (machine.tag, 2, "missing") in {(fault.tag, fault.seq, fault.what) for fault in verify(session)}


def test_a_second_wipe_proof_of_another_drive_does_not_help(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.RECEIVED, triage="keep")
    clean, dirty = a_drive(session, machine), a_drive(session, machine)
    wiped(session, cast, machine, clean)
    with pytest.raises(DrivesNotClean):
        record(session, machine, Action.SANITISE, by=cast.sam, at=now)
    with pytest.raises(IntegrityError, match=refused("drives_proof")):
        session.execute(text("UPDATE drives SET standing = 'sanitised' WHERE id = :id"), {"id": dirty.id})
