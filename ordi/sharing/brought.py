"""What a request brought so far, among what its programme treats together: equipment, access, uses, visits."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ordi.sharing.allocation import current_for
from ordi.sharing.connections import connection_of
from ordi.sharing.requests import Request
from ordi.sharing.rules import Service
from ordi.sharing.training import Step, places_of
from ordi.sharing.visits import visits_of


def brought(session: Session, request: Request) -> dict[Service, bool]:
    """Each service of the programme, and whether this request has it: a machine that was handed over, an open access,
    a certificate or every session attended, as many visits as planned."""
    rules = request.programme.rules
    told: dict[Service, bool] = {}
    for service in rules.services:
        if service == Service.MACHINE:
            held = current_for(session, request)
            told[service] = held is not None and held.handed_over_at is not None
        elif service == Service.CONNECTION:
            told[service] = connection_of(session, request) is not None
        elif service == Service.VISIT:
            told[service] = len(visits_of(session, request)) >= rules.visits
        else:
            wanted = rules.training.least_attended or rules.training.sessions if rules.training else 0
            told[service] = any(
                place.step == Step.CERTIFIED or len(place.attendances) >= wanted
                for place in places_of(session, request)
            )
    return told
