"""Millimetres as people write them: `38,1` or `38.1`."""

from __future__ import annotations

import re

from flask import request

from ordi.errors import Invalid

_SHAPE = re.compile(r"\d{1,4}([.,]\d{1,2})?", re.ASCII)


def millimetres(field: str, *, least: float = 0, most: float = 1000) -> float:
    """The millimetres in `field`. Raises `Invalid`."""
    said = request.form.get(field, "").strip()
    value = float(said.replace(",", ".")) if _SHAPE.fullmatch(said) else None
    if value is None or not least <= value <= most:
        raise Invalid(field=field, why="out-of-range", least=round(least), most=round(most))
    return value
