"""A request outside its programme's conditions is served when a person decides so, with a reason."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from ordi.errors import Invalid
from ordi.parties.access import require
from ordi.parties.people import Person
from ordi.sharing.requests import NotWaiting, Request, RequestState


class Derogation(StrEnum):
    """Why somebody lets a request be served outside the conditions."""

    URGENT = "urgent"
    JUST_BELOW = "just_below"
    PARTNER_VOUCHES = "partner_vouches"
    COMMITTEE = "committee"


def derogate(session: Session, request: Request, reason: str, *, by: Person, at: datetime) -> None:
    """A person decides that a request outside the conditions may be served. Raises `NotAllowed`, `Invalid`, `NotWaiting`."""
    require(by, "sharing.allocate", request.partner, at=at)
    if reason not in set(Derogation):
        raise Invalid(field="reason", why="unknown")
    session.refresh(request, with_for_update={"of": Request})
    if request.state != RequestState.WAITING:
        raise NotWaiting(request=request.code, state=request.state)
    request.derogation, request.derogated_by, request.derogated_at = reason, by, at
    session.flush()
