"""Losses in words: what happened, what is to be done, how it ended."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from ordi.bench.incident_letters import Reader
from ordi.bench.incidents import Ending, Step
from web.bench.words import LOSSES as LOSSES
from web.wording import refusals
from web.wording.refusals import Telling

STEPS: dict[str, Any] = {
    Step.SEARCH: _l("Chercher partout"),
    Step.POLICE: _l("Porter plainte"),
    Step.DONOR: _l("Prévenir le donateur"),
    Step.CNIL: _l("Prévenir la CNIL"),
}

HINTS: dict[str, Any] = {
    Step.SEARCH: _l("L’atelier, le camion, les étagères, les lots voisins."),
    Step.POLICE: _l("Commissariat ou gendarmerie. Notez le numéro du procès-verbal."),
    Step.DONOR: _l("Ses données sont peut-être dessus : c’est à lui de prévenir les personnes. Appelez-le aussi."),
    Step.CNIL: _l("Téléservice de notification de la CNIL. Notez le numéro reçu."),
}

SAID: dict[str, Any] = {
    Step.SEARCH: _l("Où a-t-on cherché ?"),
    Step.POLICE: _l("Numéro du procès-verbal"),
    Step.DONOR: _l("Qui l’a dit, comment (sans nom de famille)"),
    Step.CNIL: _l("Numéro de la notification"),
}

STEP_ICONS = {Step.SEARCH: "search", Step.POLICE: "shield", Step.DONOR: "donor", Step.CNIL: "building"}

ENDINGS: dict[str, Any] = {
    "": _l("Dossier ouvert"),
    Ending.FOUND: _l("Retrouvé"),
    Ending.LOST: _l("Perdu pour de bon"),
}

ENDING_TONES = {"": "stop", Ending.FOUND: "ok", Ending.LOST: "end"}

READERS: dict[str, Any] = {
    Reader.DONOR: _l("Le donateur"),
    Reader.WORKSHOP: _l("L’atelier"),
    Reader.POLE: _l("Le pôle"),
}

refusals.learn(
    {
        "incident-over": Telling(_l("Le dossier de %(tag)s est clos."), _l("Revenez à la liste.")),
        "incident-steps-left": Telling(
            _l("Il reste des démarches à faire pour %(tag)s."), _l("Faites-les, ou notez pourquoi l’une est inutile.")
        ),
        "incident-step-done": Telling(_l("Cette démarche est déjà notée."), _l("Revenez au dossier.")),
    }
)
