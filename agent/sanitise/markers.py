"""Random marks on a drive before its firmware erases it: what the firmware says is believed only when all of them are gone."""

import os
import secrets
from dataclasses import dataclass, field

from agent.sanitise.challenge import read_whole
from agent.sanitise.drive import Drive, flush
from agent.sanitise.keystream import aligned_buffer
from agent.sanitise.transfer import GONE

MARK = 1024 * 1024
"""Bytes of one mark."""
MARKS = 8
"""Marks a drive: its first and last mebibyte, the others spread between."""


@dataclass
class Markers:
    """Marks written, and how many of them changed in every sector. One that cannot be read back has not changed."""

    written: int = 0
    changed: int = 0
    unread: int = 0
    places: dict[int, bytes] = field(default_factory=dict, repr=False)

    def reported(self) -> dict[str, object]:
        """The `markers` of a commit (docs/protocol.md)."""
        return {"bytes": MARK, "written": self.written, "changed": self.changed, "unread": self.unread}


def places(total: int, sector: int) -> list[int]:
    """Where the marks go on a drive of `total` bytes: aligned, first and last among them, fewer on a very small one."""
    last = (total - MARK) // sector * sector
    if last < 0:
        return []
    return sorted({number * last // (MARKS - 1) // MARK * MARK for number in range(MARKS - 1)} | {last})


def mark(drive: Drive) -> Markers:
    """Write the marks and read them back. Those the drive did not keep do not count. Raise OSError when it is gone."""
    made, buffer = Markers(), aligned_buffer(MARK)
    for place in places(drive.identity.bytes, drive.identity.logical_sector):
        drawn = secrets.token_bytes(MARK)
        buffer[:MARK] = drawn
        try:
            os.pwrite(drive.descriptor, buffer[:MARK], place)
            made.places[place] = drawn
        except OSError as failed:
            if failed.errno in GONE:
                raise
    flush(drive.descriptor)
    for place, drawn in list(made.places.items()):
        if not read_whole(drive.descriptor, buffer, place, MARK) or buffer[:MARK] != drawn:
            del made.places[place]
    made.written = len(made.places)
    return made


def look_again(drive: Drive, made: Markers) -> None:
    """Count the marks that changed all over. Raise OSError when the drive is gone."""
    flush(drive.descriptor)
    buffer, sector = aligned_buffer(MARK), drive.identity.logical_sector
    for place, drawn in made.places.items():
        if not read_whole(drive.descriptor, buffer, place, MARK):
            made.unread += 1
            continue
        same = any(buffer[at : at + sector] == drawn[at : at + sector] for at in range(0, MARK, sector))
        made.changed += not same
