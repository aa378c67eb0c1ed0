"""Keys that are believed no more, each with the day and the reason: a file beside the keys, and no secret.

A revoked key proves nothing, whatever date stands in what it signed: whoever took it writes the dates. What it signed rightly is
signed anew by the key that came after it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ordi.canonical import canonical
from ordi.keys.files import replace_private
from ordi.keys.key import KeysRefused, floor

FILE = "revoked.keys"
LONGEST_REASON = 200

Revocations = Mapping[str, Mapping[str, Any]]
"""By identity (a kid, or the fingerprint of a PDF certificate): `{at: seconds since 1970, reason}`."""


def read(directory: Path) -> Revocations:
    """Those of a directory. Raise `KeysRefused` (unreadable-key)."""
    try:
        held = json.loads((directory / FILE).read_bytes())
    except FileNotFoundError:
        return {}
    except ValueError:
        held = None
    if not isinstance(held, dict) or not all(map(is_told, held.values())):
        raise KeysRefused("unreadable-key", file=FILE)
    return held


def add(directory: Path, identity: str, reason: str, *, at: datetime) -> Revocations:
    """Revoke one more, for good. Raise `KeysRefused`: already-revoked, no-reason."""
    held, why = read(directory), " ".join(reason.split())[:LONGEST_REASON]
    if identity in held:
        raise KeysRefused("already-revoked", identity=identity)
    if not why or not why.isprintable():
        raise KeysRefused("no-reason")
    told = {**held, identity: {"at": int(floor(at).timestamp()), "reason": why}}
    replace_private(directory / FILE, canonical(told).encode())
    return told


def is_told(one: object) -> bool:
    """Whether this is what a key set says of a revoked key."""
    if not isinstance(one, dict) or one.keys() != {"at", "reason"}:
        return False
    at, reason = one["at"], one["reason"]
    return type(at) is int and isinstance(reason, str) and 0 < len(reason) <= LONGEST_REASON and reason.isprintable()


def day(one: Mapping[str, Any]) -> str:
    """The day of a revocation, in UTC."""
    return f"{datetime.fromtimestamp(one['at'], UTC):%Y-%m-%d}"
