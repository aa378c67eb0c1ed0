"""Intake: a free label, and what kind of computer it is now on."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ordi.giving.collections import lot_seen, lots_seen_by
from ordi.giving.reception import admit
from ordi.machines.labels import free_label
from ordi.machines.lots import Lot
from ordi.machines.machine import Form
from web.asking import chosen
from web.clock import now
from web.giving import blueprint
from web.guards import me, permission
from web.session import db


@blueprint.get("/intake/<tag>")
@permission("bench.intake")
def intake(tag: str) -> str:
    """What kind, and from which lot."""
    label = free_label(db(), tag, by=me(), at=now())
    lots = db().scalars(
        lots_seen_by(me(), "giving.receive", at=now())
        .where(Lot.workshop_id == label.workshop_id)
        .order_by(Lot.id.desc())
        .limit(12)
    )
    return render_template("giving/intake.html", label=label, lots=list(lots), lot=request.args.get("lot", ""))


@blueprint.post("/intake/<tag>")
@permission("bench.intake")
def take_in(tag: str) -> Response:
    """Take it in."""
    label = free_label(db(), tag, by=me(), at=now())
    code = request.form.get("lot", "")
    lot = lot_seen(db(), me(), code, "giving.receive", at=now()) if code else None
    machine = admit(db(), label, chosen(Form, "form"), lot=lot, by=me(), at=now())
    db().commit()
    flash(_("%(tag)s est entré à l’atelier.", tag=machine.tag), "ok")
    if lot is not None:
        return redirect(url_for("giving.reception", code=lot.code))
    return redirect(url_for("bench.triage", tag=machine.tag))
