"""The round: a driver counts what is there, the donor signs, and what did not come is cancelled with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, Select, String, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.database import Base
from ordi.errors import Invalid, NotAllowed, NotFound, Refused
from ordi.machines.custody import Holder, transfer
from ordi.machines.journal import record
from ordi.machines.lifecycle import Action, State
from ordi.machines.lots import Lot
from ordi.machines.machine import Machine
from ordi.papers import PARIS, PaperKind, issue
from ordi.parties.access import ACCESS, require
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person, Role
from ordi.tags import read_tag


class Missing(StrEnum):
    """Why fewer came than were promised."""

    KEPT_BY_DONOR = "kept_by_donor"
    NOT_FOUND = "not_found"
    GIVEN_ELSEWHERE = "given_elsewhere"
    NO_ROOM_IN_VAN = "no_room_in_van"
    BROKEN = "broken"


class AlreadyCollected(Refused):
    """This lot was collected before."""

    code = "already-collected"


class NotInThisLot(Refused):
    """This tag belongs to no promised machine of the lot."""

    code = "not-in-this-lot"


class MoreThanPromised(Refused):
    """More were counted than promised: the others get a free label at reception, as surplus."""

    code = "more-than-promised"


class WhyMissing(Refused):
    """Fewer came than promised: say why."""

    code = "why-missing"


class Collection(Base):
    """The slip: what left the donor, counted by whom and signed. One a lot."""

    __tablename__ = "collections"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    """`B-2026-0014`: the number on the slip, without a gap."""
    lot_id: Mapped[int] = mapped_column(ForeignKey("lots.id"), unique=True)
    counted: Mapped[int]
    missing: Mapped[int]
    reason: Mapped[str] = mapped_column(String(16), default="")
    surplus: Mapped[int] = mapped_column(default=0)
    """How many more than promised the driver took along, unlabelled."""
    signed: Mapped[bool]
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    happened_at: Mapped[datetime]

    lot: Mapped[Lot] = relationship()
    by: Mapped[Person] = relationship()


def promised_in(session: Session, lot: Lot) -> list[Machine]:
    """The machines of a lot still promised, in the order of their birth."""
    query = select(Machine).where(Machine.lot_id == lot.id, Machine.state == State.PROMISED)
    return list(session.scalars(query.order_by(Machine.id)))


def collect(
    session: Session,
    lot: Lot,
    *,
    count: int | None = None,
    tags: Sequence[str] | None = None,
    surplus: int = 0,
    signature: bytes | None = None,
    reason: Missing | None = None,
    by: Person,
    at: datetime,
    happened_at: datetime | None = None,
) -> Collection:
    """Take a lot along: by the tags stuck on, or by a count. The rest is cancelled, with a reason.

    Raises `NotAllowed` (a driver has only their own rounds), `AlreadyCollected`, `NotInThisLot`, `MoreThanPromised`,
    `WhyMissing`, `Invalid`.
    """
    _allow(lot, by, at)
    session.refresh(lot, with_for_update=True)
    if lot.collected_at is not None:
        raise AlreadyCollected(lot=lot.code)
    promised = promised_in(session, lot)
    taken = _counted(promised, count, tags)
    if surplus < 0:
        raise Invalid(field="surplus", why="out-of-range")
    if len(taken) < len(promised) and reason is None:
        raise WhyMissing(promised=len(promised), counted=len(taken))
    paper = issue(
        session,
        PaperKind.COLLECTION_SLIP,
        f"lot:{lot.code}",
        {"lot": lot.code, "promised": len(promised), "tags": [m.tag for m in taken], "surplus": surplus},
        by_id=by.id,
        at=at,
    )
    slip = Collection(
        code=paper.label,
        lot=lot,
        counted=len(taken),
        missing=len(promised) - len(taken),
        reason=reason if reason and len(taken) < len(promised) else "",
        surplus=surplus,
        signed=signature is not None,
        by=by,
        at=at,
        happened_at=happened_at or at,
    )
    session.add(slip)
    lot.collected_at = at
    for machine in promised:
        if machine in taken:
            record(session, machine, Action.COLLECT, by=by, at=at, happened_at=happened_at, slip=slip.code)
            transfer(session, machine, Holder.DRIVER, lot.workshop, by=by, at=at, signature=signature)
        else:
            record(
                session, machine, Action.CANCEL, by=by, at=at, happened_at=happened_at, reason=reason, slip=slip.code
            )
    session.flush()
    return slip


def slip_of(session: Session, lot: Lot) -> Collection | None:
    """The slip of a lot, once it was collected."""
    return session.scalar(select(Collection).where(Collection.lot_id == lot.id))


def lots_seen_by(reader: Person, permission: str = "giving.see", *, at: datetime) -> Select[Lot]:
    """The lots a reader may see: a driver's own rounds until the next morning, a donor's own gifts, a workshop's or a pole's."""
    reach: list[ColumnElement[bool]] = []
    for held in reader.current(at):
        if held.role not in ACCESS[permission]:
            continue
        if held.role == Role.DRIVER:
            today = or_(Lot.collected_at.is_(None), Lot.collected_at >= _this_morning(at))
            reach.append((Lot.driver_id == reader.id) & today)
            continue
        beneath = select(Organisation.id).where(Organisation.path.startswith(held.organisation.path, autoescape=True))
        reach.append((Lot.donor_id if held.role == Role.DONOR_CONTACT else Lot.workshop_id).in_(beneath))
    return select(Lot).where(or_(*reach) if reach else Lot.id.is_(None))


def _this_morning(at: datetime) -> datetime:
    """When the day began, in France: a round is its driver's until the next one begins (TRUST.md)."""
    return at.astimezone(PARIS).replace(hour=0, minute=0, second=0, microsecond=0)


def lot_seen(session: Session, reader: Person, code: str, permission: str = "giving.see", *, at: datetime) -> Lot:
    """The lot under this code, if this reader may see it. Raises `NotFound` alike for none and not yours."""
    lot = session.scalar(lots_seen_by(reader, permission, at=at).where(Lot.code == code))
    if lot is None:
        raise NotFound(lot=code[:12])
    return lot


def _allow(lot: Lot, by: Person, at: datetime) -> None:
    require(by, "giving.collect", lot.workshop, at=at)
    coordinates = any(
        held.role == Role.COORDINATOR and held.organisation.holds(lot.workshop) for held in by.current(at)
    )
    if by.id != lot.driver_id and not coordinates:
        raise NotAllowed(permission="giving.collect", lot=lot.code)


def _counted(promised: list[Machine], count: int | None, tags: Sequence[str] | None) -> list[Machine]:
    if tags is not None:
        known = {machine.tag: machine for machine in promised}
        wanted = list(dict.fromkeys(read_tag(tag) for tag in tags))
        strangers = [tag for tag in wanted if tag not in known]
        if strangers:
            raise NotInThisLot(tags=strangers)
        return [known[tag] for tag in wanted]
    if count is None or count < 0:
        raise Invalid(field="count", why="missing")
    if count > len(promised):
        raise MoreThanPromised(promised=len(promised), counted=count)
    return promised[:count]
