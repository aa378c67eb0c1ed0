"""`POST /enrolments`, `POST /check-ins`: a machine in use makes its key known, then gives news."""

from __future__ import annotations

import secrets

from ordi.fleet.check_ins import EVERY
from ordi.fleet.enrolment import Cloned, enrol, enrolment_of, remember_clone
from ordi.journeys.news import take_news
from ordi.signatures import SignatureRefused, from_b64url
from web.api import blueprint
from web.api.bodies import BadBody, shaped, the_body, the_object
from web.api.messages import EnrolmentRequest
from web.api.sessions import Answer
from web.api.signed import the_signature
from web.clock import now
from web.guards import permission
from web.session import apart, db

LARGEST = 64 << 10
"""Bytes of a check-in: a few drives and a battery take two thousand."""


@blueprint.post("/v1/enrolments")
@permission("machine")
def take_enrolment() -> Answer:
    """Burn a one-time token for the key that signed this."""
    said = the_signature()
    body = shaped(EnrolmentRequest, the_body(LARGEST))
    key = from_b64url(body.public_key)
    said.verify(key)
    try:
        enrolment = enrol(db(), token=body.token, public_key=key, uuid=body.uuid, at=now())
    except Cloned as refusal:
        _mark(refusal)
        raise
    db().commit()
    return {"tag": enrolment.machine.tag, "keyid": said.keyid, "every_s": _every()}, 201


@blueprint.post("/v1/check-ins")
@permission("machine")
def check_in() -> Answer:
    """Take news from an enrolled machine."""
    said = the_signature()
    enrolment = enrolment_of(db(), said.keyid)
    if enrolment is None or enrolment.public_key is None:
        raise SignatureRefused("unknown-key")
    said.verify(enrolment.public_key)
    payload = the_object(the_body(LARGEST))
    uuid = payload.get("uuid")
    if not isinstance(uuid, str) or len(uuid) != 36 or not uuid.isascii() or not uuid.isprintable():
        raise BadBody(why="wrong-shape", fields=["uuid"])
    try:
        kept = take_news(db(), enrolment, uuid=uuid, counter=said.counter, payload=payload, at=now())
    except Cloned as refusal:
        _mark(refusal)
        raise
    db().commit()
    return {"health": kept.health, "every_s": _every(), "stop": kept.stop}, 201


def _mark(refusal: Cloned) -> None:
    """The refusal is rolled back; that it happened stays."""
    db().rollback()
    with apart() as session:
        remember_clone(session, refusal, at=now())


def _every() -> int:
    """A day, give or take an hour: machines switched on together do not all call together."""
    return int(EVERY.total_seconds()) + secrets.randbelow(7200) - 3600
