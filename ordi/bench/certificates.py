"""Certificates: one per proven wipe or destruction, signed by the organisation, checked by anyone offline. Issued for PASS alone.

A certificate says level and assurance apart, and what it does not prove. It is reached by an unguessable code and never changed:
a counter-check, or the publication of K, issues a new one that supersedes it.
"""

from __future__ import annotations

import base64
import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.bench.audits import drawn_and_due
from ordi.bench.certified import Certificate as Certificate
from ordi.bench.certified import by_code as by_code
from ordi.bench.certified import certificate_of as certificate_of
from ordi.bench.destruction import DESTROYED
from ordi.bench.statements import LIMITS as LIMITS
from ordi.bench.statements import TYP as TYP
from ordi.bench.statements import destroyed, head, wiped
from ordi.bench.verdict import Verdict
from ordi.errors import Refused
from ordi.machines.contradiction import belied
from ordi.machines.drive import Sanitisation
from ordi.machines.journal import record
from ordi.machines.lifecycle import Note
from ordi.signatures import SigningKey, sign


class NotProven(Refused):
    """Only a wipe judged PASS that nothing belied since, or a destruction, has a certificate."""

    code = "not-proven"


def is_belied(session: Session, proof: Sanitisation) -> bool:
    """Whether a later look belied a wipe: whoever looks again meanwhile, and agrees, gets no certificate of it any more."""
    return session.scalar(select(Sanitisation.id).where(Sanitisation.id == proof.id, belied())) is not None


def issue(
    session: Session, proof: Sanitisation, key: SigningKey, *, at: datetime, publish_key: bool = False
) -> Certificate:
    """Sign what is known of a wipe now; an earlier certificate of it is superseded. Raises `NotProven`.

    K is published once checking is over: while an audit is due, whoever had it could answer without reading the drive.
    """
    if proof.verdict not in (Verdict.PASS, DESTROYED):
        raise NotProven(verdict=proof.verdict)
    if is_belied(session, proof):
        raise NotProven(verdict="belied")
    earlier = certificate_of(session, proof)
    code = base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=")
    publish_key = publish_key and not drawn_and_due(session, proof.drive)
    payload = head(session, proof, code, at) | (
        destroyed(session, proof) if proof.verdict == DESTROYED else wiped(session, proof, publish_key=publish_key)
    )
    certificate = Certificate(
        code=code, sanitisation=proof, jws=sign(payload, key, TYP), issued_at=at, superseded_by_id=None
    )
    session.add(certificate)
    session.flush()
    if earlier:
        earlier.superseded_by_id = certificate.id
        session.flush()
    record(
        session,
        proof.machine,
        Note.CERTIFIED,
        by=None,
        at=at,
        drive=proof.drive_id,
        sanitisation=proof.uuid,
        sha256=certificate.sha256,
        assurance=payload["sanitisation"]["assurance"],
    )
    return certificate
