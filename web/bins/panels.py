"""What the bins put elsewhere: on a machine's page what it waits for and what was put in it, at home what came for whom."""

from __future__ import annotations

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from ordi.bench.fitting import parts_in
from ordi.bench.shortages import lying, proposals, waiting_in
from ordi.bench.waits import waits_of
from ordi.machines.machine import Machine
from ordi.parties.people import Person
from web.bench.rooms import my_workshops
from web.home.waiting import Task, waits
from web.machines.panels import panel
from web.session import db
from web.wording import parts


@panel(order=25, permission="parts.see")
def its_parts(machine: Machine) -> str | None:
    """The parts it waits for, and those followed in it."""
    waiting, inside = waits_of(db(), machine), parts_in(db(), machine)
    return render_template("bins/panel.html", waits=waiting, inside=inside, parts=parts) if waiting or inside else None


@waits("parts.work")
def came_for_somebody(_person: Person) -> list[Task]:
    """Machines whose part lies in a bin by now."""
    found = []
    for workshop in my_workshops("parts.work"):
        waiting = waiting_in(db(), workshop)
        ready = proposals(waiting, lying(db(), [workshop])) if waiting else {}
        if ready:
            text = ngettext("une pièce attendue est là", "%(num)s pièces attendues sont là", len(ready))
            url = url_for("bins.wanted", workshop=workshop.id)
            found.append(Task("now", "part", _("Pièces à monter"), text, url))
    return found
