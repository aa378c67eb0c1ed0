"""What became of each computer a donor gave: for the donor's own report (décret 2023-266), without a word of who has it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.machines.drive import Drive, Sighting, Standing
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
    owner's data was clean once, and its earlier generation is what the donor asks about.
    """
    drives: dict[int, list[Drive]] = {}
    for machine_id, drive in session.execute(
        select(Sighting.machine_id, Drive)
        .join(Drive, Drive.id == Sighting.drive_id)
        .join(Machine, Machine.id == Sighting.machine_id)
        .where(Machine.lot_id == lot.id)
        .distinct()
    ):
        drives.setdefault(machine_id, []).append(drive)
    for machine in session.scalars(select(Machine).where(Machine.lot_id == lot.id).order_by(Machine.id)):
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
            drives_clean=sum(1 for d in inside if d.standing != Standing.HOLDS_DATA or d.generation > 1),
        )
