"""Counters of a drive's life only grow: a lower one, on any later day, convicts the wipe (TRUST.md step 10)."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ordi.bench import intake
from ordi.bench.lot_statements import lot_statement
from ordi.bench.quarantines import quarantines_seen_by
from ordi.fleet.alerts import AlertKind, open_alert
from ordi.giving.outcomes import outcomes
from ordi.journeys.news import take_news
from ordi.machines.contradiction import LateContradiction
from ordi.machines.drive import Drive, Medium, Standing, fill
from ordi.machines.gate import DrivesNotClean, clean_drives
from ordi.machines.journal import history, record, verify
from ordi.machines.lifecycle import Action, Note, State
from ordi.machines.lots import Lot
from ordi.machines.machine import Machine
from ordi.parties.tokens import make_token
from ordi.signatures import SigningKey
from tests.bench.benches import Bench, wipe
from tests.cast import Cast
from tests.factories import _allocated, _ready, _reinstalled, a_drive, a_machine
from tests.fleet.news import a_drive_told, enrolled, news
from web.machines.life import proofs_of

HOURS, WRITTEN, CYCLES = 9000, 4_000_000, 700
SIZE = 300_000


def smart(serial: str, hours: int = HOURS, written: int = WRITTEN, cycles: int = CYCLES) -> dict[str, Any]:
    """What smartctl says of an ATA drive."""
    rows = {9: hours, 12: cycles, 241: written}
    return {
        "serial_number": serial,
        "power_on_time": {"hours": hours},
        "ata_smart_attributes": {"table": [{"id": number, "raw": {"value": value}} for number, value in rows.items()]},
    }


def packed(document: object) -> str:
    return base64.b64encode(gzip.compress(json.dumps(document).encode())).decode()


def seen(drive: Drive, told: dict[str, Any] | None, **envelope: Any) -> dict[str, Any]:
    """A bench inventory that sees the drive; `told`: what smartctl says of it."""
    device = {"name": "sda", "type": "disk", "size": drive.bytes, "serial": drive.serial, "tran": "sata", "rota": True}
    raw = {"lsblk": packed({"blockdevices": [device | {"rm": False}]})}
    if told is not None:
        raw["smartctl:sda"] = packed(told)
    whole = {"uuid": str(uuid4()), "format": "ordi-inventory/1", "agent": "0.1.0", "test": False, "absences": []}
    return whole | {"raw": raw} | envelope


def inventory(
    session: Session, cast: Cast, machine: Machine, drive: Drive, at: datetime, **told: int
) -> list[LateContradiction]:
    """The machine starts again on another day, and says what its drive tells; what convicts it so far."""
    report = seen(drive, smart(drive.serial, **told))
    bench = Bench(session, at).adopted(machine, cast.kim)
    intake.receive(session, report, json.dumps(report).encode(), sender=bench, at=at)
    return list(session.scalars(select(LateContradiction)))


def a_wiped(session: Session, cast: Cast, at: datetime, **told: int) -> tuple[Machine, Drive]:
    """A kept machine that Sam wiped, with what its drive told afterwards."""
    machine = a_machine(session, cast, State.RECEIVED, at=at, triage="keep")
    drive = a_drive(session, machine, size=SIZE, medium=Medium.HDD, at=at)
    wipe(session, machine, drive, by=cast.sam, at=at, smart_after=packed(smart(drive.serial, **told)))
    assert machine.state == State.SANITISED
    return machine, drive


def out(session: Session, cast: Cast, at: datetime) -> tuple[Machine, Drive]:
    """The same, handed over to a household."""
    machine, drive = a_wiped(session, cast, at)
    for way in (_reinstalled, _ready, _allocated):
        way(session, cast, machine, at, 1)
    record(session, machine, Action.HAND_OVER, by=cast.ines, at=at)
    fill(session, machine)
    return machine, drive


@pytest.mark.parametrize("lower", [{"hours": 8999}, {"written": 12}, {"cycles": 699}])
def test_a_lower_counter_at_a_later_inventory_closes_the_gate(
    session: Session, cast: Cast, now: datetime, lower: dict[str, int]
) -> None:
    machine, drive = a_wiped(session, cast, now)
    generation = drive.generation
    (found,) = inventory(session, cast, machine, drive, now + timedelta(days=2), **lower)
    assert found.told < found.before
    assert (drive.standing, drive.generation) == (Standing.HOLDS_DATA, generation + 1)
    assert machine.state == State.RECEIVED
    with pytest.raises(DrivesNotClean):
        clean_drives(session, machine)
    told = [event for event in history(session, machine) if event.action == Note.LATE_CONTRADICTION]
    assert len(told) == 1
    (held,) = session.scalars(quarantines_seen_by(cast.kim, at=now))
    assert (held.found_by, held.technician_id) == ("counters", cast.sam.id)
    (proof,) = proofs_of(session, machine)
    assert (proof.tone, proof.contradicted, proof.late) == ("stop", True, found)
    assert list(verify(session)) == []


@pytest.mark.parametrize(
    ("before", "told", "convicted"),
    [(65_530, 20, False), (65_530, 9000, True), (65_000, 20, True), (65_535, 0, False), (70_000, 20, True)],
)
def test_hours_that_begin_again_after_65535_convict_nobody_and_hours_that_cannot_have_do(
    session: Session, cast: Cast, now: datetime, before: int, told: int, convicted: bool
) -> None:
    machine, drive = a_wiped(session, cast, now, hours=before)
    found = inventory(session, cast, machine, drive, now + timedelta(days=2), hours=told)
    assert bool(found) is convicted


def test_counters_that_grew_or_stand_still_say_nothing(session: Session, cast: Cast, now: datetime) -> None:
    machine, drive = a_wiped(session, cast, now)
    later = now + timedelta(days=2)
    assert inventory(session, cast, machine, drive, later) == []
    assert inventory(session, cast, machine, drive, later, hours=9001, written=WRITTEN + 1, cycles=701) == []
    assert (drive.standing, machine.state) == (Standing.SANITISED, State.SANITISED)


def test_one_wipe_is_convicted_once_and_the_next_wipe_starts_afresh(
    session: Session, cast: Cast, now: datetime
) -> None:
    machine, drive = a_wiped(session, cast, now)
    for day in (1, 2):
        assert len(inventory(session, cast, machine, drive, now + timedelta(days=day), hours=10)) == 1
    again = packed(smart(drive.serial, hours=10))
    wipe(session, machine, drive, by=cast.sam, at=now + timedelta(days=3), smart_after=again)
    assert len(inventory(session, cast, machine, drive, now + timedelta(days=4), hours=11)) == 1
    assert drive.standing == Standing.SANITISED


def test_what_another_drive_tells_convicts_nobody(session: Session, cast: Cast, now: datetime) -> None:
    machine, drive = a_wiped(session, cast, now)
    report = seen(drive, smart("ANOTHER", hours=1))
    bench = Bench(session, now + timedelta(days=1)).adopted(machine, cast.kim)
    intake.receive(session, report, b"{}", sender=bench, at=now + timedelta(days=1))
    assert drive.standing == Standing.SANITISED


@pytest.mark.parametrize(
    "document",
    [None, [], {"ata_smart_attributes": 3}, {"power_on_time": {"hours": -4}}, {"power_on_time": {"hours": True}}],
)
def test_what_cannot_be_read_convicts_nobody(session: Session, cast: Cast, now: datetime, document: Any) -> None:
    machine, drive = a_wiped(session, cast, now)
    report = seen(drive, document)
    bench = Bench(session, now + timedelta(days=1)).adopted(machine, cast.kim)
    intake.receive(session, report, b"{}", sender=bench, at=now + timedelta(days=1))
    assert drive.standing == Standing.SANITISED


@pytest.mark.parametrize(
    ("collected", "convicted"), [(None, 0), ("2026-11-22T07:00:00Z", 0), ("2026-11-23T07:00:00Z", 1)]
)
def test_a_report_that_may_be_older_than_the_wipe_convicts_nobody(
    session: Session, cast: Cast, now: datetime, collected: str | None, convicted: int
) -> None:
    machine, drive = a_wiped(session, cast, now)
    token, _ = make_token(session, "établi", ["evidence:write"], cast.workshop, by=None, at=now, answers=cast.sam)
    report = seen(drive, smart(drive.serial, hours=3), tag=machine.tag, collected_at=collected)
    intake.receive(session, report, b"{}", sender=token, at=now + timedelta(days=2))
    assert len(list(session.scalars(select(LateContradiction)))) == convicted


def test_fewer_hours_at_a_check_in_convict_and_alert(session: Session, cast: Cast, now: datetime) -> None:
    machine, drive = out(session, cast, now)
    generation, later = drive.generation, now + timedelta(days=30)
    enrolment = enrolled(session, cast, machine)

    def tells(hours: int) -> None:
        told = news(session, machine, drives=[a_drive_told(session, machine, power_on_hours=hours)])
        counter = enrolment.counter + 1
        take_news(session, enrolment, uuid=str(uuid4()), counter=counter, payload=told, at=later)

    tells(HOURS)
    assert open_alert(session, machine, AlertKind.COUNTERS) is None
    tells(HOURS - 1)
    tells(HOURS - 1)
    alert = open_alert(session, machine, AlertKind.COUNTERS)
    assert alert is not None
    assert alert.level == "repair"
    assert drive.serial not in alert.facts
    assert (machine.state, drive.generation) == (State.HANDED_OVER, generation)
    assert [one.action for one in history(session, machine)].count(Note.LATE_CONTRADICTION) == 1
    (proof,) = proofs_of(session, machine)
    assert (proof.tone, proof.in_use, proof.contradicted) == ("stop", False, True)


def test_fewer_hours_when_it_comes_back_convict_the_wipe_before(session: Session, cast: Cast, now: datetime) -> None:
    machine, drive = out(session, cast, now)
    record(session, machine, Action.TAKE_BACK, by=cast.ada, at=now + timedelta(days=100))
    generation = drive.generation
    (found,) = inventory(session, cast, machine, drive, now + timedelta(days=101), hours=20)
    assert found.counter == "hours"  # the raw attribute may count minutes, and begin again meanwhile
    assert drive.generation == generation
    (proof,) = proofs_of(session, machine)
    assert proof.tone == "stop"


@pytest.mark.parametrize("change", ["UPDATE late_contradictions SET told = 1", "DELETE FROM late_contradictions"])
def test_what_was_found_stays(session: Session, cast: Cast, now: datetime, change: str) -> None:
    machine, drive = a_wiped(session, cast, now)
    inventory(session, cast, machine, drive, now + timedelta(days=2), hours=1)
    session.commit()
    with pytest.raises(IntegrityError, match="ordi:late_contradictions_"):
        session.execute(text(change))


def test_a_donor_is_not_told_that_a_belied_wipe_cleaned_a_drive(session: Session, cast: Cast, now: datetime) -> None:
    lot = Lot(
        code="L-2026-903", donor=cast.donor, workshop=cast.workshop, promised_count=1, created_at=now, collected_at=now
    )
    machine, drive = a_wiped(session, cast, now)
    machine.lot = lot
    session.flush()
    key = SigningKey.of("certificate", Ed25519PrivateKey.generate())
    assert [one.drives_clean for one in outcomes(session, lot)] == [1]
    assert lot_statement(session, lot, key, at=now)[0]["drives"] == {"wiped": 1}
    inventory(session, cast, machine, drive, now + timedelta(days=2), hours=1)
    assert [one.drives_clean for one in outcomes(session, lot)] == [0]
    assert lot_statement(session, lot, key, at=now)[0]["drives"] == {"unproven": 1}
