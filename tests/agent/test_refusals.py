"""Every drive the agent must leave alone, on real loop devices: refused by its reason, and not a byte changed."""

from __future__ import annotations

import os
import struct
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.jobs import Job
from agent.sanitise import usage
from agent.sanitise.drive import candidates, find, opened
from agent.sanitise.identity import SYSFS
from agent.sanitise.refusal import DriveRefused
from tests.agent.conftest import Agent
from tests.agent.disks import MIB, LoopDisk
from tests.agent.fake_server import FakeServer
from tests.agent.jobs import a_job
from tests.ground.loops import in_turn, take

pytestmark = pytest.mark.disks

Make = Callable[..., LoopDisk]


def refusal(drive: LoopDisk, job: Job | None = None, *, write: bool = True) -> str:
    """The code by which the agent refuses this drive."""
    serials = {drive.path[5:]: drive.serial}
    job = job or a_job(drive)
    with pytest.raises(DriveRefused) as refused, opened(job, find(job, serials), serials, write=write):
        pass
    return refused.value.code


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """Mount a file system; unmounted afterwards."""
    places: list[Path] = []

    def mount(path: str) -> None:
        place = tmp_path / f"mnt{len(places)}"
        place.mkdir()
        subprocess.run(["mount", "-t", "ext4", path, place], check=True)
        places.append(place)

    yield mount
    for place in places:
        subprocess.run(["umount", place], check=True)


def test_the_right_drive_is_opened(disk: Make) -> None:
    drive = disk()
    serials = {drive.path[5:]: drive.serial}
    with opened(a_job(drive), find(a_job(drive), serials), serials, write=True) as held:
        assert held.identity.bytes == drive.size


def test_a_refused_drive_is_reported_by_a_commit_and_not_a_byte_of_it_changes(
    agent: Agent, server: FakeServer, disk: Make
) -> None:
    drive = disk()
    before = drive.file.read_bytes()
    job = server.give(drive.serial, drive.size + 512)
    ran = agent.wipe()
    assert ran.returncode == 1
    (commit,) = server.bodies("/sanitisations")
    assert commit["raw_status"]["outcome"] == "refused"
    assert commit["raw_status"]["reason"] == "wrong-size"
    assert commit["write"]["bytes"] == 0
    assert server.progress(job)[-1]["phase"] == "refused"
    assert server.progress(job)[-1]["reason"] == "wrong-size"
    assert drive.file.read_bytes() == before
    assert "rien n'a été écrit" in ran.stderr


def test_a_mounted_drive_is_refused(disk: Make, mounted: Callable[[str], None]) -> None:
    drive = disk()
    subprocess.run(["mkfs.ext4", "-q", drive.path], check=True)
    mounted(drive.path)
    assert refusal(drive) == "mounted"


def test_a_drive_with_a_mounted_partition_is_refused(disk: Make, tmp_path: Path) -> None:
    drive = disk()
    entry = bytes([0, 0, 0, 0, 0x83, 0, 0, 0]) + struct.pack("<II", 2048, 16384)
    with drive.file.open("r+b") as image:
        image.seek(446)
        image.write(entry + bytes(48) + b"\x55\xaa")
    subprocess.run(["partx", "--add", drive.path], check=True, capture_output=True)
    try:
        partition = f"{drive.path}p1"
        if not os.path.exists(partition):
            pytest.skip("this kernel makes no partition nodes for loop devices without udev")
        subprocess.run(["mkfs.ext4", "-q", partition], check=True)
        place = tmp_path / "mounted"
        place.mkdir()
        subprocess.run(["mount", partition, place], check=True)
        try:
            assert refusal(drive) == "mounted"
        finally:
            subprocess.run(["umount", place], check=True)
    finally:
        subprocess.run(["partx", "--delete", "--nr", "1", drive.path], check=True, capture_output=True)


def test_a_drive_used_as_swap_is_refused(disk: Make) -> None:
    drive = disk()
    subprocess.run(["mkswap", "-q", drive.path], check=True)
    if subprocess.run(["swapon", drive.path], capture_output=True, check=False).returncode:
        pytest.skip("this kernel takes no swap on loop devices")
    try:
        assert refusal(drive) == "swap"
    finally:
        subprocess.run(["swapoff", drive.path], check=True)


def test_a_drive_somebody_else_holds_is_refused(disk: Make) -> None:
    drive = disk()
    holder = os.open(drive.path, os.O_RDONLY | os.O_EXCL)
    try:
        assert refusal(drive) == "held"
    finally:
        os.close(holder)


def test_a_read_only_drive_is_refused(disk: Make) -> None:
    drive = disk()
    subprocess.run(["blockdev", "--setro", drive.path], check=True)
    try:
        assert refusal(drive) == "read-only"
    finally:
        subprocess.run(["blockdev", "--setrw", drive.path], check=True)


def test_a_drive_of_no_length_is_refused(disk: Make, tmp_path: Path) -> None:
    empty = tmp_path / "empty.img"
    empty.touch()
    assert refusal(disk("EMPTY", 512, file=empty)) == "zero-length"


def test_a_drive_of_another_serial_is_not_found(disk: Make) -> None:
    drive = disk()
    with pytest.raises(DriveRefused) as refused:
        find(a_job(drive, serial="ANOTHER"), {drive.path[5:]: drive.serial})
    assert refused.value.code == "no-such-drive"


def test_a_drive_of_another_world_wide_name_is_refused(disk: Make) -> None:
    drive = disk()
    assert refusal(drive, a_job(drive, wwn="0x5000c500a1b2c3d4")) == "wrong-wwn"


def test_a_drive_of_another_size_is_refused(disk: Make) -> None:
    drive = disk()
    assert refusal(drive, a_job(drive, size=drive.size - 512)) == "wrong-size"


def test_two_drives_of_one_serial_are_both_refused(disk: Make) -> None:
    one, other = disk("TWIN", 4 * MIB), disk("TWIN2", 4 * MIB)
    with pytest.raises(DriveRefused) as refused:
        find(a_job(one), {one.path[5:]: "TWIN", other.path[5:]: "TWIN"})
    assert refused.value.code == "ambiguous"


def test_a_drive_that_shrinks_after_it_was_found_is_refused(disk: Make) -> None:
    drive = disk()
    serials = {drive.path[5:]: drive.serial}
    found = find(a_job(drive), serials)
    os.truncate(drive.file, drive.size // 2)
    subprocess.run(["losetup", "--set-capacity", drive.path], check=True)
    with pytest.raises(DriveRefused) as refused, opened(a_job(drive), found, serials, write=True):
        pass
    assert refused.value.code == "wrong-size"


def test_a_drive_swapped_for_one_of_the_same_size_after_it_was_found_is_refused(disk: Make) -> None:
    drive = disk()
    serials = {drive.path[5:]: drive.serial}
    found = find(a_job(drive), serials)
    other = drive.file.parent / "other.img"
    other.write_bytes(bytes(drive.size))
    with in_turn():  # between the two, its number is anybody's
        subprocess.run(["losetup", "--detach", drive.path], check=True)
        subprocess.run(["losetup", "--direct-io=on", drive.path, other], check=True)
    with pytest.raises(DriveRefused) as refused, opened(a_job(drive), found, serials, write=True):
        pass
    assert refused.value.code == "changed"
    assert other.read_bytes() == bytes(drive.size)


def test_a_drive_that_shrinks_between_confirmation_and_start_is_refused(
    agent: Agent, server: FakeServer, disk: Make
) -> None:
    drive = disk()
    before = drive.file.read_bytes()

    def shrink(path: str, body: dict[str, object]) -> None:
        if body.get("phase") == "confirmed":
            os.truncate(drive.file, drive.size // 2)
            subprocess.run(["losetup", "--set-capacity", drive.path], check=True)

    server.on = shrink
    server.give(drive.serial, drive.size)
    agent.wipe()
    (commit,) = server.bodies("/sanitisations")
    assert commit["raw_status"]["outcome"] == "refused"
    assert commit["raw_status"]["reason"] == "changed"
    assert drive.file.read_bytes() == before[: drive.size // 2]


def test_a_loop_device_over_a_real_device_is_refused(disk: Make) -> None:
    drive = disk()
    upper = LoopDisk(take(drive.path), drive.file, "UPPER", drive.size)
    try:
        assert refusal(upper) == "loop-over-a-drive"
    finally:
        subprocess.run(["losetup", "--detach", upper.path], check=True)


def test_a_loop_device_is_no_drive_unless_a_tester_names_it(disk: Make) -> None:
    drive = disk()
    assert drive.path not in candidates({})
    assert not any(path.startswith(("/dev/loop", "/dev/zram", "/dev/ram")) for path in candidates({}))


def test_a_test_sees_no_real_drive(disk: Make) -> None:
    drive = disk()
    assert candidates({drive.path[5:]: drive.serial}) == [drive.path]


def test_the_disk_this_system_runs_from_is_refused() -> None:
    """Nothing is opened for writing here: the rule is asked with the real /proc and /sys."""
    number = next((use.number for use in usage.uses() if use.where == "/" and not use.number.startswith("0:")), None)
    if number is None:
        pytest.skip("this system's root is on no disk")
    part = (SYSFS / "dev/block" / number).resolve()
    whole = part.parent if (part / "partition").exists() else part
    with pytest.raises(DriveRefused) as refused:
        usage.refuse_used(whole, usage.uses())
    assert refused.value.code == "boot-disk"


def test_a_disk_under_a_volume_is_refused_as_held_or_as_what_the_volume_is_used_for(tmp_path: Path) -> None:
    """LVM and RAID through the folders the kernel shows: no device mapper is needed for this."""
    disk, volume = tmp_path / "sda", tmp_path / "dm-0"
    (disk / "sda1/holders").mkdir(parents=True)
    (disk / "holders").mkdir()
    (volume / "holders").mkdir(parents=True)
    (disk / "sda1/partition").write_text("1\n")
    (disk / "dev").write_text("8:0\n")
    (disk / "sda1/dev").write_text("8:1\n")
    (volume / "dev").write_text("253:0\n")
    (disk / "sda1/holders/dm-0").symlink_to(volume)

    def code(used: list[usage.Use]) -> str:
        with pytest.raises(DriveRefused) as refused:
            usage.refuse_used(disk, used)
        return refused.value.code

    assert code([]) == "held"
    assert code([usage.Use("253:0", "/home")]) == "mounted"
    assert code([usage.Use("253:0", "swap")]) == "swap"
    assert code([usage.Use("253:0", "/")]) == "boot-disk"
    assert code([usage.Use("8:1", "/run/live/medium")]) == "boot-disk"


def test_mounts_are_read_through_escapes_anonymous_devices_and_swap(tmp_path: Path) -> None:
    (tmp_path / "self").mkdir()
    (tmp_path / "self/mountinfo").write_bytes(
        b"29 1 8:2 / / rw,relatime shared:1 - ext4 /dev/root rw\n"
        b"41 29 0:39 /home /mnt/my\\040disk rw - btrfs /dev/null rw\n"
        b"broken line\n"
    )
    (tmp_path / "swaps").write_bytes(b"Filename Type Size Used Priority\n/swapfile file 1 0 -2\n")
    (tmp_path / "cmdline").write_bytes(b"quiet root=UUID=0 splash")
    assert usage.uses(tmp_path) == [usage.Use("8:2", "/"), usage.Use("0:39", "/mnt/my disk")]
