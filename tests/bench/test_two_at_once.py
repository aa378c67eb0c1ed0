"""Two people, two connections, the same second: one of them wins, and nothing leaves with data on it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ordi.bench.counter_checks import order_check
from ordi.bench.intake import receive, settle
from ordi.bench.jobs import WipeJob, order_wipe
from ordi.bench.judging import WipeCommit, answer, give_up
from ordi.bench.losses import find
from ordi.bench.sessions import BenchSession, adopt
from ordi.database import make_engine, make_sessions
from ordi.errors import Refused
from ordi.machines import evidence
from ordi.machines.drive import CounterCheck, Drive, Medium, Sanitisation, Standing, fill, open_sightings
from ordi.machines.hardware import DriveFacts, Hardware
from ordi.machines.inventory import take_inventory
from ordi.machines.journal import record, verify
from ordi.machines.lifecycle import GATED, Action, State
from ordi.machines.machine import Machine
from ordi.parties.people import Person
from tests.bench.benches import Bench, honest, overwritten, read_at, report, send
from tests.cast import Cast, assemble
from tests.factories import WAYS, a_drive, a_machine
from tests.ground.clock import NOW
from tests.web.test_api import disks, dmi, inventory

Act = Callable[[Session], object]


class Room:
    """A database that two connections share, and one machine in it."""

    def __init__(self, url: str) -> None:
        self.engine = make_engine(url)
        self.sessions = make_sessions(self.engine)

    def prepare(self, state: State) -> tuple[Session, Cast, Machine, Drive]:
        session = self.sessions()
        cast = assemble(session, NOW)
        machine = a_machine(session, cast, State.RECEIVED, triage="keep")
        drive = a_drive(session, machine, medium=Medium.HDD, size=256 * 1024)
        bench = Bench(session, NOW).adopted(machine, cast.sam)
        self.wipe = order_wipe(session, bench, drive, by=cast.sam, at=NOW).uuid
        self.machine_id, self.drive_id = machine.id, drive.id
        if state != State.RECEIVED:
            job = self._job(session)
            outcome = send(session, report(job), bench=bench, at=NOW)
            assert outcome.challenge
            answer(session, bench, job.uuid, honest(job, outcome.challenge), at=NOW)
            for step in WAYS[state][3:]:
                step(session, cast, machine, NOW, 1)
        session.commit()
        return session, cast, machine, drive

    def _job(self, session: Session, uuid: str = "") -> WipeJob:
        return session.scalars(select(WipeJob).where(WipeJob.uuid == (uuid or self.wipe))).one()

    def at_once(self, *acts: Act) -> list[str]:
        """Do each on its own connection, all at the same moment; how each ended."""
        ready, ended = threading.Barrier(len(acts)), [""] * len(acts)

        def run(number: int, act: Act) -> None:
            with self.sessions() as session:
                ready.wait(20)
                try:
                    act(session)
                    session.commit()
                    ended[number] = "done"
                except Refused as refusal:
                    session.rollback()
                    ended[number] = refusal.code
                except IntegrityError as error:
                    session.rollback()
                    ended[number] = str(error.orig)

        threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        with self.sessions() as session:
            assert list(verify(session)) == []
            machine, drive = session.get_one(Machine, self.machine_id), session.get_one(Drive, self.drive_id)
            if machine.state in GATED and machine.state != State.HANDED_OVER:
                assert drive.standing != Standing.HOLDS_DATA
                assert all(one.drive.standing != Standing.HOLDS_DATA for one in open_sightings(session, machine))
        return ended

    def machine(self, session: Session) -> Machine:
        return session.get_one(Machine, self.machine_id)


@pytest.fixture
def room(fresh_database: str) -> Iterator[Room]:
    made = Room(fresh_database)
    yield made
    made.engine.dispose()


def _moving(room: Room, action: Action, person: int) -> Act:
    def act(session: Session) -> None:
        machine = room.machine(session)
        record(session, machine, action, by=session.get_one(Person, person), at=NOW)
        if action == Action.HAND_OVER:
            fill(session, machine)

    return act


@pytest.mark.parametrize(
    ("state", "action", "who"),
    [
        (State.ALLOCATED, Action.HAND_OVER, "ines"),
        (State.READY, Action.ALLOCATE, "ada"),
        (State.DISMANTLED, Action.RECYCLE, "lou"),
    ],
)
def test_a_check_that_differs_is_written_whatever_happens_to_the_computer_meanwhile(
    room: Room, state: State, action: Action, who: str
) -> None:
    session, cast, machine, drive = room.prepare(state)
    machine.partner = cast.partner
    bench = Bench(session, NOW).adopted(machine, cast.lou)
    check = order_check(session, bench, drive, by=cast.lou, at=NOW)
    disk = overwritten(room._job(session))
    disk[0] ^= 1
    answers, uuid, key = read_at(bytes(disk), json.loads(check.challenge)), check.uuid, bench.id
    person = getattr(cast, who).id
    session.commit()
    session.close()

    def differs(other: Session) -> None:
        answer(other, other.get_one(BenchSession, key), uuid, answers, at=NOW)

    ended = room.at_once(differs, _moving(room, action, person))
    assert ended[0] == "done"
    with room.sessions() as after:
        assert len(after.scalars(select(CounterCheck)).all()) == 1
        state_now, standing = room.machine(after).state, after.get_one(Drive, room.drive_id).standing
        assert state_now == State.RECYCLED or standing == Standing.HOLDS_DATA
        assert state_now in (State.RECEIVED, State.HANDED_OVER, State.RECYCLED, State.DISMANTLED)


def test_one_report_sent_twice_at_once_is_stored_once(room: Room) -> None:
    session, _, _, _ = room.prepare(State.RECEIVED)
    job = room._job(session)
    told, key = report(job), job.bench.id
    session.close()

    def sends(other: Session) -> None:
        send(other, told, bench=other.get_one(BenchSession, key), at=NOW)

    ended = room.at_once(sends, sends)
    assert "done" in ended
    with room.sessions() as after:
        assert len(after.scalars(select(WipeCommit)).all()) == 1


def test_answers_and_giving_up_at_once_end_in_one_judgement(room: Room) -> None:
    session, cast, _, _ = room.prepare(State.RECEIVED)
    job = room._job(session)
    key, sam = job.bench.id, cast.sam.id
    challenge = send(session, report(job), bench=job.bench, at=NOW).challenge
    assert challenge
    answers = honest(job, challenge)
    session.commit()
    session.close()

    def answers_it(other: Session) -> None:
        answer(other, other.get_one(BenchSession, key), room.wipe, answers, at=NOW)

    def gives_up(other: Session) -> None:
        give_up(other, room._job(other), by=other.get_one(Person, sam), at=NOW)

    assert room.at_once(answers_it, gives_up) == ["done", "done"]
    with room.sessions() as after:
        (verdict,) = after.scalars(select(Sanitisation.verdict)).all()
        assert (verdict == "PASS") == (after.get_one(Drive, room.drive_id).standing == Standing.SANITISED)


def test_two_people_order_one_wipe(room: Room, now: datetime) -> None:
    session, cast, machine, _ = room.prepare(State.RECEIVED)
    give_up(session, room._job(session), by=cast.sam, at=now)
    keys = [(Bench(session, now).adopted(machine, who).id, who.id) for who in (cast.sam, cast.kim)]
    session.commit()
    session.close()

    def orders(key: int, who: int) -> Act:
        def act(other: Session) -> None:
            bench, drive = other.get_one(BenchSession, key), other.get_one(Drive, room.drive_id)
            order_wipe(other, bench, drive, by=other.get_one(Person, who), at=now)

        return act

    assert sorted(room.at_once(*(orders(*pair) for pair in keys))) == ["done", "job-running"]


@pytest.mark.parametrize(
    ("state", "action", "who"),
    [
        (State.REINSTALLED, Action.REOPEN, "sam"),
        (State.ALLOCATED, Action.HAND_OVER, "ines"),
        (State.READY, Action.ALLOCATE, "ada"),
        (State.DISMANTLED, Action.RECYCLE, "lou"),
    ],
)
def test_a_new_drive_is_seen_while_the_computer_leaves(room: Room, state: State, action: Action, who: str) -> None:
    session, cast, machine, drive = room.prepare(state)
    machine.partner = cast.partner
    person = getattr(cast, who).id
    seen = (DriveFacts("sda", drive.serial, drive.bytes), DriveFacts("sdb", "NEW", 10**9))
    session.commit()
    session.close()

    def looks(other: Session) -> None:
        kept = evidence.keep(other, str(uuid4()), "ordi-inventory/1", b"{}", source="session:test", at=NOW)
        take_inventory(other, room.machine(other), kept, Hardware(drives=seen, drives_known=True), by=None, at=NOW)

    room.at_once(looks, _moving(room, action, person))


def test_a_lost_computer_is_found_by_two(room: Room) -> None:
    session, cast, _, _ = room.prepare(State.READY)
    record(session, room.machine(session), Action.LOSE, by=cast.lou, at=NOW)
    lou = cast.lou.id
    session.commit()
    session.close()

    def finds(other: Session) -> None:
        find(other, room.machine(other), by=other.get_one(Person, lou), at=NOW)

    assert sorted(room.at_once(finds, finds)) == ["done", "wrong-state"]


def test_a_report_that_arrives_during_its_sessions_adoption_is_tied_to_the_machine(room: Room) -> None:
    session, cast, _, _ = room.prepare(State.RECEIVED)
    opened = Bench(session, NOW).hello()
    key, sam, envelope = opened.id, cast.sam.id, inventory(dmidecode=dmi(), lsblk=disks("S-NEW"))
    session.commit()
    session.close()
    with room.sessions() as arriving:
        not_adopted_yet = arriving.get_one(BenchSession, key)
        arriving.commit()
        with room.sessions() as adopting:
            bench = adopting.get_one(BenchSession, key)
            by = adopting.get_one(Person, sam)
            adopt(adopting, bench, room.machine(adopting), bench.fingerprint, by=by, at=NOW)
            settle(adopting, bench, at=NOW)
            adopting.commit()
        receipt = receive(arriving, envelope, b"{}", sender=not_adopted_yet, at=NOW)
        arriving.commit()
        assert receipt.machine is not None
    with room.sessions() as after:
        assert "S-NEW" in {one.drive.serial for one in open_sightings(after, room.machine(after))}
