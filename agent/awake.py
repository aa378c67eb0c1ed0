"""Staying awake over a closed lid: a lock that systemd holds for us while a drive is wiped (systemd-inhibit(1))."""

import os
import select
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress

COMMAND = (
    "systemd-inhibit",
    "--what=handle-lid-switch:sleep",
    "--mode=block",
    "--who=Ordi",
    "--why=Effacement en cours",
    "cat",
)
"""`cat` ends when we close its input, or die: no lock outlives its wipe."""

HELD_WITHIN_S = 10.0


@contextmanager
def awake() -> Iterator[str | None]:
    """While it lasts, a closed lid does not put the machine to sleep. Yields the command that holds the lock.

    None where nothing can: a system without systemd's logind has nobody who would act on the lid either.
    """
    try:
        holder = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except OSError:
        yield None
        return
    held = _holds(holder)
    if not held:
        holder.kill()
    try:
        yield " ".join(COMMAND) if held else None
    finally:
        with suppress(OSError):
            holder.communicate()  # closes its input: `cat` ends, and the lock with it


def _holds(holder: subprocess.Popen[bytes]) -> bool:
    """Whether the lock is held: `cat`, which starts only under it, gives back what it is given."""
    if holder.stdin is None or holder.stdout is None:
        return False
    try:
        holder.stdin.write(b"held\n")
        holder.stdin.flush()
    except OSError:
        return False
    ready, _, _ = select.select([holder.stdout], [], [], HELD_WITHIN_S)
    return bool(ready) and os.read(holder.stdout.fileno(), 5) == b"held\n"
