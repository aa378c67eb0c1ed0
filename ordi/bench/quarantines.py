"""A re-check that fails throws doubt on more than one drive: its lot, and what the same technician wiped, stay until looked at."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from ordi.errors import Invalid, Refused
from ordi.machines.audit import Audit, How
from ordi.machines.drive import CounterCheck, Drive, Removal, Sanitisation, Sighting, Standing, seen_now_in
from ordi.machines.journal import record
from ordi.machines.lifecycle import Note, State
from ordi.machines.machine import Machine
from ordi.machines.quarantine import Quarantine, holds
from ordi.parties.access import grounds, require
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person

HERE = (
    State.COLLECTED,
    State.RECEIVED,
    State.SANITISED,
    State.REINSTALLED,
    State.READY,
    State.ALLOCATED,
    State.DISMANTLED,
)
"""Where a machine can still be held: what is out, or gone, is beyond reach."""


class StillDoubtful(Refused):
    """Drives that nobody has read or wiped again since: a quarantine is lifted after a re-check, not before."""

    code = "still-doubtful"


class AlreadyLifted(Refused):
    """Somebody lifted it."""

    code = "already-lifted"


def quarantine(session: Session, proof: Sanitisation, found_by: str, *, at: datetime) -> Quarantine:
    """Hold the lot of a drive whose re-check failed, and what its wiper wiped since the first of that month.

    Each machine it holds says so in its history. The same wipe opens one quarantine, however often it fails, and however many
    find it at once: they meet at its drive.
    """
    session.refresh(proof.drive, with_for_update=True)
    known = session.scalar(
        select(Quarantine).where(Quarantine.sanitisation_id == proof.id, Quarantine.lifted_at.is_(None))
    )
    if known is not None:
        return known
    since = proof.judged_at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    opened = Quarantine(
        sanitisation=proof,
        found_by=found_by,
        lot_id=proof.machine.current.lot_id,
        technician_id=proof.wiper_id,
        since=since,
        until=at,
        opened_at=at,
    )
    session.add(opened)
    session.flush()
    for machine in held_by(session, opened):
        record(session, machine, Note.QUARANTINED, by=None, at=at, quarantine=opened.id, sanitisation=proof.uuid)
    return opened


def held_by(session: Session, opened: Quarantine) -> list[Machine]:
    """The machines here that a quarantine holds, in the order of their tags."""
    query = select(Machine).join(Quarantine, holds()).where(Quarantine.id == opened.id, Machine.state.in_(HERE))
    return list(session.scalars(query.order_by(Machine.tag)))


def doubtful(session: Session, opened: Quarantine) -> list[Sighting]:
    """The drives of those machines that nobody has looked at since: neither wiped again, nor read again with success."""
    again, proof, seen = aliased(Sanitisation), aliased(Sanitisation), aliased(Machine)
    looked = or_(
        exists().where(
            CounterCheck.sanitisation_id == proof.id,
            CounterCheck.matched == CounterCheck.sectors,
            CounterCheck.at > opened.opened_at,
        ),
        exists().where(
            Audit.sanitisation_id == proof.id, Audit.how == How.AGENT, Audit.matched, Audit.at > opened.opened_at
        ),
    )
    query = (
        select(Sighting)
        .join(seen, seen.id == Sighting.machine_id)
        .join(Machine, seen_now_in(seen, Machine))
        .join(Quarantine, holds())
        .join(Drive, Drive.id == Sighting.drive_id)
        .where(
            Quarantine.id == opened.id,
            Machine.state.in_(HERE),
            Drive.standing == Standing.SANITISED,
            ~exists().where(Removal.sighting_id == Sighting.id),
            ~exists().where(
                again.drive_id == Drive.id,
                again.generation == Drive.generation,
                again.verdict == "PASS",
                again.judged_at > opened.opened_at,
            ),
            ~exists().where(
                proof.drive_id == Drive.id, proof.generation == Drive.generation, proof.verdict == "PASS", looked
            ),
        )
        .options(joinedload(Sighting.drive), joinedload(Sighting.machine))
        .order_by(Sighting.id)
    )
    return list(session.scalars(query))


def lift(session: Session, opened: Quarantine, reason: str, *, by: Person, at: datetime) -> None:
    """Let what it holds go on, with a reason, once every drive was looked at again.

    Raises `NotAllowed`, `AlreadyLifted`, `Invalid`, `StillDoubtful`.
    """
    require(by, "bench.lift", opened.sanitisation.machine.workshop, at=at)
    session.refresh(opened, with_for_update=True)
    if opened.lifted_at is not None:
        raise AlreadyLifted()
    why = " ".join(reason.split())[:200]
    if not why:
        raise Invalid(field="reason", why="missing")
    left = doubtful(session, opened)
    if left:
        raise StillDoubtful(count=len(left), tags=sorted({one.machine.current.tag for one in left}))
    held = held_by(session, opened)
    opened.lifted_at, opened.lifted_by_id, opened.reason = at, by.id, why
    session.flush()
    for machine in held:
        record(session, machine, Note.RELEASED, by=by, at=at, quarantine=opened.id)


def quarantines_seen_by(reader: Person, *, at: datetime) -> Select[Quarantine]:
    """The quarantines a reader may see: those of wipes made in their workshops."""
    beneath = [
        Organisation.path.startswith(held.organisation.path, autoescape=True)
        for held in grounds(reader, "bench.quarantine", at)
    ]
    rooms = select(Organisation.id).where(or_(*beneath) if beneath else Organisation.id.is_(None))
    made = select(Sanitisation.id).join(Machine, Machine.id == Sanitisation.machine_id)
    return select(Quarantine).where(Quarantine.sanitisation_id.in_(made.where(Machine.workshop_id.in_(rooms))))
