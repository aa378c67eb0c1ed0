"""One learner: the level to begin at, a seat from the waiting list, leaving before the end, the exit review."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ordi.errors import NotFound
from ordi.sharing import levels, seats
from ordi.sharing.levels import Gesture, Onward
from ordi.sharing.requests import Request, seen_request
from ordi.sharing.seats import Leaving
from ordi.sharing.training import Group, Place
from web.asking import chosen
from web.clock import now
from web.guards import me, permission
from web.session import db
from web.sharing import blueprint, learning_words
from web.sharing.training import STEP_LOOKS, STEPS, group_seen


@blueprint.get("/training/<code>/places/<int:place_id>")
@permission("sharing.train")
def learner(code: str, place_id: int) -> str:
    """One place of a group: how far its person is, the exit review, leaving."""
    group, place = _seen(code, place_id)
    return render_template(
        "sharing/learner.html",
        group=group,
        place=place,
        level=levels.levels_of(db(), [place.request_id]).get(place.request_id, ""),
        levels=levels.levels_for(place.request),
        able=place.able.split(),
        steps=STEPS,
        looks=STEP_LOOKS,
        say=learning_words,
    )


@blueprint.post("/training/<code>/places/<int:place_id>/admit")
@permission("sharing.train")
def admit(code: str, place_id: int) -> Response:
    """The first of the waiting list takes the free seat."""
    group, place = _seen(code, place_id)
    seats.admit(db(), place, by=me(), at=now())
    db().commit()
    flash(_("La demande %(code)s est dans le groupe.", code=place.request.code), "ok")
    return redirect(url_for("sharing.group", code=group.code))


@blueprint.post("/training/<code>/places/<int:place_id>/leave")
@permission("sharing.train")
def leave(code: str, place_id: int) -> Response:
    """Somebody leaves before the end."""
    group, place = _seen(code, place_id)
    seats.leave(db(), place, chosen(Leaving, "why"), by=me(), at=now())
    db().commit()
    flash(_("Le départ est noté. La place est libre."), "ok")
    return redirect(url_for("sharing.group", code=group.code))


@blueprint.post("/training/<code>/places/<int:place_id>/review")
@permission("sharing.train")
def review(code: str, place_id: int) -> Response:
    """What they can do now, and what comes next."""
    group, place = _seen(code, place_id)
    can = request.form.getlist("can")
    levels.review(db(), place, can, chosen(Onward, "onward"), by=me(), at=now())
    db().commit()
    flash(_("Le bilan est noté."), "ok")
    return redirect(url_for("sharing.learner", code=group.code, place_id=place.id))


@blueprint.get("/requests/<code>/level")
@permission("sharing.train")
def level_questions(code: str) -> str:
    """Seven questions, asked or answered on the tablet."""
    return render_template("sharing/level.html", one=_with_levels(code), say=learning_words)


@blueprint.post("/requests/<code>/level")
@permission("sharing.train")
def propose_level(code: str) -> str:
    """The level that the answers propose. They are in the body, and kept nowhere."""
    found = _with_levels(code)
    can = [one for one in Gesture if request.form.get(f"can-{one}") == "yes"]
    choices = levels.levels_for(found)
    return render_template(
        "sharing/level_proposed.html", one=found, levels=choices, proposed=levels.proposed_level(choices, can)
    )


@blueprint.post("/requests/<code>/level/keep")
@permission("sharing.train")
def keep_level(code: str) -> Response:
    """A person chose the level."""
    found = _with_levels(code)
    levels.keep_level(db(), found, request.form.get("level", ""), by=me(), at=now())
    db().commit()
    flash(_("Le niveau de %(code)s est noté.", code=found.code), "ok")
    return redirect(url_for("sharing.training"))


def _seen(code: str, place_id: int) -> tuple[Group, Place]:
    group = group_seen(code)
    place = next((one for one in group.members if one.id == place_id), None)
    if place is None:
        raise NotFound(place=place_id)
    return group, place


def _with_levels(code: str) -> Request:
    """A request of mine whose programme has levels. Raises `NotFound` otherwise."""
    found = seen_request(db(), me(), code, "sharing.train", at=now())
    if not levels.levels_for(found):
        raise NotFound(request=found.code)
    return found
