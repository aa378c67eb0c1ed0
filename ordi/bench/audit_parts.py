"""Reading a whole drive for an audit, in parts: what each job reads, and the sums the server makes of it.

Each part is a check job over neighbouring chunks, so that any agent that can counter-check can audit. The session never receives K.
"""

from __future__ import annotations

import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.bench.audits import NotTheThird, auditable, hands, write
from ordi.bench.challenge import asked
from ordi.bench.jobs import Kind, Phase, WipeJob, adopted_machine, new_job, require_inside
from ordi.bench.keystream import stretch
from ordi.bench.sessions import BenchSession
from ordi.database import Base
from ordi.errors import Refused
from ordi.machines.audit import Audit, How
from ordi.machines.drive import Drive, Sanitisation
from ordi.machines.journal import lock
from ordi.parties.access import require
from ordi.parties.people import Person
from ordi.signatures import b64url, from_b64url

CHUNK = 4 << 20
"""Bytes a chunk: the most that an agent answers for at once (docs/protocol.md)."""

PART = 4096
"""Chunks a part, 16 GiB: what one answer may hold."""

AT_ONCE = 1 << 30
"""Bytes that are judged while the bench waits; more is left to the worker."""


class SameSession(Refused):
    """An audit needs a start of the machine of its own."""

    code = "same-session"


class AuditPart(Base):
    """A stretch of a drive that a job reads, and what it answered until it is judged."""

    __tablename__ = "audit_parts"

    id: Mapped[int] = mapped_column(primary_key=True)
    job_uuid: Mapped[str] = mapped_column(ForeignKey("wipe_jobs.uuid"), unique=True)
    sanitisation_id: Mapped[int] = mapped_column(ForeignKey("sanitisations.id"), index=True)
    bench_session_id: Mapped[int] = mapped_column(ForeignKey("bench_sessions.id"))
    """The parts of one audit are read in one session."""
    auditor_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    start: Mapped[int] = mapped_column(BigInteger)
    """The first byte."""
    chunks: Mapped[int]
    answers: Mapped[bytes | None] = mapped_column(LargeBinary)
    """32 bytes a chunk, once read; forgotten once judged."""
    differing: Mapped[int | None]
    """How many chunks were not what the wipe left; nothing until judged."""

    job: Mapped[WipeJob] = relationship()


@dataclass(frozen=True)
class Told:
    """What became of a part: the finished audit, if it was the last to be judged."""

    proof: Sanitisation
    audit: Audit | None


def order_audit(session: Session, bench: BenchSession, drive: Drive, *, by: Person, at: datetime) -> WipeJob:
    """Ask an adopted session to read a whole drive again: its first part; the next follow by themselves.

    Raises `NotTheThird`, `SameSession`, `NothingToAudit` and what `jobs.order_wipe` raises.
    """
    machine = adopted_machine(session, bench, at)
    require(by, "bench.audit", machine.workshop, at=at)
    lock(session, machine)
    require_inside(session, machine, drive)
    proof, wipe = auditable(session, drive)
    earlier = select(WipeJob.id).where(WipeJob.sanitisation_id == proof.id, WipeJob.bench_session_id == bench.id)
    if wipe.bench_session_id == bench.id or session.scalar(earlier.limit(1)) is not None:
        raise SameSession()
    if {by.id, bench.adopter_id} & hands(session, proof, wipe):
        raise NotTheThird()
    return _part(session, bench, proof, drive, 0, by, at)


def is_part(session: Session, job: WipeJob) -> bool:
    """Whether a check job is part of an audit."""
    return session.scalar(select(AuditPart.id).where(AuditPart.job_uuid == job.uuid)) is not None


def take_part(session: Session, job: WipeJob, answers: list[str], *, at: datetime) -> Told:
    """Keep what a part read and ask for the next; a small drive is judged at once. Sent again, it changes nothing."""
    part = session.scalars(select(AuditPart).where(AuditPart.job_uuid == job.uuid).with_for_update()).one()
    proof = session.get_one(Sanitisation, part.sanitisation_id)
    if part.answers is not None or part.differing is not None:
        return Told(proof, _audit_of(session, part))
    if len(answers) != part.chunks:
        answers = ["0" * 64] * part.chunks
    part.answers = b"".join(map(bytes.fromhex, answers))
    job.phase, job.heard_at = Phase.JUDGED, at
    session.flush()
    after = part.start + part.chunks * CHUNK
    if after < job.drive.bytes:
        person = session.get_one(Person, part.auditor_id)
        _part(session, job.bench, proof, job.drive, after, person, at)
        return Told(proof, None)
    if job.drive.bytes > AT_ONCE:
        return Told(proof, None)
    for one in _waiting(session, proof):
        one.differing, one.answers = _differing(one.job.challenge, one.answers or b"", *_key(session, proof)), None
    session.flush()
    return Told(proof, _conclude(session, part, at))


@dataclass(frozen=True)
class Sums:
    """What the server must compute of one part: seconds for each 16 GiB, without the database."""

    part: int
    challenge: str
    said: bytes
    key: bytes
    size: int

    def differing(self) -> int:
        """How many chunks were not what the wipe left."""
        return _differing(self.challenge, self.said, self.key, self.size)


def sums_waiting(session: Session) -> list[int]:
    """The parts that were read and not judged yet."""
    return list(session.scalars(select(AuditPart.id).where(AuditPart.answers.is_not(None)).order_by(AuditPart.id)))


def sums_of(session: Session, number: int) -> Sums:
    """The sums of one part, to be done without any transaction."""
    part = session.get_one(AuditPart, number)
    key, size = _key(session, session.get_one(Sanitisation, part.sanitisation_id))
    return Sums(part.id, part.job.challenge, part.answers or b"", key, size)


def judge_part(session: Session, sums: Sums, differing: int, *, at: datetime) -> Audit | None:
    """Note how many chunks of a part differ; return the audit when it was the last part."""
    part = session.get_one(AuditPart, sums.part, with_for_update=True, populate_existing=True)
    if part.differing is not None:
        return None
    part.differing, part.answers = differing, None
    session.flush()
    return _conclude(session, part, at)


def _part(
    session: Session, bench: BenchSession, proof: Sanitisation, drive: Drive, start: int, by: Person, at: datetime
) -> WipeJob:
    job = new_job(session, bench, bench.machine or proof.machine, drive, Kind.CHECK, at)
    job.sanitisation_id = proof.id
    end = min(drive.bytes, start + PART * CHUNK)
    offsets = list(range(start, end, CHUNK))
    job.challenge = json.dumps({"nonce": b64url(secrets.token_bytes(32)), "bytes": CHUNK, "offsets": offsets})
    session.flush()
    session.add(
        AuditPart(
            job_uuid=job.uuid,
            sanitisation_id=proof.id,
            bench_session_id=bench.id,
            auditor_id=by.id,
            start=start,
            chunks=len(offsets),
        )
    )
    session.flush()
    return job


def _key(session: Session, proof: Sanitisation) -> tuple[bytes, int]:
    wipe = session.scalars(select(WipeJob).where(WipeJob.uuid == proof.job_uuid)).one()
    return wipe.key or b"", proof.drive.bytes


def _differing(challenge: str, said: bytes, key: bytes, size: int) -> int:
    """How many chunks do not hold the pattern of `key`."""
    drawn = json.loads(challenge)
    nonce, length = from_b64url(drawn["nonce"]), int(drawn["bytes"])
    wrong = 0
    for number, offset in enumerate(drawn["offsets"]):
        expected = hmac.digest(nonce, stretch(key, offset, min(length, size - offset)), "sha256")
        wrong += not hmac.compare_digest(expected, said[32 * number : 32 * number + 32])
    assert asked(challenge) * 32 == len(said)
    return wrong


def _waiting(session: Session, proof: Sanitisation) -> list[AuditPart]:
    query = select(AuditPart).where(AuditPart.sanitisation_id == proof.id, AuditPart.answers.is_not(None))
    return list(session.scalars(query.order_by(AuditPart.id)))


def _audit_of(session: Session, part: AuditPart) -> Audit | None:
    query = select(Audit).where(Audit.sanitisation_id == part.sanitisation_id, Audit.auditor_id == part.auditor_id)
    return session.scalar(query.order_by(Audit.id.desc()).limit(1))


def _conclude(session: Session, part: AuditPart, at: datetime) -> Audit | None:
    """Write the audit down once every part of it, over the whole drive, was judged."""
    same = select(AuditPart).where(
        AuditPart.sanitisation_id == part.sanitisation_id, AuditPart.bench_session_id == part.bench_session_id
    )
    parts = session.scalars(same.order_by(AuditPart.start)).all()
    proof = session.get_one(Sanitisation, part.sanitisation_id)
    read = sum(one.chunks for one in parts if one.differing is not None)
    if read * CHUNK < proof.drive.bytes:
        return None
    lock(session, proof.machine)
    wrong = sum(one.differing or 0 for one in parts)
    return write(session, proof, How.AGENT, part.auditor_id, wrong == 0, at, chunks=read, differing=wrong)
