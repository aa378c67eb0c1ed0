"""Which programme? Five questions before any name, at the partner's tablet or signed in. Nothing is stored."""

from __future__ import annotations

from flask import render_template, request
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from ordi.papers import PARIS
from ordi.parties.organisations import Kind, Organisation, pole_of
from ordi.sharing.delays import delays_of
from ordi.sharing.programmes import programmes_of
from ordi.sharing.which import fitting, said
from web.clock import now
from web.guards import permission, someone
from web.session import db
from web.sharing import blueprint, programme_words
from web.wording.words import Words

SITUATIONS: Words = {
    "pupil": _l("Un enfant à l’école"),
    "several-pupils": _l("Plusieurs enfants à l’école"),
    "job-seeker": _l("Une recherche d’emploi"),
    "lives-here": _l("J’habite ici"),
}
SITUATION_ICONS: Words = {"pupil": "school", "several-pupils": "family", "job-seeker": "search", "lives-here": "pin"}
YES_OR_NO: Words = {
    "low-income": _l("Le foyer paie-t-il l’impôt sur le revenu ?"),
    "no-computer": _l("Y a-t-il un ordinateur à la maison ?"),
}
"""Asked the plain way round: a yes says that the fact is not so."""


@blueprint.get("/which")
@permission("public")
def which() -> str:
    """The five questions."""
    return _page()


@blueprint.post("/which")
@permission("public")
def which_ones() -> str:
    """The programmes that fit, with their price, what to bring and the usual delay. Nothing is kept, and no address says it."""
    return _page(answered=True)


def _page(*, answered: bool = False) -> str:
    poles = list(db().scalars(select(Organisation).where(Organisation.kind == Kind.POLE).order_by(Organisation.name)))
    asked = request.form.get("pole", type=int)
    pole = next((one for one in poles if one.id == asked), None) or _mine() or (poles[0] if len(poles) == 1 else None)
    found = []
    answered = answered and pole is not None and pole.id == asked
    if answered and pole is not None:
        today = now().astimezone(PARIS).date()
        open_now = [one for one in programmes_of(db(), pole) if one.open_on(today)]
        found = fitting(open_now, said(request.form.get("holder", ""), *_facts()), delays_of(db(), pole, at=now()))
    return render_template(
        "sharing/which.html",
        poles=poles,
        pole=pole,
        answered=answered,
        found=found,
        say=programme_words,
        situations=SITUATIONS,
        situation_icons=SITUATION_ICONS,
        questions=YES_OR_NO,
        given=request.form,
        chosen=set(request.form.getlist("situation")),
    )


def _facts() -> tuple[set[str], set[str]]:
    """What is true and what is not; what was not said is neither."""
    chosen = set(request.form.getlist("situation")) & set(SITUATIONS)
    yes, no = set(chosen), set(SITUATIONS) - chosen - {"lives-here"}
    for fact in YES_OR_NO:
        answer = request.form.get(fact)
        yes |= {fact} if answer == "no" else set()
        no |= {fact} if answer == "yes" else set()
    if "several-pupils" in yes:
        yes, no = yes | {"pupil"}, no - {"pupil"}
    return yes, no


def _mine() -> Organisation | None:
    """The pole of who is signed in."""
    person = someone()
    held = next((one for one in person.current(now())), None) if person else None
    pole = pole_of(held.organisation) if held else None
    return pole if pole is not None and pole.kind == Kind.POLE else None
