"""Two people for what cannot be undone: a drive taken out, destroyed, or a machine declared without any."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ordi.bench.destruction import AlreadyDestroyed, DegaussedFlash, How, StillInside, destroy_drive
from ordi.bench.dismantling import dismantle, recycle
from ordi.bench.loose_drives import (
    AlreadyDriveless,
    AlreadyRemoved,
    DrivesKnown,
    SamePerson,
    Why,
    declare_driveless,
    loose_drives,
    remove_drive,
)
from ordi.bench.triage import Reason
from ordi.errors import Invalid, NotAllowed
from ordi.machines.drive import Medium, Removal, Sighting, Standing, open_sightings
from ordi.machines.gate import DrivesNotClean, NotInventoried
from ordi.machines.journal import WrongState, verify
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.parties.siret import valid_siret
from tests.bench.photographs import PHOTOGRAPHED
from tests.cast import Cast
from tests.factories import a_drive, a_machine

SIRET = "73282932000074"


@pytest.fixture
def machine(session: Session, cast: Cast) -> Machine:
    """Received, with one drive that holds data."""
    received = a_machine(session, cast, State.RECEIVED)
    a_drive(session, received)
    return received


def the_sighting(session: Session, machine: Machine) -> Sighting:
    (sighting,) = open_sightings(session, machine)
    return sighting


def test_a_drive_taken_out_before_a_witness_stays_tracked(
    session: Session, cast: Cast, now: datetime, machine: Machine
) -> None:
    sighting = the_sighting(session, machine)
    remove_drive(session, sighting, Why.FAULTY, by=cast.sam, witness=cast.kim, at=now)
    assert open_sightings(session, machine) == []
    assert loose_drives(session, cast.workshop) == [sighting]
    assert loose_drives(session, cast.other_workshop) == []


def test_nobody_is_their_own_witness(session: Session, cast: Cast, now: datetime, machine: Machine) -> None:
    sighting = the_sighting(session, machine)
    with pytest.raises(SamePerson):
        remove_drive(session, sighting, Why.FAULTY, by=cast.sam, witness=cast.sam, at=now)
    session.add(Removal(sighting_id=sighting.id, by_id=cast.sam.id, witness_id=cast.sam.id, reason="x", at=now))
    with pytest.raises(IntegrityError, match="two_people"):
        session.flush()


@pytest.mark.parametrize("witness", ["noor", "theo", "ada", "vic"])
def test_a_witness_works_at_the_same_bench(
    session: Session, cast: Cast, now: datetime, machine: Machine, witness: str
) -> None:
    with pytest.raises(NotAllowed):
        remove_drive(
            session,
            the_sighting(session, machine),
            Why.FAULTY,
            by=cast.sam,
            witness=getattr(cast, witness),
            at=now,
        )


def test_a_drive_is_taken_out_once(session: Session, cast: Cast, now: datetime, machine: Machine) -> None:
    sighting = the_sighting(session, machine)
    remove_drive(session, sighting, Why.FAULTY, by=cast.sam, witness=cast.kim, at=now)
    with pytest.raises(AlreadyRemoved):
        remove_drive(session, sighting, Why.FAULTY, by=cast.sam, witness=cast.lou, at=now)


def test_nothing_is_taken_out_of_a_machine_on_the_shelf(session: Session, cast: Cast, now: datetime) -> None:
    ready = a_machine(session, cast, State.READY)
    with pytest.raises(WrongState):
        remove_drive(session, the_sighting(session, ready), Why.UPGRADE, by=cast.sam, witness=cast.kim, at=now)


def test_a_lead_destroys_a_loose_drive_before_a_witness(
    session: Session, cast: Cast, now: datetime, machine: Machine
) -> None:
    sighting = the_sighting(session, machine)
    drive = sighting.drive
    with pytest.raises(StillInside):
        destroy_drive(session, drive, How.DRILLED, **PHOTOGRAPHED, by=cast.lou, witness=cast.sam, at=now)
    remove_drive(session, sighting, Why.TO_DESTROY, by=cast.sam, witness=cast.kim, at=now)
    with pytest.raises(NotAllowed):
        destroy_drive(session, drive, How.DRILLED, **PHOTOGRAPHED, by=cast.sam, witness=cast.kim, at=now)
    with pytest.raises(SamePerson):
        destroy_drive(session, drive, How.DRILLED, **PHOTOGRAPHED, by=cast.lou, witness=cast.lou, at=now)
    destroy_drive(session, drive, How.DRILLED, **PHOTOGRAPHED, by=cast.lou, witness=cast.sam, at=now)
    assert drive.standing == Standing.DESTROYED
    assert loose_drives(session, cast.workshop) == []
    with pytest.raises(AlreadyDestroyed):
        destroy_drive(session, drive, How.DRILLED, **PHOTOGRAPHED, by=cast.lou, witness=cast.sam, at=now)


def test_a_magnet_does_not_destroy_flash(session: Session, cast: Cast, now: datetime, machine: Machine) -> None:
    sighting = the_sighting(session, machine)
    remove_drive(session, sighting, Why.TO_DESTROY, by=cast.sam, witness=cast.kim, at=now)
    with pytest.raises(DegaussedFlash):
        destroy_drive(session, sighting.drive, How.DEGAUSSED, **PHOTOGRAPHED, by=cast.lou, witness=cast.sam, at=now)
    sighting.drive.medium = Medium.HDD
    destroy_drive(session, sighting.drive, How.DEGAUSSED, **PHOTOGRAPHED, by=cast.lou, witness=cast.sam, at=now)


def test_two_people_declare_a_machine_without_a_drive(session: Session, cast: Cast, now: datetime) -> None:
    empty = a_machine(session, cast, State.RECEIVED)
    with pytest.raises(SamePerson):
        declare_driveless(session, empty, by=cast.sam, witness=cast.sam, at=now)
    declare_driveless(session, empty, by=cast.sam, witness=cast.kim, at=now)
    with pytest.raises(AlreadyDriveless):
        declare_driveless(session, empty, by=cast.sam, witness=cast.kim, at=now)


def test_a_machine_with_a_known_drive_is_not_declared_empty(
    session: Session, cast: Cast, now: datetime, machine: Machine
) -> None:
    with pytest.raises(DrivesKnown):
        declare_driveless(session, machine, by=cast.sam, witness=cast.kim, at=now)


def test_a_machine_with_an_unsanitised_drive_cannot_be_recycled(
    session: Session, cast: Cast, now: datetime, machine: Machine
) -> None:
    dismantle(session, machine, Reason.BROKEN, by=cast.sam, at=now)
    with pytest.raises(DrivesNotClean):
        recycle_it(session, cast, machine, now)
    remove_drive(session, the_sighting(session, machine), Why.FOR_PARTS, by=cast.sam, witness=cast.kim, at=now)
    line = recycle_it(session, cast, machine, now)
    assert (machine.state, line) == (State.RECYCLED, (2100, "16 02 14", SIRET))
    assert not list(verify(session))


def test_a_machine_nobody_looked_into_cannot_be_recycled(session: Session, cast: Cast, now: datetime) -> None:
    closed = a_machine(session, cast, State.RECEIVED)
    dismantle(session, closed, Reason.BROKEN, by=cast.sam, at=now)
    with pytest.raises(NotInventoried):
        recycle_it(session, cast, closed, now)


def test_the_outgoing_register_takes_no_nonsense(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.DISMANTLED)
    for wrong in ({"grams": 0}, {"waste_code": "99 99 99"}, {"taker_siret": "12345678901234"}, {"taker": " "}):
        with pytest.raises(Invalid):
            recycle_it(session, cast, machine, now, **wrong)


@pytest.mark.parametrize(
    ("text", "right"),
    [(SIRET, True), ("73282932000075", False), ("35600000000048", True), ("7328293200007", False), ("", False)],
)
def test_a_siret_has_its_own_check(text: str, right: bool) -> None:
    assert valid_siret(text) is right


def recycle_it(session: Session, cast: Cast, machine: Machine, now: datetime, **wrong: object) -> tuple[int, str, str]:
    facts = {"grams": 2100, "waste_code": "16 02 14", "taker": "Ecologic", "taker_siret": SIRET} | wrong
    line = recycle(session, machine, **facts, by=cast.lou, at=now)  # type: ignore[arg-type]
    return line.grams, line.waste_code, line.taker_siret
