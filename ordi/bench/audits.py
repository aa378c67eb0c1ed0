"""The third person's audit of a drawn wipe: the whole drive, read again in a session of their own (TRUST.md step 9).

The drive is read in parts, each a check job over neighbouring chunks, so that any agent that can counter-check can audit. That
session never receives K: the server makes the expected bytes itself, in its own time (`Sums`), and holds no lock meanwhile.
Without our agent, somebody may type what `openssl | cmp` answered: it is kept as a claim, settles the draw, and raises no
assurance; when it says that the drive differs, it is believed.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager

from ordi.bench.certified import annul
from ordi.bench.contradictions import unproven
from ordi.bench.jobs import WipeJob, latest_proof
from ordi.bench.quarantines import quarantine
from ordi.errors import Invalid, Refused
from ordi.machines.audit import Audit, AuditDraw, How
from ordi.machines.drive import CounterCheck, Drive, Sanitisation, Standing
from ordi.machines.journal import lock, record
from ordi.machines.lifecycle import Note
from ordi.machines.machine import Machine
from ordi.parties.access import grounds, require
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person


class NotTheThird(Refused):
    """An audit is made by somebody who neither wiped this drive nor checked it."""

    code = "not-the-third"


class NothingToAudit(Refused):
    """There is no proven wipe of this drive to read again; a demonstration's is never audited."""

    code = "nothing-to-audit"


class NotDrawn(Refused):
    """This drive waits for no audit."""

    code = "not-drawn"


def claim(session: Session, drive: Drive, matched: bool, said: str, *, by: Person, at: datetime) -> Audit:
    """Keep what a third person says that `openssl | cmp` answered about a drawn drive: a claim, believed when it accuses.

    Raises `NotAllowed`, `NothingToAudit`, `NotTheThird`, `NotDrawn`, `Invalid`.
    """
    proof, wipe = auditable(session, drive)
    require(by, "bench.audit", proof.machine.workshop, at=at)
    lock(session, proof.machine)
    if by.id in hands(session, proof, wipe):
        raise NotTheThird()
    return _settle(session, drive, proof, How.CLAIM, matched, said, by, at)


def waive(session: Session, drive: Drive, reason: str, *, by: Person, at: datetime) -> Audit:
    """Give up the audit of a drawn drive, with a reason that stays. Raises `NotAllowed`, `NothingToAudit`, `NotDrawn`, `Invalid`."""
    proof, _ = auditable(session, drive)
    require(by, "bench.waive", proof.machine.workshop, at=at)
    lock(session, proof.machine)
    return _settle(session, drive, proof, How.WAIVED, True, reason, by, at)


def audits_due(session: Session, reader: Person, *, at: datetime) -> list[AuditDraw]:
    """The drawn wipes that wait in a reader's workshops, the oldest first."""
    draws = _of_workshops(reader, at).where(
        AuditDraw.drawn,
        Drive.standing == Standing.SANITISED,
        Drive.generation == Sanitisation.generation,
        ~_settled().exists(),
    )
    return list(session.scalars(draws.order_by(AuditDraw.id)))


def audits_made(session: Session, reader: Person, *, at: datetime, limit: int = 40) -> list[Audit]:
    """The last audits of a reader's workshops, the newest first."""
    rooms = _rooms(reader, at)
    query = (
        select(Audit)
        .join(Audit.sanitisation)
        .join(Machine, Machine.id == Sanitisation.machine_id)
        .join(Drive, Drive.id == Sanitisation.drive_id)
        .where(Machine.workshop_id.in_(rooms))
        .options(
            contains_eager(Audit.sanitisation).contains_eager(Sanitisation.machine),
            contains_eager(Audit.sanitisation).contains_eager(Sanitisation.drive),
        )
        .order_by(Audit.id.desc())
        .limit(limit)
    )
    return list(session.scalars(query))


def drawn_and_due(session: Session, drive: Drive) -> bool:
    """Whether a drive was drawn since its data was last wiped, and nobody has settled it."""
    waits = (
        select(AuditDraw.id)
        .join(Sanitisation, Sanitisation.id == AuditDraw.sanitisation_id)
        .where(
            AuditDraw.drawn,
            Sanitisation.drive_id == drive.id,
            Sanitisation.generation == drive.generation,
            ~_settled().exists(),
        )
    )
    return session.scalar(waits.limit(1)) is not None


def tool_line(key: bytes, size: int) -> str:
    """The one line with which whoever holds the drive reads it without us."""
    return f"openssl enc -aes-256-ctr -K {key.hex()} -iv {'0' * 32} -nosalt -in /dev/zero | cmp -n {size} - /dev/sdX"


def key_for_tool(session: Session, drive: Drive, *, by: Person, at: datetime) -> str:
    """That line for a drawn drive: only a third person is shown it. Raises what `claim` raises."""
    proof, wipe = auditable(session, drive)
    require(by, "bench.audit", proof.machine.workshop, at=at)
    if by.id in hands(session, proof, wipe):
        raise NotTheThird()
    if not drawn_and_due(session, drive):
        raise NotDrawn()
    return tool_line(wipe.key or b"", drive.bytes)


def auditable(session: Session, drive: Drive) -> tuple[Sanitisation, WipeJob]:
    """The proven wipe of a drive and its job. Raises `NothingToAudit`."""
    proof = latest_proof(session, drive)
    if proof is None or drive.standing != Standing.SANITISED or proof.demonstration:
        raise NothingToAudit()
    wipe = session.scalar(select(WipeJob).where(WipeJob.uuid == proof.job_uuid))
    if wipe is None or not wipe.key:
        raise NothingToAudit()
    return proof, wipe


def hands(session: Session, proof: Sanitisation, wipe: WipeJob) -> set[int | None]:
    """Everybody who had this drive in hand before: who wiped it, and who checked it."""
    checkers = session.scalars(select(CounterCheck.checker_id).where(CounterCheck.sanitisation_id == proof.id))
    return {proof.wiper_id, wipe.bench.adopter_id, wipe.prepared_by_id, *checkers} - {None}


def _settle(
    session: Session, drive: Drive, proof: Sanitisation, how: How, matched: bool, said: str, by: Person, at: datetime
) -> Audit:
    told = " ".join(said.split())[:200]
    if not told:
        raise Invalid(field="said", why="missing")
    if not drawn_and_due(session, drive):
        raise NotDrawn()
    return write(session, proof, how, by.id, matched, at, reason=told)


def write(
    session: Session,
    proof: Sanitisation,
    how: How,
    auditor_id: int,
    matched: bool,
    at: datetime,
    *,
    chunks: int = 0,
    differing: int = 0,
    reason: str = "",
) -> Audit:
    """Write an audit down; one that differs closes the gate at once, and opens a quarantine."""
    audit = Audit(
        sanitisation=proof,
        how=how,
        auditor_id=auditor_id,
        matched=matched,
        chunks=chunks,
        differing=differing,
        reason=reason,
        at=at,
    )
    session.add(audit)
    session.flush()
    by = session.get_one(Person, auditor_id)
    if not matched:
        unproven(session, proof.drive, "audit", at=at)
    record(
        session,
        proof.machine,
        Note.AUDITED,
        by=by,
        at=at,
        drive=proof.drive_id,
        how=how,
        matched=matched,
        chunks=chunks,
        differing=differing,
        sanitisation=proof.uuid,
    )
    if not matched:
        annul(session, proof, "audit" if how == How.AGENT else "claim", at=at)
        quarantine(session, proof, "audit" if how == How.AGENT else "claim", at=at)
    return audit


def _settled() -> Select[Audit]:
    """The audits of a drawn wipe, or of a later one of the same drive and generation."""
    later = aliased(Sanitisation)
    return (
        select(Audit)
        .join(later, later.id == Audit.sanitisation_id)
        .where(
            later.drive_id == Sanitisation.drive_id,
            later.generation == Sanitisation.generation,
            later.id >= Sanitisation.id,
        )
        .correlate(Sanitisation)
    )


def _rooms(reader: Person, at: datetime) -> Select[Organisation]:
    beneath = [
        Organisation.path.startswith(held.organisation.path, autoescape=True)
        for held in grounds(reader, "bench.quarantine", at)
    ]
    return select(Organisation.id).where(or_(*beneath) if beneath else Organisation.id.is_(None))  # type: ignore[return-value]


def _of_workshops(reader: Person, at: datetime) -> Select[AuditDraw]:
    return (
        select(AuditDraw)
        .join(AuditDraw.sanitisation)
        .join(Machine, Machine.id == Sanitisation.machine_id)
        .join(Drive, Drive.id == Sanitisation.drive_id)
        .where(AuditDraw.workshop_id.in_(_rooms(reader, at)))
        .options(
            contains_eager(AuditDraw.sanitisation).contains_eager(Sanitisation.machine),
            contains_eager(AuditDraw.sanitisation).contains_eager(Sanitisation.drive),
        )
    )
