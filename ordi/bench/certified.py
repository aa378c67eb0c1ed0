"""Certificates as they are kept: one row each, reached by an unguessable code; what they say is only in the signed text.

A certificate is never changed. A later one of the same wipe supersedes it; a later look that belies the wipe annuls it, by an event
of its own in the machine's history, and so an entry of its own in the public log.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, String, and_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.database import Base
from ordi.log.leaves import Leaf
from ordi.machines.drive import Sanitisation
from ordi.machines.journal import Event, record
from ordi.machines.lifecycle import Note


class Certificate(Base):
    """A signed statement about one wipe of one drive."""

    __tablename__ = "certificates"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(26), unique=True)
    """128 random bits in base 32: whoever has it may read the public part."""
    sanitisation_id: Mapped[int] = mapped_column(ForeignKey("sanitisations.id"), index=True)
    superseded_by_id: Mapped[int | None] = mapped_column(ForeignKey("certificates.id"))
    annulment_id: Mapped[int | None] = mapped_column(ForeignKey("events.id"))
    """The event that annulled it; the database lets none be taken back."""
    jws: Mapped[str]
    issued_at: Mapped[datetime]

    sanitisation: Mapped[Sanitisation] = relationship()
    annulment: Mapped[Event | None] = relationship()

    @property
    def payload(self) -> dict[str, Any]:
        """What it says, read from the signed text itself."""
        body = self.jws.split(".")[1]
        told: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return told

    @property
    def sha256(self) -> str:
        """The fingerprint of what was signed: what events and papers name."""
        return hashlib.sha256(self.jws.encode()).hexdigest()

    @property
    def annulled_because(self) -> str:
        """What belied its wipe: a code; empty while nothing did."""
        return str(json.loads(self.annulment.facts)["because"]) if self.annulment else ""


def stands() -> ColumnElement[bool]:
    """Whether a certificate is the one to show: no later one supersedes it, nothing annulled it."""
    return and_(Certificate.superseded_by_id.is_(None), Certificate.annulment_id.is_(None))


def certificate_of(session: Session, proof: Sanitisation) -> Certificate | None:
    """The certificate of a wipe that stands."""
    return session.scalar(
        select(Certificate)
        .where(Certificate.sanitisation_id == proof.id, stands())
        .order_by(Certificate.id.desc())
        .limit(1)
    )


def by_code(session: Session, code: str) -> Certificate | None:
    """The certificate with this code."""
    return session.scalar(select(Certificate).where(Certificate.code == code.strip().upper()))


def annul(session: Session, proof: Sanitisation, because: str, *, at: datetime) -> None:
    """Annul every certificate ever issued of a wipe that a later look belied, each once. A new wipe gets one of its own."""
    issued = select(Certificate).where(Certificate.sanitisation_id == proof.id, Certificate.annulment_id.is_(None))
    for certificate in session.scalars(issued.order_by(Certificate.id)).all():
        written = record(
            session,
            proof.machine.current,
            Note.CERTIFICATE_ANNULLED,
            by=None,
            at=at,
            drive=proof.drive_id,
            sanitisation=proof.uuid,
            sha256=certificate.sha256,
            because=because,
        )
        certificate.annulment = session.scalars(select(Event).where(Event.hash == written)).one()
        session.flush()


def annulled_among(session: Session, tokens: Sequence[str]) -> list[Certificate]:
    """Those of some signed texts that were annulled since, by the fingerprint of what was signed."""
    signed = select(Certificate).where(Certificate.jws.in_(tokens), Certificate.annulment_id.is_not(None))
    return list(session.scalars(signed.order_by(Certificate.id)))


def annulled_at_entry(session: Session, certificate: Certificate) -> int | None:
    """The place of its annulment in the public log; None while that is not sealed, or there is none."""
    return session.scalar(select(Leaf.position).where(Leaf.event_id == certificate.annulment_id))


def proven_since(session: Session, certificate: Certificate) -> Certificate | None:
    """The certificate of a later wipe of the same drive that stands."""
    later = select(Certificate).join(Sanitisation, Sanitisation.id == Certificate.sanitisation_id)
    same = Sanitisation.drive_id == certificate.sanitisation.drive_id
    found = later.where(same, Sanitisation.id > certificate.sanitisation_id, stands())
    return session.scalar(found.order_by(Certificate.id.desc()).limit(1))
