"""Counting a bin: scan it, say what is there, the difference is kept."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from ordi.bench.bins import followed_in, inside
from ordi.bench.stock_takes import count_bin
from web.asking import whole
from web.bins import blueprint
from web.bins.here import bin_at
from web.clock import now
from web.guards import me, permission
from web.session import db


@blueprint.get("/bins/<tag>/count")
@permission("parts.work")
def count(tag: str) -> str:
    """What is written, to be put right."""
    box = bin_at(tag, "parts.work")
    return render_template("bins/count.html", box=box, heaps=inside(db(), box), followed=followed_in(db(), box))


@blueprint.post("/bins/<tag>/count")
@permission("parts.work")
def counted(tag: str) -> Response:
    """What is really there."""
    box = bin_at(tag, "parts.work")
    found = {
        heap.kind_id: whole(f"kind-{heap.kind_id}", most=999)
        for heap in inside(db(), box)
        if f"kind-{heap.kind_id}" in request.form
    }
    seen = {part.id for part in followed_in(db(), box) if f"part-{part.id}" in request.form}
    version = whole("version", least=1, most=999_999_999)
    differences = count_bin(db(), box, found, seen, version=version, by=me(), at=now())
    db().commit()
    if differences:
        said = ngettext("Compté : une pièce d’écart.", "Compté : %(num)s pièces d’écart.", differences)
        flash(said, "warn")
    else:
        flash(_("Compté : tout y est."), "ok")
    return redirect(url_for("bins.one", tag=box.tag))
