"""Reading what other programs wrote: JSON of any shape, numbers of any kind. Anything else is `Unreadable`."""

import json
from typing import Any

LARGEST_INTEGER = 2**53 - 1
"""The largest integer every JSON reader keeps whole (RFC 8259, section 6)."""


class Unreadable(ValueError):
    """Bytes that are not what the tool is known to print."""


def json_object(raw: bytes) -> dict[str, Any]:
    """The JSON object in `raw`. Raise Unreadable on anything else, however deep or long."""
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError) as broken:
        raise Unreadable(str(broken)[:200]) from broken
    if not isinstance(document, dict):
        raise Unreadable("not an object")
    return document


def at(document: object, *keys: str) -> object:
    """What is at the end of a path of keys, or None where the path ends early."""
    for key in keys:
        if not isinstance(document, dict):
            return None
        document = document.get(key)
    return document


def whole(value: object) -> int | None:
    """A non-negative integer, from a number or digits; None for anything else. Too large becomes the largest."""
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = int(value.strip()[:400])
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        return None
    return min(value, LARGEST_INTEGER)


def flag(value: object) -> bool | None:
    """A yes or no, as tools of several ages write it; None when it is neither."""
    if isinstance(value, bool):
        return value
    return {"1": True, "0": False, 1: True, 0: False}.get(value) if isinstance(value, str | int) else None


def text(value: object) -> str | None:
    """A trimmed text; None when it is empty or no text."""
    return (value.strip() or None) if isinstance(value, str) else None
