"""From a file's bytes to text, JSON or numbers, whatever is wrong with them. Bounded in depth; nothing is executed or expanded."""

from __future__ import annotations

import codecs
import json
import re
from typing import Any

from ordi.errors import Invalid

DEEPEST = 48
"""Levels below which nothing is read: real outputs stay under twenty."""

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SIZE = re.compile(r"\s*(\d{1,15}(?:\.\d{1,6})?)\s*([a-z]*)", re.IGNORECASE | re.ASCII)
_UNITS = {
    "": 1,
    "b": 1,
    "bytes": 1,
    "byte": 1,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "tb": 10**12,
    "megabyte": 10**6,
    "gigabyte": 10**9,
    "kib": 1 << 10,
    "mib": 1 << 20,
    "gib": 1 << 30,
    "tib": 1 << 40,
    "mebibyte": 1 << 20,
    "gibibyte": 1 << 30,
}


class NotUnderstood(Invalid):
    """Nothing can be read in a report; `why` says why: empty, not-json, too-deep, not-xml, entities, nothing-readable."""

    code = "not-understood"


def text_of(body: bytes) -> str:
    """The text of a file: UTF-8 or what its first bytes announce; what is not text becomes the sign for that."""
    mark = next((name for start, name in _MARKS if body.startswith(start)), "utf-8")
    return body.decode(mark, "replace")


def json_of(body: bytes | str) -> Any:
    """The JSON of a file. A number too long to be one is nothing. Raises `NotUnderstood`."""
    text = body if isinstance(body, str) else text_of(body)
    if not text.strip():
        raise NotUnderstood(why="empty")
    try:
        return json.loads(text)
    except RecursionError:
        raise NotUnderstood(why="too-deep") from None
    except ValueError as error:
        if isinstance(error, json.JSONDecodeError):
            raise NotUnderstood(why="not-json") from None
    try:
        return json.loads(text, parse_int=_whole)
    except RecursionError:
        raise NotUnderstood(why="too-deep") from None
    except ValueError:
        raise NotUnderstood(why="not-json") from None


def json_or_nothing(text: Any) -> Any:
    """JSON inside JSON, as some tools nest it: parsed when it is text, itself when it is not, nothing when it cannot be read."""
    if not isinstance(text, str):
        return text
    try:
        return json_of(text)
    except NotUnderstood:
        return None


def packed(kept: Any) -> bytes:
    """What an allow-list left, as it is stored: JSON in UTF-8, without the halves of surrogates."""
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def objects(value: Any, most: int = 4096) -> list[dict[str, Any]]:
    """The objects of a list (or the one object there is); anything else is left aside."""
    if isinstance(value, dict):
        return [value]
    return [one for one in value[:most] if isinstance(one, dict)] if isinstance(value, list) else []


def only(value: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """Of an object, these fields when they hold a plain value: text, number, true or false."""
    if not isinstance(value, dict):
        return {}
    return {name: value[name] for name in names if isinstance(value.get(name), str | int | float | bool)}


def size_of(value: Any, unit: int = 1) -> int | None:
    """A size in bytes: a number of `unit` bytes, or text such as `8192 MB`, `160042.0 MB`, `1024.0 mebibyte`."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _bounded(value * unit)
    if not isinstance(value, str):
        return None
    said = _SIZE.fullmatch(value[:64])
    if said is None or said[2].lower() not in _UNITS:
        return None
    return _bounded(float(said[1]) * (_UNITS[said[2].lower()] if said[2] else unit))


def _bounded(size: float) -> int | None:
    return int(size) if 0 < size < 1 << 53 else None


def _whole(digits: str) -> int | None:
    return int(digits) if len(digits) < 40 else None
