"""The hour, read once per request. Verbs are told it as `at`; nothing else reads a clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask, current_app, g

Clock = Callable[[], datetime]


def _system() -> datetime:
    return datetime.now(UTC)


def set_clock(app: Flask, clock: Clock = _system) -> None:
    """What `now()` reads; tests stop it."""
    app.extensions["ordi-clock"] = clock


def now() -> datetime:
    """This request's instant: the same for everything it does."""
    if "now" not in g:
        clock: Clock = current_app.extensions["ordi-clock"]
        g.now = clock()
    moment: datetime = g.now
    return moment
