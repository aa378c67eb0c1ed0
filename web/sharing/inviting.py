"""Leading a group to its first session: the day of the meeting, the letters, the invitations."""

from __future__ import annotations

from datetime import datetime

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from ordi.errors import Invalid
from ordi.papers import PARIS
from ordi.sharing import inviting as verbs
from ordi.sharing.inviting import Told
from web.clock import now
from web.guards import me, permission
from web.session import db
from web.sharing import blueprint
from web.sharing.training import group_seen


@blueprint.post("/training/<code>/meeting")
@permission("sharing.train")
def group_meeting(code: str) -> Response:
    """The day and hour of the information meeting."""
    group = group_seen(code)
    told = verbs.set_meeting(db(), group, day_and_hour("day", "hour"), by=me(), at=now())
    flash(_("La date de la réunion est notée."), "ok")
    return _done(code, told)


@blueprint.post("/training/<code>/letters")
@permission("sharing.train")
def group_letters(code: str) -> Response:
    """The letter to everyone on the pre-list."""
    return _done(code, verbs.write_letters(db(), group_seen(code), by=me(), at=now()), say_none=True)


@blueprint.post("/training/<code>/invitations")
@permission("sharing.train")
def group_invitations(code: str) -> Response:
    """The invitation to the sessions, to who committed themselves."""
    return _done(code, verbs.invite(db(), group_seen(code), by=me(), at=now()), say_none=True)


def day_and_hour(day: str, hour: str) -> datetime:
    """A day and an hour as the browser's own fields give them, in France. Raises `Invalid`."""
    try:
        return datetime.fromisoformat(f"{request.form[day]}T{request.form[hour][:5]}").replace(tzinfo=PARIS)
    except (KeyError, ValueError):
        raise Invalid(field=day, why="not-a-day") from None


def _done(code: str, told: Told, *, say_none: bool = False) -> Response:
    db().commit()
    if told.put:
        flash(ngettext("Un message est prêt à partir.", "%(num)s messages sont prêts à partir.", told.put), "ok")
    if told.spoken_to:
        text = ngettext(
            "Une personne ne veut plus de messages : parlez-lui, puis notez son étape.",
            "%(num)s personnes ne veulent plus de messages : parlez-leur, puis notez leur étape.",
            told.spoken_to,
        )
        flash(text, "warn")
    if say_none and not (told.put or told.spoken_to):
        flash(_("Tout le monde a déjà son message."), "ok")
    return redirect(url_for("sharing.group", code=code.upper()))
