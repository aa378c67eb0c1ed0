"""The outbox of a pole or a service: what somebody must say, print or decide; what waits; what has gone."""

from __future__ import annotations

import json
from collections.abc import Sequence

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response as AnyResponse

from ordi.messages import outbox, piles
from ordi.messages.outbox import STUCK, Channel, Message, Posting
from ordi.parties.households import note_readings
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person
from ordi.sharing.requests import Request
from ordi.sharing.telling import Telling, messages_seen_by, seen_message
from web.clock import now
from web.guards import me, permission
from web.home.waiting import Task, waits
from web.keyring import sealer
from web.messages import blueprint, results, words
from web.messages.composing import Unreachable, facts_of, full, letter
from web.messages.sending import astray
from web.papers.letters_pdf import letters_pdf
from web.session import db, writes
from web.settings import Settings

PAGE = 30
BY_ITSELF = (Channel.MAIL, Channel.TEXT)
LETTERS = and_(Message.channel == Channel.LETTER, Message.state.in_((Posting.WAITING, Posting.PILED)))
TO_SAY = and_(Message.channel == Channel.SPOKEN, Message.state == Posting.WAITING)
SHELVES: dict[str, ColumnElement[bool]] = {
    "do": or_(TO_SAY, LETTERS, Message.state.in_(STUCK)),
    "waiting": and_(Message.channel.in_(BY_ITSELF), Message.state.in_((Posting.WAITING, Posting.SENDING))),
    "gone": Message.state.in_((Posting.SENT, Posting.DROPPED)),
}


@blueprint.get("")
@permission("messages.see")
def index() -> str:
    """The messages of my families, by what there is to do."""
    shelf = request.args.get("shelf", "do")
    shelf = shelf if shelf in SHELVES else "do"
    before = request.args.get("before", type=int)
    query = messages_seen_by(me(), at=now()).where(SHELVES[shelf]).order_by(Message.id.desc()).limit(PAGE + 1)
    rows = list(db().scalars(query.where(Message.id < before) if before is not None else query))
    shown = rows[:PAGE]
    requests = _requests(shown)
    return render_template(
        "messages/index.html",
        shelf=shelf,
        shown=shown,
        older=shown[-1].id if len(rows) > PAGE else None,
        requests=requests,
        applications=results.applications_of(db(), shown),
        says=_sentences(shown, requests),
        letters=_count(and_(LETTERS, Message.state == Posting.WAITING)) if shelf == "do" else 0,
        say=words,
        STUCK=STUCK,
        SPOKEN=Channel.SPOKEN,
        BY_ITSELF=BY_ITSELF,
    )


@blueprint.post("/<int:number>/again")
@permission("messages.see")
def again(number: int) -> AnyResponse:
    """Send what failed, or was perhaps sent, once more."""
    message = seen_message(db(), me(), number, at=now())
    outbox.send_again(db(), message.id, at=now())
    return _done(_("Il repartira dans un instant."))


@blueprint.post("/<int:number>/done")
@permission("messages.see")
def done(number: int) -> AnyResponse:
    """It was said, or it did arrive."""
    outbox.decide(db(), seen_message(db(), me(), number, at=now()), Posting.SENT, by_id=me().id, at=now())
    return _done(_("C’est noté."))


@blueprint.post("/<int:number>/drop")
@permission("messages.see")
def drop(number: int) -> AnyResponse:
    """There is nothing to say any more."""
    outbox.decide(db(), seen_message(db(), me(), number, at=now()), Posting.DROPPED, by_id=me().id, at=now())
    return _done(_("Ce message ne partira pas."))


@blueprint.post("/letters")
@permission("messages.see")
def take_letters() -> AnyResponse:
    """Take all the letters that wait, to print them."""
    pile = piles.take_pile(db(), messages_seen_by(me(), at=now()), by_id=me().id)
    db().commit()
    if pile is None:
        flash(_("Aucune lettre n’attend."), "warn")
        return redirect(url_for("messages.index"))
    return redirect(url_for("messages.pile", name=pile))


@blueprint.get("/letters/<name>")
@permission("messages.see")
def pile(name: str) -> str:
    """A pile: print it, then say so."""
    return render_template("messages/pile.html", name=name, count=len(_pile(name)))


@blueprint.get("/letters/<name>/letters.pdf")
@permission("messages.see")
@writes
def letters_file(name: str) -> Response:
    """The letters of a pile in one PDF. Each file it opens keeps the reading."""
    settings: Settings = current_app.extensions["ordi-settings"]
    found, made = _pile(name), []
    requests = _requests(found)
    households = [one.household for one in requests.values() if one.household is not None]
    note_readings(db(), households, by=me(), at=now())
    for message in found:
        try:
            made.append(letter(db(), message, sealer(), settings.phone))
        except Unreachable as why:
            astray(db(), message, why, at=now())
    db().commit()
    answer: Response = current_app.response_class(
        letters_pdf(made, _sender(requests), settings.demonstration, at=now()), mimetype="application/pdf"
    )
    answer.headers["Content-Disposition"] = 'inline; filename="lettres.pdf"'
    return answer


@blueprint.post("/letters/<name>/printed")
@permission("messages.see")
def letters_printed(name: str) -> AnyResponse:
    """They are on paper."""
    count = piles.printed(db(), _pile(name), by_id=me().id, at=now())
    return _done(ngettext("Une lettre imprimée.", "%(num)s lettres imprimées.", count))


@blueprint.post("/letters/<name>/back")
@permission("messages.see")
def letters_back(name: str) -> AnyResponse:
    """They wait again."""
    count = piles.put_back(db(), _pile(name))
    return _done(ngettext("La lettre attend de nouveau.", "%(num)s lettres attendent de nouveau.", count))


@waits("messages.see")
def to_decide(_person: Person) -> list[Task]:
    """Messages that need a person."""
    count = _count(SHELVES["do"])
    text = ngettext("un à dire, imprimer ou décider", "%(num)s à dire, imprimer ou décider", count)
    return [Task("now", "message", _("Messages"), text, url_for("messages.index"))] if count else []


def _pile(name: str) -> Sequence[Message]:
    return piles.letters_of(db(), messages_seen_by(me(), at=now()), name[:36])


def _requests(shown: Sequence[Message]) -> dict[int, Request]:
    numbers = [one.request_id for one in shown if one.request_id is not None]
    told = (joinedload(Request.household), joinedload(Request.partner))
    return {one.id: one for one in db().scalars(select(Request).where(Request.id.in_(numbers)).options(*told))}


def _sentences(shown: Sequence[Message], requests: dict[int, Request]) -> dict[int, list[str]]:
    """What each message says, in French: made of codes, without opening a file."""
    settings: Settings = current_app.extensions["ordi-settings"]
    numbers = {json.loads(one.facts).get("place") for one in shown}
    places = db().scalars(select(Organisation).where(Organisation.id.in_(numbers))).all()  # kept: looked up below
    assert len(places) <= len(numbers)
    told = {
        one.id: full(Telling(one.kind), "fr", facts_of(db(), one, requests[one.request_id], settings.phone))
        for one in shown
        if one.request_id is not None
    }
    return told | results.sentences(db(), [one for one in shown if one.application_id is not None], settings.phone)


def _sender(requests: dict[int, Request]) -> str:
    """Who writes: the structure when all are its own, else the network."""
    names = {one.partner.name for one in requests.values()}
    return names.pop() if len(names) == 1 else "Ordi"


def _count(which: ColumnElement[bool]) -> int:
    mine = messages_seen_by(me(), at=now()).where(which).with_only_columns(Message.id).subquery()
    return db().scalar(select(func.count()).select_from(mine)) or 0


def _done(text: str) -> AnyResponse:
    db().commit()
    flash(text, "ok")
    return redirect(url_for("messages.index"))
