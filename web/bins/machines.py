"""The parts of one machine: taken out into a bin, awaited by name, or fitted from the bin that has one."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ordi.bench.bins import Bin
from ordi.bench.fitting import GIVABLE, fit, give_along, parts_in, pass_on
from ordi.bench.holding import HOLDABLE
from ordi.bench.loose_drives import OPENABLE
from ordi.bench.part_kinds import FACTS, FITS, KIT, Family
from ordi.bench.part_moves import take_out
from ordi.bench.shortages import lying, proposals, wait_for
from ordi.bench.waits import end, waits_of
from ordi.errors import NotFound
from ordi.machines.machine import Machine
from web.asking import short, whole
from web.bench.here import at_hand, in_hand
from web.bins import blueprint
from web.bins.here import bin_at, kind_at, kind_told, scanned
from web.bins.pages import told_of
from web.clock import now
from web.guards import me, permission
from web.session import db
from web.wording import parts


@blueprint.get("/bins/of/<tag>")
@permission("parts.work")
def machine(tag: str) -> str:
    """What it waits for, what lies ready for it, what can be taken out."""
    found = at_hand(tag, "parts.work")
    waits = waits_of(db(), found)
    here = lying(db(), [found.workshop]) if waits else []
    return render_template(
        "bins/machine.html",
        machine=found,
        waits=waits,
        ready=proposals(waits, here),
        parts_inside=parts_in(db(), found),
        families=list(Family),
        openable=found.state in OPENABLE,
        waitable=found.state in HOLDABLE,
        givable=found.state in GIVABLE,
    )


@blueprint.get("/bins/of/<tag>/<family>")
@permission("parts.work")
def which(tag: str, family: str) -> str:
    """Which part exactly, then: out of it, or awaited."""
    found = at_hand(tag, "parts.work")
    if family not in set(Family):
        raise NotFound(family=family[:16])
    facts = FACTS[Family(family)]
    return render_template(
        "bins/which.html",
        machine=found,
        family=family,
        facts=facts,
        fits=f"{found.manufacturer} {found.model}".strip() if FITS in facts else "",
        openable=found.state in OPENABLE,
        waitable=found.state in HOLDABLE,
    )


@blueprint.post("/bins/of/<tag>/take")
@permission("parts.work")
def take_it_out(tag: str) -> Response:
    """Out of the machine: into the bin scanned, or straight into the machine scanned."""
    found = in_hand(tag, "parts.work")
    kind, count = kind_told(), whole("count", least=1, most=99)
    target = scanned(request.form.get("to", ""))
    if isinstance(target, Machine):
        pass_on(db(), found, target, kind, count=count, by=me(), at=now())
        db().commit()
        flash(_("Monté dans %(tag)s : %(part)s.", tag=target.tag, part=parts.called(kind.named)), "ok")
        return redirect(url_for("bins.machine", tag=target.tag))
    take_out(db(), found, kind, target, count=count, serial=short("serial", 60), by=me(), at=now())
    db().commit()
    return told_of(target, kind)


@blueprint.post("/bins/of/<tag>/wait")
@permission("parts.work")
def wait(tag: str) -> Response:
    """It waits for this part, by name."""
    found = in_hand(tag, "parts.work")
    kind = kind_told()
    wait_for(db(), found, kind, by=me(), at=now())
    db().commit()
    flash(_("Attend : %(part)s.", part=parts.called(kind.named)), "wait")
    return redirect(url_for("bins.machine", tag=found.tag))


@blueprint.post("/bins/of/<tag>/give-up/<int:kind_id>")
@permission("parts.work")
def give_up(tag: str, kind_id: int) -> Response:
    """It waits for it no more."""
    found = in_hand(tag, "parts.work")
    for one in waits_of(db(), found):
        if one.kind_id == kind_id:
            end(db(), one, "given_up", by=me(), at=now())
            db().commit()
            flash(_("N’attend plus : %(part)s.", part=parts.called(one.kind.named)), "ok")
            return redirect(url_for("bins.machine", tag=found.tag))
    raise NotFound(kind=kind_id)


@blueprint.post("/bins/of/<tag>/fit/<int:kind_id>")
@permission("parts.work")
def fit_it(tag: str, kind_id: int) -> Response:
    """From the bin that was proposed, with one press."""
    found, kind = in_hand(tag, "parts.work"), kind_at(kind_id)
    box: Bin = bin_at(request.form.get("bin", ""), "parts.work")
    if kind.family in KIT:
        give_along(db(), found, box, kind, by=me(), at=now())
    else:
        fit(db(), found, box, kind, by=me(), at=now())
    db().commit()
    flash(_("Monté dans %(tag)s : %(part)s.", tag=found.tag, part=parts.called(kind.named)), "ok")
    return redirect(url_for("bins.machine", tag=found.tag))
