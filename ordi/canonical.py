"""One text for one value: the form that is hashed and signed."""

from __future__ import annotations

import hashlib
import json
from typing import Any

_GREATEST = 2**53 - 1
"""Beyond it JavaScript and RFC 8785 round, so two readers would hash two texts."""


def canonical(value: Any) -> str:
    """The canonical JSON text of `value` (RFC 8785 for values without floats).

    Raises `TypeError` on a float (its text differs between languages, so none is ever signed) and on what
    JSON cannot say, `ValueError` on an integer too great to be read alike everywhere or on half a surrogate.
    """
    text = json.dumps(_ordered(value), separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    text.encode()  # half a surrogate has no UTF-8: refused here rather than when it is hashed
    return text


def digest(text: str) -> str:
    """SHA-256 of `text` in UTF-8, 64 lower-case hexadecimal characters."""
    return hashlib.sha256(text.encode()).hexdigest()


def _ordered(value: Any) -> Any:
    """`value` with its names in RFC 8785's order: by UTF-16 unit, which Python's is not beyond U+FFFF."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        if abs(value) > _GREATEST:
            raise ValueError("an integer beyond 2^53 - 1 has no canonical text")
        return int(value)
    if isinstance(value, dict):
        if not all(isinstance(name, str) for name in value):
            raise TypeError("a canonical object has text keys only")
        return {name: _ordered(value[name]) for name in sorted(value, key=_utf16)}
    if isinstance(value, list | tuple):
        return [_ordered(part) for part in value]
    raise TypeError(f"a {type(value).__name__} has no canonical text")


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-be", "surrogatepass")
