"""Take-back: a machine comes home with somebody's data on it."""

from __future__ import annotations

import json

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from ordi.errors import Invalid, NotFound
from ordi.journeys import returns
from ordi.machines.lifecycle import Action
from ordi.machines.machine import Machine, seen
from ordi.papers import Paper, PaperKind, of_subject
from ordi.parties.people import Person
from ordi.sharing.allocation import Allocation, Ending, NotAllocated, current_for
from ordi.sharing.packs import pack_of, things_of
from ordi.sharing.take_back import EXCHANGED, FilesKept, Reason
from web.asking import chosen, chosen_or_none
from web.clock import now
from web.guards import i_may, me, permission
from web.keyring import keyring
from web.machines.freshness import fresh
from web.machines.panels import ACTION_ROUTES
from web.papers.return_pdf import Return, return_pdf
from web.session import db, writes
from web.settings import Settings
from web.sharing import blueprint, programme_words, words

ACTION_ROUTES[Action.TAKE_BACK] = "sharing.taking_back"


@blueprint.get("/machines/<tag>/take-back")
@permission("sharing.take-back")
def taking_back(tag: str) -> str:
    """Why it comes back."""
    machine = seen(db(), me(), tag, "sharing.take-back", at=now())
    given = _given(machine)
    things = things_of(db(), given) or pack_of(machine, given.request)
    return render_template("sharing/take_back.html", machine=machine, given=given, things=things, say=programme_words)


@blueprint.post("/machines/<tag>/take-back")
@permission("sharing.take-back")
def take_back(tag: str) -> Response:
    """Receive it back at the workshop."""
    machine = seen(db(), me(), tag, "sharing.take-back", at=now())
    fresh(machine)
    given, reason = _given(machine), chosen(Reason, "reason")
    files = chosen_or_none(FilesKept, "files")
    if files is None and reason in EXCHANGED and given.request.household_id is not None:
        raise Invalid(field="files", why="missing")  # offered before anything is wiped
    returns.take_back(db(), given, reason, files=files or "", came=_came(), by=me(), at=now())
    db().commit()
    flash(_("%(tag)s est repris. Ses disques contiennent des données : à effacer.", tag=machine.tag), "warn")
    return redirect(url_for("sharing.taken_back", tag=machine.tag))


@blueprint.get("/machines/<tag>/taken-back")
@permission("sharing.take-back")
def taken_back(tag: str) -> str:
    """After the return: the receipt for who brought it, and what comes next."""
    machine = seen(db(), me(), tag, "sharing.take-back", at=now())
    given, paper = _returned(machine)
    told = json.loads(paper.facts)
    again = told["reason"] in EXCHANGED and i_may("sharing.allocate", given.request.partner)
    return render_template("sharing/taken_back.html", machine=machine, given=given, paper=paper, again=again)


@blueprint.get("/machines/<tag>/return.pdf")
@permission("sharing.take-back")
@writes
def return_receipt(tag: str) -> Response:
    """The receipt of a return, as a sealed PDF. It names nobody: who brought it knows the number of its request."""
    machine = seen(db(), me(), tag, "sharing.take-back", at=now())
    given, paper = _returned(machine)
    settings: Settings = current_app.extensions["ordi-settings"]
    told = json.loads(paper.facts)
    taker = db().get(Person, paper.person_id)
    back = Return(
        number=paper.label,
        organisation=machine.workshop.name,
        tag=machine.tag,
        description=words.machine_line(machine),
        request=given.request.code,
        reason=str(words.BACK[told["reason"]]),
        files=str(words.FILES[told["files"]]) if told["files"] else "",
        came=tuple(str(programme_words.PACK.get(code, code)) for code in told.get("came", [])),
        taker=taker.name if taker else "",
        phone=machine.workshop.phone or settings.phone,
        at=paper.issued_at,
        demonstration=settings.demonstration,
    )
    pdf = return_pdf(back, keyring().pdf_key(now()))
    response: Response = current_app.response_class(pdf, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{paper.label}.pdf"'
    return response


def _came() -> tuple[str, ...]:
    return tuple(code for code in programme_words.PACK if code in request.form.getlist("came"))


def _returned(machine: Machine) -> tuple[Allocation, Paper]:
    """The last return of a machine, and its paper. Raises `NotFound`."""
    query = select(Allocation).where(Allocation.machine_id == machine.id, Allocation.ending == Ending.TAKEN_BACK)
    given = db().scalar(query.order_by(Allocation.id.desc()).limit(1))
    papers = of_subject(db(), f"allocation:{given.id}", PaperKind.TAKE_BACK_RECEIPT) if given else []
    if given is None or not papers:
        raise NotFound(tag=machine.tag)
    return given, papers[-1]


def _given(machine: Machine) -> Allocation:
    given = current_for(db(), machine)
    if given is None or given.handed_over_at is None:
        raise NotAllocated(tag=machine.tag)
    return given
