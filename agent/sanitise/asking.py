"""Asking a drive something through a tool, and keeping what it said: the `steps` of a commit (docs/protocol.md)."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from agent.encoding import clean
from agent.programs import ProgramFailed, Runner, Said, hear

Ending = Literal[
    "completed", "not-offered", "frozen", "locked", "busy", "refused", "failed", "timed-out", "gone", "interrupted", "unreadable"
]  # fmt: skip
"""How it ended. Only `completed` can be worth something, and the server decides whether it is."""

KEPT = 24
"""Commands kept in the report; status polls are counted, not kept."""
QUICK_S = 60.0
POLL_S = 5.0
GONE = ("No such file or directory", "No such device", "No such device or address")

Step = dict[str, object]


class Ended(Exception):
    """It goes no further."""

    def __init__(self, how: Ending, why: str = "") -> None:
        super().__init__(f"{how} {why}".rstrip())
        self.how: Ending = how
        self.why = why


def asleep() -> float:
    """Seconds this system spent suspended since it started: one clock goes on meanwhile, the other does not (clock_gettime(2))."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)


@dataclass(frozen=True)
class Tools:
    """How programs are run, time is told (seconds) and polls are spaced; recorded drives bring their own."""

    run: Runner = hear
    clock: Callable[[], float] = time.monotonic
    poll_s: float = POLL_S
    asleep: Callable[[], float] = asleep


def ask(
    tools: Tools, steps: list[Step], command: tuple[str, ...], *, timeout_s: float = QUICK_S, keep: bool = True
) -> Said:
    """Run a tool and keep what it said in `steps`. Raise Ended when the drive is gone, the tool missing, or its time over."""
    began = tools.clock()
    try:
        said = tools.run(command, timeout_s)
    except ProgramFailed as failed:
        raise Ended("not-offered", f"{command[0]}: {failed.reason}") from failed
    if keep and len(steps) < KEPT:
        steps.append(
            {
                "command": " ".join(command),
                "status": said.status,
                "stderr": clean(said.err),
                "stdout": clean(said.out[-600:]) if command[-2:-1] != ("-I",) else None,
                "ms": int((tools.clock() - began) * 1000),
            }
        )
    if said.status is None:
        raise Ended("timed-out", command[0])
    if any(mark_of in said.err.decode("utf-8", "replace") for mark_of in GONE):
        raise Ended("gone", clean(said.err) or "")
    return said
