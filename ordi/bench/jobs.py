"""Jobs: what a bench session is asked to do to one drive. Signed by the server, used once, bound to one drive's identity.

TRUST.md step 3: a wipe carries the drive's key K; a counter-check carries drawn sectors and never K.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Set
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.bench.plan import last_inventory, plan_of
from ordi.bench.sessions import HOLD, BenchSession, SessionOver
from ordi.bench.techniques import Technique
from ordi.database import Base
from ordi.errors import Refused
from ordi.machines.drive import Drive, Sanitisation, open_sightings
from ordi.machines.inventory import AT_BENCH, OutOfBench
from ordi.machines.journal import instant, lock, record
from ordi.machines.lifecycle import Note
from ordi.machines.machine import Machine
from ordi.parties.access import require
from ordi.parties.people import Person
from ordi.signatures import SigningKey, b64url, sign

TYP = "ordi-job/1"
VALID = timedelta(hours=12)


class Kind(StrEnum):
    """What a job asks."""

    WIPE = "wipe"
    CHECK = "check"


class Phase(StrEnum):
    """How far a job has come. The last four end it."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    ERASING = "erasing"
    WRITING = "writing"
    READING = "reading"
    COMMITTED = "committed"
    JUDGED = "judged"
    REFUSED = "refused"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED_BY_A_PERSON = ("before-start", "given-up")
"""Reasons of a job that takes no report any more. One that the bench itself ended still waits for its report."""

RUNNING = (Phase.OPEN, Phase.CONFIRMED, Phase.ERASING, Phase.WRITING, Phase.READING, Phase.COMMITTED)


class DriveNotThere(Refused):
    """This drive was not seen in this machine."""

    code = "drive-not-there"


class JobRunning(Refused):
    """A job is already under way on this drive."""

    code = "job-running"


class NotWipeable(Refused):
    """Something about the drive has to be settled before it can be wiped; `why` is a code of its plan."""

    code = "not-wipeable"


class NoSuchJob(Refused):
    """No job of this session waits for these answers."""

    code = "no-such-job"


class WipeJob(Base):
    """One job on one drive."""

    __tablename__ = "wipe_jobs"
    __table_args__ = (
        Index(
            "uq_wipe_jobs_running",
            "drive_id",
            unique=True,
            sqlite_where=text("phase IN ('open','confirmed','erasing','writing','reading','committed')"),
            postgresql_where=text("phase IN ('open','confirmed','erasing','writing','reading','committed')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(String(36), unique=True)
    kind: Mapped[str] = mapped_column(String(8))
    bench_session_id: Mapped[int] = mapped_column(ForeignKey("bench_sessions.id"), index=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machines.id"), index=True)
    drive_id: Mapped[int] = mapped_column(ForeignKey("drives.id"))
    generation: Mapped[int]
    nonce: Mapped[str] = mapped_column(String(43))
    key: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    """K, for a wipe; published with the certificate once checking is over."""
    sanitisation_id: Mapped[int | None] = mapped_column(ForeignKey("sanitisations.id"))
    """The wipe that a check looks at."""
    challenge: Mapped[str] = mapped_column(default="")
    """JSON `{nonce, bytes, offsets}`, drawn after the commit (or with the job, for a check)."""
    technique: Mapped[str] = mapped_column(String(32), default=Technique.OVERWRITE)
    prepare: Mapped[str] = mapped_column(String(40), default="")
    """What the person who ordered it agreed to first (plan.Before), separated by spaces."""
    whole_bytes: Mapped[int | None] = mapped_column(BigInteger)
    """The drive's size once it shows all it has, when that was agreed to: less is not all of it."""
    phase: Mapped[str] = mapped_column(String(12), default=Phase.OPEN)
    done_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    errors: Mapped[int] = mapped_column(BigInteger, default=0)
    """Places the drive would not take or give so far, as the bench counts them."""
    phase_at: Mapped[datetime | None]
    """When the server first heard of this phase: what the rate is measured from."""
    progress_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    reason: Mapped[str] = mapped_column(String(120), default="")
    cancel_asked: Mapped[bool] = mapped_column(default=False)
    issued_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    heard_at: Mapped[datetime | None]
    """When the server last heard of it: arrival, not the sender's claim."""
    valid_until: Mapped[datetime | None]
    """Of a job carried on a stick (offline_jobs): started, done and brought back by then."""
    prepared_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """Who put it on the stick, and so saw K."""

    bench: Mapped[BenchSession] = relationship()
    machine: Mapped[Machine] = relationship()
    drive: Mapped[Drive] = relationship()

    @property
    def expires_at(self) -> datetime:
        """Until when it may be started."""
        return self.valid_until or self.issued_at + VALID

    @property
    def size(self) -> int:
        """The bytes that a wipe has to write and read back."""
        return self.whole_bytes or self.drive.bytes

    @property
    def offline(self) -> bool:
        """Whether it was carried to a bench without network."""
        return self.valid_until is not None


def order_wipe(
    session: Session,
    bench: BenchSession,
    drive: Drive,
    *,
    by: Person,
    at: datetime,
    agreed: Set[str] = frozenset(),
) -> WipeJob:
    """Ask an adopted session to wipe one of its machine's drives, by the best technique the drive offers.

    `agreed`: what this person agrees to first (`plan.Before`), as far as the drive offers it.
    Raises `NotAllowed`, `SessionOver`, `OutOfBench`, `DriveNotThere`, `NotWipeable`, `JobRunning`.
    """
    machine = adopted_machine(session, bench, at)
    require(by, "bench.wipe", machine.workshop, at=at)
    lock(session, machine)
    if machine.state not in AT_BENCH:
        raise OutOfBench(tag=machine.tag, state=machine.state)
    require_inside(session, machine, drive)
    planned = plan_of(drive, last_inventory(session, machine), agreed)
    if planned.refusal:
        raise NotWipeable(tag=machine.tag, why=planned.refusal, drive=f"…{drive.serial[-4:]}")
    job = new_job(session, bench, machine, drive, Kind.WIPE, at)
    job.key, job.technique = secrets.token_bytes(32), planned.technique
    job.prepare, job.whole_bytes = " ".join(sorted(agreed & set(planned.offers))), planned.whole_bytes
    drive.whole_bytes = planned.whole_bytes or drive.whole_bytes
    session.flush()
    record(
        session,
        machine,
        Note.WIPE_ORDERED,
        by=by,
        at=at,
        drive=drive.id,
        job=job.uuid,
        technique=job.technique,
        prepare=job.prepare.split() or None,
    )
    return job


def latest_proof(session: Session, drive: Drive) -> Sanitisation | None:
    """The judgement by which a drive counts as sanitised now."""
    return session.scalar(
        select(Sanitisation)
        .where(
            Sanitisation.drive_id == drive.id,
            Sanitisation.generation == drive.generation,
            Sanitisation.verdict == "PASS",
        )
        .order_by(Sanitisation.id.desc())
        .limit(1)
    )


def signed(job: WipeJob, key: SigningKey) -> str:
    """The job as its session receives it: a JWS."""
    payload: dict[str, Any] = {
        "typ": TYP,
        "job": job.uuid,
        "kind": job.kind,
        "session": job.bench.uuid,
        "tag": job.machine.tag,
        "serial": job.drive.serial,
        "wwn": job.drive.wwn,
        "bytes": job.drive.bytes,
        "nonce": job.nonce,
        "seq": 1,
        "technique": job.technique if job.kind == Kind.WIPE else "read-drawn-sectors",
        "test": job.bench.test,
        "issued": instant(job.issued_at),
        "expires": instant(job.expires_at),
    }
    if job.kind == Kind.WIPE and job.key is not None:
        payload |= {"key": b64url(job.key), "prepare": job.prepare.split(), "whole_bytes": job.whole_bytes}
    if job.kind == Kind.CHECK:
        payload["challenge"] = json.loads(job.challenge)
    return sign(payload, key, TYP)


def open_jobs(session: Session, bench: BenchSession, *, at: datetime) -> list[WipeJob]:
    """The jobs this session may start now: none unless a person answers for it."""
    if not bench.adopted(at):
        return []
    query = select(WipeJob).where(WipeJob.bench_session_id == bench.id, WipeJob.phase == Phase.OPEN)
    return [job for job in session.scalars(query.order_by(WipeJob.id)) if at < job.expires_at]


def running_in(session: Session, machine: Machine) -> list[WipeJob]:
    """The jobs under way in a machine."""
    query = select(WipeJob).where(WipeJob.machine_id == machine.id, WipeJob.phase.in_(RUNNING))
    return list(session.scalars(query.order_by(WipeJob.id)))


def adopted_machine(session: Session, bench: BenchSession, at: datetime) -> Machine:
    """The machine of an adopted session, which is held until this transaction ends. Raises `SessionOver`."""
    session.refresh(bench, with_for_update=HOLD)
    if not bench.adopted(at) or bench.machine is None:
        raise SessionOver()
    return bench.machine


def require_inside(session: Session, machine: Machine, drive: Drive) -> None:
    """Raise `DriveNotThere` unless this drive was seen in this machine and not taken out."""
    if drive.id not in {sighting.drive_id for sighting in open_sightings(session, machine)}:
        raise DriveNotThere()


def new_job(session: Session, bench: BenchSession, machine: Machine, drive: Drive, kind: Kind, at: datetime) -> WipeJob:
    """A job on a drive that has none under way. Raises `JobRunning`."""
    session.refresh(drive, with_for_update=True)
    if session.scalar(select(WipeJob.id).where(WipeJob.drive_id == drive.id, WipeJob.phase.in_(RUNNING))):
        raise JobRunning()
    job = WipeJob(
        uuid=str(uuid4()),
        kind=kind,
        bench=bench,
        machine=machine,
        drive=drive,
        generation=drive.generation,
        technique=Technique.OVERWRITE,
        errors=0,
        prepare="",
        nonce=b64url(secrets.token_bytes(32)),
        phase=Phase.OPEN,
        done_bytes=0,
        progress_seq=0,
        issued_at=at,
    )
    session.add(job)
    return job
