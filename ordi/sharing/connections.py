"""An access to the internet that comes with a home, not with a machine: free for a while, then at a price a month."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.errors import Invalid, Refused
from ordi.papers import PARIS
from ordi.parties.access import require
from ordi.parties.people import Person
from ordi.sharing.beside import Connection as Connection
from ordi.sharing.blocks import check_service
from ordi.sharing.months import months_after
from ordi.sharing.requests import NotWaiting, Request, RequestState


class AlreadyConnected(Refused):
    """This home has its access."""

    code = "already-connected"


def connect(session: Session, request: Request, *, by: Person, at: datetime) -> Connection:
    """Open the access, with or without a machine.

    Raises `NotAllowed`, `Invalid`, `NotWaiting`, `AlreadyConnected`, and what `blocks.check_service` refuses.
    """
    require(by, "sharing.follow", request.partner, at=at)
    terms = request.programme.rules.connection
    if terms is None:
        raise Invalid(field="connection", why="does-not-fit-programme")
    if request.state == RequestState.WITHDRAWN:
        raise NotWaiting(request=request.code, state=request.state)
    session.refresh(request, with_for_update={"of": Request})
    if connection_of(session, request) is not None:
        raise AlreadyConnected(request=request.code)
    today = at.astimezone(PARIS).date()
    check_service(session, request, today)
    opened = Connection(
        request_id=request.id,
        opened_on=today,
        free_until=months_after(today, terms.free_months),
        then_cents=terms.then_cents,
        by_id=by.id,
    )
    session.add(opened)
    session.flush()
    return opened


def disconnect(session: Session, connection: Connection, request: Request, *, by: Person, at: datetime) -> None:
    """Close the access. Raises `NotAllowed`."""
    require(by, "sharing.follow", request.partner, at=at)
    connection.closed_at = at
    session.flush()


def connection_of(session: Session, request: Request) -> Connection | None:
    """The open access of a request."""
    query = select(Connection).where(Connection.request_id == request.id, Connection.closed_at.is_(None))
    return session.scalar(query)
