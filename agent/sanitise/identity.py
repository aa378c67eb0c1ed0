"""Who a drive is, read through the descriptor that will be written to: the claim a job is checked against."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agent.encoding import clean, read_name
from agent.sanitise import ioctls

UDEV_DATABASE = Path("/run/udev/data")
SYSFS = Path("/sys")

KEPT_WWN = 40
"""Characters of a world wide name that lsblk's reader on the server keeps: an NVMe's can be longer."""

WWN_PREFIX = re.compile(r"^(0x|naa\.|eui\.|nvme\.|uuid\.|wwn-0x|wwn-)")


@dataclass(frozen=True)
class Identity:
    """One drive. `serials` and `wwns` are everything it is known by; the single ones are what is reported."""

    path: str
    name: str
    number: str
    bytes: int
    logical_sector: int
    physical_sector: int
    model: str | None
    serial: str | None
    serial_source: str | None
    wwn: str | None
    firmware: str | None
    transport: str | None
    medium: str
    removable: bool
    read_only: bool
    disk_sequence: int | None
    serials: frozenset[str]
    wwns: frozenset[str]

    def known_as(self, serial: str) -> bool:
        """Whether one of its serials is `serial`, blanks aside."""
        return one_line(serial) in {one_line(known) for known in self.serials}

    def has_wwn(self, wwn: str) -> bool:
        """Whether one of its world wide names is `wwn`, whoever wrote it. The server keeps the first 40 characters."""
        told = bare_wwn(wwn)
        return any(known == told or (len(wwn) >= KEPT_WWN and known.startswith(told)) for known in self.wwns)

    def reported(self, *, serial: str, wwn: str | None) -> dict[str, object]:
        """The `identity` of a commit (docs/protocol.md); `serial` and `wwn` as the job writes them where they agree."""
        return {
            "path": self.path,
            "model": self.model or "",
            "serial": serial if self.known_as(serial) else self.serial or "",
            "serial_source": self.serial_source or "",
            "wwn": wwn if wwn and self.has_wwn(wwn) else self.wwn,
            "firmware": self.firmware,
            "bytes": self.bytes,
            "logical_sector": self.logical_sector,
            "physical_sector": self.physical_sector,
            "transport": self.transport or "",
            "medium": self.medium,
        }


def one_line(text: str) -> str:
    """A name with its blanks made single."""
    return " ".join(text.split())


def bare_wwn(wwn: str) -> str:
    """A world wide name without the prefix its reporter puts before it, lower case."""
    return WWN_PREFIX.sub("", wwn.strip().lower())


def identify(descriptor: int, path: str, test_serials: Mapping[str, str], *, wanted: str | None = None) -> Identity:
    """Read who the drive behind `descriptor` is. When it is known by several serials, report `wanted` if it is one.

    `test_serials` gives the serials loop devices play under, by kernel name. Raise OSError.
    """
    number = ioctls.device_number(descriptor)
    folder = (SYSFS / "dev/block" / number).resolve()
    name = folder.name
    ata = ioctls.ata_identity(descriptor) if not name.startswith(("loop", "nvme", "mmcblk")) else None
    udev = udev_properties(number)
    if name in test_serials:
        serials = [("loop", test_serials[name])]
    else:
        serials = [
            (source, serial)
            for source, serial in (
                ("ata", ata.serial if ata else None),
                ("sysfs", read_name(folder / "device/serial")),
                ("sysfs", unit_serial(folder / "device/vpd_pg80")),
                ("sysfs", read_name(folder / "serial")),
                ("udev", udev.get("ID_SERIAL_SHORT")),
                ("udev", udev.get("ID_SCSI_SERIAL")),
            )
            if serial
        ]
    wwns = [
        wwn
        for wwn in (
            ata.wwn if ata else None,
            read_name(folder / "wwid"),
            read_name(folder / "device/wwid"),
            udev.get("ID_WWN_WITH_EXTENSION"),
            udev.get("ID_WWN"),
        )
        if wwn and not wwn.startswith("t10.")
    ]
    source, serial = next(
        (pair for pair in serials if wanted and one_line(pair[1]) == one_line(wanted)),
        serials[0] if serials else (None, None),
    )
    return Identity(
        path=path,
        name=name,
        number=number,
        bytes=ioctls.size(descriptor),
        logical_sector=ioctls.logical_sector(descriptor),
        physical_sector=ioctls.physical_sector(descriptor),
        model=(ata.model if ata else None) or read_name(folder / "device/model") or read_name(folder / "device/name"),
        serial=serial,
        serial_source=source,
        wwn=wwns[0] if wwns else None,
        firmware=(ata.firmware if ata else None)
        or read_name(folder / "device/firmware_rev")
        or read_name(folder / "device/rev"),
        transport=transport_of(folder),
        medium=medium_of(folder),
        removable=is_removable(folder),
        read_only=ioctls.is_read_only(descriptor),
        disk_sequence=ioctls.disk_sequence(descriptor),
        serials=frozenset(serial for _, serial in serials),
        wwns=frozenset(bare_wwn(wwn) for wwn in wwns),
    )


def udev_properties(number: str, database: Path = UDEV_DATABASE) -> dict[str, str]:
    """What udev remembers of a block device: lines `E:NAME=value`. Empty where no udev runs."""
    try:
        lines = (database / f"b{number}").read_bytes().splitlines()
    except OSError:
        return {}
    found = {}
    for line in lines:
        name, equals, value = line.decode("utf-8", "replace").removeprefix("E:").partition("=")
        cleaned = clean(value)
        if equals and line.startswith(b"E:") and cleaned:
            found[name] = cleaned
    return found


def unit_serial(page: Path) -> str | None:
    """The serial in a SCSI "unit serial number" page (SPC-4, 7.8.15: four bytes of header, then the text)."""
    try:
        raw = page.read_bytes()
    except OSError:
        return None
    return clean(raw[4 : 4 + int.from_bytes(raw[2:4], "big")]) if len(raw) > 4 else None


def transport_of(folder: Path) -> str | None:
    """How the drive is attached, from where the kernel put it."""
    where = f"{folder}/"
    if folder.name.startswith("loop"):
        return "loop"
    for mark, transport in (
        ("/usb", "usb"),
        ("/nvme", "nvme"),
        ("/mmc", "mmc"),
        ("/virtio", "virtio"),
        ("/ata", "sata"),
    ):
        if mark in where:
            return transport
    return "sas" if "/sas_" in where or "/end_device-" in where else None


def medium_of(folder: Path) -> str:
    """hdd, ssd, nvme, emmc, or unknown for what is no real drive (virtual, loop) or does not tell."""
    transport = transport_of(folder)
    if transport in ("loop", "virtio"):
        return "unknown"
    if transport == "nvme":
        return "nvme"
    if transport == "mmc":
        return "emmc" if read_name(folder / "device/type") == "MMC" else "unknown"
    return {"1": "hdd", "0": "ssd"}.get(read_name(folder / "queue/rotational") or "", "unknown")


def is_removable(folder: Path) -> bool:
    """Whether somebody could have put it in for a moment: removable, on USB, or a memory card."""
    card = transport_of(folder) == "mmc" and read_name(folder / "device/type") != "MMC"
    return card or read_name(folder / "removable") == "1" or transport_of(folder) == "usb"
