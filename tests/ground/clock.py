"""A fixed point in time: verbs are told the hour, so tests choose it."""

from datetime import UTC, datetime

NOW = datetime(2026, 11, 16, 9, 30, tzinfo=UTC)  # a Monday morning
