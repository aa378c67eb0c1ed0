"""Check-ins are kept for as long as the rule says, then forgotten; what they changed stays in the machine's history."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from ordi.fleet.check_ins import CheckIn
from ordi.legal_rules import rule
from ordi.papers import PARIS


def overdue(session: Session, *, at: datetime) -> int:
    """How many check-ins `forget` would delete: the preview."""
    return session.scalar(select(func.count()).where(CheckIn.recorded_at < _before(session, at))) or 0


def forget(session: Session, *, at: datetime) -> int:
    """Delete the check-ins past their term; how many. Their order stays held by the enrolment's counter."""
    gone = overdue(session, at=at)
    session.execute(delete(CheckIn).where(CheckIn.recorded_at < _before(session, at)))
    session.flush()
    return gone


def _before(session: Session, at: datetime) -> datetime:
    return at - timedelta(days=rule(session, "check-in.kept", at.astimezone(PARIS).date()).value)
