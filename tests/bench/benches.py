"""A bench in memory: a boot key, a drive of a few hundred kilobytes, and what an honest agent says of it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from ordi.bench import draws
from ordi.bench.facts import WipeFacts
from ordi.bench.jobs import WipeJob, order_wipe
from ordi.bench.judging import Outcome, answer, commit
from ordi.bench.keystream import stretch
from ordi.bench.sessions import BenchSession, adopt, open_session
from ordi.machines.drive import Drive
from ordi.machines.machine import Machine
from ordi.parties.people import Person
from ordi.signatures import from_b64url, public_bytes

draws.LEAST_PERCENT = 0
"""Chance has no place in a test: only those of the draw (test_audits.py) let any wipe come out."""


@dataclass
class Bench:
    """A live system at its first start."""

    session: Session
    at: datetime
    test: bool = False
    uuid: str = field(default_factory=lambda: str(uuid4()))
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    def hello(self) -> BenchSession:
        """Open its session."""
        return open_session(
            self.session,
            self.uuid,
            public_bytes(self.key),
            agent="0.1.0",
            image_sha256=None,
            host_uuid=None,
            test=self.test,
            demonstration=self.test,
            at=self.at,
        )

    def adopted(self, machine: Machine, by: Person) -> BenchSession:
        """Open it and have somebody adopt it for a machine."""
        bench = self.hello()
        return adopt(self.session, bench, machine, bench.fingerprint, by=by, at=self.at)


def overwritten(job: WipeJob) -> bytearray:
    """The drive's bytes after an honest wipe."""
    assert job.key
    return bytearray(stretch(job.key, 0, job.drive.bytes))


def report(job: WipeJob, **changes: Any) -> dict[str, Any]:
    """What an honest agent reports of a wipe that went well; `changes` replace parts (`write.bytes=…` as `write__bytes`)."""
    size = job.drive.bytes
    told: dict[str, Any] = {
        "uuid": str(uuid4()),
        "job": job.uuid,
        "nonce": job.nonce,
        "seq": 1,
        "test": job.bench.test,
        "identity": {
            "path": "/dev/sda",
            "model": job.drive.model,
            "serial": job.drive.serial,
            "serial_source": "ata",
            "wwn": job.drive.wwn,
            "bytes": size,
            "transport": "sata",
            "medium": job.drive.medium,
        },
        "technique": "overwrite-aes256ctr",
        "commands": ["open /dev/sda O_RDWR|O_EXCL|O_DIRECT"],
        "started_at": "2026-11-22T08:00:00Z",
        "ended_at": "2026-11-22T08:01:00Z",
        "write": {"bytes": size, "ms": 900},
        "read": {"bytes": size, "ms": 800, "mismatches": 0},
        "skipped": [],
        "chunk_bytes": 1 << 20,
        "chunk_root": "0" * 64,
        "raw_status": {"outcome": "completed"},
        "agent": "0.1.0",
    }
    return changed(told, changes)


def changed(told: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A report with parts of it replaced: `read__mismatches` is `mismatches` of `read`."""
    for name, value in changes.items():
        part = told
        *path, last = name.split("__")
        for step in path:
            part = part[step]
        part[last] = value
    return told


def send(session: Session, told: dict[str, Any], *, bench: BenchSession | None, at: datetime) -> Outcome:
    """Commit a report."""
    body = json.dumps(told).encode()
    return commit(session, WipeFacts.model_validate_json(body), body, source="test", bench=bench, at=at)


def read_at(disk: bytes, challenge: dict[str, Any]) -> list[str]:
    """The answers that only this disk can give."""
    nonce, length = from_b64url(challenge["nonce"]), challenge["bytes"]
    return [
        hmac.new(nonce, disk[offset : offset + length], hashlib.sha256).hexdigest() for offset in challenge["offsets"]
    ]


def honest(job: WipeJob, challenge: dict[str, Any]) -> list[str]:
    """The answers of a drive that holds the whole pattern, whatever its size."""
    nonce, length, key = from_b64url(challenge["nonce"]), challenge["bytes"], job.key or b""
    return [
        hmac.new(nonce, stretch(key, offset, min(length, job.drive.bytes - offset)), hashlib.sha256).hexdigest()
        for offset in challenge["offsets"]
    ]


def wipe(session: Session, machine: Machine, drive: Drive, *, by: Person, at: datetime, **changes: Any) -> Outcome:
    """A whole honest wipe, from adoption to judgement."""
    bench = Bench(session, at).adopted(machine, by)
    job = order_wipe(session, bench, drive, by=by, at=at)
    outcome = send(session, report(job, **changes), bench=bench, at=at)
    if outcome.challenge is None:
        return outcome
    return answer(session, bench, job.uuid, honest(job, outcome.challenge), at=at)
