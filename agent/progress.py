"""Tell the server, and the terminal, how a job goes, without the drive ever waiting for the network."""

import dataclasses
import threading
import time
from collections.abc import Callable

from agent.encoding import canonical, new_uuid
from agent.jobs import Job
from agent.server import Refused, Server, Unreachable
from agent.wording import say

EVERY_S = 2.0
"""Between two progress messages of a job."""

SHORT_TIMEOUT_S = 5.0
"""Progress is best effort: a server that takes longer is told later."""


class Progress:
    """The progress of one job. A thread sends the latest news; an answer that says cancel sets `stop`."""

    def __init__(self, server: Server, job: Job, stop: threading.Event, keep: Callable[[], None]) -> None:
        """`keep` is called about every two seconds, from the same thread, to save where the job is."""
        self.server = dataclasses.replace(server, timeout_s=min(SHORT_TIMEOUT_S, server.timeout_s))
        self.job, self.stop, self.keep = job, stop, keep
        self.cancelled = False
        self.total = job.size
        self.sequence = 0
        self.latest: tuple[str, int, int] | None = None
        self.changed = threading.Event()
        self.closing = threading.Event()
        self.thread = threading.Thread(target=self._run, name=f"progress {job.job}", daemon=True)

    def confirm(self, total: int) -> None:
        """The drive is the right one. The server's answer is waited for: it can still say cancel."""
        self.total = total
        say("confirmed", serial=self.job.serial)
        self._tell("confirmed", 0, 0)
        self.thread.start()

    def progress(self, phase: str, done: int, errors: int) -> None:
        """Note where a pass is; a change of phase is told at once."""
        new_phase = self.latest is None or self.latest[0] != phase
        self.latest = (phase, done, errors)
        if new_phase:
            self.changed.set()

    def close(self) -> None:
        """Tell where the job ended, and stop telling."""
        self.closing.set()
        self.changed.set()
        if self.thread.is_alive():
            self.thread.join()

    def last_word(self, phase: str, reason: str | None) -> dict[str, object]:
        """The message that ends a job that did not run to its end; it is sent after the job's commit, if it has one."""
        _, done, errors = self.latest or ("", 0, 0)
        return self._news(phase, done, errors, reason)

    def _run(self) -> None:
        told = None
        while told != self.latest or not self.closing.is_set():
            if not self.closing.is_set():
                self.changed.wait(EVERY_S)
                self.changed.clear()
                self.keep()
            latest = self.latest
            if latest is not None and latest != told:
                told = latest
                say(latest[0], serial=self.job.serial, percent=100 * latest[1] // max(1, self.total))
                self._tell(*latest)

    def _news(self, phase: str, done: int, errors: int, reason: str | None) -> dict[str, object]:
        self.sequence += 1
        return {
            "uuid": new_uuid(),
            "job": self.job.job,
            "seq": self.sequence,
            "phase": phase,
            "bytes": done,
            "total": self.total,
            "monotonic_ms": time.monotonic_ns() // 1_000_000,
            "errors": errors,
            "reason": reason,
        }

    def _tell(self, phase: str, done: int, errors: int) -> None:
        try:
            news = self._news(phase, done, errors, None)
            answer = self.server.post(f"/jobs/{self.job.job}/progress", canonical(news))
        except (Refused, Unreachable):
            return
        if answer.body.get("cancel") is True:
            self.cancelled = True
            self.stop.set()
