"""Invented computers and drives, as their own tools would describe them."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

from ordi.machines.drive import Medium
from ordi.machines.machine import Form
from ordi.machines.reports import FORMAT

GIB = 1024**3


@dataclass(frozen=True)
class Make:
    """A model as a park of offices gives it away."""

    form: Form
    chassis: str
    manufacturer: str
    model: str
    processor: str
    memory: tuple[int, ...]
    drives: tuple[tuple[Medium, str, int, str], ...]


_SSD = (Medium.SSD, "Crucial MX500", 250_059_350_016, "sata")
_SSD_BIG = (Medium.SSD, "Samsung SSD 860", 500_107_862_016, "sata")
_HDD = (Medium.HDD, "ST500LM021", 500_107_862_016, "sata")
_HDD_BIG = (Medium.HDD, "WDC WD10EZEX", 1_000_204_886_016, "sata")
_NVME = (Medium.NVME, "SK hynix BC511", 256_060_514_304, "nvme")

MAKES = (
    Make(Form.LAPTOP, "Notebook", "Dell Inc.", "Latitude 5490", "Intel Core i5-8350U", (8, 16), (_SSD, _NVME)),
    Make(Form.LAPTOP, "Notebook", "LENOVO", "ThinkPad T480", "Intel Core i5-8250U", (8, 16), (_NVME, _SSD)),
    Make(Form.LAPTOP, "Notebook", "HP", "ProBook 450 G5", "Intel Core i3-8130U", (4, 8), (_HDD, _SSD)),
    Make(Form.LAPTOP, "Notebook", "FUJITSU", "LIFEBOOK E558", "Intel Core i5-8265U", (8,), (_SSD_BIG,)),
    Make(Form.DESKTOP, "Mini Tower", "Dell Inc.", "OptiPlex 3060", "Intel Core i3-8100", (4, 8), (_HDD_BIG, _SSD)),
    Make(Form.DESKTOP, "Mini Tower", "HP", "EliteDesk 800 G3", "Intel Core i5-7500", (8, 16), (_SSD, _HDD)),
    Make(Form.ALL_IN_ONE, "All In One", "HP", "ProOne 400 G4", "Intel Core i5-8500T", (8,), (_SSD_BIG, _HDD_BIG)),
)
_WEIGHTS = (6, 5, 4, 3, 4, 3, 2)


@dataclass(frozen=True)
class Told:
    """A computer: what its live system sends, and which drives are in it."""

    make: Make
    serial: str
    uuid: str
    memory: int
    disks: tuple[dict[str, Any], ...]

    def envelope(self, report: str, agent: str) -> dict[str, Any]:
        """Its inventory, as the agent would send it."""
        raw = {
            "dmidecode": self._dmidecode().encode(),
            "lsblk": json.dumps({"blockdevices": list(self.disks)}).encode(),
            "psutil": json.dumps(
                {"cpu_count": 4, "cpu_model": self.make.processor, "memory_bytes": self.memory}
            ).encode(),
            "fittings": json.dumps(self._fittings()).encode(),
            "power_supply": json.dumps(self._batteries()).encode(),
            "memory_test": json.dumps({"bytes": self.memory // 2, "patterns": 5, "errors": 0}).encode(),
        }
        return {
            "uuid": report,
            "format": FORMAT,
            "collected_at": None,
            "agent": agent,
            "test": False,
            "tag": None,
            "raw": {name: base64.b64encode(gzip.compress(text, 1, mtime=0)).decode() for name, text in raw.items()},
            "absences": [{"source": f"smartctl:{disk['name']}", "reason": "tool-missing"} for disk in self.disks],
        }

    def _fittings(self) -> dict[str, Any]:
        """What the agent would count."""
        seen = self.make.form != Form.DESKTOP
        return {
            "cameras": int(seen),
            "speakers": 1,
            "microphones": int(seen),
            "keyboard": True,
            "touchpad": self.make.form == Form.LAPTOP,
            "touchscreen": False,
            "wifi": int(seen),
            "wifi_networks": 3 if seen else None,
            "ethernet": 1,
            "ethernet_plugged": 1,
            "usb_ports": 6 if self.make.form == Form.DESKTOP else 3,
            "screens": [{"kind": "eDP", "connected": True}] if seen else [],
            "tpm": "1" if "G3" in self.make.model else "2",
            "uefi": True,
            "secure_boot": True,
            "acpi": ["MSDM"],
            "temperature_c": 47,
        }

    def _batteries(self) -> list[dict[str, str]]:
        """Its battery; the wear comes from the serial, so that it is the same at each report."""
        if self.make.form != Form.LAPTOP:
            return []
        worn = sum(map(ord, self.serial)) % 48
        full = {"energy_full_design": "48000000", "energy_full": str(480000 * (100 - worn))}
        return [{"name": "BAT0", "type": "Battery", "cycle_count": str(8 * worn + 40), **full}]

    def _dmidecode(self) -> str:
        return (
            "Handle 0x0001, DMI type 1, 27 bytes\nSystem Information\n"
            f"\tManufacturer: {self.make.manufacturer}\n\tProduct Name: {self.make.model}\n"
            f"\tVersion: {self.make.model}\n\tSerial Number: {self.serial}\n\tUUID: {self.uuid}\n\n"
            f"Handle 0x0003, DMI type 3, 22 bytes\nChassis Information\n\tType: {self.make.chassis}\n"
        )


def a_make(random: Random, form: str) -> Make:
    """A model of this form."""
    fitting = [(make, weight) for make, weight in zip(MAKES, _WEIGHTS, strict=True) if make.form == form]
    return random.choices([make for make, _ in fitting], [weight for _, weight in fitting])[0]


def told(random: Random, form: str) -> Told:
    """A computer of this form, invented whole."""
    make = a_make(random, form)
    kinds = [random.choice(make.drives)]
    if form == Form.DESKTOP and random.random() < 0.15:
        kinds.append(_HDD)
    disks = tuple(_disk(random, number, kind) for number, kind in enumerate(kinds))
    return Told(make, _serial(random, 8), uuid(random), random.choice(make.memory) * GIB, disks)


def uuid(random: Random) -> str:
    """A version 4 uuid that the seed decides."""
    return str(UUID(int=random.getrandbits(128), version=4))


def _disk(random: Random, number: int, kind: tuple[Medium, str, int, str]) -> dict[str, Any]:
    medium, model, size, transport = kind
    name = f"nvme{number}n1" if medium == Medium.NVME else f"sd{'abc'[number]}"
    return {
        "name": name,
        "type": "disk",
        "size": size,
        "serial": f"DEMO{_serial(random, 9)}",
        "model": model,
        "rota": medium == Medium.HDD,
        "rm": False,
        "ro": False,
        "tran": transport,
        "wwn": f"0x5{random.getrandbits(60):015x}" if transport == "sata" else None,
    }


def _serial(random: Random, length: int) -> str:
    return "".join(random.choice("ABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(length))
