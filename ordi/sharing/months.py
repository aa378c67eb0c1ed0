"""Months on a calendar: a shorter month ends earlier."""

from __future__ import annotations

from datetime import date


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of a shorter month; earlier when `months` is negative."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first_of_next = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    longest = (first_of_next - date(year, month + 1, 1)).days
    return date(year, month + 1, min(day.day, longest))


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier."""
    return months_after(day, -months)
