"""Run a tool: its output as bytes, or the reason there is none, in the protocol's words."""

import os
import subprocess
from collections.abc import Container
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
