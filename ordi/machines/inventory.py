"""Taking a bench inventory: the report is kept, understood, and its drives are sighted in the machine it speaks of."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from ordi.errors import Refused
from ordi.machines.drive import KEPT_BY_DONOR, Drive, Removal, Sighting, Standing, open_sightings
from ordi.machines.evidence import Evidence
from ordi.machines.gate import inventoried
from ordi.machines.hardware import DriveFacts, Hardware
from ordi.machines.journal import Event, lock, record
from ordi.machines.lifecycle import NEW_STAY, STEPS, Action, Note, State
from ordi.machines.machine import Form, Machine
from ordi.parties.people import Person


class OutOfBench(Refused):
    """A machine that is promised, out with somebody, or gone is not inventoried at a bench: receive it first."""

    code = "out-of-bench"


AT_BENCH = frozenset(
    {State.RECEIVED, State.SANITISED, State.REINSTALLED, State.READY, State.ALLOCATED, State.DISMANTLED}
)


def take_inventory(
    session: Session, machine: Machine, evidence: Evidence, hardware: Hardware, *, by: Person | None, at: datetime
) -> list[Sighting]:
    """Write what `hardware` says of `machine`, sight its drives, and return the new sightings.

    A drive not seen before in it (or whose removal was recorded) reopens a machine that was further on. Once dismantled, a
    machine is only described. What is inside counts as known when each drive names itself: drives without a serial, two that
    tell the same, or none at all (a controller hides them, nobody has looked) are for two people to see. Raises `OutOfBench`.
    """
    lock(session, machine)
    if machine.state not in AT_BENCH:
        raise OutOfBench(tag=machine.tag, state=machine.state)
    drives = [(facts, _drive(session, facts, machine, at=at)) for facts in hardware.drives if facts.serial]
    inside = {sighting.drive_id for sighting in open_sightings(session, machine)}
    named = {drive.id: drive for _, drive in drives}
    strangers = [drive for drive in named.values() if drive.id not in inside]
    if strangers and machine.state in STEPS[Action.REOPEN].sources:
        record(session, machine, Action.REOPEN, by=None, at=at, because="drive_sighted")
    describe(machine, hardware)
    evidence.machine_id, evidence.parsed = machine.id, True
    if hardware.drives_known and 0 < len(named) == len(hardware.drives):
        evidence.bench, evidence.stay = True, machine.stay
    session.flush()
    record(
        session,
        machine,
        Note.INVENTORIED,
        by=by,
        at=at,
        happened_at=evidence.collected_at,
        evidence=evidence.uuid,
        drives=len(hardware.drives),
        unnamed=len(hardware.drives) - len(named),
        sha256=evidence.sha256,
        test=evidence.test or None,
    )
    return [_sight(session, machine, drive, evidence, by=by, at=at) for drive in strangers]


DESCRIBABLE = AT_BENCH | {State.PROMISED, State.COLLECTED}
"""Where a file may say what a machine is: a donor's own inventory comes before the machine does."""


def take_description(
    session: Session, machine: Machine, evidence: Evidence, hardware: Hardware, *, by: Person | None, at: datetime
) -> None:
    """Write what another tool's file says of `machine`. It sights no drive: sizes are rounded there, and its hour is unknown.

    When it names a drive that nobody saw in a machine already inventoried, somebody must look: the machine is put aside, as
    after a swap reported from the field. Raises `OutOfBench`.
    """
    if machine.state not in DESCRIBABLE:
        raise OutOfBench(tag=machine.tag, state=machine.state)
    lock(session, machine)
    inside = {_folded(sighting.drive.serial) for sighting in open_sightings(session, machine)}
    strangers = {_folded(one.serial) for one in hardware.drives if one.serial} - inside
    doubtful = bool(strangers) and machine.state in LOOKED_INTO and inventoried(session, machine)
    describe(machine, hardware)
    evidence.machine_id, evidence.parsed, evidence.stay = machine.id, True, machine.stay
    session.flush()
    record(
        session,
        machine,
        Note.DESCRIBED,
        by=by,
        at=at,
        evidence=evidence.uuid,
        format=evidence.format,
        sha256=evidence.sha256,
        drives=len(hardware.drives),
        strangers=len(strangers) or None,
    )
    if doubtful and not machine.held_for:
        machine.held_for = "second"
        session.flush()
        record(session, machine, Note.PUT_ASIDE, by=None, at=at, held_for="second", because="drive_named")


def of_this_stay(session: Session, machine: Machine, evidence: Evidence) -> bool:
    """Whether a report came since the machine's present stay at the bench began: an older one says nothing of what is inside."""
    afresh = (Action.ADMIT, Action.RECEIVE, *sorted(NEW_STAY))
    began = select(func.max(Event.recorded_at)).where(Event.machine_id == machine.id, Event.action.in_(afresh))
    since = session.scalar(began)
    return since is None or evidence.received_at >= since


LOOKED_INTO = frozenset({State.RECEIVED, State.SANITISED, State.REINSTALLED, State.READY, State.ALLOCATED})


def _folded(serial: str) -> str:
    """A serial as tools agree on it: without spaces, dashes or case."""
    return "".join(char for char in serial.casefold() if char.isalnum())


def _sight(
    session: Session, machine: Machine, drive: Drive, evidence: Evidence, *, by: Person | None, at: datetime
) -> Sighting:
    for other in holding(session, drive):
        if other.state in STEPS[Action.REOPEN].sources:
            record(session, other, Action.REOPEN, by=None, at=at, because="drive_elsewhere")
        record(session, other, Note.DRIVE_ELSEWHERE, by=None, at=at, drive=drive.id)
    lapsed = drive.standing == Standing.SANITISED and not _brought(session, drive)
    if lapsed:  # nobody knows where it was meanwhile
        drive.standing = Standing.HOLDS_DATA
        drive.generation += 1
    sighting = Sighting(machine=machine, drive=drive, evidence_id=evidence.id, at=at)
    session.add(sighting)
    record(
        session,
        machine,
        Note.DRIVE_SIGHTED,
        by=by,
        at=at,
        drive=drive.id,
        bytes=drive.bytes,
        medium=drive.medium,
        lapsed=lapsed or None,
    )
    return sighting


def reveal(session: Session, machine: Machine, drive: Drive, *, at: datetime) -> None:
    """A drive shows what somebody agreed to have shown of it: it is the same drive, larger. Its machine and itself are held."""
    if drive.whole_bytes is None or drive.bytes == drive.whole_bytes:
        return
    before, drive.bytes = drive.bytes, drive.whole_bytes
    session.flush()
    record(session, machine, Note.AREA_REVEALED, by=None, at=at, drive=drive.id, before=before, bytes=drive.bytes)


def _drive(session: Session, facts: DriveFacts, machine: Machine, *, at: datetime) -> Drive:
    """The drive these facts speak of: same serial, size and, where both say one, WWN. Another is another drive.

    So is what tells the name of a drive that was destroyed, or that left with a recycled machine: it is born anew, unproven.
    """
    grown = and_(Drive.whole_bytes == facts.bytes, Drive.standing == Standing.HOLDS_DATA)
    for known in session.scalars(
        select(Drive).where(Drive.serial == facts.serial, or_(Drive.bytes == facts.bytes, grown)).order_by(Drive.id)
    ):
        if facts.wwn is not None and known.wwn is not None and known.wwn != facts.wwn:
            continue
        if not gone(known, _hold(session, known)):
            known.wwn = known.wwn or facts.wwn
            known.firmware = facts.firmware or known.firmware
            if known.bytes != facts.bytes:
                reveal(session, machine, known, at=at)
            return known
    drive = Drive(
        serial=facts.serial,
        wwn=facts.wwn,
        model=facts.model,
        firmware=facts.firmware,
        medium=facts.medium,
        transport=facts.transport,
        bytes=facts.bytes,
        demonstration=machine.demonstration,
    )
    session.add(drive)
    session.flush()
    return drive


def _hold(session: Session, drive: Drive) -> list[Machine]:
    """Hold a drive with the machines it counts in, machines first as everywhere: what is decided of it meanwhile waits."""
    machines = holding(session, drive)
    for machine in machines:
        lock(session, machine)
    session.refresh(drive, with_for_update=True)
    return machines


def holding(session: Session, drive: Drive) -> list[Machine]:
    """The machines that count this drive as theirs: seen in them, and no removal recorded."""
    found = session.scalars(
        select(Machine)
        .join(Sighting, Sighting.machine_id == Machine.id)
        .where(Sighting.drive_id == drive.id, Sighting.id.not_in(select(Removal.sighting_id)))
        .order_by(Machine.id)
    )
    return list(dict.fromkeys(machine.current for machine in found))


def gone(drive: Drive, machines: list[Machine]) -> bool:
    """Whether a drive is destroyed, or left for good with one of these machines: its name may be told by another."""
    return drive.standing == Standing.DESTROYED or any(machine.state == State.RECYCLED for machine in machines)


def _brought(session: Session, drive: Drive) -> bool:
    """Whether two people took it out where it was seen last, and it stayed ours: then its way is on record."""
    last = select(Sighting.id).where(Sighting.drive_id == drive.id).order_by(Sighting.id.desc()).limit(1)
    taken = select(Removal.id).where(Removal.sighting_id == last.scalar_subquery(), Removal.reason != KEPT_BY_DONOR)
    return session.scalar(taken) is not None


def describe(machine: Machine, hardware: Hardware) -> None:
    """Write what a report says of the computer itself; what it leaves out stays as it was known."""
    machine.describe(
        manufacturer=hardware.manufacturer,
        model=hardware.model,
        serial=hardware.serial,
        system_uuid=hardware.system_uuid,
        processor=hardware.processor,
        memory_bytes=hardware.memory_bytes,
        form=hardware.form if hardware.form != Form.UNKNOWN else None,
    )
