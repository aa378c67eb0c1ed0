"""What a donor asks of the wipe of its drives holds at every door: in the table, in the journal, in the database."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ordi.bench.loose_drives import Why, remove_drive
from ordi.errors import Invalid, NotAllowed
from ordi.machines.drive import CounterCheck, Sanitisation, Sighting, open_sightings
from ordi.machines.gate import BelowAsked, CounterCheckAsked, DestroyBelowAsked
from ordi.machines.journal import record
from ordi.machines.lifecycle import Action, State
from ordi.machines.lots import Lot
from ordi.machines.machine import Machine
from ordi.machines.policy import Demand, asked_of_drives, asked_of_lot, policies_of, policy_of, set_policy, unmet
from tests.cast import Cast
from tests.factories import a_machine
from tests.machines.test_gate import refused
from tests.machines.test_raw_sql import _forge

PURGE = Demand("purge")


@pytest.fixture
def lot(session: Session, cast: Cast, now: datetime) -> Lot:
    """A lot of our donor."""
    made = Lot(
        code="L-2026-900", donor=cast.donor, workshop=cast.workshop, promised_count=1, created_at=now, collected_at=now
    )
    session.add(made)
    session.flush()
    return made


def purge(session: Session, cast: Cast, machine: Machine, at: datetime) -> None:
    """Wipe every drive of a machine again, to Purge."""
    for sighting in open_sightings(session, machine):
        session.add(_proof(machine, sighting, cast, at, "purge"))
    session.flush()


def _proof(machine: Machine, sighting: Sighting, cast: Cast, at: datetime, level: str) -> Sanitisation:
    named = f"{level}-{sighting.drive_id}"
    return Sanitisation(
        uuid=named,
        job_uuid=named,
        machine_id=machine.id,
        drive_id=sighting.drive_id,
        generation=sighting.drive.generation,
        verdict="PASS",
        technique="nvme-sanitize-block",
        level=level,
        assurance="executed",
        wiper_id=cast.sam.id,
        facts="{}",
        judged_at=at,
    )


@pytest.mark.parametrize(
    ("state", "action", "who"),
    [
        (State.SANITISED, Action.REINSTALL, "sam"),
        (State.REINSTALLED, Action.RELEASE_TO_STOCK, "sam"),
        (State.READY, Action.ALLOCATE, "ada"),
        (State.ALLOCATED, Action.HAND_OVER, "ines"),
        (State.DISMANTLED, Action.RECYCLE, "lou"),
    ],
)
def test_a_machine_with_a_drive_below_its_donors_level_goes_no_further(
    session: Session, cast: Cast, now: datetime, state: State, action: Action, who: str
) -> None:
    machine = a_machine(session, cast, state)
    set_policy(session, cast.donor, PURGE, by=cast.ada, at=now)
    with pytest.raises(BelowAsked) as refusal:
        record(session, machine, action, by=getattr(cast, who), at=now)
    drive = open_sightings(session, machine)[0].drive
    assert refusal.value.facts == {
        "tag": machine.tag,
        "drives": [f"{drive.model} …{drive.serial[-4:]}"],
        "asked": "purge",
        "level": "clear",
    }


@pytest.mark.parametrize(
    ("state", "to"),
    [
        (State.REINSTALLED, State.READY),
        (State.READY, State.ALLOCATED),
        (State.ALLOCATED, State.HANDED_OVER),
        (State.DISMANTLED, State.RECYCLED),
    ],
)
def test_raw_sql_does_not_go_past_a_policy(
    session: Session, cast: Cast, now: datetime, state: State, to: State
) -> None:
    machine = a_machine(session, cast, state)
    set_policy(session, cast.donor, PURGE, by=cast.ada, at=now)
    with pytest.raises(IntegrityError, match=refused("machines_as_asked")), session.begin_nested():
        _forge(session, machine, to)
    session.refresh(machine)
    purge(session, cast, machine, now)
    _forge(session, machine, to)


def test_a_higher_level_opens_the_gate_again(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.READY)
    set_policy(session, cast.donor, PURGE, by=cast.ada, at=now)
    purge(session, cast, machine, now)
    record(session, machine, Action.ALLOCATE, by=cast.ada, at=now)


def test_what_is_promised_may_go_back_to_its_shelf(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.ALLOCATED)
    set_policy(session, cast.donor, PURGE, by=cast.ada, at=now)
    record(session, machine, Action.RELEASE, by=cast.ada, at=now)
    assert machine.state == State.READY


def test_a_drive_to_be_destroyed_is_told_so(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.SANITISED)
    set_policy(session, cast.donor, Demand("purge", destroy=True), by=cast.ada, at=now)
    with pytest.raises(DestroyBelowAsked):
        record(session, machine, Action.REINSTALL, by=cast.sam, at=now)


def test_nothing_more_than_the_network_asks_changes_nothing(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.SANITISED)
    set_policy(session, cast.donor, Demand("clear"), by=cast.ada, at=now)
    record(session, machine, Action.REINSTALL, by=cast.sam, at=now)
    assert machine.state == State.REINSTALLED


def test_a_lot_asks_more_than_its_donor_never_less(session: Session, cast: Cast, now: datetime, lot: Lot) -> None:
    set_policy(session, cast.donor, Demand("purge", audit_percent=10), by=cast.ada, at=now)
    set_policy(session, lot, Demand("none", counter_check=True, audit_percent=50), by=cast.ada, at=now)
    assert asked_of_lot(session, lot) == Demand("purge", counter_check=True, audit_percent=50)
    of_lot = a_machine(session, cast, State.SANITISED, lot=lot, donor=cast.other_donor)
    with pytest.raises(CounterCheckAsked):
        record(session, of_lot, Action.REINSTALL, by=cast.sam, at=now)


def test_a_counter_check_that_is_asked_must_be_made(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.REINSTALLED)
    set_policy(session, cast.donor, Demand(counter_check=True), by=cast.ada, at=now)
    (lacking,) = unmet(session, machine)
    assert (lacking.below, lacking.unchecked) == (False, True)
    with pytest.raises(CounterCheckAsked):
        record(session, machine, Action.RELEASE_TO_STOCK, by=cast.sam, at=now)
    with pytest.raises(IntegrityError, match=refused("machines_as_asked")), session.begin_nested():
        _forge(session, machine, State.READY)
    session.refresh(machine)
    proof = session.query(Sanitisation).filter_by(machine_id=machine.id).one()
    for number, matched in enumerate((1999, 2000)):
        checked = CounterCheck(
            sanitisation_id=proof.id,
            job_uuid=f"check-{number}",
            checker_id=cast.kim.id,
            sectors=2000,
            matched=matched,
            at=now,
        )
        session.add(checked)
        session.flush()
        assert bool(unmet(session, machine)) is (matched < 2000)
    _forge(session, machine, State.READY)


def test_a_policy_follows_its_drives_into_another_computer(session: Session, cast: Cast, now: datetime) -> None:
    giver = a_machine(session, cast, State.SANITISED)
    drive = open_sightings(session, giver)[0].drive
    set_policy(session, cast.donor, PURGE, by=cast.ada, at=now)
    remove_drive(session, open_sightings(session, giver)[0], Why.UPGRADE, by=cast.sam, witness=cast.kim, at=now)
    here = a_machine(session, cast, State.SANITISED, donor=cast.other_donor)
    evidence = open_sightings(session, here)[0].evidence_id
    session.add(Sighting(machine_id=here.id, drive_id=drive.id, evidence_id=evidence, at=now))
    session.flush()
    assert asked_of_drives(session, [drive.id])[drive.id] == PURGE
    with pytest.raises(BelowAsked) as refusal:
        record(session, here, Action.REINSTALL, by=cast.sam, at=now)
    assert refusal.value.facts["drives"] == [f"{drive.model} …{drive.serial[-4:]}"]


def test_a_machine_does_not_change_donor_or_lot_to_escape_a_policy(
    session: Session, cast: Cast, now: datetime, lot: Lot
) -> None:
    machine = a_machine(session, cast, State.READY, lot=lot)
    for change in (f"donor_id = {cast.other_donor.id}", "donor_id = NULL", "lot_id = NULL"):
        with pytest.raises(IntegrityError, match=refused("machines_given")), session.begin_nested():
            session.execute(text(f"UPDATE machines SET {change} WHERE id = {machine.id}"))


def test_a_policy_is_kept_with_its_dates_and_who_set_it(session: Session, cast: Cast, now: datetime) -> None:
    first = set_policy(session, cast.donor, Demand("clear"), by=cast.ada, at=now)
    assert set_policy(session, cast.donor, Demand("clear"), by=cast.ada, at=now + timedelta(days=1)) is first
    second = set_policy(session, cast.donor, PURGE, by=cast.ada, at=now + timedelta(days=2))
    assert policies_of(session, cast.donor) == [second, first]
    assert policy_of(session, cast.donor) is second
    assert (second.set_by, second.set_at) == (cast.ada, now + timedelta(days=2))
    for statement in ("UPDATE policies SET minimum_level = 'none'", "DELETE FROM policies"):
        with pytest.raises(IntegrityError, match="ordi:policies"), session.begin_nested():
            session.execute(text(statement))


@pytest.mark.parametrize("who", ["sam", "lou", "bruno", "noor", "aude"])
def test_only_the_poles_coordinator_sets_a_policy(session: Session, cast: Cast, now: datetime, who: str) -> None:
    with pytest.raises(NotAllowed):
        set_policy(session, cast.donor, PURGE, by=getattr(cast, who), at=now)


@pytest.mark.parametrize("demand", [Demand("destroy"), Demand(audit_percent=101), Demand(audit_percent=-1)])
def test_a_policy_asks_what_can_be_asked(session: Session, cast: Cast, now: datetime, demand: Demand) -> None:
    with pytest.raises(Invalid):
        set_policy(session, cast.donor, demand, by=cast.ada, at=now)


def test_a_destroyed_drive_does_all_that_is_asked(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.SANITISED)
    set_policy(session, cast.donor, PURGE, by=cast.ada, at=now)
    remove_drive(session, open_sightings(session, machine)[0], Why.TO_DESTROY, by=cast.sam, witness=cast.kim, at=now)
    assert unmet(session, machine) == []
    wiped_again = a_machine(session, cast, State.RECEIVED)
    assert unmet(session, wiped_again) == []
