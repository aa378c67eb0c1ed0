"""`sedutil-cli --query`: whether a self-encrypting drive is locked by its owner (TCG Opal, "Locking function")."""

import re
from dataclasses import dataclass

from agent.parsers.reading import Unreadable

LOCKING = re.compile(
    r"Locked = (?P<locked>[YN]), LockingEnabled = (?P<enabled>[YN]), LockingSupported = (?P<supported>[YN])"
)


@dataclass(frozen=True)
class Opal:
    """The locking of a self-encrypting drive. Enabled and locked: only its owner, or the code printed on it, opens it."""

    supported: bool
    enabled: bool
    locked: bool


def locking(printed: bytes) -> Opal:
    """Read `sedutil-cli --query`. Raise Unreadable when the drive has no such function."""
    found = LOCKING.search(printed.decode("utf-8", "replace"))
    if found is None:
        raise Unreadable("no locking function")
    return Opal(found["supported"] == "Y", found["enabled"] == "Y", found["locked"] == "Y")
