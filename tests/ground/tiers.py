"""Which tiers this machine allows, and what to install for the ones it does not.

A test says what it needs with a mark (`@pytest.mark.disks`). A tier that is missing skips its tests, loudly, with one
sentence saying what to install; `ORDI_REQUIRE_ALL=1` turns every such skip into a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from tests.ground.loops import give_back, take

HOUSE = Path(__file__).resolve().parents[2]
SAMPLES = HOUSE.parent / "shared" / "samples"

MAY_BE_ABSENT = "samples"
"""The one tier whose absence is never a failure: other people's data, which is not ours to ship."""


def _programs(*names: str) -> list[str]:
    return [name for name in names if not shutil.which(name)]


def _postgresql() -> str | None:
    from tests.ground.postgres import find_programs

    if find_programs() is None:
        return "no PostgreSQL server program (initdb, postgres): install the package postgresql"
    return None


def chromium() -> str | None:
    """The Chromium to drive: `ORDI_CHROMIUM`, or the one of the system."""
    named = os.environ.get("ORDI_CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("chromium-browser")


def _browser() -> str | None:
    if chromium() is None:
        return "no Chromium: install the package chromium, or name one in ORDI_CHROMIUM"
    return None


def _disks() -> str | None:
    if os.geteuid() != 0:
        return "loop devices are root's: run `sudo make test`, or as root"
    if missing := _programs("losetup", "nbdkit", "nbdfuse"):
        return f"no {', '.join(missing)}: install util-linux, nbdkit, nbdkit-plugin-python, libnbd-bin and fuse3"
    with tempfile.NamedTemporaryFile() as backing:
        backing.truncate(1 << 20)
        try:
            give_back(take(backing.name), Path(backing.name).parent)
        except subprocess.CalledProcessError as why:
            return f"loop devices cannot be attached here ({str(why.stderr).strip()}): load the loop module"
    return None


def _vm() -> str | None:
    if missing := _programs("qemu-system-x86_64", "qemu-img", "zstd", "mmdebstrap"):
        return f"no {', '.join(missing)}: install qemu-system-x86, qemu-utils, zstd and mmdebstrap"
    if os.geteuid() != 0:
        return "the virtual machine's system is built as root: run `sudo make test`, or as root"
    return None


def sshd() -> str | None:
    """The OpenSSH server to start: it wants to be named by its whole path."""
    return shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def _ssh() -> str | None:
    if sshd() is None or _programs("ssh-keygen"):
        return "no OpenSSH server program: install the package openssh-server"
    if os.geteuid() != 0:
        return "the agent is started as root over SSH: run `sudo make test`, or as root"
    return None


def _pdf() -> str | None:
    if missing := _programs("pdftotext", "pdftoppm", "pdfsig"):
        return f"no {', '.join(missing)}: install the package poppler-utils"
    return None


def _samples() -> str | None:
    if not SAMPLES.is_dir():
        return "other people's tool output is not beside this checkout (../shared/samples)"
    return None


TIERS: dict[str, Callable[[], str | None]] = {
    "postgresql": _postgresql,
    "browser": _browser,
    "disks": _disks,
    "vm": _vm,
    "ssh": _ssh,
    "pdf": _pdf,
    MAY_BE_ABSENT: _samples,
}

ONE_AT_A_TIME = ("disks", "vm")
"""Tiers whose tests stay on one worker: they measure time, or share what the whole machine has."""


@cache
def missing(tier: str) -> str | None:
    """Why this machine has no such tier, in one sentence; None when it has it."""
    return TIERS[tier]()
