"""What the fleet forgets by itself: check-ins past their term."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from ordi.fleet.retention import forget
from web.settings import Settings
from web.worker import duty


@duty("old check-ins")
def _forget_check_ins(session: Session, _settings: Settings, at: datetime) -> int:
    return forget(session, at=at)
