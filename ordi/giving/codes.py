"""Codes people can say aloud: `L-2026-014`, counted by year."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session


def next_code(session: Session, column: InstrumentedAttribute[str], letter: str, at: datetime) -> str:
    """The next code of this letter in this year. Two at once: the column is unique, the second is told to try again."""
    prefix = f"{letter}-{at.year}-"
    length = len(prefix)
    last = session.execute(
        select(column)
        .where(column.startswith(prefix, autoescape=True))
        .order_by(func.length(column).desc(), column.desc())
        .limit(1)
    ).scalar()
    return f"{prefix}{int(last[length:]) + 1 if last else 1:03d}"
