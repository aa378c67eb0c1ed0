"""Drives that are not the ones the bench saw. What a machine in the field tells is an alert, never a sighting."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ordi.fleet.alerts import AlertKind, drop_alert, open_alert, raise_alert
from ordi.machines.drive import open_sightings
from ordi.machines.journal import record
from ordi.machines.lifecycle import Note
from ordi.machines.machine import Machine


def serial_hash(serial: str) -> str:
    """How a machine in use names a drive: 16 hexadecimal characters of SHA-256('ordi:' + serial)."""
    return hashlib.sha256(f"ordi:{serial}".encode()).hexdigest()[:16]


def note_drives(session: Session, machine: Machine, readings: Mapping[str, Any], *, at: datetime) -> None:
    """Compare the drives a check-in names with those the bench saw; a difference is told once, in an alert and the history.

    A drive that is missing counts only when every tool could look.
    """
    told = {drive["serial_hash"] for drive in readings["drives"] if "serial_hash" in drive}
    if not told:
        return
    seen = {serial_hash(sighting.drive.serial) for sighting in open_sightings(session, machine)}
    added = sorted(told - seen)
    whole = len(told) == len(readings["drives"]) and not readings["absences"]
    missing = sorted(seen - told) if whole else []
    if not added and not missing:
        if whole:
            drop_alert(session, machine, AlertKind.SWAP, at=at)
        return
    facts = {"added": added, "missing": missing}
    earlier = open_alert(session, machine, AlertKind.SWAP)
    if raise_alert(session, machine, AlertKind.SWAP, "watch", facts, at=at) is not earlier:
        record(session, machine, Note.SWAP_REPORTED, by=None, at=at, added=added, missing=missing)
