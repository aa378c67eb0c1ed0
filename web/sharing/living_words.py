"""Where a household lives, in words."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ordi.sharing.requests import Qpv
from web.wording.words import Words

ANSWERS: Words = {Qpv.YES: _l("Oui"), Qpv.NO: _l("Non"), Qpv.UNKNOWN: _l("On ne sait pas")}
ICONS = {Qpv.YES: "check", Qpv.NO: "cross", Qpv.UNKNOWN: "question"}


def answer(said: str, district: str = "") -> str:
    """Whether a household lives in a priority district, and which: « Oui, Planoise »."""
    if said == Qpv.YES:
        return _("Oui, %(district)s", district=district) if district else _("Oui")
    return _("Non") if said == Qpv.NO else _("On ne sait pas")
