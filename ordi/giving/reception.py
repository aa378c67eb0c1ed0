"""Reception at the workshop: one scan a machine, what is missing and what nobody announced, and the count that closes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ordi.database import Base
from ordi.errors import Refused
from ordi.machines.custody import Holder, transfer
from ordi.machines.journal import Event, bear, record
from ordi.machines.labels import Label, claim, hold_free
from ordi.machines.lifecycle import Action, Note, State
from ordi.machines.lots import Lot
from ordi.machines.machine import Form, Machine
from ordi.parties.access import require
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person


class ReceptionClosed(Refused):
    """This lot was counted and closed."""

    code = "reception-closed"


class NothingReceived(Refused):
    """No machine of this lot was received: there is nothing to close."""

    code = "nothing-received"


class LotOfAnotherWorkshop(Refused):
    """The label and the lot belong to two workshops."""

    code = "lot-of-another-workshop"


class Reception(Base):
    """A lot counted at the workshop and closed, by whoever counted it."""

    __tablename__ = "receptions"

    id: Mapped[int] = mapped_column(primary_key=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lots.id"), unique=True)
    received: Mapped[int]
    missing: Mapped[int]
    surplus: Mapped[int]
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]


@dataclass(frozen=True)
class LotCount:
    """A lot, machine by machine. `missing` left the donor and has not come; `surplus` came unannounced."""

    promised: list[Machine]
    cancelled: list[Machine]
    missing: list[Machine]
    received: list[Machine]
    surplus: list[Machine]
    lost: list[Machine]

    @property
    def complete(self) -> bool:
        """Whether everything that left the donor is here."""
        return not self.missing and not self.promised and not self.lost


def receive(
    session: Session, machine: Machine, *, by: Person, at: datetime, happened_at: datetime | None = None
) -> None:
    """Take a machine in at the workshop, from the van or from the donor's own hands. Raises `WrongState`, `NotAllowed`."""
    record(session, machine, Action.RECEIVE, by=by, at=at, happened_at=happened_at)
    transfer(session, machine, Holder.WORKSHOP, machine.workshop, by=by, at=at)


def receive_all(session: Session, lot: Lot, *, by: Person, at: datetime) -> list[Machine]:
    """Take in everything of a lot that left the donor, in one go. Raises `NotAllowed`."""
    require(by, "giving.receive", lot.workshop, at=at)
    came = count_of(session, lot).missing
    for machine in came:
        receive(session, machine, by=by, at=at)
    return came


def admit(
    session: Session,
    label: Label,
    form: Form = Form.UNKNOWN,
    *,
    lot: Lot | None = None,
    donor: Organisation | None = None,
    by: Person,
    at: datetime,
    demonstration: bool = False,
) -> Machine:
    """Take in a machine nobody announced, under a free label; with a lot, as its surplus.

    Raises `LabelTaken`, `NotAllowed`, `LotOfAnotherWorkshop`.
    """
    require(by, "bench.intake", label.workshop, at=at)
    hold_free(session, label)
    if lot is not None and lot.workshop_id != label.workshop_id:
        raise LotOfAnotherWorkshop(lot=lot.code)
    machine = Machine(
        tag=label.tag,
        form=form,
        workshop=label.workshop,
        lot=lot,
        donor=lot.donor if lot else donor,
        demonstration=demonstration,
    )
    bear(session, machine, Action.ADMIT, by=by, at=at, lot=lot.code if lot else None)
    claim(session, label, machine, at=at)
    record(session, machine, Note.LABELLED, by=by, at=at, again=False)
    transfer(session, machine, Holder.WORKSHOP, label.workshop, by=by, at=at)
    return machine


def count_of(session: Session, lot: Lot) -> LotCount:
    """Where each machine of a lot stands between the donor and the workshop."""
    return counts_of(session, [lot])[lot.id]


def counts_of(session: Session, lots: Sequence[Lot]) -> dict[int, LotCount]:
    """The counts of several lots, by the lot's id: two queries, however many there are."""
    ids = [lot.id for lot in lots]
    born = dict(
        session.execute(
            select(Event.machine_id, Event.action)
            .join(Machine, Machine.id == Event.machine_id)
            .where(Event.seq == 1, Machine.lot_id.in_(ids))
        ).all()
    )
    counts = {lot_id: LotCount([], [], [], [], [], []) for lot_id in ids}
    once = select(Machine).where(Machine.lot_id.in_(ids), Machine.merged_into_id.is_(None))
    for machine in session.scalars(once.order_by(Machine.id)):
        pile = _PILES.get(State(machine.state), "received")
        name = "surplus" if pile == "received" and born[machine.id] == Action.ADMIT else pile
        getattr(counts[machine.lot_id or 0], name).append(machine)
    return counts


_PILES = {
    State.PROMISED: "promised",
    State.CANCELLED: "cancelled",
    State.COLLECTED: "missing",
    State.LOST: "lost",
}


def close(session: Session, lot: Lot, *, by: Person, at: datetime) -> Reception:
    """Close the reception of a lot with its count. Raises `NotAllowed`, `ReceptionClosed`, `NothingReceived`."""
    require(by, "giving.receive", lot.workshop, at=at)
    session.refresh(lot, with_for_update=True)
    if closed_of(session, lot):
        raise ReceptionClosed(lot=lot.code)
    count = count_of(session, lot)
    if not count.received and not count.surplus:
        raise NothingReceived(lot=lot.code)
    closed = Reception(
        lot_id=lot.id,
        received=len(count.received),
        missing=len(count.missing),
        surplus=len(count.surplus),
        by_id=by.id,
        at=at,
    )
    session.add(closed)
    session.flush()
    return closed


def closed_of(session: Session, lot: Lot) -> Reception | None:
    """How a lot's reception was closed, if it was."""
    return session.scalar(select(Reception).where(Reception.lot_id == lot.id))
