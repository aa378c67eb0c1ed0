"""Away, and who covers; the files that somebody was given. For those who follow families."""

from __future__ import annotations

from datetime import date

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from ordi.errors import Invalid
from ordi.parties import covers
from ordi.parties.access import CASEWORK
from ordi.parties.covers import Cover, colleagues, covers_of
from ordi.parties.organisations import Kind, Organisation
from ordi.parties.people import Person
from ordi.sharing.hand_ons import covered_by, received, see
from ordi.sharing.requests import Request, requests_seen_by
from web.clock import now
from web.guards import me, permission
from web.home.waiting import Task, waits
from web.languages import day
from web.session import db
from web.sharing import blueprint

SHOWN = 60


@blueprint.get("/absences")
@permission("requests.write")
def absences() -> str:
    """What I was given, whom I cover and their files, when I am away and who covers me."""
    services = _services()
    here = colleagues(db(), services, at=now())
    mine = requests_seen_by(me(), at=now()).where(covered_by(me(), at=now()))
    told = (joinedload(Request.programme), joinedload(Request.followed_by), joinedload(Request.filed_by))
    count = _count()
    return render_template(
        "sharing/absences.html",
        myself=me(),
        received=received(db(), me()),
        covers=covers_of(db(), me(), at=now()),
        files=db().scalars(mine.options(*told).order_by(Request.filed_at, Request.id).limit(SHOWN)).all(),
        more=max(0, count - SHOWN),
        services=[(one, [who for who in here[one.id] if who.id != me().id]) for one in services],
        today=covers.today(now()),
        longest=covers.LONGEST_DAYS,
    )


@blueprint.post("/absences")
@permission("requests.write")
def say_away() -> Response:
    """I am away from one day to another, and this colleague covers me."""
    partner = next((one for one in _services() if one.id == request.form.get("partner", type=int)), None)
    if partner is None:
        abort(404)
    colleague = next(
        (one for one in colleagues(db(), [partner], at=now())[partner.id] if str(one.id) == request.form.get("cover")),
        None,
    )
    if colleague is None:
        abort(404)
    said = covers.away(db(), partner, colleague, _day("first"), _day("last"), by=me(), at=now())
    db().commit()
    flash(
        _(
            "%(name)s vous remplace du %(first)s au %(last)s.",
            name=colleague.name,
            first=day(said.first),
            last=day(said.last),
        ),
        "ok",
    )
    return redirect(url_for("sharing.absences"))


@blueprint.post("/absences/<int:number>/end")
@permission("requests.write")
def end_absence(number: int) -> Response:
    """Back before the day that was said."""
    said = db().get(Cover, number)
    if said is None or me().id not in (said.away_id, said.cover_id):
        abort(404)
    covers.back(db(), said, by=me(), at=now())
    db().commit()
    flash(_("Le remplacement est terminé."), "ok")
    return redirect(url_for("sharing.absences"))


@blueprint.post("/received")
@permission("requests.write")
def see_received() -> Response:
    """I saw what I was given."""
    see(db(), me(), at=now())
    db().commit()
    return redirect(url_for("sharing.absences"))


@waits("requests.write")
def given_and_covered(person: Person) -> list[Task]:
    """Files I was given and have not looked at, and those I answer for today."""
    found, url = [], url_for("sharing.absences")
    given = sum(one.files for one in received(db(), person))
    if given:
        text = ngettext("une famille vous est confiée", "%(num)s familles vous sont confiées", given)
        found.append(Task("now", "family", _("Dossiers reçus"), text, url))
    covering = [
        one
        for one in covers_of(db(), person, at=now())
        if one.cover_id == person.id and one.first <= covers.today(now())
    ]
    if covering:
        names = ", ".join(dict.fromkeys(one.away.name for one in covering))
        text = _("jusqu’au %(day)s", day=day(max(one.last for one in covering)))
        found.append(Task("share", "user-check", _("Vous remplacez %(name)s", name=names), text, url))
    return found


def _services() -> list[Organisation]:
    """The services in which I follow families."""
    held = {one.organisation_id: one.organisation for one in me().current(now()) if one.role in CASEWORK}
    return sorted((one for one in held.values() if one.kind == Kind.PARTNER), key=lambda one: (one.name, one.id))


def _count() -> int:
    mine = requests_seen_by(me(), at=now()).where(covered_by(me(), at=now()))
    return db().scalar(select(func.count()).select_from(mine.subquery())) or 0


def _day(field: str) -> date:
    try:
        return date.fromisoformat(request.form.get(field, ""))
    except ValueError:
        raise Invalid(field=field, why="unknown") from None
