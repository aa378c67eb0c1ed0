"""A refusal becomes a page that says what, why, and the way out; under /api/ a problem document (RFC 9457).

Bugs are not refusals: they stay errors of the server, and nothing of them is shown.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, json, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError, Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from ordi.bench.trials import TrialOver
from ordi.errors import Invalid, NotAllowed, NotFound, Refused, SomeoneJustDidThis, TooMuch
from ordi.parties.tokens import TokenRefused
from ordi.signatures import SignatureRefused
from ordi.tags import MistypedTag
from web.traces import trace
from web.wording.refusals import REFUSALS, Telling, fact_in_words, told

_STATUS: tuple[tuple[type[Refused], int], ...] = (
    (NotFound, 404),
    (MistypedTag, 404),
    (NotAllowed, 403),
    (TokenRefused, 401),
    (TrialOver, 401),
    (SignatureRefused, 401),
    (Invalid, 422),
    (TooMuch, 429),
)

_GIVEN_UP = ("40P01", "40001")
"""PostgreSQL's deadlock and serialisation failure."""

_LISTED = ("drives", "missing", "why")
"""Facts shown one line each under the sentence."""


def install(app: Flask) -> None:
    """Answer for every refusal."""
    app.register_error_handler(Refused, refused)
    app.register_error_handler(IntegrityError, _collided)
    app.register_error_handler(StaleDataError, _stale)
    app.register_error_handler(OperationalError, _entangled)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _broken)


def status_of(refusal: Refused) -> int:
    """404, 403, 401, 413, 422 or 429; every other rule is 409, a conflict with how things are."""
    if refusal.facts.get("why") == "too-large":
        return 413
    return next((status for kind, status in _STATUS if isinstance(refusal, kind)), 409)


def refused(refusal: Refused) -> Response:
    """The answer to a refusal."""
    telling = REFUSALS.get(refusal.code, REFUSALS["refused"])
    status = status_of(refusal)
    if _for_a_program():
        answer = problem(status, refusal.code, told(telling.what, refusal.facts), **refusal.facts)
    else:
        answer = make_response(_page(telling, refusal.facts), status)
    if isinstance(refusal, TooMuch):
        answer.headers["Retry-After"] = str(refusal.after_s)
    return answer


def problem(status: int, code: str, detail: str, **facts: Any) -> Response:
    """A problem document."""
    title = str(REFUSALS[code].title) if code in REFUSALS else detail
    body = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail, "facts": facts}
    return current_app.response_class(json.dumps(body) + "\n", status, mimetype="application/problem+json")


def _page(telling: Telling, facts: dict[str, Any]) -> str:
    lines: list[tuple[str, str]] = []
    for name in _LISTED:
        value = facts.get(name)
        for one in value if isinstance(value, list) else [value] if value else []:
            lines.append(("stop", fact_in_words(name, one)))
    return render_template(
        "refusals/refused.html",
        title=str(telling.title),
        what=told(telling.what, facts),
        mend=told(telling.mend, facts),
        lines=lines,
        tag=facts.get("tag"),
        back=_back(),
    )


def _back() -> str:
    """The page they came from, when it is one of ours."""
    came = urlsplit(request.referrer or "")
    if came.netloc == request.host and came.path.startswith("/"):
        return came.path + (f"?{came.query}" if came.query else "")
    return url_for("home.index")


def _for_a_program() -> bool:
    return request.path.startswith("/api/")


def _collided(error: IntegrityError) -> Response:
    """Two acts at once, or the database's own gate: nothing was changed. Anything else is a bug."""
    if "ordi:" not in str(error.orig) and "unique" not in str(error.orig).casefold():
        return _broken(error)
    current_app.logger.info("refused by the database on %s", request.endpoint)
    return refused(SomeoneJustDidThis())


def _stale(_error: StaleDataError) -> Response:
    return refused(SomeoneJustDidThis())


def _entangled(error: OperationalError) -> Response:
    """Two acts that waited for each other, of which PostgreSQL gave up one: nothing was changed. Anything else is a bug."""
    if getattr(error.orig, "sqlstate", None) not in _GIVEN_UP:
        return _broken(error)
    current_app.logger.info("given up by the database on %s", request.endpoint)
    return refused(SomeoneJustDidThis())


def _http(error: HTTPException) -> AnyResponse:
    if error.code is None or error.code < 400:
        return error.get_response()
    if isinstance(error, SecurityError):
        return Response(
            "400\n", 400, mimetype="text/plain"
        )  # a host name that is not ours: no page can be drawn for it
    if _for_a_program():
        answer = problem(error.code, error.name.casefold().replace(" ", "-"), error.description or error.name)
        answer.headers.extend((name, value) for name, value in error.get_headers() if name not in ("Content-Type",))
        return answer
    if isinstance(error, Unauthorized):
        return redirect(url_for("sign_in.door"))
    title, text = _said(error)
    page = render_template("refusals/http.html", title=title, text=text, back=_back(), sorry=error.code >= 500)
    answer = make_response(page, error.code)
    answer.headers.extend((name, value) for name, value in error.get_headers() if name not in ("Content-Type",))
    return answer


def _said(error: HTTPException) -> tuple[str, str]:
    if isinstance(error, CSRFError):
        return _("Page trop ancienne"), _("Revenez à la page, rechargez-la, puis recommencez.")
    words = {
        403: (_("Ce n’est pas dans vos rôles"), _("Revenez à l’accueil, ou demandez à l’administration du réseau.")),
        404: (_("Introuvable"), _("Cette page n’existe pas. Vérifiez l’adresse, ou cherchez une étiquette.")),
        405: (_("Pas comme cela"), _("Revenez à la page et utilisez ses boutons.")),
        413: (_("Trop gros"), _("Envoyez un fichier plus petit.")),
        429: (_("Trop d’essais"), _("Attendez un peu, puis recommencez.")),
        500: (_("Ordi s’est arrêté en route"), _("C’est notre faute, et c’est noté. Recommencez dans un instant.")),
    }
    return words.get(error.code or 500, (_("Pas encore possible"), _("Revenez à la page et recommencez.")))


def _broken(error: Exception) -> Response:
    """A bug: in tests and on one's own computer it is raised; elsewhere logged, and nothing of it is shown."""
    if current_app.testing or current_app.debug:
        raise error
    current_app.logger.error("unexpected error on %s\n%s", request.endpoint, trace(error))
    answer: Response = make_response(_http(InternalServerError()))
    return answer
