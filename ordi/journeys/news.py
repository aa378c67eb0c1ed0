"""News of a computer in use reach two rooms: the fleet reads how it is, the bench whether its drives still say what was proved."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ordi.bench.looking_back import convict, last_wipe
from ordi.fleet.alerts import AlertKind, raise_alert
from ordi.fleet.check_ins import CheckIn, take_check_in
from ordi.fleet.enrolment import Enrolment
from ordi.fleet.swaps import serial_hash
from ordi.machines.contradiction import FoundBy
from ordi.machines.drive import open_sightings


def take_news(
    session: Session, enrolment: Enrolment, *, uuid: str, counter: int, payload: dict[str, Any], at: datetime
) -> CheckIn:
    """Store a check-in, understand it, and look back at each wipe with the hours its drive tells. Raises `SecondVoice`."""
    check_in = take_check_in(session, enrolment, uuid=uuid, counter=counter, payload=payload, at=at)
    hours = {
        one["serial_hash"]: one["power_on_hours"]
        for one in check_in.readings.get("drives", [])
        if "serial_hash" in one and one.get("power_on_hours", -1) >= 0
    }
    if not hours:
        return check_in
    machine = enrolment.machine
    for sighting in open_sightings(session, machine):
        told = hours.get(serial_hash(sighting.drive.serial))
        proof = last_wipe(session, sighting.drive) if told is not None else None
        if told is None or proof is None:
            continue
        found = convict(session, machine, proof, {"hours": told}, found_by=FoundBy.CHECK_IN, at=at)
        if found is not None:
            facts = {"drive": sighting.drive_id, "counter": found.counter, "before": found.before, "told": found.told}
            raise_alert(session, machine, AlertKind.COUNTERS, "repair", facts, at=at)
    return check_in
