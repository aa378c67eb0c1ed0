"""What a donor asks of the wipe of its drives: seen by the donor, set by the pole, on its page or for one lot."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from ordi.errors import Invalid, NotFound
from ordi.giving.collections import lot_seen, lots_seen_by
from ordi.machines.lots import Lot
from ordi.machines.policy import LEVELS, Demand, policies_of, policy_of, set_policy
from ordi.parties.access import grounds
from ordi.parties.organisations import Kind, Organisation
from ordi.parties.people import Role
from web.asking import whole
from web.clock import now
from web.giving import blueprint
from web.guards import me, permission
from web.session import db

SHARES = (0, 10, 25, 50, 100)
"""What a pole is asked for in practice; any whole share can be sent."""


@blueprint.get("/donors/<int:donor_id>")
@permission("giving.see")
def donor(donor_id: int) -> str:
    """A donor: what it asks, since when, and its lots."""
    found = _donor(donor_id)
    lots = lots_seen_by(me(), at=now()).where(Lot.donor_id == found.id).options(joinedload(Lot.workshop))
    return render_template(
        "giving/donor.html",
        donor=found,
        policies=policies_of(db(), found),
        stands=policy_of(db(), found),
        lots=list(db().scalars(lots.order_by(Lot.id.desc()).limit(60))),
        levels=LEVELS,
        shares=SHARES,
    )


@blueprint.post("/donors/<int:donor_id>/policy")
@permission("giving.decide")
def set_donor_policy(donor_id: int) -> Response:
    """From now on, this donor asks this."""
    found = _donor(donor_id)
    set_policy(db(), found, _asked(), by=me(), at=now())
    db().commit()
    flash(_("C’est noté. Cela vaut dès maintenant, aussi pour ce qui est déjà à l’atelier."), "ok")
    return redirect(url_for("giving.donor", donor_id=found.id))


@blueprint.post("/lots/<code>/policy")
@permission("giving.decide")
def set_lot_policy(code: str) -> Response:
    """From now on, this lot asks this."""
    found = lot_seen(db(), me(), code, "giving.decide", at=now())
    set_policy(db(), found, _asked(), by=me(), at=now())
    db().commit()
    flash(_("C’est noté. Cela vaut dès maintenant, aussi pour ce qui est déjà à l’atelier."), "ok")
    return redirect(url_for("giving.lot", code=found.code))


def _asked() -> Demand:
    level = request.form.get("minimum_level", "")
    if level not in LEVELS:
        raise Invalid(field="minimum_level", why="unknown")
    return Demand(
        level,
        bool(request.form.get("destroy")),
        bool(request.form.get("counter_check")),
        whole("audit_percent", most=100),
    )


def _donor(donor_id: int) -> Organisation:
    """The donor, for its own people and those of its pole. Raises `NotFound` alike for none and not yours."""
    found = db().scalar(select(Organisation).where(Organisation.id == donor_id, Organisation.kind == Kind.DONOR))
    reach = [held for held in grounds(me(), "giving.see", now()) if held.role not in (Role.DRIVER, Role.LEAD)]
    if found is None or not any(held.organisation.holds(found) for held in reach):
        raise NotFound(donor=donor_id)
    return found
