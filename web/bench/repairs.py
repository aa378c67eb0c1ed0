"""A repair by thumb: what was changed, about how long, and try again; or the part it waits for; or it is not worth it."""

from __future__ import annotations

from datetime import timedelta

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response

from ordi.bench import repairs as verbs
from ordi.bench.place import AT_BENCH
from ordi.bench.repairs import MINUTES, Change, families_for
from ordi.bench.tasks import Task, Work
from ordi.errors import NotFound
from ordi.machines.checks import Check
from ordi.machines.machine import Machine
from web.asking import chosen, whole
from web.bench import blueprint
from web.bench.here import at_hand
from web.bench.rooms import my_workshops
from web.clock import now
from web.guards import me, permission
from web.session import db
from web.wording import parts
from web.wording.repairs import CHANGES

CHANGE_ICONS = {
    Change.PART: "part",
    Change.REFITTED: "link",
    Change.CLEANED: "wash",
    Change.SOLDERED: "heat",
    Change.SETTING: "settings",
    Change.SOFTWARE: "system",
}
TIMES = {5: _l("5 minutes"), 15: _l("Un quart d’heure"), 30: _l("Une demi-heure"), 60: _l("Une heure"), 120: _l("Plus")}
YEAR = timedelta(days=365)


@blueprint.get("/<tag>/repair/<int:number>")
@permission("bench.work")
def repair(tag: str, number: int) -> str:
    """What was changed, and how long it took the workshop."""
    machine = at_hand(tag)
    task = _task(machine, number)
    return render_template(
        "bench/repair.html",
        machine=machine,
        task=task,
        changes=CHANGES,
        icons=CHANGE_ICONS,
        minutes=[(one, TIMES[one]) for one in MINUTES],
        families=families_for(Check(task.what)),
        parts=parts,
        working=machine.state in AT_BENCH and task.closed_at is None,
    )


@blueprint.post("/<tag>/repair/<int:number>")
@permission("bench.work")
def repaired(tag: str, number: int) -> Response:
    """Repaired: now it is tried again."""
    machine = at_hand(tag)
    task = _task(machine, number)
    minutes = whole("minutes", least=MINUTES[0], most=MINUTES[-1])
    verbs.repair(db(), task, chosen(Change, "change"), minutes, by=me(), at=now())
    db().commit()
    flash(_("Bravo. Essayez maintenant."), "ok")
    return redirect(url_for("bench.diagnosis", tag=machine.tag, check=task.what))


@blueprint.get("/repairs")
@permission("bench.wall")
def repair_times() -> str:
    """How many repairs, of what, and how long they took: by workshop and month, of nobody in particular."""
    rooms = my_workshops("bench.wall")
    times = verbs.times_of(db(), rooms, since=(now() - YEAR).date().replace(day=1))
    return render_template(
        "bench/repairs.html", rooms=[(room, [one for one in times if one.workshop_id == room.id]) for room in rooms]
    )


def _task(machine: Machine, number: int) -> Task:
    found = db().scalar(select(Task).where(Task.id == number, Task.machine_id == machine.id, Task.kind == Work.REPAIR))
    if found is None or found.what not in set(Check):
        raise NotFound(tag=machine.tag)
    return found
