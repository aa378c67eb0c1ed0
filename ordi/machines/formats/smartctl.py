"""`smartctl --json`: one drive, or a list of them. It names drives and no computer: known drives tell whose they are."""

from __future__ import annotations

import re
from typing import Any

from ordi.machines.drive import Medium
from ordi.machines.formats.decoding import NotUnderstood, json_of, objects, packed
from ordi.machines.hardware import DriveFacts, Hardware, meant, plain, whole

_KEPT = re.compile(
    r"smartctl|device|device_type|model_family|model_name|serial_number|wwn|firmware_version|user_capacity|logical_block_size"
    r"|physical_block_size|rotation_rate|form_factor|trim|in_smartctl_database|interface_speed|smart_\w+|ata_\w+|sata_\w+|nvme_\w+"
    r"|scsi_\w+|vendor|product|revision|power_on_time|power_cycle_count|temperature|endurance_used|spare_available|local_time"
    r"|json_format_version|read_lookahead|write_cache|error_count\w*",
    re.ASCII,
)
MOST = 64


def allowed(body: bytes) -> bytes:
    """What smartctl says of drives; nothing else that was put beside it."""
    return packed([keep(one) for one in _drives(json_of(body))])


def keep(drive: dict[str, Any]) -> dict[str, Any]:
    """Of one drive's report, the fields smartctl writes."""
    return {name: value for name, value in drive.items() if _KEPT.fullmatch(name)}


def read(body: bytes) -> Hardware:
    """The drives named. Raises `NotUnderstood`."""
    facts = [facts_of(one) for one in _drives(json_of(body))]
    named = tuple(one for one in facts if one.serial or one.model)
    if not named:
        raise NotUnderstood(why="nothing-readable" if facts else "empty")
    return Hardware(drives=named)


def facts_of(told: dict[str, Any]) -> DriveFacts:
    """A drive from its report; what is missing stays empty."""
    device, capacity = told.get("device"), told.get("user_capacity")
    protocol = str(device.get("protocol", "")).casefold() if isinstance(device, dict) else ""
    name = str(device.get("name", "")) if isinstance(device, dict) else ""
    size = whole(capacity.get("bytes")) if isinstance(capacity, dict) else None
    size = size or whole(told.get("nvme_total_capacity")) or 0
    return DriveFacts(
        name=plain(name.rsplit("/", 1)[-1], 32),
        serial=meant(told.get("serial_number")),
        bytes=size,
        wwn=_wwn(told.get("wwn")),
        model=meant(told.get("model_name")) or meant(told.get("scsi_model_name")) or meant(told.get("product")),
        firmware=meant(told.get("firmware_version"), 24),
        medium=_medium(protocol, told.get("rotation_rate")),
        transport="nvme" if protocol == "nvme" else "sata" if protocol == "ata" else plain(protocol, 8),
    )


def _drives(told: Any) -> list[dict[str, Any]]:
    return objects(told, MOST)


def _medium(protocol: str, rotation: Any) -> Medium:
    if protocol == "nvme":
        return Medium.NVME
    turns = whole(rotation)
    return Medium.UNKNOWN if turns is None else Medium.HDD if turns else Medium.SSD


def _wwn(told: Any) -> str | None:
    parts = [whole(told.get(name)) for name in ("naa", "oui", "id")] if isinstance(told, dict) else []
    if len(parts) != 3 or None in parts:
        return None
    naa, oui, number = parts
    return f"0x{naa:x}{oui:06x}{number:09x}"
