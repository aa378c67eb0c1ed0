"""Who follows the families of a service, in counts; and all of somebody's files made a colleague's, in one act."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from ordi.errors import NotFound
from ordi.parties.access import may
from ordi.parties.covers import colleagues
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person
from ordi.sharing.hand_ons import Following, following, hand_on
from web.clock import now
from web.guards import i_may, me, permission
from web.home.waiting import Task, waits
from web.session import db
from web.sharing import blueprint

SHOWN = 100


@blueprint.get("/followers")
@permission("service.hand-on")
def followers() -> str:
    """Who follows how many families, first those who are no longer there."""
    found = following(db(), me(), at=now())
    return render_template("sharing/followers.html", more=max(0, len(found) - SHOWN), **to_hand_on(found[:SHOWN]))


@blueprint.post("/followers")
@permission("service.hand-on")
def give_files() -> Response:
    """All of one person's files in a service, to a colleague."""
    partner = _partner(request.form.get("partner", type=int))
    giver, taker = _person("giver"), _person("taker")
    done = hand_on(db(), partner, giver, taker, by=me(), at=now())
    db().commit()
    if done is not None:
        text = ngettext(
            "Un dossier est confié à %(name)s.",
            "%(num)s dossiers sont confiés à %(name)s.",
            done.files,
            name=taker.name,
        )
        flash(text, "ok")
    if request.form.get("back") == "person" and i_may("network.people"):
        return redirect(url_for("administration.person", person_id=giver.id))
    return redirect(url_for("sharing.followers"))


def to_hand_on(found: Sequence[Following]) -> dict[str, Any]:
    """What the lines of a hand-on say: the files, and to whom they can go."""
    here = colleagues(db(), [one.partner for one in found], at=now())
    return {"followings": found, "colleagues": here}


@waits("service.hand-on")
def nobody_follows(person: Person) -> list[Task]:
    """Families whose follower left, or follows nobody there any more."""
    count = sum(one.files for one in following(db(), person, at=now()) if not one.here)
    text = ngettext(
        "une famille n’est plus suivie par personne", "%(num)s familles ne sont plus suivies par personne", count
    )
    return [Task("warn", "family", _("Dossiers à confier"), text, url_for("sharing.followers"))] if count else []


def _partner(number: int | None) -> Organisation:
    partner = db().get(Organisation, number) if number else None
    if partner is None or not may(me(), "service.hand-on", partner, at=now()):
        raise NotFound(partner=str(number))
    return partner


def _person(field: str) -> Person:
    number = request.form.get(field, type=int)
    return (db().get(Person, number) if number else None) or abort(404)
