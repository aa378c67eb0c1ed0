"""Sizes and durations as people say them: on the box of a disk 256 GB is 256 × 10⁹; memory is counted in 2³⁰."""

from __future__ import annotations

from flask_babel import format_decimal
from flask_babel import gettext as _


def size(count: int | None) -> str:
    """Bytes of a drive: `256 Go`, `1,0 To`."""
    if not count:
        return _("taille inconnue")
    if count >= 10**12:
        return _("%(n)s To", n=format_decimal(round(count / 10**12, 1)))
    if count >= 10**9:
        return _("%(n)s Go", n=format_decimal(round(count / 10**9)))
    return _("%(n)s Mo", n=format_decimal(max(1, round(count / 10**6))))


def memory(count: int | None) -> str:
    """Bytes of memory: `8 Go`."""
    return _("%(n)s Go", n=format_decimal(round(count / 2**30))) if count else ""


def duration(minutes: int) -> str:
    """About how long: `environ 20 min`, `environ 5 h`."""
    if minutes < 100:
        return _("environ %(n)s min", n=minutes)
    return _("environ %(n)s h", n=round(minutes / 60))
