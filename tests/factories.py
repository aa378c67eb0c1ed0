"""Machines with a possible past: each is walked through the real verbs, an hour a step, up to the hour of the test."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy.orm import Session

from ordi.machines import evidence
from ordi.machines.checks import BenchCheck, Check, Result, asked_of
from ordi.machines.custody import Holder, transfer
from ordi.machines.drive import Drive, Medium, Sanitisation, Sighting, Standing, fill
from ordi.machines.journal import bear, record
from ordi.machines.lifecycle import Action, Note, State
from ordi.machines.machine import Form, Grade, Machine
from ordi.tags import new_tag
from tests.cast import Cast
from tests.ground.clock import NOW

GIB = 1024**3


def a_machine(
    session: Session,
    cast: Cast,
    state: State = State.READY,
    *,
    form: Form = Form.LAPTOP,
    drives: int = 1,
    at: datetime = NOW,
    **details: object,
) -> Machine:
    """A machine of our workshop, given by our donor, that came to `state` by a possible way before `at`."""
    machine = Machine(
        tag=new_tag(),
        workshop=cast.workshop,
        donor=cast.donor,
        form=form,
        manufacturer="Dell",
        model="Latitude 5490",
        serial=f"SN{uuid4().hex[:8].upper()}",
        memory_bytes=8 * GIB,
    )
    for name, value in details.items():
        setattr(machine, name, value)
    steps = WAYS[state]
    hour = at - timedelta(hours=len(steps) + 1)
    bear(session, machine, Action.PROMISE, by=cast.ada, at=hour)
    for step in steps:
        hour += timedelta(hours=1)
        step(session, cast, machine, hour, drives)
    return machine


def a_drive(
    session: Session,
    machine: Machine,
    *,
    at: datetime = NOW,
    medium: Medium = Medium.SSD,
    size: int = 256 * 10**9,
) -> Drive:
    """A drive seen in a machine by a bench inventory; it holds data."""
    kept = evidence.keep(session, str(uuid4()), "ordi-inventory/1", b"{}", source="session:test", at=at)
    kept.machine_id, kept.stay, kept.bench, kept.parsed = machine.id, machine.stay, True, True
    drive = Drive(
        serial=f"D{uuid4().hex[:10].upper()}", model="Crucial MX500", medium=medium, transport="sata", bytes=size
    )
    session.add(drive)
    session.flush()
    session.add(Sighting(machine_id=machine.id, drive_id=drive.id, evidence_id=kept.id, at=at))
    session.flush()
    return drive


def wiped(session: Session, cast: Cast, machine: Machine, drive: Drive, *, at: datetime = NOW) -> Sanitisation:
    """A wipe by Sam that the server judged PASS: the drive is proven clean."""
    judged = Sanitisation(
        uuid=str(uuid4()),
        job_uuid=str(uuid4()),
        machine_id=machine.id,
        drive_id=drive.id,
        generation=drive.generation,
        verdict="PASS",
        technique="overwrite-aes256ctr",
        level="clear",
        assurance="executed",
        wiper_id=cast.sam.id,
        facts="{}",
        judged_at=at,
    )
    session.add(judged)
    session.flush()
    drive.standing = Standing.SANITISED
    session.flush()
    record(session, machine, Note.WIPE_JUDGED, by=cast.sam, at=at, verdict="PASS", drive=drive.id)
    return judged


Step = Callable[[Session, Cast, Machine, datetime, int], None]


def _collected(session: Session, cast: Cast, machine: Machine, at: datetime, _drives: int) -> None:
    record(session, machine, Action.COLLECT, by=cast.theo, at=at)
    transfer(session, machine, Holder.DRIVER, cast.workshop, by=cast.theo, at=at, signature=b"png")


def _received(session: Session, cast: Cast, machine: Machine, at: datetime, _drives: int) -> None:
    record(session, machine, Action.RECEIVE, by=cast.sam, at=at)
    transfer(session, machine, Holder.WORKSHOP, cast.workshop, by=cast.sam, at=at)


def _sanitised(session: Session, cast: Cast, machine: Machine, at: datetime, drives: int) -> None:
    machine.triage = "keep"
    record(session, machine, Note.TRIAGED, by=cast.sam, at=at, decision="keep")
    for _ in range(drives):
        wiped(session, cast, machine, a_drive(session, machine, at=at), at=at)
    record(session, machine, Action.SANITISE, by=None, at=at)


def _reinstalled(session: Session, cast: Cast, machine: Machine, at: datetime, _drives: int) -> None:
    record(session, machine, Action.REINSTALL, by=cast.sam, at=at, profile="bureau")
    machine.profile = "bureau"


def _ready(session: Session, cast: Cast, machine: Machine, at: datetime, _drives: int) -> None:
    checks = (*asked_of(machine), Check.CLEANING)
    session.add_all(
        BenchCheck(machine_id=machine.id, stay=machine.stay, name=check, result=Result.GOOD, by_id=cast.sam.id, at=at)
        for check in checks
    )
    machine.grade = Grade.B
    record(session, machine, Action.RELEASE_TO_STOCK, by=cast.sam, at=at, shelf="A1")
    machine.shelf = "A1"
    session.flush()


def _allocated(session: Session, cast: Cast, machine: Machine, at: datetime, _drives: int) -> None:
    machine.partner = cast.partner
    record(session, machine, Action.ALLOCATE, by=cast.ada, at=at)


def _handed_over(session: Session, cast: Cast, machine: Machine, at: datetime, _drives: int) -> None:
    record(session, machine, Action.HAND_OVER, by=cast.ines, at=at)
    fill(session, machine)
    transfer(session, machine, Holder.HOUSEHOLD, cast.partner, by=cast.ines, at=at, signature=b"png")


def _taken(action: Action, who: str) -> Step:
    def step(session: Session, cast: Cast, machine: Machine, at: datetime, _drives: int) -> None:
        record(session, machine, action, by=getattr(cast, who), at=at)

    return step


_TO_READY: tuple[Step, ...] = (_collected, _received, _sanitised, _reinstalled, _ready)
WAYS: dict[State, tuple[Step, ...]] = {
    State.PROMISED: (),
    State.COLLECTED: _TO_READY[:1],
    State.RECEIVED: _TO_READY[:2],
    State.SANITISED: _TO_READY[:3],
    State.REINSTALLED: _TO_READY[:4],
    State.READY: _TO_READY,
    State.ALLOCATED: (*_TO_READY, _allocated),
    State.HANDED_OVER: (*_TO_READY, _allocated, _handed_over),
    State.DISMANTLED: (*_TO_READY[:3], _taken(Action.DISMANTLE, "sam")),
    State.RECYCLED: (*_TO_READY[:3], _taken(Action.DISMANTLE, "sam"), _taken(Action.RECYCLE, "lou")),
    State.CANCELLED: (_taken(Action.CANCEL, "ada"),),
    State.REFUSED: (*_TO_READY[:2], _taken(Action.REFUSE, "sam")),
    State.LOST: (*_TO_READY[:2], _taken(Action.LOSE, "lou")),
}
"""How a machine comes to each state."""
