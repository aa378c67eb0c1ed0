"""What a person agreed to before an erase: a frozen drive sleeps once, a hidden area is lifted, a closed lid changes nothing."""

from __future__ import annotations

import dataclasses
import itertools
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.awake import COMMAND, awake
from agent.sanitise.asking import Tools, asleep
from agent.sanitise.commit import Facts, commit
from agent.sanitise.preparing import wake
from agent.sanitise.wipe import wipe
from tests.agent.conftest import Agent
from tests.agent.disks import MIB, LoopDisk
from tests.agent.fake_server import FakeServer
from tests.agent.jobs import a_job
from tests.agent.recorded_drives import Firmware
from tests.agent.test_firmware import Listener

Make = Callable[..., LoopDisk]
KEY = bytes(range(32))
SECTORS = 12 * MIB // 512


def tools_of(firmware: Firmware) -> Tools:
    """Tools that answer as recorded, and clocks that part while this firmware's machine sleeps."""
    ticks = itertools.count(0, 1)
    return Tools(firmware, clock=lambda: float(next(ticks)), poll_s=0, asleep=lambda: firmware.slept)


def test_the_clocks_of_this_system_tell_how_long_it_slept() -> None:
    assert asleep() >= -0.001
    assert abs(asleep() - asleep()) < 1


@pytest.mark.disks
@pytest.mark.parametrize(
    ("firmware", "alone", "ending", "slept_ms"),
    [
        (Firmware(frozen=True), True, "thawed", 15_000),
        (Firmware(frozen=True, freezes_again=True), True, "still-frozen", 15_000),
        (Firmware(frozen=True, sleeps=False), True, "did-not-sleep", 0),
        (Firmware(frozen=True), False, "others-at-work", None),
        (Firmware(frozen=False), True, "not-frozen", None),
    ],
)
def test_a_frozen_drive_is_thawed_by_one_sleep_or_said_to_be_still_frozen(
    disk: Make, firmware: Firmware, alone: bool, ending: str, slept_ms: int | None
) -> None:
    drive = disk(size=4 * MIB)
    firmware.path = drive.path
    firmware.asked, firmware.slept = [], 0.0
    job = a_job(drive, prepare=frozenset({"wake"}))
    told = wake([job], {drive.path.removeprefix("/dev/"): drive.serial}, tools_of(firmware), alone=alone)[job.job]
    assert (told.ending, told.slept_ms) == (ending, slept_ms)
    assert len([line for line in firmware.asked if line.startswith("rtcwake")]) == (slept_ms is not None)


@pytest.mark.disks
def test_two_frozen_drives_thaw_in_one_sleep_and_a_third_that_nobody_agreed_for_is_not_asked(disk: Make) -> None:
    drives = [disk(f"WD-{number}", 4 * MIB) for number in range(3)]
    names = {drive.path.removeprefix("/dev/"): drive.serial for drive in drives}
    jobs = [
        dataclasses.replace(a_job(drive), job=f"{number}", prepare=frozenset({"wake"} if number < 2 else ()))
        for number, drive in enumerate(drives)
    ]
    firmware = Firmware(frozen=True)
    told = wake(jobs, names, tools_of(firmware), alone=True)
    assert {name: one.ending for name, one in told.items()} == {"0": "thawed", "1": "thawed"}
    assert len([line for line in firmware.asked if line.startswith("rtcwake")]) == 1
    assert not [line for line in firmware.asked if drives[2].path in line]


def revealed(disk: Make, firmware: Firmware, **job: Any) -> tuple[dict[str, Any], Facts, LoopDisk]:
    """Wipe a drive that shows 12 of its 16 MiB: the `reveal` of the commit, and the rest."""
    drive = disk(size=12 * MIB)
    firmware.path, firmware.visible = drive.path, SECTORS
    ordered = a_job(drive, key=KEY, prepare=frozenset({"reveal"}), whole=16 * MIB, **job)
    facts = Facts()
    names = {drive.path.removeprefix("/dev/"): drive.serial}
    wipe(ordered, facts, names, Listener(), threading.Event(), tools=tools_of(firmware))
    told = commit(ordered, facts, uuid="0", image_sha256=None)["prepared"]
    assert isinstance(told, list)
    return told[0], facts, dataclasses.replace(drive, size=16 * MIB)


WHOLE = 16 * MIB // 512


@pytest.mark.disks
def test_a_hidden_area_is_lifted_and_erased_with_the_rest(disk: Make) -> None:
    told, facts, drive = revealed(disk, Firmware(native=WHOLE))
    assert (told["ending"], told["before"], told["after"]) == (
        "revealed",
        [SECTORS, WHOLE, None],
        [WHOLE, WHOLE, None],
    )
    assert f"-N p{WHOLE}" in " ".join(step["command"] for step in told["steps"])
    assert facts.outcome == "completed"
    assert facts.identity
    assert facts.identity.bytes == facts.written.bytes == facts.seen.tally.bytes == 16 * MIB
    assert drive.holds_keystream(KEY)


@pytest.mark.disks
@pytest.mark.parametrize(
    ("firmware", "ending", "why"),
    [
        (Firmware(native=WHOLE, grows=False), "power-cycle-needed", None),
        (Firmware(native=SECTORS, real=WHOLE), "power-cycle-needed", None),
        (Firmware(native=WHOLE, complains=" p"), "area-stays", "bad/missing sense data"),
        (Firmware(native=SECTORS, real=WHOLE, complains="--dco-restore"), "area-stays", "bad/missing sense data"),
        (Firmware(native=SECTORS), "area-stays", None),
    ],
)
def test_an_area_that_does_not_show_at_once_stops_the_wipe_before_anything_is_written(
    disk: Make, firmware: Firmware, ending: str, why: str | None
) -> None:
    told, facts, drive = revealed(disk, firmware)
    assert told["ending"] == ending
    assert why is None or why in told["why"]
    assert (facts.outcome, facts.reason, facts.written.bytes) == ("refused", ending, 0)
    assert b"the family's photographs" in drive.file.read_bytes()[:4096]


@pytest.mark.disks
def test_a_drive_that_shows_all_of_itself_by_now_is_wiped_whole(disk: Make) -> None:
    drive = disk(size=16 * MIB)
    firmware = Firmware(path=drive.path, visible=WHOLE, native=WHOLE)
    facts = Facts()
    job = a_job(drive, key=KEY, size=12 * MIB, prepare=frozenset({"reveal"}), whole=16 * MIB)
    names = {drive.path.removeprefix("/dev/"): drive.serial}
    wipe(job, facts, names, Listener(), threading.Event(), tools=tools_of(firmware))
    assert (facts.prepared[0].ending, facts.outcome) == ("nothing-hidden", "completed")
    assert drive.holds_keystream(KEY)


INHIBIT = """#!/bin/sh
# systemd-inhibit, but for the bus: says what it was asked, and holds the lock as long as its command runs
echo "$@" > {told}
while [ "${{1#--}}" != "$1" ]; do shift; done
"$@"
echo released >> {told}
"""


@pytest.fixture
def inhibitor(tmp_path: Path) -> Path:
    """A `systemd-inhibit` that runs; the file that tells what it did."""
    told = tmp_path / "inhibited"
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "systemd-inhibit").write_text(INHIBIT.format(told=told))
    (folder / "systemd-inhibit").chmod(0o755)
    return told


def test_the_lid_is_held_while_it_lasts_and_let_go_after(inhibitor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{inhibitor.parent}/bin:{os.environ['PATH']}")
    with awake() as held:
        assert held == " ".join(COMMAND)
        assert inhibitor.read_text().split()[0] == "--what=handle-lid-switch:sleep"
        assert "released" not in inhibitor.read_text()
    assert inhibitor.read_text().endswith("released\n")


def test_a_lock_that_is_refused_or_not_to_be_had_is_not_claimed(
    inhibitor: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (inhibitor.parent / "bin/systemd-inhibit").write_text("#!/bin/sh\nexit 1\n")
    monkeypatch.setenv("PATH", f"{inhibitor.parent}/bin")
    with awake() as held:
        assert held is None
    monkeypatch.setenv("PATH", str(inhibitor.parent / "nowhere"))
    with awake() as held:
        assert held is None


@pytest.mark.disks
def test_a_wipe_holds_the_lid_from_its_first_to_its_last_byte(
    agent: Agent, server: FakeServer, disk: Make, inhibitor: Path
) -> None:
    drive = disk()
    server.give(drive.serial, drive.size, key=KEY)
    agent.environment["PATH"] = f"{inhibitor.parent}/bin:{os.environ['PATH']}"
    assert agent.wipe().returncode == 0
    (commit,) = server.bodies("/sanitisations")
    assert commit["commands"][0] == " ".join(COMMAND)
    assert inhibitor.read_text().endswith("released\n")
    assert drive.holds_keystream(KEY)
