"""Lifetime counters before and after a wipe: they only grow, and they belong to the drive that was named."""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import Any

from ordi.machines.hardware import whole
from ordi.machines.reports import parse_json

_LARGEST = 4 << 20
_GROWING = {9: "power_on_hours", 12: "power_cycles", 241: "written", 242: "read"}
"""ATA attributes whose raw value only grows (ACS; 241 and 242 are in units of the maker's choice, but grow alike)."""


WRAP = 1 << 16
"""Some drives keep their hours in sixteen bits, and begin again after 65,535."""
_A_HOUR = {"hours": 1, "power_on_hours": 60}
"""How much an hour adds at most: the raw attribute counts minutes on some."""
LONGEST_WIPE_H = 24 * 7


def fell(name: str, before: int, told: int, hours: float) -> bool:
    """Whether a counter told less than it did `hours` earlier, and did not simply begin again after 65,535."""
    if told >= before:
        return False
    if name not in _A_HOUR or before >= WRAP:
        return True
    return told + WRAP - before > _A_HOUR[name] * (hours + 1)


def contradicts(before: str | None, after: str | None, serial: str) -> bool:
    """Whether two packed smartctl reports, around one wipe, cannot both be true of the drive with this serial."""
    first, last = _counters(before), _counters(after)
    for told in (first, last):
        said = told.get("serial")
        if said and serial and said != serial:
            return True
    return any(
        isinstance(last.get(name), int)
        and isinstance(first[name], int)
        and fell(name, first[name], last[name], LONGEST_WIPE_H)
        for name in first
        if name != "serial"
    )


def lifetime(packed: str | None) -> dict[str, int] | None:
    """The lifetime counters that a packed smartctl report tells; nothing when it tells none."""
    told = {name: value for name, value in _counters(packed).items() if isinstance(value, int)}
    return told or None


def told_by(packed: str | None, serial: str) -> dict[str, int]:
    """`counters_of` a packed smartctl report."""
    return counters_of(parse_json(unpack(packed)) if packed else None, serial)


def counters_of(document: object, serial: str) -> dict[str, int]:
    """The lifetime counters that smartctl's JSON tells of the drive with this serial; none when it speaks of another.

    `hours`: the power-on time as smartctl understands it, which is what a machine in use tells (docs/protocol.md); the raw
    attribute may count minutes.
    """
    told = _read(document)
    if told.pop("serial", "") not in ("", serial):
        return {}
    time = document.get("power_on_time") if isinstance(document, dict) else None
    if isinstance(time, dict):
        told["hours"] = time.get("hours")
    return {name: value for name, value in told.items() if whole(value) is not None}


def unpack(packed: str | None) -> bytes:
    """A packed report's bytes, or nothing when there is none or it is broken."""
    if not packed:
        return b""
    try:
        return zlib.decompressobj(wbits=31).decompress(base64.b64decode(packed, validate=True), _LARGEST)
    except (ValueError, binascii.Error, zlib.error):
        return b""


def _counters(packed: str | None) -> dict[str, Any]:
    return _read(parse_json(unpack(packed)) if packed else None)


def _read(told: object) -> dict[str, Any]:
    if not isinstance(told, dict):
        return {}
    found: dict[str, Any] = {"serial": str(told.get("serial_number", "")).strip()}
    table = (
        (told.get("ata_smart_attributes") or {}).get("table")
        if isinstance(told.get("ata_smart_attributes"), dict)
        else None
    )
    for row in table if isinstance(table, list) else []:
        if isinstance(row, dict) and row.get("id") in _GROWING and isinstance(row.get("raw"), dict):
            value = row["raw"].get("value")
            # some makers pack minutes or temperatures above 32 bits: the low word is the counter
            found[_GROWING[row["id"]]] = (
                value & 0xFFFFFFFF if row["id"] in (9, 12) and isinstance(value, int) else value
            )
    log = told.get("nvme_smart_health_information_log")
    if isinstance(log, dict):
        found |= {
            name: log.get(name) for name in ("power_on_hours", "power_cycles", "data_units_written", "data_units_read")
        }
    return found
