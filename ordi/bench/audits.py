"""The third person's audit of a drawn wipe: the whole drive, read again in a session of their own (TRUST.md step 9).

The drive is read in parts, each a check job over neighbouring chunks, so that any agent that can counter-check can audit. That
session never receives K: the server makes the expected bytes itself, in its own time (`Sums`), and holds no lock meanwhile.
Without our agent, somebody may type what `openssl | cmp` answered: it is kept as a claim, settles the draw, and raises no
assurance; when it says that the drive differs, it is believed.
"""

from __future__ import annotations

import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, Select, or_, select
from sqlalchemy.orm import Mapped, Session, aliased, contains_eager, mapped_column, relationship

from ordi.bench.challenge import asked
from ordi.bench.contradictions import unproven
from ordi.bench.jobs import Kind, Phase, WipeJob, adopted_machine, latest_proof, new_job, require_inside
from ordi.bench.keystream import stretch
from ordi.bench.quarantines import quarantine
from ordi.bench.sessions import BenchSession
from ordi.database import Base
from ordi.errors import Invalid, Refused
from ordi.machines.audit import Audit, AuditDraw, How
from ordi.machines.drive import CounterCheck, Drive, Sanitisation, Standing
from ordi.machines.journal import lock, record
from ordi.machines.lifecycle import Note
from ordi.machines.machine import Machine
from ordi.parties.access import grounds, require
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person
from ordi.signatures import b64url, from_b64url

CHUNK = 4 << 20
"""Bytes a chunk: the most that an agent answers for at once (docs/protocol.md)."""

PART = 4096
"""Chunks a part, 16 GiB: what one answer may hold."""

AT_ONCE = 1 << 30
"""Bytes that are judged while the bench waits; more is left to the worker."""


class NotTheThird(Refused):
    """An audit is made by somebody who neither wiped this drive nor checked it."""

    code = "not-the-third"


class SameSession(Refused):
    """An audit needs a start of the machine of its own."""

    code = "same-session"


class NothingToAudit(Refused):
    """There is no proven wipe of this drive to read again; a demonstration's is never audited."""

    code = "nothing-to-audit"


class NotDrawn(Refused):
    """This drive waits for no audit."""

    code = "not-drawn"


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
    proof, wipe = _auditable(session, drive)
    earlier = select(WipeJob.id).where(WipeJob.sanitisation_id == proof.id, WipeJob.bench_session_id == bench.id)
    if wipe.bench_session_id == bench.id or session.scalar(earlier.limit(1)) is not None:
        raise SameSession()
    if {by.id, bench.adopter_id} & _hands(session, proof, wipe):
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


def claim(session: Session, drive: Drive, matched: bool, said: str, *, by: Person, at: datetime) -> Audit:
    """Keep what a third person says that `openssl | cmp` answered about a drawn drive: a claim, believed when it accuses.

    Raises `NotAllowed`, `NothingToAudit`, `NotTheThird`, `NotDrawn`, `Invalid`.
    """
    proof, wipe = _auditable(session, drive)
    require(by, "bench.audit", proof.machine.workshop, at=at)
    lock(session, proof.machine)
    if by.id in _hands(session, proof, wipe):
        raise NotTheThird()
    return _settle(session, drive, proof, How.CLAIM, matched, said, by, at)


def waive(session: Session, drive: Drive, reason: str, *, by: Person, at: datetime) -> Audit:
    """Give up the audit of a drawn drive, with a reason that stays. Raises `NotAllowed`, `NothingToAudit`, `NotDrawn`, `Invalid`."""
    proof, _ = _auditable(session, drive)
    require(by, "bench.waive", proof.machine.workshop, at=at)
    lock(session, proof.machine)
    return _settle(session, drive, proof, How.WAIVED, True, reason, by, at)


def audits_due(session: Session, reader: Person, *, at: datetime) -> list[AuditDraw]:
    """The drawn wipes that wait in a reader's workshops, the oldest first."""
    draws = _of_workshops(reader, at).where(
        AuditDraw.drawn,
        Drive.standing == Standing.SANITISED,
        Drive.generation == Sanitisation.generation,
        ~_settled().exists(),
    )
    return list(session.scalars(draws.order_by(AuditDraw.id)))


def audits_made(session: Session, reader: Person, *, at: datetime, limit: int = 40) -> list[Audit]:
    """The last audits of a reader's workshops, the newest first."""
    rooms = _rooms(reader, at)
    query = (
        select(Audit)
        .join(Audit.sanitisation)
        .join(Machine, Machine.id == Sanitisation.machine_id)
        .join(Drive, Drive.id == Sanitisation.drive_id)
        .where(Machine.workshop_id.in_(rooms))
        .options(
            contains_eager(Audit.sanitisation).contains_eager(Sanitisation.machine),
            contains_eager(Audit.sanitisation).contains_eager(Sanitisation.drive),
        )
        .order_by(Audit.id.desc())
        .limit(limit)
    )
    return list(session.scalars(query))


def drawn_and_due(session: Session, drive: Drive) -> bool:
    """Whether a drive was drawn since its data was last wiped, and nobody has settled it."""
    waits = (
        select(AuditDraw.id)
        .join(Sanitisation, Sanitisation.id == AuditDraw.sanitisation_id)
        .where(
            AuditDraw.drawn,
            Sanitisation.drive_id == drive.id,
            Sanitisation.generation == drive.generation,
            ~_settled().exists(),
        )
    )
    return session.scalar(waits.limit(1)) is not None


def tool_line(key: bytes, size: int) -> str:
    """The one line with which whoever holds the drive reads it without us."""
    return f"openssl enc -aes-256-ctr -K {key.hex()} -iv {'0' * 32} -nosalt -in /dev/zero | cmp -n {size} - /dev/sdX"


def key_for_tool(session: Session, drive: Drive, *, by: Person, at: datetime) -> str:
    """That line for a drawn drive: only a third person is shown it. Raises what `claim` raises."""
    proof, wipe = _auditable(session, drive)
    require(by, "bench.audit", proof.machine.workshop, at=at)
    if by.id in _hands(session, proof, wipe):
        raise NotTheThird()
    if not drawn_and_due(session, drive):
        raise NotDrawn()
    return tool_line(wipe.key or b"", drive.bytes)


def _auditable(session: Session, drive: Drive) -> tuple[Sanitisation, WipeJob]:
    proof = latest_proof(session, drive)
    if proof is None or drive.standing != Standing.SANITISED or proof.demonstration:
        raise NothingToAudit()
    wipe = session.scalar(select(WipeJob).where(WipeJob.uuid == proof.job_uuid))
    if wipe is None or not wipe.key:
        raise NothingToAudit()
    return proof, wipe


def _hands(session: Session, proof: Sanitisation, wipe: WipeJob) -> set[int | None]:
    """Everybody who had this drive in hand before: who wiped it, and who checked it."""
    checkers = session.scalars(select(CounterCheck.checker_id).where(CounterCheck.sanitisation_id == proof.id))
    return {proof.wiper_id, wipe.bench.adopter_id, wipe.prepared_by_id, *checkers} - {None}


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
    return _write(session, proof, How.AGENT, part.auditor_id, wrong == 0, at, chunks=read, differing=wrong)


def _settle(
    session: Session, drive: Drive, proof: Sanitisation, how: How, matched: bool, said: str, by: Person, at: datetime
) -> Audit:
    told = " ".join(said.split())[:200]
    if not told:
        raise Invalid(field="said", why="missing")
    if not drawn_and_due(session, drive):
        raise NotDrawn()
    return _write(session, proof, how, by.id, matched, at, reason=told)


def _write(
    session: Session,
    proof: Sanitisation,
    how: How,
    auditor_id: int,
    matched: bool,
    at: datetime,
    *,
    chunks: int = 0,
    differing: int = 0,
    reason: str = "",
) -> Audit:
    """Write an audit down; one that differs closes the gate at once, and opens a quarantine."""
    audit = Audit(
        sanitisation=proof,
        how=how,
        auditor_id=auditor_id,
        matched=matched,
        chunks=chunks,
        differing=differing,
        reason=reason,
        at=at,
    )
    session.add(audit)
    session.flush()
    by = session.get_one(Person, auditor_id)
    if not matched:
        unproven(session, proof.drive, "audit", at=at)
    record(
        session,
        proof.machine,
        Note.AUDITED,
        by=by,
        at=at,
        drive=proof.drive_id,
        how=how,
        matched=matched,
        chunks=chunks,
        differing=differing,
        sanitisation=proof.uuid,
    )
    if not matched:
        quarantine(session, proof, "audit" if how == How.AGENT else "claim", at=at)
    return audit


def _settled() -> Select[Audit]:
    """The audits of a drawn wipe, or of a later one of the same drive and generation."""
    later = aliased(Sanitisation)
    return (
        select(Audit)
        .join(later, later.id == Audit.sanitisation_id)
        .where(
            later.drive_id == Sanitisation.drive_id,
            later.generation == Sanitisation.generation,
            later.id >= Sanitisation.id,
        )
        .correlate(Sanitisation)
    )


def _rooms(reader: Person, at: datetime) -> Select[Organisation]:
    beneath = [
        Organisation.path.startswith(held.organisation.path, autoescape=True)
        for held in grounds(reader, "bench.quarantine", at)
    ]
    return select(Organisation.id).where(or_(*beneath) if beneath else Organisation.id.is_(None))  # type: ignore[return-value]


def _of_workshops(reader: Person, at: datetime) -> Select[AuditDraw]:
    return (
        select(AuditDraw)
        .join(AuditDraw.sanitisation)
        .join(Machine, Machine.id == Sanitisation.machine_id)
        .join(Drive, Drive.id == Sanitisation.drive_id)
        .where(AuditDraw.workshop_id.in_(_rooms(reader, at)))
        .options(
            contains_eager(AuditDraw.sanitisation).contains_eager(Sanitisation.machine),
            contains_eager(AuditDraw.sanitisation).contains_eager(Sanitisation.drive),
        )
    )
