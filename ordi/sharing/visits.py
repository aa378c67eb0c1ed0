"""Visits at home: why, and how things stand under five headings (Kérourien). No word of the family's life is kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.canonical import canonical
from ordi.errors import Invalid
from ordi.papers import PARIS
from ordi.parties.access import require
from ordi.parties.people import Person
from ordi.sharing.beside import Visit as Visit
from ordi.sharing.blocks import check_service
from ordi.sharing.requests import NotWaiting, Request, RequestState


class Heading(StrEnum):
    """What a visit looks at."""

    EQUIPMENT = "equipment"
    START_UP = "start_up"
    DISCOVERY = "discovery"
    SKILLS = "skills"
    PROVIDER = "provider"


class Finding(StrEnum):
    """How things stand under a heading."""

    WELL = "well"
    TO_FOLLOW = "to_follow"
    HELP_NEEDED = "help_needed"


class Cause(StrEnum):
    """Why somebody comes."""

    INSTALLATION = "installation"
    WIRING = "wiring"
    BREAKDOWN = "breakdown"
    GETTING_STARTED = "getting_started"
    CONNECTION = "connection"
    FOLLOW_UP = "follow_up"


def visit(
    session: Session, request: Request, cause: str, findings: Mapping[str, str], *, by: Person, at: datetime
) -> Visit:
    """A visit was made, and each of the five headings has its finding.

    To who has their machine it is help, and never refused; to the others it is served under the programme.
    Raises `NotAllowed`, `Invalid`, `NotWaiting`, and what `blocks.check_service` refuses.
    """
    require(by, "sharing.visit", request.partner, at=at)
    if cause not in set(Cause):
        raise Invalid(field="cause", why="unknown")
    if set(findings) != set(Heading) or not set(findings.values()) <= set(Finding):
        raise Invalid(field="findings", why="missing")
    if request.state == RequestState.WITHDRAWN:
        raise NotWaiting(request=request.code, state=request.state)
    if request.state != RequestState.HANDED_OVER:
        check_service(session, request, at.astimezone(PARIS).date())
    made = Visit(
        request_id=request.id,
        cause=cause,
        findings=canonical({str(k): str(v) for k, v in findings.items()}),
        by=by,
        at=at,
    )
    session.add(made)
    if request.household is not None:
        request.household.last_contact_at = at
    session.flush()
    return made


def visits_of(session: Session, request: Request) -> list[Visit]:
    """The visits of a request, newest first."""
    return list(session.scalars(select(Visit).where(Visit.request_id == request.id).order_by(Visit.id.desc())))
