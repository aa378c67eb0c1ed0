"""Reading stored reports again, once a reader knows more: nothing of what was kept is changed, only what is made of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.bench.intake import sender_of, tie, tie_to_known
from ordi.bench.sifting import understand
from ordi.machines.drive import Drive, Sighting, seen_in
from ordi.machines.evidence import Evidence, latest_of
from ordi.machines.hardware import Hardware
from ordi.machines.identity import How
from ordi.machines.inventory import AT_BENCH, describe, of_this_stay, take_inventory
from ordi.machines.machine import Machine


class Reread(StrEnum):
    """What came of it."""

    UNREAD = "not understood"
    TIED = "tied to its machine"
    DESCRIBED = "read again"
    WAITS = "waits for a person"


def reread(session: Session, evidence: Evidence, *, at: datetime) -> Reread:
    """Read a stored report again: as at its arrival if it had no machine; else what it says of its machine, if it is the last word.

    A drive that an earlier reading missed, and that was never recorded in the machine, is sighted now.
    """
    hardware = understand(evidence)
    if hardware is None:
        evidence.parsed = False
        session.flush()
        return Reread.UNREAD
    if evidence.machine_id is None:
        return _as_it_came(session, evidence, hardware, at)
    machine = session.get_one(Machine, evidence.machine_id).current
    if not evidence.parsed:
        tie(session, machine, evidence, hardware, by=None, at=at, bench=of_this_stay(session, machine, evidence))
        return Reread.TIED
    if latest_of(session, machine) is evidence:
        describe(machine, hardware)
        _sight_missed(session, machine, evidence, hardware, at)
    session.flush()
    return Reread.DESCRIBED


def _as_it_came(session: Session, evidence: Evidence, hardware: Hardware, at: datetime) -> Reread:
    sender = sender_of(session, evidence)
    if sender is None or evidence.recognised == How.WAITING or evidence.decided_at is not None:
        evidence.parsed = True
        session.flush()
        return Reread.WAITS
    return Reread.TIED if tie_to_known(session, evidence, hardware, sender, at) else Reread.WAITS


def _sight_missed(session: Session, machine: Machine, evidence: Evidence, hardware: Hardware, at: datetime) -> None:
    """Of a bench inventory of this stay, the drives that no reading has seen in the machine yet."""
    if not evidence.format.startswith("ordi-") or evidence.stay != machine.stay or machine.state not in AT_BENCH:
        return
    ever = set(
        session.scalars(select(Drive.serial).join(Sighting, Sighting.drive_id == Drive.id).where(seen_in(machine)))
    )
    if any(one.serial and one.serial not in ever for one in hardware.drives):
        new = tuple(one for one in hardware.drives if one.serial not in ever)
        take_inventory(session, machine, evidence, replace(hardware, drives=new), by=None, at=at)
