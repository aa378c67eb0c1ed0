"""Lists of places in words: what a file is, and why it is not taken."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ordi.errors import Invalid
from ordi.places.files import ListKind, Wrong
from web.wording.words import Words

KINDS: Words = {
    ListKind.COMMUNES: _l("Communes et codes postaux"),
    ListKind.DISTRICTS: _l("Quartiers prioritaires"),
}
_FILE: Words = {
    "missing": _l("Choisissez un fichier."),
    "too-large": _l("Ce fichier est trop gros : 8 Mo au plus."),
    "too-many": _l("Ce fichier a plus de 80 000 lignes : ce n’est pas l’une des deux listes."),
    "not-text": _l("Ce n’est pas un fichier CSV."),
    "not-a-table": _l("Ce fichier est abîmé : un guillemet n’est pas refermé."),
    "spoiled": _l("Ses accents sont abîmés : téléchargez-le de nouveau, sans l’ouvrir avant dans un tableur."),
    "not-places": _l(
        "Sa première ligne ne nomme ni code de commune et code postal, ni code et nom de quartier avec ses communes."
    ),
    "nothing": _l("Il n’a aucune ligne."),
}
_LINES: Words = {
    "code": _l("le code n’est pas celui d’une commune ou d’un quartier"),
    "name": _l("le nom manque, ou il est trop long"),
    "other": _l("le code postal ou la commune n’a pas cinq signes"),
}


def refused(why: Invalid) -> str:
    """Why a file is not taken."""
    if why.facts.get("why") == "too-many-wrong":
        return _("Trop de lignes ne se lisent pas, dès la ligne %(n)s : est-ce le bon fichier ?", n=why.facts["line"])
    return str(_FILE.get(str(why.facts.get("why")), _FILE["not-text"]))


def wrong(line: Wrong) -> str:
    """What a line that is left out lacks."""
    return _("ligne %(n)s : %(why)s", n=line.number, why=_LINES[line.why])
