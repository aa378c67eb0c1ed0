"""A machine comes home: sharing takes it back, and what the fleet still expected of it ends with that."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from ordi.fleet import alerts, help_requests
from ordi.machines.journal import record
from ordi.machines.lifecycle import Note
from ordi.parties.people import Person
from ordi.sharing import take_back as sharing
from ordi.sharing.allocation import Allocation


def take_back(
    session: Session,
    allocation: Allocation,
    reason: str,
    *,
    files: str = "",
    came: tuple[str, ...] = (),
    by: Person,
    at: datetime,
) -> None:
    """Receive a machine back; its open help tickets and alerts are closed, and its history says so.

    Raises what `sharing.take_back` raises.
    """
    sharing.take_back(session, allocation, reason, files=files, came=came, by=by, at=at)
    machine = allocation.machine
    tickets, warnings = help_requests.close_all(session, machine, at=at), alerts.drop_all(session, machine, at=at)
    if tickets or warnings:
        record(session, machine, Note.FOLLOW_UP_ENDED, by=None, at=at, tickets=tickets, alerts=warnings)
