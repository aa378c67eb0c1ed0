"""Reading a bench report: an envelope of raw tool outputs, bounded, decoded part by part. A bad part spoils itself only."""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import re
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ordi.errors import Invalid

FORMAT = "ordi-inventory/1"
LARGEST_BODY = 8 << 20
LARGEST_RAW = 32 << 20
"""Bytes: of an envelope as sent, and of all its raw parts once expanded (docs/protocol.md)."""

_SOURCE = re.compile(
    r"dmidecode|lsblk|psutil|power_supply|controllers|fittings|memory_test|(smartctl|capabilities|tools):[A-Za-z0-9_-]{1,32}",
    re.ASCII,
)

_ENVELOPE = ("uuid", "format", "collected_at", "agent", "test", "tag", "absences")
_BLOCK_FIELDS = (
    *("name", "path", "type", "size", "serial", "wwn", "model", "vendor", "rev", "rota", "rm", "ro", "tran"),
    *("log-sec", "phy-sec", "hotplug", "state"),
)


class BadReport(Invalid):
    """The envelope cannot be read; nothing of it is understood, what was sent is kept where it may be."""

    code = "bad-report"


@dataclass(frozen=True)
class Report:
    """The raw outputs by source, what was absent and why, and the parts that could not be expanded."""

    sources: dict[str, bytes]
    absences: dict[str, str] = field(default_factory=dict)
    broken: tuple[str, ...] = ()

    def json_of(self, source: str) -> Any:
        """One source as JSON, or nothing when it is missing, is not JSON, or nests beyond reason."""
        raw = self.sources.get(source)
        return None if raw is None else parse_json(raw)


def parse_json(raw: bytes) -> Any:
    """JSON from a tool, which may hold bad UTF-8, or nothing. Nesting beyond the interpreter's reach is nothing too."""
    try:
        return json.loads(raw.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None


def read_report(envelope: dict[str, Any]) -> Report:
    """Expand the raw parts this format allows; others are dropped. Raises `BadReport` when nothing can be expanded."""
    raw, said = envelope.get("raw"), envelope.get("absences") or []
    if not isinstance(raw, dict) or not isinstance(said, list):
        raise BadReport(why="not-an-inventory")
    sources: dict[str, bytes] = {}
    broken: list[str] = []
    room = LARGEST_RAW
    for name, packed in raw.items():
        if not _SOURCE.fullmatch(name):
            continue
        try:
            sources[name] = _expand(packed, room)
        except (ValueError, TypeError, binascii.Error, zlib.error):
            broken.append(name)
            continue
        room -= len(sources[name])
    if broken and not sources:
        raise BadReport(why="nothing-readable")
    absences = {str(one.get("source"))[:48]: str(one.get("reason"))[:24] for one in said[:64] if isinstance(one, dict)}
    return Report(sources, absences, tuple(sorted(broken)))


def allowed(envelope: dict[str, Any]) -> dict[str, Any]:
    """The envelope with only what this format may hold: file system labels, mount points and unknown sources are dropped.

    A part that cannot be read is kept as it came, so that it can be read again later.
    """
    kept = {name: envelope[name] for name in _ENVELOPE if name in envelope}
    raw = envelope.get("raw")
    if isinstance(raw, dict):
        kept["raw"] = {name: part for name, part in raw.items() if _SOURCE.fullmatch(name)}
        try:
            blocks = parse_json(_expand(raw.get("lsblk"), LARGEST_RAW))
        except (ValueError, TypeError, binascii.Error, zlib.error):
            blocks = None
        if isinstance(blocks, dict) and isinstance(blocks.get("blockdevices"), list):
            told = {"blockdevices": [_bare(one) for one in blocks["blockdevices"] if isinstance(one, dict)]}
            kept["raw"]["lsblk"] = pack(json.dumps(told, ensure_ascii=False).encode(errors="replace"))
    return kept


def claimed(text: Any) -> datetime | None:
    """A moment as a machine says it, or nothing; a clock in 1970 says what it says."""
    try:
        moment = datetime.fromisoformat(str(text)) if text else None
        return moment.astimezone(UTC) if moment and moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def pack(data: bytes) -> str:
    """A raw part as it travels: base64 of gzip."""
    return base64.b64encode(gzip.compress(data, compresslevel=1, mtime=0)).decode()


def _bare(device: dict[str, Any]) -> dict[str, Any]:
    return {name: device[name] for name in _BLOCK_FIELDS if name in device}


def _expand(packed: Any, room: int) -> bytes:
    if not isinstance(packed, str):
        raise TypeError("a raw part is base64 text")
    stream = zlib.decompressobj(wbits=31)
    data = stream.decompress(base64.b64decode(packed, validate=True), room + 1)
    if len(data) > room or not stream.eof:
        raise ValueError("too large, or cut short")
    return data
