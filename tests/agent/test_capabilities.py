"""What a drive says it can do, and what hides: read with the tools there are, from what they printed."""

from __future__ import annotations

import json
from pathlib import Path

from agent import capabilities
from agent.parsers.lsblk import Disk
from agent.programs import ProgramFailed, Said
from tests.agent.recorded_drives import RECORDED, SSD, Firmware


def a_disk(name: str) -> Disk:
    """A drive of lsblk's."""
    return Disk(name, f"/dev/{name}", 1 << 30, "S", "M", None, None, False, False, False)


def answers(command: tuple[str, ...], _timeout_s: float) -> Said:
    """Tools as they printed."""
    said = {
        "-I": Said(SSD.encode(), b"", 0),
        "-N": Said(b"\n/dev/sda:\n max sectors   = 976771055/976773168, HPA is enabled\n", b"", 0),
        "--dco-identify": Said(
            b"\n/dev/sda:\n\tReal max sectors: 1\n", b"SG_IO: bad/missing sense data, sb[]: 70 00 0b\n", 0
        ),
        "id-ctrl": Said((RECORDED / "nvme-id-ctrl-qemu.json").read_bytes(), b"", 0),
        "extcsd": Said((RECORDED / "extcsd.txt").read_bytes(), b"", 0),
        "--query": Said((RECORDED / "sedutil-query.txt").read_bytes(), b"", 0),
    }
    return next(one for word, one in said.items() if word in command)


def test_an_ata_drive_tells_its_sanitize_its_lock_and_what_it_hides() -> None:
    told = capabilities.of(capabilities.raw_answers(a_disk("sda"), answers), "sda")
    assert told["ata"] == {
        "sanitize": ["block-erase", "crypto-scramble", "overwrite"],
        "encrypts": True,
        "security": {
            "supported": True, "enabled": False, "locked": False, "frozen": False, "enhanced": True,
            "minutes": 4, "enhanced_minutes": 16,
        },
    }  # fmt: skip
    assert told["hidden"] == {"visible": 976771055, "native": 976773168, "real": None}
    assert told["opal"] == {"supported": True, "enabled": False, "locked": False}


def test_an_nvme_and_an_emmc_tell_theirs() -> None:
    nvme = capabilities.of(capabilities.raw_answers(a_disk("nvme0n1"), answers), "nvme0n1")
    assert nvme["nvme"] == {"sanitize": [], "formats": True, "formats_crypto": False}
    emmc = capabilities.of(capabilities.raw_answers(a_disk("mmcblk0"), answers), "mmcblk0")
    told = {"sanitizes": True, "boot_bytes": 8 << 20, "secure_trims": True, "rpmb_bytes": 4 << 20, "boot_from": 0}
    assert emmc == {"emmc": told}


def test_a_machine_without_the_tools_tells_nothing_of_its_drives() -> None:
    def missing(command: tuple[str, ...], _timeout_s: float) -> Said:
        raise ProgramFailed(command, "tool-missing")

    assert capabilities.of(capabilities.raw_answers(a_disk("sda"), missing), "sda") == {}


def test_a_drive_that_answers_nonsense_tells_nothing() -> None:
    told = capabilities.raw_answers(a_disk("sda"), lambda command, _: Said(b"\x00\xff???", b"", 0))
    assert capabilities.of(told, "sda") == {}
    assert b"==> hdparm <==" in capabilities.packed_raw(told)


def test_the_frozen_and_the_locked_are_told() -> None:
    printed = Firmware(frozen=True, enabled=True, locked=True).identify().encode()
    told = capabilities.of({"hdparm": Said(printed, b"", 0)}, "sda")
    assert isinstance(told["ata"], dict)
    security = told["ata"]["security"]
    assert (security["frozen"], security["enabled"], security["locked"]) == (True, True, True)


def test_a_memory_card_is_no_emmc(tmp_path: Path) -> None:
    for name, kind in (("mmcblk0", "MMC"), ("mmcblk1", "SD")):
        (tmp_path / name / "device").mkdir(parents=True)
        (tmp_path / name / "device/type").write_text(f"{kind}\n")
    assert capabilities.of({}, "mmcblk0", tmp_path) == {}
    assert capabilities.of({}, "mmcblk1", tmp_path) == {"card": True}


def test_storage_controllers_are_listed_with_the_driver_of_each(tmp_path: Path) -> None:
    (tmp_path / "drivers/ahci").mkdir(parents=True)
    for name, kind, remapped in (("0000:00:17.0", "0x010400", "1"), ("0000:00:02.0", "0x030000", None)):
        device = tmp_path / "devices" / name
        device.mkdir(parents=True)
        (device / "class").write_text(f"{kind}\n")
        (device / "vendor").write_text("0x8086\n")
        (device / "device").write_text("0x282a\n")
        if remapped:
            (device / "remapped_nvme").write_text(f"{remapped}\n")
            (device / "driver").symlink_to(tmp_path / "drivers/ahci")
    assert json.loads(capabilities.controllers(tmp_path / "devices")) == [
        {"class": "0x010400", "vendor": "0x8086", "device": "0x282a", "driver": "ahci", "remapped_nvme": 1}
    ]
