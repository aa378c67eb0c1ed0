"""Who may come in. Every view names its permission; a view without one answers nobody.

| `@permission(…)` | Comes in |
|---|---|
| `"bench.wipe"`, … | a signed-in person one of whose roles is in `ACCESS` for it; where it holds is the view's to scope |
| `"signed-in"` | anyone signed in |
| `"public"` | anyone |
| `"token:evidence:write"` | an API token (`Authorization: Bearer`) of that scope, then in `the_token()` |
| `"machine"` | requests under /api/ that carry a machine's signature, which the view itself verifies |
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from flask import Flask, current_app, g, redirect, request, url_for
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response

from ordi.errors import NotAllowed
from ordi.parties.access import ACCESS, grounds, may
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person
from ordi.parties.tokens import ApiToken, token_for
from web.clock import now
from web.session import db
from web.sign_in.sessions import person_of_request

WORDS = ("public", "signed-in", "machine")

_View = TypeVar("_View", bound=Callable[..., object])


class Unguarded(Exception):
    """A view that names no permission: a bug, never a page."""


def permission(name: str) -> Callable[[_View], _View]:
    """Name what a view asks for; stands just above `def`, below the route."""
    if name not in ACCESS and name not in WORDS and not name.startswith("token:"):
        raise ValueError(f"no such permission: {name}")

    def mark(view: _View) -> _View:
        view.__dict__["permission"] = name
        if name == "machine" or name.startswith("token:"):
            view.__dict__["csrf_free"] = True  # no cookie is read: there is nothing to forge
        return view

    return mark


def permission_of(app: Flask, endpoint: str) -> str | None:
    """What an endpoint asks for."""
    if endpoint == "static" or endpoint.endswith(".static"):
        return "public"
    name: str | None = getattr(app.view_functions[endpoint], "permission", None)
    return name


def install(app: Flask) -> None:
    """Stand before every view."""
    app.before_request(_stand)


def me() -> Person:
    """The person signed in."""
    person = someone()
    if person is None:
        raise Unauthorized
    return person


def someone() -> Person | None:
    """The person signed in, or nobody."""
    if "person" not in g:
        g.person = person_of_request()
    person: Person | None = g.person
    return person


def i_may(name: str, organisation: Organisation | None = None) -> bool:
    """Whether the person signed in holds a permission (over an organisation): what templates ask."""
    person = someone()
    return person is not None and may(person, name, organisation, at=now())


def the_token() -> ApiToken:
    """The API token of this request."""
    token: ApiToken = g.token
    return token


def safe_next(target: str | None) -> str:
    """A page of ours to go to, or the home page: never another site."""
    parts = urlsplit(target or "")
    plain = bool(target) and not parts.scheme and not parts.netloc and parts.path.startswith("/")
    if not plain or not target or target.startswith("//") or "\\" in target or not target.isprintable():
        return url_for("home.index")
    return target


def _stand() -> Response | None:
    endpoint = request.endpoint
    if endpoint is None:
        return None  # no such page, or not that method: Werkzeug answers
    name = permission_of(current_app, endpoint)
    if name is None:
        raise Unguarded(endpoint)
    if name == "public" or name == "machine":
        if name == "machine" and not request.path.startswith("/api/"):
            raise Unguarded(endpoint)
        return None
    if name.startswith("token:"):
        g.token = token_for(db(), _bearer(), name.removeprefix("token:"), at=now())
        return None
    person = someone()
    if person is None:
        return _to_the_door()
    if name != "signed-in" and not grounds(person, name, now()):
        raise NotAllowed(permission=name)
    return None


def _bearer() -> str:
    return request.authorization.token or "" if request.authorization else ""


def _to_the_door() -> Response:
    if request.path.startswith("/api/"):
        raise Unauthorized
    wanted = request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else None
    if wanted == "/":
        wanted = None
    return redirect(url_for("sign_in.door", next=wanted))
