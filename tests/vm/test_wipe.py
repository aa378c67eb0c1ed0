"""The agent wipes the disks of a whole machine, and each is read back from outside by a program that is not ours."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agent.fake_server import FakeServer
from tests.ground.tiers import HOUSE
from tests.vm.machine import HOST, MIB, Disk, Vm

pytestmark = pytest.mark.vm

SOMEBODY = b"Dupont, 12 rue des Lilas, releve de compte. "
KEYS = {"SATA-0001": bytes(range(32)), "NVME-0002": bytes(range(1, 33)), "DYING-003": bytes(range(2, 34))}
BAD_SECTOR = 20_000
DYING = f"""
[inject-error]
event = "write_aio"
sector = "{BAD_SECTOR}"
errno = "5"
once = "off"
"""


class SeenFromTheGuest(FakeServer):
    """The server of the agent's tests, under the address the machine knows it by."""

    @property
    def url(self) -> str:
        """This host, as the guest names it."""
        return f"http://{HOST}:{self.http.server_address[1]}"


@pytest.fixture
def server() -> Iterator[SeenFromTheGuest]:
    """A server that gives jobs."""
    server = SeenFromTheGuest()
    yield server
    server.close()


def _holds(disk: Disk, key: bytes) -> bool:
    """Whether openssl and cmp find the keystream of `key` all over the disk: what anybody can do without us."""
    size = disk.path.stat().st_size
    stream = f"head -c {size} /dev/zero | openssl enc -aes-256-ctr -K {key.hex()} -iv {'0' * 32} -nosalt"
    return subprocess.run(["bash", "-c", f"{stream} | cmp - {disk.path}"], capture_output=True).returncode == 0


def test_a_machine_is_wiped_and_its_disks_prove_it(tmp_path: Path, server: SeenFromTheGuest) -> None:
    disks = [
        Disk(tmp_path / "sata", serial="SATA-0001").filled(24 * MIB, SOMEBODY),
        Disk(tmp_path / "nvme", serial="NVME-0002", bus="nvme").filled(20 * MIB, SOMEBODY),
        Disk(tmp_path / "dying", serial="DYING-003", faults=DYING).filled(20 * MIB, SOMEBODY),
    ]
    jobs = {
        disk.serial: server.give(disk.serial, disk.path.stat().st_size, key=KEYS[disk.serial], test=False)
        for disk in disks
    }
    ran = Vm(tmp_path / "vm", disks).run(
        f"ORDI_SERVER={server.url} ORDI_PLAIN_HTTP=1 python3 -m agent wipe --once --give-up-after 400",
        files={"agent": HOUSE / "agent"},
        timeout=500,
    )
    commits = {body["job"]: body for body in server.bodies("/sanitisations")}
    assert set(commits) == set(jobs.values()), ran.output + ran.console

    sata, nvme, dying = (commits[jobs[disk.serial]] for disk in disks)
    assert sata["identity"]["transport"] == "sata"
    assert nvme["identity"]["medium"] == "nvme"
    for disk, facts in zip(disks, (sata, nvme), strict=False):
        assert facts["raw_status"]["outcome"] == "completed", facts
        assert facts["read"]["bytes"] == disk.path.stat().st_size
        assert facts["read"]["mismatches"] == 0
        assert _holds(disk, KEYS[disk.serial])
    assert dying["write"]["errors"], dying
    assert not _holds(disks[2], KEYS["DYING-003"])
    assert SOMEBODY[:40] in disks[2].path.read_bytes(), (
        "the sector that could not be written still holds somebody's data"
    )
    print(f"start, inventory and three wipes: {ran.seconds:.0f} s")
