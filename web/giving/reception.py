"""Reception: one scan and one thumb a machine; what is missing and what nobody announced shows at once."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from ordi.errors import NotFound
from ordi.giving.collections import lot_seen, lots_seen_by
from ordi.giving.reception import Reception, close, closed_of, count_of, counts_of, receive, receive_all
from ordi.machines.labels import free_label
from ordi.machines.lifecycle import State
from ordi.machines.lots import Lot
from ordi.machines.machine import Machine, machines_seen_by
from ordi.tags import read_tag
from web.clock import now
from web.giving import blueprint
from web.guards import me, permission
from web.session import db


@blueprint.get("/receive")
@permission("giving.receive")
def arrivals() -> str:
    """The lots that are on their way or half counted."""
    closed = select(Reception.lot_id)
    query = lots_seen_by(me(), "giving.receive", at=now()).where(Lot.id.not_in(closed)).order_by(Lot.id.desc())
    lots = db().scalars(query.options(joinedload(Lot.donor)).limit(40)).all()
    return render_template("giving/arrivals.html", lots=lots, counts=counts_of(db(), lots))


@blueprint.post("/receive")
@permission("giving.receive")
def scan_arrival() -> Response:
    """Receive the machine whose label was scanned: the label knows its lot. A free label opens intake."""
    tag = read_tag(request.form.get("tag", ""))
    machine = db().scalar(machines_seen_by(me(), "giving.receive", at=now()).where(Machine.tag == tag))
    if machine is None:
        return redirect(url_for("giving.intake", tag=free_label(db(), tag, by=me(), at=now()).tag))
    if machine.state == State.RECEIVED:
        flash(_("%(tag)s est déjà compté.", tag=machine.tag), "warn")
    else:
        receive(db(), machine, by=me(), at=now())
        db().commit()
        flash(_("%(tag)s est reçu.", tag=machine.tag), "ok")
    if machine.lot is None:
        return redirect(url_for("bench.machine", tag=machine.tag))
    return redirect(url_for("giving.reception", code=machine.lot.code))


@blueprint.get("/lots/<code>/receive")
@permission("giving.receive")
def reception(code: str) -> str:
    """Scan a lot in."""
    lot = lot_seen(db(), me(), code, "giving.receive", at=now())
    return render_template("giving/reception.html", lot=lot, count=count_of(db(), lot), closed=closed_of(db(), lot))


@blueprint.post("/lots/<code>/receive")
@permission("giving.receive")
def scan_in(code: str) -> Response:
    """Receive the machine whose label was scanned; a free label opens intake, as surplus of this lot."""
    lot = lot_seen(db(), me(), code, "giving.receive", at=now())
    tag = read_tag(request.form.get("tag", ""))
    machine = db().scalar(machines_seen_by(me(), "giving.receive", at=now()).where(Machine.tag == tag))
    if machine is None:
        label = free_label(db(), tag, by=me(), at=now())
        return redirect(url_for("giving.intake", tag=label.tag, lot=lot.code))
    if machine.lot_id == lot.id and machine.state == State.RECEIVED:
        flash(_("%(tag)s est déjà compté.", tag=machine.tag), "warn")
        return redirect(url_for("giving.reception", code=code))
    receive(db(), machine, by=me(), at=now())
    db().commit()
    if machine.lot_id == lot.id:
        flash(_("%(tag)s est reçu.", tag=machine.tag), "ok")
    else:
        flash(_("%(tag)s est reçu, mais il est d’un autre lot.", tag=machine.tag), "warn")
    return redirect(url_for("giving.reception", code=code))


@blueprint.post("/lots/<code>/receive-all")
@permission("giving.receive")
def scan_all_in(code: str) -> Response:
    """Receive everything that left the donor."""
    lot = lot_seen(db(), me(), code, "giving.receive", at=now())
    came = receive_all(db(), lot, by=me(), at=now())
    db().commit()
    flash(ngettext("Un ordinateur reçu.", "%(num)s ordinateurs reçus.", len(came)), "ok")
    return redirect(url_for("giving.reception", code=code))


@blueprint.post("/lots/<code>/close")
@permission("giving.receive")
def close_reception(code: str) -> Response:
    """Close the count."""
    lot = lot_seen(db(), me(), code, "giving.receive", at=now())
    done = close(db(), lot, by=me(), at=now())
    db().commit()
    told = _(
        "Réception terminée : %(received)s reçus, %(missing)s manquants, %(surplus)s en plus.",
        received=done.received,
        missing=done.missing,
        surplus=done.surplus,
    )
    flash(told, "ok" if not done.missing else "warn")
    return redirect(url_for("giving.arrivals"))


@blueprint.post("/receive/<tag>")
@permission("giving.receive")
def receive_one(tag: str) -> Response:
    """Receive one machine, from its own page."""
    query = machines_seen_by(me(), "giving.receive", at=now()).where(Machine.tag == read_tag(tag))
    machine = db().scalar(query)
    if machine is None:
        raise NotFound(tag=read_tag(tag))
    receive(db(), machine, by=me(), at=now())
    db().commit()
    flash(_("%(tag)s est reçu.", tag=machine.tag), "ok")
    return redirect(url_for("bench.machine", tag=machine.tag))
