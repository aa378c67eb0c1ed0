"""What the agent measured becomes results of the diagnosis, so that a person is asked only what a person must judge.

A person's answer of this stay is never replaced: a machine that contradicts somebody waits for somebody.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from ordi.bench.diagnosis import note_results, questions
from ordi.bench.place import AT_BENCH
from ordi.machines.checks import Check, How, Result, answered
from ordi.machines.fitted import Fitted
from ordi.machines.fittings import keep_fitted
from ordi.machines.health import WEAR_REPAIR, WEAR_WATCH, Health
from ordi.machines.machine import Machine
from ordi.parties.people import Person

_OF_HEALTH = {Health.GOOD: Result.GOOD, Health.WATCH: Result.WORN, Health.REPAIR: Result.FAILED}


def measured(told: Fitted) -> Iterator[tuple[Check, Result]]:
    """What a report answers by itself. What it does not tell, and what only an eye or an ear can, is not in it."""
    if told.battery_wear is not None:
        worn = told.battery_wear >= WEAR_WATCH
        yield Check.BATTERY, Result.FAILED if told.battery_wear >= WEAR_REPAIR else Result.WORN if worn else Result.GOOD
    if told.memory_errors is not None:
        yield Check.MEMORY, Result.FAILED if told.memory_errors else Result.GOOD
    if told.drives is not None:
        yield Check.DRIVE_HEALTH, _OF_HEALTH[Health(told.drives)]
    if told.wifi_networks or told.ethernet_plugged:
        yield Check.NETWORK, Result.GOOD
    for check, count in ((Check.CAMERA, told.cameras), (Check.MICROPHONE, told.microphones)):
        if count == 0:
            yield check, Result.ABSENT
    if told.touchscreen is False:
        yield Check.TOUCH, Result.ABSENT
    if told.bios_password is not None:
        yield Check.BIOS_LOCK, Result.FAILED if told.bios_password else Result.GOOD


def measure(session: Session, machine: Machine, told: Fitted, *, by: Person | None, at: datetime) -> None:
    """Keep what a bench report of a held machine tells of it, and note what it answers."""
    keep_fitted(session, machine, told, at=at)
    if machine.state not in AT_BENCH:
        return
    known = answered(session, machine)
    found = {
        check: result
        for check, result in measured(told)
        if check in questions(machine)
        and (check not in known or (known[check].how == How.AGENT and known[check].result != result))
    }
    if found:
        note_results(session, machine, found, how=How.AGENT, by=by, at=at)
