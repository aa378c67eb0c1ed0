"""Requests as their own service and their coordinator follow them: the list, each one's page, its withdrawal."""

from __future__ import annotations

from collections.abc import Iterable

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from ordi.errors import SomeoneJustDidThis
from ordi.papers import PARIS
from ordi.parties.access import may
from ordi.parties.households import alike, read_file
from ordi.parties.organisations import pole_of
from ordi.sharing.allocation import current_for
from ordi.sharing.bookings import open_appointment
from ordi.sharing.delays import delay_of, delays_of
from ordi.sharing.filing import consent_of
from ordi.sharing.fit import rank
from ordi.sharing.living import serves
from ordi.sharing.packs import missing_of
from ordi.sharing.requests import LIVE, Request, RequestState, note_of, requests_seen_by, seen_request
from ordi.sharing.requests import withdraw as withdraw_request
from ordi.sharing.reservations import expired_of
from ordi.sharing.still_wanted import closes_at, steps_of, to_confirm
from ordi.sharing.visit_tickets import tickets_of
from ordi.sharing.waiting import in_order, waiting_requests
from web.bench import words as bench
from web.clock import now
from web.guards import me, permission
from web.keyring import sealer
from web.session import db, writes
from web.sharing import blueprint, programme_words, visit_words
from web.sharing.living import lives

SHOWN = 60
TOLD = (joinedload(Request.partner), joinedload(Request.programme))
"""What a list says of each request beside itself."""
SHELVES = {
    "live": LIVE,
    "handed-over": (RequestState.HANDED_OVER,),
    "over": (RequestState.WITHDRAWN, RequestState.CLOSED),
}


@blueprint.get("")
@permission("requests.see")
def index() -> str:
    """My service's requests, with how long they wait and their place."""
    shelf = request.args.get("shelf", "live")
    states = SHELVES.get(shelf, LIVE)
    found = db().scalars(
        requests_seen_by(me(), at=now())
        .where(Request.state.in_(states))
        .options(*TOLD)
        .order_by(Request.filed_at.desc() if states is not LIVE else Request.filed_at, Request.id)
        .limit(SHOWN)
    )
    return _listed(list(found), shelf if shelf in SHELVES else "live")


@blueprint.post("/find")
@permission("requests.write")
def find() -> str:
    """The requests of a family by its name: asked by POST, so that no address ever holds a name."""
    name = request.form.get("name", "").strip()[:80]
    households = [
        household.id
        for held in me().current(now())
        for household in (alike(db(), held.organisation, name, sealer=sealer()) if name else [])
    ]
    mine = requests_seen_by(me(), "requests.write", at=now()).where(Request.household_id.in_(households))
    return _listed(list(db().scalars(mine.options(*TOLD).order_by(Request.id.desc()).limit(SHOWN))), "found")


@blueprint.get("/requests/<code>")
@permission("requests.see")
@writes
def one_request(code: str) -> str:
    """One request: where it is, why it has this place, the machine that is kept for it."""
    found = seen_request(db(), me(), code, at=now())
    contact = None
    if found.household is not None and may(me(), "households.read", found.partner, at=now()):
        contact = read_file(db(), found.household, sealer=sealer(), by=me(), at=now())
        db().commit()
    allocation = current_for(db(), found)
    place, among = places([found]).get(found.id, (0, 0))
    return render_template(
        "sharing/request.html",
        one=found,
        contact=contact,
        appointment=open_appointment(db(), allocation) if allocation else None,
        expired=expired_of(db(), found),
        steps=steps_of(db(), found),
        closes=closes_at(found),
        allocation=allocation if allocation and allocation.standing else None,
        missing=missing_of(db(), allocation) if allocation else [],
        place=place,
        among=among,
        reasons=rank(found, now()),
        usual=delay_of(found.programme, delays_of(db(), pole_of(found.partner), at=now())) if place else None,
        say=programme_words,
        bench=bench,
        consent=consent_of(db(), found) if found.household_id else None,
        tickets=tickets_of(db(), found),
        visiting=visit_words,
        days=(now() - found.filed_at).days,
        live=found.state in LIVE,
        note=note_of(found, sealer()),
        outside=not serves(found.programme.rules, found),
        lives=lives(found) if found.household_id else None,
        today=now().astimezone(PARIS).date(),
    )


@blueprint.post("/requests/<code>/withdraw")
@permission("requests.see")
def withdraw(code: str) -> Response:
    """The family no longer wants it."""
    found = seen_request(db(), me(), code, at=now())
    fresh_request(found)
    withdraw_request(db(), found, by=me(), at=now())
    db().commit()
    flash(_("La demande %(code)s est annulée.", code=found.code), "ok")
    return redirect(url_for("sharing.index"))


def fresh_request(found: Request) -> None:
    """Raise `SomeoneJustDidThis` when the form was made before the request's last change."""
    said = request.form.get("version", "")
    if said and said != str(found.version):
        raise SomeoneJustDidThis(request=found.code)


def places(found: Iterable[Request]) -> dict[int, tuple[int, int]]:
    """The place of each waiting request among those of its pole."""
    poles = {pole.id: pole for pole in (pole_of(one.partner) for one in found)}
    told: dict[int, tuple[int, int]] = {}
    for pole in poles.values():
        ordered = in_order(waiting_requests(db(), pole), now())
        told |= {one.request.id: (n, len(ordered)) for n, one in enumerate(ordered, start=1)}
    return told


def _listed(found: list[Request], shelf: str) -> str:
    days = {one.id: (now() - one.filed_at).days for one in found}
    asked = db().scalar(select(func.count()).select_from(to_confirm(me(), at=now()).subquery())) or 0
    return render_template("sharing/index.html", found=found, shelf=shelf, places=places(found), days=days, asked=asked)
