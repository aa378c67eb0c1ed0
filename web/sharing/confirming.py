"""« Toujours utiles ? »: requests without news for long, as their service answers for them and their coordinator helps."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from ordi.parties.access import grounds
from ordi.parties.people import Person
from ordi.sharing import still_wanted as silence
from ordi.sharing.requests import Request, seen_request
from web.clock import now
from web.guards import me, permission
from web.home.waiting import Task, waits
from web.session import db
from web.sharing import blueprint

SHOWN = 40
TOLD = (
    joinedload(Request.partner),
    joinedload(Request.programme),
    joinedload(Request.filed_by),
    joinedload(Request.followed_by),
)


@blueprint.get("/confirm")
@permission("requests.see")
def confirming() -> str:
    """What waits for an answer, longest asked first, and what silence closed lately."""
    asked = silence.to_confirm(me(), at=now())
    count = _count(me())
    return render_template(
        "sharing/confirming.html",
        found=db().scalars(asked.options(*TOLD).limit(SHOWN)).all(),
        more=max(0, count - SHOWN),
        closed=db().scalars(silence.closed_lately(me(), at=now()).options(*TOLD).limit(SHOWN)).all(),
        closes_at=silence.closes_at,
        answer_within=silence.ANSWER_WITHIN,
    )


@blueprint.post("/requests/<code>/still-wanted")
@permission("sharing.follow")
def still_wanted(code: str) -> Response:
    """A sign of life: the request waits at the place it had."""
    found = seen_request(db(), me(), code, "sharing.follow", at=now())
    silence.confirm(db(), found, by=me(), at=now())
    db().commit()
    flash(_("La demande %(code)s attend toujours, à sa place.", code=found.code), "ok")
    return redirect(url_for("sharing.confirming" if _count(me()) else "sharing.index"))


@waits("requests.see")
def without_news(person: Person) -> list[Task]:
    """Requests to answer for; a coordinator is told of those that stepped aside."""
    theirs = any(grounds(person, one, now()) for one in ("requests.write", "requests.apply"))
    count = _count(person, aside=not theirs)
    text = ngettext("une demande sans nouvelles", "%(num)s demandes sans nouvelles", count)
    return [Task("warn", "question", _("Toujours utiles ?"), text, url_for("sharing.confirming"))] if count else []


def _count(person: Person, *, aside: bool = False) -> int:
    asked = silence.to_confirm(person, aside=aside, at=now())
    return db().scalar(select(func.count()).select_from(asked.subquery())) or 0
