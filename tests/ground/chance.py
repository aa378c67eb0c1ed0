"""Chance, repeated: what a test draws (tags, codes, nonces, examples) is drawn from its own name.

A run that passes here then passes elsewhere: a tag that happens to spell what a page must not say is met on the first
day or never. `ORDI_EXPLORE=1` draws anew at each run, to look for what chance still hides; what it finds is mended for
good, by naming the case in a test.
"""

from __future__ import annotations

import os
import secrets
from random import Random

import pytest
from hypothesis import settings

from ordi.signatures import b64url

EXPLORES = bool(os.environ.get("ORDI_EXPLORE"))

settings.register_profile("repeated", derandomize=True, database=None)
settings.register_profile("explored", derandomize=False)
settings.load_profile("explored" if EXPLORES else "repeated")


@pytest.fixture(autouse=True)
def chance(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Random | None:
    """Draw what `secrets` gives in this process from the test's name. A server started beside draws for itself."""
    if EXPLORES:
        return None
    drawn = Random(request.node.nodeid)

    def token_bytes(count: int | None = None) -> bytes:
        return drawn.randbytes(32 if count is None else count)

    for name, said in {
        "choice": drawn.choice,
        "randbelow": drawn.randrange,
        "token_bytes": token_bytes,
        "token_hex": lambda count=None: token_bytes(count).hex(),
        "token_urlsafe": lambda count=None: b64url(token_bytes(count)),
    }.items():
        monkeypatch.setattr(secrets, name, said)
    return drawn
