"""The end of a list's loans: letters for all, coupons typed in one after another, who is silent, what silence means."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from ordi.errors import NotFound
from ordi.journeys import keeping
from ordi.messages import piles
from ordi.messages.outbox import Message
from ordi.papers import PARIS
from ordi.sharing.class_lists import ClassList, search
from ordi.sharing.class_loans import (
    Loan,
    Stand,
    ask_list,
    by_class,
    letters_of,
    letters_waiting,
    loan_of,
    loans_of,
    next_letter,
    silent_for_good,
)
from ordi.sharing.class_sight import Listed, children, pupil_of, seen_list
from ordi.sharing.consents import CURRENT_TEXT
from ordi.sharing.filing import Reading, consent_of
from ordi.sharing.loan_ends import AHEAD, WITH_COUPON, Answer
from ordi.sharing.telling import messages_seen_by
from ordi.text import folded
from web.asking import chosen, short
from web.classes import blueprint
from web.clock import now
from web.guards import me, permission
from web.keyring import sealer
from web.session import db, writes
from web.sharing import programme_words

SHOWN = 100
FOUND = 8
"""Children shown for one coupon."""


class Ticked(StrEnum):
    """What a coupon says: kept with the computer's news, kept without, or returned."""

    KEEP_NEWS = "keep-news"
    KEEP = "keep"
    RETURN = "return"


@blueprint.get("/<int:number>/loans")
@permission("classes.read")
@writes
def ends(number: int) -> str:
    """Class after class how the loans end; the children of one, or of one answer."""
    return _page(seen_list(db(), me(), number, "classes.read", at=now()))


@blueprint.post("/<int:number>/loans/search")
@permission("classes.read")
def find_coupon(number: int) -> str:
    """The child of a coupon, by name, label or number; in a form, so that no address keeps a name."""
    return _page(seen_list(db(), me(), number, "classes.read", at=now()), short("coupon"))


@blueprint.post("/<int:number>/loans/letters")
@permission("sharing.loans")
def write_letters(number: int) -> Response:
    """Write the next letter to who has not answered, and take what waits to be printed."""
    the_list = seen_list(db(), me(), number, "sharing.loans", at=now())
    ask_list(db(), the_list, request.form.get("letter", 0, type=int), by=me(), at=now())
    of_list = messages_seen_by(me(), at=now()).where(
        Message.request_id.in_(letters_of(the_list)), Message.kind.in_(WITH_COUPON)
    )
    pile = piles.take_pile(db(), of_list, by_id=me().id)
    db().commit()
    if pile is None:
        flash(_("Aucune lettre n’attend : elles sont déjà dans une pile, ou parties."), "warn")
        return redirect(url_for("classes.ends", number=number))
    return redirect(url_for("messages.pile", name=pile))


@blueprint.post("/<int:number>/loans/<int:pupil>/answer")
@permission("sharing.loans")
def take_coupon(number: int, pupil: int) -> Response:
    """What a coupon says. Kept, it is signed under the text of consent, and says what becomes of the news."""
    the_list = seen_list(db(), me(), number, "sharing.loans", at=now())
    found = pupil_of(db(), the_list, pupil)
    held = loan_of(db(), found)
    if held is None:
        raise NotFound(request=found.request.code)
    agreed = consent_of(db(), found.request)
    reading = Reading(CURRENT_TEXT, agreed.language if agreed else "fr")
    said = chosen(Ticked, "answer")
    answer = Answer.RETURN if said == Ticked.RETURN else Answer.KEEP
    keeping.answer(db(), held, answer, reading, accepts_check_ins=said == Ticked.KEEP_NEWS, by=me(), at=now())
    db().commit()
    if answer == Answer.KEEP:
        flash(_("%(tag)s est gardé : son papier de don est prêt.", tag=held.machine.tag), "ok")
    else:
        flash(_("%(tag)s sera rendu : scannez-le quand il revient.", tag=held.machine.tag), "ok")
    return redirect(url_for("classes.ends", number=number))


@blueprint.post("/<int:number>/loans/silence")
@permission("sharing.allocate")
def take_silence(number: int) -> Response:
    """Nobody answered and the day is past: what was declared holds, for all of them."""
    the_list = seen_list(db(), me(), number, "sharing.allocate", at=now())
    over = silent_for_good(db(), the_list, by=me(), at=now())
    for held in over:
        keeping.silent(db(), held, by=me(), at=now())
    db().commit()
    flash(ngettext("C’est noté pour une famille.", "C’est noté pour %(num)s familles.", len(over)), "ok")
    return redirect(url_for("classes.ends", number=number))


def _page(the_list: ClassList, sought: str = "") -> str:
    everyone = children(db(), the_list, "classes.read", sealer=sealer(), by=me(), at=now())
    db().commit()
    loans = {one.pupil: one for one in loans_of(db(), the_list, at=now())}
    lent = [one for one in everyone if one.id in loans]
    stand, name = request.args.get("stand", ""), request.args.get("class", "")
    if sought:
        shown = _found(lent, loans, sought)[:FOUND]
    else:
        shown = [one for one in lent if stand in ("", loans[one.id].stand) and name in ("", one.class_name)]
        shown = shown if stand or name else []
    counts = by_class(loans.values())
    return render_template(
        "classes/loans.html",
        the_list=the_list,
        rules=the_list.programme.rules,
        counts=counts,
        totals={one: sum(row.stands[one] for row in counts) for one in Stand},
        loans=loans,
        shown=shown[:SHOWN],
        more=max(0, len(shown) - SHOWN),
        sought=sought,
        stand=stand,
        chosen=name,
        letter=next_letter(loans.values()),
        to_write=_to_write(loans.values()),
        to_print=letters_waiting(db(), the_list),
        over=sum(one.over and one.stand == Stand.SILENT for one in loans.values()),
        asked_from=min((one.ends - AHEAD for one in loans.values() if one.ends), default=None),
        today=now().astimezone(PARIS).date(),
        silences=programme_words.SILENCES,
    )


def _to_write(loans: Collection[Loan]) -> int:
    """How many get the next letter."""
    letter = next_letter(loans)
    return sum(one.stand in (Stand.TO_ASK, Stand.SILENT) and one.letters < letter for one in loans)


def _found(lent: list[Listed], loans: dict[int, Loan], sought: str) -> list[Listed]:
    """By label or number, whole or its end; else by name, where one letter may be wrong."""
    said = "".join(folded(sought).split())

    def bears(one: Listed) -> bool:
        codes = {"".join(folded(code).split()) for code in (loans[one.id].tag, one.request)}
        return said in codes or (said.isdigit() and one.request.rpartition("-")[2].lstrip("0") == said.lstrip("0"))

    return [one for one in lent if bears(one)] or search(lent, sought)
