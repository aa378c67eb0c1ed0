"""A bound on a whole exchange. A socket's own timeout bounds one read: a server that says a letter a time would hold the worker."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

EXCHANGE_S = 60
"""Seconds for one message, from the first word to the last."""


class Line(Protocol):
    """Something that speaks over a socket."""

    sock: socket.socket | None


def hang_up_after(seconds: float, line: Line) -> threading.Timer:
    """Shut the line's socket in so many seconds, whatever is being read: the read then ends as one of a broken line."""
    clock = threading.Timer(seconds, _hang_up, (line,))
    clock.daemon = True
    clock.start()
    return clock


@contextmanager
def within(seconds: float, line: Line) -> Iterator[None]:
    """What is said over `line` takes no longer."""
    clock = hang_up_after(seconds, line)
    try:
        yield
    finally:
        clock.cancel()


def _hang_up(line: Line) -> None:
    sock = line.sock
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
