"""What the worker does for requests: who does not answer is reminded, then the machine goes back to stock; who is silent is asked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from ordi.messages import outbox
from ordi.sharing import reservations, still_wanted
from web.settings import Settings
from web.sharing.confirming_letter import KIND, letter
from web.worker import duty


@duty("reservations")
def follow_reservations(session: Session, _settings: Settings, at: datetime) -> int:
    """Remind the silent, and give back what was kept for them too long."""
    return reservations.remind_silent(session, at=at) + reservations.expire(session, at=at)


@duty("still-wanted")
def follow_silent_requests(session: Session, settings: Settings, at: datetime) -> int:
    """Ask each service about its requests nobody speaks of, with one message; put aside, then close, what stays silent."""
    asked = still_wanted.ask(session, at=at)
    offices = {one.partner_id: one.partner for one in asked if one.partner.email}
    for number, partner in sorted(offices.items()):
        subject, body = letter([one for one in asked if one.partner_id == number], settings.base_url, at=at)
        outbox.put(session, KIND, partner.email, subject, body, at=at)
    return len(asked) + still_wanted.set_aside(session, at=at) + still_wanted.close_silent(session, at=at)
