"""Visits at home: opened beforehand with their cause, listed for who goes, closed with what was found."""

from __future__ import annotations

import json
from datetime import date, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from ordi.errors import Invalid, NotFound
from ordi.fleet.help_requests import Trouble
from ordi.machines.machine import seen
from ordi.papers import PARIS
from ordi.parties.access import may
from ordi.parties.households import read_file
from ordi.parties.people import Person
from ordi.sharing import visit_tickets as verbs
from ordi.sharing.allocation import current_for
from ordi.sharing.packs import missing_of
from ordi.sharing.requests import LONGEST_NOTE, Request, seen_request
from ordi.sharing.visit_tickets import Origin, Standing, VisitTicket, seen_visit, visits_seen_by, words_of
from ordi.sharing.visits import Cause
from web.asking import chosen
from web.clock import now
from web.guards import me, permission
from web.home.waiting import Task, waits
from web.keyring import sealer
from web.session import db, writes
from web.sharing import blueprint, programme_words, visit_words
from web.sharing.words import weekday

SHOWN = 30
TOLD = (
    joinedload(VisitTicket.request).options(joinedload(Request.partner), joinedload(Request.programme)),
    joinedload(VisitTicket.machine),
    joinedload(VisitTicket.goes).lazyload(Person.memberships),
)


@blueprint.get("/visits")
@permission("sharing.visit")
def visits() -> str:
    """The visits still to make, mine first or everybody's, day by day."""
    everyone = request.args.get("who") == "all"
    query = visits_seen_by(me(), at=now()).where(VisitTicket.state == Standing.TO_VISIT)
    if not everyone:
        query = query.where(VisitTicket.goes_id == me().id)
    if (after := _after()) is not None:
        query = query.where(
            or_(VisitTicket.day > after[0], (VisitTicket.day == after[0]) & (VisitTicket.id > after[1]))
        )
    found = list(db().scalars(query.options(*TOLD).order_by(VisitTicket.day, VisitTicket.id).limit(SHOWN + 1)))
    shown, today = found[:SHOWN], now().astimezone(PARIS).date()
    days = [(day, [one for one in shown if one.day == day]) for day in dict.fromkeys(one.day for one in shown)]
    return render_template(
        "sharing/visits.html",
        days=days,
        today=today,
        everyone=everyone,
        later=f"{shown[-1].day.isoformat()}.{shown[-1].id}" if len(found) > SHOWN else "",
        visiting=visit_words,
        weekday=weekday,
    )


@blueprint.get("/visits/<code>")
@permission("sharing.visit")
@writes
def one_visit(code: str) -> str:
    """One visit: where, why, what to take; and what was found, once it was made."""
    ticket = seen_visit(db(), me(), code, at=now())
    asked, contact = ticket.request, None
    if ticket.open and asked.household is not None and may(me(), "households.read", asked.partner, at=now()):
        contact = read_file(db(), asked.household, sealer=sealer(), by=me(), at=now())
        db().commit()
    promise = current_for(db(), asked)
    return render_template(
        "sharing/visit.html",
        one=ticket,
        contact=contact,
        said=words_of(ticket, sealer()),
        missing=missing_of(db(), promise) if promise else [],
        found=json.loads(ticket.visit.findings) if ticket.visit else None,
        today=now().astimezone(PARIS).date(),
        visiting=visit_words,
        say=programme_words,
    )


@blueprint.post("/visits/<code>/made")
@permission("sharing.visit")
def visit_made(code: str) -> Response:
    """Somebody was there: what they found, under the five headings."""
    ticket = seen_visit(db(), me(), code, at=now())
    verbs.visited(db(), ticket, visit_words.findings(), by=me(), at=now())
    return _told(_("La visite est notée."))


@blueprint.post("/visits/<code>/not-made")
@permission("sharing.visit")
def visit_not_made(code: str) -> Response:
    """Nobody was there, or it is not needed any more."""
    ticket = seen_visit(db(), me(), code, at=now())
    verbs.not_made(db(), ticket, chosen(Standing, "state"), by=me(), at=now())
    return _told(str(visit_words.STANDINGS[ticket.state]) + ".")


@blueprint.get("/requests/<code>/visits/new")
@permission("sharing.follow")
def planning_visit(code: str) -> str:
    """Why, which day, who goes."""
    found = seen_request(db(), me(), code, "sharing.follow", at=now())
    origin = request.args.get("origin", Origin.FILE)
    proposed = (
        request.args.get("cause", "") or visit_words.ORIGIN_CAUSES.get(Origin(origin), "")
        if origin in set(Origin)
        else ""
    )
    return render_template(
        "sharing/visit_new.html",
        one=found,
        origin=origin if origin in set(Origin) else Origin.FILE,
        proposed=proposed,
        visitors=verbs.visitors(db(), found, at=now()),
        me_id=me().id,
        today=now().astimezone(PARIS).date(),
        furthest=now().astimezone(PARIS).date() + verbs.FURTHEST,
        longest=LONGEST_NOTE,
        visiting=visit_words,
    )


@blueprint.post("/requests/<code>/visits/new")
@permission("sharing.follow")
def plan_visit(code: str) -> Response:
    """Open the visit."""
    found = seen_request(db(), me(), code, "sharing.follow", at=now())
    number = request.form.get("goes", 0, type=int)
    goes = next((one for one in verbs.visitors(db(), found, at=now()) if one.id == number), None)
    if goes is None:
        raise Invalid(field="goes", why="missing")
    ticket = verbs.plan_visit(
        db(),
        found,
        chosen(Cause, "cause"),
        _day(),
        goes,
        by=me(),
        at=now(),
        words=request.form.get("words", ""),
        sealer=sealer(),
        origin=chosen(Origin, "origin"),
    )
    db().commit()
    flash(_("La visite %(code)s est prévue. Prévenez la famille.", code=ticket.code), "ok")
    return redirect(url_for("sharing.one_visit", code=ticket.code))


@blueprint.get("/machines/<tag>/visit")
@permission("sharing.follow")
def visit_machine(tag: str) -> Response:
    """From a computer, its alert or a family's call, to the form of its request."""
    machine = seen(db(), me(), tag, "sharing.follow", at=now())
    promise = current_for(db(), machine)
    if promise is None:
        raise NotFound(tag=machine.tag)
    found = seen_request(db(), me(), promise.request.code, "sharing.follow", at=now())
    trouble = request.args.get("trouble", "")
    cause = visit_words.TROUBLE_CAUSES.get(Trouble(trouble), "") if trouble in set(Trouble) else ""
    origin = request.args.get("origin", Origin.FILE)
    return redirect(url_for("sharing.planning_visit", code=found.code, origin=origin, cause=cause or None))


@waits("sharing.visit")
def to_visit(person: Person) -> list[Task]:
    """My visits of today, and those that are late."""
    soon = now().astimezone(PARIS).date() + timedelta(days=1)
    mine = visits_seen_by(person, at=now()).where(
        VisitTicket.goes_id == person.id, VisitTicket.state == Standing.TO_VISIT, VisitTicket.day <= soon
    )
    count = db().scalar(select(func.count()).select_from(mine.subquery())) or 0
    text = ngettext("une visite jusqu’à demain", "%(num)s visites jusqu’à demain", count)
    return [Task("now", "home", _("À visiter"), text, url_for("sharing.visits"))] if count else []


def _day() -> date:
    try:
        return date.fromisoformat(request.form.get("day", ""))
    except ValueError as error:
        raise Invalid(field="day", why="missing") from error


def _after() -> tuple[date, int] | None:
    """Where the page before ended."""
    day, _dot, number = request.args.get("after", "").partition(".")
    try:
        return date.fromisoformat(day), int(number)
    except ValueError:
        return None


def _told(text: str) -> Response:
    db().commit()
    flash(text, "ok")
    return redirect(url_for("sharing.visits"))
