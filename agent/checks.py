"""Proving what is on a drive: a counter-check the server asks for, and the challenge that follows a commit."""

import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from agent.encoding import canonical, new_uuid
from agent.jobs import TECHNIQUE, BadJob, Challenge, Job, read_challenge
from agent.ledger import Ledger
from agent.outbox import Outbox
from agent.parsers.reading import at, text, whole
from agent.progress import Progress
from agent.sanitise.challenge import UNREADABLE, answers
from agent.sanitise.commit import Outcome
from agent.sanitise.drive import find, opened
from agent.sanitise.refusal import DriveRefused
from agent.server import Server
from agent.wording import say


def check(
    job: Job, serials: Mapping[str, str], server: Server, outbox: Outbox, ledger: Ledger, *, late: bool
) -> Outcome:
    """Do a check job: read the challenged chunks, save the answers. Nothing is written to the drive.

    A refusal is told by progress. Cut short, a check can be done again: it is noted only when it is over.
    """
    told = Progress(server, job, threading.Event(), lambda: None)
    try:
        if late or job.challenge is None:
            raise DriveRefused("expired" if late else "bad-challenge")
        read = read_chunks(job, job.challenge, serials, told)
    except DriveRefused as refused:
        told.close()
        outbox.put(f"/jobs/{job.job}/progress", canonical(told.last_word("refused", refused.code)))
        ledger.reported(job.job)
        say("job-refused", serial=job.serial, reason=refused.code)
        return "refused"
    told.close()
    outbox.put(f"/jobs/{job.job}/answers", canonical(answered(job.job, read)))
    ledger.reported(job.job)
    say("job-read", serial=job.serial)
    return "completed" if UNREADABLE not in read else "failed"


def read_chunks(job: Job, challenge: Challenge, serials: Mapping[str, str], told: Progress | None) -> list[str]:
    """Open the job's drive for reading, with every check of a wipe, and answer. Raise DriveRefused."""
    found = find(job, serials)
    with opened(job, found, serials, write=False) as drive:
        if told:
            told.confirm(drive.identity.bytes)
        drive.refuse_changed()
        return answers(drive, challenge)


def answer_commit(
    body: Mapping[str, Any], told: object, session: str, serials: Mapping[str, str]
) -> dict[str, object] | None:
    """The answers to the challenge that came back for the commit `body`; None when it is no challenge.

    A drive that is not there any more, or not the same, answers nothing: every answer is the unreadable one.
    """
    try:
        job = commit_job(body, told, session)
    except BadJob as bad:
        say("bad-job", why=bad)
        return None
    challenge = challenge_of(job)
    try:
        read = read_chunks(job, challenge, serials, None)
    except DriveRefused as refused:
        say("job-refused", serial=job.serial, reason=refused.code)
        read = [UNREADABLE] * len(challenge.offsets)
    return answered(job.job, read)


def commit_job(body: Mapping[str, Any], told: object, session: str) -> Job:
    """The challenge that came back for the commit `body`, as a job that reads its drive. Raise BadJob."""
    return Job(
        job=str(body["job"]),
        kind="check",
        session=session,
        tag=None,
        serial=str(at(body, "identity", "serial")),
        wwn=text(at(body, "identity", "wwn")),
        size=whole(at(body, "identity", "bytes")) or 0,
        nonce=str(body["nonce"]),
        seq=whole(body.get("seq")) or 0,
        technique=TECHNIQUE,
        test=body.get("test") is True,
        issued=datetime.now(UTC),
        expires=datetime.now(UTC),
        challenge=read_challenge(told),
    )


def challenge_of(job: Job) -> Challenge:
    """The challenge of a job that has one."""
    assert job.challenge is not None
    return job.challenge


def answered(job: str, read: list[str]) -> dict[str, object]:
    """The body of `POST /jobs/{job}/answers`."""
    return {"uuid": new_uuid(), "job": job, "answers": read, "monotonic_ms": time.monotonic_ns() // 1_000_000}


def show_verdict(said: Mapping[str, Any]) -> None:
    """Tell the person at the bench what the server judged, if it did."""
    verdict = said.get("verdict")
    reasons = said.get("reasons")
    if verdict in ("PASS", "FAIL", "UNKNOWN", "UNHANDLED"):
        listed = ", ".join(map(str, reasons)) if isinstance(reasons, list) else ""
        say(f"verdict-{verdict}", reasons=listed, certificate=said.get("certificate") or "?")
