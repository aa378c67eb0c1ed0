"""What two people do with drives: taken out, destroyed, or seen to be absent; and the drawer of loose ones."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import or_, select
from werkzeug.wrappers import Response

from ordi.bench import loose_drives as verbs
from ordi.errors import NotFound
from ordi.machines.drive import Drive, Sighting, open_sightings
from ordi.machines.gate import inventoried
from ordi.parties.access import grounds
from ordi.parties.organisations import Kind, Organisation
from web.asking import chosen
from web.bench import blueprint
from web.bench.here import at_hand, in_hand
from web.bench.plans import plans_of
from web.bench.witness import witness
from web.clock import now
from web.guards import me, permission
from web.session import db


@blueprint.get("/<tag>/drives")
@permission("bench.work")
def drives(tag: str) -> str:
    """The drives inside, and what two people can do."""
    machine = at_hand(tag)
    return render_template(
        "bench/drives.html",
        machine=machine,
        plans=plans_of(db(), machine),
        known=inventoried(db(), machine),
        openable=machine.state in verbs.OPENABLE,
    )


@blueprint.post("/<tag>/drives/<int:drive_id>/remove")
@permission("bench.work")
def remove_drive(tag: str, drive_id: int) -> Response:
    """Two people took it out."""
    machine = in_hand(tag)
    inside = {sighting.drive_id: sighting for sighting in open_sightings(db(), machine)}
    if drive_id not in inside:
        raise NotFound(tag=machine.tag)
    verbs.remove_drive(db(), inside[drive_id], chosen(verbs.Why, "why"), by=me(), witness=witness(), at=now())
    db().commit()
    flash(_("Disque retiré, à deux. Il est dans le tiroir."), "ok")
    return redirect(url_for("bench.drives", tag=machine.tag))


@blueprint.post("/<tag>/driveless")
@permission("bench.work")
def driveless(tag: str) -> Response:
    """Two people looked, and there is none."""
    machine = in_hand(tag)
    verbs.declare_driveless(db(), machine, by=me(), witness=witness(), at=now())
    db().commit()
    flash(_("Constaté à deux : aucun disque dedans."), "ok")
    return redirect(url_for("bench.machine", tag=machine.tag))


@blueprint.get("/loose-drives")
@permission("bench.work")
def loose() -> str:
    """The drawer: drives outside any machine."""
    found = [one for room in _workshops() for one in verbs.loose_drives(db(), room)]
    return render_template("bench/loose.html", sightings=found)


@blueprint.get("/loose-drives/<int:drive_id>/destroy")
@permission("bench.destroy")
def destroy(drive_id: int) -> str:
    """How it is destroyed, and before whom."""
    return render_template("bench/destroy.html", sighting=_loose(drive_id))


@blueprint.post("/loose-drives/<int:drive_id>/destroy")
@permission("bench.destroy")
def destroyed(drive_id: int) -> Response:
    """Two people destroyed it."""
    drive = _loose(drive_id).drive
    verbs.destroy_drive(db(), drive, chosen(verbs.How, "how"), by=me(), witness=witness(), at=now())
    db().commit()
    flash(_("Disque détruit, à deux."), "ok")
    return redirect(url_for("bench.loose"))


def _loose(drive_id: int) -> Sighting:
    drive = db().get(Drive, drive_id)
    sighting = verbs.last_sighting(db(), drive) if drive else None
    if sighting is None or not any(
        held.organisation.holds(sighting.machine.workshop) for held in grounds(me(), "bench.destroy", now())
    ):
        raise NotFound(drive=drive_id)
    return sighting


def _workshops() -> list[Organisation]:
    held = [
        Organisation.path.startswith(one.organisation.path, autoescape=True)
        for one in grounds(me(), "bench.work", now())
    ]
    return list(db().scalars(select(Organisation).where(Organisation.kind == Kind.WORKSHOP, or_(*held))))
