"""How a command runs: alone in its directory, stopping when asked, patient for a while, ending with a status."""

import fcntl
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.files import give_to_owner_of, make_directory
from agent.outbox import Outbox, Patience, Report, deliver
from agent.server import Answer, Server, Unreachable
from agent.wording import say

DONE, NOT_ALL_DONE, USAGE, REFUSED, LATER = 0, 1, 2, 3, 4
"""All done; a job was refused, failed or cut short; bad configuration or no permission; the server refused; the
server did not answer and what was to be said is kept."""

TRIES = 3
"""Attempts of a command that is not there to wait (inventory, check-in) before it leaves the rest for later."""

LONGEST_WAIT_S = 30.0


@contextmanager
def alone(directory: Path, name: str) -> Iterator[None]:
    """Let one process at a time use `directory`: a key's counter has one writer."""
    make_directory(directory)
    with (directory / f"{name}.lock").open("a") as lock:
        give_to_owner_of(directory, lock.fileno())
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def asked_to_stop() -> threading.Event:
    """An event set by SIGTERM, SIGINT or SIGHUP."""
    stopping = threading.Event()

    def stop(_signal: int, _frame: object) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    return stopping


def worth_waiting(patience: Patience, wait: float) -> bool:
    """Whether to try again in `wait` seconds rather than leave it for the next run."""
    return patience.failures < TRIES and wait <= LONGEST_WAIT_S


def send_waiting(
    outbox: Outbox,
    server: Server,
    stopping: threading.Event,
    on_answer: Callable[[Report, Answer], None],
    *,
    only: Report | None,
) -> int:
    """Send what waits, or `only` one report of it, a few times over. Return the status to end with."""
    patience = Patience()
    while True:
        try:
            refusals = deliver(outbox, server, on_answer, only=only)
        except Unreachable as lost:
            wait = patience.after(lost)
            if not worth_waiting(patience, wait) or stopping.wait(wait):
                say("kept-for-later", why=lost)
                return LATER
            continue
        for refusal in refusals:
            say("refused-by-server", code=refusal.code)
        return REFUSED if refusals else DONE
