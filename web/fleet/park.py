"""The park: every computer in use that I follow, its health, its news; alerts and help tickets."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from ordi.errors import NotFound
from ordi.fleet import help_requests
from ordi.fleet.alerts import Alert, settle
from ordi.fleet.check_ins import Contact, contact
from ordi.fleet.enrolment import Enrolment
from ordi.fleet.help_requests import HelpRequest, tickets_seen_by
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine, machines_seen_by
from web.clock import now
from web.fleet import blueprint
from web.guards import me, permission
from web.session import db

SHOWN = 200
VIEWS = ("all", "watch", "late", "stopped")


@dataclass(frozen=True)
class Row:
    """One computer in use."""

    machine: Machine
    health: str
    contact: str
    last: Any
    cloned: bool


@blueprint.get("/fleet")
@permission("fleet.see")
def index() -> str:
    """Computers in use, the ones that need somebody first."""
    view = request.args.get("view", "all")
    if view not in VIEWS:
        abort(404)
    rows = _rows()
    kept = {
        "all": rows,
        "watch": [row for row in rows if row.health in ("watch", "repair")],
        "late": [row for row in rows if row.contact in (Contact.LATE, Contact.OUT_OF_CONTACT)],
        "stopped": [row for row in rows if row.contact == Contact.STOPPED],
    }
    return render_template(
        "fleet/index.html",
        view=view,
        rows=kept[view][:SHOWN],
        counts={name: len(some) for name, some in kept.items()},
        alerts=_alerts(),
        tickets=list(db().scalars(tickets_seen_by(me(), at=now()).limit(SHOWN))),
    )


@blueprint.get("/fleet/help")
@permission("fleet.help")
def tickets() -> str:
    """The open tickets I can help with: an animator sees these, and no household."""
    found = db().scalars(tickets_seen_by(me(), at=now()).limit(SHOWN))
    return render_template("fleet/help.html", tickets=list(found))


@blueprint.post("/fleet/help/<int:number>/take")
@permission("fleet.help")
def take_ticket(number: int) -> Response:
    """I see to it."""
    help_requests.take(db(), _ticket(number), by=me(), at=now())
    db().commit()
    flash(_("C’est à vous. La famille attend votre aide."), "ok")
    return redirect(url_for("fleet.tickets"))


@blueprint.post("/fleet/help/<int:number>/close")
@permission("fleet.help")
def close_ticket(number: int) -> Response:
    """It works again."""
    help_requests.close(db(), _ticket(number), by=me(), at=now())
    db().commit()
    flash(_("C’est réglé."), "ok")
    return redirect(url_for("fleet.tickets"))


@blueprint.post("/fleet/alerts/<int:number>/settle")
@permission("fleet.help")
def settle_alert(number: int) -> Response:
    """An alert was looked at and dealt with."""
    within = machines_seen_by(me(), "fleet.help", at=now()).with_only_columns(Machine.id)
    found = db().scalar(select(Alert).where(Alert.id == number, Alert.machine_id.in_(within)))
    if found is None:
        raise NotFound(alert=number)
    settle(db(), found, by=me(), at=now())
    db().commit()
    flash(_("L’alerte sur %(tag)s est réglée.", tag=found.machine.tag), "ok")
    return redirect(url_for("fleet.index"))


def _ticket(number: int) -> HelpRequest:
    found = db().scalar(tickets_seen_by(me(), at=now()).where(HelpRequest.id == number))
    if found is None:
        raise NotFound(ticket=number)
    return found


def _rows() -> list[Row]:
    """Handed over machines with their last enrolment, worst first."""
    latest = select(func.max(Enrolment.id)).group_by(Enrolment.machine_id)
    enrolments = {one.machine_id: one for one in db().scalars(select(Enrolment).where(Enrolment.id.in_(latest)))}
    machines = db().scalars(
        machines_seen_by(me(), "fleet.see", at=now())
        .where(Machine.state == State.HANDED_OVER)
        .options(joinedload(Machine.partner), joinedload(Machine.workshop))
        .order_by(Machine.state_since.desc())
    )
    rows = [_row(machine, enrolments.get(machine.id)) for machine in machines]
    order = {"repair": 0, "watch": 1, "unknown": 2, "good": 3}
    return sorted(rows, key=lambda row: (order.get(row.health, 2), row.contact != Contact.OUT_OF_CONTACT))


def _row(machine: Machine, enrolment: Enrolment | None) -> Row:
    if enrolment is None or not enrolment.current:
        return Row(machine, "unknown", Contact.NEVER, None, False)
    cloned = enrolment.cloned_at is not None
    return Row(machine, enrolment.health, contact(enrolment, now()), enrolment.last_seen_at, cloned)


def _alerts() -> list[tuple[Alert, list[dict[str, Any]]]]:
    within = machines_seen_by(me(), "fleet.see", at=now()).with_only_columns(Machine.id)
    found = db().scalars(
        select(Alert)
        .where(Alert.closed_at.is_(None), Alert.machine_id.in_(within))
        .options(joinedload(Alert.machine))
        .order_by(Alert.level, Alert.opened_at)
        .limit(SHOWN)
    )
    return [(alert, json.loads(alert.facts).get("reasons", [])) for alert in found]
