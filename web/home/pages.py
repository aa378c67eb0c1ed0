"""The first page after the door, and the figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import current_app, render_template, url_for
from flask_babel import gettext as _

from ordi.parties.people import Person
from ordi.reporting.figures import by_pole
from web.clock import now
from web.guards import i_may, me, permission
from web.home import blueprint
from web.home.waiting import waiting_for
from web.session import db

YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Start:
    """Something this person may begin: words, pictogram, address."""

    words: str
    icon: str
    url: str


@blueprint.get("/")
@permission("signed-in")
def index() -> str:
    """What waits for me."""
    return render_template("home/index.html", tasks=waiting_for(me()), starts=_starts(me()))


@blueprint.get("/figures")
@permission("network.figures")
def figures() -> str:
    """A year of each pole; counts too small to be said are not."""
    until = now()
    return render_template("home/figures.html", poles=by_pole(db(), me(), until - YEAR, until), until=until)


def _starts(_person: Person) -> list[Start]:
    asked = (
        ("machines.look-up", "machines.scan", _("Scanner"), "scan"),
        ("giving.offer", "giving.new_offer", _("Proposer un don"), "gift"),
        ("requests.write", "sharing.new_request", _("Faire une demande"), "household"),
        ("labels.print", "labels.index", _("Étiquettes"), "printer"),
        ("network.figures", "home.figures", _("Chiffres"), "chart"),
        ("network.people", "administration.index", _("Personnes"), "user-plus"),
        ("network.log", "administration.log", _("Journal"), "journal"),
        ("network.log", "log.index", _("Journal public"), "shield"),
    )
    return [
        Start(words, icon, url_for(endpoint))
        for name, endpoint, words, icon in asked
        if endpoint in current_app.view_functions and i_may(name)
    ]
