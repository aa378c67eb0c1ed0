"""A log with a proven wipe in it, and its certificate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ordi.bench.certificates import Certificate, issue
from ordi.keys import KeyRing
from ordi.log.heads import LogHead
from ordi.log.sealing import seal
from ordi.log.sidecars import Statement
from ordi.machines.drive import Medium
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from tests.bench.benches import wipe
from tests.cast import Cast
from tests.factories import a_drive, a_machine

SIZE = 256 * 1024


@dataclass
class Proved:
    """A machine whose drive was wiped and certified."""

    machine: Machine
    certificate: Certificate

    @property
    def statement(self) -> Statement:
        """Its certificate as the log must know it."""
        return Statement.of(self.certificate.jws, self.certificate.payload)


def proved(session: Session, cast: Cast, ring: KeyRing, at: datetime) -> Proved:
    """An honest wipe by Sam, and its certificate; nothing is sealed yet."""
    machine = a_machine(session, cast, State.RECEIVED, triage="keep")
    drive = a_drive(session, machine, medium=Medium.HDD, size=SIZE)
    outcome = wipe(session, machine, drive, by=cast.sam, at=at)
    assert outcome.proof
    made = issue(session, outcome.proof, ring.signing("certificate", at), at=at + timedelta(seconds=1))
    return Proved(machine, made)


def sealed(session: Session, ring: KeyRing, at: datetime) -> LogHead:
    """Seal what waits."""
    head = seal(session, ring.signing("log", at), at=at)
    assert head
    return head
