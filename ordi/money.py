"""Money is whole cents, named `_cents`, in euros. Nothing here rounds."""

from __future__ import annotations

import re

from ordi.errors import Invalid

_TYPED = re.compile(r"(\d{1,7})(?:[.,](\d{1,2}))?")


def cents_of(text: str) -> int:
    """The cents meant by a typed amount: `60`, `60,5`, `60.50 €`. Raises `Invalid`."""
    said = "".join(text.replace("€", "").split())
    found = _TYPED.fullmatch(said)
    if found is None:
        raise Invalid(field="amount", why="not-an-amount", text=text.strip()[:20])
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def euros(cents: int) -> str:
    """An amount as French prints it: `1 234,50 €`, without cents when there are none."""
    whole, part = divmod(abs(cents), 100)
    grouped = f"{whole:,}".replace(",", "\u202f")
    return f"{'−' if cents < 0 else ''}{grouped}{f',{part:02d}' if part else ''}\u00a0€"
