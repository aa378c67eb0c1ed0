"""One firmware erase while it is done: what was asked of the drive, what it said, and how it ended. Facts, no verdict."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from agent.encoding import clean
from agent.programs import Said
from agent.sanitise.asking import QUICK_S, Ended, Ending, Step, Tools, ask
from agent.sanitise.drive import Drive
from agent.sanitise.markers import Markers, mark
from agent.sanitise.overwrite import Stopped


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
    steps: list[Step] = field(default_factory=list)
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
        return ask(self.tools, self.told.steps, command, timeout_s=timeout_s, keep=keep)

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
