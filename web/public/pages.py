"""Public pages."""

from __future__ import annotations

from flask import render_template

from web.guards import permission
from web.public import blueprint


@blueprint.get("/what-a-computer-sends")
@permission("public")
def sends() -> str:
    """Everything a computer in use sends, and what it never does."""
    return render_template("public/sends.html")
