"""Naming: a machine that is not ready yet is already somebody's, who builds it and answers for it from A to Z."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ForeignKey, Index, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.database import Base
from ordi.errors import Refused, SomeoneJustDidThis
from ordi.machines.journal import lock
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.parties.access import require
from ordi.parties.organisations import pole_of
from ordi.parties.people import Person
from ordi.sharing.requests import LIVE, NotWaiting, OutOfTerritory, Request, RequestState

BEFORE_READY = (State.RECEIVED, State.SANITISED, State.REINSTALLED)

_OPEN = text("ended_at IS NULL")


class NotToBeBuilt(Refused):
    """Only the machines of a programme whose holders build them are named, and only before they are ready."""

    code = "not-to-be-built"


class NamedForAnother(Refused):
    """Somebody builds this machine: it is theirs."""

    code = "named-for-another"


class NotNamed(Refused):
    """Who builds their machine gets that one: it bore their name before it was ready."""

    code = "not-named"


class Naming(Base):
    """A machine that bears a request's name while it is built."""

    __tablename__ = "namings"
    __table_args__ = tuple(
        Index(f"uq_namings_{one}", f"{one}_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN)
        for one in ("machine", "request")
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machines.id"))
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    machine: Mapped[Machine] = relationship()
    request: Mapped[Request] = relationship()


def name_machine(session: Session, machine: Machine, request: Request, *, by: Person, at: datetime) -> Naming:
    """Name a machine for a request. Raises `NotAllowed`, `OutOfTerritory`, `NotToBeBuilt`, `NotWaiting`, `SomeoneJustDidThis`."""
    require(by, "sharing.allocate", request.partner, at=at)
    require(by, "sharing.allocate", machine.workshop, at=at)
    if pole_of(machine.workshop).id != pole_of(request.partner).id:
        raise OutOfTerritory(tag=machine.tag, request=request.code)
    session.refresh(request, with_for_update={"of": Request})
    lock(session, machine)
    if not request.programme.rules.built_by_holder or machine.state not in BEFORE_READY:
        raise NotToBeBuilt(tag=machine.tag, programme=request.programme.code)
    if request.state != RequestState.WAITING:
        raise NotWaiting(request=request.code, state=request.state)
    _forget_ended(session, machine, at)
    naming = Naming(machine=machine, request=request, by_id=by.id, at=at)
    try:
        with session.begin_nested():
            session.add(naming)
    except IntegrityError:
        raise SomeoneJustDidThis(tag=machine.tag, request=request.code) from None
    return naming


def _forget_ended(session: Session, machine: Machine, at: datetime) -> None:
    """A machine whose future owner withdrew bears nobody's name."""
    held = select(Naming).join(Naming.request).where(Naming.machine_id == machine.id, Naming.ended_at.is_(None))
    for one in session.scalars(held.where(Request.state.not_in(LIVE))):
        one.ended_at = at
    session.flush()


def unname(session: Session, naming: Naming, *, by: Person, at: datetime) -> None:
    """It is nobody's again. Raises `NotAllowed`."""
    require(by, "sharing.allocate", naming.request.partner, at=at)
    naming.ended_at = at
    session.flush()


def naming_of(session: Session, subject: Machine | Request) -> Naming | None:
    """For whom a machine is named, or which machine bears a request's name, while the request lives."""
    of = Naming.machine_id if isinstance(subject, Machine) else Naming.request_id
    query = select(Naming).join(Naming.request).where(Request.state.in_(LIVE))
    return session.scalar(query.where(of == subject.id, Naming.ended_at.is_(None)))


def names(session: Session, machines: Iterable[Machine]) -> dict[int, int]:
    """For whom these machines are named: id of the machine → id of the request."""
    query = select(Naming.machine_id, Naming.request_id).join(Naming.request)
    query = query.where(Naming.ended_at.is_(None), Request.state.in_(LIVE))
    wanted = {one.id for one in machines}
    return {machine: request for machine, request in session.execute(query).tuples() if machine in wanted}
