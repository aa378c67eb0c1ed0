"""eReuse Workbench snapshots, in every shape its versions wrote: all come down to a list of components, or to tools' raw output.

| Versions | Shape |
|---|---|
| 10 | `@type: devices:Snapshot`, `device`, `components`, sizes in mebibytes |
| 11 to 14 | `type: Snapshot`, `device`, `components`, sizes with their unit |
| 2021 to 2023, "lite" | `data: {lshw, dmidecode, smart, hwinfo, lspci}` |
| workbench-script | `data: {dmidecode, smartctl, inxi, disks}`, parts are JSON inside text |
| to be signed | `type: DeviceSnapshotV1`, `data` holding one of the above, or its parts themselves |
| signed | a verifiable credential: `evidence: [{operation, output}]`, text escaped as HTML |
"""

from __future__ import annotations

import html
import re
from typing import Any

from ordi.machines.drive import Medium
from ordi.machines.formats import dmidecode, lshw, smartctl
from ordi.machines.formats.decoding import (
    DEEPEST,
    NotUnderstood,
    json_of,
    json_or_nothing,
    objects,
    only,
    packed,
    size_of,
)
from ordi.machines.hardware import DriveFacts, Hardware, form_of, meant, meant_uuid, plain

_TOP = ("type", "@type", "uuid", "_uuid", "software", "version", "schema_api", "endTime", "date", "timestamp", "closed")
_DEVICE = (
    *("type", "@type", "model", "manufacturer", "serialNumber", "chassis", "sku", "version", "family", "system_uuid"),
    *("generation", "ramSize"),
)
_COMPONENT = (
    *("type", "@type", "model", "manufacturer", "serialNumber", "size", "interface", "variant", "speed", "format"),
    *("cores", "threads", "brand", "generation", "technology", "firmware", "numberOfCores", "slots", "ramSlots"),
)
_DISKS = {"HardDrive": Medium.HDD, "SolidStateDrive": Medium.SSD, "DataStorage": Medium.UNKNOWN}
_KINDS = frozenset({*_DISKS, "Processor", "RamModule", "Motherboard", "Battery", "Display", "GraphicCard"})
_FORMS = {"laptop": "laptop", "netbook": "laptop", "desktop": "desktop", "tower": "tower", "microtower": "mini tower"}
_LONG_SERIAL = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}", re.IGNORECASE)


def allowed(body: bytes) -> bytes:
    """Device, components and the raw parts we read, each through its own format's allow-list; people and networks go."""
    told = json_of(body)
    told = told if isinstance(told, dict) else {}
    kept: dict[str, Any] = only(told, _TOP)
    if isinstance(told.get("device"), dict):
        kept["device"] = only(told["device"], _DEVICE)
    parts = [one for one in objects(told.get("components"), 256) if _kind(one) in _KINDS]
    if "components" in told:
        kept["components"] = [only(one, _COMPONENT) for one in parts]
    raw = _raw(told)
    if raw:
        kept["data"] = {name: _bare(name, part) for name, part in raw.items()}
    return packed(kept)


def read(body: bytes) -> Hardware:
    """What a snapshot says: its raw parts first, its own reading for what they leave out. Raises `NotUnderstood`."""
    told = json_of(body)
    if not isinstance(told, dict):
        raise NotUnderstood(why="nothing-readable")
    raw = _raw(told)
    drives = tuple(smartctl.facts_of(one) for one in raw.get("smart", ()))
    sources = [_quietly(dmidecode.hardware_of, raw.get("dmidecode")), _quietly(lshw.hardware_of, raw.get("lshw"))]
    if isinstance(told.get("device"), dict):
        sources.append(_listed(told["device"], objects(told.get("components"), 256)))
    said = [one for one in sources if one is not None]
    if not said and not drives:
        raise NotUnderstood(why="nothing-readable")
    whole = said[0] if said else Hardware()
    for other in said[1:]:
        whole = whole.completed_by(other)
    return whole.with_drives(tuple(one for one in drives if one.serial or one.bytes)) if drives else whole


def _raw(told: dict[str, Any]) -> dict[str, Any]:
    """The raw parts wherever this shape keeps them: `dmidecode` as text, `lshw` as roots, `smart` as drives."""
    found: dict[str, Any] = {}
    data = told.get("data")
    data = data if isinstance(data, dict) else {}
    inner = data.get("data")
    parts = {**data, **(inner if isinstance(inner, dict) else {})}
    for one in objects(told.get("evidence"), 64):
        if isinstance(one.get("operation"), str) and isinstance(one.get("output"), str):
            parts.setdefault(one["operation"], html.unescape(one["output"]))
    if isinstance(told.get("debug"), dict):
        debug = told["debug"]
        parts.setdefault("lshw", debug.get("lshw", debug))
    if isinstance(parts.get("dmidecode"), str):
        found["dmidecode"] = parts["dmidecode"]
    roots = objects(json_or_nothing(parts.get("lshw")), 8)
    if roots:
        found["lshw"] = roots
    for name in ("smart", "smartctl", "disks"):
        listed = objects(json_or_nothing(parts.get(name)), smartctl.MOST)
        if any("smartctl" in one or "serial_number" in one or "model_name" in one for one in listed):
            found["smart"] = listed
            break
    return found


def _bare(name: str, part: Any) -> Any:
    if name == "dmidecode":
        return dmidecode.keep(part)
    if name == "lshw":
        return [lshw.keep(root, DEEPEST) for root in part]
    return [smartctl.keep(one) for one in part]


def _quietly(read_part: Any, part: Any) -> Hardware | None:
    """One part's reading; a bad part spoils itself only."""
    try:
        return read_part(part) if part else None
    except NotUnderstood:
        return None


def _kind(part: dict[str, Any]) -> str:
    return str(part.get("@type") or part.get("type") or "").removeprefix("devices:")


def _listed(device: dict[str, Any], parts: list[dict[str, Any]]) -> Hardware:
    modules = [size_of(one.get("size"), 1 << 20) or 0 for one in parts if _kind(one) == "RamModule"]
    chassis = str(device.get("chassis") or device.get("type") or device.get("@type") or "").casefold()
    return Hardware(
        manufacturer=meant(device.get("manufacturer")),
        model=meant(device.get("model")),
        serial=meant(device.get("serialNumber")),
        system_uuid=meant_uuid(device.get("system_uuid")),
        form=form_of(_FORMS.get(chassis, chassis)),
        processor=next((meant(one.get("model")) for one in parts if _kind(one) == "Processor"), ""),
        memory_bytes=sum(modules) or None,
        drives=tuple(_drive(one) for one in parts if _kind(one) in _DISKS),
        drives_known=bool(parts),
    )


def _drive(part: dict[str, Any]) -> DriveFacts:
    serial, interface = meant(part.get("serialNumber")), plain(part.get("interface"), 8).casefold()
    return DriveFacts(
        name="",
        serial="" if _LONG_SERIAL.fullmatch(serial) else serial,
        bytes=size_of(part.get("size"), 10**6) or 0,
        model=meant(part.get("model")),
        firmware=meant(part.get("firmware") or part.get("variant"), 24),
        medium=Medium.NVME if interface == "nvme" else _DISKS[_kind(part)],
        transport="sata" if interface == "ata" else interface,
        exact=False,
    )
