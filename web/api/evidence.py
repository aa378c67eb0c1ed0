"""`POST /evidence`: a bench inventory, signed by a session or borne by a token; with `?format=`, what another tool wrote.

Stored before it is understood: whatever cannot be read is kept, marked with why, and read again later.
"""

from __future__ import annotations

from flask import request

from ordi.bench.intake import Receipt, of_token, receive, receive_file, uuid_for
from ordi.bench.sessions import BenchSession
from ordi.errors import Invalid
from ordi.machines.formats import FORMATS
from ordi.parties.tokens import ApiToken, token_for
from web.api import blueprint
from web.api.bodies import shaped_object, the_body
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
    asked = request.args.get("format", "ordi")
    if asked != "ordi":
        return _answer(_take_file(asked))
    sender: BenchSession | ApiToken = the_bench() if is_signed() else _token()
    body = the_body()
    report, told = shaped_object(EvidenceReport, body)
    if isinstance(sender, BenchSession):
        _uuid, known = uuid_for(db(), report.uuid, body, source=f"session:{sender.uuid}")
        if known is None:
            fresh(sender)
    return _answer(receive(db(), told, body, sender=sender, at=now()))


def _take_file(asked: str) -> Receipt:
    if asked not in FORMATS:
        raise Invalid(field="format", why="unknown", known=sorted(FORMATS))
    token, tag = _token(), request.args.get("tag", "")
    return receive_file(db(), the_body(), asked, sender=of_token(token), at=now(), tag=tag)


def _answer(receipt: Receipt) -> Answer:
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


def _token() -> ApiToken:
    return token_for(db(), _bearer(), "evidence:write", at=now())


def _bearer() -> str:
    return request.authorization.token or "" if request.authorization else ""
