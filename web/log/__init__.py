"""The public log as people meet it: its heads, who is given them, the proof beside a certificate."""

from __future__ import annotations

from flask import Blueprint
from flask_babel import lazy_gettext as _l

from web.wording import refusals
from web.wording.refusals import Telling

blueprint = Blueprint("log", __name__)

refusals.learn(
    {
        "not-sealed-yet": Telling(
            _l("Ce certificat n’est pas encore inscrit au journal public."),
            _l("L’inscription se fait d’elle-même : revenez dans une minute."),
        ),
        "message-not-stuck": Telling(
            _l("Ce message est déjà parti, ou attend son tour."), _l("Il n’y a rien à faire.")
        ),
    }
)

from web.log import duties, pages, proof_files  # noqa: E402, F401 - views and duties sign up
