"""Somebody with a shell, a signing key and a drive that does as it likes, in front of the real API."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp, TestResponse

from ordi.bench import challenge
from ordi.bench.keystream import stretch
from ordi.bench.sessions import BenchSession
from ordi.machines.drive import Drive, open_sightings
from ordi.machines.machine import Machine
from ordi.signatures import from_b64url
from tests.bench.benches import changed
from tests.web.test_api import Speaker, inventory

SIZE = 8 << 20
SERIAL = "QZDISK1"


class Disk:
    """A drive in memory. `holds`: what it really has of its `SIZE` bytes; more is written over what is there (an alias)."""

    def __init__(self, *, holds: int = SIZE, drops: range = range(0)) -> None:
        self.bytes = bytearray(b"photos of a family ".ljust(32, b".") * (holds // 32))
        self.drops = drops

    def write(self, offset: int, data: bytes) -> None:
        """What the drive says it took."""
        keep = self.bytes[self.drops.start : self.drops.stop]
        at = offset % len(self.bytes)
        self.bytes[at : at + len(data)] = data
        self.bytes[self.drops.start : self.drops.stop] = keep

    def read(self, offset: int, length: int) -> bytes:
        """What it gives back."""
        at = offset % len(self.bytes)
        return bytes(self.bytes[at : at + length])


class Shell(Speaker):
    """One start of a live system, and what its owner makes of it."""

    disk = Disk()

    def boot(self, disk: Disk | None = None) -> Shell:
        """Say hello and leave an inventory of one drive."""
        self.disk = disk or self.disk
        assert self.hello().status_int == 201
        listed = {
            "name": "sda",
            "type": "disk",
            "size": SIZE,
            "serial": SERIAL,
            "tran": "sata",
            "rota": True,
            "rm": False,
        }
        assert self.post("/api/v1/evidence", inventory(lsblk=json.dumps({"blockdevices": [listed]}))).status_int == 201
        return self

    def bench(self, session: Session) -> BenchSession:
        """Its session, as the server has it."""
        return session.scalars(select(BenchSession).where(BenchSession.uuid == self.uuid)).one()

    def screen(self, session: Session) -> str:
        """What the code on its screen opens."""
        return f"/B/{self.uuid.replace('-', '').upper()}/{self.bench(session).fingerprint}"

    def job(self) -> dict[str, Any]:
        """The one job it is given."""
        (token,) = self.get("/api/v1/jobs").json["jobs"]
        return dict(json.loads(from_b64url(token.split(".")[1])))

    def overwrite(self, job: dict[str, Any], upto: int = SIZE) -> None:
        """Write the pattern, chunk by chunk, as far as `upto`."""
        for offset in range(0, upto, 1 << 16):
            self.disk.write(offset, stretch(from_b64url(job["key"]), offset, 1 << 16))

    def differing(self, job: dict[str, Any]) -> int:
        """How many bytes an honest read-back finds different."""
        pattern = stretch(from_b64url(job["key"]), 0, SIZE)
        read = b"".join(self.disk.read(offset, 1 << 16) for offset in range(0, SIZE, 1 << 16))
        return sum(one != other for one, other in zip(pattern, read, strict=True))

    def facts(self, job: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """The report of a wipe that went well, whatever really happened; `read__mismatches=…` replaces a part."""
        told: dict[str, Any] = {
            "uuid": str(uuid4()),
            "job": job["job"],
            "nonce": job["nonce"],
            "seq": 1,
            "test": False,
            "identity": {
                "path": "/dev/sda",
                "model": "",
                "serial": SERIAL,
                "serial_source": "ata",
                "wwn": None,
                "bytes": SIZE,
                "transport": "sata",
                "medium": "hdd",
            },
            "technique": job["technique"],
            "commands": [],
            "write": {"bytes": SIZE, "ms": 900},
            "read": {"bytes": SIZE, "ms": 800, "mismatches": 0},
            "skipped": [],
            "chunk_bytes": 1 << 20,
            "chunk_root": "0" * 64,
            "raw_status": {"outcome": "completed"},
            "agent": "0.1.0",
        }
        return changed(told, changes)

    def commit(self, told: dict[str, Any]) -> TestResponse:
        """Send it."""
        return self.post("/api/v1/sanitisations", told)

    def answers(self, job: str, drawn: dict[str, Any], key: bytes | None = None) -> TestResponse:
        """Answer a challenge by what the drive gives back; with K, by what should be there."""
        said = []
        for offset in drawn["offsets"]:
            length = min(drawn["bytes"], SIZE - offset)
            read = stretch(key, offset, length) if key else self.disk.read(offset, length)
            said.append(hmac.new(from_b64url(drawn["nonce"]), read, hashlib.sha256).hexdigest())
        told = {"uuid": str(uuid4()), "job": job, "answers": said, "monotonic_ms": 1}
        return self.post(f"/api/v1/jobs/{job}/answers", told)


def adopt(browser: TestApp, shell: Shell, machine: Machine, session: Session) -> TestResponse:
    """Scan its screen and the label, as the page's form does."""
    form = browser.get(shell.screen(session)).forms["adopt"]
    form["tag"] = machine.tag
    return form.submit(expect_errors=True)


def press(browser: TestApp, page: str, action: str) -> TestResponse:
    """Press the button of a page that leads to `action`."""
    shown = browser.get(page)
    form = next(one for one in shown.forms.values() if one.action.endswith(action))
    return form.submit(expect_errors=True)


def drive_of(session: Session, machine: Machine) -> Drive:
    """Its only drive, as the server has it now."""
    session.expire_all()
    (sighting,) = open_sightings(session, machine)
    return sighting.drive


@contextmanager
def drawn_alike(seed: int) -> Iterator[None]:
    """The server draws from a known seed, so that a test ends alike each time."""
    with patch.object(challenge.secrets, "randbelow", Random(seed).randrange):
        yield


def another(visitor: TestApp, folder: Path, disk: Disk) -> Shell:
    """Another start, of the same drive."""
    return Shell(visitor, folder).boot(disk)
