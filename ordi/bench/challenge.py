"""Drawn places of a drive, and what is there if the pattern is: only who holds the drive can answer.

After a commit, 64 chunks of 64 KiB; for a counter-check, 2,000 sectors of 4 KiB (TRUST.md steps 6 and 8).
"""

from __future__ import annotations

import hmac
import json
import secrets
from typing import Any

from ordi.bench.keystream import stretch
from ordi.signatures import b64url, from_b64url

CHUNK = 65536
CHALLENGED = 64
SECTOR = 4096
CHECKED = 2000


def draw(size: int, count: int, length: int) -> dict[str, Any]:
    """A challenge: a fresh nonce and distinct aligned offsets drawn over `size` bytes, first and last always among them."""
    places = max(1, -(-size // length))
    drawn = {0, places - 1} | {secrets.randbelow(places) for _ in range(count - 2)}
    return {"nonce": b64url(secrets.token_bytes(32)), "bytes": length, "offsets": sorted(p * length for p in drawn)}


def asked(challenge: str) -> int:
    """How many places a stored challenge names."""
    return len(json.loads(challenge)["offsets"])


def right(challenge: str, answers: list[str], key: bytes, size: int) -> int:
    """How many answers are those of the pattern of `key` on a drive of `size` bytes; none when their number is wrong."""
    drawn = json.loads(challenge)
    nonce, length = from_b64url(drawn["nonce"]), drawn["bytes"]
    if len(answers) != len(drawn["offsets"]):
        return 0
    found = 0
    for offset, said in zip(drawn["offsets"], answers, strict=True):
        chunk = stretch(key, offset, min(length, size - offset))
        expected = hmac.digest(nonce, chunk, "sha256").hex()
        found += hmac.compare_digest(expected.encode(), said.encode())
    return found
