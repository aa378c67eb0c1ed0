"""What was said wrongly is put right with a reason, by whom may; never past the gate, never against a paper."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ordi.bench.certificates import issue
from ordi.bench.cleaning import clean
from ordi.bench.corrections import (
    AsksLess,
    Because,
    InACertificate,
    NothingToUndo,
    SameAsBefore,
    SerialTaken,
    correct_form,
    correct_grade,
    correct_lot,
    correct_serial,
    last_correction,
    undo,
)
from ordi.bench.diagnosis import questions
from ordi.errors import Invalid, NotAllowed
from ordi.keys import KeyRing
from ordi.machines.drive import Medium
from ordi.machines.journal import WrongState, history, record, verify
from ordi.machines.lifecycle import Note, State
from ordi.machines.lots import Lot
from ordi.machines.machine import Form, Grade, Machine
from ordi.machines.policy import Demand, set_policy
from tests.bench.benches import wipe
from tests.cast import Cast
from tests.factories import a_drive, a_machine


def a_lot(session: Session, cast: Cast, now: datetime, code: str, donor: object = None) -> Lot:
    lot = Lot(
        code=code,
        donor=donor or cast.donor,
        workshop=cast.workshop,
        driver_id=None,
        promised_count=3,
        collected_at=None,
        created_at=now,
    )
    session.add(lot)
    session.flush()
    return lot


def told(session: Session, machine: Machine) -> dict[str, object]:
    last = history(session, machine)[-1]
    assert last.action == Note.CORRECTED
    facts: dict[str, object] = json.loads(last.facts)
    return facts


def test_another_kind_of_computer_is_asked_other_things_and_the_first_word_stays(
    session: Session, cast: Cast, now: datetime
) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    before = questions(machine)
    correct_form(session, machine, Form.DESKTOP, Because.MISTAKE, by=cast.sam, at=now)
    assert questions(machine) != before
    assert told(session, machine) == {"what": "form", "was": "laptop", "now": "desktop", "because": "mistake"}
    with pytest.raises(SameAsBefore):
        correct_form(session, machine, Form.DESKTOP, Because.MISTAKE, by=cast.sam, at=now)


def test_the_category_of_a_machine_in_stock_is_the_leads_to_correct(
    session: Session, cast: Cast, now: datetime
) -> None:
    machine = a_machine(session, cast, State.READY)
    with pytest.raises(NotAllowed):
        correct_grade(session, machine, Grade.C, Because.NEW_LOOK, by=cast.sam, at=now)
    correct_grade(session, machine, Grade.C, Because.NEW_LOOK, by=cast.lou, at=now)
    assert (machine.grade, machine.state) == ("C", State.READY)
    with pytest.raises(WrongState):  # promised: back to the stock first
        correct_grade(
            session, a_machine(session, cast, State.ALLOCATED), Grade.C, Because.NEW_LOOK, by=cast.lou, at=now
        )


def test_a_serial_typed_wrongly_is_written_anew_unless_another_bears_it(
    session: Session, cast: Cast, now: datetime
) -> None:
    machine, other = a_machine(session, cast, State.RECEIVED), a_machine(session, cast, State.RECEIVED)
    correct_serial(session, machine, "  5CD 1234XYZ ", Because.MISTAKE, by=cast.lou, at=now)
    assert machine.serial == "5CD 1234XYZ"
    assert "5cd 1234xyz" in machine.found_by
    with pytest.raises(SerialTaken):
        correct_serial(session, machine, str(other.serial), Because.MISTAKE, by=cast.lou, at=now)
    with pytest.raises(Invalid):
        correct_serial(session, machine, "To be filled by O.E.M.", Because.MISTAKE, by=cast.lou, at=now)
    with pytest.raises(NotAllowed):
        correct_serial(session, machine, "AB12", Because.MISTAKE, by=cast.sam, at=now)


def test_a_serial_that_a_certificate_names_stands(session: Session, cast: Cast, now: datetime, tmp_path: Path) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    proof = wipe(
        session, machine, a_drive(session, machine, medium=Medium.HDD, size=64 * 1024), by=cast.sam, at=now
    ).proof
    assert proof is not None
    issue(session, proof, KeyRing.open(tmp_path / "keys", at=now).signing("certificate", now), at=now)
    with pytest.raises(InACertificate):
        correct_serial(session, machine, "AB12", Because.MISTAKE, by=cast.lou, at=now)


def test_a_wrong_lot_takes_its_donor_along_and_the_chain_holds(session: Session, cast: Cast, now: datetime) -> None:
    here, there = a_lot(session, cast, now, "L-2026-801"), a_lot(session, cast, now, "L-2026-802")
    machine = a_machine(session, cast, State.RECEIVED, lot=here)
    correct_lot(session, machine, there, Because.LABEL, by=cast.lou, at=now)
    assert machine.lot is there
    assert told(session, machine) == {"what": "lot", "was": here.code, "now": there.code, "because": "wrong_label"}
    undo(session, machine, by=cast.lou, at=now)
    assert machine.lot is here
    assert told(session, machine)["because"] == "undone"
    assert list(verify(session)) == []


def test_a_machine_does_not_slip_to_a_donor_who_asks_less(session: Session, cast: Cast, now: datetime) -> None:
    here, there = a_lot(session, cast, now, "L-2026-803"), a_lot(session, cast, now, "L-2026-804")
    set_policy(session, here, Demand(minimum_level="purge"), by=cast.ada, at=now)
    machine = a_machine(session, cast, State.RECEIVED, lot=here)
    with pytest.raises(AsksLess):
        correct_lot(session, machine, there, Because.LABEL, by=cast.lou, at=now)
    correct_lot(session, machine, there, Because.LABEL, by=cast.ada, at=now)
    assert machine.lot is there


def test_what_has_passed_the_gate_keeps_its_lot(session: Session, cast: Cast, now: datetime) -> None:
    here, there = a_lot(session, cast, now, "L-2026-805"), a_lot(session, cast, now, "L-2026-806")
    for state in (State.READY, State.ALLOCATED, State.HANDED_OVER, State.RECYCLED):
        machine = a_machine(session, cast, state, lot=here)
        with pytest.raises(WrongState):
            correct_lot(session, machine, there, Because.LABEL, by=cast.ada, at=now)


@pytest.mark.parametrize("state", [State.RECEIVED, State.READY], ids=str)
def test_raw_sql_moves_no_machine_to_another_lot(session: Session, cast: Cast, now: datetime, state: State) -> None:
    here, there = a_lot(session, cast, now, "L-2026-807"), a_lot(session, cast, now, "L-2026-808")
    machine = a_machine(session, cast, state, lot=here)
    record(session, machine, Note.CORRECTED, by=cast.lou, at=now, what="lot", was=here.code, now="L-2026-999")
    with pytest.raises(IntegrityError, match="ordi:machines_given"), session.begin_nested():
        session.execute(text(f"UPDATE machines SET lot_id = {there.id} WHERE id = {machine.id}"))


def test_a_correction_is_taken_back_while_nothing_rests_on_it(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    with pytest.raises(NothingToUndo):
        undo(session, machine, by=cast.sam, at=now)
    correct_form(session, machine, Form.ALL_IN_ONE, Because.MISTAKE, by=cast.sam, at=now)
    assert (last_correction(session, machine) or {}).get("was") == "laptop"
    undo(session, machine, by=cast.sam, at=now)
    assert machine.form == Form.LAPTOP
    correct_form(session, machine, Form.ALL_IN_ONE, Because.MISTAKE, by=cast.sam, at=now)
    clean(session, machine, by=cast.sam, at=now)
    with pytest.raises(NothingToUndo):
        undo(session, machine, by=cast.sam, at=now)
