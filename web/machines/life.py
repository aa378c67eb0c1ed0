"""What the page of a machine shows of its life: the thread of steps, the four lights, its drives with their proofs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ordi.bench.certified import Certificate, stands
from ordi.bench.counter_checks import assurance_of
from ordi.bench.verdict import Assurance
from ordi.machines.audit import Audit, How
from ordi.machines.checks import Check, Result, asked_of, results
from ordi.machines.contradiction import LateContradiction
from ordi.machines.drive import CounterCheck, Drive, DrivelessRecord, Removal, Sanitisation, Sighting, Standing, seen_in
from ordi.machines.evidence import Evidence
from ordi.machines.journal import Event
from ordi.machines.lifecycle import GATED, Action, Note, State
from ordi.machines.machine import Machine

THREAD = (
    State.PROMISED,
    State.COLLECTED,
    State.RECEIVED,
    State.SANITISED,
    State.REINSTALLED,
    State.READY,
    State.ALLOCATED,
    State.HANDED_OVER,
)
_OUT = (State.READY, State.ALLOCATED, State.HANDED_OVER)


@dataclass(frozen=True)
class Knot:
    """One step of the thread."""

    state: str
    at: datetime | None
    past: bool
    current: bool


@dataclass(frozen=True)
class Light:
    """One of the four steps of reconditioning."""

    tone: str
    icon: str
    name: str
    who: int | None = None


@dataclass(frozen=True)
class Proof:
    """One drive the machine holds, and what is proved of it."""

    number: int
    drive: Drive
    last: Sanitisation | None
    certificate: Certificate | None
    checks: tuple[CounterCheck, ...] = ()
    """What other people read since, oldest first."""
    audits: tuple[Audit, ...] = ()
    """What a third person found, oldest first."""
    late: LateContradiction | None = None
    """The number that belies it."""

    @property
    def verdict(self) -> str | None:
        """The last judgement of this generation; none when nobody has tried yet."""
        here = self.last is not None and self.last.generation == self.drive.generation
        return self.last.verdict if self.last is not None and here else None

    @property
    def assurance(self) -> Assurance | None:
        """How sure one may be of it now, with the counter-checks and audits made since."""
        read = any(one.matched and one.how == How.AGENT for one in self.audits)
        return assurance_of(self.last, list(self.checks), audited=read) if self.last is not None else None

    @property
    def contradicted(self) -> bool:
        """A later look differed: what was proved no longer is."""
        before = self.last is not None and self.last.generation == self.drive.generation - 1
        differed = any(one.matched < one.sectors for one in self.checks) or any(not one.matched for one in self.audits)
        return before and (differed or self.late is not None)

    @property
    def in_use(self) -> bool:
        """Proven clean before its last hand-over, and somebody's data is on it again since."""
        before = self.last is not None and self.last.generation == self.drive.generation - 1
        return before and self.last is not None and self.last.verdict == "PASS" and not self.contradicted

    @property
    def tone(self) -> str:
        """Green only when proven."""
        if self.drive.standing == Standing.SANITISED:
            return "ok"
        if self.in_use:
            return "wait"
        if self.drive.standing == Standing.DESTROYED:
            return "wait"
        return "stop" if self.verdict or self.contradicted else "warn"


def thread(machine: Machine, events: Sequence[Event]) -> list[Knot]:
    """The steps of this stay, with when each was reached; a side road ends the line."""
    reached: dict[str, datetime] = {}
    for event in events:
        if event.from_state != event.to_state:
            reached[event.to_state] = event.happened_at
    line: list[State] = list(THREAD)
    here = State(machine.state)
    if here not in THREAD:
        walked = [state for state in THREAD if state in reached]
        line = [*walked, here]
    index = line.index(here)
    return [
        Knot(state, reached.get(state) if n <= index else None, past=n < index, current=n == index)
        for n, state in enumerate(line)
    ]


def lights(session: Session, machine: Machine, events: Sequence[Event], proofs: Sequence[Proof]) -> list[Light]:
    """Cleaning, parts and tests, wipe, reinstall: done, next, or to come."""
    who = _last_by(events)
    out = machine.state in _OUT
    found = results(session, machine)
    asked = asked_of(machine)
    broken = any(found.get(check) == Result.FAILED for check in asked)
    tested = machine.grade is not None and all(found.get(check, Result.FAILED) != Result.FAILED for check in asked)
    wiped = out or machine.state in (State.SANITISED, State.REINSTALLED) or _proven(session, machine, proofs)
    failed = any(proof.tone == "stop" for proof in proofs) and not wiped
    installed = out or machine.state == State.REINSTALLED
    bench = machine.state in (State.RECEIVED, State.SANITISED, State.REINSTALLED)
    cleaned = out or found.get(Check.CLEANING) == Result.GOOD

    def tone(done: bool, wrong: bool = False, now: bool = bench) -> str:
        return "ok" if done else "stop" if wrong else "now" if now else "todo"

    return [
        Light(tone(cleaned), "wash", "cleaning", who.get(Note.CLEANED)),
        Light(tone(out or tested, broken), "part", "parts", who.get(Note.GRADED) or who.get(Note.DIAGNOSED)),
        Light(tone(wiped, failed), "wipe", "wipe", who.get(Note.WIPE_JUDGED)),
        Light(
            tone(installed, now=machine.state == State.SANITISED), "reinstall", "reinstall", who.get(Action.REINSTALL)
        ),
    ]


def proofs_of(session: Session, machine: Machine) -> list[Proof]:
    """Every drive the machine holds, oldest sighting first: six queries, however many there are."""
    ended = select(Removal.sighting_id)
    sightings = session.scalars(
        select(Sighting)
        .where(seen_in(machine), Sighting.id.not_in(ended))
        .options(joinedload(Sighting.drive))
        .order_by(Sighting.id)
    ).all()
    drives = list({sighting.drive_id: sighting.drive for sighting in sightings}.values())
    last: dict[int, Sanitisation] = {}
    for one in session.scalars(
        select(Sanitisation).where(Sanitisation.drive_id.in_([d.id for d in drives])).order_by(Sanitisation.id)
    ):
        last[one.drive_id] = one
    certificates = {
        one.sanitisation_id: one
        for one in session.scalars(
            select(Certificate).where(
                Certificate.sanitisation_id.in_([one.id for one in last.values()]),
                stands(),
            )
        )
    }
    checks: dict[int, list[CounterCheck]] = {}
    for check in session.scalars(
        select(CounterCheck)
        .where(CounterCheck.sanitisation_id.in_([one.id for one in last.values()]))
        .order_by(CounterCheck.id)
    ):
        checks.setdefault(check.sanitisation_id, []).append(check)
    audits: dict[int, list[Audit]] = {}
    for audit in session.scalars(
        select(Audit).where(Audit.sanitisation_id.in_([one.id for one in last.values()])).order_by(Audit.id)
    ):
        audits.setdefault(audit.sanitisation_id, []).append(audit)
    late = {
        one.sanitisation_id: one
        for one in session.scalars(
            select(LateContradiction).where(LateContradiction.sanitisation_id.in_([one.id for one in last.values()]))
        )
    }
    return [
        Proof(n, drive, None, None)
        if drive.id not in last
        else Proof(
            n,
            drive,
            last[drive.id],
            certificates.get(last[drive.id].id),
            tuple(checks.get(last[drive.id].id, ())),
            tuple(audits.get(last[drive.id].id, ())),
            late.get(last[drive.id].id),
        )
        for n, drive in enumerate(drives, start=1)
    ]


def bytes_read(proof: Sanitisation) -> int | None:
    """How much was read back, from what the bench reported."""
    told = json.loads(proof.facts)
    for where in (told.get("read"), told):
        if isinstance(where, dict):
            count = where.get("bytes") if where is not told else where.get("bytes_read")
            if isinstance(count, int):
                return count
    return None


def _proven(session: Session, machine: Machine, proofs: Sequence[Proof]) -> bool:
    if any(proof.drive.standing == Standing.HOLDS_DATA for proof in proofs):
        return False
    seen = select(Evidence.id).where(Evidence.machine_id == machine.id, Evidence.bench, Evidence.stay == machine.stay)
    empty = select(DrivelessRecord.id).where(
        DrivelessRecord.machine_id == machine.id, DrivelessRecord.stay == machine.stay
    )
    return machine.state in GATED or session.scalar(seen.union_all(empty).limit(1)) is not None


def _last_by(events: Sequence[Event]) -> dict[str, int | None]:
    return {event.action: event.person_id for event in events if event.person_id is not None}
