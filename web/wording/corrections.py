"""A correction in words: what was put right, what it says now and what it said before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from web.wording import life
from web.wording.words import Words, said

WHAT: Words = {
    "triage": _l("Tri corrigé"),
    "grade": _l("Catégorie corrigée"),
    "form": _l("Sorte d’ordinateur corrigée"),
    "serial": _l("Numéro de série corrigé"),
    "lot": _l("Lot corrigé"),
}


def value(what: str, code: Any) -> str:
    """What it says, in words."""
    text = str(code or "")
    if what == "triage":
        return said(life.TRIAGE, text)
    if what == "form":
        return said(life.FORMS, text)
    return text or _("rien")


def corrected(facts: Mapping[str, Any]) -> str:
    """The sentence of the history."""
    what = str(facts.get("what", ""))
    if what not in WHAT:
        return _("Une fiche a été corrigée")
    return _(
        "%(what)s : « %(now)s » au lieu de « %(was)s »",
        what=said(WHAT, what),
        now=value(what, facts.get("now")),
        was=value(what, facts.get("was")),
    )
