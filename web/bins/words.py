"""Bins in words: where parts come from, why they go, and what is refused."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from ordi.bench.part_moves import Origin, WhyScrapped
from web.wording import reasons, refusals
from web.wording.refusals import Telling

ORIGINS: dict[str, Any] = {
    Origin.DONATED: _l("Donnée"),
    Origin.BOUGHT: _l("Achetée"),
    Origin.FOUND: _l("Trouvée à l’atelier"),
}

ORIGIN_ICONS = {Origin.DONATED: "gift", Origin.BOUGHT: "euro", Origin.FOUND: "search"}

SCRAPPINGS: dict[str, Any] = {
    WhyScrapped.BROKEN: _l("En panne"),
    WhyScrapped.WORN: _l("Usée"),
    WhyScrapped.NO_USE: _l("Ne sert plus à rien"),
    WhyScrapped.UNSAFE: _l("Dangereuse"),
}

SCRAPPING_ICONS = {
    WhyScrapped.BROKEN: "cross",
    WhyScrapped.WORN: "clock",
    WhyScrapped.NO_USE: "minus",
    WhyScrapped.UNSAFE: "alert",
}

reasons.learn(SCRAPPINGS)
refusals.learn(
    {
        "bin-closed": Telling(_l("Le bac %(bin)s n’est plus en service."), _l("Prenez un autre bac.")),
        "bin-not-empty": Telling(_l("Le bac %(bin)s n’est pas vide."), _l("Rangez d’abord ses pièces dans un autre.")),
        "not-that-many": Telling(
            _l("Il n’y en a pas autant dans le bac %(bin)s : %(count)s."), _l("Comptez le bac, puis recommencez.")
        ),
        "part-is-a-drive": Telling(
            _l("…%(serial)s est le numéro d’un disque. Un disque n’est jamais une pièce."),
            _l("Retirez-le à deux, depuis la page de son ordinateur."),
        ),
        "part-elsewhere": Telling(
            _l("La pièce …%(serial)s est notée ailleurs."), _l("Cherchez-la là où elle est notée.")
        ),
        "part-not-kit": Telling(_l("Cette pièce se monte dedans."), _l("Reprenez %(tag)s à l’établi pour la monter.")),
        "part-same-machine": Telling(_l("C’est le même ordinateur."), _l("Scannez celui qui reçoit la pièce.")),
        "another-person": Telling(
            _l("Vous avez demandé qu’une autre personne voie %(tag)s."), _l("Appelez quelqu’un de l’atelier.")
        ),
    }
)
