"""Take-back: a machine comes home with somebody's data on it."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ordi.errors import Invalid
from ordi.journeys import returns
from ordi.machines.lifecycle import Action
from ordi.machines.machine import Machine, seen
from ordi.sharing.allocation import Allocation, NotAllocated, current_for
from ordi.sharing.take_back import EXCHANGED, FilesKept, Reason
from web.asking import chosen, chosen_or_none
from web.clock import now
from web.guards import i_may, me, permission
from web.machines.freshness import fresh
from web.machines.panels import ACTION_ROUTES
from web.session import db
from web.sharing import blueprint

ACTION_ROUTES[Action.TAKE_BACK] = "sharing.taking_back"


@blueprint.get("/machines/<tag>/take-back")
@permission("sharing.take-back")
def taking_back(tag: str) -> str:
    """Why it comes back."""
    machine = seen(db(), me(), tag, "sharing.take-back", at=now())
    return render_template("sharing/take_back.html", machine=machine, given=_given(machine))


@blueprint.post("/machines/<tag>/take-back")
@permission("sharing.take-back")
def take_back(tag: str) -> Response:
    """Receive it back at the workshop."""
    machine = seen(db(), me(), tag, "sharing.take-back", at=now())
    fresh(machine)
    given, reason = _given(machine), chosen(Reason, "reason")
    files = chosen_or_none(FilesKept, "files")
    if files is None and reason in EXCHANGED and given.request.household_id is not None:
        raise Invalid(field="files", why="missing")  # offered before anything is wiped
    returns.take_back(db(), given, reason, files=files or "", by=me(), at=now())
    db().commit()
    flash(_("%(tag)s est repris. Ses disques contiennent des données : à effacer.", tag=machine.tag), "warn")
    if reason in EXCHANGED and i_may("sharing.allocate", given.request.partner):
        return redirect(url_for("sharing.choose_machine", code=given.request.code))
    return redirect(url_for("machines.one", tag=machine.tag))


def _given(machine: Machine) -> Allocation:
    given = current_for(db(), machine)
    if given is None or given.handed_over_at is None:
        raise NotAllocated(tag=machine.tag)
    return given
