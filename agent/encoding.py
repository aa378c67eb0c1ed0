"""The encodings of the protocol: canonical JSON, base64url, gzip in base64, instants."""

import base64
import gzip
import hashlib
import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PLAUSIBLE_SINCE = datetime(2025, 1, 1, tzinfo=UTC)
"""No agent existed before this: an earlier clock has a dead battery."""

ZERO_WIDTH = {0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x2028, 0x2029}


def canonical(document: Any) -> bytes:
    """`document` as the one JSON text of RFC 8785 (no floats in the protocol), UTF-8."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "replace")


def b64url(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_b64url(text: str) -> bytes:
    """The bytes behind base64url without padding. Raise ValueError on any other character."""
    if not text.isascii():
        raise ValueError("not base64url")
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def packed(data: bytes) -> str:
    """Raw tool output: standard base64 of gzip, with no time in it so that equal bytes stay equal."""
    return base64.b64encode(gzip.compress(data, mtime=0)).decode("ascii")


def new_uuid() -> str:
    """A random uuid, lower case."""
    return str(uuid.uuid4())


def instant(at: datetime | None = None) -> str:
    """`at`, or this machine's clock, as ISO 8601 UTC with `Z` to the millisecond. A claim, never a proof."""
    return (at or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_instant(text: str) -> datetime:
    """The aware instant behind ISO 8601 text. Raise ValueError when it says no zone."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("an instant without zone")
    return at


def clock_is_plausible(at: datetime | None = None) -> bool:
    """Whether this machine's clock can be right."""
    return (at or datetime.now(UTC)) >= PLAUSIBLE_SINCE


def printable(text: object, limit: int = 200) -> str:
    """`text` from hardware or a server made inert for a terminal: no control, no escape, no direction marks."""
    kept = "".join(
        c if c.isprintable() and ord(c) not in ZERO_WIDTH else "\N{REPLACEMENT CHARACTER}" for c in str(text)
    )
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"


def clean(raw: bytes | str, limit: int = 200) -> str | None:
    """A name read from hardware as text: NULs and outer blanks away, at most `limit` characters, None when empty."""
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
    text = "".join(c if c.isprintable() else " " for c in text.replace("\0", " "))
    return text.strip()[:limit] or None


def sha256(data: bytes) -> bytes:
    """SHA-256 of `data`."""
    return hashlib.sha256(data).digest()


def read_name(path: Path) -> str | None:
    """What a one-line file of /sys says, cleaned; None when it is not there or will not be read."""
    try:
        return clean(path.read_bytes())
    except OSError:
        return None
