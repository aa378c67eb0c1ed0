"""The family's leaflet: a printable page with its secret link, shown once."""

from __future__ import annotations

from flask import current_app, render_template
from flask_babel import lazy_gettext as _l

from ordi.errors import NotFound
from ordi.fleet.enrolment import IN_USE
from ordi.fleet.leaflets import print_leaflet
from ordi.machines.machine import Machine, seen
from ordi.sharing.allocation import current_for
from ordi.sharing.requests import Request, requests_seen_by
from web.clock import now
from web.fleet import blueprint
from web.guards import i_may, me, permission
from web.machines.panels import extra_action
from web.papers.qr import matrix, runs
from web.session import db
from web.settings import Settings

QUIET = 4


@blueprint.get("/fleet/machines/<tag>/leaflet")
@permission("machines.see")
def leaflet(tag: str) -> str:
    """Say what a new leaflet does to the one before."""
    return render_template("fleet/leaflet.html", machine=_mine(tag))


@blueprint.post("/fleet/machines/<tag>/leaflet")
@permission("machines.see")
def make_leaflet(tag: str) -> str:
    """Make a new leaflet and show it, once: its secret is kept nowhere."""
    machine = _mine(tag)
    secret = print_leaflet(db(), machine, by=me(), at=now())
    db().commit()
    settings: Settings = current_app.extensions["ordi-settings"]
    address = f"{settings.base_url}/O/{secret}"
    return render_template(
        "fleet/leaflet_paper.html",
        machine=machine,
        address=f"{settings.base_url.partition('//')[2]}/O/{secret}",
        qr=drawn(address.upper()),
        phone=machine.workshop.phone or settings.phone,
    )


def _mine(tag: str) -> Machine:
    """The machine under this tag. Whoever does not prepare it hands it over, and sees its request. Raises `NotFound`."""
    machine = seen(db(), me(), tag, at=now())
    allocation = current_for(db(), machine)
    if allocation is not None and not i_may("fleet.enrol", machine.workshop):
        mine = requests_seen_by(me(), "sharing.hand-over", at=now()).where(Request.id == allocation.request_id)
        if db().scalar(mine) is None:
            raise NotFound(tag=machine.tag)
    return machine


def drawn(text: str) -> str:
    """The QR symbol of a text, as an SVG to put in a page."""
    modules = matrix(text)
    side = len(modules) + 2 * QUIET
    path = "".join(f"M{x + QUIET} {y + QUIET}h{length}v1h-{length}z" for x, y, length in runs(modules))
    return (
        f'<svg viewBox="0 0 {side} {side}" shape-rendering="crispEdges" aria-hidden="true">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#10131f" d="{path}"/></svg>'
    )


def _in_use(machine: Machine) -> bool:
    return machine.state in IN_USE


extra_action("fleet.leaflet", "fleet.enrol", _l("Feuille de la famille"), "document", _in_use)
