"""Logs of another tool beside a machine: kept, read, told as declared."""

from __future__ import annotations

import json

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from ordi.bench.claims import MOST_BYTES, claim_wipe, claims_of
from ordi.errors import NotFound
from web.bench import blueprint
from web.bench.here import at_hand
from web.clock import now
from web.guards import me, permission
from web.session import db
from web.wording import refusals
from web.wording.refusals import Telling


@blueprint.get("/<tag>/claims")
@permission("bench.work")
def claims(tag: str) -> str:
    """What other tools say of this machine, and what that does not prove."""
    machine = at_hand(tag)
    told = [(one, json.loads(one.told)) for one in claims_of(db(), machine)]
    return render_template("bench/claims.html", machine=machine, claims=told)


@blueprint.post("/<tag>/claims")
@permission("bench.work")
def keep_claim(tag: str) -> Response:
    """Keep a log."""
    machine = at_hand(tag)
    sent = request.files.get("log")
    claim_wipe(db(), machine, sent.read(MOST_BYTES + 1) if sent else b"", by=me(), at=now())
    db().commit()
    flash(_("Gardé, comme déclaré. Rien ne s’ouvre."), "wait")
    return redirect(url_for("bench.claims", tag=machine.tag))


@blueprint.get("/<tag>/claims/<int:number>.txt")
@permission("bench.work")
def claim_file(tag: str, number: int) -> Response:
    """The log, byte for byte."""
    machine = at_hand(tag)
    found = next((one for one in claims_of(db(), machine) if one.id == number), None)
    if found is None:
        raise NotFound(tag=machine.tag)
    answer = make_response(found.raw)
    answer.headers["Content-Type"] = "text/plain; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="{machine.tag}-{found.sha256[:8]}.txt"'
    return answer


refusals.learn(
    {
        "not-a-log": Telling(
            _l("Ce fichier n’est pas un journal de nwipe."),
            _l("Choisissez le journal lui-même, en texte, 2 Mo au plus."),
        ),
    }
)
