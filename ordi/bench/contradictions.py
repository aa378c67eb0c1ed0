"""A wiped drive does not hold what its wipe left there: the gate closes at once, and what else it throws doubt on is held."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from ordi.machines.drive import Drive, Standing
from ordi.machines.inventory import holding
from ordi.machines.journal import lock, record
from ordi.machines.lifecycle import STEPS, Action, State


def unproven(session: Session, drive: Drive, because: str, *, at: datetime) -> None:
    """The drive holds data again, and the machine it is in now goes back to the bench.

    What was recycled with it, or destroyed, is beyond reach: what was found stays written.
    """
    machines = holding(session, drive)
    for machine in machines:
        lock(session, machine)
        if machine.state in STEPS[Action.REOPEN].sources:
            record(session, machine, Action.REOPEN, by=None, at=at, because=because)
    session.refresh(drive, with_for_update=True)
    gone = any(machine.state == State.RECYCLED for machine in machines)
    if drive.standing != Standing.DESTROYED and not gone:
        drive.standing = Standing.HOLDS_DATA
        drive.generation += 1
    session.flush()
