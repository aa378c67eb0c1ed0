"""Preparing a machine to give news: a one-time token, shown once, put in at the bench."""

from __future__ import annotations

from flask import current_app, render_template
from flask_babel import lazy_gettext as _l

from ordi.fleet.enrolment import PREPARED_IN, current_enrolment, prepare
from ordi.machines.machine import Machine, seen
from web.clock import now
from web.fleet import blueprint
from web.guards import me, permission
from web.machines.freshness import fresh
from web.machines.panels import extra_action
from web.session import db
from web.settings import Settings


@blueprint.get("/fleet/machines/<tag>/enrol")
@permission("fleet.enrol")
def enrolling(tag: str) -> str:
    """Say what preparing again does."""
    machine = seen(db(), me(), tag, "fleet.enrol", at=now())
    return render_template("fleet/enrol.html", machine=machine, earlier=current_enrolment(db(), machine), token="")


@blueprint.post("/fleet/machines/<tag>/enrol")
@permission("fleet.enrol")
def make_token(tag: str) -> str:
    """Prepare the machine; the token is on this page and nowhere else."""
    machine = seen(db(), me(), tag, "fleet.enrol", at=now())
    fresh(machine)
    token = prepare(db(), machine, by=me(), at=now())
    db().commit()
    settings: Settings = current_app.extensions["ordi-settings"]
    return render_template("fleet/enrol.html", machine=machine, earlier=None, token=token, server=settings.base_url)


def _prepared_here(machine: Machine) -> bool:
    return machine.state in PREPARED_IN


extra_action("fleet.enrolling", "fleet.enrol", _l("Raccorder"), "enrol", _prepared_here)
