"""No sequence of reports, retries, reorderings and crashes gives a PASS without the bytes read back.

A drive in memory is written, spoiled, aliased; a bench reports what it likes, in any order, twice, late, after a crash, from
another start. It has the pattern only by writing it: nobody here computes an answer from K (one who does is believed until the
second person's check, as every certificate says; tests/attacks/test_shell.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ordi.bench.counter_checks import order_check
from ordi.bench.jobs import RUNNING, Kind, Phase, WipeJob, order_wipe
from ordi.bench.judging import answer, give_up, judge_unanswered
from ordi.bench.keystream import stretch
from ordi.bench.sessions import BenchSession, end
from ordi.bench.under_way import cancel, progress
from ordi.database import make_engine, make_sessions
from ordi.errors import Refused
from ordi.machines.drive import CounterCheck, Drive, Medium, Sanitisation, Standing
from ordi.machines.journal import verify
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.parties.people import Person
from tests.bench.benches import Bench, read_at, report, send
from tests.cast import assemble
from tests.factories import a_drive, a_machine
from tests.ground.clock import NOW
from tests.ground.databases import Databases

SIZE = 64 << 10  # one chunk of the challenge: a byte that differs is always asked for
WIPERS = ("sam", "kim", "lou")

LIES: tuple[dict[str, Any], ...] = (
    {},
    {"read__mismatches": 1},
    {"write__bytes": SIZE - 512},
    {"read__bytes": 0},
    {"raw_status__outcome": "aborted"},
    {"raw_status__outcome": "refused"},
    {"nonce": "Z" * 43},
    {"identity__serial": "ANOTHER"},
    {"skipped": [[0, 4096]]},
    {"write__ms": 10**9},
)
"""What a report may say of itself, true or not."""


class AnyLie(RuleBasedStateMachine):
    """One machine, one drive, a few live systems, three people at the bench."""

    new_database: Callable[[], str]
    reached: ClassVar[set[str]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.engine = make_engine(type(self).new_database())
        self.session: Session = make_sessions(self.engine)()
        self.disk = bytearray(b"x" * SIZE)
        self.at = NOW
        self.sent: list[dict[str, Any]] = []
        self.passed: dict[int, bool] = {}
        """Each proof that said PASS, and whether the drive held the whole pattern when it was judged."""
        self.agreed: dict[int, bool] = {}
        """Each second look that agreed, and whether the last sector, always drawn, was as it should be."""

    def teardown(self) -> None:
        self.session.close()
        self.engine.dispose()

    @initialize()
    def begin(self) -> None:
        cast = assemble(self.session, NOW)
        self.people = {name: getattr(cast, name).id for name in WIPERS}
        machine = a_machine(self.session, cast, State.RECEIVED)
        self.machine_id = machine.id
        self.drive_id = a_drive(self.session, machine, medium=Medium.HDD, size=SIZE).id
        self.session.commit()

    def later(self, **span: float) -> Any:
        self.at += timedelta(minutes=1, **span)
        return self.at

    def attempt(self, act: Callable[[], Any]) -> None:
        """Do it; a refusal, or a collision, changes nothing."""
        try:
            act()
            self.session.commit()
        except (Refused, IntegrityError):
            self.session.rollback()
        self.look()

    def look(self) -> None:
        """Note, at the moment a PASS appears, what the drive really holds."""
        for proof in self.session.scalars(select(Sanitisation).where(Sanitisation.verdict == "PASS")):
            if proof.id not in self.passed:
                job = self.session.scalars(select(WipeJob).where(WipeJob.uuid == proof.job_uuid)).one()
                self.passed[proof.id] = bytes(self.disk) == stretch(job.key or b"", 0, SIZE)
                self.reached.add("PASS")
        for check in self.session.scalars(select(CounterCheck).where(CounterCheck.matched == CounterCheck.sectors)):
            if check.id not in self.agreed:
                proof = self.session.get_one(Sanitisation, check.sanitisation_id)
                job = self.session.scalars(select(WipeJob).where(WipeJob.uuid == proof.job_uuid)).one()
                self.agreed[check.id] = bytes(self.disk[-4096:]) == stretch(job.key or b"", 0, SIZE)[-4096:]
                self.reached.add("counter-checked")

    def pick(self, kind: Any, which: int) -> Any:
        """One of the rows there are, or nothing."""
        rows = list(self.session.scalars(select(kind).order_by(kind.id)))
        return rows[which % len(rows)] if rows else None

    which = st.integers(0, 5)

    @rule(who=st.sampled_from(WIPERS))
    def a_machine_starts_and_is_adopted(self, who: str) -> None:
        person, machine = (
            self.session.get_one(Person, self.people[who]),
            self.session.get_one(Machine, self.machine_id),
        )
        self.attempt(lambda: Bench(self.session, self.later()).adopted(machine, person))

    @rule()
    def a_machine_starts_and_nobody_adopts_it(self) -> None:
        self.attempt(lambda: Bench(self.session, self.later()).hello())

    @rule(which=which, who=st.sampled_from(WIPERS), kind=st.sampled_from((Kind.WIPE, Kind.WIPE, Kind.CHECK)))
    def somebody_orders(self, which: int, who: str, kind: Kind) -> None:
        bench, person = self.pick(BenchSession, which), self.session.get_one(Person, self.people[who])
        order = order_wipe if kind == Kind.WIPE else order_check
        if bench is not None:
            drive = self.session.get_one(Drive, self.drive_id)
            self.attempt(lambda: order(self.session, bench, drive, by=person, at=self.later()))

    @rule(which=which, upto=st.sampled_from((0, 512, SIZE - 512, SIZE, SIZE, SIZE)))
    def it_writes(self, which: int, upto: int) -> None:
        job = self.pick(WipeJob, which)
        if job is not None and job.key:
            self.disk[:upto] = stretch(job.key, 0, SIZE)[:upto]

    @rule(place=st.integers(0, SIZE - 1), length=st.sampled_from((1, 512, SIZE // 200)))
    def the_drive_forgets(self, place: int, length: int) -> None:
        self.disk[place : place + length] = b"x" * len(self.disk[place : place + length])

    @rule()
    def the_drive_turns_out_half_as_large(self) -> None:
        self.disk[: SIZE // 2] = self.disk[SIZE // 2 :]

    @rule(
        which=which,
        phase=st.sampled_from((Phase.CONFIRMED, Phase.READING, Phase.FAILED, Phase.REFUSED)),
        seq=st.integers(0, 9),
    )
    def it_tells_how_far(self, which: int, phase: Phase, seq: int) -> None:
        job = self.pick(WipeJob, which)
        if job is not None:
            told = {"seq": seq, "phase": phase, "done": SIZE, "reason": "x", "at": self.later()}
            self.attempt(lambda: progress(self.session, job, **told))

    @rule(which=which, from_=which, lie=st.sampled_from((LIES[0], *LIES)))
    def it_reports(self, which: int, from_: int, lie: dict[str, Any]) -> None:
        job, bench = self.pick(WipeJob, which), self.pick(BenchSession, from_)
        if job is not None:
            self.sent.append(report(job, **lie))
            self.attempt(lambda: send(self.session, self.sent[-1], bench=bench, at=self.later()))

    @rule(which=which, from_=which)
    def a_report_comes_again(self, which: int, from_: int) -> None:
        if self.sent:
            told, bench = self.sent[which % len(self.sent)], self.pick(BenchSession, from_)
            self.attempt(lambda: send(self.session, told, bench=bench, at=self.later()))

    @rule(which=which, from_=which, garbage=st.sampled_from((False, False, True)))
    def it_answers(self, which: int, from_: int, garbage: bool) -> None:
        """With what the drive gives back now: of this challenge, or of nothing."""
        job, bench = self.pick(WipeJob, which), self.pick(BenchSession, from_)
        if job is None or bench is None:
            return
        disk = bytes(SIZE) if garbage else bytes(self.disk)
        drawn = json_of(job)
        said = read_at(disk, drawn) if drawn else ["0" * 64]
        self.attempt(lambda: answer(self.session, bench, job.uuid, said, at=self.later()))

    @rule(which=which, who=st.sampled_from(WIPERS), how=st.sampled_from((cancel, give_up)))
    def somebody_stops_it(self, which: int, who: str, how: Callable[..., None]) -> None:
        job, person = self.pick(WipeJob, which), self.session.get_one(Person, self.people[who])
        if job is not None:
            self.attempt(lambda: how(self.session, job, by=person, at=self.later()))

    @rule(which=which)
    def a_session_ends(self, which: int) -> None:
        bench = self.pick(BenchSession, which)
        if bench is not None:
            self.attempt(lambda: end(self.session, bench, at=self.later()))

    @rule(hours=st.sampled_from((1, 13, 25)))
    def time_goes_by(self, hours: int) -> None:
        self.attempt(lambda: judge_unanswered(self.session, at=self.later(hours=hours)))

    @rule()
    def the_server_stops_in_the_middle(self) -> None:
        self.session.rollback()
        self.session.expunge_all()

    def make_way(self, who: str) -> None:
        """Give up what runs, so that another job can begin."""
        person = self.session.get_one(Person, self.people[who])
        for job in list(self.session.scalars(select(WipeJob).where(WipeJob.phase.in_(RUNNING)))):
            self.attempt(lambda job=job: give_up(self.session, job, by=person, at=self.later()))  # type: ignore[misc]

    @rule(who=st.sampled_from(WIPERS), spoil=st.sampled_from((False, False, True)), twice=st.booleans())
    def all_goes_as_it_should(self, who: str, spoil: bool, twice: bool) -> None:
        """So that PASS, and a second look that agrees, are reached and left again."""
        self.make_way(who)
        self.a_machine_starts_and_is_adopted(who)
        bench = self.session.scalars(select(BenchSession).order_by(BenchSession.id.desc()).limit(1)).one()
        person, drive = self.session.get_one(Person, self.people[who]), self.session.get_one(Drive, self.drive_id)
        self.attempt(lambda: order_wipe(self.session, bench, drive, by=person, at=self.later()))
        job = self.session.scalar(select(WipeJob).where(WipeJob.bench_session_id == bench.id))
        if job is None or not job.key:
            return
        self.disk[:] = stretch(job.key, 0, SIZE)
        self.attempt(lambda: send(self.session, report(job), bench=bench, at=self.later()))
        if spoil:
            self.disk[-1] ^= 1
        if drawn := json_of(job):
            said = read_at(bytes(self.disk), drawn)
            self.attempt(lambda: answer(self.session, bench, job.uuid, said, at=self.later()))
        if twice:
            self.somebody_looks_again("lou", spoil=False)

    @rule(who=st.sampled_from(("lou", *WIPERS)), spoil=st.booleans())
    def somebody_looks_again(self, who: str, spoil: bool) -> None:
        """Another start, the drive as it is or spoiled; refused to the wiper."""
        self.make_way(who)
        self.a_machine_starts_and_is_adopted(who)
        bench = self.session.scalars(select(BenchSession).order_by(BenchSession.id.desc()).limit(1)).one()
        person, drive = self.session.get_one(Person, self.people[who]), self.session.get_one(Drive, self.drive_id)
        self.attempt(lambda: order_check(self.session, bench, drive, by=person, at=self.later()))
        job = self.session.scalar(select(WipeJob).where(WipeJob.bench_session_id == bench.id))
        if spoil:
            self.disk[-1] ^= 1
        if job is not None and (drawn := json_of(job)):
            said = read_at(bytes(self.disk), drawn)
            self.attempt(lambda: answer(self.session, bench, job.uuid, said, at=self.later()))

    @invariant()
    def no_pass_without_the_bytes(self) -> None:
        assert all((*self.passed.values(), *self.agreed.values()))

    @invariant()
    def the_drive_counts_as_clean_only_by_a_pass(self) -> None:
        if not hasattr(self, "drive_id"):
            return
        drive = self.session.get_one(Drive, self.drive_id)
        if drive.standing == Standing.SANITISED:
            said = select(Sanitisation.id).where(
                Sanitisation.drive_id == drive.id,
                Sanitisation.generation == drive.generation,
                Sanitisation.verdict == "PASS",
            )
            assert self.session.scalars(said).all()

    @invariant()
    def nobody_is_their_own_second(self) -> None:
        checks = select(CounterCheck.checker_id, Sanitisation.wiper_id).join(
            Sanitisation, Sanitisation.id == CounterCheck.sanitisation_id
        )
        for checker, wiper in self.session.execute(checks):
            self.reached.add("looked at again")
            assert checker != wiper

    @invariant()
    def every_history_holds(self) -> None:
        assert list(verify(self.session)) == []


def json_of(job: WipeJob) -> dict[str, Any] | None:
    """The challenge of a job, once it has one."""
    return json.loads(job.challenge) if job.challenge else None


@pytest.fixture
def sqlite(ground: Any, run_keeper: int, tmp_path: Any) -> Databases:
    """Many databases, one an example."""
    return Databases("sqlite", ground, tmp_path, run_keeper)


def test_no_order_of_lies_gives_a_pass_without_the_bytes_read_back(sqlite: Databases) -> None:
    AnyLie.new_database = staticmethod(sqlite.copy)
    AnyLie.reached.clear()
    run_state_machine_as_test(
        AnyLie,
        settings=settings(
            max_examples=40,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert AnyLie.reached == {"PASS", "looked at again", "counter-checked"}
