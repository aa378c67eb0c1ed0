"""The network's log: every event of every machine, newest first. For those who audit."""

from __future__ import annotations

from flask import render_template, request
from sqlalchemy import select

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
    mine = machines_seen_by(me(), "network.log", at=now()).with_only_columns(Machine.id)
    query = select(Event, Machine.tag).join(Machine, Machine.id == Event.machine_id).where(Event.machine_id.in_(mine))
    before = request.args.get("before", type=int)
    if before is not None:
        query = query.where(Event.id < before)
    rows = db().execute(query.order_by(Event.id.desc()).limit(PAGE + 1)).tuples().all()
    events = [event for event, _tag in rows]
    names = db().execute(select(Person.id, Person.name).where(Person.id.in_(people_in(events)))).tuples().all()
    older = rows[PAGE - 1][0].id if len(rows) > PAGE else None
    return render_template("administration/log.html", rows=rows[:PAGE], names=dict(names), older=older)
