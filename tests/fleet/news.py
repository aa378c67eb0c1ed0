"""A machine that tells how it is: small hands for the tests of the fleet."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from ordi.fleet.check_ins import CheckIn, take_check_in
from ordi.fleet.enrolment import Enrolment, enrol, prepare
from ordi.fleet.swaps import serial_hash
from ordi.machines.drive import open_sightings
from ordi.machines.machine import Machine
from tests.cast import Cast
from tests.ground.clock import NOW


def enrolled(session: Session, cast: Cast, machine: Machine, *, at: datetime = NOW) -> Enrolment:
    """A machine that went through its first start."""
    token = prepare(session, machine, by=cast.sam, at=at)
    return enrol(session, token=token, public_key=secrets.token_bytes(32), uuid=str(uuid4()), at=at)


def a_drive_told(session: Session, machine: Machine, **counters: int) -> dict[str, Any]:
    """What the machine's own first drive says of itself."""
    serial = open_sightings(session, machine)[0].drive.serial
    healthy = {"passed": True, "power_on_hours": 9000, "reallocated": 0, "pending": 0, "offline_uncorrect": 0}
    return {"name": "sda", "model": "Crucial MX500", "serial_hash": serial_hash(serial)} | healthy | counters


def news(session: Session, machine: Machine, **more: Any) -> dict[str, Any]:
    """A check-in in which all is well, but for what is said otherwise."""
    told = {
        "agent": "0.1.0",
        "at": "2026-11-16T09:30:00Z",
        "uptime_s": 600,
        "disk_percent": 40,
        "battery": {"percent": 80, "full": 45, "full_design": 50, "cycles": 120},
        "drives": [a_drive_told(session, machine)],
        "absences": [],
    }
    return told | more


def tell(
    session: Session, enrolment: Enrolment, payload: dict[str, Any], *, at: datetime = NOW, uuid: str = ""
) -> CheckIn:
    """The machine's next check-in."""
    counter = enrolment.counter + 1
    return take_check_in(session, enrolment, uuid=uuid or str(uuid4()), counter=counter, payload=payload, at=at)
