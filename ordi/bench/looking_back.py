"""Looking back at a wipe with what its drive tells today: the counters of its life only grow (TRUST.md step 10).

Who invents a wipe invents its counters, or copies those of another drive: the real ones then tell less, some day. A lower number
convicts as a second look that differs does (`counter_checks.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.bench.certified import annul
from ordi.bench.contradictions import unproven
from ordi.bench.judging import WipeCommit, commit_facts
from ordi.bench.quarantines import quarantine
from ordi.bench.smart import LONGEST_WIPE_H, counters_of, fell, told_by
from ordi.machines.contradiction import FoundBy, LateContradiction
from ordi.machines.drive import Drive, Sanitisation, Standing
from ordi.machines.evidence import Evidence, content_of
from ordi.machines.hardware import DriveFacts, Hardware
from ordi.machines.inventory import gone, holding
from ordi.machines.journal import lock, record
from ordi.machines.lifecycle import Note
from ordi.machines.machine import Machine
from ordi.machines.reports import claimed, read_report


def look_back(
    session: Session, machine: Machine, evidence: Evidence, hardware: Hardware, *, at: datetime
) -> list[LateContradiction]:
    """Compare what a bench inventory reads of each drive with what the drive told at its last proven wipe, wherever that was."""
    serials = _ever_wiped(session, hardware)
    wiped = [
        (facts.name, drive, proof)
        for facts in hardware.drives
        if facts.serial in serials and (drive := _known(session, facts)) and (proof := last_wipe(session, drive))
    ]
    if not wiped:
        return []
    report = read_report(json.loads(content_of(evidence)))
    found = (
        convict(session, machine, proof, counters_of(report.json_of(f"smartctl:{name}"), drive.serial), at=at)
        for name, drive, proof in wiped
        if _read_after(session, evidence, proof)
    )
    return [one for one in found if one is not None]


def _ever_wiped(session: Session, hardware: Hardware) -> set[str | None]:
    """Of the serials a report names, those of drives with a proven wipe: one question, and for most machines the last."""
    named = [facts.serial for facts in hardware.drives if facts.serial]
    if not named:
        return set()
    proven = select(Sanitisation.drive_id).where(Sanitisation.verdict == "PASS", Sanitisation.drive_id == Drive.id)
    return set(session.scalars(select(Drive.serial).where(Drive.serial.in_(named), proven.exists())))


def last_wipe(session: Session, drive: Drive) -> Sanitisation | None:
    """The last wipe of a drive that was judged proven, whatever became of the drive since."""
    proven = select(Sanitisation).where(Sanitisation.drive_id == drive.id, Sanitisation.verdict == "PASS")
    return session.scalar(proven.order_by(Sanitisation.id.desc()).limit(1))


def convict(
    session: Session,
    machine: Machine,
    proof: Sanitisation,
    told: Mapping[str, int],
    *,
    found_by: FoundBy = FoundBy.INVENTORY,
    at: datetime,
) -> LateContradiction | None:
    """Write down the first counter that tells less than at the wipe, if one does, and all that follows of it; once a wipe.

    A drive that is out with somebody holds their data already: what was said of its wipe is belied all the same.
    """
    before = _told_at(session, proof)
    hours = (at - proof.judged_at).total_seconds() / 3600 + LONGEST_WIPE_H
    fallen = next((name for name in before if name in told and fell(name, before[name], told[name], hours)), None)
    if fallen is None:
        return None
    lock(session, machine)
    if session.scalar(select(LateContradiction.id).where(LateContradiction.sanitisation_id == proof.id)) is not None:
        return None
    found = LateContradiction(
        sanitisation=proof,
        machine=machine,
        counter=fallen,
        before=before[fallen],
        told=told[fallen],
        found_by=found_by,
        at=at,
    )
    session.add(found)
    session.flush()
    if proof.drive.standing == Standing.SANITISED:
        unproven(session, proof.drive, "counters", at=at)
    record(
        session,
        machine,
        Note.LATE_CONTRADICTION,
        by=None,
        at=at,
        drive=proof.drive_id,
        counter=fallen,
        before=before[fallen],
        told=told[fallen],
        found_by=str(found_by),
        sanitisation=proof.uuid,
    )
    annul(session, proof, "counters", at=at)
    quarantine(session, proof, "counters", at=at)
    return found


def _known(session: Session, facts: DriveFacts) -> Drive | None:
    """The drive of ours that these facts speak of; one that is gone for good is another that bears its name (inventory.py)."""
    for drive in session.scalars(
        select(Drive).where(Drive.serial == facts.serial, Drive.bytes == facts.bytes).order_by(Drive.id)
    ):
        another = facts.wwn is not None and drive.wwn is not None and drive.wwn != facts.wwn
        if not another and not gone(drive, holding(session, drive)):
            return drive
    return None


def _told_at(session: Session, proof: Sanitisation) -> dict[str, int]:
    """What the drive told around its wipe; what it told last, where it told twice."""
    kept = session.scalar(select(WipeCommit).where(WipeCommit.sanitisation_id == proof.id))
    if kept is None:
        return {}
    facts = commit_facts(kept)
    return told_by(facts.smart_before, proof.drive.serial) | told_by(facts.smart_after, proof.drive.serial)


def _read_after(session: Session, evidence: Evidence, proof: Sanitisation) -> bool:
    """Whether a report was made after a wipe. What may have lain on a stick, or in a file, must say so itself: no doubt convicts."""
    if evidence.received_at <= proof.judged_at:
        return False
    if evidence.source.startswith("session:") and not proof.offline:
        return True
    kept = session.scalar(select(WipeCommit).where(WipeCommit.sanitisation_id == proof.id))
    ended = claimed(commit_facts(kept).ended_at) if kept else None
    return ended is not None and evidence.collected_at is not None and evidence.collected_at > ended
