"""The pages of places: the list a page keeps at hand, and a file brought in after seeing what it would change."""

from __future__ import annotations

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from ordi.canonical import digest
from ordi.errors import Invalid
from ordi.places.communes import PREFIX, Commune, District, communes_of, districts_by_commune, districts_known, near
from ordi.places.files import ListKind, PlaceList, pack, read_list, unpack
from ordi.places.importing import plan, take
from web.clock import now
from web.guards import me, permission
from web.places import blueprint, words
from web.session import db

SHOWN = 12
"""Entries of a preview shown under each heading; the others are counted."""
FRESH = 6 * 3600
"""Seconds a browser keeps a list without asking again."""


@blueprint.get("/near/<prefix>")
@permission("places.see")
def near_list(prefix: str) -> Response:
    """The communes of every postcode that begins with these two digits, and their priority districts."""
    if not PREFIX.fullmatch(prefix):
        abort(404)
    told = near(db(), prefix)
    districts = districts_by_commune(db(), {one.code for found in told.values() for one in found})
    answer = jsonify(
        listed=db().scalar(select(Commune.code).limit(1)) is not None,
        districts_listed=districts_known(db()),
        communes={postcode: [[one.code, one.name] for one in found] for postcode, found in told.items()},
        districts={code: [[one.code, one.name] for one in found] for code, found in districts.items() if found},
    )
    answer.headers["Cache-Control"] = f"private, max-age={FRESH}"
    return answer


@blueprint.get("")
@permission("places.write")
def index() -> str:
    """What is there, and where to bring a newer file."""
    return _index()


@blueprint.post("/preview")
@permission("places.write")
def look_at_list() -> str | tuple[str, int]:
    """What a file would change; nothing is written."""
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise Invalid(field="file", why="missing")
        return _preview(read_list(sent.read()))
    except Invalid as refusal:
        return _index(words.refused(refusal)), 422


@blueprint.post("/take")
@permission("places.write")
def take_list() -> str | tuple[str, int] | Response:
    """Write what the preview showed; when the list changed since, show it again."""
    try:
        told = unpack(request.form.get("packed", ""))
    except Invalid as refusal:
        return _index(words.refused(refusal)), 422
    done = take(db(), told, by=me(), at=now())
    if digest(done.outline) != request.form.get("seen"):
        db().rollback()
        return _preview(told, again=True), 409
    db().commit()
    flash(_("%(what)s : c’est à jour.", what=words.KINDS[told.kind]), "ok")
    return redirect(url_for("places.index"))


def _index(wrong: str = "") -> str:
    asked = request.args.get("q", "").strip()[:5]
    found = communes_of(db(), asked) if asked else []
    return render_template(
        "places/index.html",
        wrong=wrong,
        asked=asked,
        found=found,
        there=districts_by_commune(db(), [one.code for one in found]),
        communes=_count(Commune),
        districts=_count(District),
        departments=db().scalar(select(func.count(func.distinct(Commune.department))).where(Commune.listed)) or 0,
    )


def _count(table: type[Commune] | type[District]) -> int:
    return db().scalar(select(func.count()).select_from(table).where(table.listed)) or 0


def _preview(told: PlaceList, *, again: bool = False) -> str:
    found = plan(db(), told)
    return render_template(
        "places/preview.html",
        plan=found,
        words=words,
        sign="pin" if told.kind == ListKind.COMMUNES else "building",
        packed=pack(told),
        seen=digest(found.outline),
        shown=SHOWN,
        again=again,
    )
