"""What another tool says that it wiped: kept as it came, told as *declared*. It proves nothing here, and opens nothing.

The logs of nwipe 0.34 and 0.42 are read as far as they can be; what is not understood is kept all the same.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.canonical import canonical
from ordi.database import Base
from ordi.errors import Refused
from ordi.machines.hardware import plain
from ordi.machines.journal import lock, record
from ordi.machines.lifecycle import Note
from ordi.machines.machine import Machine
from ordi.parties.access import require
from ordi.parties.people import Person

MOST_BYTES = 2 << 20
MOST_DRIVES = 64
LONGEST_LINE = 600

_FOUND = re.compile(r"notice: Found (/dev/\S+?), *[^,]*, *([^,]*), *([0-9.]+ *[kMGTP]?B), *S/N=(.*)$")
_VERSION = re.compile(r"nwipe ([0-9]+\.[0-9][0-9.]*)")
_METHOD = re.compile(r"Invoking method '([^']*)' on (/dev/\S+)")
_COUNT = re.compile(r"notice: ([0-9]+) bytes (written to|read from) (/dev/\S+)")
_SIZES = re.compile(r"notice: (/dev/\S+?), sect/blk/dev [0-9]+/[0-9]+/([0-9]+)")
_STATUS = re.compile(r"^[!\s]*(\S+) *\| *-?([A-Z][A-Za-z]*|Erased|FAILED)-? *\|([^|]*)\| *([0-9:]{7,9}) *\| *(.*)$")
_ERRORS = re.compile(r"^[!\s]*(\S+) *\| *([0-9]+) *\| *([0-9]+) *(?:\| *([0-9]+) *)?$")


class NotALog(Refused):
    """Nothing in it is a log of nwipe."""

    code = "not-a-log"


@dataclass
class ClaimedDrive:
    """What a log says of one drive."""

    path: str
    model: str = ""
    serial: str = ""
    size: str = ""
    method: str = ""
    written: int | None = None
    read: int | None = None
    status: str = ""
    """In the tool's own word: Erased, FAILED, UABORTED, INSANITY."""
    errors: int | None = None
    lasted: str = ""


@dataclass
class Log:
    """What a log says."""

    version: str
    drives: list[ClaimedDrive]


class WipeClaim(Base):
    """A log of another tool, as it came, and what was understood of it. Never changed, never proof."""

    __tablename__ = "wipe_claims"
    __table_args__ = (UniqueConstraint("machine_id", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machines.id"))
    tool: Mapped[str] = mapped_column(String(24))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    """The file's bytes, compressed."""
    sha256: Mapped[str] = mapped_column(String(64))
    told: Mapped[str]
    """Canonical JSON of what was understood."""
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]

    machine: Mapped[Machine] = relationship()
    by: Mapped[Person] = relationship()

    @property
    def raw(self) -> bytes:
        """The file, byte for byte."""
        return zlib.decompress(self.content)


def claim_wipe(session: Session, machine: Machine, raw: bytes, *, by: Person, at: datetime) -> WipeClaim:
    """Keep a log of nwipe beside a machine, as a claim: no drive changes its standing. The same file again is the same claim.

    Raises `NotAllowed`, `NotALog`.
    """
    require(by, "bench.work", machine.workshop, at=at)
    log = read_log(raw)
    lock(session, machine)
    sha256 = hashlib.sha256(raw).hexdigest()
    known = session.scalar(select(WipeClaim).where(WipeClaim.machine_id == machine.id, WipeClaim.sha256 == sha256))
    if known is not None:
        return known
    claim = WipeClaim(
        machine_id=machine.id,
        tool=f"nwipe {log.version}".strip()[:24],
        content=zlib.compress(raw, 6),
        sha256=sha256,
        told=canonical([asdict(one) for one in log.drives]),
        by_id=by.id,
        at=at,
    )
    session.add(claim)
    session.flush()
    record(session, machine, Note.CLAIMED, by=by, at=at, tool=claim.tool, drives=len(log.drives), sha256=sha256)
    return claim


def claims_of(session: Session, machine: Machine) -> list[WipeClaim]:
    """The claims kept beside a machine, the newest first."""
    return list(
        session.scalars(select(WipeClaim).where(WipeClaim.machine_id == machine.id).order_by(WipeClaim.id.desc()))
    )


def read_log(raw: bytes) -> Log:
    """What a log of nwipe says, drive by drive. Raises `NotALog` for what is none."""
    if not raw or len(raw) > MOST_BYTES:
        raise NotALog(why="empty" if not raw else "too-big")
    lines = [plain(line, LONGEST_LINE) for line in raw.decode("utf-8", "replace").splitlines()]
    if not any("nwipe" in line.casefold() for line in lines):
        raise NotALog(why="not-nwipe")
    version = next((found[1] for line in lines if (found := _VERSION.search(line))), "")
    drives: dict[str, ClaimedDrive] = {}

    def of(path: str) -> ClaimedDrive | None:
        name = path if path.startswith("/dev/") else f"/dev/{path}"
        if name not in drives and len(drives) >= MOST_DRIVES:
            return None
        return drives.setdefault(name, ClaimedDrive(plain(name, 40)))

    for line in lines:
        _understand(line, of)
    if not drives:
        raise NotALog(why="no-drive")
    return Log(plain(version, 16), list(drives.values()))


def _understand(line: str, of: Any) -> None:
    if found := _FOUND.search(line):
        if one := of(found[1]):
            one.model, one.size, one.serial = plain(found[2]), plain(found[3], 16), plain(found[4])
    elif found := _METHOD.search(line):
        if one := of(found[2]):
            one.method = plain(found[1], 40)
    elif found := _COUNT.search(line):
        if one := of(found[3]):
            setattr(one, "written" if found[2].startswith("written") else "read", int(found[1][:18]))
    elif found := _SIZES.search(line):
        if one := of(found[1]):
            one.size = f"{found[2][:18]} B"
    elif found := _STATUS.match(line):
        if one := of(found[1]):
            one.status, one.lasted = found[2][:12], found[4]
            model, _, serial = found[5].rpartition("/")
            one.model, one.serial = one.model or plain(model), one.serial or plain(serial)
    elif (found := _ERRORS.match(line)) and (one := of(found[1])):
        one.errors = sum(int(count[:9]) for count in found.groups()[1:] if count)
