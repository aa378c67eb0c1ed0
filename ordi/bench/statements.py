"""What a certificate says, field by field (SANITISATION.md, "Certificate"): of a wipe, or of a destruction. Facts only, nobody's name."""

from __future__ import annotations

import hashlib
import json
import zlib
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.bench.counter_checks import assurance_of, checks_of
from ordi.bench.destruction import destruction_of
from ordi.bench.jobs import WipeJob
from ordi.bench.judging import WipeCommit, commit_facts
from ordi.bench.makers import maker_of
from ordi.bench.plan import capabilities_of, last_inventory
from ordi.bench.smart import lifetime, unpack
from ordi.log.leaves import judged_at
from ordi.machines.audit import Audit, How
from ordi.machines.drive import CounterCheck, Drive, Sanitisation
from ordi.machines.journal import instant
from ordi.machines.machine import Machine
from ordi.parties.access import grounds
from ordi.parties.organisations import Kind, Organisation
from ordi.parties.people import Person
from ordi.signatures import b64url

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

_DESTINATIONS = {"keep": "reuse", "dismantle": "recycling", "refuse": "returned"}


def head(session: Session, proof: Sanitisation, code: str, at: datetime) -> dict[str, Any]:
    """What every certificate begins with: who speaks, of which computer, under which limits."""
    machine = proof.machine
    network = session.scalars(select(Organisation).where(Organisation.kind == Kind.NETWORK).limit(1)).first()
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
        "annulled_by": None,
        "test": proof.test,
        "demonstration": proof.demonstration,
        "limits": LIMITS + (OFFLINE_LIMIT if proof.offline else ""),
    }


def wiped(session: Session, proof: Sanitisation, *, publish_key: bool) -> dict[str, Any]:
    """What is known of a wipe, and of everybody who looked at it since."""
    machine, drive = proof.machine, proof.drive
    kept = session.scalars(select(WipeCommit).where(WipeCommit.sanitisation_id == proof.id)).one()
    job = session.scalars(select(WipeJob).where(WipeJob.uuid == proof.job_uuid)).one()
    facts = commit_facts(kept)
    checks = checks_of(session, proof)
    good = [check for check in checks if check.matched == check.sectors]
    audit = _audit(session, proof)
    return {
        "drive": _drive(session, machine, drive)
        | {
            "serial_source": facts.identity.serial_source,
            "firmware": facts.identity.firmware or drive.firmware or None,
            "logical_sector": facts.identity.logical_sector,
            "physical_sector": facts.identity.physical_sector,
            "transport": facts.identity.transport,
        },
        "sanitisation": {
            "uuid": proof.uuid,
            "job": job.uuid,
            "session": job.bench.uuid,
            "bench_key": job.bench.keyid,
            "technique": proof.technique,
            "level": proof.level,
            "commands": facts.commands,
            "prepared": [one.model_dump() for one in facts.prepared],
            "firmware": facts.firmware.model_dump() if facts.firmware else None,
            "areas": [one.model_dump() for one in facts.areas] if facts.areas is not None else None,
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
            "smart_before": lifetime(facts.smart_before),
            "smart_after": lifetime(facts.smart_after),
            "smart_before_sha256": _hash(facts.smart_before),
            "smart_after_sha256": _hash(facts.smart_after),
            "report_sha256": hashlib.sha256(zlib.decompress(kept.body)).hexdigest(),
            "verdict": proof.verdict,
            "reasons": proof.reasons.split(),
            "offline": proof.offline,
            "assurance": str(assurance_of(proof, checks, audited=audit is not None)),
            "key_published": b64url(job.key) if publish_key and job.key else None,
        },
        "destination": _DESTINATIONS.get(machine.triage),
        "log": judged_at(session, proof.machine_id, proof.uuid),
        "wiper": _hand(session, proof, proof.wiper_id, "bench.wipe", proof.judged_at),
        "verifier": _verifier(session, proof, good[-1]) if good else None,
        "auditor": _auditor(session, proof, audit) if audit else None,
    }


def destroyed(session: Session, proof: Sanitisation) -> dict[str, Any]:
    """What is known of a destruction: seen by two people, photographed; nothing was erased."""
    drive = proof.drive
    made = destruction_of(session, drive)
    told = json.loads(proof.facts)
    witness = made[0].witness_id if made else None
    return {
        "drive": _drive(session, proof.machine, drive)
        | {"serial_source": "inventory", "firmware": drive.firmware or None, "transport": drive.transport},
        "sanitisation": {
            "uuid": proof.uuid,
            "job": None,
            "session": None,
            "technique": proof.technique,
            "level": proof.level,
            "commands": [],
            "started_at": None,
            "ended_at": instant(proof.judged_at),
            "judged_at": instant(proof.judged_at),
            "bytes_written": 0,
            "bytes_read": 0,
            "mismatches": 0,
            "skipped": [],
            "errors": [],
            "chunk_root": None,
            "raw_status": None,
            "agent": None,
            "image_sha256": None,
            "smart_before_sha256": None,
            "smart_after_sha256": None,
            "verdict": proof.verdict,
            "reasons": [],
            "assurance": proof.assurance,
            "key_published": None,
        },
        "destruction": {"method": told["method"], "cause": told["cause"], "photo_sha256": told["photo"]},
        "destination": "destruction",
        "log": judged_at(session, proof.machine_id, proof.uuid),
        "wiper": _hand(session, proof, proof.wiper_id, "bench.destroy", proof.judged_at),
        "verifier": _hand(session, proof, witness, "bench.witness", proof.judged_at),
        "auditor": None,
    }


def _drive(session: Session, machine: Machine, drive: Drive) -> dict[str, Any]:
    """The drive, with what its machine's last inventory says that it hides."""
    hidden = capabilities_of(drive, last_inventory(session, machine)).hidden
    return {
        "manufacturer": maker_of(drive.model),
        "model": drive.model,
        "serial": drive.serial,
        "wwn": drive.wwn,
        "medium": drive.medium,
        "bytes": drive.bytes,
        "logical_sector": None,
        "physical_sector": None,
        "hidden_areas": {"visible": hidden.visible, "native": hidden.native, "real": hidden.real} if hidden else None,
    }


def _verifier(session: Session, proof: Sanitisation, check: CounterCheck) -> dict[str, Any] | None:
    hand = _hand(session, proof, check.checker_id, "bench.counter-check", check.at)
    return hand and hand | {"sectors": check.sectors, "matched": check.matched}


def _audit(session: Session, proof: Sanitisation) -> Audit | None:
    """The audit by which our agent read all of it."""
    made = select(Audit).where(Audit.sanitisation_id == proof.id, Audit.how == How.AGENT, Audit.matched)
    return session.scalar(made.order_by(Audit.id.desc()).limit(1))


def _auditor(session: Session, proof: Sanitisation, audit: Audit) -> dict[str, Any] | None:
    hand = _hand(session, proof, audit.auditor_id, "bench.audit", audit.at)
    return hand and hand | {"chunks": audit.chunks}


def _hand(
    session: Session, proof: Sanitisation, person_id: int | None, permission: str, at: datetime
) -> dict[str, Any] | None:
    """A person as a certificate names them: a code, a role, when and where; never a name."""
    person = session.get(Person, person_id) if person_id else None
    if person is None:
        return None
    roles = grounds(person, permission, at)
    return {
        "op_code": person.op_code,
        "role": roles[0].role if roles else None,
        "at": instant(at),
        "place": proof.machine.workshop.name,
    }


def _hash(packed: str | None) -> str | None:
    return hashlib.sha256(unpack(packed)).hexdigest() if packed else None
