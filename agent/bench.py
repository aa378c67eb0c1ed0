"""The bench: a session, its jobs, several drives at once, and reports that arrive whatever the network does."""

import dataclasses
import json
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime

from agent import checks
from agent.awake import awake
from agent.config import Config
from agent.encoding import canonical, new_uuid
from agent.jobs import BadJob, Job, read_job
from agent.ledger import Ledger
from agent.outbox import BENCH_MOST_S, Outbox, Patience, Report, deliver
from agent.progress import Progress
from agent.sanitise.asking import Tools
from agent.sanitise.commit import Facts, Outcome, commit
from agent.sanitise.preparing import Prepared, wake
from agent.sanitise.wipe import wipe
from agent.server import Answer, Unreachable
from agent.session import ADOPTED, ENDED, Session
from agent.trials import open_page
from agent.wording import say

MOST_DRIVES = 8
"""Drives worked on at once: about 12 MiB of buffers each."""

LAST_PHASE: dict[Outcome, str] = {"failed": "failed", "aborted": "cancelled", "refused": "refused"}


class Bench:
    """One run of `ordi-agent wipe`."""

    def __init__(
        self, config: Config, session: Session, outbox: Outbox, stopping: threading.Event, *, tools: Tools | None = None
    ) -> None:
        self.tools = tools or Tools()
        self.config, self.session, self.outbox, self.stopping = config, session, outbox, stopping
        self.ledger = Ledger(config.bench_directory / "jobs")
        self.serials = {disk.name: disk.serial for disk in config.test_disks}
        self.pool = ThreadPoolExecutor(MOST_DRIVES, thread_name_prefix="drive")
        self.running: dict[str, Future[Outcome]] = {}
        self.stops: list[threading.Event] = []
        self.outcomes: list[Outcome] = []
        self.ignored: set[str] = set()
        self.idle = False
        self.next_poll = self.next_delivery = time.monotonic()
        self.poll_patience, self.delivery_patience = Patience(BENCH_MOST_S), Patience(BENCH_MOST_S)

    def work(self, *, once: bool, until: float | None) -> None:
        """Do jobs until asked to stop, the session ends, `until` (monotonic), or, with `once`, nothing is left to do.

        Raise Refused when the server will not have this session any more.
        """
        for job, cut_short in self.ledger.cut_short():
            self.outbox.put("/sanitisations", canonical(cut_short))
            self.ledger.reported(job)
        try:
            while not self.stopping.is_set() and (until is None or time.monotonic() < until):
                self.collect()
                self.deliver()
                self.poll()
                if self.finished(once):
                    return
                self.stopping.wait(self.pause())
        finally:
            self.shut_down()

    def finished(self, once: bool) -> bool:
        """Whether nothing runs, nothing waits to be sent, and nothing more is expected."""
        if self.running or self.outbox.waiting():
            return False
        return self.session.state == ENDED or (once and self.idle and bool(self.outcomes))

    def pause(self) -> float:
        """Seconds until something is due; short while drives are at work, since they end when they end."""
        due = min(self.next_poll, self.next_delivery) if self.outbox.waiting() else self.next_poll
        return max(0.02, min(due - time.monotonic(), 0.1 if self.running else 1.0))

    def collect(self) -> None:
        """Take the jobs that ended. A bug in one of them is raised here."""
        for job, future in list(self.running.items()):
            if future.done():
                del self.running[job]
                self.outcomes.append(future.result())
                self.next_poll = self.next_delivery = time.monotonic()

    def deliver(self) -> None:
        """Send what waits, if it is time to try."""
        if time.monotonic() < self.next_delivery:
            return
        try:
            while self.outbox.waiting():
                for refusal in deliver(self.outbox, self.session.server, self.answered):
                    say("refused-by-server", code=refusal.code)
            self.delivery_patience.succeeded()
        except Unreachable as lost:
            wait = self.delivery_patience.after(lost)
            self.next_delivery = time.monotonic() + wait
            say("unreachable", why=lost, seconds=round(wait))

    def answered(self, report: Report, answer: Answer) -> None:
        """What follows from the server's answer to a report: a challenge to answer, a verdict or a tag to show."""
        if report.path == "/evidence":
            say("evidence-sent", tag=answer.body.get("tag") or "?")
        if report.path == "/sanitisations" and answer.body.get("challenge") is not None:
            body = json.loads(report.body)
            said = checks.answer_commit(body, answer.body["challenge"], self.session.uuid, self.serials)
            if said is not None:
                self.outbox.put(f"/jobs/{body['job']}/answers", canonical(said))
        checks.show_verdict(answer.body)

    def poll(self) -> None:
        """Ask how the session stands and, once adopted, for jobs. Raise Refused."""
        if time.monotonic() < self.next_poll or self.session.state == ENDED:
            return
        before = self.session.state
        try:
            if before != ADOPTED:
                self.session.refresh()
            if self.session.state == ADOPTED:
                if before != ADOPTED:
                    say("adopted", tag=self.session.tag or "?")
                    if self.config.browser:
                        open_page(self.config.browser, self.session, self.config.base_url())
                tokens, answer = self.session.jobs()
                self.take_on(tokens, answer.at)
            self.poll_patience.succeeded()
            self.next_poll = time.monotonic() + self.session.poll_after_s
        except Unreachable as lost:
            wait = self.poll_patience.after(lost)
            self.next_poll = time.monotonic() + wait
            say("unreachable", why=lost, seconds=round(wait))
        if self.session.state == ENDED:
            say("ended")

    def take_on(self, tokens: list[str], server_clock: datetime | None) -> None:
        """Start every open job that is the server's, in time, and was never taken on before: after one sleep, if asked."""
        self.idle = True
        taken: list[tuple[Job, bool]] = []
        for token in tokens:
            if token in self.ignored:
                continue
            try:
                job = read_job(token, self.session.keys, session=self.session.uuid, test=self.config.test)
            except BadJob as bad:
                self.ignored.add(token)
                say("bad-job", why=bad)
                continue
            if job.job in self.running or self.ledger.knows(job.job):
                continue
            self.idle = False
            taken.append((job, job.expired(server_clock)))
        wipes = [job for job, late in taken if job.kind == "wipe" and not late]
        woken = wake(wipes, self.serials, self.tools, alone=not self.running)
        for job, late in taken:
            stop = threading.Event()
            self.stops.append(stop)
            self.running[job.job] = self.pool.submit(self.do, job, stop, late=late, woken=woken.get(job.job))

    def do(self, job: Job, stop: threading.Event, *, late: bool, woken: Prepared | None = None) -> Outcome:
        """Do one job, in a thread of its own, and save its report."""
        say(f"job-{job.kind}", serial=job.serial)
        if job.kind == "check":
            return checks.check(job, self.serials, self.session.server, self.outbox, self.ledger, late=late)
        facts, uuid = Facts(prepared=[woken] if woken else []), new_uuid()

        def keep() -> None:
            dead = dataclasses.replace(facts, outcome="aborted", reason="agent-died")
            self.ledger.started(job.job, commit(job, dead, uuid=uuid, image_sha256=self.config.image_sha256))

        keep()
        told = Progress(self.session.server, job, stop, keep)
        if late:
            facts.outcome, facts.reason = "refused", "expired"
        else:
            with awake() as lock:
                facts.commands += [lock] if lock else []
                wipe(job, facts, self.serials, told, stop, tools=self.tools)
        if facts.outcome == "aborted":
            facts.reason = "cancelled" if told.cancelled else "agent-stopped"
        told.close()
        report = commit(job, facts, uuid=uuid, image_sha256=self.config.image_sha256)
        self.outbox.put("/sanitisations", canonical(report))
        if facts.outcome in LAST_PHASE:
            last = told.last_word(LAST_PHASE[facts.outcome], facts.reason)
            self.outbox.put(f"/jobs/{job.job}/progress", canonical(last))
        self.ledger.reported(job.job)
        errors = facts.written.failed + facts.seen.tally.failed
        say(
            f"job-{facts.outcome}",
            serial=job.serial,
            reason=facts.reason,
            mismatches=facts.seen.mismatches,
            errors=errors,
        )
        return facts.outcome

    def shut_down(self) -> None:
        """Stop the drives at work, save their reports, and try once to send what waits."""
        for stop in self.stops:
            stop.set()
        self.pool.shutdown(wait=True)
        self.next_delivery = time.monotonic()
        self.deliver()
        self.collect()
