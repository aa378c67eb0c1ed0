"""Messages that come late, twice, from elsewhere or never: each ends in one record, and none undoes what is true by then."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.bench.counter_checks import order_check
from ordi.bench.destruction import How, destroy_drive
from ordi.bench.jobs import JobRunning, Phase, WipeJob, order_wipe
from ordi.bench.judging import WipeCommit, answer, give_up, judge_unanswered
from ordi.bench.loose_drives import Why, remove_drive
from ordi.bench.sessions import BenchSession
from ordi.bench.under_way import progress
from ordi.bench.verdict import Verdict
from ordi.machines import evidence
from ordi.machines.drive import CounterCheck, Drive, Medium, Sanitisation, Standing, fill, open_sightings
from ordi.machines.hardware import DriveFacts, Hardware
from ordi.machines.inventory import OutOfBench, take_inventory
from ordi.machines.journal import record, verify
from ordi.machines.lifecycle import Action, State
from ordi.machines.machine import Machine
from ordi.parties.people import dismiss
from tests.bench.benches import Bench, honest, overwritten, read_at, report, send, wipe
from tests.bench.photographs import PHOTOGRAPHED
from tests.cast import Cast
from tests.factories import WAYS, a_drive, a_machine

Started = tuple[Machine, Drive, BenchSession, WipeJob]


@pytest.fixture
def started(session: Session, cast: Cast, now: datetime) -> Started:
    """A wipe that Sam has ordered."""
    machine = a_machine(session, cast, State.RECEIVED, triage="keep")
    drive = a_drive(session, machine, medium=Medium.HDD, size=512 * 1024)
    bench = Bench(session, now).adopted(machine, cast.sam)
    return machine, drive, bench, order_wipe(session, bench, drive, by=cast.sam, at=now)


def _challenged(session: Session, started: Started, now: datetime) -> dict[str, object]:
    _, _, bench, job = started
    challenge = send(session, report(job), bench=bench, at=now).challenge
    assert challenge
    return challenge


def _judgements(session: Session, job: WipeJob) -> list[str]:
    return list(session.scalars(select(Sanitisation.verdict).where(Sanitisation.job_uuid == job.uuid)))


def test_a_second_report_does_not_take_the_place_of_the_one_that_was_challenged(
    session: Session, cast: Cast, started: Started, now: datetime
) -> None:
    _, drive, bench, job = started
    challenge = send(session, report(job, read__mismatches=4), bench=bench, at=now).challenge
    assert challenge
    for other in (bench, Bench(session, now).hello(), None):
        assert send(session, report(job), bench=other, at=now).challenge is None
    judged = answer(session, bench, job.uuid, honest(job, challenge), at=now)
    assert judged.judgement
    assert judged.judgement.verdict == Verdict.FAIL
    assert drive.standing == Standing.HOLDS_DATA
    again = answer(session, bench, job.uuid, honest(job, challenge), at=now)
    assert again.judgement == judged.judgement
    assert len(session.scalars(select(WipeCommit).where(WipeCommit.job_uuid == job.uuid)).all()) == 4


def test_a_wipe_that_was_refused_and_told_is_not_told_otherwise_afterwards(
    session: Session, cast: Cast, started: Started, now: datetime
) -> None:
    _, _, bench, job = started
    first = send(session, report(job, raw_status={"outcome": "refused", "reason": "mounted"}), bench=bench, at=now)
    second = send(session, report(job), bench=bench, at=now)
    assert (first.judgement and first.judgement.verdict) == Verdict.UNHANDLED
    assert second.challenge is None
    assert second.judgement
    assert second.judgement.reasons == ("job-used",)
    assert _judgements(session, job) == ["UNHANDLED"]


@pytest.mark.parametrize("ended", [Phase.FAILED, Phase.REFUSED, Phase.CANCELLED])
def test_a_bench_that_said_it_failed_and_then_says_it_succeeded_is_not_believed(
    session: Session, cast: Cast, started: Started, now: datetime, ended: Phase
) -> None:
    machine, drive, bench, job = started
    progress(session, job, seq=1, phase=ended, done=0, reason="io", at=now)
    other = Bench(session, now).adopted(machine, cast.kim)
    order_wipe(session, other, drive, by=cast.kim, at=now)
    late = send(session, report(job), bench=bench, at=now)
    assert late.judgement
    assert (late.judgement.verdict, late.judgement.reasons) == (Verdict.UNKNOWN, ("status-contradicts",))
    assert drive.standing == Standing.HOLDS_DATA


def test_a_wipe_is_judged_though_its_wiper_left_meanwhile(
    session: Session, cast: Cast, started: Started, now: datetime
) -> None:
    machine, drive, bench, job = started
    challenge = _challenged(session, started, now)
    for held in cast.sam.memberships:
        dismiss(session, held, at=now)
    answer(session, bench, job.uuid, honest(job, challenge), at=now)
    assert drive.standing == Standing.SANITISED
    assert machine.state == State.SANITISED


def test_a_proof_that_comes_after_the_drive_was_filled_again_proves_nothing(
    session: Session, cast: Cast, started: Started, now: datetime
) -> None:
    machine, drive, bench, job = started
    challenge = _challenged(session, started, now)
    fill(session, machine)
    judged = answer(session, bench, job.uuid, honest(job, challenge), at=now).judgement
    assert judged
    assert (judged.verdict, judged.reasons) == (Verdict.UNKNOWN, ("drive-filled-since",))
    assert drive.standing == Standing.HOLDS_DATA


def test_a_proof_that_comes_after_the_drive_was_destroyed_is_kept_and_changes_nothing(
    session: Session, cast: Cast, started: Started, now: datetime
) -> None:
    machine, drive, bench, job = started
    challenge = _challenged(session, started, now)
    remove_drive(session, open_sightings(session, machine)[0], Why.TO_DESTROY, by=cast.sam, witness=cast.lou, at=now)
    destroy_drive(session, drive, How.SHREDDED, **PHOTOGRAPHED, by=cast.lou, witness=cast.sam, at=now)
    answer(session, bench, job.uuid, honest(job, challenge), at=now)
    assert drive.standing == Standing.DESTROYED
    assert _judgements(session, job) == ["PASS"]


@pytest.mark.parametrize("state", [State.HANDED_OVER, State.LOST, State.REFUSED])
def test_no_wipe_is_ordered_of_a_computer_that_is_not_at_the_bench(
    session: Session, cast: Cast, now: datetime, state: State
) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    drive = a_drive(session, machine)
    if state == State.HANDED_OVER:
        machine = a_machine(session, cast, state)
        drive = open_sightings(session, machine)[0].drive
    else:
        action, who = (Action.LOSE, cast.lou) if state == State.LOST else (Action.REFUSE, cast.sam)
        record(session, machine, action, by=who, at=now)
    bench = Bench(session, now).adopted(machine, cast.sam)
    with pytest.raises(OutOfBench):
        order_wipe(session, bench, drive, by=cast.sam, at=now)


def test_a_report_whose_challenge_nobody_answers_ends_as_not_proven_when_somebody_gives_up(
    session: Session, cast: Cast, started: Started, now: datetime
) -> None:
    machine, drive, bench, job = started
    challenge = _challenged(session, started, now)
    give_up(session, job, by=cast.sam, at=now)
    assert _judgements(session, job) == ["UNKNOWN"]
    late = answer(session, bench, job.uuid, honest(job, challenge), at=now)
    assert late.judgement
    assert late.judgement.verdict == Verdict.UNKNOWN
    assert drive.standing == Standing.HOLDS_DATA
    order_wipe(session, Bench(session, now).adopted(machine, cast.kim), drive, by=cast.kim, at=now)
    assert list(verify(session)) == []


def test_a_report_whose_challenge_nobody_answers_ends_as_not_proven_by_itself_after_a_day(
    session: Session, cast: Cast, started: Started, now: datetime
) -> None:
    machine, drive, bench, job = started
    _challenged(session, started, now)
    assert judge_unanswered(session, at=now + timedelta(hours=12)) == 0
    with pytest.raises(JobRunning):
        order_wipe(session, bench, drive, by=cast.sam, at=now)
    assert judge_unanswered(session, at=now + timedelta(hours=25)) == 1
    assert judge_unanswered(session, at=now + timedelta(hours=26)) == 0
    assert _judgements(session, job) == ["UNKNOWN"]
    assert machine.state == State.RECEIVED


def test_a_wipe_given_up_before_its_report_takes_none(
    session: Session, cast: Cast, started: Started, now: datetime
) -> None:
    _, drive, bench, job = started
    progress(session, job, seq=1, phase=Phase.WRITING, done=1, reason=None, at=now)
    give_up(session, job, by=cast.sam, at=now)
    told = send(session, report(job), bench=bench, at=now)
    assert told.judgement
    assert told.judgement.reasons == ("job-used",)
    assert _judgements(session, job) == []
    assert drive.standing == Standing.HOLDS_DATA


def _put_in(session: Session, machine: Machine, drive: Drive, now: datetime) -> None:
    kept = evidence.keep(session, str(uuid4()), "ordi-inventory/1", b"{}", source="session:test", at=now)
    seen = [*(one.drive for one in open_sightings(session, machine)), drive]
    facts = tuple(DriveFacts("sda", one.serial, one.bytes, one.wwn) for one in seen)
    take_inventory(session, machine, kept, Hardware(drives=facts, drives_known=True), by=None, at=now)


def _check_ordered(session: Session, cast: Cast, machine: Machine, drive: Drive, now: datetime) -> list[str]:
    """The answers of a check that finds another byte; the job is the last."""
    wipe(session, machine, drive, by=cast.sam, at=now)
    wiped = session.scalars(select(WipeJob).where(WipeJob.drive_id == drive.id)).one()
    bench = Bench(session, now).adopted(machine, cast.lou)
    job = order_check(session, bench, drive, by=cast.lou, at=now)
    disk = overwritten(wiped)
    disk[0] ^= 1
    return read_at(bytes(disk), json.loads(job.challenge))


def _answer_last(session: Session, answers: list[str], now: datetime) -> None:
    job = session.scalars(select(WipeJob).order_by(WipeJob.id.desc())).first()
    assert job
    answer(session, job.bench, job.uuid, answers, at=now)


def test_a_check_that_differs_reopens_the_computer_the_drive_was_put_in_meanwhile(
    session: Session, cast: Cast, now: datetime
) -> None:
    machine = a_machine(session, cast, State.RECEIVED, triage="keep")
    drive = a_drive(session, machine, medium=Medium.HDD, size=512 * 1024)
    answers = _check_ordered(session, cast, machine, drive, now)
    remove_drive(session, open_sightings(session, machine)[0], Why.UPGRADE, by=cast.sam, witness=cast.kim, at=now)
    other = a_machine(session, cast, State.SANITISED)
    record(session, other, Action.REOPEN, by=None, at=now)
    _put_in(session, other, drive, now)
    record(session, other, Action.SANITISE, by=cast.sam, at=now)
    for step in WAYS[State.READY][-2:]:
        step(session, cast, other, now, 1)
    _answer_last(session, answers, now)
    assert drive.standing == Standing.HOLDS_DATA
    assert other.state == State.RECEIVED


def test_a_check_that_differs_is_kept_though_the_computer_was_recycled(
    session: Session, cast: Cast, now: datetime
) -> None:
    machine = a_machine(session, cast, State.RECEIVED, triage="keep")
    drive = a_drive(session, machine, medium=Medium.HDD, size=512 * 1024)
    answers = _check_ordered(session, cast, machine, drive, now)
    record(session, machine, Action.DISMANTLE, by=cast.sam, at=now)
    record(session, machine, Action.RECYCLE, by=cast.lou, at=now)
    _answer_last(session, answers, now)
    check = session.scalars(select(CounterCheck)).one()
    assert check.matched < check.sectors
    assert list(verify(session)) == []
