"""The four steps of reconditioning (DOMAIN.md), for a whole list at once: cleaned, tested and mended, wiped, reinstalled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.machines.checks import AGAIN, BenchCheck, Check, Result, asked_of
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine

SHOWN = frozenset({State.RECEIVED, State.SANITISED, State.REINSTALLED, State.READY, State.ALLOCATED})
"""Where the lights say something: from the reception to the hand-over."""


@dataclass(frozen=True)
class Steps:
    """How far a machine is: each is `ok`, `now` (begun), `stop` (something fails) or `todo`."""

    cleaned: str
    tested: str
    wiped: str
    reinstalled: str


def steps_of(session: Session, machines: Sequence[Machine]) -> dict[int, Steps]:
    """The four lights of each machine on a list, by its id: one query, however many. Those elsewhere in their life have none."""
    here = {one.id: one for one in machines if one.state in SHOWN}
    rows = session.execute(
        select(BenchCheck.machine_id, BenchCheck.stay, BenchCheck.name, BenchCheck.result)
        .where(BenchCheck.machine_id.in_(list(here)))
        .order_by(BenchCheck.id)
    )
    found: dict[int, dict[str, str]] = {key: {} for key in here}
    for machine_id, stay, name, result in rows.tuples():
        if stay == here[machine_id].stay:
            found[machine_id][name] = result
    return {key: _steps(machine, found[key]) for key, machine in here.items()}


def _steps(machine: Machine, found: dict[str, str]) -> Steps:
    out = machine.state in (State.READY, State.ALLOCATED)
    asked = [found.get(check, AGAIN) for check in asked_of(machine)]
    failed, missing = Result.FAILED in asked, AGAIN in asked
    tested = out or (not failed and not missing and machine.grade is not None)
    begun = any(result != AGAIN for result in asked)
    wiped = machine.state != State.RECEIVED
    return Steps(
        cleaned="ok" if out or found.get(Check.CLEANING) == Result.GOOD else "todo",
        tested="ok" if tested else "stop" if failed else "now" if begun else "todo",
        wiped="ok" if wiped else "todo",
        reinstalled="ok" if out or machine.state == State.REINSTALLED else "todo",
    )
