"""Reports without a machine: the list, and each one beside the machines it could speak of. A person decides."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from ordi.bench import doubts as verbs
from ordi.bench.rereading import Reread, reread
from ordi.errors import NotFound
from ordi.machines.evidence import Evidence
from ordi.machines.machine import Machine, seen
from ordi.parties.organisations import Organisation
from web.bench import blueprint
from web.bench.rooms import my_workshops
from web.clock import now
from web.guards import i_may, me, permission
from web.machines.comparing import beside
from web.session import db


@blueprint.get("/doubts")
@permission("bench.intake")
def doubts() -> str:
    """What waits for somebody to say which machine it is, longest first."""
    return render_template("bench/doubts.html", waiting=verbs.waiting(db(), my_workshops("bench.intake")))


@blueprint.get("/doubts/<int:evidence_id>")
@permission("bench.intake")
def doubt(evidence_id: int) -> str | Response:
    """One report, and the machines it could speak of, side by side."""
    evidence = _mine(evidence_id)
    if evidence.machine_id is not None or evidence.decided_at is not None:
        return _decided(evidence)
    told = verbs.doubt(db(), evidence)
    here = [one for one in told.machines if i_may("bench.intake", one.workshop)]
    rows = beside(db(), told.hardware, here) if told.hardware else []
    merging = len(here) == 2 and all(i_may("machines.merge", one.workshop) for one in here)
    return render_template(
        "bench/doubt.html",
        evidence=evidence,
        hardware=told.hardware,
        machines=here,
        elsewhere=len(told.machines) - len(here),
        rows=rows,
        merging=merging,
    )


@blueprint.post("/doubts/<int:evidence_id>/this")
@permission("bench.intake")
def doubt_this(evidence_id: int) -> Response:
    """It is the machine under this label."""
    evidence = _mine(evidence_id)
    machine = seen(db(), me(), request.form.get("tag", ""), "bench.intake", at=now())
    return _said(verbs.say_which(db(), evidence, machine, by=me(), at=now()))


@blueprint.post("/doubts/<int:evidence_id>/new")
@permission("bench.intake")
def doubt_new(evidence_id: int) -> Response:
    """It is a machine nobody has seen."""
    evidence = _mine(evidence_id)
    workshop = db().get_one(Organisation, evidence.workshop_id)
    return _said(verbs.say_new(db(), evidence, workshop, by=me(), at=now()))


@blueprint.post("/doubts/<int:evidence_id>/aside")
@permission("bench.intake")
def doubt_aside(evidence_id: int) -> Response:
    """Nothing to do with it: it stays kept."""
    verbs.set_aside(db(), _mine(evidence_id), by=me(), at=now())
    db().commit()
    flash(_("Rangé. Le fichier reste gardé."), "wait")
    return redirect(url_for("bench.doubts"))


@blueprint.post("/doubts/<int:evidence_id>/again")
@permission("bench.intake")
def doubt_again(evidence_id: int) -> Response:
    """Read it again: Ordi may know more than when it came."""
    evidence = _mine(evidence_id)
    told = reread(db(), evidence, at=now())
    db().commit()
    if evidence.machine_id is not None:
        return _decided(evidence)
    if told == Reread.UNREAD:
        flash(_("Toujours illisible. Le fichier reste gardé."), "warn")
    return redirect(url_for("bench.doubt", evidence_id=evidence.id))


def _mine(evidence_id: int) -> Evidence:
    """The report, if it was left in a workshop of mine."""
    rooms = [room.id for room in my_workshops("bench.intake")]
    found = db().scalar(select(Evidence).where(Evidence.id == evidence_id, Evidence.workshop_id.in_(rooms)))
    if found is None:
        raise NotFound(evidence=evidence_id)
    return found


def _said(machine: Machine) -> Response:
    db().commit()
    flash(_("C’est noté : %(tag)s.", tag=machine.tag), "ok")
    return redirect(url_for("bench.doubts"))


def _decided(evidence: Evidence) -> Response:
    machine = db().get(Machine, evidence.machine_id) if evidence.machine_id else None
    if machine is not None:
        return redirect(url_for("machines.one", tag=machine.tag))
    flash(_("Quelqu’un l’a rangé."), "wait")
    return redirect(url_for("bench.doubts"))
