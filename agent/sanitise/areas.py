"""The areas of an eMMC beside the drive that is seen: overwritten too and read back, or said to be out of reach, and why.

Boot and general purpose areas are block devices of their own that the kernel write-protects (`force_ro`). The keystream goes on
in them where the drive ends, so they are re-checked like the drive. RPMB answers only to a key that is burnt into the board.
"""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from agent.parsers import extcsd
from agent.parsers.reading import Unreadable
from agent.sanitise import ioctls
from agent.sanitise.asking import Ended, Tools, ask
from agent.sanitise.challenge import read_whole
from agent.sanitise.drive import Drive, flush
from agent.sanitise.identity import SYSFS
from agent.sanitise.keystream import AES_BLOCK, aligned_buffer, keystream
from agent.sanitise.pipeline import BLOCK

DEV = Path("/dev")
AREA = re.compile(r"mmcblk\d+(?:(?P<boot>boot)(?P<number>\d)|(?P<general>gp)\d)")


@dataclass
class Area:
    """One area. `why` says why it was not overwritten; `lifted`, whether its write protection was taken off for it."""

    name: str
    kind: str
    bytes: int = 0
    written: int = 0
    read: int = 0
    mismatches: int = 0
    lifted: bool = False
    why: str | None = None

    def reported(self) -> dict[str, object]:
        """As it is sent (docs/protocol.md, `areas`)."""
        return dict(vars(self))


def erase_areas(
    drive: Drive, key: bytes, told: list[Area], tools: Tools, *, sysfs: Path = SYSFS, dev: Path = DEV
) -> None:
    """Overwrite and read back every area beside `drive` that can be; all that happens is in `told`."""
    started_from = boot_from(drive, tools)
    place = drive.identity.bytes
    for folder in sorted((sysfs / "block").glob(f"{drive.identity.name}*")):
        named = AREA.fullmatch(folder.name)
        if named is None:
            continue
        area = Area(folder.name, "boot" if named["boot"] else "general")
        told.append(area)
        if named["boot"] and started_from is None:
            area.why = "may-start-from-it"
        elif named["boot"] and started_from == int(named["number"]) + 1:
            area.why = "starts-from-it"
        else:
            overwrite_area(area, key, place, folder, dev / folder.name)
        place += area.bytes
    if (dev / f"{drive.identity.name}rpmb").exists():
        told.append(Area(f"{drive.identity.name}rpmb", "rpmb", why="needs-its-key"))


def boot_from(drive: Drive, tools: Tools) -> int | None:
    """The boot area the board starts from (1 or 2), 0 for none; None when that is unknown: a board made blind is given to nobody."""
    try:
        return extcsd.registers(ask(tools, [], ("mmc", "extcsd", "read", drive.identity.path)).out).boot_from
    except (Ended, Unreadable):
        return None


def overwrite_area(area: Area, key: bytes, place: int, folder: Path, node: Path) -> None:
    """Lift the protection of one area, write the keystream from `place` on over it, read it back, protect it again."""
    try:
        with unprotected(area, folder):
            descriptor = os.open(node, os.O_RDWR | os.O_DIRECT | os.O_EXCL | os.O_CLOEXEC)
            try:
                area.bytes = ioctls.size(descriptor)
                if area.bytes % AES_BLOCK:
                    area.why = "odd-size"
                    return
                _passes(descriptor, area, key, place)
            finally:
                os.close(descriptor)
    except OSError as failed:
        area.why = errno.errorcode.get(failed.errno or 0, "EIO")


@contextmanager
def unprotected(area: Area, folder: Path) -> Iterator[None]:
    """With `force_ro` at 0; as it was afterwards, whatever happens. Raise OSError."""
    protection = folder / "force_ro"
    before = protection.read_text("ascii").strip() if protection.exists() else "0"
    if before != "0":
        protection.write_text("0")
        area.lifted = protection.read_text("ascii").strip() == "0"
    try:
        yield
    finally:
        if before != "0":
            with suppress(OSError):
                protection.write_text(before)


def _passes(descriptor: int, area: Area, key: bytes, place: int) -> None:
    wanted, seen = aligned_buffer(BLOCK), aligned_buffer(BLOCK)
    for at in range(0, area.bytes, BLOCK):
        size = min(BLOCK, area.bytes - at)
        for _ in keystream(key, place + at, size, wanted):
            pass
        done = 0
        while done < size:
            done += os.pwrite(descriptor, wanted[done:size], at + done)
        area.written += size
    flush(descriptor)
    for at in range(0, area.bytes, BLOCK):
        size = min(BLOCK, area.bytes - at)
        for _ in keystream(key, place + at, size, wanted):
            pass
        if not read_whole(descriptor, seen, at, size):
            raise OSError(errno.EIO, "short read")
        area.read += size
        if seen[:size] != wanted[:size]:
            area.mismatches += sum(a != b for a, b in zip(seen[:size], wanted[:size], strict=True))
