"""What the worker does for requests: who does not answer is reminded, then the machine goes back to stock."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from ordi.sharing import reservations
from web.settings import Settings
from web.worker import duty


@duty("reservations")
def follow_reservations(session: Session, _settings: Settings, at: datetime) -> int:
    """Remind the silent, and give back what was kept for them too long."""
    return reservations.remind_silent(session, at=at) + reservations.expire(session, at=at)
