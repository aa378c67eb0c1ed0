"""Run a tool: its output as bytes, or the reason there is none, in the protocol's words."""

import os
import subprocess
from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Literal

Reason = Literal["tool-missing", "not-permitted", "failed", "absent"]
"""Why a source of evidence is absent (docs/protocol.md)."""

LARGEST_OUTPUT = 4 * 1024 * 1024
"""Bytes kept of one tool. The eight sources of a large machine then stay under the 32 MiB of a body."""

ENVIRONMENT = {"LC_ALL": "C.UTF-8", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}


@dataclass(frozen=True)
class Ran:
    """What a tool printed and the status it ended with."""

    out: bytes
    status: int


@dataclass(frozen=True)
class Said:
    """All a tool said, for whoever reads more than its status. `status` is None when it was still busy after its time."""

    out: bytes
    err: bytes
    status: int | None


Runner = Callable[[tuple[str, ...], float], Said]
"""Runs a program for at most so many seconds: `hear`, or recorded answers."""


class ProgramFailed(Exception):
    """A tool gave nothing to use. `reason` is one of the protocol's; `detail` is for the terminal."""

    def __init__(self, command: tuple[str, ...], reason: Reason, detail: str = "") -> None:
        super().__init__(f"{command[0]}: {reason} {detail}".rstrip())
        self.command = command
        self.reason: Reason = reason
        self.detail = detail


def run(command: tuple[str, ...], *, timeout_s: float = 60, accept: Container[int] = (0,)) -> Ran:
    """Run `command` without a shell, in the C locale, with nothing on its standard input.

    Raise ProgramFailed when it is not installed, not permitted, too slow, too talkative, or ends with a status
    not in `accept`.
    """
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            check=False,
            env={**os.environ, **ENVIRONMENT},
        )
    except FileNotFoundError as missing:
        raise ProgramFailed(command, "tool-missing") from missing
    except PermissionError as refused:
        raise ProgramFailed(command, "not-permitted") from refused
    except subprocess.TimeoutExpired as slow:
        raise ProgramFailed(command, "failed", f"nothing after {timeout_s} s") from slow
    except OSError as broken:
        raise ProgramFailed(command, "failed", str(broken)) from broken
    if len(done.stdout) > LARGEST_OUTPUT:
        raise ProgramFailed(command, "failed", "output too large")
    if done.returncode not in accept:
        said = (done.stderr or done.stdout)[-500:].decode("utf-8", "replace")
        denied = "permission denied" in said.lower() or "operation not permitted" in said.lower()
        raise ProgramFailed(command, "not-permitted" if denied else "failed", said.strip())
    return Ran(done.stdout, done.returncode)


def hear(command: tuple[str, ...], timeout_s: float) -> Said:
    """Run `command` as `run` does, and tell all it said, whatever its status: some tools end well when a drive did not.

    Raise ProgramFailed when it cannot be started.
    """
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            check=False,
            env={**os.environ, **ENVIRONMENT},
        )
    except subprocess.TimeoutExpired as slow:
        return Said(slow.stdout or b"", slow.stderr or b"", None)
    except FileNotFoundError as missing:
        raise ProgramFailed(command, "tool-missing") from missing
    except OSError as broken:
        raise ProgramFailed(command, "failed", str(broken)) from broken
    return Said(done.stdout[:LARGEST_OUTPUT], done.stderr[:LARGEST_OUTPUT], done.returncode)
