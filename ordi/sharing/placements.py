"""Placement: who owns a machine, who keeps it, where it stands and who runs it, when these are not one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.database import Base
from ordi.errors import Invalid, Refused
from ordi.machines.custody import Holder, holder_of, transfer
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.parties.access import may, require
from ordi.parties.organisations import Organisation, pole_of
from ordi.parties.people import Person
from ordi.sharing.promises import Allocation
from ordi.sharing.requests import OutOfTerritory, Request

PARTS = ("owner", "keeper", "operator")
"""Who has a part in a placed machine."""


class ApplicantAsUser(Refused):
    """The applicant (an EPN) puts the machines at a partner's disposal; it does not use them itself."""

    code = "applicant-as-user"


class PlacementMissing(Refused):
    """Owner, keeper, place and operator are said before the machine leaves."""

    code = "placement-missing"


class Placement(Base):
    """Where a request's machine stands, and the part of each organisation. Said again, it is a new row."""

    __tablename__ = "placements"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    keeper_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    operator_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    place: Mapped[str] = mapped_column(String(80))
    """A room or a building, never a home."""
    fleet: Mapped[str] = mapped_column(String(40), default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]

    owner: Mapped[Organisation] = relationship(foreign_keys=[owner_id])
    keeper: Mapped[Organisation] = relationship(foreign_keys=[keeper_id])
    operator: Mapped[Organisation] = relationship(foreign_keys=[operator_id])


def place(
    session: Session,
    request: Request,
    *,
    owner: Organisation,
    keeper: Organisation,
    operator: Organisation,
    where: str,
    by: Person,
    at: datetime,
    fleet: str = "",
) -> Placement:
    """Say who has which part in a request's machine. One that is already out passes into the new keeper's custody.

    Raises `NotAllowed`, `Invalid`, `OutOfTerritory`, `ApplicantAsUser`.
    """
    if not may(by, "sharing.allocate", request.partner, at=at):
        require(by, "requests.apply", request.partner, at=at)
    rules = request.programme.rules
    if not rules.placed or not where.strip():
        raise Invalid(field="place", why="missing" if rules.placed else "does-not-fit-programme")
    if bool(rules.fleets) != bool(fleet) or (fleet and fleet not in rules.fleets):
        raise Invalid(field="fleet", why="unknown")
    pole = pole_of(request.partner)
    if any(pole_of(one).id != pole.id for one in (owner, keeper, operator)):
        raise OutOfTerritory(request=request.code)
    if not rules.applicant_may_use and operator.id == request.partner_id:
        raise ApplicantAsUser(request=request.code, programme=request.programme.code)
    said = Placement(
        request_id=request.id,
        owner=owner,
        keeper=keeper,
        operator=operator,
        place=where.strip()[:80],
        fleet=fleet,
        by_id=by.id,
        at=at,
    )
    session.add(said)
    session.flush()
    out = session.scalar(
        select(Machine)
        .join(Allocation, Allocation.machine_id == Machine.id)
        .where(Allocation.request_id == request.id, Allocation.ended_at.is_(None), Machine.state == State.HANDED_OVER)
        .with_for_update(of=Machine)
    )
    if out is not None:
        held = holder_of(session, out)
        if held is None or held.organisation_id != keeper.id:
            transfer(session, out, Holder.PARTNER, keeper, by=by, at=at)
    return said


def placement_of(session: Session, request: Request) -> Placement | None:
    """Where it stands, as last said."""
    query = select(Placement).where(Placement.request_id == request.id).order_by(Placement.id.desc()).limit(1)
    return session.scalar(query)
