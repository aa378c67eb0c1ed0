"""A proof follows a drive only as far as its way is on record: what turns up from elsewhere holds somebody's data."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.bench.destruction import How, destroy_drive
from ordi.bench.loose_drives import Why, declare_driveless, remove_drive
from ordi.bench.losses import find
from ordi.bench.triage import Correction, Decision, Reason, correct_triage
from ordi.machines import evidence
from ordi.machines.drive import Drive, Standing, open_sightings
from ordi.machines.gate import DriveElsewhere, DrivesNotClean, NotInventoried, clean_drives
from ordi.machines.hardware import DriveFacts, Hardware
from ordi.machines.inventory import take_inventory
from ordi.machines.journal import record, verify
from ordi.machines.lifecycle import Action, State
from ordi.machines.machine import Machine
from tests.bench.photographs import PHOTOGRAPHED
from tests.cast import Cast
from tests.factories import a_drive, a_machine, wiped


def look_inside(session: Session, machine: Machine, *drives: Drive | DriveFacts, by: object, at: datetime) -> None:
    """A bench inventory that sees just these drives."""
    told = tuple(
        one if isinstance(one, DriveFacts) else DriveFacts("sda", one.serial, one.bytes, one.wwn) for one in drives
    )
    kept = evidence.keep(session, str(uuid4()), "ordi-inventory/1", b"{}", source="session:test", at=at)
    take_inventory(session, machine, kept, Hardware(drives=told, drives_known=True), by=by, at=at)  # type: ignore[arg-type]


def the_drive(session: Session, machine: Machine) -> Drive:
    return open_sightings(session, machine)[0].drive


def _gone(session: Session, cast: Cast, state: State, now: datetime) -> Machine:
    """A machine whose drive was proven clean before it left, one way or another."""
    if state != State.REFUSED:
        return a_machine(session, cast, state)
    machine = a_machine(session, cast, State.RECEIVED)
    wiped(session, cast, machine, a_drive(session, machine))
    record(session, machine, Action.REFUSE, by=cast.sam, at=now)
    return machine


@pytest.mark.parametrize("state", [State.REFUSED, State.RECYCLED, State.READY])
def test_a_clean_drive_that_turns_up_in_another_computer_holds_data_again(
    session: Session, cast: Cast, now: datetime, state: State
) -> None:
    drive = the_drive(session, _gone(session, cast, state, now))
    assert drive.standing == Standing.SANITISED
    machine = a_machine(session, cast, State.RECEIVED, triage="keep")
    look_inside(session, machine, drive, by=cast.sam, at=now)
    with pytest.raises(DrivesNotClean):
        clean_drives(session, machine)
    assert list(verify(session)) == []


def test_a_clean_drive_that_two_people_took_out_keeps_its_proof_in_the_next_computer(
    session: Session, cast: Cast, now: datetime
) -> None:
    giver = a_machine(session, cast, State.SANITISED)
    drive = the_drive(session, giver)
    remove_drive(session, open_sightings(session, giver)[0], Why.UPGRADE, by=cast.sam, witness=cast.kim, at=now)
    machine = a_machine(session, cast, State.RECEIVED)
    look_inside(session, machine, drive, by=cast.sam, at=now)
    clean_drives(session, machine)


def test_a_clean_drive_that_the_donor_kept_holds_data_when_it_comes_back(
    session: Session, cast: Cast, now: datetime
) -> None:
    giver = a_machine(session, cast, State.SANITISED)
    drive = the_drive(session, giver)
    remove_drive(session, open_sightings(session, giver)[0], Why.DONOR_KEEPS, by=cast.sam, witness=cast.kim, at=now)
    machine = a_machine(session, cast, State.RECEIVED)
    look_inside(session, machine, drive, by=cast.sam, at=now)
    with pytest.raises(DrivesNotClean):
        clean_drives(session, machine)


def test_a_drive_recorded_as_destroyed_that_is_seen_again_holds_data(
    session: Session, cast: Cast, now: datetime
) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    drive = a_drive(session, machine)
    remove_drive(session, open_sightings(session, machine)[0], Why.TO_DESTROY, by=cast.sam, witness=cast.lou, at=now)
    destroy_drive(session, drive, How.SHREDDED, **PHOTOGRAPHED, by=cast.lou, witness=cast.sam, at=now)
    clean_drives(session, machine)
    look_inside(session, machine, drive, by=cast.sam, at=now)
    with pytest.raises(DrivesNotClean):
        clean_drives(session, machine)


def test_what_a_lost_computer_s_drives_hold_is_not_known_when_it_is_found(
    session: Session, cast: Cast, now: datetime
) -> None:
    machine = a_machine(session, cast, State.READY)
    drive = the_drive(session, machine)
    record(session, machine, Action.LOSE, by=cast.lou, at=now)
    find(session, machine, by=cast.lou, at=now)
    look_inside(session, machine, drive, by=cast.sam, at=now)
    with pytest.raises(DrivesNotClean):
        clean_drives(session, machine)


def test_two_drives_that_tell_the_same_serial_are_not_told_apart_so_nothing_is_known(
    session: Session, cast: Cast, now: datetime
) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    twin = DriveFacts("sda", "AA000000000000000001", 240 * 10**9)
    look_inside(session, machine, twin, twin, by=cast.sam, at=now)
    wiped(session, cast, machine, the_drive(session, machine))
    with pytest.raises(NotInventoried):
        clean_drives(session, machine)


def test_an_inventory_that_sees_no_drive_at_all_is_no_proof_that_there_is_none(
    session: Session, cast: Cast, now: datetime
) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    look_inside(session, machine, by=cast.sam, at=now)
    with pytest.raises(NotInventoried):
        clean_drives(session, machine)
    declare_driveless(session, machine, by=cast.sam, witness=cast.kim, at=now)
    clean_drives(session, machine)


def test_a_family_s_data_is_not_given_back_to_the_donor(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.HANDED_OVER)
    record(session, machine, Action.TAKE_BACK, by=cast.sam, at=now)
    with pytest.raises(NotInventoried):
        correct_triage(session, machine, Decision.REFUSE, Correction.NEW_LOOK, Reason.TOO_OLD, by=cast.sam, at=now)
    look_inside(session, machine, the_drive(session, machine), by=cast.sam, at=now)
    with pytest.raises(DrivesNotClean):
        record(session, machine, Action.REFUSE, by=cast.sam, at=now)
    with pytest.raises(DrivesNotClean):
        remove_drive(
            session, open_sightings(session, machine)[0], Why.DONOR_KEEPS, by=cast.sam, witness=cast.kim, at=now
        )


def test_another_donor_s_drive_does_not_leave_in_a_refused_computer(
    session: Session, cast: Cast, now: datetime
) -> None:
    theirs = a_drive(session, a_machine(session, cast, State.RECEIVED))
    machine = a_machine(session, cast, State.RECEIVED)
    look_inside(session, machine, theirs, by=cast.sam, at=now)
    with pytest.raises(DrivesNotClean):
        record(session, machine, Action.REFUSE, by=cast.sam, at=now)


def test_a_computer_goes_back_to_its_donor_as_it_came(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    a_drive(session, machine)
    record(session, machine, Action.REFUSE, by=cast.sam, at=now)
    assert machine.state == State.REFUSED
    assert session.scalars(select(Drive.standing)).all() == [Standing.HOLDS_DATA]


@pytest.mark.parametrize("state", [State.RECEIVED, State.ALLOCATED])
def test_a_drive_that_went_elsewhere_without_a_word_is_told_with_what_to_do(
    session: Session, cast: Cast, now: datetime, state: State
) -> None:
    left = a_machine(session, cast, state, triage="keep")
    drive = a_drive(session, left) if state == State.RECEIVED else the_drive(session, left)
    found_in = a_machine(session, cast, State.RECEIVED, triage="keep")
    look_inside(session, found_in, drive, by=cast.sam, at=now)
    assert left.state == State.RECEIVED
    with pytest.raises(DriveElsewhere) as refusal:
        record(session, left, Action.SANITISE, by=cast.sam, at=now)
    assert refusal.value.facts == {
        "tag": left.tag,
        "other": found_in.tag,
        "drive": f"{drive.model} …{drive.serial[-4:]}",
    }
    remove_drive(session, open_sightings(session, left)[0], Why.UPGRADE, by=cast.sam, witness=cast.kim, at=now)
    assert open_sightings(session, left) == []
    with pytest.raises(DrivesNotClean) as dirty:
        clean_drives(session, found_in)
    assert dirty.value.code == "drives-not-clean", "here it is simply to be wiped"
