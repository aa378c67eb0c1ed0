"""`POST /sanitisations`: the facts of a wipe. No verdict comes in; one goes out, or a challenge."""

from __future__ import annotations

from flask import request
from pydantic import ValidationError

from ordi.bench.facts import WipeFacts
from ordi.bench.judging import commit
from ordi.parties.tokens import token_for
from web.api import blueprint
from web.api.bodies import BadBody, the_body, the_object
from web.api.sessions import Answer
from web.api.signed import is_signed, the_bench
from web.clock import now
from web.guards import permission
from web.session import db


@blueprint.post("/v1/sanitisations")
@permission("machine")
def take_sanitisation() -> Answer:
    """Keep a wipe's report; challenge it when it fits an open job of the session that signed it, else answer UNKNOWN.

    Its counter is not asked to grow: a report saved before it was sent may come late, and its uuid is taken once.
    """
    if is_signed():
        bench = the_bench(even_over=True)
        source = f"session:{bench.uuid}"
    else:
        bearer = request.authorization.token or "" if request.authorization else ""
        bench, source = None, f"token:{token_for(db(), bearer, 'evidence:write', at=now()).id}"
    body = the_body()
    the_object(body)
    try:
        facts = WipeFacts.model_validate_json(body)
    except ValidationError as error:
        wrong = [".".join(str(part) for part in one["loc"])[:60] for one in error.errors()[:8]]
        raise BadBody(why="wrong-shape", fields=wrong) from None
    outcome = commit(db(), facts, body, source=source, bench=bench, at=now())
    db().commit()
    return {
        "sanitisation": facts.uuid,
        "challenge": outcome.challenge,
        "verdict": outcome.judgement.verdict if outcome.judgement else None,
        "reasons": list(outcome.judgement.reasons) if outcome.judgement else [],
    }, 201
