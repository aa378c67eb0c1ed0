"""One wipe job from confirmation to commit. Whatever happens is a fact of the commit, never an exception."""

import os
import threading
from collections.abc import Mapping
from typing import Protocol

from agent.encoding import instant, packed
from agent.jobs import TECHNIQUE, Job
from agent.parsers import smartctl
from agent.programs import ProgramFailed, run
from agent.sanitise.areas import erase_areas
from agent.sanitise.asking import Tools
from agent.sanitise.commit import Facts
from agent.sanitise.drive import Drive, find, opened
from agent.sanitise.erasure import Erasure
from agent.sanitise.firmware import TECHNIQUES, erase
from agent.sanitise.overwrite import Stopped, overwrite
from agent.sanitise.pipeline import BLOCK
from agent.sanitise.preparing import REVEAL, Prepared, reveal
from agent.sanitise.read_back import read_back
from agent.sanitise.refusal import DriveRefused
from agent.sanitise.transfer import DriveGone


class Teller(Protocol):
    """Who is told how a job goes."""

    def confirm(self, total: int) -> None:
        """The drive is the job's and will be written to next. Returns when the server had its chance to cancel."""

    def progress(self, phase: str, done: int, errors: int) -> None:
        """A pass is at `done` bytes. Never waits."""


def wipe(
    job: Job,
    facts: Facts,
    test_serials: Mapping[str, str],
    teller: Teller,
    stop: threading.Event,
    *,
    tools: Tools | None = None,
) -> None:
    """Find the drive of `job`, check it, show what it hides and have its firmware erase it where the job says so, write it, read it back.

    `facts` hold what happened, refusal and failure too.
    """
    try:
        if job.technique not in (TECHNIQUE, *TECHNIQUES) or job.key is None:
            raise DriveRefused("unknown-technique", job.technique)
        found = find(job, test_serials)
        facts.identity = found
        with opened(job, found, test_serials, write=True) as drive:
            facts.identity = drive.identity
            facts.commands.append(f"open {drive.identity.path} O_RDWR|O_DIRECT|O_EXCL")
            if not job.test:
                facts.smart_before = smart(drive.identity.path)
            teller.confirm(job.whole if REVEAL in job.prepare and job.whole else drive.identity.bytes)
            if stop.is_set():
                raise Stopped
            drive.refuse_changed()
            facts.started_at = instant()
            tools = tools or Tools()
            if REVEAL in job.prepare and job.whole is not None:
                facts.prepared.append(Prepared(REVEAL))
                drive = reveal(drive, job.whole, facts.prepared[-1], tools)
                facts.identity = drive.identity
            if job.technique in TECHNIQUES:
                by_firmware(drive, job, facts, teller, stop, tools)
                drive.refuse_changed()
            both_passes(drive, job.key, facts, teller, stop)
            if drive.identity.transport == "mmc":
                facts.areas = []
                erase_areas(drive, job.key, facts.areas, tools)
                facts.commands += [f"overwrite {area.name}" for area in facts.areas if area.written]
            if not job.test:
                facts.smart_after = smart(drive.identity.path)
    except DriveRefused as refused:
        facts.outcome = "refused" if facts.firmware is None else "failed"
        facts.reason, facts.message = refused.code, refused.detail or None
    except Stopped:
        facts.outcome, facts.reason = "aborted", "stopped"
    except DriveGone as gone:
        facts.outcome, facts.errno, facts.reason, facts.message = "failed", gone.errno, gone.what, str(gone)
    except OSError as failed:
        facts.outcome, facts.errno, facts.message = "failed", failed.errno, os.strerror(failed.errno or 0)
        facts.reason = facts.reason or "input-output"


def by_firmware(drive: Drive, job: Job, facts: Facts, teller: Teller, stop: threading.Event, tools: Tools) -> None:
    """Ask the drive to erase itself, whatever comes of it; the overwrite follows unless the drive cannot take one."""
    told = facts.firmware = Erasure(job.technique)
    total = drive.identity.bytes
    teller.progress("erasing", 0, 0)
    try:
        erase(
            drive,
            told,
            watch=lambda percent: teller.progress("erasing", total * min(percent, 100) // 100, 0),
            stop=stop,
            tools=tools,
        )
    finally:
        facts.commands += [str(step["command"]) for step in told.steps]


def both_passes(drive: Drive, key: bytes, facts: Facts, teller: Teller, stop: threading.Event) -> None:
    """Write and flush, then read back. A drive that will not flush is read all the same, and failed."""
    facts.commands.append(f"pwrite {BLOCK} bytes at a time, keystream {TECHNIQUE} from 0; fsync; ioctl BLKFLSBUF")
    unflushed = None
    try:
        overwrite(
            drive,
            key,
            facts.written,
            facts.skipped,
            watch=lambda done, errors: teller.progress("writing", done, errors),
            stop=stop,
        )
    except OSError as failed:
        unflushed = failed
        facts.reason = "flush"
    facts.commands.append(f"preadv {BLOCK} bytes at a time, compared with the keystream, from 0")
    read_back(
        drive,
        key,
        facts.seen,
        watch=lambda done, errors: teller.progress("reading", done, facts.written.failed + errors),
        stop=stop,
    )
    if unflushed:
        raise unflushed


def smart(path: str) -> str | None:
    """What smartctl says of a drive, packed; None when it says nothing."""
    try:
        return packed(run(("smartctl", "--json", "-x", path), accept=smartctl.STATUSES).out)
    except ProgramFailed:
        return None
