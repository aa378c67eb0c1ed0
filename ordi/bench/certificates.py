"""Certificates: one per proven wipe, signed by the organisation, checked by anyone offline. Issued for PASS alone.

A certificate says level and assurance apart, and what it does not prove. It is reached by an unguessable code and never changed:
a counter-check, or the publication of K, issues a new one that supersedes it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import zlib
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.bench.audits import drawn_and_due
from ordi.bench.counter_checks import assurance_of, checks_of
from ordi.bench.jobs import WipeJob
from ordi.bench.judging import WipeCommit, commit_facts
from ordi.bench.smart import unpack
from ordi.bench.verdict import Verdict
from ordi.database import Base
from ordi.errors import Refused
from ordi.log.leaves import judged_at
from ordi.machines.audit import Audit, How
from ordi.machines.drive import CounterCheck, Sanitisation
from ordi.machines.journal import instant, record
from ordi.machines.lifecycle import Note
from ordi.parties.access import grounds
from ordi.parties.organisations import Kind, Organisation
from ordi.parties.people import Person
from ordi.signatures import SigningKey, b64url, sign

TYP = "ordi-certificate/1"
LIMITS = (
    "Ce document ne prouve ni l'état des secteurs remplacés ou inaccessibles, ni la sincérité du micrologiciel, "
    "ni l'absence de collusion. Ce n'est pas une certification."
)
"""Printed on every certificate (TRUST.md)."""

OFFLINE_LIMIT = (
    " Effacé hors ligne : l'ordre et la clé du motif étaient sur une clé USB ; ce document ne prouve pas que personne "
    "ne l'a copiée pour écrire ce rapport sans le disque."
)
"""Added to the limits of a wipe by a stick's job (offline_jobs)."""


class NotProven(Refused):
    """Only a wipe judged PASS has a certificate."""

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
    if proof.verdict != Verdict.PASS:
        raise NotProven(verdict=proof.verdict)
    earlier = certificate_of(session, proof)
    code = base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=")
    publish_key = publish_key and not drawn_and_due(session, proof.drive)
    payload = _payload(session, proof, code, at, publish_key=publish_key)
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


def _payload(session: Session, proof: Sanitisation, code: str, at: datetime, *, publish_key: bool) -> dict[str, Any]:
    machine, drive = proof.machine, proof.drive
    kept = session.scalars(select(WipeCommit).where(WipeCommit.sanitisation_id == proof.id)).one()
    job = session.scalars(select(WipeJob).where(WipeJob.uuid == proof.job_uuid)).one()
    facts = commit_facts(kept)
    network = session.scalars(select(Organisation).where(Organisation.kind == Kind.NETWORK).limit(1)).first()
    checks = checks_of(session, proof)
    good = [check for check in checks if check.matched == check.sectors]
    audit = _audit(session, proof)
    return {
        "typ": TYP,
        "code": code,
        "issued": instant(at),
        "organisation": {"name": network.name if network else "", "siret": network.siret if network else None},
        "workshop": {"name": machine.workshop.name, "commune": machine.workshop.commune},
        "machine": {
            "tag": machine.tag,
            "manufacturer": machine.manufacturer,
            "model": machine.model,
            "serial": machine.serial,
        },
        "drive": {
            "model": drive.model,
            "serial": drive.serial,
            "serial_source": facts.identity.serial_source,
            "wwn": drive.wwn,
            "firmware": facts.identity.firmware or drive.firmware or None,
            "medium": drive.medium,
            "bytes": drive.bytes,
            "logical_sector": facts.identity.logical_sector,
            "physical_sector": facts.identity.physical_sector,
            "transport": facts.identity.transport,
        },
        "sanitisation": {
            "uuid": proof.uuid,
            "job": job.uuid,
            "session": job.bench.uuid,
            "technique": proof.technique,
            "level": proof.level,
            "commands": facts.commands,
            "started_at": facts.started_at,
            "ended_at": facts.ended_at,
            "judged_at": instant(proof.judged_at),
            "bytes_written": facts.write.bytes,
            "bytes_read": facts.read.bytes,
            "mismatches": facts.read.mismatches,
            "skipped": [list(span) for span in facts.skipped],
            "errors": [one.model_dump() for one in (*facts.write.errors, *facts.read.errors)],
            "chunk_root": facts.chunk_root,
            "raw_status": facts.raw_status.model_dump(),
            "agent": facts.agent,
            "image_sha256": facts.image_sha256,
            "smart_before_sha256": _hash(facts.smart_before),
            "smart_after_sha256": _hash(facts.smart_after),
            "report_sha256": hashlib.sha256(zlib.decompress(kept.body)).hexdigest(),
            "verdict": proof.verdict,
            "reasons": proof.reasons.split(),
            "offline": proof.offline,
            "assurance": str(assurance_of(proof, checks, audited=audit is not None)),
            "key_published": b64url(job.key) if publish_key and job.key else None,
        },
        "log": judged_at(session, proof.machine_id, proof.uuid),
        "wiper": _hand(session, proof.wiper_id, "bench.wipe", proof.judged_at),
        "verifier": _verifier(session, good[-1]) if good else None,
        "auditor": _auditor(session, audit) if audit else None,
        "annulled_by": None,
        "test": proof.test,
        "demonstration": proof.demonstration,
        "limits": LIMITS + (OFFLINE_LIMIT if proof.offline else ""),
    }


def _verifier(session: Session, check: CounterCheck) -> dict[str, Any] | None:
    hand = _hand(session, check.checker_id, "bench.counter-check", check.at)
    return hand and hand | {"sectors": check.sectors, "matched": check.matched}


def _audit(session: Session, proof: Sanitisation) -> Audit | None:
    """The audit by which our agent read all of it."""
    made = select(Audit).where(Audit.sanitisation_id == proof.id, Audit.how == How.AGENT, Audit.matched)
    return session.scalar(made.order_by(Audit.id.desc()).limit(1))


def _auditor(session: Session, audit: Audit) -> dict[str, Any] | None:
    hand = _hand(session, audit.auditor_id, "bench.audit", audit.at)
    return hand and hand | {"chunks": audit.chunks}


def _hand(session: Session, person_id: int | None, permission: str, at: datetime) -> dict[str, Any] | None:
    """A person as a certificate names them: a code and a role, never a name."""
    person = session.get(Person, person_id) if person_id else None
    if person is None:
        return None
    roles = grounds(person, permission, at)
    return {"op_code": person.op_code, "role": roles[0].role if roles else None, "at": instant(at)}


def _hash(packed: str | None) -> str | None:
    return hashlib.sha256(unpack(packed)).hexdigest() if packed else None
