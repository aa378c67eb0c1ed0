"""What a plain form answered: a code among those offered, a whole number, a few words. Anything else is refused by field."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from flask import request

from ordi.errors import Invalid

_Code = TypeVar("_Code", bound=StrEnum)


def chosen(kind: type[_Code], field: str) -> _Code:
    """The code chosen in `field`. Raises `Invalid`."""
    found = chosen_or_none(kind, field)
    if found is None:
        raise Invalid(field=field, why="missing")
    return found


def chosen_or_none(kind: type[_Code], field: str) -> _Code | None:
    """The code chosen in `field`, or nothing when it was left empty. Raises `Invalid`."""
    said = request.form.get(field, "")
    if not said:
        return None
    if said not in set(kind):
        raise Invalid(field=field, why="unknown")
    return kind(said)


def whole(field: str, *, least: int = 0, most: int = 10_000) -> int:
    """The whole number in `field`. Raises `Invalid`."""
    said = request.form.get(field, "").strip()
    if not said.isascii() or not said.isdigit() or not least <= int(said[:9]) <= most:
        raise Invalid(field=field, why="out-of-range", least=least, most=most)
    return int(said)


def short(field: str, limit: int = 80) -> str:
    """A line of text, cut."""
    return " ".join(request.form.get(field, "").split())[:limit]
