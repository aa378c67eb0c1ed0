"""A report arrives: it is kept, then understood as far as it can be, then tied to the machine it speaks of."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.bench.sessions import BenchSession, hold, leave_report
from ordi.errors import Refused
from ordi.machines import evidence as kept_evidence
from ordi.machines.evidence import Evidence
from ordi.machines.hardware import Hardware, read_hardware
from ordi.machines.identity import How, recognise
from ordi.machines.inventory import take_inventory
from ordi.machines.journal import bear
from ordi.machines.lifecycle import Action
from ordi.machines.machine import Machine
from ordi.machines.reports import BadReport, allowed, read_report
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person
from ordi.parties.tokens import ApiToken
from ordi.tags import new_tag


@dataclass(frozen=True)
class Receipt:
    """What became of a report."""

    evidence: Evidence
    machine: Machine | None
    repeated: bool = False


def receive(
    session: Session,
    envelope: dict[str, Any],
    sent: bytes,
    *,
    sender: BenchSession | ApiToken,
    at: datetime,
) -> Receipt:
    """Take a report from a bench session or a token. What is stored stays, whatever follows.

    A session that nobody adopted yet only leaves its report: it is tied to the machine at adoption (`settle`). The
    session is held meanwhile, as `adopt` holds it: else a report that arrives during its adoption is tied by neither.
    """
    if isinstance(sender, BenchSession):
        hold(session, sender, at=at)
    known = kept_evidence.known(session, envelope["uuid"])
    if known:
        return Receipt(known, session.get(Machine, known.machine_id) if known.machine_id else None, repeated=True)
    if isinstance(sender, BenchSession):
        leave_report(session, sender, len(sent), at=at)
    is_session = isinstance(sender, BenchSession)
    evidence = kept_evidence.keep(
        session,
        envelope["uuid"],
        envelope["format"],
        json.dumps(allowed(envelope), ensure_ascii=False).encode(errors="replace"),
        sent=sent,
        source=_source(sender),
        at=at,
        test=is_session and bool(envelope.get("test")),
    )
    evidence.collected_at = claimed(envelope.get("collected_at"))
    hardware = _understand(session, evidence)
    if hardware is None:
        return Receipt(evidence, None)
    if isinstance(sender, BenchSession):
        return Receipt(evidence, _from_session(session, evidence, hardware, sender, at))
    return Receipt(
        evidence, _from_token(session, evidence, hardware, sender.organisation, sender.answers, envelope.get("tag"), at)
    )


def settle(session: Session, bench: BenchSession, *, at: datetime) -> list[Evidence]:
    """Tie the reports a session left before its adoption to its machine."""
    waiting = session.scalars(
        select(Evidence)
        .where(Evidence.source == _source(bench), Evidence.recognised == How.WAITING)
        .order_by(Evidence.id)
    ).all()
    for evidence in waiting:
        hardware = _understand(session, evidence)
        if hardware:
            _from_session(session, evidence, hardware, bench, at)
    return list(waiting)


def waiting_hardware(session: Session, bench: BenchSession) -> Hardware | None:
    """What a session that nobody adopted yet said of the machine it runs in."""
    last = session.scalar(
        select(Evidence).where(Evidence.source == _source(bench)).order_by(Evidence.id.desc()).limit(1)
    )
    return _understand(session, last) if last else None


def claimed(text: Any) -> datetime | None:
    """A moment as a machine says it, or nothing; a clock in 1970 says what it says."""
    try:
        moment = datetime.fromisoformat(str(text)) if text else None
        return moment.astimezone(UTC) if moment and moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _understand(session: Session, evidence: Evidence) -> Hardware | None:
    """What a stored report says; when it cannot be read it is marked with why, and kept."""
    try:
        report = read_report(json.loads(kept_evidence.content_of(evidence)))
    except BadReport as refused:
        evidence.reason = str(refused.facts.get("why", refused.code))[:80]
        session.flush()
        return None
    evidence.reason = ("unreadable: " + " ".join(report.broken))[:80] if report.broken else ""
    if not report.sources:
        evidence.reason = "empty"
        session.flush()
        return None
    return read_hardware(report)


def _from_session(
    session: Session, evidence: Evidence, hardware: Hardware, bench: BenchSession, at: datetime
) -> Machine | None:
    if not bench.adopted(at) or bench.machine is None:
        evidence.recognised, evidence.parsed = How.WAITING, True
        session.flush()
        return None
    evidence.recognised = How.SESSION
    return _tie(session, bench.machine, evidence, hardware, bench.adopter, at)


def _from_token(
    session: Session,
    evidence: Evidence,
    hardware: Hardware,
    workshop: Organisation,
    person: Person | None,
    tag: str | None,
    at: datetime,
) -> Machine | None:
    evidence.workshop_id = workshop.id
    told = recognise(session, hardware, workshop, tag=tag)
    evidence.recognised, evidence.parsed = told.how, True
    session.flush()
    if told.how == How.AMBIGUOUS:
        return None
    machine = told.machine
    if machine is None and person is None:
        evidence.reason = "nobody-answers"
        session.flush()
        return None
    if machine is None and person is not None:
        machine = bear(
            session, Machine(tag=new_tag(), workshop=workshop), Action.ADMIT, by=person, at=at, how="evidence"
        )
    return machine and _tie(session, machine, evidence, hardware, person, at)


def _tie(
    session: Session, machine: Machine, evidence: Evidence, hardware: Hardware, by: Person | None, at: datetime
) -> Machine:
    try:
        take_inventory(session, machine, evidence, hardware, by=by, at=at)
    except Refused as refused:
        evidence.machine_id, evidence.reason = machine.id, refused.code
        session.flush()
    return machine


def _source(sender: BenchSession | ApiToken) -> str:
    return f"session:{sender.uuid}" if isinstance(sender, BenchSession) else f"token:{sender.id}"
