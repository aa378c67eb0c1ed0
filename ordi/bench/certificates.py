"""Certificates: one per proven wipe or destruction, signed by the organisation, checked by anyone offline. Issued for PASS alone.

A certificate says level and assurance apart, and what it does not prove. It is reached by an unguessable code and never changed:
a counter-check, or the publication of K, issues a new one that supersedes it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.bench.audits import drawn_and_due
from ordi.bench.destruction import DESTROYED
from ordi.bench.statements import LIMITS as LIMITS
from ordi.bench.statements import TYP as TYP
from ordi.bench.statements import destroyed, head, wiped
from ordi.bench.verdict import Verdict
from ordi.database import Base
from ordi.errors import Refused
from ordi.machines.drive import Sanitisation
from ordi.machines.journal import record
from ordi.machines.lifecycle import Note
from ordi.signatures import SigningKey, sign


class NotProven(Refused):
    """Only a wipe judged PASS, or a destruction, has a certificate."""

    code = "not-proven"


class Certificate(Base):
    """A signed statement about one wipe of one drive."""

    __tablename__ = "certificates"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(26), unique=True)
    """128 random bits in base 32: whoever has it may read the public part."""
    sanitisation_id: Mapped[int] = mapped_column(ForeignKey("sanitisations.id"), index=True)
    superseded_by_id: Mapped[int | None] = mapped_column(ForeignKey("certificates.id"))
    jws: Mapped[str]
    issued_at: Mapped[datetime]

    sanitisation: Mapped[Sanitisation] = relationship()

    @property
    def payload(self) -> dict[str, Any]:
        """What it says, read from the signed text itself."""
        body = self.jws.split(".")[1]
        told: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return told


def issue(
    session: Session, proof: Sanitisation, key: SigningKey, *, at: datetime, publish_key: bool = False
) -> Certificate:
    """Sign what is known of a wipe now; an earlier certificate of it is superseded. Raises `NotProven`.

    K is published once checking is over: while an audit is due, whoever had it could answer without reading the drive.
    """
    if proof.verdict not in (Verdict.PASS, DESTROYED):
        raise NotProven(verdict=proof.verdict)
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
        sha256=hashlib.sha256(certificate.jws.encode()).hexdigest(),
        assurance=payload["sanitisation"]["assurance"],
    )
    return certificate


def certificate_of(session: Session, proof: Sanitisation) -> Certificate | None:
    """The certificate of a wipe that no later one supersedes."""
    return session.scalar(
        select(Certificate)
        .where(Certificate.sanitisation_id == proof.id, Certificate.superseded_by_id.is_(None))
        .order_by(Certificate.id.desc())
        .limit(1)
    )


def by_code(session: Session, code: str) -> Certificate | None:
    """The certificate with this code."""
    return session.scalar(select(Certificate).where(Certificate.code == code.strip().upper()))
