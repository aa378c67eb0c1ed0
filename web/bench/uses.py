"""What a machine may become, on its page: good for what, Windows 11 or not, and the category with the rule that gave it."""

from __future__ import annotations

from flask import render_template

from ordi.bench.diagnosis import RULE, propose
from ordi.machines.checks import results
from ordi.machines.drive import Medium, open_sightings
from ordi.machines.fittings import fitted
from ordi.machines.good_for import good_for
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.machines.windows11 import windows_11
from web.bench import words
from web.machines.panels import panel
from web.session import db

_WITH_US = frozenset({State.RECEIVED, State.SANITISED, State.REINSTALLED, State.READY, State.ALLOCATED})
_FLASH = (Medium.SSD, Medium.NVME, Medium.EMMC)


@panel(order=25, permission="machines.history")
def uses(machine: Machine) -> str | None:
    """Its category, what it is good for, and whether Windows 11 takes it."""
    if machine.state not in _WITH_US:
        return None
    drives = [sighting.drive for sighting in open_sightings(db(), machine)]
    told, found = fitted(db(), machine), results(db(), machine)
    largest = max((drive.bytes for drive in drives), default=None)
    media = {drive.medium for drive in drives} - {Medium.UNKNOWN}
    flash = any(medium in _FLASH for medium in media) if media else None
    return render_template(
        "bench/uses.html",
        machine=machine,
        windows=windows_11(machine.processor, machine.memory_bytes, largest, told),
        uses=good_for(machine.memory_bytes, flash, told, found),
        proposal=propose(db(), machine),
        rule=RULE,
        words=words,
    )
