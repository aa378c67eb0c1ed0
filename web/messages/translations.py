"""Translations read again: every text beside its French, and the name of who answers for it."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ordi.errors import NotFound
from ordi.parties.access import may
from ordi.sharing.translations import Sheet, sign, signed_before, withdraw
from web.clock import now
from web.guards import me, permission
from web.messages import blueprint, words
from web.messages.answering import filled, fingerprint, pairs, reviews, sheets
from web.messages.telling_words import LANGUAGES, RIGHT_TO_LEFT
from web.session import db
from web.sharing.words import SPOKEN


@blueprint.get("/translations")
@permission("translations.review")
def translations() -> str:
    """Each language, and how each of its sheets stands."""
    there = sheets()
    return render_template(
        "messages/translations.html",
        languages={
            code: [sheet for sheet, language in there if language == code] for code in LANGUAGES if code != "fr"
        },
        reviews=reviews(db()),
        before=signed_before(db()),
        spoken=SPOKEN,
        say=words,
    )


@blueprint.get("/translations/<language>/<sheet>")
@permission("translations.review")
def translation(language: str, sheet: str) -> str:
    """Every text of one sheet, to read and to hear."""
    which = _sheet(sheet, language)
    review = reviews(db()).get((which, language))
    return render_template(
        "messages/translation.html",
        language=language,
        sheet=which,
        pairs=[(filled(french), filled(other)) for french, other in pairs(which, language)],
        rtl=language in RIGHT_TO_LEFT,
        texts=fingerprint(which, language),
        review=review,
        mine=review is not None and review.by_id == me().id,
        may_withdraw=review is not None
        and (review.by_id == me().id or may(me(), "translations.withdraw", None, at=now())),
        spoken=SPOKEN,
        say=words,
    )


@blueprint.post("/translations/<language>/<sheet>")
@permission("translations.review")
def sign_translation(language: str, sheet: str) -> Response:
    """I read them all, and answer for them."""
    which = _sheet(sheet, language)
    sign(db(), which, language, fingerprint(which, language), seen=request.form.get("texts", ""), by=me(), at=now())
    db().commit()
    flash(_("Merci. Votre nom est écrit sous ces textes."), "ok")
    return redirect(url_for("messages.translations"))


@blueprint.post("/translations/<language>/<sheet>/withdraw")
@permission("translations.review")
def withdraw_translation(language: str, sheet: str) -> Response:
    """Nobody answers for them any more."""
    which = _sheet(sheet, language)
    withdraw(db(), fingerprint(which, language), by=me(), at=now())
    db().commit()
    flash(_("La relecture est retirée."), "ok")
    return redirect(url_for("messages.translation", language=language, sheet=which.value))


def _sheet(sheet: str, language: str) -> Sheet:
    """The sheet of this name in this language. Raises `NotFound`."""
    if sheet not in set(Sheet) or (Sheet(sheet), language) not in sheets():
        raise NotFound(sheet=sheet)
    return Sheet(sheet)
