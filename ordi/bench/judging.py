"""From a bench's report to a judgement: the commit is stored first, then matched to its job, challenged, judged, written down.

TRUST.md steps 5 to 8. A failed or doubtful wipe is recorded evidence, never an exception that rolls back.
"""

from __future__ import annotations

import hmac
import json
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ordi.bench.challenge import CHALLENGED, CHUNK, asked, draw, right
from ordi.bench.counter_checks import write_check
from ordi.bench.draws import draw_for_audit
from ordi.bench.facts import WipeFacts
from ordi.bench.jobs import ENDED_BY_A_PERSON, RUNNING, Kind, NoSuchJob, Phase, WipeJob
from ordi.bench.sessions import BenchSession
from ordi.bench.under_way import write_stop
from ordi.bench.verdict import Assurance, Drawn, Judgement, Level, Verdict, judge
from ordi.canonical import canonical
from ordi.database import Base
from ordi.errors import Refused
from ordi.machines.drive import Sanitisation, Standing
from ordi.machines.gate import clean_drives
from ordi.machines.inventory import reveal
from ordi.machines.journal import lock, permitted, record
from ordi.machines.lifecycle import STEPS, Action, Note
from ordi.machines.machine import Machine
from ordi.parties.access import require
from ordi.parties.people import Person

ANSWERED_WITHIN = timedelta(hours=24)
"""How long a report waits for the answers to its challenge: a bench out of reach overnight comes back in the morning."""


class WipeCommit(Base):
    """A report as it came, kept whatever becomes of it."""

    __tablename__ = "wipe_commits"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(String(36), unique=True)
    job_uuid: Mapped[str] = mapped_column(String(36), index=True)
    source: Mapped[str] = mapped_column(String(64))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    """The request's bytes, compressed."""
    received_at: Mapped[datetime]
    verdict: Mapped[str] = mapped_column(String(10), default="")
    reasons: Mapped[str] = mapped_column(String(400), default="")
    sanitisation_id: Mapped[int | None] = mapped_column(ForeignKey("sanitisations.id"))


@dataclass(frozen=True)
class Outcome:
    """What a report led to so far: a challenge to answer, or a verdict."""

    commit: WipeCommit | None
    challenge: dict[str, Any] | None
    judgement: Judgement | None
    proof: Sanitisation | None = None


def commit(
    session: Session, facts: WipeFacts, body: bytes, *, source: str, bench: BenchSession | None, at: datetime
) -> Outcome:
    """Take a wipe's report. With an adopted session and its open, unused job for exactly this drive: a challenge; else a verdict."""
    known = session.scalar(select(WipeCommit).where(WipeCommit.uuid == facts.uuid))
    if known:
        return _again(session, known)
    kept = WipeCommit(uuid=facts.uuid, job_uuid=facts.job[:36], source=source, body=zlib.compress(body), received_at=at)
    session.add(kept)
    session.flush()
    job = session.scalar(select(WipeJob).where(WipeJob.uuid == facts.job)) if bench else None
    if job is not None:
        session.refresh(job, with_for_update=True)
    if job is None or bench is None or job.bench_session_id != bench.id or job.kind != Kind.WIPE:
        return _end(session, kept, _unknown("no-job"))
    doubts = tuple(_mismatches(session, facts, job, at))
    if doubts == ("job-used",):
        return _end(session, kept, _unknown(*doubts))
    if doubts:
        return _judged(session, kept, job, facts, _unknown(*doubts), at)
    if job.whole_bytes == facts.identity.bytes != job.drive.bytes:
        lock(session, job.machine)
        session.refresh(job.drive, with_for_update=True)
        reveal(session, job.machine, job.drive, at=at)
    if facts.raw_status.outcome != "completed":
        return _judged(session, kept, job, facts, _judge(job, facts, None, kept.received_at), at)
    job.phase, job.heard_at, job.done_bytes = Phase.COMMITTED, at, facts.read.bytes
    job.challenge = json.dumps(draw(job.drive.bytes, CHALLENGED, CHUNK))
    session.flush()
    return Outcome(kept, json.loads(job.challenge), None)


def answer(session: Session, bench: BenchSession, job_uuid: str, answers: list[str], *, at: datetime) -> Outcome:
    """Take the answers to a challenge: judge the wipe, or write down the counter-check. Raises `NoSuchJob`."""
    job = session.scalar(
        select(WipeJob).where(WipeJob.uuid == job_uuid, WipeJob.bench_session_id == bench.id).with_for_update()
    )
    if job is None or not job.challenge:
        raise NoSuchJob()
    if job.kind == Kind.CHECK:
        proof, told = write_check(session, job, answers, at=at)
        return Outcome(None, None, told, proof)
    challenged = or_(WipeCommit.verdict == "", WipeCommit.sanitisation_id.is_not(None))
    kept = session.scalar(select(WipeCommit).where(WipeCommit.job_uuid == job.uuid, challenged))
    if kept is None:
        raise NoSuchJob()
    if job.phase != Phase.COMMITTED:
        return _again(session, kept)
    facts = commit_facts(kept)
    drawn = Drawn(asked(job.challenge), right(job.challenge, answers, job.key or b"", job.drive.bytes))
    return _judged(session, kept, job, facts, _judge(job, facts, drawn, kept.received_at), at)


def commit_facts(kept: WipeCommit) -> WipeFacts:
    """What a stored report says."""
    return WipeFacts.model_validate_json(zlib.decompress(kept.body))


def give_up(session: Session, job: WipeJob, *, by: Person, at: datetime) -> None:
    """End a job nobody hears of any more (the machine was switched off): the drive still holds data.

    A report that waits for its answers is judged without them.
    """
    require(by, "bench.wipe", job.machine.workshop, at=at)
    session.refresh(job, with_for_update=True)
    if job.phase == Phase.COMMITTED:
        _unanswered(session, job, at)
    elif job.phase in RUNNING:
        job.phase, job.reason, job.cancel_asked = Phase.FAILED, "given-up", True
        session.flush()
        write_stop(session, job, "given-up", by=by, at=at)


def judge_unanswered(session: Session, *, at: datetime) -> int:
    """Judge every report that has waited too long for the answers to its challenge; return how many."""
    over = or_(WipeJob.valid_until.is_(None), WipeJob.valid_until < at)  # a stick's drive has as long as the stick
    late = select(WipeJob).where(WipeJob.phase == Phase.COMMITTED, WipeJob.heard_at < at - ANSWERED_WITHIN, over)
    jobs = session.scalars(late.order_by(WipeJob.id).with_for_update()).all()
    for job in jobs:
        _unanswered(session, job, at)
    return len(jobs)


def _unanswered(session: Session, job: WipeJob, at: datetime) -> Outcome:
    """Judge a commit whose challenge nobody answered: UNKNOWN at best."""
    kept = session.scalars(select(WipeCommit).where(WipeCommit.job_uuid == job.uuid, WipeCommit.verdict == "")).one()
    facts = commit_facts(kept)
    return _judged(session, kept, job, facts, _judge(job, facts, None, kept.received_at), at)


def _judge(job: WipeJob, facts: WipeFacts, drawn: Drawn | None, received_at: datetime) -> Judgement:
    waited = int((received_at - job.issued_at).total_seconds() * 1000)
    return judge(
        facts,
        size=job.size,
        medium=job.drive.medium,
        technique=job.technique,
        drawn=drawn,
        since_order_ms=waited,
        test=job.bench.test,
    )


def _mismatches(session: Session, facts: WipeFacts, job: WipeJob, at: datetime) -> list[str]:
    """In what a report does not fit the job it names."""
    seen = facts.identity
    judged = session.scalar(select(Sanitisation.id).where(Sanitisation.job_uuid == job.uuid))
    if judged or job.phase == Phase.COMMITTED or job.reason in ENDED_BY_A_PERSON:
        return ["job-used"]
    told = [
        ("status-contradicts", job.phase not in RUNNING and facts.raw_status.outcome == "completed"),
        ("not-adopted", job.bench.adopter_id is None or job.bench.ended_at is not None),
        ("started-late", job.started_at is None and at > job.expires_at),
        ("wrong-nonce", not hmac.compare_digest(facts.nonce, job.nonce)),
        ("another-drive", seen.serial != job.drive.serial or seen.bytes not in (job.drive.bytes, job.whole_bytes)),
        ("another-wwn", job.drive.wwn is not None and seen.wwn != job.drive.wwn),
        ("another-technique", facts.technique != job.technique),
        ("test-contradicts", facts.test != job.bench.test),
        ("drive-filled-since", job.generation != job.drive.generation),
    ]
    if facts.raw_status.outcome == "refused":
        told = [one for one in told if one[0] not in ("another-drive", "another-wwn")]
    return [code for code, holds in told if holds]


def _judged(
    session: Session, kept: WipeCommit, job: WipeJob, facts: WipeFacts, judgement: Judgement, at: datetime
) -> Outcome:
    """Write a judgement down: the record, the drive's standing, the machine's history and, when all is proved, its state."""
    machine, drive, wiper = job.machine, job.drive, job.bench.adopter
    lock(session, machine)
    session.refresh(drive, with_for_update=True)
    if judgement.verdict == Verdict.PASS and job.generation != drive.generation:
        judgement = _unknown("drive-filled-since")
    proof = Sanitisation(
        uuid=kept.uuid,
        job_uuid=job.uuid,
        machine=machine,
        drive=drive,
        generation=job.generation,
        verdict=judgement.verdict,
        reasons=" ".join(judgement.reasons)[:400],
        technique=job.technique,
        level=judgement.level,
        assurance=_assurance(job, judgement),
        offline=job.offline,
        wiper_id=wiper.id if wiper else None,
        facts=canonical(facts.model_dump(mode="json", exclude={"smart_before", "smart_after"})),
        test=job.bench.test,
        demonstration=drive.demonstration,
        judged_at=at,
    )
    session.add(proof)
    session.flush()
    kept.verdict, kept.reasons, kept.sanitisation_id = judgement.verdict, proof.reasons, proof.id
    refused = facts.raw_status.outcome == "refused"
    job.phase = Phase.REFUSED if refused else Phase.JUDGED
    if judgement.verdict == Verdict.PASS and drive.standing != Standing.DESTROYED:
        drive.standing = Standing.SANITISED
    session.flush()
    record(
        session,
        machine,
        Note.WIPE_JUDGED,
        by=wiper,
        at=at,
        drive=drive.id,
        verdict=judgement.verdict,
        reasons=list(judgement.reasons),
        bytes=facts.read.bytes,
        level=judgement.level,
        sanitisation=proof.uuid,
        test=proof.test or None,
    )
    draw_for_audit(session, proof, at=at)
    advance(session, machine, by=wiper, at=at)
    return Outcome(kept, None, judgement, proof)


def _assurance(job: WipeJob, judgement: Judgement) -> Assurance:
    """A stick's report that no drive stood up for is a claim: it was read nowhere but on the stick."""
    claimed = job.offline and "challenge-unanswered" in judgement.reasons
    return Assurance.DECLARED if claimed else Assurance.EXECUTED


def advance(session: Session, machine: Machine, *, by: Person | None, at: datetime) -> None:
    """Move a kept machine on as soon as every drive of it is proven clean: by whoever did it, if their role still covers it."""
    if machine.state not in STEPS[Action.SANITISE].sources or machine.triage != "keep":
        return
    try:
        clean_drives(session, machine)
    except Refused:
        return
    covered = by is not None and permitted(machine, Action.SANITISE, by, at=at)
    record(session, machine, Action.SANITISE, by=by if covered else None, at=at)


def _unknown(*reasons: str) -> Judgement:
    return Judgement(Verdict.UNKNOWN, reasons, Level.NONE)


def _end(session: Session, kept: WipeCommit, judgement: Judgement) -> Outcome:
    kept.verdict, kept.reasons = judgement.verdict, " ".join(judgement.reasons)[:400]
    session.flush()
    return Outcome(kept, None, judgement)


def _again(session: Session, kept: WipeCommit) -> Outcome:
    """The first answer, once more."""
    if kept.verdict:
        proof = session.get(Sanitisation, kept.sanitisation_id) if kept.sanitisation_id else None
        told = Judgement(
            Verdict(kept.verdict), tuple(kept.reasons.split()), Level(proof.level) if proof else Level.NONE
        )
        return Outcome(kept, None, told, proof)
    job = session.scalars(select(WipeJob).where(WipeJob.uuid == kept.job_uuid)).one()
    return Outcome(kept, json.loads(job.challenge), None)
