"""The network's log: every event of every machine, newest first. For those who audit."""

from __future__ import annotations

from flask import render_template, request
from sqlalchemy import select
from sqlalchemy.orm import aliased

from ordi.machines.journal import Event
from ordi.machines.machine import Machine, machines_seen_by
from ordi.parties.people import Person
from web.administration import blueprint
from web.clock import now
from web.guards import me, permission
from web.session import db
from web.wording.events import people_in

PAGE = 60


@blueprint.get("/log")
@permission("network.log")
def log() -> str:
    """Events by page, by key."""
    own = aliased(Machine)
    mine = machines_seen_by(me(), "network.log", at=now()).where(Machine.id == Event.machine_id)
    # `exists`, not `in`: the last events are looked at one by one until a page is full, and no machine before them
    query = select(Event, own.tag).join(own, own.id == Event.machine_id).where(mine.correlate(Event).exists())
    before = request.args.get("before", type=int)
    if before is not None:
        query = query.where(Event.id < before)
    rows = db().execute(query.order_by(Event.id.desc()).limit(PAGE + 1)).tuples().all()
    events = [event for event, _tag in rows]
    names = db().execute(select(Person.id, Person.name).where(Person.id.in_(people_in(events)))).tuples().all()
    older = rows[PAGE - 1][0].id if len(rows) > PAGE else None
    return render_template("administration/log.html", rows=rows[:PAGE], names=dict(names), older=older)
