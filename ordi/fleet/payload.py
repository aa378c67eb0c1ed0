"""What is kept of a check-in: the fields of docs/protocol.md and nothing else, each of its own kind and size.

An unknown field, a float, a text too long are dropped, never a reason to lose the rest: machines tell what they can.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NUMBERS = ("uptime_s", "cpu_percent", "memory_bytes", "memory_percent", "disk_percent", "temperature_c")
BATTERY = ("percent", "full", "full_design", "cycles")
DRIVE_NUMBERS = (
    "power_on_hours",
    "reallocated",
    "reported_uncorrect",
    "command_timeout",
    "pending",
    "offline_uncorrect",
    "critical_warning",
    "available_spare",
    "percentage_used",
    "media_errors",
)
DRIVE_TEXTS = ("name", "model", "serial_hash")
MOST_DRIVES = 16
MOST_ABSENCES = 32
LONGEST = 80
GREATEST = 2**53 - 1


def allowed(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a payload that is kept."""
    kept: dict[str, Any] = {**_texts(payload, ("agent", "at")), **_numbers(payload, NUMBERS)}
    battery = payload.get("battery")
    if isinstance(battery, dict) and (cells := _numbers(battery, BATTERY)):
        kept["battery"] = cells
    kept["drives"] = [_drive(drive) for drive in _objects(payload.get("drives"))[:MOST_DRIVES]]
    kept["absences"] = [
        _texts(gone, ("source", "reason")) for gone in _objects(payload.get("absences"))[:MOST_ABSENCES]
    ]
    return kept


def _drive(drive: Mapping[str, Any]) -> dict[str, Any]:
    kept = {**_texts(drive, DRIVE_TEXTS), **_numbers(drive, DRIVE_NUMBERS)}
    if isinstance(drive.get("passed"), bool):
        kept["passed"] = drive["passed"]
    return kept


def _objects(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _numbers(given: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, int]:
    return {name: given[name] for name in names if _is_number(given.get(name))}


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= GREATEST


def _texts(given: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    return {name: _plain(value) for name in names if isinstance(value := given.get(name), str) and _plain(value)}


def _plain(text: str) -> str:
    """A machine's string, hostile until proven otherwise: printable, on one line, short."""
    return "".join(char for char in text if char.isprintable()).strip()[:LONGEST]
