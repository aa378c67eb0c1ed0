"""A loss in a machine's history: what was done, how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _


def step_done(facts: Mapping[str, Any]) -> str:
    """One thing done after a loss."""
    told = {
        "search": _("Perte : cherché partout"),
        "police": _("Perte : plainte déposée"),
        "donor": _("Perte : donateur prévenu"),
        "cnil": _("Perte : CNIL prévenue"),
    }
    if not facts.get("needed", True):
        told |= {
            "police": _("Perte : pas de plainte, la raison est au dossier"),
            "donor": _("Perte : donateur pas prévenu, la raison est au dossier"),
            "cnil": _("Perte : CNIL pas prévenue, la raison est au dossier"),
        }
    return told.get(str(facts.get("step")), _("Perte : une démarche est faite"))


def closed(facts: Mapping[str, Any]) -> str:
    """How the file of a loss ended."""
    if facts.get("ending") == "found":
        return _("Perte : dossier clos, il est retrouvé")
    return _("Perte : dossier clos, perdu pour de bon")
