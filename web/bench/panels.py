"""What the bench puts on the page of a machine."""

from __future__ import annotations

from flask import render_template
from flask_babel import lazy_gettext as _l

from ordi.bench.place import AT_BENCH
from ordi.bench.tasks import open_tasks
from ordi.machines.checks import Check, results
from ordi.machines.lifecycle import Action, State
from ordi.machines.machine import Machine
from web.guards import i_may
from web.machines.panels import ACTION_ROUTES, extra_action, panel
from web.session import db

ACTION_ROUTES.update(
    {
        Action.REFUSE: "bench.triage",
        Action.SANITISE: "wiping.plan",
        Action.REINSTALL: "bench.reinstall",
        Action.RELEASE_TO_STOCK: "bench.release",
        Action.DISMANTLE: "bench.dismantle",
        Action.RECYCLE: "bench.recycle",
        Action.LOSE: "bench.lose",
    }
)

_NEAR = AT_BENCH | {State.READY, State.DISMANTLED}


def _here(machine: Machine) -> bool:
    return machine.state in _NEAR


def _worked_on(machine: Machine) -> bool:
    return machine.state in AT_BENCH


extra_action("bench.machine", "bench.work", _l("À l’établi"), "workshop", _here, _worked_on)


@panel(order=10, permission="machines.history")
def left_to_do(machine: Machine) -> str | None:
    """What is still to be repaired, found or taken apart, oldest first."""
    found = open_tasks(db(), machine)
    if not found:
        return None
    works = machine.state in AT_BENCH and i_may("bench.work", machine.workshop)
    return render_template("bench/tasks_panel.html", machine=machine, tasks=found, tested=set(Check), works=works)


@panel(order=20, permission="machines.history")
def tried(machine: Machine) -> str | None:
    """What was tried at the bench during this stay."""
    found = results(db(), machine)
    return render_template("bench/panel.html", found=found) if found else None
