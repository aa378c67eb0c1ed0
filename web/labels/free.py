"""Free labels: rolls and sheets made before computers exist. Scanning one opens intake."""

from __future__ import annotations

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from ordi.machines.labels import MOST, print_free
from web.asking import whole
from web.clock import now
from web.guards import me, permission
from web.labels import blueprint
from web.labels.carried import workshop_of
from web.session import db


@blueprint.post("/labels/free")
@permission("labels.print")
def make_free() -> Response:
    """Make free labels; their tags are taken from now on. On what they are printed is chosen next."""
    workshop = workshop_of(request.form.get("workshop", ""))
    made = print_free(db(), workshop, whole("count", least=1, most=MOST), by=me(), at=now())
    db().commit()
    return redirect(url_for("labels.choose", kind="free", code=made[0].id))
