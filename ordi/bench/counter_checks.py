"""The second look at a wiped drive: another person, another start of the machine, sectors the server draws. Never the wiper.

TRUST.md step 8. That session never receives K, so only reading the drive can answer.
"""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.bench.audit_parts import is_part, take_part
from ordi.bench.certified import annul
from ordi.bench.challenge import CHECKED, SECTOR, asked, draw, right
from ordi.bench.contradictions import unproven
from ordi.bench.jobs import Kind, NoSuchJob, Phase, WipeJob, adopted_machine, latest_proof, new_job, require_inside
from ordi.bench.quarantines import quarantine
from ordi.bench.sessions import BenchSession
from ordi.bench.verdict import Assurance, Judgement, Level, Verdict
from ordi.errors import Refused
from ordi.machines.drive import CounterCheck, Drive, Sanitisation, Standing
from ordi.machines.journal import lock, record
from ordi.machines.lifecycle import Note
from ordi.parties.access import require
from ordi.parties.people import Person


class SameHands(Refused):
    """The person who wiped a drive does not check it."""

    code = "same-hands"


class SameBoot(Refused):
    """A counter-check needs another start of the machine than the wipe's."""

    code = "same-boot"


class NothingToCheck(Refused):
    """There is no proven wipe of this drive to check; a demonstration's is never countersigned."""

    code = "nothing-to-check"


def order_check(session: Session, bench: BenchSession, drive: Drive, *, by: Person, at: datetime) -> WipeJob:
    """Ask for a counter-check of a wiped drive: another person, another start of the machine, sectors the server draws.

    Raises `SameHands`, `SameBoot`, `NothingToCheck` and what `jobs.order_wipe` raises.
    """
    machine = adopted_machine(session, bench, at)
    require(by, "bench.counter-check", machine.workshop, at=at)
    lock(session, machine)
    require_inside(session, machine, drive)
    proof = latest_proof(session, drive)
    if proof is None or drive.standing != Standing.SANITISED or proof.demonstration:
        raise NothingToCheck()
    wipe = session.scalar(select(WipeJob).where(WipeJob.uuid == proof.job_uuid))
    if wipe is None:
        raise NothingToCheck()
    if wipe.bench_session_id == bench.id:
        raise SameBoot()
    if by.id in (proof.wiper_id, wipe.bench.adopter_id, wipe.prepared_by_id) or bench.adopter_id == proof.wiper_id:
        raise SameHands()
    job = new_job(session, bench, machine, drive, Kind.CHECK, at)
    job.sanitisation_id = proof.id
    job.challenge = json.dumps(draw(drive.bytes, CHECKED, SECTOR))
    session.flush()
    return job


def checks_of(session: Session, proof: Sanitisation) -> list[CounterCheck]:
    """The counter-checks made of one wipe."""
    query = select(CounterCheck).where(CounterCheck.sanitisation_id == proof.id).order_by(CounterCheck.id)
    return list(session.scalars(query))


def assurance_of(proof: Sanitisation, checks: list[CounterCheck], *, audited: bool = False) -> Assurance:
    """How sure one may be of a wipe now, with the checks made since; `audited`: a third person's agent read all of it."""
    if audited:
        return Assurance.AUDITED
    if any(check.matched == check.sectors for check in checks):
        return Assurance.COUNTER_CHECKED
    return Assurance(proof.assurance)


def write_check(
    session: Session, job: WipeJob, answers: list[str], *, at: datetime
) -> tuple[Sanitisation, Judgement | None]:
    """Write down what a counter-check, or a part of an audit, found; answers sent again change nothing.

    A difference closes the gate at once, and holds the lot. No judgement: an audit that is not complete. Raises `NoSuchJob` when
    nobody answers for the session.
    """
    if is_part(session, job):
        told = take_part(session, job, answers, at=at)
        return told.proof, _judged(told.proof, told.audit.matched, "audit-differs") if told.audit else None
    proof = session.get_one(Sanitisation, job.sanitisation_id)
    wipe = session.scalars(select(WipeJob).where(WipeJob.uuid == proof.job_uuid)).one()
    known = session.scalar(select(CounterCheck).where(CounterCheck.job_uuid == job.uuid))
    if known is None:
        checker = job.bench.adopter
        if checker is None:
            raise NoSuchJob()
        matched = right(job.challenge, answers, wipe.key or b"", job.drive.bytes)
        known = CounterCheck(
            sanitisation_id=proof.id,
            job_uuid=job.uuid,
            checker_id=checker.id,
            sectors=asked(job.challenge),
            matched=matched,
            at=at,
        )
        session.add(known)
        job.phase, job.heard_at = Phase.JUDGED, at
        session.flush()
        if matched < known.sectors:
            unproven(session, job.drive, "counter_check", at=at)
        record(
            session,
            job.machine,
            Note.COUNTER_CHECKED,
            by=checker,
            at=at,
            drive=job.drive_id,
            sectors=known.sectors,
            matched=matched,
            sanitisation=proof.uuid,
        )
        if matched < known.sectors:
            annul(session, proof, "counter_check", at=at)
            quarantine(session, proof, "counter_check", at=at)
    return proof, _judged(proof, known.matched == known.sectors, "counter-check-differs")


def _judged(proof: Sanitisation, matched: bool, reason: str) -> Judgement:
    if matched:
        return Judgement(Verdict.PASS, (), Level(proof.level))
    return Judgement(Verdict.FAIL, (reason,), Level.NONE)
