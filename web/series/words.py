"""Series in words: at most twelve for an answer, read at arm's length."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from web.wording import refusals
from web.wording.refusals import REFUSALS, Telling, told
from web.wording.words import said

VERBS: dict[str, Any] = {
    "receive": _l("Recevoir"),
    "keep": _l("Garder"),
    "clean": _l("C’est nettoyé"),
    "release": _l("Mettre en stock"),
    "shelve": _l("Ranger"),
    "hold": _l("Mettre de côté"),
    "resume": _l("Reprendre le travail"),
    "audit": _l("Compter une étagère"),
    "find": _l("Trouver"),
    "close": _l("Terminer le lot"),
    "undo": _l("Annuler"),
}

ICONS = {
    "receive": "received",
    "keep": "check",
    "clean": "wash",
    "release": "ready",
    "shelve": "shelf",
    "hold": "pause",
    "resume": "play",
    "audit": "list",
    "find": "search",
    "close": "check",
    "undo": "undo",
}

DONE: dict[str, Any] = {
    "received": _l("Reçu"),
    "received-of-another-lot": _l("Reçu, mais du lot %(lot)s"),
    "surplus": _l("Reçu en plus"),
    "admitted": _l("Entré à l’atelier"),
    "kept": _l("Gardé"),
    "cleaned": _l("Nettoyé"),
    "shelved": _l("Rangé : %(shelf)s"),
    "released": _l("En stock : %(shelf)s"),
    "put-aside": _l("Mis de côté"),
    "taken-up": _l("Repris"),
    "found-there": _l("Bien là : %(shelf)s"),
    "undone": _l("Annulé"),
    "closed": _l("Lot terminé : %(received)s reçus, %(missing)s manquants"),
    "already-received": _l("Déjà reçu"),
    "already-kept": _l("Déjà gardé"),
    "already-cleaned": _l("Déjà nettoyé"),
    "already-there": _l("Déjà là : %(shelf)s"),
    "already-aside": _l("Déjà de côté"),
    "not-aside": _l("Pas de côté"),
    "stranger": _l("Pas d’ici. Sa place : %(shelf)s"),
}


def verb(code: str) -> str:
    """An action of a series."""
    return said(VERBS, code)


def icon(code: str) -> str:
    """Its pictogram."""
    return ICONS[code]


def answer(tone: str, code: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    """What an act is answered: a title of few words, and, where it was refused, what to do."""
    if tone == "stop":
        telling = REFUSALS.get(code, REFUSALS["refused"])
        return told(telling.what, dict(facts)), told(telling.mend, dict(facts))
    return _("Fait") if code not in DONE else told(DONE[code], dict(facts)), ""


refusals.learn(
    {
        "not-your-act": Telling(
            _l("Ce geste est d’une autre personne."), _l("Elle doit entrer elle-même pour l’envoyer.")
        ),
        "changed-meanwhile": Telling(
            _l("Quelqu’un a agi sur %(tag)s avant vous : « %(action)s »."),
            _l("Regardez-le, puis refaites le geste s’il le faut."),
        ),
        "not-undone": Telling(_l("Cela ne s’annule pas ici."), _l("Corrigez-le sur sa page.")),
    }
)
