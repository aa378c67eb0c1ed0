"""On a machine's page: for which request it is kept, or out with."""

from __future__ import annotations

from flask import render_template

from ordi.machines.machine import Machine
from ordi.sharing.allocation import current_for
from ordi.sharing.placements import placement_of
from ordi.sharing.requests import Request, requests_seen_by
from web.clock import now
from web.guards import me
from web.machines.panels import panel
from web.session import db
from web.sharing import words


@panel(order=60, permission="requests.see")
def shared(machine: Machine) -> str | None:
    """The request behind a promised or handed over machine, by its code."""
    allocation = current_for(db(), machine)
    if allocation is None or not allocation.standing:
        return None
    mine = requests_seen_by(me(), at=now()).where(Request.id == allocation.request_id)
    if db().scalar(mine) is None:
        return None  # an association does not read the families' requests of its structure
    return render_template(
        "sharing/panel.html", allocation=allocation, placement=placement_of(db(), allocation.request), words=words
    )
