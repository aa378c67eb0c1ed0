"""`/v1/trial`: what the page of trials asks and tells, under its own key; and the key a live system asks for its browser."""

from __future__ import annotations

from flask import request

from ordi.bench.sessions import SessionOver
from ordi.bench.trials import open_trial, tell, trial_for, tried_on
from ordi.errors import NotFound
from ordi.machines.checks import Check, Result, results
from web.api import blueprint
from web.api.bodies import shaped, the_body
from web.api.messages import TrialResult
from web.api.signed import fresh, the_bench
from web.bench.trials import trial_address
from web.clock import now
from web.guards import permission
from web.session import db

Answer = tuple[dict[str, object], int]


@blueprint.get("/v1/trial")
@permission("machine")
def trial_state() -> dict[str, object]:
    """What is to be tried."""
    return _told(_key())


@blueprint.post("/v1/trial")
@permission("machine")
def trial_result() -> Answer:
    """One result."""
    key = _key()
    trial = trial_for(db(), key, at=now())
    said = shaped(TrialResult, the_body(4096))
    if said.check not in set(Check):
        raise NotFound(check=said.check)
    tell(db(), trial, Check(said.check), Result(said.result), at=now())
    db().commit()
    return _told(key), 201


@blueprint.post("/v1/sessions/<session>/trial")
@permission("machine")
def trial_of_session(session: str) -> Answer:
    """A key for the machine of an adopted session: who adopted it answers."""
    bench = the_bench()
    if bench.uuid != session:
        raise NotFound()
    fresh(bench)
    if not bench.adopted(now()) or bench.machine is None or bench.adopter is None:
        raise SessionOver()
    key = open_trial(db(), bench.machine.current, by=bench.adopter, at=now())
    db().commit()
    return {"url": trial_address(key)}, 201


def _key() -> str:
    return request.authorization.token or "" if request.authorization else ""


def _told(key: str) -> dict[str, object]:
    trial = trial_for(db(), key, at=now())
    machine, found = trial.machine, results(db(), trial.machine)
    asked = tried_on(machine)
    return {
        "tag": machine.tag,
        "form": machine.form,
        "asked": [str(check) for check in asked],
        "found": {str(check): str(found[check]) for check in asked if check in found},
    }
