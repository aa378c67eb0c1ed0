"""What other tools write of a computer: one file a format, each with its allow-list and its reading, all into one `Hardware`.

Nothing of a report is stored that its format's allow-list does not name. Only our own agent's report, signed at the bench or
borne by a token, says which drives are inside; the others describe.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ordi.machines.formats import dmidecode, ereuse, glpi, lshw, ordi, smartctl
from ordi.machines.formats.decoding import NotUnderstood, json_of, objects, text_of
from ordi.machines.hardware import Hardware
from ordi.machines.reports import FORMAT as OURS

__all__ = ["FORMATS", "OURS", "UNKNOWN", "Format", "NotUnderstood", "format_of"]


@dataclass(frozen=True)
class Format:
    """A format: what may be kept of a body, and what it says. Both raise `NotUnderstood`."""

    allowed: Callable[[bytes], bytes]
    read: Callable[[bytes], Hardware]


FORMATS: dict[str, Format] = {
    "ordi": Format(ordi.allowed, ordi.read),
    "glpi": Format(glpi.allowed, glpi.read),
    "ereuse": Format(ereuse.allowed, ereuse.read),
    "lshw": Format(lshw.allowed, lshw.read),
    "dmidecode": Format(dmidecode.allowed, dmidecode.read),
    "smartctl": Format(smartctl.allowed, smartctl.read),
}
"""By the name asked for in `?format=`."""

UNKNOWN = "unknown"
"""Stored as such: a file that is of no format we read."""


def format_of(body: bytes) -> str | None:
    """The format a file looks like, or nothing: for somebody who drops a file and should not have to know."""
    start = text_of(body[:65536]).lstrip()
    if start.startswith("<"):
        return "lshw" if "<node" in start else None
    if not start.startswith(("{", "[")):
        return "dmidecode" if "\nHandle 0x" in f"\n{start}" or start.startswith("# dmidecode") else None
    try:
        told = json_of(body)
    except NotUnderstood:
        return None
    return next((name for one in objects(told, 1) if (name := _named(one))), None)


def _named(told: dict[str, Any]) -> str | None:
    kind = told.get("type") or told.get("@type") or ""
    if told.get("format") == OURS:
        return "ordi"
    if isinstance(told.get("content"), dict):
        return "glpi"
    if kind in ("Snapshot", "devices:Snapshot", "DeviceSnapshotV1") or "DeviceSnapshot" in kind:
        return "ereuse"
    if isinstance(told.get("device"), dict) and "components" in told:
        return "ereuse"
    if "smartctl" in told or "ata_smart_attributes" in told or "nvme_smart_health_information_log" in told:
        return "smartctl"
    return "lshw" if "class" in told and "id" in told else None
