"""One firmware erase while it is done: what was asked of the drive, what it said, and how it ended. Facts, no verdict."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from agent.encoding import clean
from agent.programs import ProgramFailed, Runner, Said, hear
from agent.sanitise.drive import Drive
from agent.sanitise.markers import Markers, mark
from agent.sanitise.overwrite import Stopped

Ending = Literal[
    "completed", "not-offered", "frozen", "locked", "busy", "refused", "failed", "timed-out", "gone", "interrupted", "unreadable"
]  # fmt: skip
"""How it ended. Only `completed` can be worth something, and the server decides whether it is."""

KEPT = 24
"""Commands kept in the report; status polls are counted, not kept."""
QUICK_S = 60.0
POLL_S = 5.0
GONE = ("No such file or directory", "No such device", "No such device or address")


class Ended(Exception):
    """The erase goes no further."""

    def __init__(self, how: Ending, why: str = "") -> None:
        super().__init__(f"{how} {why}".rstrip())
        self.how: Ending = how
        self.why = why


@dataclass
class Erasure:
    """The `firmware` of a commit (docs/protocol.md)."""

    technique: str
    ending: Ending = "interrupted"
    why: str | None = None
    offered: bool | None = None
    accepted: bool = False
    seen_running: bool = False
    state_before: str | None = None
    state_after: str | None = None
    password_left_set: bool | None = None
    markers: Markers = field(default_factory=Markers)
    steps: list[dict[str, object]] = field(default_factory=list)
    polls: int = 0
    ms: int = 0

    def reported(self) -> dict[str, object]:
        """As it is sent."""
        return {
            "technique": self.technique,
            "ending": self.ending,
            "why": clean(self.why or ""),
            "offered": self.offered,
            "accepted": self.accepted,
            "seen_running": self.seen_running,
            "state_before": self.state_before,
            "state_after": self.state_after,
            "password_left_set": self.password_left_set,
            "markers": self.markers.reported(),
            "steps": self.steps,
            "polls": self.polls,
            "ms": self.ms,
        }


@dataclass(frozen=True)
class Tools:
    """How programs are run, time is told (seconds) and polls are spaced; recorded drives bring their own."""

    run: Runner = hear
    clock: Callable[[], float] = time.monotonic
    poll_s: float = POLL_S


@dataclass
class Worker:
    """What an erase works with: the open drive, its tools, and who is told how far it is (percent)."""

    drive: Drive
    told: Erasure
    tools: Tools
    watch: Callable[[int], None]
    stop: threading.Event

    @property
    def path(self) -> str:
        """The drive as tools name it."""
        return self.drive.identity.path

    def clock(self) -> float:
        """Seconds, from any start."""
        return self.tools.clock()

    def ask(self, *command: str, timeout_s: float = QUICK_S, keep: bool = True) -> Said:
        """Run a tool and keep what it said. Raise Ended when the drive is gone, the tool missing, or its time over."""
        began = self.clock()
        try:
            said = self.tools.run(command, timeout_s)
        except ProgramFailed as failed:
            raise Ended("not-offered", f"{command[0]}: {failed.reason}") from failed
        if keep and len(self.told.steps) < KEPT:
            self.told.steps.append(
                {
                    "command": " ".join(command),
                    "status": said.status,
                    "stderr": clean(said.err),
                    "stdout": clean(said.out[-600:]) if command[-2:-1] != ("-I",) else None,
                    "ms": int((self.clock() - began) * 1000),
                }
            )
        if said.status is None:
            raise Ended("timed-out", command[0])
        if any(mark_of in said.err.decode("utf-8", "replace") for mark_of in GONE):
            raise Ended("gone", clean(said.err) or "")
        return said

    def mark(self) -> None:
        """Write the marks that the erase must make disappear. Raise Ended when the drive keeps fewer than it should."""
        self.told.markers = mark(self.drive)
        if not self.told.markers.written:
            raise Ended("failed", "markers")

    def pause(self, deadline: float) -> None:
        """Wait between two looks at a running erase. Raise Stopped, or Ended when its time is over."""
        if self.clock() > deadline:
            raise Ended("timed-out", "sanitize")
        if self.stop.wait(self.tools.poll_s):
            raise Stopped
