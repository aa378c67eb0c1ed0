"""The coordinator's morning: a machine proposed for each need, with its reasons; nothing leaves without a person."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from ordi.errors import Refused
from ordi.machines.lifecycle import Action, State
from ordi.machines.machine import Machine, seen
from ordi.papers import PARIS
from ordi.parties.access import grounds
from ordi.parties.organisations import Kind, Organisation, pole_of
from ordi.sharing import allocation as verbs
from ordi.sharing.allocation import Allocation, MachineNotReady, NotAllocated, current_for
from ordi.sharing.fit import rank
from ordi.sharing.proposals import candidates, in_sight, proposals, takers
from ordi.sharing.requests import Request, RequestState, seen_request
from ordi.sharing.reservations import went_back
from ordi.sharing.still_wanted import to_confirm
from ordi.sharing.waiting import stock_of
from web.clock import now
from web.guards import me, permission
from web.machines.freshness import fresh
from web.machines.panels import ACTION_ROUTES
from web.session import db
from web.sharing import blueprint
from web.sharing.requests import fresh_request

SHOWN = 40

ACTION_ROUTES[Action.ALLOCATE] = "sharing.choose_request"
ACTION_ROUTES[Action.RELEASE] = "sharing.releasing"


@blueprint.get("/allocations")
@permission("sharing.allocate")
def allocations() -> str:
    """Each waiting request with the machine proposed for it."""
    pole = asked_pole()
    stock = stock_of(db(), pole)
    found = proposals(db(), pole, at=now(), told=SHOWN, ready=stock.free)
    sight = in_sight([one.best is not None for one in found], SHOWN)
    return render_template(
        "sharing/allocations.html",
        pole=pole,
        poles=my_poles(),
        found=[found[n] for n in sight],
        more=len(found) - len(sight),
        served=sum(1 for one in found if one.best),
        waiting=len(found),
        ready=len(stock.free),
        held_back=stock.held_back,
        to_release=_withdrawn(pole),
        to_call_back=_to_call_back(pole),
        went_back=went_back(db(), pole, at=now()),
        aside=db().scalar(select(func.count()).select_from(to_confirm(me(), aside=True, at=now()).subquery())) or 0,
    )


@blueprint.post("/allocations")
@permission("sharing.allocate")
def accept() -> Response:
    """Accept one proposal, or another machine chosen by hand."""
    found = seen_request(db(), me(), request.form.get("request", ""), "sharing.allocate", at=now())
    machine = seen(db(), me(), request.form.get("tag", ""), "sharing.allocate", at=now())
    if machine.state not in (
        State.READY,
        State.ALLOCATED,
    ):  # back on the bench since the page: said before "just changed"
        raise MachineNotReady(tag=machine.tag, state=machine.state)
    fresh_request(found)
    fresh(machine)
    verbs.allocate(db(), machine, found, by=me(), at=now())
    db().commit()
    flash(_("%(tag)s est gardé pour la demande %(code)s.", tag=machine.tag, code=found.code), "ok")
    return redirect(url_for("sharing.allocations", pole=pole_of(found.partner).id))


@blueprint.post("/allocations/all")
@permission("sharing.allocate")
def accept_all() -> Response:
    """Accept every proposal that still stands as it was shown; what changed meanwhile is left for a second look."""
    pole = asked_pole()
    shown = set(request.form.getlist("pair"))
    accepted = 0
    for one in proposals(db(), pole, at=now(), told=0):
        if one.best is None or f"{one.request.code}:{one.best.machine.tag}" not in shown:
            continue
        try:
            with db().begin_nested():
                verbs.allocate(db(), one.best.machine, one.request, by=me(), at=now())
        except Refused:  # taken, or held, meanwhile: the others are kept all the same
            continue
        accepted += 1
    db().commit()
    left = len(shown) - accepted
    flash(ngettext("Un ordinateur est gardé.", "%(num)s ordinateurs sont gardés.", accepted), "ok")
    if left:
        flash(
            ngettext(
                "Une proposition a changé : regardez-la.", "%(num)s propositions ont changé : regardez-les.", left
            ),
            "warn",
        )
    return redirect(url_for("sharing.allocations", pole=pole.id))


@blueprint.get("/requests/<code>/machines")
@permission("sharing.allocate")
def choose_machine(code: str) -> str:
    """Every ready machine that could answer a request, best first."""
    found = seen_request(db(), me(), code, "sharing.allocate", at=now())
    weighed = candidates(db(), found, pole_of(found.partner), at=now())
    return render_template(
        "sharing/choose_machine.html", one=found, weighed=weighed[:SHOWN], reasons=rank(found, now())
    )


@blueprint.get("/machines/<tag>/allocate")
@permission("sharing.allocate")
def choose_request(tag: str) -> str:
    """The requests a machine could answer, in their order."""
    machine = seen(db(), me(), tag, "sharing.allocate", at=now())
    found = takers(db(), machine, pole_of(machine.workshop), at=now())
    rows = [(one.request, one.points, fit) for one, fit in found[:SHOWN]]
    return render_template("sharing/choose_request.html", machine=machine, rows=rows)


@blueprint.get("/machines/<tag>/release")
@permission("sharing.allocate")
def releasing(tag: str) -> str:
    """Say what a release does before it is done."""
    machine = seen(db(), me(), tag, "sharing.allocate", at=now())
    return render_template("sharing/release.html", machine=machine, allocation=_promise(machine))


@blueprint.post("/machines/<tag>/release")
@permission("sharing.allocate")
def release(tag: str) -> Response:
    """Put a promised machine back in stock."""
    machine = seen(db(), me(), tag, "sharing.allocate", at=now())
    fresh(machine)
    promise = _promise(machine)
    verbs.release(db(), promise, by=me(), at=now())
    db().commit()
    flash(_("%(tag)s est de nouveau prêt.", tag=machine.tag), "ok")
    return redirect(url_for("sharing.one_request", code=promise.request.code))


def _promise(machine: Machine) -> Allocation:
    promise = current_for(db(), machine)
    if promise is None or promise.handed_over_at is not None:
        raise NotAllocated(tag=machine.tag)
    return promise


def my_poles() -> list[Organisation]:
    return [
        held.organisation for held in grounds(me(), "sharing.allocate", now()) if held.organisation.kind == Kind.POLE
    ]


def asked_pole() -> Organisation:
    """The pole asked for among mine, or my first."""
    asked = request.args.get("pole", type=int)
    pole = next((one for one in my_poles() if asked in (None, one.id)), None)
    if pole is None:
        abort(404)
    return pole


def _to_call_back(pole: Organisation) -> list[Allocation]:
    """Promises nobody answered within the days a machine is kept: to call again, the rank stays."""
    today = now().astimezone(PARIS).date()
    query = (
        select(Allocation)
        .join(Request, Request.id == Allocation.request_id)
        .join(Organisation, Organisation.id == Request.partner_id)
        .where(
            Allocation.ended_at.is_(None),
            Allocation.handed_over_at.is_(None),
            Allocation.heard_at.is_(None),
            Allocation.kept_until < today,
            Request.state == RequestState.ALLOCATED,
            Organisation.path.startswith(pole.path, autoescape=True),
        )
        .options(joinedload(Allocation.machine), joinedload(Allocation.request))
        .order_by(Allocation.kept_until)
    )
    return [one for one in db().scalars(query) if one.standing]


def _withdrawn(pole: Organisation) -> list[Allocation]:
    """Machines still kept for a family that no longer wants one."""
    query = (
        select(Allocation)
        .join(Request, Request.id == Allocation.request_id)
        .join(Organisation, Organisation.id == Request.partner_id)
        .where(
            Allocation.ended_at.is_(None),
            Allocation.handed_over_at.is_(None),
            Request.state == RequestState.WITHDRAWN,
            Organisation.path.startswith(pole.path, autoescape=True),
        )
        .options(joinedload(Allocation.machine))
    )
    return [one for one in db().scalars(query) if one.standing]
