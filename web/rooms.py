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
    (_l("Parc"), "health", "fleet.index", "fleet.see"),
    (_l("Chiffres"), "chart", "home.figures", "network.figures"),
    (_l("Réseau"), "settings", "administration.index", "network.people"),
)
"""What the bar shows: words, pictogram, endpoint, permission."""


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
    if here not in (endpoint for _words, _icon, endpoint, _name in NAV):
        room = here.partition(".")[0]
        here = next((endpoint for _words, _icon, endpoint, _name in NAV if endpoint.startswith(f"{room}.")), "")
    return [
        (str(words), icon, url_for(endpoint), endpoint == here)
        for words, icon, endpoint, name in NAV
        if name is None or grounds(person, name, now())
    ]
