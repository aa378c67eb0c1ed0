"""A bench that is not there: it says hello with a key of its own, sends its inventory, and answers a challenge from K.

Everything it leaves is marked as a demonstration: such a wipe is never countersigned.
"""

from __future__ import annotations

import hmac
import json
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from ordi.bench.facts import WipeFacts
from ordi.bench.intake import receive
from ordi.bench.jobs import Phase, WipeJob, order_wipe
from ordi.bench.judging import answer, commit
from ordi.bench.keystream import stretch
from ordi.bench.sessions import BenchSession, adopt, end, open_session
from ordi.bench.under_way import progress
from ordi.demonstration.hardware import Told, uuid
from ordi.machines.drive import Drive, Medium, Sanitisation, open_sightings
from ordi.machines.machine import Machine
from ordi.parties.people import Person
from ordi.signatures import from_b64url

AGENT = "demonstration"
_SPEED = {Medium.HDD: 105, Medium.SSD: 410, Medium.NVME: 1300}
"""MB/s in each direction."""
FAILING_FROM = 0.6
"""Drives further on than this have met a sector they cannot write."""


def inventory(
    session: Session, machine: Machine, found: Told, random: Random, *, by: Person, at: datetime
) -> BenchSession:
    """Start the machine on a live system, adopt it, and take its inventory."""
    bench = open_session(
        session,
        uuid(random),
        random.randbytes(32),
        agent=AGENT,
        image_sha256=None,
        host_uuid=found.uuid,
        test=False,
        demonstration=True,
        at=at,
    )
    adopt(session, bench, machine, bench.fingerprint, by=by, at=at)
    envelope = found.envelope(uuid(random), AGENT)
    receive(session, envelope, json.dumps(envelope).encode(), sender=bench, at=at)
    return bench


def wipe(
    session: Session, bench: BenchSession, random: Random, *, by: Person, at: datetime, failing: bool = False
) -> list[Sanitisation]:
    """Wipe every drive of the session's machine, one after the other; `failing`: the first one has dead sectors."""
    assert bench.machine is not None
    proofs = []
    for number, sighting in enumerate(open_sightings(session, bench.machine)):
        job = order_wipe(session, bench, sighting.drive, by=by, at=at)
        at += _takes(sighting.drive)
        proof = _run(session, bench, job, random, at, failing=failing and number == 0)
        proofs.append(proof)
    end(session, bench, at=at)
    return proofs


def begin(session: Session, bench: BenchSession, part: float, *, by: Person, at: datetime, heard: datetime) -> None:
    """Start wiping every drive of the session's machine, and be heard of when this part of each is written."""
    assert bench.machine is not None
    for sighting in open_sightings(session, bench.machine):
        job = order_wipe(session, bench, sighting.drive, by=by, at=at)
        done = int(sighting.drive.bytes * part)
        began = max(at, heard - timedelta(seconds=done / (_SPEED.get(Medium(sighting.drive.medium), 105) * 1e6)))
        progress(session, job, seq=1, phase=Phase.WRITING, done=0, reason=None, at=began)
        errors = 2 if part > FAILING_FROM else 0
        progress(session, job, seq=2, phase=Phase.WRITING, done=done, reason=None, at=heard, errors=errors)


def _run(
    session: Session, bench: BenchSession, job: WipeJob, random: Random, at: datetime, *, failing: bool
) -> Sanitisation:
    body = json.dumps(_commit(job, random, failing=failing)).encode()
    outcome = commit(
        session, WipeFacts.model_validate_json(body), body, source=f"session:{bench.uuid}", bench=bench, at=at
    )
    if outcome.challenge is not None:
        outcome = answer(session, bench, job.uuid, _answers(job, outcome.challenge), at=at)
    assert outcome.proof is not None
    return outcome.proof


def _answers(job: WipeJob, challenge: dict[str, Any]) -> list[str]:
    """What a drive that holds the pattern of K would answer."""
    nonce, length, key = from_b64url(challenge["nonce"]), challenge["bytes"], job.key or b""
    return [
        hmac.digest(nonce, stretch(key, place, min(length, job.drive.bytes - place)), "sha256").hex()
        for place in challenge["offsets"]
    ]


def _commit(job: WipeJob, random: Random, *, failing: bool) -> dict[str, Any]:
    drive = job.drive
    took = int(_takes(drive).total_seconds() * 1000) // 2 - 1000
    done = drive.bytes if not failing else drive.bytes * 62 // 100 // 4096 * 4096
    errors = [{"offset": done, "errno": 5}] if failing else []
    return {
        "uuid": uuid(random),
        "job": job.uuid,
        "nonce": job.nonce,
        "seq": 1,
        "test": False,
        "identity": {
            "path": "/dev/nvme0n1" if drive.medium == Medium.NVME else "/dev/sda",
            "model": drive.model,
            "serial": drive.serial,
            "serial_source": "sysfs",
            "wwn": drive.wwn,
            "firmware": drive.firmware or None,
            "bytes": drive.bytes,
            "logical_sector": 512,
            "physical_sector": 4096,
            "transport": drive.transport,
            "medium": drive.medium,
        },
        "technique": job.technique,
        "commands": ["simulated"],
        "write": {"bytes": done, "ms": took, "errors": errors},
        "read": {"bytes": 0 if failing else drive.bytes, "ms": 0 if failing else took, "mismatches": 0},
        "chunk_bytes": 1 << 20,
        "chunk_root": None if failing else random.randbytes(32).hex(),
        "raw_status": {"outcome": "failed" if failing else "completed", "errno": 5 if failing else None},
        "agent": AGENT,
    }


def _takes(drive: Drive) -> timedelta:
    return timedelta(seconds=2 * drive.bytes / (_SPEED.get(Medium(drive.medium), 100) * 1e6) + 4)
