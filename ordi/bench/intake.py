"""A report arrives: it is kept, then understood as far as it can be, then tied to the machine it speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ordi.bench.looking_back import look_back
from ordi.bench.measuring import measure
from ordi.bench.sessions import BenchSession, hold, leave_report
from ordi.bench.sifting import ours_of, sifted, understand, understood
from ordi.errors import Refused
from ordi.machines import evidence as kept_evidence
from ordi.machines.evidence import Evidence
from ordi.machines.formats.decoding import packed
from ordi.machines.hardware import Hardware
from ordi.machines.identity import How, recognise
from ordi.machines.inventory import take_description, take_inventory
from ordi.machines.journal import bear
from ordi.machines.lifecycle import Action
from ordi.machines.machine import Machine
from ordi.machines.reports import allowed, claimed
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person
from ordi.parties.tokens import ApiToken
from ordi.tags import new_tag


class NobodyAnswers(Refused):
    """A report of a machine never seen, from a token that nobody answers for: no machine is born of it."""

    code = "nobody-answers"


@dataclass(frozen=True)
class Receipt:
    """What became of a report."""

    evidence: Evidence
    machine: Machine | None
    repeated: bool = False


@dataclass(frozen=True)
class Sender:
    """Who left a report: where it was left, who answers for it, and whether it may say which drives are inside."""

    source: str
    workshop: Organisation
    person: Person | None
    bench: bool = False


def receive(
    session: Session,
    envelope: dict[str, Any],
    sent: bytes,
    *,
    sender: BenchSession | ApiToken,
    at: datetime,
) -> Receipt:
    """Take our agent's report from a bench session or a token. What is stored stays, whatever follows.

    A session that nobody adopted yet only leaves its report: it is tied to the machine at adoption (`settle`). The
    session is held meanwhile, as `adopt` holds it: else a report that arrives during its adoption is tied by neither.
    The same uuid with other bytes is another report: it is kept beside, under a uuid of its own.
    """
    if isinstance(sender, BenchSession):
        hold(session, sender, at=at)
    uuid, known = uuid_for(session, envelope["uuid"], sent, source=_source(sender))
    if known:
        return _again(session, known)
    if isinstance(sender, BenchSession):
        leave_report(session, sender, len(sent), at=at)
    is_session = isinstance(sender, BenchSession)
    told = allowed(envelope)
    evidence = kept_evidence.made(
        uuid,
        envelope["format"],
        packed(told),
        sent=sent,
        source=_source(sender),
        at=at,
        test=is_session and bool(envelope.get("test")),
    )
    evidence.collected_at = claimed(envelope.get("collected_at"))
    evidence.tag = str(envelope.get("tag") or "")[:16]
    session.add(evidence)
    hardware = understood(evidence, lambda: ours_of(evidence, told))
    if isinstance(sender, BenchSession):
        evidence.workshop_id = sender.machine.workshop_id if sender.machine else None
        machine = _from_session(session, evidence, hardware, sender, at) if hardware else None
    else:
        evidence.workshop_id = sender.organisation_id
        machine = tie_to_known(session, evidence, hardware, of_token(sender), at) if hardware else None
    session.flush()
    return Receipt(evidence, machine)


def receive_file(
    session: Session, body: bytes, format: str | None, *, sender: Sender, at: datetime, tag: str = ""
) -> Receipt:
    """Take what another tool wrote, of a format in `FORMATS` or of whichever it looks like. Sent twice, it is stored once.

    Only what the format's allow-list names is stored; a file that cannot be read at all is kept as it came, marked with why.
    """
    uuid = kept_evidence.uuid_of(body, sender.workshop.path, format or "", tag)
    known = kept_evidence.known(session, uuid)
    if known:
        return _again(session, known)
    read = sifted(body, format)
    evidence = kept_evidence.made(uuid, read.format, read.kept, sent=body, source=sender.source, at=at)
    evidence.workshop_id, evidence.tag, evidence.reason = sender.workshop.id, tag[:16], read.why
    session.add(evidence)
    machine = tie_to_known(session, evidence, read.hardware, sender, at) if read.hardware else None
    session.flush()
    return Receipt(evidence, machine)


def settle(session: Session, bench: BenchSession, *, at: datetime) -> list[Evidence]:
    """Tie the reports a session left before its adoption to its machine."""
    of_session = Evidence.source == _source(bench)
    if bench.machine is not None:
        mine = update(Evidence).where(of_session, Evidence.workshop_id.is_(None))
        session.execute(mine.values(workshop_id=bench.machine.workshop_id))
    waiting = session.scalars(
        select(Evidence).where(of_session, Evidence.recognised == How.WAITING).order_by(Evidence.id)
    ).all()
    for evidence in waiting:
        hardware = understand(evidence)
        if hardware:
            _from_session(session, evidence, hardware, bench, at)
    return list(waiting)


def waiting_hardware(session: Session, bench: BenchSession) -> Hardware | None:
    """What a session that nobody adopted yet said of the machine it runs in."""
    last = session.scalar(
        select(Evidence).where(Evidence.source == _source(bench)).order_by(Evidence.id.desc()).limit(1)
    )
    return understand(last) if last else None


def tie(
    session: Session,
    machine: Machine,
    evidence: Evidence,
    hardware: Hardware,
    *,
    by: Person | None,
    at: datetime,
    bench: bool = True,
) -> Machine:
    """Write what a report says of its machine. Only our agent's own says which drives are inside (`bench`).

    A machine that cannot be inventoried where it is keeps the report, marked with why.
    """
    inside = bench and evidence.format.startswith("ordi-")
    take = take_inventory if inside else take_description
    if inside:  # first: what it convicts reopens the machine, and the inventory is of that new stay
        look_back(session, machine, evidence, hardware, at=at)
    try:
        take(session, machine, evidence, hardware, by=by, at=at)
        if inside and hardware.fitted is not None:
            measure(session, machine, hardware.fitted, by=by, at=at)
    except Refused as refused:
        evidence.machine_id, evidence.reason = machine.id, refused.code
        session.flush()
    return machine


def born_of(session: Session, workshop: Organisation, *, by: Person, at: datetime) -> Machine:
    """A machine that a report is the first to speak of. Raises `NotAllowed`."""
    return bear(session, Machine(tag=new_tag(), workshop=workshop), Action.ADMIT, by=by, at=at, how="evidence")


def uuid_for(session: Session, uuid: str, sent: bytes, *, source: str) -> tuple[str, Evidence | None]:
    """The uuid to keep a report under, and the report that is stored under it already.

    It is its own, or one of its content when another sender's or other bytes bear that.
    """
    known = kept_evidence.known(session, uuid)
    if known is None or (known.source == source and known.sha256 == kept_evidence.sha256_of(sent)):
        return uuid, known
    own = kept_evidence.uuid_of(sent, source, uuid)
    return own, kept_evidence.known(session, own)


def of_token(token: ApiToken) -> Sender:
    """Who a token speaks for."""
    return Sender(f"token:{token.id}", token.organisation, token.answers, bench=True)


def of_person(person: Person, workshop: Organisation) -> Sender:
    """Somebody who drops a file at a bench page."""
    return Sender(f"person:{person.id}", workshop, person)


def sender_of(session: Session, evidence: Evidence) -> Sender | None:
    """Who left a stored report, as they stand now; nothing for a bench session."""
    kind, _, key = evidence.source.partition(":")
    if kind == "token" and (token := session.get(ApiToken, int(key))):
        return of_token(token)
    workshop = session.get(Organisation, evidence.workshop_id) if evidence.workshop_id else None
    if kind == "person" and workshop and (person := session.get(Person, int(key))):
        return of_person(person, workshop)
    return None


def tie_to_known(
    session: Session, evidence: Evidence, hardware: Hardware, sender: Sender, at: datetime
) -> Machine | None:
    """Find the machine a report speaks of and tie it; a new one is born when somebody answers for it."""
    workshop = sender.workshop
    with session.no_autoflush:  # it is written once, with what became of it
        told = recognise(session, hardware, workshop, tag=evidence.tag or None)
        if told.how == How.NEW and sender.person is not None:
            session.refresh(workshop, with_for_update=True)  # two reports of one new machine at once are one machine
            told = recognise(session, hardware, workshop, tag=evidence.tag or None)
    evidence.recognised, evidence.parsed = told.how, True
    if told.how == How.AMBIGUOUS:
        evidence.reason = told.why
        session.flush()
        return None
    machine = told.machine
    if machine is None:
        try:
            machine = _born_for(session, sender, at)
        except Refused as refused:  # the report stays, for somebody to say which machine it is
            evidence.reason = refused.code
            session.flush()
            return None
    return tie(session, machine, evidence, hardware, by=sender.person, at=at, bench=sender.bench)


def _born_for(session: Session, sender: Sender, at: datetime) -> Machine:
    if sender.person is None:
        raise NobodyAnswers()
    with session.begin_nested():
        return born_of(session, sender.workshop, by=sender.person, at=at)


def _again(session: Session, known: Evidence) -> Receipt:
    return Receipt(known, session.get(Machine, known.machine_id) if known.machine_id else None, repeated=True)


def _from_session(
    session: Session, evidence: Evidence, hardware: Hardware, bench: BenchSession, at: datetime
) -> Machine | None:
    if not bench.adopted(at) or bench.machine is None:
        evidence.recognised, evidence.parsed = How.WAITING, True
        session.flush()
        return None
    evidence.recognised = How.SESSION
    return tie(session, bench.machine.current, evidence, hardware, by=bench.adopter, at=at)


def _source(sender: BenchSession | ApiToken) -> str:
    return f"session:{sender.uuid}" if isinstance(sender, BenchSession) else f"token:{sender.id}"
