"""A repair in words: what was changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ordi.bench.repairs import Change
from web.wording import bench
from web.wording.words import Words, said

CHANGES: Words = {
    Change.PART: _l("Pièce changée"),
    Change.REFITTED: _l("Rebranché, resserré"),
    Change.CLEANED: _l("Nettoyé dedans"),
    Change.SOLDERED: _l("Ressoudé"),
    Change.SETTING: _l("Réglage du BIOS"),
    Change.SOFTWARE: _l("Pilote ou logiciel"),
}


def repaired(facts: Mapping[str, Any]) -> str:
    """The sentence of the history."""
    what = str(facts.get("what", ""))
    if what not in bench.CHECKS:
        return _("Réparé : à essayer de nouveau")
    return _(
        "Réparé : %(what)s (%(change)s), à essayer de nouveau",
        what=said(bench.CHECKS, what).lower(),
        change=said(CHANGES, str(facts.get("change", ""))).lower(),
    )
