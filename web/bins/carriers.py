"""A bin carries a label: its tag in large letters, and a square that opens it."""

from __future__ import annotations

from flask import redirect, url_for
from werkzeug.wrappers import Response

from ordi.bench.bins import bin_seen
from web.bins import blueprint
from web.bins.here import bin_at
from web.clock import now
from web.guards import me, permission
from web.labels.carriers import Batch, Carried, carries
from web.papers.label_faces import Face
from web.session import db
from web.squares import our_address


@carries("bin")
def bin_label(code: str) -> Batch:
    """One bin, by its tag."""
    box = bin_seen(db(), me(), code, at=now())
    face = Face(box.tag, our_address("P", box.tag), lines=(box.name,), more=(box.workshop.name, box.place))
    return Batch(box.workshop, box.name or box.tag, url_for("bins.one", tag=box.tag), [Carried(face)])


@blueprint.get("/P/<tag>")
@permission("parts.see")
def square(tag: str) -> Response:
    """What the square on a bin opens, with a phone's own camera too."""
    return redirect(url_for("bins.one", tag=bin_at(tag).tag))
