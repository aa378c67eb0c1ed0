"""Any action, any role, any order, two sessions at once: nothing leaves with data on it.

What is true of each drive is kept here, apart from the database: a wipe that went well empties it, a hand-over fills it. After every
step, whatever was tried, no machine stands past the gate with a drive that this other book says is full.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from ordi.database import make_engine, make_sessions
from ordi.errors import Refused
from ordi.machines import evidence
from ordi.machines.checks import BenchCheck, Check, Result, asked_of
from ordi.machines.drive import Drive, Sighting, Standing, fill, open_sightings
from ordi.machines.hardware import DriveFacts, Hardware
from ordi.machines.inventory import take_inventory
from ordi.machines.journal import bear, record, verify
from ordi.machines.lifecycle import GATED, Action, Note, State
from ordi.machines.machine import Form, Grade, Machine
from ordi.parties.people import Person
from ordi.tags import new_tag
from tests.bench.benches import wipe
from tests.cast import PARTS, Cast, assemble
from tests.ground.clock import NOW
from tests.ground.databases import Databases

PEOPLE = sorted(PARTS)
MOVES = [action for action in Action if action not in (Action.PROMISE, Action.ADMIT)]


class AnyOrder(RuleBasedStateMachine):
    """Two sessions on one database, a few machines, everybody."""

    new_database: Callable[[], str]
    reached: ClassVar[set[str]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.engine = make_engine(type(self).new_database())
        sessions = make_sessions(self.engine)
        self.sessions: list[Session] = [sessions(), sessions()]
        self.full: dict[int, bool] = {}
        self.clock = NOW

    def teardown(self) -> None:
        for session in self.sessions:
            session.close()
        self.engine.dispose()

    @initialize()
    def begin(self) -> None:
        first = self.sessions[0]
        cast: Cast = assemble(first, NOW)
        self.ids = {name: getattr(cast, name).id for name in PEOPLE}
        self.partner_id = cast.partner.id
        self.tags = [new_tag() for _ in range(2)]
        for tag in self.tags:
            machine = Machine(tag=tag, workshop=cast.workshop, donor=cast.donor, form=Form.DESKTOP)
            bear(first, machine, Action.PROMISE, by=cast.ada, at=NOW)
        first.commit()

    def at(self) -> Any:
        self.clock += timedelta(minutes=1)
        return self.clock

    def person(self, session: Session, name: str) -> Any:
        return session.get_one(Person, self.ids[name])

    def machine(self, session: Session, which: int) -> Machine:
        return session.scalars(select(Machine).where(Machine.tag == self.tags[which])).one()

    def attempt(self, session: Session, act: Callable[[], Any]) -> bool:
        try:
            act()
            session.commit()
            return True
        except (Refused, IntegrityError, StaleDataError):
            session.rollback()
            return False

    places = st.tuples(st.integers(0, 1), st.integers(0, 1))

    @rule(place=places, action=st.sampled_from(MOVES), who=st.sampled_from(PEOPLE))
    def move(self, place: tuple[int, int], action: Action, who: str) -> None:
        session, machine = self._pick(place)
        before = [s.drive_id for s in open_sightings(session, machine)]
        if action == Action.ALLOCATE:
            machine.partner_id = self.partner_id

        def act() -> None:
            record(session, machine, action, by=self.person(session, who), at=self.at())
            if action == Action.HAND_OVER:
                fill(session, machine)

        if self.attempt(session, act) and action == Action.HAND_OVER:
            assert not any(self.full[drive] for drive in before)
            self.full.update(dict.fromkeys(before, True))

    @rule(place=places, far=st.integers(1, 9))
    def the_usual_way(self, place: tuple[int, int], far: int) -> None:
        """What usually happens, as far as it goes, so that late states are reached and left again."""
        ways: list[Callable[[], Any]] = [
            lambda: self.move(place, Action.RECEIVE, "sam"),
            lambda: self.look_inside(place, known=True),
            lambda: self.test_and_clean(place),
            lambda: self.wipe_everything(place, honest=True),
            lambda: self.move(place, Action.REINSTALL, "sam"),
            lambda: self.move(place, Action.RELEASE_TO_STOCK, "lou"),
            lambda: self.move(place, Action.ALLOCATE, "ada"),
            lambda: self.move(place, Action.HAND_OVER, "ines"),
            lambda: self.move(place, Action.TAKE_BACK, "sam"),
        ]
        for way in ways[:far]:
            way()

    @rule(place=places, known=st.booleans())
    def look_inside(self, place: tuple[int, int], known: bool) -> None:
        session, machine = self._pick(place)
        drives = [self._facts(s.drive) for s in open_sightings(session, machine)]
        if not known or not drives:
            drives.append(DriveFacts(name="sdz", serial=f"S{uuid4().hex[:8].upper()}", bytes=65536))

        def act() -> None:
            kept = evidence.keep(session, str(uuid4()), "ordi-inventory/1", b"{}", source="session:test", at=self.at())
            told = Hardware(drives=tuple(drives), drives_known=True)
            take_inventory(session, machine, kept, told, by=self.person(session, "sam"), at=self.at())

        self.attempt(session, act)
        for (drive,) in session.execute(select(Drive.id)):
            self.full.setdefault(drive, True)

    @rule(place=places, honest=st.booleans())
    def wipe_everything(self, place: tuple[int, int], honest: bool) -> None:
        session, machine = self._pick(place)
        for sighting in open_sightings(session, machine):
            told = {} if honest else {"read__mismatches": 1}
            drive = sighting.drive

            def act(drive: Drive = drive, told: dict[str, Any] = told) -> None:
                outcome = wipe(session, machine, drive, by=self.person(session, "sam"), at=self.at(), **told)
                assert outcome.judgement
                assert (outcome.judgement.verdict == "PASS") == honest

            if self.attempt(session, act) and honest:
                self.full[drive.id] = False

    @rule(place=places)
    def test_and_clean(self, place: tuple[int, int]) -> None:
        session, machine = self._pick(place)

        def act() -> None:
            machine.grade, machine.triage = Grade.B, "keep"
            for name in (*asked_of(machine), Check.CLEANING):
                session.add(
                    BenchCheck(
                        machine_id=machine.id,
                        stay=machine.stay,
                        name=name,
                        result=Result.GOOD,
                        by_id=self.ids["sam"],
                        at=self.at(),
                    )
                )
            record(session, machine, Note.DIAGNOSED, by=self.person(session, "sam"), at=self.at())

        self.attempt(session, act)

    @rule(place=places, state=st.sampled_from(list(State)))
    def force_the_state(self, place: tuple[int, int], state: State) -> None:
        session, machine = self._pick(place)
        was = machine.state
        statement = text("UPDATE machines SET state = :state WHERE id = :id")
        moved = self.attempt(session, lambda: session.execute(statement, {"state": state, "id": machine.id}))
        assert not moved or was == state

    @rule(place=places)
    def force_the_standing(self, place: tuple[int, int]) -> None:
        session, machine = self._pick(place)
        for sighting in open_sightings(session, machine):
            if self.full[sighting.drive_id]:
                statement = text("UPDATE drives SET standing = 'sanitised' WHERE id = :id")
                assert not self.attempt(session, lambda s=statement, d=sighting.drive_id: session.execute(s, {"id": d}))  # type: ignore[misc]

    @invariant()
    def nothing_leaves_with_data_on_it(self) -> None:
        if not hasattr(self, "ids"):
            return
        for other in self.sessions:
            other.commit()
        session = self.sessions[0]
        held = session.execute(
            select(Machine.state, Sighting.drive_id, Drive.standing)
            .join(Sighting, Sighting.machine_id == Machine.id)
            .join(Drive)
            .where(Machine.state.in_(GATED))
        ).all()
        for state, drive, standing in held:
            assert (standing == Standing.HOLDS_DATA) == self.full[drive]
            assert state == State.HANDED_OVER or not self.full[drive]
        self.reached.update(state for state, _, _ in held)
        looked_into = {machine for (machine,) in session.execute(select(Sighting.machine_id))}
        out = session.execute(select(Machine.id).where(Machine.state.in_(GATED))).scalars()
        assert set(out) <= looked_into
        session.expire_all()
        assert list(verify(session)) == []
        session.commit()

    def _pick(self, place: tuple[int, int]) -> tuple[Session, Machine]:
        for session in self.sessions:
            session.commit()  # what it read stays as it was: the next act may be on a page long out of date
        return self.sessions[place[0]], self.machine(self.sessions[place[0]], place[1])

    @staticmethod
    def _facts(drive: Drive) -> DriveFacts:
        return DriveFacts(name="sda", serial=drive.serial, bytes=drive.bytes)


@pytest.mark.parametrize("steps", [40])
def test_nothing_leaves_with_data_on_it(databases: Databases, steps: int) -> None:
    AnyOrder.new_database = staticmethod(databases.copy)
    run_state_machine_as_test(
        AnyOrder,
        settings=settings(
            max_examples=12,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        ),
    )
    assert AnyOrder.reached >= {State.READY, State.ALLOCATED, State.HANDED_OVER}
