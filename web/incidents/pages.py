"""The list of losses, and the file of one: what was in it, what is done, what is left, until when."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from ordi.bench.incident_letters import Reader, letters_of, readers_of
from ordi.bench.incidents import (
    Incident,
    Step,
    asked_of,
    deadline_of,
    do_step,
    drives_of,
    give_up,
    incident_seen,
    incidents_seen_by,
    steps_of,
)
from ordi.errors import Invalid
from ordi.parties.people import Person
from web.asking import chosen, short
from web.clock import now
from web.guards import me, permission
from web.incidents import blueprint
from web.incidents.letter import write_to
from web.session import db

PAGE = 40


@blueprint.get("")
@permission("incidents.see")
def index() -> str:
    """Open ones first, or those that are closed; latest first."""
    closed = request.args.get("show", "") == "closed"
    before = request.args.get("before", type=int)
    query = incidents_seen_by(me(), at=now()).where(
        Incident.closed_at.is_not(None) if closed else Incident.closed_at.is_(None)
    )
    if before is not None:
        query = query.where(Incident.id < before)
    loads = (joinedload(Incident.machine), joinedload(Incident.workshop), joinedload(Incident.donor))
    found = list(db().scalars(query.options(*loads).order_by(Incident.id.desc()).limit(PAGE + 1)))
    return render_template("incidents/index.html", incidents=found[:PAGE], more=len(found) > PAGE, closed=closed)


@blueprint.get("/<int:number>")
@permission("incidents.see")
def one(number: int) -> str:
    """The file."""
    incident = incident_seen(db(), me(), number, at=now())
    done, letters = steps_of(db(), incident), letters_of(db(), incident)
    until, rule = deadline_of(db(), incident)
    people = {incident.opened_by_id, incident.closed_by_id} | {step.by_id for step in done.values()}
    names = dict(db().execute(select(Person.id, Person.name).where(Person.id.in_(people))).tuples().all())
    asked = asked_of(incident)
    return render_template(
        "incidents/one.html",
        incident=incident,
        drives=drives_of(db(), incident),
        asked=asked,
        done=done,
        left=[step for step in asked if step not in done],
        readers=readers_of(incident),
        letters=letters,
        told={letter.reader for letter in letters},
        until=until,
        rule=rule,
        late=now() > until,
        hours=int((until - now()).total_seconds() // 3600),
        names=names,
        Step=Step,
    )


@blueprint.post("/<int:number>/steps/<step>")
@permission("incidents.follow")
def step(number: int, step: str) -> Response:
    """One thing done, or not needed and why."""
    incident = incident_seen(db(), me(), number, "incidents.follow", at=now())
    if step not in set(Step):
        raise Invalid(field="step", why="unknown")
    needed = request.form.get("needed", "yes") != "no"
    do_step(db(), incident, Step(step), short("said", 120), needed=needed, by=me(), at=now())
    db().commit()
    flash(_("C’est noté au dossier."), "ok")
    return redirect(url_for("incidents.one", number=incident.id))


@blueprint.post("/<int:number>/tell")
@permission("incidents.follow")
def tell(number: int) -> Response:
    """A letter to one of those who must know."""
    incident = incident_seen(db(), me(), number, "incidents.follow", at=now())
    reader = chosen(Reader, "reader")
    if reader not in readers_of(incident):
        raise Invalid(field="reader", why="unknown")
    address, settings = short("address", 254), current_app.extensions["ordi-settings"]
    write_to(incident, reader, address, drives_of(db(), incident), settings, by=me(), at=now())
    organisation = readers_of(incident)[reader]
    organisation.email = organisation.email or address
    db().commit()
    flash(_("Le message part."), "ok")
    return redirect(url_for("incidents.one", number=incident.id))


@blueprint.post("/<int:number>/give-up")
@permission("incidents.follow")
def lost_for_good(number: int) -> Response:
    """Everything was done, and it is not there."""
    incident = incident_seen(db(), me(), number, "incidents.follow", at=now())
    give_up(db(), incident, by=me(), at=now())
    db().commit()
    flash(_("Dossier clos : perdu pour de bon."), "wait")
    return redirect(url_for("incidents.one", number=incident.id))
