"""One drive outside any machine: what its label opens."""

from __future__ import annotations

from flask import render_template

from ordi.bench.loose_drives import last_sighting
from ordi.errors import NotFound
from ordi.machines.drive import Drive, Sighting
from ordi.parties.access import may
from web.bench import blueprint
from web.clock import now
from web.guards import me, permission
from web.session import db


@blueprint.get("/loose-drives/<int:drive_id>")
@permission("bench.work")
def loose_drive(drive_id: int) -> str:
    """Where it came from, what is proved of it, what can be done."""
    return render_template("bench/loose_drive.html", sighting=sighting_seen(drive_id, "bench.work"))


def sighting_seen(drive_id: int, name: str) -> Sighting:
    """Where a drive was seen last, for who holds a permission there. Raises `NotFound`."""
    drive = db().get(Drive, drive_id)
    sighting = last_sighting(db(), drive) if drive else None
    if sighting is None or not may(me(), name, sighting.machine.workshop, at=now()):
        raise NotFound(drive=drive_id)
    return sighting
