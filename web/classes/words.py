"""Class lists in words: what becomes of a line, why one is not taken, where a child stands."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ordi.sharing.class_desks import DeskAct, Tone
from ordi.sharing.class_loans import Stand
from ordi.sharing.class_preview import Fate
from ordi.sharing.class_reading import LONGEST, LONGEST_CLASS, Why
from web.wording.refusals import REFUSALS, told

FATES: dict[str, tuple[str, str, Any]] = {
    "wrong": ("stop", "cross", _l("À corriger, ne seront pas pris")),
    Fate.DOUBTFUL: ("warn", "question", _l("Sans doute déjà là : pas de téléphone pour le savoir, ne seront pas pris")),
    Fate.NEW: ("ok", "plus", _l("Nouveaux")),
    Fate.MOVED: ("now", "pencil", _l("Changent de classe")),
    Fate.KNOWN: ("todo", "check", _l("Déjà là, inchangés")),
}
"""In the order of a preview: what needs a person first."""

WHY: dict[Why, Any] = {
    Why.NO_CLASS: _l("La classe manque."),
    Why.NO_CHILD: _l("Le nom de l’enfant manque."),
    Why.NO_ADULT: _l("Le responsable manque."),
    Why.TOO_LONG: _l("Trop long : %(class)s signes pour la classe, %(name)s pour un nom.")
    % {"class": LONGEST_CLASS, "name": LONGEST},
    Why.TWICE: _l("Le même enfant est déjà sur une ligne plus haut."),
}

FILE: dict[str, Any] = {
    "missing": _l("Ce fichier est vide, ou aucun n’est choisi. Choisissez la liste de l’école."),
    "too-long": _l("Cette liste est trop longue : 3 000 lignes au plus. Coupez-la par classe."),
    "workbook": _l(
        "Ce classeur ne peut pas être lu. Ouvrez-le, choisissez « Enregistrer sous », puis « CSV UTF-8 », et envoyez ce fichier-là."
    ),
    "not-text": _l("Ce n’est pas une liste. Dans le tableur : « Enregistrer sous », puis « CSV UTF-8 »."),
    "accents": _l(
        "Les accents de ce fichier sont abîmés (« Ã© » à la place de « é »). Rouvrez la liste d’origine, puis « Enregistrer sous », « CSV UTF-8 »."
    ),
    "no-line": _l(
        "Aucune ligne ne peut être prise. La première doit nommer les colonnes : Classe, Nom, Prénom, Responsable, Téléphone."
    ),
    "programme": _l("Choisissez le dispositif."),
    "name": _l("Donnez un nom à cette liste."),
}

STANDINGS: dict[str, tuple[str, str, Any]] = {
    "waits": ("wait", "hourglass", _l("Attend")),
    "given": ("ok", "handed-over", _l("Remis")),
    "absent": ("warn", "clock", _l("Pas venu")),
    "withdrawn": ("end", "ban", _l("Retiré")),
}

STANDS: dict[Stand, tuple[str, str, Any]] = {
    Stand.SILENT: ("warn", "hourglass", _l("Sans réponse")),
    Stand.TO_ASK: ("now", "mail", _l("À écrire")),
    Stand.KEEP: ("ok", "gift", _l("Le garde")),
    Stand.RETURN: ("wait", "undo", _l("Le rend")),
    Stand.BACK: ("end", "received", _l("Revenu")),
    Stand.LATER: ("todo", "calendar", _l("Plus tard")),
}
"""Where the end of a child's loan is, in the order in which it is looked at."""


def answer(act: DeskAct) -> tuple[str, str]:
    """What a desk is told of one machine of its act: what happened, then what to do."""
    if act.tone == Tone.GIVEN:
        return _("Remis"), ""
    if act.tone == Tone.REPEAT:
        return _("Déjà noté : cet enfant a bien cet ordinateur."), ""
    if act.code == "child-already-served":
        return (
            _("Cet enfant a déjà reçu %(tag)s, à une autre table.", tag=act.told.get("tag", "")),
            _("Reprenez %(tag)s à la famille, ou gardez-le de côté : la coordination décide.", tag=act.tag),
        )
    if act.code == "machine-already-given":
        return (
            _("%(tag)s est déjà remis à un autre enfant.", tag=act.tag),
            _("Relisez l’étiquette de l’ordinateur que la famille a en main, et prévenez la coordination."),
        )
    telling = REFUSALS.get(act.code, REFUSALS["refused"])
    facts = {"tag": act.tag, **act.told}
    return told(telling.what, facts), told(telling.mend, facts)
