"""Reports waiting to be sent: on the disk before they are sent, sent once however often they are retried.

One file a report: a line of JSON that says where it goes, then the very bytes that will be sent.
"""

import json
import os
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from agent.encoding import canonical
from agent.files import flush_directory, remove, write_durably
from agent.server import Answer, Refused, Server, Unreachable

KEPT = 60
"""Two months of daily check-ins."""

BACKOFF_FIRST_S = 1.0
BACKOFF_MOST_S = 300.0
BENCH_MOST_S = 20.0
"""Exponential backoff with full jitter: anything between zero and a ceiling that doubles (AWS, "Backoff and Jitter").
At the bench somebody stands and waits: a lower ceiling."""


@dataclass(frozen=True)
class Report:
    """One saved report: the file, where it goes, and the bytes of its body."""

    file: Path
    path: str
    body: bytes


@dataclass
class Outbox:
    """The waiting reports of one directory, oldest first. Safe between threads of one process."""

    directory: Path
    kept: int = KEPT
    turn: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def put(self, path: str, body: bytes) -> Report:
        """Save a report for `POST path`; when more than `kept` wait, the oldest goes. Durable when this returns."""
        with self.turn:
            waiting = self._files()
            number = int(waiting[-1].name.partition("-")[0]) + 1 if waiting else 1
            number = max(number, time.time_ns() // 1_000_000)
            file = self.directory / f"{number:015d}-{os.getpid()}.report"
            write_durably(file, canonical({"path": path}) + b"\n" + body, mode=0o600)
            for old in waiting[: max(0, len(waiting) + 1 - self.kept)]:
                remove(old)
            return Report(file, path, body)

    def waiting(self) -> list[Report]:
        """Every saved report, oldest first. A damaged file is set aside under `damaged`, never sent."""
        reports = []
        for file in self._files():
            head, _, body = file.read_bytes().partition(b"\n")
            try:
                path = json.loads(head)["path"]
                if not isinstance(path, str) or not path.startswith("/"):
                    raise ValueError(path)
            except (ValueError, KeyError, TypeError):
                self._move(file, "damaged")
                continue
            reports.append(Report(file, path, body))
        return reports

    def sent(self, report: Report) -> None:
        """Forget a report the server has."""
        remove(report.file)

    def refused(self, report: Report, refusal: Refused) -> None:
        """Keep a report the server will never take, beside what it said. The newest `kept` of them stay."""
        kept = self._move(report.file, "refused")
        said = {"status": refusal.status, "problem": refusal.problem}
        write_durably(kept.with_suffix(".refusal"), canonical(said), mode=0o600)
        for old in sorted(kept.parent.glob("*.report"))[: -self.kept]:
            remove(old.with_suffix(".refusal"))
            remove(old)

    def _files(self) -> list[Path]:
        return sorted(self.directory.glob("*.report"))

    def _move(self, file: Path, where: str) -> Path:
        (self.directory / where).mkdir(mode=0o700, exist_ok=True)
        moved = file.rename(self.directory / where / file.name)
        flush_directory(self.directory)
        flush_directory(moved.parent)
        return moved


@dataclass
class Patience:
    """How long to wait before trying again."""

    most_s: float = BACKOFF_MOST_S
    failures: int = 0
    draw: Callable[[float, float], float] = random.uniform

    def after(self, failure: Unreachable) -> float:
        """Seconds to wait after one more failure: the server's wish, or full jitter under a doubling ceiling."""
        ceiling = min(self.most_s, BACKOFF_FIRST_S * 2 ** min(self.failures, 20))
        self.failures += 1
        drawn = self.draw(0, ceiling)
        return drawn if failure.retry_after_s is None else failure.retry_after_s + self.draw(0, BACKOFF_FIRST_S)

    def succeeded(self) -> None:
        """Start again from the shortest wait."""
        self.failures = 0


def deliver(
    outbox: Outbox, server: Server, on_answer: Callable[[Report, Answer], None], *, only: Report | None = None
) -> list[Refused]:
    """Send what waits (or `only` one of it), oldest first. Return the final refusals, whose reports are kept beside them.

    `on_answer` runs before a report is forgotten, so what follows from an answer is saved before. Raise Unreachable
    at the first report that cannot be sent now; it stays first.
    """
    refusals = []
    for report in outbox.waiting():
        if only is not None and report.file != only.file:
            continue
        try:
            answer = server.post(report.path, report.body)
        except Refused as refusal:
            outbox.refused(report, refusal)
            refusals.append(refusal)
        else:
            on_answer(report, answer)
            outbox.sent(report)
    return refusals
