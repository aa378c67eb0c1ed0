"""When each place receives people: its hours, how many at a time, the days it is closed."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, or_, select
from werkzeug.wrappers import Response

from ordi.errors import Invalid, NotFound
from ordi.papers import PARIS
from ordi.parties.access import grounds
from ordi.parties.organisations import Kind, Organisation
from ordi.sharing import desks as verbs
from ordi.sharing.desks import DAYS, Desk, DeskClosure, said_hours
from web.asking import whole
from web.clock import now
from web.guards import me, permission
from web.session import db
from web.sharing import blueprint

WEEKDAYS = dict(
    zip(
        DAYS,
        (_l("Lundi"), _l("Mardi"), _l("Mercredi"), _l("Jeudi"), _l("Vendredi"), _l("Samedi"), _l("Dimanche")),
        strict=True,
    )
)
RECEIVING = (Kind.WORKSHOP, Kind.PARTNER)
SHOWN = 100


@blueprint.get("/desks")
@permission("sharing.desks")
def desks() -> str:
    """The places, and which have said when they receive people."""
    places = (
        db().scalars(_mine().order_by(Organisation.kind.desc(), Organisation.name, Organisation.id).limit(SHOWN)).all()
    )
    found = {
        one.organisation_id: one
        for one in db().scalars(select(Desk).where(Desk.organisation_id.in_([p.id for p in places])))
    }
    return render_template("sharing/desks.html", places=places, found=found, weekdays=WEEKDAYS, said=said_hours)


@blueprint.get("/desks/<int:place_id>")
@permission("sharing.desks")
def desk(place_id: int) -> str:
    """The hours of one place."""
    place = _place(place_id)
    found = db().get(Desk, place.id)
    hours = {day: said_hours(found.spans.get(day, [])) for day in DAYS} if found else {}
    return _page(place, found, hours)


@blueprint.post("/desks/<int:place_id>")
@permission("sharing.desks")
def open_desk(place_id: int) -> str | tuple[str, int] | Response:
    """Say when this place receives people."""
    place = _place(place_id)
    hours = {day: request.form.get(f"day-{day}", "")[:60] for day in DAYS}
    given = {"minutes": whole("minutes", least=10, most=180), "at_once": whole("at_once", least=1, most=20)}
    both = request.form.get("alsace_moselle") == "y"
    try:
        verbs.open_desk(db(), place, hours, **given, alsace_moselle=both, by=me(), at=now())
    except Invalid as refusal:
        if refusal.facts.get("field") != "hours":
            raise
        db().rollback()
        return _page(_place(place_id), None, hours, _("Écrivez les heures ainsi : 9h-12h, 14h-17h30.")), 422
    db().commit()
    flash(_("Les heures sont enregistrées."), "ok")
    return redirect(url_for("sharing.desks"))


@blueprint.post("/desks/<int:place_id>/closed")
@permission("sharing.desks")
def close_desk(place_id: int) -> Response:
    """Nobody is received on these days."""
    place = _place(place_id)
    verbs.close_desk(db(), place, _day("first"), _day("last"), by=me(), at=now())
    db().commit()
    flash(_("Fermeture notée."), "ok")
    return redirect(url_for("sharing.desk", place_id=place.id))


def _page(place: Organisation, found: Desk | None, hours: dict[int, str], wrong: str = "") -> str:
    today = now().astimezone(PARIS).date()
    closed = select(DeskClosure).where(DeskClosure.organisation_id == place.id, DeskClosure.last >= today)
    return render_template(
        "sharing/desk.html",
        place=place,
        desk=found,
        hours=hours,
        weekdays=WEEKDAYS,
        wrong=wrong,
        closed=db().scalars(closed.order_by(DeskClosure.first, DeskClosure.id)).all(),
        today=today,
    )


def _mine() -> Select[Organisation]:
    reach = [
        Organisation.path.startswith(held.organisation.path, autoescape=True)
        for held in grounds(me(), "sharing.desks", now())
    ]
    return select(Organisation).where(or_(*reach), Organisation.kind.in_(RECEIVING))


def _place(place_id: int) -> Organisation:
    place = db().scalar(_mine().where(Organisation.id == place_id))
    if place is None:
        raise NotFound()
    return place


def _day(field: str) -> date:
    try:
        return date.fromisoformat(request.form.get(field, ""))
    except ValueError:
        raise Invalid(field=field, why="missing") from None
