"""`POST /evidence`: a bench inventory, signed by a session or borne by a token. Stored before it is understood."""

from __future__ import annotations

from flask import request

from ordi.bench.intake import Receipt, receive
from ordi.bench.sessions import BenchSession
from ordi.machines import evidence as kept
from ordi.parties.tokens import ApiToken, token_for
from web.api import blueprint
from web.api.bodies import shaped, the_body, the_object
from web.api.messages import EvidenceReport
from web.api.sessions import Answer
from web.api.signed import fresh, is_signed, the_bench
from web.clock import now
from web.guards import permission
from web.session import db


@blueprint.post("/v1/evidence")
@permission("machine")
def take_evidence() -> Answer:
    """Keep a report, understand it as far as it goes, and answer how the machine was recognised."""
    sender: BenchSession | ApiToken
    sender = the_bench() if is_signed() else token_for(db(), _bearer(), "evidence:write", at=now())
    body = the_body()
    report = shaped(EvidenceReport, body)
    if isinstance(sender, BenchSession) and kept.known(db(), report.uuid) is None:
        fresh(sender)
    receipt = receive(db(), the_object(body), body, sender=sender, at=now())
    db().commit()
    return _told(receipt), 200 if receipt.repeated else 201


def _told(receipt: Receipt) -> dict[str, object]:
    evidence = receipt.evidence
    return {
        "evidence": evidence.uuid,
        "tag": receipt.machine.tag if receipt.machine else None,
        "recognised": evidence.recognised,
        "parsed": evidence.parsed,
        "reason": evidence.reason or None,
    }


def _bearer() -> str:
    return request.authorization.token or "" if request.authorization else ""
