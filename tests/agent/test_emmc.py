"""An eMMC: its own Sanitize against recorded answers, and the areas beside it, real loop devices in a made-up /sys."""

from __future__ import annotations

import dataclasses
import errno
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.parsers import extcsd
from agent.sanitise.areas import Area, erase_areas
from agent.sanitise.asking import Tools
from agent.sanitise.commit import Facts, commit
from agent.sanitise.drive import Drive, find, opened
from agent.sanitise.identity import Identity
from agent.sanitise.keystream import aligned_buffer, keystream
from agent.sanitise.wipe import wipe
from tests.agent.disks import MIB, LoopDisk
from tests.agent.jobs import a_job
from tests.agent.recorded_drives import EXTCSD, Firmware
from tests.agent.test_firmware import Listener, told_of

Make = Callable[..., LoopDisk]
KEY = bytes(range(32))
STARTS_FROM_BOOT1 = EXTCSD.replace("PARTITION_CONFIG: 0x00", "PARTITION_CONFIG: 0x08")


def test_the_registers_tell_what_it_offers_and_what_lies_beside() -> None:
    told = extcsd.registers(EXTCSD.encode())
    assert told == extcsd.Emmc(True, 8 * MIB, secure_trims=True, rpmb_bytes=4 * MIB, boot_from=0)
    assert extcsd.registers(STARTS_FROM_BOOT1.encode()).boot_from == 1
    silent = "\n".join(line for line in EXTCSD.splitlines() if "PARTITION" not in line)
    assert extcsd.registers(silent.encode()).boot_from is None


@pytest.mark.disks
def test_a_sanitize_that_the_chip_refuses_is_told_with_its_error(disk: Make) -> None:
    told, facts, drive = told_of(disk, "emmc-sanitize", Firmware(mmc_complains=True))
    assert (told["ending"], told["accepted"]) == ("refused", False)
    assert "EXT_CSD[165]" in told["why"]
    assert facts.outcome == "completed"
    assert drive.holds_keystream(KEY)


@pytest.mark.disks
@pytest.mark.parametrize("technique", ["emmc-sanitize", "emmc-secure-trim"])
def test_a_chip_that_offers_none_is_asked_for_none(disk: Make, technique: str) -> None:
    without = EXTCSD.replace("SEC_FEATURE_SUPPORT: 0x55", "SEC_FEATURE_SUPPORT: 0x14")
    firmware = Firmware(extcsd=without)
    told, _, drive = told_of(disk, technique, firmware)
    assert (told["ending"], told["markers"]["written"]) == ("not-offered", 0)
    assert [line for line in firmware.asked if "sanitize" in line] == []
    assert drive.holds_keystream(KEY)


@pytest.mark.disks
def test_everything_is_unmapped_before_the_chip_is_told_to_sanitize(disk: Make) -> None:
    told, _, _ = told_of(disk, "emmc-sanitize", Firmware())
    commands = [step["command"].split()[:2] for step in told["steps"]]
    assert commands[1:] == [["ioctl", "BLKDISCARD"], ["mmc", "sanitize"]]


class Beside:
    """The folders and nodes of the areas of a drive, as /sys and /dev show them."""

    def __init__(self, root: Path, drive: LoopDisk) -> None:
        self.sysfs, self.dev, self.drive = root / "sys", root / "dev", drive
        self.dev.mkdir()
        self.name = drive.path.removeprefix("/dev/")
        self.disks: dict[str, LoopDisk] = {}

    def area(self, name: str, disk: LoopDisk, *, protected: bool = True) -> None:
        """Put an area there over a real loop device."""
        folder = self.sysfs / "block" / name
        folder.mkdir(parents=True)
        (folder / "force_ro").write_text("1\n" if protected else "0\n")
        (self.dev / name).symlink_to(disk.path)
        self.disks[name] = disk

    def erased(self, firmware: Firmware) -> list[Area]:
        """What became of them."""
        job = a_job(self.drive, key=KEY)
        names = {self.name: self.drive.serial}
        told: list[Area] = []
        with opened(job, find(job, names), names, write=True) as drive:
            renamed = Drive(drive.descriptor, as_emmc(drive), names)
            erase_areas(renamed, KEY, told, Tools(firmware), sysfs=self.sysfs, dev=self.dev)
        return told

    def force_ro(self, name: str) -> str:
        """Whether it is protected now."""
        return (self.sysfs / "block" / name / "force_ro").read_text().strip()


def as_emmc(drive: Drive) -> Identity:
    """The same drive under the name of an eMMC."""
    return dataclasses.replace(drive.identity, name="mmcblk7", path="/dev/mmcblk7")


def continued(disk: LoopDisk, place: int) -> bool:
    """Whether an independent read finds the keystream from `place` on, over the whole of a disk."""
    wanted = aligned_buffer(disk.size)
    for _ in keystream(KEY, place, disk.size, wanted):
        pass
    return disk.file.read_bytes() == bytes(wanted[: disk.size])


@pytest.fixture
def beside(disk: Make, tmp_path: Path) -> Beside:
    """An eMMC of 8 MiB with two boot areas of 2 MiB, one general purpose area, and an RPMB."""
    made = Beside(tmp_path, disk("MMC-MAIN", 8 * MIB))
    for name, size in (("mmcblk7boot0", 2 * MIB), ("mmcblk7boot1", 2 * MIB), ("mmcblk7gp0", MIB)):
        made.area(name, disk(name, size))
    (made.sysfs / "block/mmcblk7p1").mkdir()
    (made.dev / "mmcblk7rpmb").touch()
    return made


@pytest.mark.disks
def test_every_area_is_overwritten_read_back_and_protected_again(beside: Beside) -> None:
    told = {area.name: area for area in beside.erased(Firmware())}
    assert list(told) == ["mmcblk7boot0", "mmcblk7boot1", "mmcblk7gp0", "mmcblk7rpmb"]
    place = 8 * MIB
    for name, disk in beside.disks.items():
        area = told[name]
        assert (area.bytes, area.written, area.read, area.mismatches) == (disk.size, disk.size, disk.size, 0)
        assert (area.lifted, area.why) == (True, None)
        assert continued(disk, place)
        assert beside.force_ro(name) == "1"
        place += disk.size
    assert (told["mmcblk7rpmb"].kind, told["mmcblk7rpmb"].why) == ("rpmb", "needs-its-key")


@pytest.mark.disks
@pytest.mark.parametrize(
    ("registers", "why"),
    [(STARTS_FROM_BOOT1, ["starts-from-it", None]), ("", ["may-start-from-it", "may-start-from-it"])],
)
def test_the_area_that_a_board_starts_from_is_left_and_said(
    beside: Beside, registers: str, why: list[str | None]
) -> None:
    before = beside.disks["mmcblk7boot0"].file.read_bytes()
    told = beside.erased(Firmware(extcsd=registers))
    assert [area.why for area in told if area.kind == "boot"] == why
    assert beside.disks["mmcblk7boot0"].file.read_bytes() == before
    assert beside.force_ro("mmcblk7boot0") == "1"


@pytest.mark.disks
def test_an_area_that_is_not_there_or_stays_protected_is_said_with_its_error(
    beside: Beside, disk: Make, tmp_path: Path
) -> None:
    (beside.dev / "mmcblk7boot0").unlink()
    (beside.dev / "mmcblk7boot1").unlink()
    locked = tmp_path / "locked.img"
    locked.write_bytes(bytes(MIB))
    (beside.dev / "mmcblk7boot1").symlink_to(disk("LOCKED", MIB, file=locked, read_only=True).path)
    told = beside.erased(Firmware())
    known = {errno.errorcode[code] for code in (errno.ENOENT, errno.EACCES, errno.EROFS, errno.EPERM)}
    assert told[0].why == "ENOENT"
    assert told[1].why in known
    assert [area.written for area in told[:2]] == [0, 0]
    assert told[2].why is None


@pytest.mark.disks
def test_a_drive_that_is_no_emmc_tells_of_no_areas(disk: Make) -> None:
    drive, facts = disk(size=4 * MIB), Facts()
    names = {drive.path.removeprefix("/dev/"): drive.serial}
    wipe(a_job(drive, key=KEY), facts, names, Listener(), threading.Event())
    assert commit(a_job(drive), facts, uuid="0", image_sha256=None)["areas"] is None
