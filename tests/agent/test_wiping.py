"""A wipe on real loop devices: what is on the drive afterwards is read by programs that are not ours."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

import pytest

from tests.agent.conftest import Agent
from tests.agent.disks import MIB, LoopDisk
from tests.agent.fake_server import FakeServer, b64url

pytestmark = pytest.mark.disks

KEY = bytes(range(32))
Make = Callable[..., LoopDisk]


def test_a_wiped_drive_holds_the_keystream_and_nothing_of_the_family(
    agent: Agent, server: FakeServer, disk: Make
) -> None:
    drive = disk(size=24 * MIB + 512)
    job = server.give(drive.serial, drive.size, key=KEY)
    ran = agent.wipe()
    assert ran.returncode == 0, ran.stderr
    assert drive.holds_keystream(KEY)
    assert b"photographs" not in drive.file.read_bytes()
    (commit,) = server.bodies("/sanitisations")
    assert commit["job"] == job
    assert commit["raw_status"] == {"outcome": "completed", "errno": None, "message": None, "reason": None}
    assert commit["test"] is True
    assert commit["identity"]["serial_source"] == "loop"
    assert commit["write"]["bytes"] == commit["read"]["bytes"] == drive.size
    assert commit["read"]["mismatches"] == 0
    assert commit["skipped"] == commit["write"]["errors"] == commit["read"]["errors"] == []
    assert "verdict" not in commit


def test_the_chunk_root_is_what_anybody_computes_from_the_drive(agent: Agent, server: FakeServer, disk: Make) -> None:
    drive = disk(size=5 * MIB + 4096)
    server.give(drive.serial, drive.size, key=KEY)
    agent.wipe()
    held = drive.file.read_bytes()
    chunks = b"".join(hashlib.sha256(held[start : start + MIB]).digest() for start in range(0, len(held), MIB))
    (commit,) = server.bodies("/sanitisations")
    assert commit["chunk_root"] == hashlib.sha256(chunks).hexdigest()


def test_a_commit_is_followed_by_the_answers_to_its_challenge(agent: Agent, server: FakeServer, disk: Make) -> None:
    drive = disk(size=3 * MIB + 512)
    job = server.give(drive.serial, drive.size, key=KEY)
    offsets = [0, 2 * MIB, 3 * MIB, 700]
    server.challenges[job] = {"nonce": b64url(b"c" * 32), "bytes": MIB, "offsets": offsets}
    ran = agent.wipe()
    held = drive.file.read_bytes()
    (answers,) = server.bodies(f"/jobs/{job}/answers")
    assert answers["answers"] == [hmac.new(b"c" * 32, held[at : at + MIB], "sha256").hexdigest() for at in offsets]
    assert "Effacé, prouvé" in ran.stderr


def test_a_counter_check_reads_the_chunks_asked_for_and_writes_nothing(
    agent: Agent, server: FakeServer, disk: Make
) -> None:
    drive = disk(size=8 * MIB)
    before = drive.file.read_bytes()
    offsets = [512 * number for number in range(0, 16384, 17)]
    job = server.give_check(drive.serial, drive.size, offsets, 512)
    ran = agent.wipe()
    assert ran.returncode == 0, ran.stderr
    (answers,) = server.bodies(f"/jobs/{job}/answers")
    assert answers["answers"] == [hmac.new(b"n" * 32, before[at : at + 512], "sha256").hexdigest() for at in offsets]
    assert drive.file.read_bytes() == before
    assert server.bodies("/sanitisations") == []


def test_a_drive_of_4096_byte_sectors_is_wiped_to_its_last_sector(agent: Agent, server: FakeServer, disk: Make) -> None:
    drive = disk(size=9 * MIB + 4096, sector=4096)
    server.give(drive.serial, drive.size, key=KEY)
    assert agent.wipe().returncode == 0
    assert drive.holds_keystream(KEY)
    (commit,) = server.bodies("/sanitisations")
    assert commit["identity"]["logical_sector"] == 4096


def test_four_drives_are_wiped_at_once_each_with_its_own_key(agent: Agent, server: FakeServer, disk: Make) -> None:
    drives = [disk(f"SER{number}", 16 * MIB) for number in range(4)]
    for number, drive in enumerate(drives):
        server.give(drive.serial, drive.size, key=bytes([number]) * 32)
    assert agent.wipe().returncode == 0
    assert [drive.holds_keystream(bytes([number]) * 32) for number, drive in enumerate(drives)] == [True] * 4


def test_progress_goes_from_confirmed_to_writing_to_reading(agent: Agent, server: FakeServer, disk: Make) -> None:
    drive = disk(size=64 * MIB)
    job = server.give(drive.serial, drive.size)
    agent.wipe()
    phases = server.phases(job)
    assert phases[0] == "confirmed"
    assert phases[-1] == "reading"
    assert [told["seq"] for told in server.progress(job)] == list(range(1, len(server.progress(job)) + 1))


def test_a_test_disk_never_names_the_real_disks_of_the_machine(agent: Agent, server: FakeServer, disk: Make) -> None:
    drive = disk()
    ran = agent.run("inventory", "--json")
    assert f'\\"name\\":\\"{drive.path[5:]}\\"' in ran.stdout
    assert ran.stdout.count('\\"kname\\"') == 1
    assert drive.serial in ran.stdout
