"""A key for the page of trials, made at the bench for one machine."""

from __future__ import annotations

from flask import current_app, render_template
from flask_babel import lazy_gettext as _l

from ordi.bench.trials import LASTS, open_trial
from web.bench import blueprint
from web.bench.here import at_hand
from web.clock import now
from web.guards import me, permission
from web.machines.label_pictures import drawn
from web.session import db
from web.wording.refusals import Telling, learn

MINUTES = int(LASTS.total_seconds()) // 60


@blueprint.post("/<tag>/trial")
@permission("bench.work")
def trial_key(tag: str) -> str:
    """A new key, shown once: a code to scan with the machine, or an address for it."""
    machine = at_hand(tag)
    address = trial_address(open_trial(db(), machine, by=me(), at=now()))
    db().commit()
    return render_template("bench/trial_key.html", machine=machine, qr=drawn(address), address=address, minutes=MINUTES)


def trial_address(key: str) -> str:
    """Where the machine's own browser goes. What follows the `#` is never sent to a server, nor written in its logs."""
    return f"{current_app.extensions['ordi-settings'].base_url}/T#{key}"


learn(
    {
        "trial-over": Telling(
            _l("Cette page d’essai n’est plus ouverte."), _l("Demandez-en une autre à l’établi, page « Tester ».")
        )
    }
)
