"""GLPI's native inventory (JSON), whole or partial. Users, processes, software, addresses, names and volumes are never stored."""

from __future__ import annotations

from typing import Any

from ordi.machines.drive import Medium
from ordi.machines.formats.decoding import NotUnderstood, json_of, objects, only, packed, size_of
from ordi.machines.hardware import DriveFacts, Hardware, form_of, meant, meant_uuid, model_of, plain

_TOP = ("action", "itemtype", "partial")
_FIELDS: dict[str, tuple[str, ...]] = {
    "bios": (
        *("smanufacturer", "smodel", "ssn", "skunumber", "mmanufacturer", "mmodel", "msn", "bdate", "bmanufacturer"),
        *("bversion", "biosserial", "type", "enclosureserial"),
    ),
    "hardware": ("chassis_type", "memory", "uuid", "vmsystem"),
    "cpus": ("arch", "core", "corecount", "familyname", "manufacturer", "name", "speed", "thread"),
    "memories": (
        *("capacity", "caption", "description", "manufacturer", "model", "memorycorrection", "numslots"),
        *("serialnumber", "speed", "type"),
    ),
    "storages": (
        *("description", "disksize", "firmware", "interface", "manufacturer", "model", "name", "serial", "type"),
        *("wwn", "controller"),
    ),
    "batteries": (
        *("capacity", "real_capacity", "power_real", "chemistry", "cycles", "date", "manufacturer", "name"),
        *("serial", "voltage"),
    ),
}
_NOT_FIXED = ("removable", "cd", "dvd", "optical", "floppy", "usb", "tape", "card")


def allowed(body: bytes) -> bytes:
    """The hardware of an inventory: `deviceid` and `tag` go too, they carry the host's and the owner's names."""
    told = json_of(body)
    told = told if isinstance(told, dict) else {}
    content = told.get("content")
    content = content if isinstance(content, dict) else {}
    kept: dict[str, Any] = {}
    for part, fields in _FIELDS.items():
        value = content.get(part)
        if isinstance(value, dict):
            kept[part] = only(value, fields)
        elif isinstance(value, list):
            kept[part] = [only(one, fields) for one in objects(value, 256)]
    return packed({**only(told, _TOP), "content": kept})


def read(body: bytes) -> Hardware:
    """What an inventory says; sizes are in megabytes there, never exact. Raises `NotUnderstood`."""
    told = json_of(body)
    content = told.get("content") if isinstance(told, dict) else None
    if not isinstance(content, dict) or not any(content.get(part) for part in _FIELDS):
        raise NotUnderstood(why="nothing-readable")
    bios, hardware = only(content.get("bios"), _FIELDS["bios"]), only(content.get("hardware"), _FIELDS["hardware"])
    system = {"Manufacturer": str(bios.get("smanufacturer", "")), "Product Name": str(bios.get("smodel", ""))}
    storages = objects(content.get("storages"), 64)
    return Hardware(
        manufacturer=meant(bios.get("smanufacturer")) or meant(bios.get("mmanufacturer")),
        model=model_of(system) or meant(bios.get("mmodel")),
        serial=meant(bios.get("ssn")),
        system_uuid=meant_uuid(hardware.get("uuid")),
        form=form_of(str(hardware.get("chassis_type", ""))),
        processor=_processor(objects(content.get("cpus"), 8)),
        memory_bytes=size_of(hardware.get("memory"), 1 << 20) or _modules(objects(content.get("memories"), 64)),
        drives=tuple(_drive(one) for one in storages if _fixed(one)),
        drives_known=isinstance(content.get("storages"), list),
    )


def _processor(cpus: list[dict[str, Any]]) -> str:
    return next((name for one in cpus if (name := meant(one.get("name")))), "")


def _modules(memories: list[dict[str, Any]]) -> int | None:
    return sum(size_of(one.get("capacity"), 1 << 20) or 0 for one in memories) or None


def _fixed(storage: dict[str, Any]) -> bool:
    said = " ".join(plain(storage.get(name)).casefold() for name in ("type", "interface", "description"))
    return not any(word in said.split() or said.startswith(word) for word in _NOT_FIXED)


def _drive(storage: dict[str, Any]) -> DriveFacts:
    name, interface = plain(storage.get("name"), 32), plain(storage.get("interface"), 8).casefold()
    nvme = name.startswith("nvme") or "nvme" in interface or "nvme" in plain(storage.get("model")).casefold()
    return DriveFacts(
        name=name,
        serial=meant(storage.get("serial")),
        bytes=size_of(storage.get("disksize"), 10**6) or 0,
        wwn=meant(storage.get("wwn"), 120) or None,
        model=meant(storage.get("model")),
        firmware=meant(storage.get("firmware"), 24),
        medium=Medium.NVME if nvme else Medium.UNKNOWN,
        transport="nvme" if nvme else interface,
        exact=False,
    )
