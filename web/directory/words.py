"""The directory in words: what its columns are called, what becomes of a line, what is wrong with it."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ordi.parties.directory import Fate
from ordi.parties.place_file import Fault, day_of
from web import languages

COLUMNS: dict[str, Any] = {
    "id": _l("Identifiant"),
    "pivot": _l("SIRET"),
    "nom": _l("Nom"),
    "commune": _l("Commune"),
    "code_postal": _l("Code postal"),
    "code_insee": _l("Code INSEE"),
    "adresse": _l("Adresse"),
    "complement_adresse": _l("Complément d’adresse"),
    "latitude": _l("Latitude"),
    "longitude": _l("Longitude"),
    "typologie": _l("Genre de lieu"),
    "telephone": _l("Téléphone"),
    "courriels": _l("Adresses e-mail"),
    "site_web": _l("Site"),
    "horaires": _l("Horaires"),
    "presentation_resume": _l("En bref"),
    "presentation_detail": _l("En détail"),
    "source": _l("Source"),
    "itinerance": _l("Lieu itinérant"),
    "structure_parente": _l("Structure parente"),
    "date_maj": _l("Mis à jour le"),
    "services": _l("Services"),
    "publics_specifiquement_adresses": _l("Publics"),
    "prise_en_charge_specifique": _l("Accueil adapté"),
    "frais_a_charge": _l("Coût"),
    "dispositif_programmes_nationaux": _l("Programmes nationaux"),
    "formations_labels": _l("Formations et labels"),
    "autres_formations_labels": _l("Autres formations et labels"),
    "modalites_acces": _l("Comment y aller"),
    "modalites_accompagnement": _l("Façons d’aider"),
    "fiche_acces_libre": _l("Accessibilité"),
    "prise_rdv": _l("Prendre rendez-vous"),
}

FATES: dict[Fate, tuple[str, str, Any]] = {
    Fate.WRONG: ("stop", "cross", _l("À corriger, ne seront pas pris")),
    Fate.OTHER_SIRET: ("stop", "hand", _l("Autre SIRET ici sous le même identifiant, ne seront pas pris")),
    Fate.NEW: ("ok", "plus", _l("Nouveaux")),
    Fate.CHANGED: ("now", "pencil", _l("Changés")),
    Fate.OLDER: ("wait", "history", _l("Plus anciens que ce qui est connu, laissés")),
    Fate.SAME: ("todo", "check", _l("Déjà là, pareils")),
}
"""In the order of a preview: what needs a person first."""

_FAULTS: dict[str, Any] = {
    "missing": _l("%(column)s : manque."),
    "too-long": _l("%(column)s : trop long."),
    "number": _l("%(column)s : un nombre de degrés, avec un point."),
    "siret": _l("%(column)s : quatorze chiffres, et le dernier ne tombe pas juste."),
    "day": _l("%(column)s : un jour comme 2026-11-23."),
    "twice": _l("%(column)s : déjà sur une ligne plus haut."),
    "cells": _l("Plus de cases que de colonnes : il manque sans doute des guillemets."),
}
_SHAPES: dict[str, Any] = {
    "code_postal": _l("%(column)s : cinq chiffres, zéro du début compris."),
    "code_insee": _l("%(column)s : cinq signes, comme 25056 ou 2A004."),
    "courriels": _l("%(column)s : des adresses séparées par une barre |."),
}

FILE: dict[str, Any] = {
    "missing": _l("Choisissez un fichier."),
    "too-large": _l("Ce fichier est trop gros : 1,5 Mo au plus. Coupez-le par département."),
    "too-many": _l("Plus de 5 000 lignes : coupez le fichier par département."),
    "not-text": _l("Ce n’est pas un fichier CSV."),
    "not-a-table": _l("Ce fichier est abîmé : un guillemet n’est pas refermé."),
    "not-places": _l("La première ligne ne nomme pas les colonnes « id » et « nom »."),
    "column-twice": _l("Une colonne y est deux fois."),
}


def column(name: str) -> str:
    """A column as people call it; one that the schema does not know keeps its own name."""
    return str(COLUMNS.get(name, name))


def fault(one: Fault) -> str:
    """What is wrong with a cell, and how it should be."""
    sentence = _SHAPES[one.field] if one.why == "shape" else _FAULTS[one.why]
    return str(sentence) % {"column": column(one.field)}


def shown(name: str, told: str) -> str:
    """A cell as it is read: its values one after the other, a day in words."""
    day = day_of(told) if name == "date_maj" else None
    return languages.day(day) if day else " · ".join(told.split("|"))


def told_twice(text: str) -> str:
    """What is known of a cell, or that nothing was."""
    return text or _("rien")
