"""One page: the drives to put on a stick, the file that comes back, and what became of each stick."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from flask import current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from ordi.bench.jobs import WipeJob
from ordi.bench.offline_jobs import (
    LARGEST_FILE,
    NothingToPrepare,
    OfflineStick,
    StickUnknown,
    file_of,
    prepare,
    sticks_of,
    take_back,
    waiting_drives,
)
from ordi.errors import NotFound
from ordi.parties.access import ACCESS, grounds
from ordi.parties.organisations import Kind, Organisation
from ordi.parties.people import Membership, Person
from web.clock import now
from web.guards import i_may, me, permission
from web.keyring import keyring
from web.offline import blueprint
from web.session import db

DAYS = (3, 7, 14, 30)
USUAL_DAYS = 7


@dataclass(frozen=True)
class Shown:
    """A stick and its jobs."""

    stick: OfflineStick
    jobs: list[WipeJob]


@blueprint.get("")
@permission("bench.wipe")
def index() -> str:
    """What may go onto a stick, and what sticks brought back."""
    workshop = _workshop()
    leads = i_may("bench.offline", workshop)
    return render_template(
        "offline/index.html",
        workshop=workshop,
        leads=leads,
        reader=me().id,
        drives=waiting_drives(db(), workshop) if leads else [],
        people=_wipers(workshop) if leads else [],
        sticks=_shown(workshop),
        days=DAYS,
        usual=USUAL_DAYS,
        now=now(),
    )


@blueprint.post("/prepare")
@permission("bench.offline")
def make() -> Response:
    """Sign the jobs of the drives chosen; the file is the answer, and is kept nowhere."""
    workshop = _workshop(request.form.get("workshop", ""), "bench.offline")
    wanted = set(request.form.getlist("drive"))
    chosen = [(machine, drive) for machine, drive in waiting_drives(db(), workshop) if str(drive.id) in wanted]
    wiper = next((one for one in _wipers(workshop) if str(one.id) == request.form.get("wiper")), None)
    days = request.form.get("days", "")
    if not chosen or wiper is None or days not in map(str, DAYS):
        raise NothingToPrepare()
    settings = current_app.extensions["ordi-settings"]
    stick, key = prepare(
        db(),
        workshop,
        chosen,
        wiper=wiper,
        lasts=timedelta(days=int(days)),
        test=settings.demonstration,
        by=me(),
        at=now(),
    )
    told = file_of(db(), stick, key, keyring().signing("job", now()), settings.base_url)
    db().commit()
    answer = make_response(json.dumps(told, indent=1).encode())
    answer.headers["Content-Type"] = "application/octet-stream"
    answer.headers["Content-Disposition"] = f'attachment; filename="ordi-hors-ligne-{stick.name}.json"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/server-keys.json")
@permission("bench.wipe")
def server_keys() -> Response:
    """The public keys a live system must know beforehand: it believes no key that comes on a stick."""
    keys = [key for key in keyring().jwks(now())["keys"] if key["purpose"] == "job"]
    answer = make_response(json.dumps({"keys": keys}, indent=1).encode())
    answer.headers["Content-Type"] = "application/octet-stream"
    answer.headers["Content-Disposition"] = 'attachment; filename="ordi-server-keys.json"'
    return answer


@blueprint.post("/return")
@permission("bench.wipe")
def bring_back() -> Response:
    """Take the reports of a stick."""
    sent = request.files.get("reports")
    if sent is None:
        raise StickUnknown()
    stick, outcomes = take_back(db(), sent.stream.read(LARGEST_FILE + 1), by=me(), at=now())
    db().commit()
    waiting = sum(1 for one in outcomes if one.challenge is not None)
    taken = ngettext(
        "Clé %(name)s : un rapport pris.", "Clé %(name)s : %(num)s rapports pris.", len(outcomes), name=stick.name
    )
    flash(taken, "ok")
    if waiting:
        flash(
            _(
                "Pas encore prouvé : branchez ces disques à un ordinateur relié au réseau et lancez « ordi-agent send »."
            ),
            "wait",
        )
    return redirect(url_for("offline.index", workshop=stick.workshop_id))


def _shown(workshop: Organisation) -> list[Shown]:
    """The last sticks with their jobs: two queries."""
    sticks = sticks_of(db(), [workshop], most=12)
    query = select(WipeJob).where(WipeJob.bench_session_id.in_([one.bench_session_id for one in sticks]))
    jobs = list(
        db().scalars(query.options(joinedload(WipeJob.machine), joinedload(WipeJob.drive)).order_by(WipeJob.id))
    )
    return [Shown(one, [job for job in jobs if job.bench_session_id == one.bench_session_id]) for one in sticks]


def _wipers(workshop: Organisation) -> list[Person]:
    """Who may wipe in a workshop now, by name."""
    above = [int(part) for part in workshop.path.split("/") if part]
    query = (
        select(Membership)
        .where(Membership.role.in_(ACCESS["bench.wipe"]), Membership.organisation_id.in_(above))
        .options(joinedload(Membership.person))
    )
    found: Iterable[Membership] = db().scalars(query)
    people = {held.person for held in found if held.in_force(now()) and held.person.left_at is None}
    return sorted(people, key=lambda one: (one.name, one.id))


def _workshop(asked: str = "", name: str = "bench.wipe") -> Organisation:
    """The workshop asked for, or the first this person may wipe in."""
    asked = asked or request.args.get("workshop", "")
    within = [
        Organisation.path.startswith(one.organisation.path, autoescape=True) for one in grounds(me(), name, now())
    ]
    rooms = select(Organisation).where(Organisation.kind == Kind.WORKSHOP, or_(False, *within))
    if asked.isdigit():
        rooms = rooms.where(Organisation.id == int(asked[:9]))
    found = db().scalar(rooms.order_by(Organisation.name, Organisation.id).limit(1))
    if found is None:
        raise NotFound(workshop=asked[:10])
    return found
