"""Reinstall, put in stock, put aside and take up again."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ordi.bench import holding
from ordi.bench.reinstall import reinstall as reinstall_it
from ordi.bench.release import in_the_way, release_to_stock, used_shelves
from ordi.machines.lifecycle import Action
from ordi.machines.profiles import PROFILES, fits
from web.asking import chosen
from web.bench import blueprint, words
from web.bench.here import at_hand, in_hand
from web.bench.nexts import next_of
from web.clock import now
from web.guards import me, permission
from web.session import db
from web.wording import wording


@blueprint.get("/<tag>/reinstall")
@permission("bench.work")
def reinstall(tag: str) -> str:
    """Which profile."""
    machine = at_hand(tag)
    choices = [(profile, fits(profile, machine)) for profile in PROFILES]
    stops = [words.stop(one) for one in in_the_way(db(), machine, Action.REINSTALL)]
    return render_template(
        "bench/reinstall.html", machine=machine, choices=choices, stops=stops, next=next_of(db(), machine)
    )


@blueprint.post("/<tag>/reinstall")
@permission("bench.work")
def reinstalled(tag: str) -> Response:
    """It was installed."""
    machine = in_hand(tag)
    reinstall_it(db(), machine, request.form.get("profile", ""), by=me(), at=now())
    db().commit()
    flash(wording.done(Action.REINSTALL), "ok")
    ready = not in_the_way(db(), machine)
    return redirect(url_for("bench.release" if ready else "bench.machine", tag=machine.tag))


@blueprint.get("/<tag>/release")
@permission("bench.work")
def release(tag: str) -> str:
    """Which shelf, and what is still in the way."""
    machine = at_hand(tag)
    stops = [words.stop(one) for one in in_the_way(db(), machine)]
    shelves = [] if stops else used_shelves(db(), machine.workshop)
    return render_template(
        "bench/release.html", machine=machine, stops=stops, shelves=shelves, next=next_of(db(), machine)
    )


@blueprint.post("/<tag>/release")
@permission("bench.work")
def released(tag: str) -> Response:
    """On the shelf."""
    machine = in_hand(tag)
    release_to_stock(db(), machine, request.form.get("shelf", ""), by=me(), at=now())
    db().commit()
    flash(wording.done(Action.RELEASE_TO_STOCK), "ok")
    return redirect(url_for("bench.machine", tag=machine.tag))


@blueprint.get("/<tag>/hold")
@permission("bench.work")
def hold(tag: str) -> str:
    """Why it waits."""
    return render_template("bench/hold.html", machine=at_hand(tag))


@blueprint.post("/<tag>/hold")
@permission("bench.work")
def held(tag: str) -> Response:
    """Put aside."""
    machine = in_hand(tag)
    holding.hold(db(), machine, chosen(holding.Hold, "reason"), by=me(), at=now())
    db().commit()
    flash(_("C’est mis de côté."), "wait")
    return redirect(url_for("bench.machine", tag=machine.tag))


@blueprint.post("/<tag>/resume")
@permission("bench.work")
def resume(tag: str) -> Response:
    """Take up again."""
    machine = in_hand(tag)
    holding.resume(db(), machine, by=me(), at=now())
    db().commit()
    flash(_("On reprend."), "ok")
    return redirect(url_for("bench.machine", tag=machine.tag))
