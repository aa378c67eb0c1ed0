"""A committee: the list without names to print, what it decided, and its minutes."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response

from ordi.errors import NotFound
from ordi.parties.people import Person
from ordi.sharing import committee as verbs
from ordi.sharing.committee import LISTED, WHYS, Decided, Move, Why
from ordi.sharing.waiting import in_order, waiting_requests
from web.asking import chosen, chosen_or_none
from web.clock import now
from web.guards import me, permission
from web.keyring import keyring
from web.papers.committee_pdf import CommitteeMinutes, Line, committee_pdf
from web.session import db
from web.settings import Settings
from web.sharing import blueprint
from web.sharing.allocations import asked_pole, my_poles
from web.wording import refusals
from web.wording.refusals import Telling

MOVES = {
    Move.IN_ORDER: _l("Suit la liste"),
    Move.FIRST: _l("Passe d’abord"),
    Move.LATER: _l("Attend"),
}
WHY = {
    Why.LONG_WAIT: _l("Attend depuis trop longtemps"),
    Why.DATE_NEAR: _l("Une date approche"),
    Why.NOTHING_AT_HOME: _l("Aucun ordinateur chez soi"),
    Why.BRIDGED: _l("Dépannée en attendant"),
    Why.NOT_REACHED: _l("La structure ne répond pas"),
}

refusals.learn(
    {
        "nobody-beside": Telling(
            _l("Personne ne décide seul."), _l("Cochez au moins une autre personne qui est avec vous.")
        )
    }
)


@blueprint.get("/committee")
@permission("sharing.allocate")
def committee() -> str:
    """The waiting list for a committee, to print: places, reasons and needs, nobody's name or structure."""
    pole = asked_pole()
    ranks = in_order(waiting_requests(db(), pole), now())
    return render_template(
        "sharing/committee.html",
        pole=pole,
        ranks=list(enumerate(ranks[:LISTED], start=1)),
        total=len(ranks),
        days={one.request.id: (now() - one.request.filed_at).days for one in ranks},
        now=now(),
    )


@blueprint.get("/committee/decisions")
@permission("sharing.allocate")
def sitting() -> str:
    """The same list, to write down what was decided; and the minutes there are."""
    pole = asked_pole()
    ranks = in_order(waiting_requests(db(), pole), now())
    return render_template(
        "sharing/sitting.html",
        pole=pole,
        ranks=ranks[:LISTED],
        more=max(0, len(ranks) - LISTED),
        people=[one for one in verbs.may_sit(db(), pole, at=now()) if one.id != me().id],
        minutes=verbs.minutes_of(db(), pole)[:20],
        moves=MOVES,
        whys={move: [(why, WHY[why]) for why in fitting] for move, fitting in WHYS.items()},
    )


@blueprint.post("/committee/decisions")
@permission("sharing.allocate")
def sit() -> Response:
    """Write down what a committee decided, and give its minutes."""
    pole = asked_pole()
    read = request.form.getlist("request")[: LISTED + 1]
    decided = {code: one for code in read if (one := _decided(code)).move}
    numbers = {int(one) for one in request.form.getlist("present") if one.isascii() and one.isdigit()}
    present = [one for one in verbs.may_sit(db(), pole, at=now()) if one.id in numbers]
    paper = verbs.decide(db(), pole, read, decided, present, by=me(), at=now())
    db().commit()
    flash(_("C’est noté : procès-verbal %(number)s, à imprimer et à signer.", number=paper.label), "ok")
    return redirect(url_for("sharing.sitting", pole=pole.id))


@blueprint.get("/committee/minutes/<label>.pdf")
@permission("sharing.allocate")
def committee_minutes(label: str) -> Response:
    """The minutes of one committee, as a sealed PDF to sign."""
    settings: Settings = current_app.extensions["ordi-settings"]
    found = next(
        ((pole, paper) for pole in my_poles() for paper in verbs.minutes_of(db(), pole) if paper.label == label), None
    )
    if found is None:
        raise NotFound(paper=label)
    pole, paper = found
    lines, present = verbs.stated(paper)
    people = db().scalars(select(Person).where(Person.op_code.in_(present)).order_by(Person.id))
    told = CommitteeMinutes(
        number=paper.label,
        pole=pole.name,
        lines=[_line(place, one) for place, one in enumerate(lines, start=1)],
        present=[one.name for one in people],
        at=paper.issued_at,
        demonstration=settings.demonstration,
    )
    answer: Response = current_app.response_class(
        committee_pdf(told, keyring().pdf_key(now())), mimetype="application/pdf"
    )
    answer.headers["Content-Disposition"] = f'inline; filename="{paper.label}.pdf"'
    return answer


def _line(place: int, said: dict[str, object]) -> Line:
    """One request as the minutes state it."""
    points, why = said["points"], str(said["why"])
    return Line(
        place,
        str(said["request"]),
        points if isinstance(points, int) else None,
        str(MOVES[Move(str(said["move"]))]),
        str(WHY[Why(why)]) if why else "",
    )


def _decided(code: str) -> Decided:
    """What the form says of one request: a reason beside « follows the list » says nothing."""
    move = chosen_or_none(Move, f"move-{code}") or Move.IN_ORDER
    return Decided(move, chosen(Why, f"why-{move}-{code}")) if move else Decided(move)
