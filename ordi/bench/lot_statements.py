"""What became of every drive of a lot, in one signed statement for its donor: wiped, destroyed, taken out, or not proven yet."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from ordi.bench.certified import Certificate, stands
from ordi.bench.counter_checks import assurance_of
from ordi.bench.destruction import DESTROYED
from ordi.bench.makers import maker_of
from ordi.bench.statements import LIMITS
from ordi.bench.verdict import Verdict
from ordi.machines.audit import Audit, How
from ordi.machines.contradiction import belied
from ordi.machines.drive import KEPT_BY_DONOR, CounterCheck, Drive, Removal, Sanitisation, Sighting, seen_now_in
from ordi.machines.journal import instant
from ordi.machines.lots import Lot
from ordi.machines.machine import Machine
from ordi.machines.policy import asked_of_lot
from ordi.parties.organisations import Kind, Organisation
from ordi.signatures import SigningKey, sign

TYP = "ordi-certificate/2"
"""Signed with the certificates' key: /1 speaks of one drive, /2 of a lot."""


def lot_statement(session: Session, lot: Lot, key: SigningKey, *, at: datetime) -> tuple[dict[str, Any], str]:
    """What is known of a lot now, and the same signed. Eight queries, however many machines there are."""
    payload = _payload(session, lot, at)
    return payload, sign(payload, key, TYP)


def _payload(session: Session, lot: Lot, at: datetime) -> dict[str, Any]:
    network = session.scalars(select(Organisation).where(Organisation.kind == Kind.NETWORK).limit(1)).first()
    theirs = select(Machine).where(Machine.lot_id == lot.id, Machine.merged_into_id.is_(None))
    machines = session.scalars(theirs.order_by(Machine.id)).all()
    drives = _drives(session, [machine.id for machine in machines])
    asked = asked_of_lot(session, lot)
    told: list[dict[str, Any]] = [
        {
            "tag": machine.tag,
            "form": machine.form,
            "manufacturer": machine.manufacturer,
            "model": machine.model,
            "serial": machine.serial,
            "state": machine.state,
            "drives": drives.get(machine.id, []),
        }
        for machine in machines
    ]
    counted: dict[str, int] = {}
    for one in (drive for machine in told for drive in machine["drives"]):
        counted[one["became"]] = counted.get(one["became"], 0) + 1
    return {
        "typ": TYP,
        "issued": instant(at),
        "organisation": {"name": network.name if network else "", "siret": network.siret if network else None},
        "workshop": {"name": lot.workshop.name, "commune": lot.workshop.commune},
        "lot": {
            "code": lot.code,
            "donor": lot.donor.name,
            "promised": lot.promised_count,
            "collected_at": instant(lot.collected_at) if lot.collected_at else None,
        },
        "asked": {
            "minimum_level": asked.minimum_level,
            "destroy": asked.destroy,
            "counter_check": asked.counter_check,
            "audit_percent": asked.audit_percent,
        },
        "machines": told,
        "drives": counted,
        "demonstration": any(machine.demonstration for machine in machines),
        "limits": LIMITS,
    }


def _drives(session: Session, machines: list[int]) -> dict[int, list[dict[str, Any]]]:
    """Each drive ever seen in these machines, and what became of it, by machine."""
    seen: dict[tuple[int, int], tuple[Drive, Removal | None]] = {}
    removal: Removal | None
    record = aliased(Machine)
    rows = session.execute(
        select(Machine.id, Drive, Removal)
        .join(record, seen_now_in(record, Machine))
        .join(Sighting, Sighting.machine_id == record.id)
        .join(Drive, Drive.id == Sighting.drive_id)
        .outerjoin(Removal, Removal.sighting_id == Sighting.id)
        .where(Machine.id.in_(machines))
        .order_by(Sighting.id)
    )
    for machine_id, drive, removal in rows.tuples():
        seen[machine_id, drive.id] = (drive, removal)
    ids = {drive_id for _, drive_id in seen}
    proofs: dict[int, Sanitisation] = {}
    good = select(Sanitisation, belied()).where(
        Sanitisation.drive_id.in_(ids), Sanitisation.verdict.in_((Verdict.PASS, DESTROYED))
    )
    for proof, differed in session.execute(good.order_by(Sanitisation.id)):
        if differed:
            proofs.pop(proof.drive_id, None)
        else:
            proofs[proof.drive_id] = proof
    numbers = [proof.id for proof in proofs.values()]
    papers = {
        one.sanitisation_id: one
        for one in session.scalars(select(Certificate).where(Certificate.sanitisation_id.in_(numbers), stands()))
    }
    checks: dict[int, list[CounterCheck]] = {}
    for check in session.scalars(select(CounterCheck).where(CounterCheck.sanitisation_id.in_(numbers))):
        checks.setdefault(check.sanitisation_id, []).append(check)
    read = select(Audit.sanitisation_id).where(
        Audit.sanitisation_id.in_(numbers), Audit.how == How.AGENT, Audit.matched
    )
    audited = set(session.scalars(read))
    found: dict[int, list[dict[str, Any]]] = {}
    for (machine_id, _), (drive, removal) in seen.items():
        last = proofs.get(drive.id)
        paper = papers.get(last.id) if last else None
        found.setdefault(machine_id, []).append(
            {
                "manufacturer": maker_of(drive.model),
                "model": drive.model,
                "serial": drive.serial,
                "medium": drive.medium,
                "bytes": drive.bytes,
                "became": _became(last, removal),
                "removed_at": instant(removal.at) if removal else None,
                "verdict": last.verdict if last else None,
                "level": last.level if last else None,
                "assurance": str(assurance_of(last, checks.get(last.id, []), audited=last.id in audited))
                if last
                else None,
                "judged_at": instant(last.judged_at) if last else None,
                "certificate": {"code": paper.code, "sha256": hashlib.sha256(paper.jws.encode()).hexdigest()}
                if paper
                else None,
            }
        )
    return found


def _became(last: Sanitisation | None, removal: Removal | None) -> str:
    """wiped, destroyed, kept (by its donor), removed (outside, not proven yet) or unproven."""
    if last is not None and last.verdict == DESTROYED:
        return "destroyed"
    if last is not None:
        return "wiped"
    if removal is not None:
        return "kept" if removal.reason == KEPT_BY_DONOR else "removed"
    return "unproven"
