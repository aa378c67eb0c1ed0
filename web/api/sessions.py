"""`POST /sessions`, `GET /sessions/{session}`: a live system says hello and waits to be adopted."""

from __future__ import annotations

from flask import current_app

from ordi.bench.hosts import read_host_key
from ordi.bench.sessions import BenchSession, open_session
from ordi.errors import Invalid, NotFound
from ordi.machines.journal import instant
from ordi.signatures import from_b64url
from web.api import blueprint
from web.api.bodies import shaped, the_body
from web.api.messages import Hello
from web.api.signed import fresh, the_bench, the_signature
from web.clock import now
from web.guards import permission
from web.keyring import keyring
from web.session import db, writes

POLL_S = 3

Answer = tuple[dict[str, object], int]


@blueprint.post("/v1/sessions")
@permission("machine")
def hello() -> Answer:
    """Open a session for the boot key that signed this."""
    said = the_signature()
    body = shaped(Hello, the_body())
    key = from_b64url(body.boot_pub)
    said.verify(key)
    settings = current_app.extensions["ordi-settings"]
    bench = open_session(
        db(),
        body.session,
        key,
        agent=body.agent,
        image_sha256=body.image_sha256,
        host_uuid=body.host_uuid,
        test=body.test,
        demonstration=settings.demonstration,
        host_key=_host_key(body.host_key),
        at=now(),
    )
    fresh(bench)
    db().commit()
    return {
        "session": bench.uuid,
        "pictograms": bench.pictograms,
        "adopt_url": adopt_url(settings.base_url, bench),
        "server_keys": {"keys": [key for key in keyring().jwks(now())["keys"] if key["purpose"] == "job"]},
    }, 201


@blueprint.get("/v1/sessions/<session>")
@permission("machine")
@writes
def session_state(session: str) -> dict[str, object]:
    """Whether somebody adopted it."""
    bench = the_bench(even_over=True)
    if bench.uuid != session:
        raise NotFound()
    fresh(bench)
    db().commit()
    adopted = bench.adopted(now())
    return {
        "session": bench.uuid,
        "state": bench.state(now()),
        "tag": bench.machine.tag if adopted and bench.machine else None,
        "expires": instant(bench.expires_at) if adopted and bench.expires_at else None,
        "poll_after_s": POLL_S,
    }


def adopt_url(base_url: str, bench: BenchSession) -> str:
    """What the machine shows as a code: upper case, so that the symbol stays small."""
    return f"{base_url}/B/{bench.uuid.replace('-', '')}/{bench.fingerprint}".upper()


def _host_key(line: str | None) -> str | None:
    """The SSH host key of a live system, if it is one: a wipe never waits for that."""
    try:
        return read_host_key(line) if line else None
    except Invalid:
        return None
