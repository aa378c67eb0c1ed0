"""Reports without a machine: more than one could be theirs, nobody answers for a new one, or nothing can be read. A person decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from ordi.bench.intake import born_of, tie
from ordi.bench.sifting import understand
from ordi.errors import Refused
from ordi.machines.evidence import Evidence
from ordi.machines.hardware import Hardware
from ordi.machines.identity import How, candidates
from ordi.machines.inventory import of_this_stay
from ordi.machines.machine import Machine
from ordi.parties.access import require
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person

_Row = TypeVar("_Row")
SHOWN = 60
FRESH = timedelta(hours=24)
"""How old a report may be and still say what is inside a machine that is born of it."""


class AlreadyDecided(Refused):
    """Somebody has said which machine this report speaks of, or put it aside."""

    code = "already-decided"


class NothingReadable(Refused):
    """Nothing in it says what a machine is: it can be read again later, or put aside."""

    code = "nothing-readable"


@dataclass(frozen=True)
class Doubt:
    """A report, what it says, and the machines it could speak of."""

    evidence: Evidence
    hardware: Hardware | None
    machines: Sequence[Machine]


def waiting(session: Session, workshops: Sequence[Organisation]) -> list[Evidence]:
    """The reports of these workshops that wait for a person, longest first."""
    return list(session.scalars(_waiting(select(Evidence), workshops).order_by(Evidence.id).limit(SHOWN)))


def waiting_count(session: Session, workshops: Sequence[Organisation]) -> int:
    """How many there are."""
    return session.scalar(_waiting(select(func.count(Evidence.id)), workshops)) or 0


def doubt(session: Session, evidence: Evidence) -> Doubt:
    """What a report says and could speak of. Every machine is named: whoever shows them leaves out those of others."""
    hardware = understand(evidence)
    return Doubt(evidence, hardware, candidates(session, hardware, evidence.tag) if hardware else [])


def say_which(session: Session, evidence: Evidence, machine: Machine, *, by: Person, at: datetime) -> Machine:
    """It is this machine. Raises `NotAllowed`, `AlreadyDecided`, `NothingReadable`.

    An inventory that came before the machine's present stay describes it, and says nothing of the drives inside.
    """
    require(by, "bench.intake", machine.workshop, at=at)
    hardware = _open(session, evidence, by, at)
    return _tie(session, machine, evidence, hardware, by=by, at=at, bench=of_this_stay(session, machine, evidence))


def say_new(session: Session, evidence: Evidence, workshop: Organisation, *, by: Person, at: datetime) -> Machine:
    """It is a machine nobody has seen. Raises `NotAllowed`, `AlreadyDecided`, `NothingReadable`."""
    hardware = _open(session, evidence, by, at)
    machine = born_of(session, workshop, by=by, at=at)
    return _tie(session, machine, evidence, hardware, by=by, at=at, bench=at - evidence.received_at <= FRESH)


def set_aside(session: Session, evidence: Evidence, *, by: Person, at: datetime) -> None:
    """Nothing to do with it: it stays kept, and no longer waits. Raises `NotAllowed`, `AlreadyDecided`."""
    _hold(session, evidence, by, at)
    evidence.decided_by_id, evidence.decided_at = by.id, at
    session.flush()


def _tie(
    session: Session, machine: Machine, evidence: Evidence, hardware: Hardware, *, by: Person, at: datetime, bench: bool
) -> Machine:
    evidence.recognised, evidence.reason = How.PERSON, ""
    evidence.decided_by_id, evidence.decided_at = by.id, at
    return tie(
        session, machine, evidence, hardware, by=by, at=at, bench=bench and not evidence.source.startswith("person:")
    )


def _open(session: Session, evidence: Evidence, by: Person, at: datetime) -> Hardware:
    _hold(session, evidence, by, at)
    hardware = understand(evidence)
    if hardware is None:
        raise NothingReadable()
    return hardware


def _hold(session: Session, evidence: Evidence, by: Person, at: datetime) -> None:
    session.refresh(evidence, with_for_update=True)
    require(by, "bench.intake", session.get(Organisation, evidence.workshop_id or 0), at=at)
    if evidence.machine_id is not None or evidence.decided_at is not None:
        raise AlreadyDecided()


def _waiting(query: Select[_Row], workshops: Sequence[Organisation]) -> Select[_Row]:
    return query.where(
        Evidence.workshop_id.in_([room.id for room in workshops]),
        Evidence.machine_id.is_(None),
        Evidence.decided_at.is_(None),
        Evidence.recognised != How.WAITING,
    )
