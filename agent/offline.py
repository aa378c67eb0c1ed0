"""Wiping from a stick, without a server; and sending, once there is a network, what the stick brought back.

Everything that protects a drive holds as at a bench: the job's signature by a key this system already knew, the identity on the open
descriptor, one use. What is missing is said on the record: hors ligne.
"""

import dataclasses
import json
import os
import threading
import time
from argparse import Namespace
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from agent import checks
from agent.bench import Bench
from agent.config import Config
from agent.encoding import canonical, clock_is_plausible
from agent.jobs import BadJob, Job, public_keys, read_job
from agent.ledger import Ledger
from agent.running import DONE, LATER, NOT_ALL_DONE, REFUSED, USAGE, alone, asked_to_stop
from agent.sanitise.drive import find
from agent.sanitise.refusal import DriveRefused
from agent.server import Answer, Refused, Server, Unreachable
from agent.session import ADOPTED, Session
from agent.signing import DurableCounter, Signer
from agent.stick import KEPT, BadStick, Stick, StickOutbox, read_stick
from agent.wording import say

POLL_S = 0.05


@dataclass
class NoNetwork(Server):
    """The server of a bench without network."""

    def send(self, method: str, path: str, body: bytes) -> Answer:
        """Nobody is there. Raise Unreachable."""
        raise Unreachable("hors ligne")


@dataclass
class StickSession(Session):
    """The session a stick stands for: its jobs are on it."""

    here: list[str] = field(default_factory=list)

    def refresh(self) -> None:
        """It was adopted when it was prepared."""

    def jobs(self) -> tuple[list[str], Answer]:
        """The jobs for drives that are here."""
        return self.here, Answer(200, {}, clock())


def clock() -> datetime | None:
    """This machine's clock where it can be right: without a server there is no other. The server looks again."""
    now = datetime.now(UTC)
    return now if clock_is_plausible(now) else None


def wipe(config: Config, file: Path, until: float | None) -> int:
    """Do the jobs of a stick whose drives are in this machine; return the status to end with."""
    if os.geteuid() != 0:
        say("not-root")
        return USAGE
    if config.server_keys is None:
        say("stick-no-keys")
        return USAGE
    try:
        stick = read_stick(file)
    except BadStick as bad:
        say("stick-bad", file=bad)
        return USAGE
    stopping = asked_to_stop()
    with alone(stick.directory, "bench"):
        kept = dataclasses.replace(config, bench_directory=stick.directory)
        return wipe_here(kept, stick, stopping, until)


def wipe_here(config: Config, stick: Stick, stopping: threading.Event, until: float | None) -> int:
    """The same, alone with the stick."""
    keys = public_keys(config.server_keys)
    session = StickSession(
        uuid=stick.uuid,
        server=NoNetwork(stick.server),
        pictograms=(),
        adopt_url="",
        keys=keys,
        state=ADOPTED,
        poll_after_s=POLL_S,
    )
    session.here = wanted(config, stick, session)
    outbox = StickOutbox(stick.directory / "outbox", kept=KEPT, stick=stick)
    bench = Bench(config, session, outbox, stopping)
    cut_short = bench.ledger.cut_short()
    if not session.here and not cut_short:
        say("stick-nothing")
        return NOT_ALL_DONE
    for number, (job, report) in enumerate(cut_short):
        outbox.put("/sanitisations", canonical(report))
        bench.ledger.reported(job)
        say("job-aborted", serial=f"{number + 1}/{len(cut_short)}")
    if session.here:
        bench.work(once=True, until=until)
    say("stick-done", file=stick.reports_file.name)
    return NOT_ALL_DONE if cut_short or any(outcome != "completed" for outcome in bench.outcomes) else DONE


def wanted(config: Config, stick: Stick, session: Session) -> list[str]:
    """The jobs of a stick to do now: the server's, in time, never done, whose drive is in this machine."""
    ledger, serials, found = Ledger(stick.directory / "jobs"), serials_of(config), []
    for token in stick.tokens:
        try:
            job = read_job(token, session.keys, session=stick.uuid, test=config.test)
        except BadJob as bad:
            say("bad-job", why=bad)
            continue
        if ledger.knows(job.job):
            say("stick-used", serial=job.serial)
        elif job.expired(clock()):
            say("stick-expired", serial=job.serial)
        elif job.kind == "wipe" and is_here(job, serials):
            found.append(token)
    return found


def serials_of(config: Config) -> dict[str, str]:
    """The serials that test disks play under."""
    return {disk.name: disk.serial for disk in config.test_disks}


def is_here(job: Job, serials: dict[str, str]) -> bool:
    """Whether the drive a job names is in this machine: a job for another machine stays unused."""
    try:
        find(job, serials)
    except DriveRefused as refused:
        if refused.code != "no-such-drive":
            say("job-refused", serial=job.serial, reason=refused.code)
        return False
    return True


def send(config: Config, asked: Namespace) -> int:
    """Send what a stick brought back, and answer for the drives that are in this machine."""
    try:
        stick = read_stick(asked.file)
        bodies = list(stick.reports())
    except BadStick as bad:
        say("stick-bad", file=bad)
        return USAGE
    base = dataclasses.replace(config, server=config.server or stick.server).base_url()
    with alone(stick.directory, "bench"):
        server = Server(base, signer=Signer(stick.key, DurableCounter(stick.directory / "counter")))
        try:
            ends = [sent(server, config, stick, body) for body in bodies]
        except Unreachable as lost:
            say("kept-for-later", why=lost)
            return LATER
        except Refused as refusal:
            say("refused-by-server", code=refusal.code)
            return REFUSED
    return DONE if all(ends) else NOT_ALL_DONE


def sent(server: Server, config: Config, stick: Stick, body: bytes) -> bool:
    """Send one report and answer its challenge where the drive is; whether it came to its end. Raise Refused, Unreachable."""
    answer = server.post("/sanitisations", body).body
    if answer.get("challenge") is None:
        checks.show_verdict(answer)
        return answer.get("verdict") == "PASS"
    report = json.loads(body)
    job = checks.commit_job(report, answer["challenge"], stick.uuid)
    try:
        read = checks.read_chunks(job, checks.challenge_of(job), serials_of(config), None)
    except DriveRefused as refused:
        say("stick-drive-away", serial=job.serial, reason=refused.code)
        return False
    said = server.post(f"/jobs/{job.job}/answers", canonical(checks.answered(job.job, read))).body
    checks.show_verdict(said)
    return said.get("verdict") == "PASS"


def give_up_at(seconds: float | None) -> float | None:
    """When to stop, on the monotonic clock."""
    return None if seconds is None else time.monotonic() + seconds
