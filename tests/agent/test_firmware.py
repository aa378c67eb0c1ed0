"""Firmware erases against recorded answers, on a loop device that really changes: what is told is what happened."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.parsers import extcsd, hdparm, nvme, opal
from agent.parsers.reading import Unreadable
from agent.sanitise import ioctls
from agent.sanitise.asking import Tools
from agent.sanitise.commit import Facts, commit
from agent.sanitise.firmware import TECHNIQUES
from agent.sanitise.markers import MARK, places
from agent.sanitise.nvme import neighbours
from agent.sanitise.wipe import wipe
from ordi.bench.facts import Asked
from ordi.bench.facts import Firmware as Judged
from ordi.bench.firmware import aborted
from tests.agent.disks import MIB, LoopDisk
from tests.agent.jobs import a_job
from tests.agent.recorded_drives import RECORDED, SSD, Firmware

Make = Callable[..., LoopDisk]
KEY = bytes(range(32))


class Listener:
    """Remembers what was told."""

    def __init__(self) -> None:
        self.phases: list[str] = []

    def confirm(self, total: int) -> None:
        """The drive is the right one."""

    def progress(self, phase: str, done: int, errors: int) -> None:
        """A pass goes on."""
        if phase not in self.phases:
            self.phases.append(phase)


def told_of(disk: Make, technique: str, firmware: Firmware, **job: Any) -> tuple[dict[str, Any], Facts, LoopDisk]:
    """Wipe a disk of 12 MiB whose firmware is `firmware`: the `firmware` part of the commit, and the rest."""
    drive = disk(size=12 * MIB)
    firmware.path = drive.path
    facts = Facts()
    names = {drive.path.removeprefix("/dev/"): drive.serial}
    ordered = a_job(drive, technique=technique, key=KEY, **job)
    ticks = itertools.count(0, 600)
    tools = Tools(firmware, clock=lambda: float(next(ticks)), poll_s=0)  # nobody waits; ten minutes at each look
    wipe(ordered, facts, names, Listener(), threading.Event(), tools=tools)
    told = commit(ordered, facts, uuid="0", image_sha256=None)["firmware"]
    assert isinstance(told, dict)
    return told, facts, drive


@pytest.mark.disks
@pytest.mark.parametrize("technique", sorted(TECHNIQUES))
def test_an_erase_that_happened_is_told_with_its_evidence_and_the_overwrite_follows(
    disk: Make, technique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ioctls, "BLKSECDISCARD", ioctls.BLKDISCARD)  # a loop device takes no secure discard
    told, facts, drive = told_of(disk, technique, Firmware())
    assert (told["ending"], told["offered"], told["accepted"]) == ("completed", True, True)
    assert told["markers"] == {"bytes": MARK, "written": 8, "changed": 8, "unread": 0}
    assert told["seen_running"] == ("-sanitize-" in technique)
    assert facts.outcome == "completed"
    assert facts.seen.mismatches == 0
    assert drive.holds_keystream(KEY)
    assert any(line.split()[0] in ("hdparm", "nvme", "mmc") for line in facts.commands)
    assert facts.commands[-1].startswith("preadv")


@pytest.mark.disks
@pytest.mark.parametrize(
    ("technique", "word"),
    [
        ("ata-sanitize-block-erase", "--sanitize-block-erase"),
        ("ata-security-erase-enhanced", "--security-erase-enhanced"),
        ("ata-security-erase-enhanced", "--security-set-pass"),
    ],
)
def test_an_aborted_command_with_status_zero_is_no_erase(disk: Make, technique: str, word: str) -> None:
    told, facts, drive = told_of(disk, technique, Firmware(complains=word))
    assert told["ending"] == "refused"
    assert "bad/missing sense data" in told["why"]
    assert told["accepted"] is False
    assert told["password_left_set"] in (None, False)
    refused = [step for step in told["steps"] if word in step["command"]]
    assert [(step["status"], "sense data" in step["stderr"]) for step in refused] == [(0, True)]
    assert facts.outcome == "completed"
    assert drive.holds_keystream(KEY)


@pytest.mark.disks
def test_an_idle_drive_that_says_success_and_changed_nothing_shows_it(disk: Make) -> None:
    told, _, _ = told_of(disk, "ata-sanitize-block-erase", Firmware(erases=False, running=0))
    assert told["ending"] == "completed"
    assert told["state_before"] == told["state_after"] == "idle ended-well"
    assert told["seen_running"] is False
    assert told["markers"]["changed"] == 0


@pytest.mark.disks
def test_an_idle_drive_that_never_ended_well_failed(disk: Make) -> None:
    told, _, _ = told_of(disk, "ata-sanitize-block-erase", Firmware(erases=False, running=0, ended_well=False))
    assert (told["ending"], told["why"]) == ("failed", "idle")


@pytest.mark.disks
@pytest.mark.parametrize(
    ("technique", "firmware", "ending"),
    [
        ("ata-security-erase", Firmware(frozen=True), "frozen"),
        ("ata-sanitize-block-erase", Firmware(sanitize_frozen=True), "frozen"),
        ("ata-security-erase", Firmware(enabled=True, locked=True, keeps_password=True), "locked"),
        ("ata-sanitize-crypto-scramble", Firmware(features=("BLOCK_ERASE_EXT",)), "not-offered"),
        ("nvme-sanitize-crypto-erase", Firmware(sanicap=0b10), "not-offered"),
        ("nvme-format-crypto-erase", Firmware(fna=0), "not-offered"),
    ],
)
def test_what_cannot_be_done_is_not_tried(disk: Make, technique: str, firmware: Firmware, ending: str) -> None:
    told, facts, drive = told_of(disk, technique, firmware)
    assert told["ending"] == ending
    assert told["markers"]["written"] == 0
    assert not [
        line for line in firmware.asked if "--security-erase" in line or "--sanitize-b" in line or "ses=" in line
    ]
    assert facts.outcome == "completed"
    assert drive.holds_keystream(KEY)


@pytest.mark.disks
def test_a_password_that_stays_is_told_after_trying_to_take_it_off(disk: Make) -> None:
    firmware = Firmware(keeps_password=True)
    told, _, _ = told_of(disk, "ata-security-erase-enhanced", firmware)
    assert told["password_left_set"] is True
    assert told["ending"] == "failed"
    assert any("--security-disable" in line for line in firmware.asked)


@pytest.mark.disks
def test_a_password_left_by_an_interrupted_erase_is_taken_off_first(disk: Make) -> None:
    firmware = Firmware(enabled=True)
    told, _, _ = told_of(disk, "ata-security-erase", firmware)
    assert told["ending"] == "completed"
    assert told["password_left_set"] is False


@pytest.mark.disks
def test_a_drive_still_erasing_when_its_time_is_over_is_not_overwritten(disk: Make) -> None:
    told, facts, drive = told_of(disk, "ata-sanitize-block-erase", Firmware(slow=True))
    assert told["ending"] == "timed-out"
    assert told["polls"] > 1
    assert (facts.outcome, facts.reason) == ("failed", "firmware-timed-out")
    assert facts.written.bytes == 0
    assert not drive.holds_keystream(KEY)


@pytest.mark.disks
def test_a_security_erase_that_does_not_come_back_tells_what_it_left(disk: Make) -> None:
    told, facts, _ = told_of(disk, "ata-security-erase", Firmware(slow=True))
    assert told["ending"] == "timed-out"
    assert told["password_left_set"] is False
    assert facts.outcome == "failed"


@pytest.mark.disks
@pytest.mark.parametrize("technique", ["ata-sanitize-block-erase", "nvme-format-user-data-erase"])
def test_a_drive_that_vanishes_fails_and_is_not_called_untouched(disk: Make, technique: str) -> None:
    told, facts, _ = told_of(disk, technique, Firmware(vanishes=True))
    assert told["ending"] == "gone"
    assert (facts.outcome, facts.reason) == ("failed", "firmware-gone")


@pytest.mark.disks
def test_a_loop_device_that_is_no_ata_drive_is_overwritten_all_the_same(disk: Make) -> None:
    drive = disk(size=4 * MIB)
    facts = Facts()
    names = {drive.path.removeprefix("/dev/"): drive.serial}
    wipe(a_job(drive, technique="ata-sanitize-block-erase", key=KEY), facts, names, Listener(), threading.Event())
    assert facts.firmware
    assert facts.firmware.ending in ("unreadable", "not-offered")
    assert drive.holds_keystream(KEY)


def test_a_neighbour_on_the_same_controller_is_never_erased_with_it(tmp_path: Path) -> None:
    for name in ("nvme0n1", "nvme0n2", "nvme10n1", "nvme0c0n1", "sda"):
        (tmp_path / name).mkdir()
    assert neighbours("nvme0n1", tmp_path) == ["nvme0n2"]
    assert neighbours("nvme10n1", tmp_path) == []
    assert neighbours("sda", tmp_path) == []


@pytest.mark.disks
def test_an_erase_that_would_reach_another_drive_is_not_asked_for(disk: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.sanitise.nvme.neighbours", lambda name: ["nvme0n2"])
    firmware = Firmware()
    told, facts, _ = told_of(disk, "nvme-sanitize-block-erase", firmware)
    assert (told["ending"], told["why"]) == ("not-offered", "would erase nvme0n2 too")
    assert not [line for line in firmware.asked if "sanact" in line]
    assert facts.outcome == "completed"


def test_marks_cover_both_ends_and_stay_on_the_drive() -> None:
    for total, sector in ((500107862016, 512), (16 * MIB, 4096), (MARK, 512), (3 * MIB + 512, 512)):
        found = places(total, sector)
        assert found[0] == 0
        assert found[-1] + MARK > total - sector
        assert all(place + MARK <= total and place % sector == 0 for place in found)
    assert places(4096, 512) == []


def test_hdparm_is_read_as_it_prints() -> None:
    ssd = hdparm.identify(SSD.encode())
    assert ssd.sanitize == {"block-erase", "crypto-scramble", "overwrite"}
    assert ssd.encrypts
    assert ssd.security == hdparm.Security(supported=True, enhanced=True, minutes=4, enhanced_minutes=16)
    frozen = hdparm.identify(Firmware(frozen=True, enabled=True, locked=True).identify().encode()).security
    assert (frozen.frozen, frozen.enabled, frozen.locked) == (True, True, True)
    emulated = hdparm.identify((RECORDED / "hdparm-I-qemu.txt").read_bytes())
    assert emulated == hdparm.Ata(frozenset(), encrypts=False, security=hdparm.Security())
    with pytest.raises(Unreadable):
        hdparm.identify(b"\n/dev/loop0:\n")


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        (b"\n/dev/sda:\n max sectors   = 976771055/976773168, HPA is enabled\n", (976771055, 976773168)),
        (b"\n/dev/sda:\n max sectors   = 32768/32768, HPA is disabled\n", (32768, 32768)),
        (b"\n/dev/sdb:\n max sectors   = 0/1, HPA setting seems invalid (buggy kernel device driver?)\n", None),
        (b"\n/dev/sdb:\n", None),
    ],
)
def test_a_hidden_area_is_read_where_the_answer_can_be_meant(printed: bytes, expected: tuple[int, int] | None) -> None:
    assert hdparm.native_sectors(printed, b"") == expected
    assert hdparm.native_sectors(printed, b"SG_IO: bad/missing sense data, sb[]:  70 00 05\n") is None


RECOVERED = "SG_IO: bad/missing sense data, sb[]:  f0 00 01 00 50 40 00 0a 00 00 00 00 00 1d 00 00 00 00\n"
"""A kernel's answer to an ATA command that succeeded: fixed format, key 1, 00/1D, status 50."""


@pytest.mark.parametrize(
    ("printed", "refused"),
    [
        (RECOVERED, False),
        (RECOVERED.replace("f0 00 01", "70 00 01"), False),
        (RECOVERED.replace("00 50 40", "04 51 40"), True),
        (RECOVERED.replace("00 50 40", "00 70 40"), True),
        (RECOVERED.replace("f0 00 01", "f0 00 0b"), True),
        (RECOVERED.replace("00 1d", "5d 00"), True),
        (
            "SG_IO: bad/missing sense data, sb[]:  72 01 00 1d 00 00 00 0e 09 0c 00 00 00 00 00 00 00 00 00 00 40 50\n",
            False,
        ),
        (
            "SG_IO: bad/missing sense data, sb[]:  72 01 00 1d 00 00 00 0e 09 0c 00 04 00 00 00 00 00 00 00 00 40 51\n",
            True,
        ),
        ("SG_IO: bad/missing sense data, sb[]:  f0 00 01\n", True),
        ("SG_IO: questionable sense data, results may be incorrect\n", True),
    ],
)
def test_a_recovered_error_is_no_refusal_and_every_other_sense_is(printed: str, refused: bool) -> None:
    assert (hdparm.complaint(printed.encode()) is not None) is refused
    clean = " ".join(printed.split())
    orders = [Asked(command="hdparm --sanitize-block-erase /dev/sda", status=0, stderr=clean)]
    if "bad/missing" in printed:
        assert aborted(Judged(technique="t", ending="completed", steps=orders)) is refused


def test_an_overlay_s_size_is_not_believed_beside_a_sense_error() -> None:
    assert hdparm.real_sectors(b"\tReal max sectors: 976773168\n", b"") == 976773168
    assert hdparm.real_sectors(b"\tReal max sectors: 1\n", b"SG_IO: bad/missing sense data, sb[]:  70 00 0b\n") is None


def test_an_emulated_controller_offers_a_format_and_no_crypto_erase() -> None:
    told = nvme.controller((RECORDED / "nvme-id-ctrl-qemu.json").read_bytes())
    assert told == nvme.Controller(frozenset(), formats=True, formats_crypto=False)
    with pytest.raises(Unreadable):
        nvme.controller(b"{}")


def test_emmc_registers_and_opal_locking_are_read() -> None:
    assert extcsd.registers((RECORDED / "extcsd.txt").read_bytes()).boot_bytes == 8 * MIB
    assert opal.locking((RECORDED / "sedutil-query.txt").read_bytes()) == opal.Opal(True, False, False)
    for read in (extcsd.registers, opal.locking):
        with pytest.raises(Unreadable):
            read(b"")
