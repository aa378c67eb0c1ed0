"""Loans that end: the letter, the answer, and what silence means."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from ordi.errors import NotFound
from ordi.journeys import keeping
from ordi.papers import PARIS
from ordi.parties.access import grounds
from ordi.sharing import loan_ends
from ordi.sharing.allocation import Allocation, current_for
from ordi.sharing.consents import CURRENT_TEXT, SPOKEN
from ordi.sharing.filing import Reading
from ordi.sharing.loan_ends import Answer, LoanEnd
from ordi.sharing.requests import Request, requests_seen_by, seen_request
from web.asking import chosen
from web.clock import now
from web.guards import i_may, me, permission
from web.session import db
from web.sharing import blueprint, programme_words, words

SHOWN = 100


@blueprint.get("/loans")
@permission("sharing.loans")
def loans() -> str:
    """The loans that end within three months, or ended without an answer."""
    today = now().astimezone(PARIS).date()
    found = _ending()
    rows = db().scalars(select(LoanEnd).where(LoanEnd.allocation_id.in_(found)))
    ends = {one.allocation_id: one for one in rows}
    return render_template(
        "sharing/loans.html",
        found=list(found.values())[:SHOWN],
        new=sum(1 for number in list(found)[:SHOWN] if number not in ends or not ends[number].letters),
        more=max(0, len(found) - SHOWN),
        ends=ends,
        today=today,
        spoken=words.SPOKEN,
        consent=words.CONSENT["fr"],
        say=programme_words,
    )


def _ending() -> dict[int, Allocation]:
    """The loans that end, of those I follow."""
    today = now().astimezone(PARIS).date()
    found = {
        one.id: one
        for held in grounds(me(), "sharing.loans", now())
        for one in loan_ends.ending(db(), held.organisation, today)
    }
    mine = requests_seen_by(me(), "sharing.loans", at=now()).where(
        Request.id.in_([one.request_id for one in found.values()])
    )
    ids = {one.id for one in db().scalars(mine)}  # an office sees its own list
    return {number: one for number, one in found.items() if one.request_id in ids}


@blueprint.post("/loans/<code>/ask")
@permission("sharing.loans")
def ask_family(code: str) -> Response:
    """The letter with its coupon leaves."""
    loan_ends.ask(db(), _mine(code), by=me(), at=now())
    return _done(_("La lettre attend d’être imprimée, avec les messages."))


@blueprint.post("/loans/ask-all")
@permission("sharing.loans")
def ask_everyone() -> Response:
    """A campaign: a letter to everybody of my list who had none."""
    count = loan_ends.ask_all(db(), list(_ending().values())[:SHOWN], by=me(), at=now())
    return _done(ngettext("Une lettre attend d’être imprimée.", "%(num)s lettres attendent d’être imprimées.", count))


@blueprint.post("/loans/<code>/answer")
@permission("sharing.loans")
def answer(code: str) -> Response:
    """The family keeps it, or returns it."""
    language = request.form.get("language", "")
    agreed = request.form.get("agreed") == "y" and language in SPOKEN
    reading = Reading(CURRENT_TEXT, language) if agreed else None
    said, held = chosen(Answer, "answer"), _mine(code)
    agrees = request.form.get("check_ins") == "yes"
    keeping.answer(db(), held, said, reading, accepts_check_ins=agrees, by=me(), at=now())
    if said == Answer.KEEP and i_may("sharing.hand-over", held.request.partner):
        db().commit()
        flash(_("C’est un don. Imprimez son papier."), "ok")
        return redirect(url_for("sharing.handed_over", tag=held.machine.tag))
    return _done(_("La réponse est notée."))


@blueprint.post("/loans/<code>/silence")
@permission("sharing.allocate")
def silence(code: str) -> Response:
    """Nobody answered: what was declared in advance holds."""
    keeping.silent(db(), _mine(code), by=me(), at=now())
    return _done(_("C’est noté : ce qui était annoncé s’applique."))


def _mine(code: str) -> Allocation:
    found = seen_request(db(), me(), code, "sharing.loans", at=now())
    held = current_for(db(), found)
    if held is None:
        raise NotFound(request=found.code)
    return held


def _done(text: str) -> Response:
    db().commit()
    flash(text, "ok")
    return redirect(url_for("sharing.loans"))
