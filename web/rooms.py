"""The rooms of the face: each a package with a `blueprint`, and the bar that leads to them."""

from __future__ import annotations

import importlib

from flask import Flask, request, url_for
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFProtect

from ordi.parties.access import grounds
from ordi.parties.people import Person
from web.clock import now

ROOMS = (
    "home",
    "machines",
    "public",
    "sign_in.pages",
    "administration",
    "giving",
    "bench",
    "bench.wiping",
    "bins",
    "incidents",
    "remote",
    "offline",
    "series",
    "labels",
    "sharing",
    "classes",
    "directory",
    "places",
    "fleet",
    "log",
    "messages",
    "privacy",
    "api",
)

NAV = (
    (_l("Accueil"), "home", "home.index", None),
    (_l("Établi"), "workshop", "bench.index", "bench.work"),
    (_l("Ordinateurs"), "laptop", "machines.index", "machines.list"),
    (_l("Dons"), "gift", "giving.index", "giving.see"),
    (_l("Demandes"), "household", "sharing.index", "requests.see"),
    (_l("Demandes"), "household", "sharing.service", "requests.count"),
    (_l("Classes"), "school", "classes.index", "classes.desk"),
    (_l("Parc"), "health", "fleet.index", "fleet.see"),
    (_l("Chiffres"), "chart", "home.figures", "network.figures"),
    (_l("Réseau"), "settings", "administration.index", "network.people"),
)
"""What the bar shows: words, pictogram, endpoint, permission."""

BELONGS = {"messages": "sharing", "directory": "sharing", "places": "administration"}
"""Rooms entered from another one's page: the bar lights that one."""


def install(app: Flask, csrf: CSRFProtect) -> None:
    """Open every room."""
    for room in ROOMS:
        app.register_blueprint(importlib.import_module(f"web.{room}").blueprint)
    for view in app.view_functions.values():
        if getattr(view, "csrf_free", False):
            csrf.exempt(view)


def rooms_of(person: Person) -> list[tuple[str, str, str, bool]]:
    """The rooms this person may enter: words, pictogram, address, whether they stand in it."""
    here = request.endpoint or ""
    mine = [one for one in NAV if one[3] is None or grounds(person, one[3], now())]
    if here not in (endpoint for _words, _icon, endpoint, _name in mine):
        room = here.partition(".")[0]
        room = f"{BELONGS.get(room, room)}."
        here = next((endpoint for _words, _icon, endpoint, _name in mine if endpoint.startswith(room)), "")
    return [(str(words), icon, url_for(endpoint), endpoint == here) for words, icon, endpoint, _name in mine]
