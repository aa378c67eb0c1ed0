"""What losses put elsewhere: on a machine's page its file, at home the files that are open."""

from __future__ import annotations

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from ordi.bench.incidents import Incident, incidents_seen_by
from ordi.machines.machine import Machine
from ordi.parties.people import Person
from web.clock import now
from web.home.waiting import Task, waits
from web.incidents import words
from web.machines.panels import panel
from web.session import db


@panel(order=5, permission="incidents.see")
def its_incidents(machine: Machine) -> str | None:
    """The files of a machine's losses, latest first."""
    query = select(Incident).where(Incident.machine_id == machine.id).order_by(Incident.id.desc()).limit(3)
    found = list(db().scalars(query))
    return render_template("incidents/panel.html", incidents=found, words=words) if found else None


@waits("incidents.follow")
def open_incidents(person: Person) -> list[Task]:
    """Losses whose file is open."""
    mine = incidents_seen_by(person, "incidents.follow", at=now()).where(Incident.closed_at.is_(None)).subquery()
    count = db().scalar(select(func.count()).select_from(mine)) or 0
    if not count:
        return []
    text = ngettext("un dossier ouvert", "%(num)s dossiers ouverts", count)
    return [Task("stop", "lost", _("Pertes et vols"), text, url_for("incidents.index"))]
