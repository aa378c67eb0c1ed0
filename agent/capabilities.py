"""What each drive can do to itself and what hides from view, read bit by bit with the tools there are; nothing is written.

The raw answers travel beside it; this is what a plan is made from (docs/protocol.md, `capabilities:<name>`, `controllers`).
"""

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from agent.encoding import canonical, read_name
from agent.parsers import extcsd, hdparm, nvme, opal
from agent.parsers.lsblk import Disk
from agent.parsers.reading import Unreadable
from agent.programs import ProgramFailed, Runner, Said, hear

PCI = Path("/sys/bus/pci/devices")
BLOCK = Path("/sys/block")
STORAGE = "0x01"
"""PCI class of mass storage controllers (PCI Code and ID Assignment Specification)."""
QUICK_S = 30.0

Read = TypeVar("Read")


def raw_answers(disk: Disk, run: Runner = hear) -> dict[str, Said]:
    """What the tools for this kind of drive print, by source; missing tools and silent drives are left out."""
    kind = "nvme" if disk.name.startswith("nvme") else "mmc" if disk.name.startswith("mmcblk") else "ata"
    asked: dict[str, dict[str, tuple[str, ...]]] = {
        "nvme": {"nvme": ("nvme", "id-ctrl", disk.path, "--output-format=json"), "opal": query(disk)},
        "mmc": {"extcsd": ("mmc", "extcsd", "read", disk.path)},
        "ata": {
            "hdparm": ("hdparm", "-I", disk.path),
            "hpa": ("hdparm", "-N", disk.path),
            "dco": ("hdparm", "--dco-identify", disk.path),
            "opal": query(disk),
        },
    }
    found = {}
    for source, command in asked[kind].items():
        try:
            said = run(command, QUICK_S)
        except ProgramFailed:
            continue
        if said.status is not None and said.out:
            found[source] = said
    return found


def query(disk: Disk) -> tuple[str, ...]:
    """How a self-encrypting drive is asked whether it is locked."""
    return ("sedutil-cli", "--query", disk.path)


def of(raw: dict[str, Said], name: str, block: Path = BLOCK) -> dict[str, object]:
    """What is understood of the raw answers of the drive `name`: JSON, each part absent when nothing told it."""
    parts: dict[str, object | None] = {
        "card": True if name.startswith("mmcblk") and read_name(block / name / "device/type") == "SD" else None,
        "ata": understood(raw, "hdparm", lambda said: ata_part(hdparm.identify(said.out))),
        "nvme": understood(raw, "nvme", lambda said: nvme_part(nvme.controller(said.out))),
        "emmc": understood(raw, "extcsd", lambda said: dataclasses.asdict(extcsd.registers(said.out))),
        "opal": understood(raw, "opal", lambda said: dataclasses.asdict(opal.locking(said.out))),
        "hidden": hidden_part(raw),
    }
    return {name: part for name, part in parts.items() if part is not None}


def understood(raw: dict[str, Said], source: str, read: Callable[[Said], Read]) -> Read | None:
    """One source read, or None when it is not there or has no sense."""
    if source not in raw:
        return None
    try:
        return read(raw[source])
    except Unreadable:
        return None


def ata_part(told: hdparm.Ata) -> dict[str, object]:
    """The bits of an ATA drive."""
    return {
        "sanitize": sorted(told.sanitize),
        "encrypts": told.encrypts,
        "security": dataclasses.asdict(told.security),
    }


def nvme_part(told: nvme.Controller) -> dict[str, object]:
    """The bits of an NVMe controller."""
    return {"sanitize": sorted(told.sanitize), "formats": told.formats, "formats_crypto": told.formats_crypto}


def hidden_part(raw: dict[str, Said]) -> dict[str, object] | None:
    """Sectors seen, sectors there natively, and sectors behind an overlay, as far as they are told."""
    seen = understood(raw, "hpa", lambda said: hdparm.native_sectors(said.out, said.err))
    if seen is None:
        return None
    real = understood(raw, "dco", lambda said: hdparm.real_sectors(said.out, said.err))
    return {"visible": seen[0], "native": seen[1], "real": real}


def packed_raw(raw: dict[str, Said]) -> bytes:
    """The raw answers of one drive in one text, each under its source."""
    return b"".join(b"==> %s <==\n%s\n%s" % (name.encode(), said.out, said.err) for name, said in sorted(raw.items()))


def controllers(folder: Path = PCI) -> bytes:
    """The storage controllers of the machine, and the driver of each: a RAID mode can hide whole drives. JSON list."""
    found = []
    for device in sorted(folder.glob("*")):
        kind = read_name(device / "class") or ""
        if not kind.startswith(STORAGE):
            continue
        driver = device / "driver"
        remapped = read_name(device / "remapped_nvme") or ""
        found.append(
            {
                "class": kind,
                "vendor": read_name(device / "vendor"),
                "device": read_name(device / "device"),
                "driver": driver.resolve().name if driver.exists() else None,
                "remapped_nvme": int(remapped) if re.fullmatch(r"\d{1,4}", remapped) else 0,
            }
        )
    return canonical(found)
