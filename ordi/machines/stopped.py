"""Which of many machines the gate would not let be promised, and for what: as the gate says of each, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from ordi.machines.audit import due_drives
from ordi.machines.drive import Drive, Removal, Sighting, Standing, seen_now_in
from ordi.machines.lifecycle import Need
from ordi.machines.machine import Machine
from ordi.machines.policy import short_of
from ordi.machines.quarantine import Quarantine, holds


def stopped(session: Session, machines: Collection[Machine]) -> dict[int, Need]:
    """What stops each machine that may not be promised, by its id; of several, what a person lifts first.

    For machines that are ready: that their drives are clean is held by the database itself (`lifecycle.GATED`).
    """
    ids = [one.id for one in machines]
    inside = _inside(session, ids)
    drives = {drive.id: drive for held in inside.values() for drive in held}
    due, short = due_drives(session, list(drives)), short_of(session, drives.values())
    in_one = exists().where(Quarantine.lifted_at.is_(None), holds())
    quarantined = set(session.scalars(select(Machine.id).where(Machine.id.in_(ids), in_one)))
    found: dict[int, Need] = {}
    for machine in machines:
        held = inside.get(machine.id, [])
        for need, stops in (
            (Need.NOT_HELD, bool(machine.held_for)),
            (Need.NOT_QUARANTINED, machine.id in quarantined),
            (Need.AUDITED, any((one.id, one.generation) in due for one in held)),
            (Need.AS_ASKED, any(one.id in short for one in held)),
        ):
            if stops:
                found[machine.id] = need
                break
    return found


def _inside(session: Session, ids: Collection[int]) -> dict[int, list[Drive]]:
    """The proven drives that each machine holds, those seen under a record merged into it too. One query."""
    record = aliased(Machine)
    rows = session.execute(
        select(Machine.id, Drive)
        .join(record, seen_now_in(record, Machine))
        .join(Sighting, Sighting.machine_id == record.id)
        .join(Drive, Drive.id == Sighting.drive_id)
        .where(
            Machine.id.in_(ids),
            Drive.standing == Standing.SANITISED,
            Sighting.id.not_in(select(Removal.sighting_id)),
        )
        .order_by(Sighting.id)
    )
    found: dict[int, list[Drive]] = {}
    for machine, drive in rows.tuples():
        held = found.setdefault(machine, [])
        if drive not in held:
            held.append(drive)
    return found
