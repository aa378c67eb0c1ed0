"""The page of trials, opened on the machine under test: the same for everybody, and empty without a key."""

from __future__ import annotations

from flask import make_response, render_template
from werkzeug.wrappers import Response

from ordi.bench.trials import TRIED
from web.guards import permission
from web.public import blueprint

SENSES = "camera=(self), microphone=(self), geolocation=(), payment=(), usb=(), browsing-topics=()"
"""The one page that may listen: what it hears and sees stays in it."""


@blueprint.get("/T")
@permission("public")
def trial() -> Response:
    """The page; its key stays behind the `#` of its address."""
    answer = make_response(render_template("public/trial.html", tried=TRIED))
    answer.headers["Permissions-Policy"] = SENSES
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
