"""What a report says of the hardware: pure readings of dmidecode, lsblk and smartctl. Machine strings are hostile: cut and stripped."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, replace
from typing import Any

from ordi.machines.capabilities import Capabilities, hidden_by, read_capabilities
from ordi.machines.drive import Medium
from ordi.machines.fitted import Fitted, read_fitted
from ordi.machines.machine import Form
from ordi.machines.reports import Report

PLACEHOLDERS = frozenset(
    """to be filled by o.e.m.|to be filled by oem|default string|--|-|0|none|n/a|na|not specified|not available|not applicable
|system serial number|chassis serial number|serial number|system product name|system manufacturer|unknown|invalid|empty|oem|o.e.m.
|123456789|1234567890|0123456789|12345678|xxxxxxxxxxx|type1productconfigid|sn|s/n|null|no asset tag|tbd by oem|fill by oem
|to be filled by o.e.m|default|default_string|undefined|not defined|not provided|not present|no serial|no serial number|serial
|base board serial number|mb-1234567890|bsn12345678901234567|sernum0|system version|system uuid|product name|manufacturer|oem string
|oem_serial|redacted|$(default_string)|engineering sample|eval|test|sample|standard|system|computer""".replace(
        "\n", ""
    ).split("|")
)
"""What makers leave where a value should be (seen in the field; DMI samples). Never identifies, never merges."""

_PLACEHOLDER_UUIDS = frozenset(
    {
        "03000200-0400-0500-0006-000700080009",
        "00020003-0004-0005-0006-000700080009",
        "12345678-1234-5678-90ab-cddeefaabbcc",
        "12345678-1234-1234-1234-123456789abc",
        "01234567-8910-1112-1314-151617181920",
        "fefefefe-fefe-fefe-fefe-fefefefefefe",
        "ffffffff-ffff-ffff-ffff-fffffffffff0",
    }
)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)
_LAPTOPS = {"portable", "laptop", "notebook", "hand held", "sub notebook", "convertible", "detachable", "tablet"}
_DESKTOPS = {
    "desktop",
    "low profile desktop",
    "pizza box",
    "mini tower",
    "tower",
    "space-saving",
    "small form factor",
    "micro tower",
    "mini pc",
    "stick pc",
    "lunch box",
}


@dataclass(frozen=True)
class DriveFacts:
    """A drive as the bench saw it; `serial` may be missing, `bytes` is exact."""

    name: str
    serial: str
    bytes: int
    wwn: str | None = None
    model: str = ""
    firmware: str = ""
    medium: Medium = Medium.UNKNOWN
    transport: str = ""
    capabilities: Capabilities = field(default_factory=Capabilities)
    exact: bool = True
    """Whether `bytes` is the size itself; other tools round it, and the same drive then looks like another."""


@dataclass(frozen=True)
class Hardware:
    """A computer as its report describes it. Empty text: not said."""

    manufacturer: str = ""
    model: str = ""
    serial: str = ""
    system_uuid: str = ""
    form: Form = Form.UNKNOWN
    processor: str = ""
    memory_bytes: int | None = None
    drives: tuple[DriveFacts, ...] = field(default=())
    drives_known: bool = False
    """Whether the list of drives was read, and can be whole: no list is not an empty list, nor is one that a RAID mode cuts."""
    fitted: Fitted | None = None
    """What a report of ours says it is fitted with, and measured."""
    hidden_by: str = ""
    """Why there may be drives that nobody sees: `raid`, `remapped`."""

    def completed_by(self, other: Hardware) -> Hardware:
        """This reading, and where it says nothing, another of the same report."""
        said = {
            one.name: getattr(other, one.name)
            for one in fields(self)
            if one.name not in ("drives", "drives_known") and getattr(self, one.name) in ("", None, Form.UNKNOWN)
        }
        if not self.drives_known:
            said |= {"drives": other.drives, "drives_known": other.drives_known}
        return replace(self, **said)

    def with_drives(self, better: tuple[DriveFacts, ...]) -> Hardware:
        """With these drives, and those of its own that are not among them."""
        known = {one.serial for one in better if one.serial}
        return replace(self, drives=(*better, *(one for one in self.drives if one.serial and one.serial not in known)))


def plain(value: Any, limit: int = 80) -> str:
    """A machine's string made inert: one line of printable characters, cut."""
    text = "".join(char if char.isprintable() else " " for char in str(value if value is not None else ""))
    return " ".join(text.split())[:limit]


def meant(value: Any, limit: int = 80) -> str:
    """`plain`, or nothing when it is a maker's placeholder."""
    text = plain(value, limit)
    folded = text.casefold()
    alike = len(folded) > 2 and len(set(re.sub(r"[\s.:_-]", "", folded))) <= 1
    return "" if folded in PLACEHOLDERS or alike else text


def meant_uuid(value: Any) -> str:
    """A system uuid in lower case, or nothing when it is a placeholder or no uuid."""
    text = plain(value, 36).lower()
    if not _UUID.fullmatch(text) or text in _PLACEHOLDER_UUIDS or len(set(text.replace("-", ""))) <= 2:
        return ""
    return text


def read_hardware(report: Report) -> Hardware:
    """All that a report says of the computer and its drives; what it does not say stays empty."""
    dmi = read_dmidecode(report.sources.get("dmidecode", b"").decode("utf-8", "replace"))
    system, chassis, board = (
        dmi.get("System Information", {}),
        dmi.get("Chassis Information", {}),
        dmi.get("Base Board Information", {}),
    )
    counted = report.json_of("psutil")
    counted = counted if isinstance(counted, dict) else {}
    blocks = report.json_of("lsblk")
    hidden = hidden_by(report.json_of("controllers"))
    return Hardware(
        manufacturer=meant(system.get("Manufacturer")) or meant(board.get("Manufacturer")),
        model=model_of(system) or meant(board.get("Product Name")),
        serial=meant(system.get("Serial Number")),
        system_uuid=meant_uuid(system.get("UUID")),
        form=form_of(chassis.get("Type", "")),
        processor=meant(counted.get("cpu_model")) or meant(dmi.get("Processor Information", {}).get("Version")),
        memory_bytes=whole(counted.get("memory_bytes")),
        drives=tuple(_drives(blocks, report)),
        drives_known=not hidden and isinstance(blocks, dict) and isinstance(blocks.get("blockdevices"), list),
        fitted=read_fitted(report, dmi),
        hidden_by=hidden,
    )


def read_dmidecode(text: str) -> dict[str, dict[str, str]]:
    """The first record of each kind in dmidecode's text: title → field → value."""
    found: dict[str, dict[str, str]] = {}
    title = ""
    record: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("Handle "):
            title, record = "", {}
        elif line and not line[0].isspace():
            title, record = line.strip(), {}
            found.setdefault(title, record)
        elif line.startswith("\t") and not line.startswith("\t\t") and ":" in line and title:
            name, _, value = line.strip().partition(":")
            record.setdefault(name.strip(), value.strip())
    return found


def model_of(system: dict[str, str]) -> str:
    """The name people know, from the fields of DMI's system record."""
    product, version = meant(system.get("Product Name")), meant(system.get("Version"))
    if system.get("Manufacturer", "").casefold() == "lenovo" and version:
        return version  # Lenovo puts the name people know in Version, a code in Product Name
    return product


def form_of(chassis: str) -> Form:
    """What kind of computer a chassis type is (SMBIOS names)."""
    kind = chassis.strip().casefold()
    if kind in _LAPTOPS:
        return Form.LAPTOP
    if kind == "all in one":
        return Form.ALL_IN_ONE
    return Form.DESKTOP if kind in _DESKTOPS else Form.UNKNOWN


def _drives(blocks: Any, report: Report) -> list[DriveFacts]:
    devices = blocks.get("blockdevices") if isinstance(blocks, dict) else None
    if not isinstance(devices, list):
        return []
    return [_drive(one, report) for one in devices if isinstance(one, dict) and _holds_data(one)]


def _holds_data(device: dict[str, Any]) -> bool:
    """Fixed disks only: no optical drive, no memory disk, nothing removable; a test disk is one whose serial was given."""
    name, size = str(device.get("name", "")), whole(device.get("size")) or 0
    given = device.get("type") == "loop" and bool(device.get("serial"))
    fixed = device.get("type") == "disk" and not name.startswith(("ram", "zram", "fd", "sr", "nbd", "mtdblock"))
    return size > 0 and (given or (fixed and not _true(device.get("rm")) and device.get("tran") != "usb"))


def _drive(device: dict[str, Any], report: Report) -> DriveFacts:
    name = plain(device.get("name"), 32)
    smart = report.json_of(f"smartctl:{name}")
    smart = smart if isinstance(smart, dict) else {}
    transport = plain(device.get("tran"), 8) or ("nvme" if name.startswith("nvme") else "")
    return DriveFacts(
        name=name,
        serial=meant(device.get("serial")) or meant(smart.get("serial_number")),
        bytes=whole(device.get("size")) or 0,
        wwn=meant(device.get("wwn"), 120) or None,
        model=meant(device.get("model")) or meant(smart.get("model_name")),
        firmware=meant(smart.get("firmware_version") or device.get("rev"), 24),
        medium=_medium(name, transport, device),
        transport=transport,
        capabilities=read_capabilities(report.json_of(f"capabilities:{name}")),
    )


def _medium(name: str, transport: str, device: dict[str, Any]) -> Medium:
    if transport == "nvme":
        return Medium.NVME
    if name.startswith("mmcblk"):
        return Medium.EMMC
    if device.get("rota") is None:
        return Medium.UNKNOWN
    return Medium.HDD if _true(device.get("rota")) else Medium.SSD


def _true(value: Any) -> bool:
    return value in (True, 1, "1", "true")


def whole(value: Any) -> int | None:
    """A whole number that a table can hold, from JSON or from its digits."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        value = int(value)
    return value if isinstance(value, int) and 0 <= value < 1 << 53 else None
