"""The first page after the door."""

from __future__ import annotations

from flask import render_template

from web.guards import permission
from web.home import blueprint


@blueprint.get("/")
@permission("signed-in")
def index() -> str:
    """What waits for me."""
    return render_template("home/index.html")
