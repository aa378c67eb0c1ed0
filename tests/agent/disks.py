"""Real loop devices with something to lose on them, read back by programs that are not ours."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.ground.loops import give_back, take

MIB = 1024 * 1024


@dataclass(frozen=True)
class LoopDisk:
    """A loop device over a file."""

    path: str
    file: Path
    serial: str
    size: int

    @property
    def named(self) -> str:
        """As in ORDI_TEST_DISKS."""
        return f"{self.path}={self.serial}"

    def holds_keystream(self, key: bytes) -> bool:
        """Whether openssl and cmp find the keystream of `key` on the whole drive (docs: the wipe anybody can re-check)."""
        subprocess.run(["blockdev", "--flushbufs", self.path], check=True)
        cipher = f"openssl enc -aes-256-ctr -K {key.hex()} -iv {'0' * 32} -nosalt -in /dev/zero 2>/dev/null"
        return subprocess.run(["sh", "-c", f"{cipher} | cmp -n {self.size} - {self.path}"], check=False).returncode == 0


def attach(
    folder: Path, serial: str, size: int, *, sector: int = 512, fill: bytes = b"the family's photographs\n"
) -> LoopDisk:
    """A loop device over a new file of `size` bytes full of `fill`."""
    file = folder / f"{serial}.img"
    with file.open("wb") as out:
        pattern = (fill * (MIB // len(fill) + 1))[:MIB]
        for start in range(0, size, MIB):
            out.write(pattern[: min(MIB, size - start)])
    return attach_file(file, serial, size, sector=sector)


def attach_file(file: Path, serial: str, size: int, *, sector: int = 512, read_only: bool = False) -> LoopDisk:
    """A loop device over a file that is there. It bypasses the file's cache, as a drive would."""
    path = take("--direct-io=on", f"--sector-size={sector}", *(["--read-only"] if read_only else []), file)
    os.sync()
    return LoopDisk(path, file, serial, size)


def detach(disk: LoopDisk) -> None:
    """Let the loop device go."""
    give_back(disk.path, disk.file.parent)
