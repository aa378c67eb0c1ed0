"""A job under way: the news of it, and a person who stops it. Late or repeated news changes nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from ordi.bench.jobs import RUNNING, Phase, WipeJob
from ordi.machines.journal import record
from ordi.machines.lifecycle import Note
from ordi.parties.access import require
from ordi.parties.people import Person


def progress(
    session: Session,
    job: WipeJob,
    *,
    seq: int,
    phase: Phase,
    done: int,
    reason: str | None,
    at: datetime,
    errors: int = 0,
) -> bool:
    """Note how far a job has come; late or repeated news changes nothing. Returns whether it should stop."""
    session.refresh(job, with_for_update=True)
    if job.phase in RUNNING and job.phase != Phase.COMMITTED and seq > job.progress_seq:
        if job.phase != phase:
            job.phase_at = at
        job.progress_seq, job.phase, job.done_bytes, job.heard_at, job.errors = seq, phase, done, at, errors
        job.reason = (reason or "")[:120]
        job.started_at = job.started_at or (at if phase != Phase.OPEN else None)
        session.flush()
    return job.cancel_asked


def cancel(session: Session, job: WipeJob, *, by: Person, at: datetime) -> None:
    """Ask for a job to stop: one not started ends at once, one under way ends with its own report. Both are written down."""
    require(by, "bench.wipe", job.machine.workshop, at=at)
    session.refresh(job, with_for_update=True)
    if job.cancel_asked or job.phase not in RUNNING:
        return
    job.cancel_asked = True
    if job.phase == Phase.OPEN:
        job.phase, job.reason = Phase.CANCELLED, "before-start"
    session.flush()
    write_stop(session, job, job.reason if job.phase == Phase.CANCELLED else "asked", by=by, at=at)


def write_stop(session: Session, job: WipeJob, how: str, *, by: Person, at: datetime) -> None:
    """Put into the machine's history that a person stopped a job: `how` is before-start, asked or given-up."""
    record(session, job.machine, Note.WIPE_STOPPED, by=by, at=at, drive=job.drive_id, job=job.uuid, how=how)
