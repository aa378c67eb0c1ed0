"""Gifts in words: answers, reasons, outcomes, refusals."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from ordi.giving.collections import Missing
from ordi.giving.offers import Answer, Declined
from web.wording import reasons, refusals
from web.wording.refusals import Telling
from web.wording.words import said

ANSWERS: dict[str, Any] = {
    Answer.WAITING: _l("Attend une réponse"),
    Answer.ACCEPTED: _l("Accepté"),
    Answer.DECLINED: _l("Refusé"),
    Answer.WITHDRAWN: _l("Retiré"),
}

ANSWER_LOOKS = {
    Answer.WAITING: ("wait", "hourglass"),
    Answer.ACCEPTED: ("ok", "check"),
    Answer.DECLINED: ("stop", "hand"),
    Answer.WITHDRAWN: ("end", "undo"),
}

DECLINED: dict[str, Any] = {
    Declined.TOO_OLD: _l("Trop vieux pour être réemployés"),
    Declined.TOO_FAR: _l("Trop loin de nos ateliers"),
    Declined.NO_ROOM: _l("Plus de place à l’atelier"),
    Declined.NOT_COMPUTERS: _l("Ce ne sont pas des ordinateurs"),
    Declined.OTHER_TAKER: _l("Un autre pôle les prend"),
}

MISSING: dict[str, Any] = {
    Missing.KEPT_BY_DONOR: _l("Gardés par le donateur"),
    Missing.NOT_FOUND: _l("Introuvables sur place"),
    Missing.GIVEN_ELSEWHERE: _l("Donnés à d’autres"),
    Missing.NO_ROOM_IN_VAN: _l("Plus de place dans le camion"),
    Missing.BROKEN: _l("Cassés"),
}

MISSING_ICONS: dict[str, Any] = {
    Missing.KEPT_BY_DONOR: "donor",
    Missing.NOT_FOUND: "search",
    Missing.GIVEN_ELSEWHERE: "gift",
    Missing.NO_ROOM_IN_VAN: "truck",
    Missing.BROKEN: "cross",
}

OUTCOMES: dict[str, Any] = {
    "reused": _l("Réemployé"),
    "recycled": _l("Démonté ou recyclé"),
    "returned": _l("Rendu"),
    "cancelled": _l("Non venu"),
    "lost": _l("Perdu"),
    "under_way": _l("En cours"),
}

OUTCOME_TONES: dict[str, Any] = {
    "reused": "ok",
    "recycled": "end",
    "returned": "wait",
    "cancelled": "wait",
    "lost": "stop",
    "under_way": "bench",
}


ASKED: dict[str, Any] = {
    "none": _l("Effacement prouvé, comme partout"),
    "clear": _l("Clear : réécriture entière, relue et prouvée"),
    "purge": _l("Purge : effacement par le disque lui-même"),
}


def asked_level(code: str) -> str:
    """What a donor asks of a wipe."""
    return said(ASKED, code)


def answer(code: str) -> str:
    """What became of an offer."""
    return said(ANSWERS, code)


def answer_look(code: str) -> tuple[str, str]:
    """Its tone and pictogram."""
    return ANSWER_LOOKS[Answer(code)]


def declined(code: str) -> str:
    """Why an offer was declined."""
    return said(DECLINED, code)


def missing(code: str) -> str:
    """Why fewer came."""
    return said(MISSING, code)


def outcome(code: str) -> str:
    """What became of a computer."""
    return said(OUTCOMES, code)


def outcome_tone(code: str) -> str:
    """How that looks."""
    return str(OUTCOME_TONES[code])


reasons.learn({**DECLINED, **MISSING})
refusals.learn(
    {
        "label-taken": Telling(
            _l("L’étiquette %(tag)s est déjà sur un autre ordinateur."), _l("Prenez une étiquette neuve.")
        ),
        "already-answered": Telling(
            _l("L’offre %(offer)s a déjà sa réponse."), _l("Revenez à la liste : elle est à jour.")
        ),
        "not-a-driver": Telling(
            _l("Cette personne ne conduit pas pour %(workshop)s."), _l("Choisissez quelqu’un de cet atelier.")
        ),
        "not-our-workshop": Telling(
            _l("%(workshop)s n’est pas du pôle de ce donateur."), _l("Choisissez un atelier du même pôle.")
        ),
        "already-collected": Telling(
            _l("Le lot %(lot)s est déjà collecté."), _l("Son bon de collecte est sur sa page.")
        ),
        "not-in-this-lot": Telling(
            _l("Étiquette d’un autre lot : %(tags)s."), _l("Laissez-la de côté, l’atelier la recevra à part.")
        ),
        "more-than-promised": Telling(
            _l("%(counted)s comptés pour %(promised)s promis."), _l("Notez les autres « en plus », sans étiquette.")
        ),
        "why-missing": Telling(
            _l("Il en manque : %(counted)s comptés pour %(promised)s promis."), _l("Dites pourquoi, puis signez.")
        ),
        "reception-closed": Telling(_l("La réception du lot %(lot)s est terminée."), _l("Son compte est sur sa page.")),
        "nothing-received": Telling(_l("Rien du lot %(lot)s n’est encore reçu."), _l("Scannez d’abord un ordinateur.")),
        "lot-of-another-workshop": Telling(
            _l("Le lot %(lot)s est attendu dans un autre atelier."), _l("Recevez cet ordinateur sans lot.")
        ),
        "not-a-signature": Telling(
            _l("La signature n’a pas pu être lue."), _l("Signez de nouveau, ou écrivez le nom.")
        ),
    }
)
