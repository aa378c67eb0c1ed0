"""`lsblk --json --bytes --output-all`: which block devices are drives."""

import re
from dataclasses import dataclass
from typing import Any

from agent.encoding import canonical
from agent.parsers.reading import Unreadable, flag, json_object, text, whole

COMMAND = ("lsblk", "--json", "--bytes", "--output-all")

NO_DRIVE = re.compile(r"(loop|ram|zram|fd|sr|nbd|dm-|md)\d|mmcblk\d+(boot\d|rpmb|gp\d)")
"""Kernel names that are no drive: memory, files, optical, floppy, the network, mappings, and eMMC's own corners."""


@dataclass(frozen=True)
class Disk:
    """One drive as lsblk tells it. Sizes in bytes."""

    name: str
    path: str
    bytes: int
    serial: str | None
    model: str | None
    wwn: str | None
    transport: str | None
    removable: bool
    read_only: bool
    rotational: bool | None


def devices(raw: bytes) -> list[dict[str, Any]]:
    """The top-level devices of lsblk's answer. Raise Unreadable."""
    listed = json_object(raw).get("blockdevices")
    if not isinstance(listed, list):
        raise Unreadable("no blockdevices")
    return [device for device in listed if isinstance(device, dict)]


def disks(raw: bytes) -> list[Disk]:
    """The drives among them: whole disks that hold data of their own. Raise Unreadable."""
    found = []
    for device in devices(raw):
        name = text(device.get("kname")) or text(device.get("name"))
        if device.get("type") != "disk" or not name or "/" in name or NO_DRIVE.match(name):
            continue
        found.append(
            Disk(
                name=name,
                path=text(device.get("path")) or f"/dev/{name}",
                bytes=whole(device.get("size")) or 0,
                serial=text(device.get("serial")),
                model=text(device.get("model")),
                wwn=text(device.get("wwn")),
                transport=text(device.get("tran")),
                removable=bool(flag(device.get("rm"))),
                read_only=bool(flag(device.get("ro"))),
                rotational=flag(device.get("rota")),
            )
        )
    return found


def as_test_drives(raw: bytes, serials: dict[str, str]) -> bytes:
    """lsblk's answer cut down to the loop devices of a test, with the serials they play under.

    `serials` is by kernel name. Nothing else of this machine is left in the answer. Raise Unreadable.
    """
    kept = []
    for device in devices(raw):
        name = text(device.get("kname")) or text(device.get("name"))
        if name in serials:
            kept.append({**device, "serial": serials[name], "model": "Loop device (test)", "tran": "loop"})
    return canonical({"blockdevices": kept})
