"""Where a machine is diagnosed, repaired and cleaned, and by whom."""

from __future__ import annotations

from datetime import datetime

from ordi.machines.journal import WrongState
from ordi.machines.lifecycle import Note, State
from ordi.machines.machine import Machine
from ordi.parties.access import require
from ordi.parties.people import Person

AT_BENCH = frozenset({State.RECEIVED, State.SANITISED, State.REINSTALLED})
"""Where a machine is diagnosed, repaired and cleaned: between its reception and the shelf."""


def at_bench(machine: Machine, what: Note, by: Person, at: datetime) -> None:
    """Raise `NotAllowed` or `WrongState` unless this person works on this machine at the bench now."""
    require(by, "bench.work", machine.workshop, at=at)
    if machine.state not in AT_BENCH:
        raise WrongState(action=what, state=machine.state, tag=machine.tag)
