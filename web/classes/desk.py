"""A desk of the afternoon: one page that stays open; children and acts come and go as JSON."""

from __future__ import annotations

import re
from datetime import datetime

from flask import jsonify, render_template, request
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select
from werkzeug.wrappers import Response

from ordi.errors import Invalid, Refused
from ordi.fleet.check_ins import stop
from ordi.machines.machine import Machine
from ordi.sharing.class_desks import Sent, Tone, given_since, last_given, serve
from ordi.sharing.class_lists import ListNotOpen
from ordi.sharing.class_sight import children, seen_list
from ordi.sharing.signatures import SignatureUnusable
from ordi.sharing.translations import Sheet
from web.classes import blueprint, words
from web.clock import now
from web.giving.signing import signed
from web.guards import me, permission
from web.keyring import sealer
from web.messages.answering import every_review
from web.refusals import status_of
from web.session import db, writes
from web.sharing.words import CONSENT, SPOKEN
from web.wording.refusals import REFUSALS, told

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_GIFTS = re.compile(r"\d{1,9}=[^ ]{1,120}( \d{1,9}=[^ ]{1,120}){0,7}")


@blueprint.get("/<int:number>/desk")
@permission("classes.desk")
def desk(number: int) -> str:
    """The page of a desk: no child's name is in it, they come by themselves."""
    the_list = seen_list(db(), me(), number, "classes.desk", at=now())
    if the_list.opened_at is None:
        raise ListNotOpen(list=the_list.name)
    return render_template(
        "classes/desk.html",
        the_list=the_list,
        consent=CONSENT,
        spoken=SPOKEN,
        reviews=every_review(db(), Sheet.CONSENT),
    )


@blueprint.get("/<int:number>/names")
@permission("classes.desk")
@writes
def names(number: int) -> Response:
    """Who is expected: number, class, name, family, standing, machine. Kept in the page's memory alone."""
    the_list = seen_list(db(), me(), number, "classes.desk", at=now())
    known = last_given(db(), the_list)  # first: what is given meanwhile is heard again, never missed
    everyone = children(db(), the_list, "classes.desk", sealer=sealer(), by=me(), at=now())
    families = {family: place for place, family in enumerate(dict.fromkeys(one.family for one in everyone))}
    db().commit()
    rows = [[one.id, one.class_name, one.name, families[one.family], one.standing, one.tag] for one in everyone]
    answer: Response = jsonify({"children": rows, "known": known, "token": generate_csrf()})
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/<int:number>/acts")
@permission("classes.desk")
def give(number: int) -> tuple[Response, int] | Response:
    """One act of a desk: the machines of one family on one signature. Sent twice, it is done once and answered twice.

    The answer also says what the other desks gave since this one last heard.
    """
    the_list = seen_list(db(), me(), number, "classes.desk", at=now())
    try:
        sent = _sent()
        acts = serve(db(), the_list, sent, by=me(), at=now())
    except Refused as refusal:
        db().rollback()
        telling = REFUSALS.get(refusal.code, REFUSALS["refused"])
        what, mend = told(telling.what, refusal.facts), told(telling.mend, refusal.facts)
        return jsonify({"code": refusal.code, "what": what, "mend": mend}), status_of(refusal)
    given = [act.tag for act in acts if act.tone == Tone.GIVEN]
    if given and not sent.accepts_check_ins:
        for machine in db().scalars(select(Machine).where(Machine.tag.in_(given)).order_by(Machine.id)):
            stop(db(), machine, at=now())
    db().commit()
    rows = []
    for act in acts:
        what, mend = words.answer(act)
        has = act.told.get("tag", "") if act.code == "child-already-served" else act.tag
        rows.append({"child": act.pupil_id, "tone": act.tone, "tag": act.tag, "has": has, "what": what, "mend": mend})
    known = last_given(db(), the_list)
    return jsonify({"acts": rows, "given": given_since(db(), the_list, _known() or 0), "known": known})


def _sent() -> Sent:
    form = request.form
    uuid, gifts = form.get("uuid", ""), form.get("gifts", "")
    if not _UUID.fullmatch(uuid) or not _GIFTS.fullmatch(gifts):
        raise Invalid(field="gifts", why="not-an-act")
    try:
        happened_at = datetime.fromisoformat(form.get("happened_at", ""))
    except ValueError:
        raise Invalid(field="happened_at", why="shape") from None
    if happened_at.tzinfo is None:
        raise Invalid(field="happened_at", why="no-zone")
    drawn = signed()
    if drawn is None:
        raise SignatureUnusable(why="blank")
    pairs = tuple((int(child), tag) for child, _sign, tag in (gift.partition("=") for gift in gifts.split()))
    return Sent(
        uuid,
        form.get("desk", "")[:20] or "1",
        pairs,
        drawn,
        happened_at,
        language=form["language"] if form.get("language") in SPOKEN else "fr",
        accepts_check_ins=form.get("check_ins") == "yes",
        known=_known(),
    )


def _known() -> int | None:
    """How far the desk had heard of the others when its act was signed; nothing: it does not say."""
    said = request.form.get("known", "")
    return int(said) if re.fullmatch(r"[0-9]{1,15}", said) else None
