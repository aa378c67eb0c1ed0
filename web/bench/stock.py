"""The shelves: what stands ready, and where; moving one."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import or_, select
from werkzeug.wrappers import Response

from ordi.bench.release import shelve as shelve_it
from ordi.bench.release import stock_page, used_shelves
from ordi.machines.machine import Machine
from ordi.parties.access import grounds
from ordi.parties.organisations import Kind, Organisation
from web.bench import blueprint
from web.bench.here import at_hand, in_hand
from web.clock import now
from web.guards import me, permission
from web.session import db


@blueprint.get("/shelves")
@permission("bench.wall")
def stock() -> str:
    """Each workshop's shelves."""
    held = [
        Organisation.path.startswith(one.organisation.path, autoescape=True)
        for one in grounds(me(), "bench.wall", now())
    ]
    rooms = (
        db()
        .scalars(select(Organisation).where(Organisation.kind == Kind.WORKSHOP, or_(*held)).order_by(Organisation.name))
        .all()
    )
    after = request.args.get("after", "")
    machines, more = stock_page(db(), rooms, int(after[:9]) if after.isdigit() else None)
    shown: dict[int, dict[str, list[Machine]]] = {}
    for machine in machines:
        shown.setdefault(machine.workshop_id, {}).setdefault(machine.shelf, []).append(machine)
    told = [(room, shown.get(room.id, {})) for room in rooms if room.id in shown or not (after or more)]
    return render_template("bench/shelves.html", rooms=told, more=more, after=after)


@blueprint.get("/<tag>/shelf")
@permission("bench.work")
def shelf(tag: str) -> str:
    """Where it stands."""
    machine = at_hand(tag)
    return render_template("bench/shelf.html", machine=machine, shelves=used_shelves(db(), machine.workshop))


@blueprint.post("/<tag>/shelf")
@permission("bench.work")
def shelve(tag: str) -> Response:
    """Put it elsewhere."""
    machine = in_hand(tag)
    shelve_it(db(), machine, request.form.get("shelf", ""), by=me(), at=now())
    db().commit()
    flash(_("Rangé : %(shelf)s.", shelf=machine.shelf), "ok")
    return redirect(url_for("bench.machine", tag=machine.tag))
