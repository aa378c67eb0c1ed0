"""Sticks in words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from web.wording import refusals
from web.wording.refusals import Telling

refusals.learn(
    {
        "nothing-to-prepare": Telling(
            _l("Aucun disque à mettre sur cette clé."), _l("Choisissez des disques qui contiennent encore des données.")
        ),
        "stick-unknown": Telling(
            _l("Ce fichier n’est pas le retour d’une clé d’Ordi."),
            _l("Prenez le fichier dont le nom finit par « -rapports.json »."),
        ),
        "stick-edited": Telling(
            _l("Ce fichier a été modifié depuis que l’ordinateur l’a écrit : rien n’a été pris."),
            _l("Reprenez-le sur la clé. S’il reste refusé, effacez de nouveau ces disques."),
        ),
    }
)
