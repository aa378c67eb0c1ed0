"""When people work: on weekdays, by day."""

from __future__ import annotations

from datetime import datetime, timedelta

OPENS, CLOSES = 7, 16
"""Hours of UTC: nine to six in summer, eight to five in winter."""


def working(moment: datetime, latest: datetime) -> datetime:
    """The first working hour from `moment` on; the last one before `latest` when that would pass it."""
    found = moment
    if found.hour >= CLOSES:
        found = found.replace(hour=OPENS + found.hour % 3) + timedelta(days=1)
    elif found.hour < OPENS:
        found = found.replace(hour=OPENS + found.hour % 3)
    if found.weekday() > 4:
        found += timedelta(days=7 - found.weekday())
    return found if found <= latest else min(moment, _closing(latest))


def _closing(latest: datetime) -> datetime:
    if latest.weekday() > 4:
        return worked(latest).replace(hour=CLOSES - 1)
    if latest.hour < OPENS:
        return worked(latest - timedelta(days=1 if latest.weekday() else 3)).replace(hour=CLOSES - 1)
    return latest.replace(hour=min(latest.hour, CLOSES - 1))


def worked(moment: datetime) -> datetime:
    """The working day at or before `moment`, at the same hour."""
    return moment - timedelta(days=max(0, moment.weekday() - 4))
