"""After the request: what it brought, visits, the access, where the machine stands, whose name it bears, the training."""

from __future__ import annotations

import json
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from ordi.errors import NotFound
from ordi.machines.machine import seen
from ordi.papers import PARIS
from ordi.parties.organisations import Kind, Organisation, pole_of
from ordi.sharing import allocation as promises
from ordi.sharing import connections, derogations, naming, placements, requests, visits
from ordi.sharing.allocation import Allocation, current_for
from ordi.sharing.brought import brought
from ordi.sharing.derogations import Derogation
from ordi.sharing.living import answer_living
from ordi.sharing.requests import Request, seen_request
from ordi.sharing.training import places_of
from ordi.sharing.visit_tickets import tickets_of
from ordi.sharing.visits import Cause
from ordi.sharing.warranty import warranty_of
from web.asking import chosen, short
from web.clock import now
from web.guards import me, permission
from web.session import db
from web.sharing import blueprint, living, programme_words, visit_words
from web.sharing.requests import fresh_request


@blueprint.get("/requests/<code>/follow")
@permission("sharing.follow")
def follow(code: str) -> str:
    """Everything that goes with one request beside its machine."""
    found = _mine(code)
    return render_template(
        "sharing/follow.html",
        one=found,
        rules=found.programme.rules,
        brought=brought(db(), found),
        visits=[(one, json.loads(one.findings)) for one in visits.visits_of(db(), found)],
        given=_given(found),
        connection=connections.connection_of(db(), found),
        today=now().astimezone(PARIS).date(),
        placement=placements.placement_of(db(), found),
        partners=_partners(found),
        naming=naming.naming_of(db(), found),
        seats=places_of(db(), found),
        tickets=tickets_of(db(), found),
        visiting=visit_words,
        say=programme_words,
    )


@blueprint.post("/requests/<code>/visit")
@permission("sharing.follow")
def visit(code: str) -> Response:
    """A visit was made."""
    found = _mine(code)
    visits.visit(db(), found, chosen(Cause, "cause"), visit_words.findings(), by=me(), at=now())
    return _done(found, _("La visite est notée."))


@blueprint.post("/requests/<code>/connect")
@permission("sharing.follow")
def connect(code: str) -> Response:
    """Open the access."""
    found = _mine(code)
    connections.connect(db(), found, by=me(), at=now())
    return _done(found, _("L’accès internet est ouvert."))


@blueprint.post("/requests/<code>/place")
@permission("sharing.follow")
def place(code: str) -> Response:
    """Say who owns, keeps and runs it, and where."""
    found = _mine(code)
    known = {one.id: one for one in _partners(found)}
    parts = [known.get(request.form.get(name, 0, type=int)) for name in ("owner", "keeper", "operator")]
    owner, keeper, operator = parts
    if owner is None or keeper is None or operator is None:
        raise NotFound(request=found.code)
    placements.place(
        db(),
        found,
        owner=owner,
        keeper=keeper,
        operator=operator,
        where=short("where"),
        fleet=short("fleet"),
        by=me(),
        at=now(),
    )
    return _done(found, _("Le placement est noté."))


@blueprint.post("/requests/<code>/name")
@permission("sharing.allocate")
def name_machine(code: str) -> Response:
    """Give a machine that is being built its future owner's request."""
    found = seen_request(db(), me(), code, "sharing.allocate", at=now())
    machine = seen(db(), me(), request.form.get("tag", ""), "sharing.allocate", at=now())
    naming.name_machine(db(), machine, found, by=me(), at=now())
    return _done(found, _("%(tag)s porte maintenant la demande %(code)s.", tag=machine.tag, code=found.code))


@blueprint.post("/requests/<code>/derogate")
@permission("sharing.allocate")
def derogate(code: str) -> Response:
    """A person decides to serve a request outside the conditions, with a reason."""
    found = seen_request(db(), me(), code, "sharing.allocate", at=now())
    fresh_request(found)
    derogations.derogate(db(), found, chosen(Derogation, "reason"), by=me(), at=now())
    db().commit()
    flash(_("La demande %(code)s peut être servie.", code=found.code), "ok")
    return redirect(url_for("sharing.one_request", code=found.code))


@blueprint.post("/requests/<code>/attest")
@permission("sharing.follow")
def attest(code: str) -> Response:
    """More was verified."""
    found = _mine(code)
    requests.attest(db(), found, request.form.getlist("attested"), by=me(), at=now())
    db().commit()
    flash(_("C’est vérifié."), "ok")
    return redirect(url_for("sharing.one_request", code=found.code))


@blueprint.post("/requests/<code>/living")
@permission("requests.write")
def say_living(code: str) -> Response:
    """Somebody learned more of where a household lives. What is left empty stays as it was known."""
    found = seen_request(db(), me(), code, "requests.write", at=now())
    fresh_request(found)
    form = living.LivingForm()
    answer_living(db(), found, living.living_of(form, known=found.commune_code), by=me(), at=now())
    db().commit()
    flash(_("C’est noté."), "ok")
    living.say_unknown_postcode(form)
    return redirect(url_for("sharing.one_request", code=found.code))


@blueprint.post("/requests/<code>/heard")
@permission("sharing.follow")
def heard(code: str) -> Response:
    """The family answered: the machine is kept as long again."""
    found = _mine(code)
    promise = current_for(db(), found)
    if promise is None:
        raise NotFound(request=found.code)
    promises.heard(db(), promise, by=me(), at=now())
    db().commit()
    flash(_("C’est noté. L’ordinateur reste gardé."), "ok")
    return redirect(url_for("sharing.one_request", code=found.code))


def _given(found: Request) -> tuple[Allocation, date | None] | None:
    """The machine the family has, and until when it is guaranteed."""
    held = current_for(db(), found)
    return (held, warranty_of(db(), held)) if held is not None and held.handed_over_at is not None else None


def _mine(code: str) -> Request:
    return seen_request(db(), me(), code, "sharing.follow", at=now())


def _partners(found: Request) -> list[Organisation]:
    """Who may have a part: the partner organisations of the same pole."""
    pole = pole_of(found.partner)
    query = select(Organisation).where(Organisation.kind == Kind.PARTNER, Organisation.parent_id == pole.id)
    return list(db().scalars(query.order_by(Organisation.name)))


def _done(found: Request, text: str) -> Response:
    db().commit()
    flash(text, "ok")
    return redirect(url_for("sharing.follow", code=found.code))
