"""People, roles, tokens."""

from __future__ import annotations

from flask import render_template

from web.administration import blueprint
from web.guards import permission


@blueprint.get("")
@permission("network.people")
def index() -> str:
    """Everyone in the network."""
    return render_template("administration/index.html")
