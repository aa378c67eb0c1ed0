"""What the agent measured is answered by itself; a person's word of this stay is never replaced."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from ordi.bench.diagnosis import check, next_question
from ordi.bench.measuring import measure, measured
from ordi.bench.tasks import open_tasks
from ordi.machines.checks import Check, How, Result, answered, results
from ordi.machines.fitted import Fitted, read_fitted, stored
from ordi.machines.fittings import fitted
from ordi.machines.hardware import read_dmidecode, read_hardware
from ordi.machines.lifecycle import State
from ordi.machines.machine import Form
from ordi.machines.reports import Report
from tests.cast import Cast
from tests.factories import a_machine

BATTERY = [
    {
        "name": "BAT0",
        "type": "Battery",
        "energy_full": "24000000",
        "energy_full_design": "48000000",
        "cycle_count": "412",
    }
]
SMART = {
    "smart_status": {"passed": True},
    "ata_smart_attributes": {"table": [{"id": 5, "raw": {"value": 2000}}, {"id": 197, "raw": {"value": 0}}]},
}
LOCKED = "Handle 0x0018, DMI type 24, 5 bytes\nHardware Security\n\tPower-On Password Status: Disabled\n\tAdministrator Password Status: {}\n"


def a_report(**sources: Any) -> Report:
    return Report({name.replace("__", ":"): json.dumps(told).encode() for name, told in sources.items()})


def test_a_report_is_read_part_by_part() -> None:
    told = read_hardware(
        a_report(
            fittings={
                "cameras": 1,
                "microphones": 0,
                "touchscreen": False,
                "tpm": "2",
                "acpi": ["WPBT"],
                "wifi_networks": 4,
            },
            power_supply=BATTERY,
            smartctl__sda=SMART,
            memory_test={"bytes": 1 << 30, "patterns": 5, "errors": 0},
            psutil={"cpu_count": 4},
        )
    ).fitted
    assert told == Fitted(
        cameras=1,
        microphones=0,
        touchscreen=False,
        tpm=2,
        wpbt=True,
        wifi_networks=4,
        battery_wear=50,
        battery_cycles=412,
        drives="repair",
        memory_tested=1 << 30,
        memory_errors=0,
        cores=4,
    )
    assert stored(told.told()) == told


@pytest.mark.parametrize(
    ("status", "locked"), [("Enabled", True), ("Disabled", False), ("Not Implemented", False), ("Unknown", None)]
)
def test_a_password_of_the_firmware_is_what_smbios_says(status: str, locked: bool | None) -> None:
    dmi = read_dmidecode(LOCKED.format(status))
    assert read_fitted(Report({}), dmi).bios_password is locked


@pytest.mark.parametrize(
    "hostile",
    [
        {"fittings": [1, 2]},
        {"fittings": {"cameras": "many", "tpm": {"a": 1}, "screens": 7, "acpi": "WPBT", "usb_ports": -3}},
        {"power_supply": {"energy_full": "9" * 400}},
        {"power_supply": [{"energy_full": "1", "energy_full_design": "0"}, 7]},
        {"memory_test": {"bytes": True, "patterns": 1, "errors": "none"}},
        {"smartctl__sda": {"ata_smart_attributes": {"table": [7, {"id": [], "raw": {"value": 1}}, {"id": 5}]}}},
    ],
)
def test_a_lying_report_says_nothing_rather_than_breaking(hostile: dict[str, Any]) -> None:
    told = read_fitted(a_report(**hostile), {})
    assert (told.cameras, told.battery_wear, told.memory_tested, told.drives) == (None, None, None, None)


def test_a_test_of_no_whole_pattern_passes_nobody() -> None:
    told = read_fitted(a_report(memory_test={"bytes": 1 << 20, "patterns": 0, "errors": 0}), {})
    assert list(measured(told)) == []


def test_what_is_measured_is_not_asked_and_what_is_not_there_neither(
    session: Session, cast: Cast, now: datetime
) -> None:
    machine = a_machine(session, cast, State.RECEIVED, form=Form.LAPTOP)
    told = Fitted(
        cameras=0, memory_tested=1 << 30, memory_errors=0, battery_wear=45, wifi_networks=3, touchscreen=False
    )
    measure(session, machine, told, by=cast.sam, at=now)
    assert results(session, machine) == {
        Check.BATTERY: Result.WORN,
        Check.MEMORY: Result.GOOD,
        Check.NETWORK: Result.GOOD,
        Check.CAMERA: Result.ABSENT,
        Check.TOUCH: Result.ABSENT,
    }
    assert {one.how for one in answered(session, machine).values()} == {How.AGENT}
    assert next_question(session, machine) == Check.POWER
    assert fitted(session, machine) == told


def test_a_desktop_is_not_answered_what_it_is_not_asked(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.RECEIVED, form=Form.DESKTOP)
    measure(session, machine, Fitted(cameras=0, battery_wear=90), by=None, at=now)
    assert results(session, machine) == {}


def test_what_a_measure_finds_broken_becomes_a_task_and_a_better_measure_closes_it(
    session: Session, cast: Cast, now: datetime
) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    measure(session, machine, Fitted(memory_errors=2, memory_tested=1 << 30), by=None, at=now)
    assert [one.what for one in open_tasks(session, machine)] == ["memory"]
    measure(session, machine, Fitted(memory_errors=0, memory_tested=1 << 30), by=None, at=now)
    assert open_tasks(session, machine) == []


def test_a_persons_answer_stays(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    check(session, machine, Check.CAMERA, Result.FAILED, by=cast.sam, at=now)
    measure(session, machine, Fitted(cameras=0), by=cast.sam, at=now)
    assert results(session, machine)[Check.CAMERA] == Result.FAILED


def test_the_same_measure_again_writes_nothing(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    measure(session, machine, Fitted(cameras=0), by=cast.sam, at=now)
    first = answered(session, machine)[Check.CAMERA].id
    measure(session, machine, Fitted(cameras=0), by=cast.sam, at=now)
    assert answered(session, machine)[Check.CAMERA].id == first
