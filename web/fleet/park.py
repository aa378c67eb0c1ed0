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
from ordi.fleet.check_ins import Contact, contact_since
from ordi.fleet.enrolment import Enrolment
from ordi.fleet.help_requests import HelpRequest, tickets_seen_by
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine, machines_seen_by
from web.clock import now
from web.fleet import blueprint
from web.guards import me, permission
from web.session import db

SHOWN = 50
MOST = 200
"""Alerts and tickets on one page: more than anybody settles in a day."""
VIEWS = ("all", "watch", "late", "stopped")


@dataclass(frozen=True)
class Sign:
    """How one computer in use is."""

    machine_id: int
    health: str
    contact: str
    last: Any
    cloned: bool

    @property
    def silent(self) -> bool:
        """Whether it should have told something for long."""
        return self.contact == Contact.OUT_OF_CONTACT


@dataclass(frozen=True)
class Row:
    """One computer in use, as the list shows it."""

    machine: Machine
    sign: Sign


@blueprint.get("/fleet")
@permission("fleet.see")
def index() -> str:
    """Computers in use, the ones that need somebody first."""
    view = request.args.get("view", "all")
    if view not in VIEWS:
        abort(404)
    signs = _signs()
    kept = {
        "all": signs,
        "watch": [sign for sign in signs if sign.health in ("watch", "repair")],
        "late": [sign for sign in signs if sign.contact in (Contact.LATE, Contact.OUT_OF_CONTACT)],
        "stopped": [sign for sign in signs if sign.contact == Contact.STOPPED],
    }
    first = max(0, request.args.get("first", 0, type=int))
    return render_template(
        "fleet/index.html",
        view=view,
        rows=_rows(kept[view][first : first + SHOWN]),
        earlier=max(0, first - SHOWN) if first else None,
        later=first + SHOWN if len(kept[view]) > first + SHOWN else None,
        counts={name: len(some) for name, some in kept.items()},
        alerts=_alerts(),
        tickets=list(db().scalars(tickets_seen_by(me(), at=now()).limit(MOST))),
    )


@blueprint.get("/fleet/help")
@permission("fleet.help")
def tickets() -> str:
    """The open tickets I can help with: an animator sees these, and no household."""
    found = db().scalars(tickets_seen_by(me(), at=now()).limit(MOST))
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


def _signs() -> list[Sign]:
    """Every computer in use with what its current enrolment says, worst first: few columns, for there may be thousands."""
    latest = select(func.max(Enrolment.id)).group_by(Enrolment.machine_id)
    told = (Enrolment.health, Enrolment.stopped_at, Enrolment.last_seen_at, Enrolment.cloned_at)
    enrolments = db().execute(
        select(Enrolment.machine_id, Enrolment.stay, *told).where(
            Enrolment.id.in_(latest), Enrolment.revoked_at.is_(None)
        )
    )
    current = {(one.machine_id, one.stay): one for one in enrolments}
    machines = db().execute(
        machines_seen_by(me(), "fleet.see", at=now())
        .where(Machine.state == State.HANDED_OVER)
        .with_only_columns(Machine.id, Machine.stay)
        .order_by(Machine.state_since.desc(), Machine.id.desc())
    )
    signs, at = [], now()
    for number, stay in machines:
        one = current.get((number, stay))
        if one is None:
            signs.append(Sign(number, "unknown", Contact.NEVER, None, False))
            continue
        heard = contact_since(one.stopped_at, one.last_seen_at, at)
        signs.append(Sign(number, one.health, heard, one.last_seen_at, one.cloned_at is not None))
    order = {"repair": 0, "watch": 1, "unknown": 2, "good": 3}
    return sorted(signs, key=lambda sign: (order.get(sign.health, 2), sign.contact != Contact.OUT_OF_CONTACT))


def _rows(signs: list[Sign]) -> list[Row]:
    query = select(Machine).where(Machine.id.in_([sign.machine_id for sign in signs]))
    found = db().scalars(query.options(joinedload(Machine.partner), joinedload(Machine.workshop)))
    machines = {machine.id: machine for machine in found}
    return [Row(machines[sign.machine_id], sign) for sign in signs]


def _alerts() -> list[tuple[Alert, list[dict[str, Any]]]]:
    within = machines_seen_by(me(), "fleet.see", at=now()).with_only_columns(Machine.id)
    found = db().scalars(
        select(Alert)
        .where(Alert.closed_at.is_(None), Alert.machine_id.in_(within))
        .options(joinedload(Alert.machine).options(joinedload(Machine.partner), joinedload(Machine.workshop)))
        .order_by(Alert.level, Alert.opened_at)
        .limit(MOST)
    )
    return [(alert, json.loads(alert.facts).get("reasons", [])) for alert in found]
