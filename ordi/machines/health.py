"""What readings say of a machine's health: pure, explained, in three verdicts for people.

A drive's own verdict (`passed`) is the last to know: most drives that fail still say PASSED, so the counters of errors
decide. Their rates come from hard disks that run day and night in a data centre: on a family's computer they say
which drive to look at first, not when it will break.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Health(StrEnum):
    """Tout va bien, à surveiller, à réparer; or nothing was readable."""

    GOOD = "good"
    WATCH = "watch"
    REPAIR = "repair"
    UNKNOWN = "unknown"


_WORST_FIRST = (Health.REPAIR, Health.WATCH, Health.UNKNOWN, Health.GOOD)

SOURCE = "Backblaze, Drive Stats : taux de panne annuel par valeur brute (disques de centre de données)"

FAILURE_RATES: dict[str, tuple[tuple[int, int], ...]] = {
    "reallocated": ((0, 3), (1, 3), (5, 8), (17, 24), (71, 36), (261, 57), (1101, 150)),
    "reported_uncorrect": ((0, 3), (1, 29), (4, 50), (21, 84), (36, 144)),
    "command_timeout": ((0, 2), (101, 10), (13_000_000_001, 30)),
    "pending": ((0, 3), (1, 34), (3, 65), (17, 96), (41, 165), (101, 251)),
    "offline_uncorrect": ((0, 3), (1, 81), (3, 112)),
}
"""SMART 5, 187, 188, 197, 198: `(from this raw value on, failures per hundred drives and year)`.

Each bucket ends where the next begins, so that no value, least of all 1, falls between two. 188 begins to speak above a
hundred: a loose cable makes a few.
"""

REPAIR_RATE = 20
"""Failures per hundred drives and year from which a drive is exchanged before it fails."""

WATCH_RATE = 10

ANY_COUNTS = frozenset({"reallocated", "reported_uncorrect", "pending", "offline_uncorrect"})
"""Attributes of which a single one already deserves an eye."""

NVME_REPAIR_BITS = 0x01 | 0x04 | 0x08
"""critical_warning: spare below threshold, reliability degraded, read-only."""

SPARE_REPAIR, SPARE_WATCH = 10, 25
USED_REPAIR, USED_WATCH = 100, 80
WEAR_REPAIR, WEAR_WATCH = 70, 40
DISK_WATCH = 90
HEAT_WATCH = 90


@dataclass(frozen=True)
class Reason:
    """Why a part is not simply good: a code, which drive when it is one, and the value read."""

    part: str
    code: str
    level: Health
    value: int | None = None
    drive: str = ""

    def told(self) -> dict[str, str | int]:
        """As it is stored."""
        kept: dict[str, str | int] = {"part": self.part, "code": self.code, "level": self.level}
        if self.value is not None:
            kept["value"] = self.value
        return kept | ({"drive": self.drive} if self.drive else {})


@dataclass(frozen=True)
class Assessment:
    """The verdict on a machine and on each of its parts (`drive`, `battery`, `space`, `heat`), with the reasons."""

    verdict: Health
    parts: Mapping[str, Health]
    reasons: tuple[Reason, ...]


def assess(readings: Mapping[str, Any]) -> Assessment:
    """The verdict on what a check-in told (after `payload.allowed`). Without a readable drive nobody says all is well."""
    parts: dict[str, Health] = {}
    reasons: list[Reason] = []
    drives = readings.get("drives") or []
    parts["drive"] = Health.UNKNOWN if not drives else Health.GOOD
    for drive in drives:
        found = _of_drive(drive)
        reasons += found
        parts["drive"] = worst(parts["drive"], *(reason.level for reason in found))
    if (wear := _battery_wear(readings.get("battery") or {})) is not None:
        parts["battery"] = _judge(reasons, "battery", "battery-worn", wear, WEAR_WATCH, WEAR_REPAIR)
    if (used := readings.get("disk_percent")) is not None:
        parts["space"] = _judge(reasons, "space", "disk-full", used, DISK_WATCH, None)
    if (heat := readings.get("temperature_c")) is not None:
        parts["heat"] = _judge(reasons, "heat", "too-hot", heat, HEAT_WATCH, None)
    return Assessment(worst(*parts.values()), parts, tuple(reasons))


def worst(*levels: Health) -> Health:
    """The gravest of several verdicts."""
    return next(level for level in _WORST_FIRST if level in levels)


def failure_rate(attribute: str, raw: int) -> int:
    """Failures per hundred drives and year at this raw value. A negative value counts as none."""
    buckets = FAILURE_RATES[attribute]
    place = bisect_right([start for start, _ in buckets], max(raw, 0)) - 1
    return buckets[place][1]


def _of_drive(drive: Mapping[str, Any]) -> list[Reason]:
    name = str(drive.get("name", ""))
    reasons = _own_verdict(drive, name)
    for attribute in FAILURE_RATES:
        raw = drive.get(attribute)
        level = _level_of(attribute, raw) if raw is not None else Health.GOOD
        if level != Health.GOOD:
            reasons.append(Reason("drive", attribute, level, raw, name))
    reasons += _of_nvme(drive, name)
    read = drive.get("passed") is not None or any(drive.get(key) is not None for key in (*FAILURE_RATES, *_NVME))
    return reasons if read else [Reason("drive", "unread", Health.UNKNOWN, None, name)]


def _own_verdict(drive: Mapping[str, Any], name: str) -> list[Reason]:
    return [Reason("drive", "self-test-failing", Health.REPAIR, None, name)] if drive.get("passed") is False else []


def _level_of(attribute: str, raw: int) -> Health:
    rate = failure_rate(attribute, raw)
    if rate >= REPAIR_RATE:
        return Health.REPAIR
    return Health.WATCH if rate >= WATCH_RATE or (attribute in ANY_COUNTS and raw > 0) else Health.GOOD


_NVME = ("critical_warning", "available_spare", "percentage_used", "media_errors")


def _of_nvme(drive: Mapping[str, Any], name: str) -> list[Reason]:
    """The health log of an NVMe drive; an absent value says nothing."""
    warning, spare, used, errors = (drive.get(key) for key in _NVME)
    levels = {
        "critical_warning": warning and (Health.REPAIR if warning & NVME_REPAIR_BITS else Health.WATCH),
        "available_spare": spare is not None and _step(-spare, -SPARE_WATCH, -SPARE_REPAIR),
        "percentage_used": used is not None and _step(used, USED_WATCH, USED_REPAIR),
        "media_errors": errors is not None and errors > 0 and Health.WATCH,
    }
    return [
        Reason("drive", code, level, drive.get(code), name)
        for code, level in levels.items()
        if isinstance(level, Health) and level != Health.GOOD
    ]


def _battery_wear(battery: Mapping[str, Any]) -> int | None:
    """How much of its capacity a battery has lost, in percent; nothing when it does not say, or says zero."""
    full, design = battery.get("full"), battery.get("full_design")
    if not full or not design or full < 0 or design < 0:
        return None
    return max(0, 100 - round(100 * int(full) / int(design)))


def _judge(reasons: list[Reason], part: str, code: str, value: int, watch: int, repair: int | None) -> Health:
    level = _step(value, watch, repair)
    if level != Health.GOOD:
        reasons.append(Reason(part, code, level, value))
    return level


def _step(value: int, watch: int, repair: int | None) -> Health:
    if repair is not None and value >= repair:
        return Health.REPAIR
    return Health.WATCH if value >= watch else Health.GOOD
