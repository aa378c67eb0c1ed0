"""A family takes its consent back: nothing more is sent to it or by its computer, and its requests wait for a person.

Neither price, help, warranty nor rank depends on it. What a contract owes (the end of a loan, a repair) is still said.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.fleet.check_ins import stop
from ordi.machines.machine import Machine
from ordi.parties.households import Household
from ordi.parties.people import Person
from ordi.sharing.consents import Consent, take_back_consent
from ordi.sharing.promises import Allocation
from ordi.sharing.requests import Request
from ordi.sharing.telling import fall_silent


def take_back(session: Session, household: Household, language: str, *, by: Person, at: datetime) -> Consent:
    """The household says so, in the language it spoke. Raises `NotAllowed`."""
    said = take_back_consent(session, household, language, by=by, at=at)
    fall_silent(session, household, at=at)
    held = (
        select(Machine)
        .join(Allocation, Allocation.machine_id == Machine.id)
        .join(Request, Request.id == Allocation.request_id)
        .where(
            Request.household_id == household.id,
            Allocation.handed_over_at.is_not(None),
            Allocation.ended_at.is_(None),
        )
        .order_by(Machine.id)
    )
    for machine in session.scalars(held).all():
        stop(session, machine, at=at)
    return said
