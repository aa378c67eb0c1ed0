"""Action cards: a code on the wall of the workshop that chooses the action of a series, or the shelf, without a touch."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from flask import abort, current_app, redirect, render_template, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from ordi.bench.release import shelf_named
from ordi.errors import Invalid
from ordi.journeys.series import VERBS
from ordi.machines.machine import Machine, machines_seen_by
from web.clock import now
from web.guards import me, permission
from web.machines.label_pictures import drawn
from web.series import blueprint, words
from web.session import db

SHELVES = 24


@dataclass(frozen=True)
class Card:
    """One card: what it says, and its code."""

    icon: str
    title: str
    shelf: str
    code: Markup


@blueprint.get("/bench/series/cards")
@permission("bench.work")
def cards() -> str:
    """The cards of the actions, then two for each shelf in use: put here, count this one."""
    mine = machines_seen_by(me(), "bench.work", at=now()).where(Machine.shelf != "")
    shelves = db().scalars(mine.with_only_columns(Machine.shelf).distinct().order_by(Machine.shelf).limit(SHELVES))
    plain = [card(verb.code) for verb in VERBS.values() if not verb.takes]
    placed = [card(code, shelf) for shelf in shelves for code in ("shelve", "audit")]
    return render_template("series/cards.html", cards=plain + placed)


@blueprint.get("/A/<verb>")
@permission("bench.work")
def chosen(verb: str) -> Response:
    """A card read by the phone's own camera: the series, already at that action."""
    known = VERBS.get(verb.lower())
    if known is None or known.takes == "shelf":
        abort(404)
    return redirect(f"{url_for('series.index')}#{known.code}")


@blueprint.get("/A/<verb>/<path:shelf>")
@permission("bench.work")
def placed(verb: str, shelf: str) -> Response:
    """The card of an action at a shelf."""
    known = VERBS.get(verb.lower())
    if known is None or known.takes != "shelf":
        abort(404)
    try:
        place = shelf_named(shelf)
    except Invalid:
        abort(404)
    return redirect(f"{url_for('series.index')}#{known.code}/{quote(place)}")


def card(verb: str, shelf: str = "") -> Card:
    """The card of an action, and of a shelf where it needs one."""
    base = current_app.extensions["ordi-settings"].base_url.rstrip("/")
    path = f"/A/{verb}" + (f"/{quote(shelf)}" if shelf else "")
    return Card(words.icon(verb), words.verb(verb), shelf, drawn(f"{base}{path}".upper()))
