"""What became of each computer a donor gave: for the donor's own report (décret 2023-266), without a word of who has it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from ordi.machines.contradiction import belied
from ordi.machines.drive import Drive, Sanitisation, Sighting, Standing, seen_now_in
from ordi.machines.lifecycle import State
from ordi.machines.lots import Lot
from ordi.machines.machine import Machine


@dataclass(frozen=True)
class Outcome:
    """One computer: what it was, how far it came, and what is proved of its drives."""

    tag: str
    form: str
    manufacturer: str
    model: str
    serial: str
    state: str
    kind: str
    """reused | recycled | returned | cancelled | lost | under_way."""
    since: datetime
    drives: int
    drives_clean: int


_KINDS = {
    State.HANDED_OVER: "reused",
    State.RECYCLED: "recycled",
    State.DISMANTLED: "recycled",
    State.REFUSED: "returned",
    State.CANCELLED: "cancelled",
    State.LOST: "lost",
}


def outcomes(session: Session, lot: Lot) -> Iterator[Outcome]:
    """Each machine of a lot and its outcome, in the order of the slip.

    A drive counts as clean when it was proven wiped or destroyed before it went out again: one that holds the new
    owner's data was clean once, and that is what the donor asks about; unless a later look belied that wipe.
    """
    record = aliased(Machine)
    proven = exists().where(Sanitisation.drive_id == Drive.id, Sanitisation.verdict == "PASS", ~belied())
    drives: dict[int, list[tuple[Drive, bool]]] = {}
    for machine_id, drive, clean in session.execute(
        select(Machine.id, Drive, proven)
        .join(record, seen_now_in(record, Machine))
        .join(Sighting, Sighting.machine_id == record.id)
        .join(Drive, Drive.id == Sighting.drive_id)
        .where(Machine.lot_id == lot.id, Machine.merged_into_id.is_(None))
        .distinct()
    ):
        drives.setdefault(machine_id, []).append((drive, clean))
    theirs = select(Machine).where(Machine.lot_id == lot.id, Machine.merged_into_id.is_(None))
    for machine in session.scalars(theirs.order_by(Machine.id)):
        inside = drives.get(machine.id, [])
        yield Outcome(
            tag=machine.tag,
            form=machine.form,
            manufacturer=machine.manufacturer,
            model=machine.model,
            serial=machine.serial or "",
            state=machine.state,
            kind=_KINDS.get(State(machine.state), "under_way"),
            since=machine.state_since,
            drives=len(inside),
            drives_clean=sum(1 for drive, clean in inside if drive.standing != Standing.HOLDS_DATA or clean),
        )
