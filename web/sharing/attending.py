"""At the door of a session: invitations and labels are scanned one after the other. And the invitations to print."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ordi.sharing import attending as verbs
from ordi.sharing.training import Step
from ordi.tags import MistypedTag, read_tag
from web.clock import now
from web.guards import me, permission
from web.papers.qr import picture
from web.session import db
from web.sharing import blueprint
from web.sharing.training import group_seen


@blueprint.get("/training/<code>/door")
@permission("sharing.train")
def group_door(code: str) -> str:
    """Who is here today: scan, or type."""
    group = group_seen(code)
    meeting = verbs.session_today(group, now())
    here = [one for one in group.members if meeting and meeting.id in {seen.session_id for seen in one.attendances}]
    awaited = [one for one in group.members if one.step in (Step.COMMITTED, Step.CERTIFIED) and one not in here]
    return render_template("sharing/group_door.html", one=group, meeting=meeting, here=here, awaited=awaited)


@blueprint.post("/training/<code>/door")
@permission("sharing.train")
def group_arrival(code: str) -> Response:
    """Somebody came in."""
    group = group_seen(code)
    arrival = verbs.arrive(db(), group, _said(), by=me(), at=now())
    db().commit()
    who = arrival.place.request.code
    if arrival.already:
        flash(_("%(code)s est déjà là.", code=who), "warn")
    else:
        flash(_("%(code)s est là.", code=who), "ok")
    return redirect(url_for("sharing.group_door", code=group.code))


@blueprint.get("/training/<code>/invitations")
@permission("sharing.train")
def printed_invitations(code: str) -> str:
    """An invitation for each who committed themselves, to cut out and hand over: a number and its square, never a name."""
    group = group_seen(code)
    invited = [one for one in group.members if one.step == Step.COMMITTED]
    ahead = [one for one in group.sessions if one.begins > now()]
    return render_template("sharing/group_invitations.html", one=group, invited=invited, ahead=ahead, square=picture)


def _said() -> str:
    """A label as it is spelt; anything else as it was read."""
    said = request.form.get("code", "")[:200]
    try:
        return read_tag(said)
    except MistypedTag:
        return said
