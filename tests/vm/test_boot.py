"""A machine starts from memory, and its disks are seen by their serial numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.ground.tiers import HOUSE
from tests.vm.machine import MIB, Disk, Vm

pytestmark = pytest.mark.vm


def test_the_agent_sees_the_machine_and_its_disks_by_their_serials(tmp_path: Path) -> None:
    disks = [
        Disk(tmp_path / "sata", serial="SATA-0001", extra={"rotation_rate": "7200"}).filled(64 * MIB),
        Disk(tmp_path / "nvme", serial="NVME-0002", bus="nvme").filled(64 * MIB),
    ]
    vm = Vm(tmp_path / "vm", disks, serial="PF1ABCDE")
    ran = vm.run("python3 -m agent inventory --json", files={"agent": HOUSE / "agent"})
    assert ran.status == 0, ran.output + ran.console
    raw = json.loads(ran.output)["raw"]
    listed, sata, nvme = (json.loads(raw[source]) for source in ("lsblk", "smartctl:sda", "smartctl:nvme0n1"))
    seen = {disk["serial"]: disk for disk in listed["blockdevices"] if disk["serial"]}
    assert {serial: disk["size"] for serial, disk in seen.items()} == {"SATA-0001": 64 * MIB, "NVME-0002": 64 * MIB}
    assert sata["serial_number"] == "SATA-0001"
    assert sata["rotation_rate"] == 7200
    assert nvme["serial_number"] == "NVME-0002"
    assert "Serial Number: PF1ABCDE" in raw["dmidecode"]
    told_sata, told_nvme = (json.loads(raw[f"capabilities:{name}"]) for name in ("sda", "nvme0n1"))
    assert told_sata["ata"]["sanitize"] == []
    assert told_sata["hidden"] == {"visible": 64 * MIB // 512, "native": 64 * MIB // 512, "real": None}
    assert told_nvme["nvme"] == {"sanitize": [], "formats": True, "formats_crypto": False}
    drivers = {one["driver"] for one in json.loads(raw["controllers"])}
    assert drivers == {"ahci", "nvme"}


def test_what_a_machine_writes_is_read_back_from_outside(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "sata", serial="SATA-0003").filled(4 * MIB, b"a family's photographs. ")
    assert b"photographs" in disk.path.read_bytes()
    ran = Vm(tmp_path / "vm", [disk]).run("dd if=/dev/zero of=/dev/sda bs=1M count=4 oflag=direct")
    assert ran.status == 0, ran.output
    assert not disk.path.read_bytes().strip(b"\0")


def test_a_failing_command_says_so(tmp_path: Path) -> None:
    ran = Vm(tmp_path / "vm").run("echo trying; false; echo never")
    assert (ran.status, ran.output) == (1, "trying\n")
