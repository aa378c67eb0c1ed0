"""Triage on a phone: three buttons, a reason, and a correction that says why."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ordi.bench import triage as verbs
from ordi.bench.triage import Correction, Decision, Reason
from ordi.machines.lifecycle import State
from web.asking import chosen, chosen_or_none
from web.bench import blueprint
from web.bench.here import at_hand, in_hand
from web.clock import now
from web.guards import me, permission
from web.session import db
from web.wording import wording


@blueprint.get("/<tag>/triage")
@permission("bench.work")
def triage(tag: str) -> str:
    """Keep, dismantle, refuse."""
    machine = at_hand(tag)
    return render_template("bench/triage.html", machine=machine, open=machine.state == State.RECEIVED)


@blueprint.post("/<tag>/triage")
@permission("bench.work")
def decide(tag: str) -> Response:
    """Decide, or correct what was decided."""
    machine = in_hand(tag)
    decision, reason = chosen(Decision, "decision"), chosen_or_none(Reason, "reason")
    if machine.triage:
        why = chosen(Correction, "why")
        verbs.correct_triage(db(), machine, decision, why, reason, by=me(), at=now())
    else:
        verbs.triage(db(), machine, decision, reason, by=me(), at=now())
    db().commit()
    flash(_("Tri : %(decision)s.", decision=wording.triage(decision).lower()), "ok")
    return redirect(url_for("bench.machine", tag=machine.tag))
