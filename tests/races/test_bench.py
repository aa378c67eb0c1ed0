"""At the bench: what was decided on what is no longer so is refused, and nothing leaves with data on it."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.bench import cleaning, diagnosis, holding, intake, losses, reinstall, triage
from ordi.bench.counter_checks import order_check
from ordi.bench.destruction import How, destroy_drive
from ordi.bench.jobs import Phase, WipeJob, order_wipe
from ordi.bench.judging import WipeCommit, answer
from ordi.bench.loose_drives import Why, declare_driveless, remove_drive
from ordi.bench.quarantines import quarantine
from ordi.bench.release import release_to_stock, shelve
from ordi.bench.sessions import BenchSession, adopt, end
from ordi.bench.under_way import cancel, progress
from ordi.machines import evidence
from ordi.machines.checks import Check, Result
from ordi.machines.drive import CounterCheck, Drive, Medium, Sanitisation, Sighting, Standing, fill, open_sightings
from ordi.machines.evidence import Evidence
from ordi.machines.hardware import DriveFacts, Hardware
from ordi.machines.identity import How as Recognised
from ordi.machines.inventory import take_inventory
from ordi.machines.journal import history, record
from ordi.machines.lifecycle import Action, Note, State
from ordi.machines.machine import Grade, Machine
from ordi.machines.quarantine import Quarantine
from ordi.parties.people import Person
from ordi.sharing.allocation import allocate
from ordi.sharing.requests import Request
from tests.bench.benches import Bench, honest, report, send
from tests.bench.photographs import PHOTOGRAPHED
from tests.factories import WAYS, a_drive, a_machine
from tests.ground.clock import NOW
from tests.races.hands import Verb, flow
from tests.races.meeting import Act, Flow, Meeting
from tests.sharing.families import a_request
from tests.web.test_api import disks, dmi, inventory

pytestmark = pytest.mark.postgresql
SMALL = 256 * 1024


def a_received(meeting: Meeting, *, drive: bool = True) -> Machine:
    """A computer to keep, with one small drive that holds data."""
    machine = a_machine(meeting.session, meeting.cast, State.RECEIVED, triage="keep")
    if drive:
        a_drive(meeting.session, machine, medium=Medium.HDD, size=SMALL)
    return machine


def sees(machine: Machine, *drives: Drive) -> Flow:
    """A bench inventory that sees these drives in it."""
    told = tuple(DriveFacts("sda", drive.serial, drive.bytes) for drive in drives)

    def look(session: Session) -> Act:
        found = session.get_one(Machine, machine.id)
        for drive in drives:
            session.get_one(Drive, drive.id)
        kept = evidence.keep(session, str(uuid4()), "ordi-inventory/1", b"{}", source="session:test", at=NOW)
        hardware = Hardware(drives=told, drives_known=True)
        return lambda: take_inventory(session, found, kept, hardware, by=None, at=NOW)

    return look


def adopts(bench: BenchSession, machine: Machine, who: Person) -> Flow:
    """Somebody scans its screen and a label, as `wiping.take` does."""

    def verb(session: Session, found: BenchSession, by: Person) -> None:
        adopt(session, found, session.get_one(Machine, machine.id), found.fingerprint, by=by, at=NOW)
        intake.settle(session, found, at=NOW)

    return flow(BenchSession, bench.id, who, verb)


def reports(meeting: Meeting, bench: BenchSession, uuid: str = "") -> Flow:
    """It leaves an inventory."""
    told = inventory(dmidecode=dmi(), lsblk=disks("D1")) | ({"uuid": uuid} if uuid else {})

    def verb(session: Session, found: BenchSession, _by: Person) -> None:
        intake.receive(session, told, json.dumps(told).encode(), sender=found, at=NOW)

    return flow(BenchSession, bench.id, meeting.cast.sam, verb)


@pytest.mark.parametrize("adopted_first", [True, False])
def test_a_report_that_meets_its_sessions_adoption_is_tied(meeting: Meeting, adopted_first: bool) -> None:
    machine = a_received(meeting, drive=False)
    bench = Bench(meeting.session, NOW).hello()
    flows = (adopts(bench, machine, meeting.cast.sam), reports(meeting, bench))
    assert meeting.meet(*(flows if adopted_first else flows[::-1])) == ("done", "done")
    kept = meeting.session.scalars(select(Evidence).where(Evidence.source == f"session:{bench.uuid}")).one()
    assert (kept.recognised, kept.machine_id) == (Recognised.SESSION, machine.id)


def test_a_report_that_meets_the_end_of_its_session_is_refused_not_left_waiting(meeting: Meeting) -> None:
    bench = Bench(meeting.session, NOW).adopted(a_received(meeting), meeting.cast.sam)
    ends = flow(BenchSession, bench.id, meeting.cast.sam, lambda session, found, _by: end(session, found, at=NOW))
    assert meeting.meet(ends, reports(meeting, bench)) == ("done", "session-over")
    waiting = select(Evidence).where(Evidence.recognised == Recognised.WAITING)
    assert list(meeting.session.scalars(waiting)) == []


def test_a_session_is_adopted_by_one_of_two(meeting: Meeting) -> None:
    bench, machines = Bench(meeting.session, NOW).hello(), [a_received(meeting), a_received(meeting)]
    cast = meeting.cast
    ended = meeting.meet(adopts(bench, machines[0], cast.sam), adopts(bench, machines[1], cast.kim))
    assert ended == ("done", "session-taken")


def test_no_job_is_ordered_in_a_session_that_has_just_ended(meeting: Meeting) -> None:
    machine = a_received(meeting)
    bench = Bench(meeting.session, NOW).adopted(machine, meeting.cast.sam)
    drive = open_sightings(meeting.session, machine)[0].drive.id
    ends = flow(BenchSession, bench.id, meeting.cast.sam, lambda session, found, _by: end(session, found, at=NOW))

    def orders(session: Session, found: BenchSession, by: Person) -> None:
        order_wipe(session, found, session.get_one(Drive, drive), by=by, at=NOW)

    assert meeting.meet(ends, flow(BenchSession, bench.id, meeting.cast.sam, orders)) == ("done", "session-over")


@pytest.mark.parametrize("cancelled_first", [True, False])
def test_a_wipe_cancelled_as_it_begins_is_told_to_stop(meeting: Meeting, cancelled_first: bool) -> None:
    machine = a_received(meeting)
    bench = Bench(meeting.session, NOW).adopted(machine, meeting.cast.sam)
    drive = open_sightings(meeting.session, machine)[0].drive
    job = order_wipe(meeting.session, bench, drive, by=meeting.cast.sam, at=NOW)
    told: list[bool] = []

    def begins(session: Session, found: WipeJob, _by: Person) -> None:
        told.append(progress(session, found, seq=1, phase=Phase.CONFIRMED, done=0, reason=None, at=NOW))

    stops = flow(WipeJob, job.id, meeting.cast.sam, lambda s, found, by: cancel(s, found, by=by, at=NOW))
    flows = (stops, flow(WipeJob, job.id, meeting.cast.sam, begins))
    assert meeting.meet(*(flows if cancelled_first else flows[::-1])) == ("done", "done")
    now = meeting.session.get_one(WipeJob, job.id)
    assert now.cancel_asked
    assert (now.phase == Phase.CANCELLED) == cancelled_first == told[0]


def _proven(meeting: Meeting, state: State = State.SANITISED) -> tuple[Machine, WipeJob]:
    """A computer whose drive Sam really wiped."""
    machine = a_received(meeting)
    bench = Bench(meeting.session, NOW).adopted(machine, meeting.cast.sam)
    drive = open_sightings(meeting.session, machine)[0].drive
    job = order_wipe(meeting.session, bench, drive, by=meeting.cast.sam, at=NOW)
    challenge = send(meeting.session, report(job), bench=bench, at=NOW).challenge
    assert challenge
    answer(meeting.session, bench, job.uuid, honest(job, challenge), at=NOW)
    for step in WAYS[state][3:]:
        step(meeting.session, meeting.cast, machine, NOW, 1)
    return machine, job


def test_the_answers_to_a_check_sent_twice_at_once_are_one_check(meeting: Meeting) -> None:
    machine, wipe = _proven(meeting)
    bench = Bench(meeting.session, NOW).adopted(machine, meeting.cast.lou)
    check = order_check(meeting.session, bench, wipe.drive, by=meeting.cast.lou, at=NOW)
    answers = honest(wipe, json.loads(check.challenge))

    def answers_it(session: Session, found: BenchSession, _by: Person) -> None:
        answer(session, found, check.uuid, answers, at=NOW)

    sent = flow(BenchSession, bench.id, meeting.cast.lou, answers_it)
    assert meeting.meet(sent, sent) == ("done", "done")
    assert len(list(meeting.session.scalars(select(CounterCheck)))) == 1


def test_a_quarantine_that_is_opened_twice_at_once_is_one(meeting: Meeting) -> None:
    _, wipe = _proven(meeting)
    proof = meeting.session.scalars(select(Sanitisation).where(Sanitisation.job_uuid == wipe.uuid)).one()

    def opens(session: Session, found: Sanitisation, _by: Person) -> None:
        quarantine(session, found, "audit", at=NOW)

    twice = flow(Sanitisation, proof.id, meeting.cast.lou, opens)
    assert meeting.meet(twice, twice) == ("done", "done")
    assert len(list(meeting.session.scalars(select(Quarantine)))) == 1


def test_a_replayed_commit_that_meets_its_answers_changes_nothing(meeting: Meeting) -> None:
    machine = a_received(meeting)
    bench = Bench(meeting.session, NOW).adopted(machine, meeting.cast.sam)
    drive = open_sightings(meeting.session, machine)[0].drive
    job = order_wipe(meeting.session, bench, drive, by=meeting.cast.sam, at=NOW)
    challenge = send(meeting.session, report(job), bench=bench, at=NOW).challenge
    assert challenge
    again, answers = report(job, write__bytes=0), honest(job, challenge)

    def replays(session: Session, found: BenchSession, _by: Person) -> None:
        send(session, again, bench=found, at=NOW)

    def answers_it(session: Session, found: BenchSession, _by: Person) -> None:
        answer(session, found, job.uuid, answers, at=NOW)

    sam = meeting.cast.sam
    assert meeting.meet(flow(BenchSession, bench.id, sam, answers_it), flow(BenchSession, bench.id, sam, replays)) == (
        "done",
        "done",
    )
    verdicts = {one.reasons: one.verdict for one in meeting.session.scalars(select(WipeCommit))}
    assert verdicts == {"": "PASS", "job-used": "UNKNOWN"}


@pytest.mark.parametrize("seen_first", [True, False])
def test_a_loose_drive_put_in_as_it_is_declared_destroyed_never_counts_as_clean(
    meeting: Meeting, seen_first: bool
) -> None:
    cast, session = meeting.cast, meeting.session
    first, other = a_received(meeting), a_received(meeting, drive=False)
    (sighting,) = open_sightings(session, first)
    remove_drive(session, sighting, Why.TO_DESTROY, by=cast.sam, witness=cast.kim, at=NOW)
    drive, kim = sighting.drive, cast.kim.id

    def destroys(found: Session, loose: Drive, by: Person) -> None:
        destroy_drive(found, loose, How.SHREDDED, **PHOTOGRAPHED, by=by, witness=found.get_one(Person, kim), at=NOW)

    flows = (sees(other, drive), flow(Drive, drive.id, cast.lou, destroys))
    ended = meeting.meet(*(flows if seen_first else flows[::-1]))
    assert ended == (("done", "still-inside") if seen_first else ("done", "done"))
    (inside,) = open_sightings(session, session.get_one(Machine, other.id))
    assert inside.drive.standing == Standing.HOLDS_DATA


def test_a_computer_handed_over_meanwhile_is_not_inventoried(meeting: Meeting) -> None:
    machine, _ = _proven(meeting, State.ALLOCATED)
    drive = open_sightings(meeting.session, machine)[0].drive

    def gives(session: Session, found: Machine, by: Person) -> None:
        record(session, found, Action.HAND_OVER, by=by, at=NOW)
        fill(session, found)

    ended = meeting.meet(flow(Machine, machine.id, meeting.cast.ines, gives), sees(machine, drive))
    assert ended == ("done", "out-of-bench")
    told = history(meeting.session, meeting.session.get_one(Machine, machine.id))
    assert Note.INVENTORIED not in [one.action for one in told]


def _tested(meeting: Meeting) -> Machine:
    """Reinstalled, every function tried, clean: it may go to the shelf."""
    machine, by = a_machine(meeting.session, meeting.cast, State.REINSTALLED), meeting.cast.sam
    for what in diagnosis.questions(machine):
        diagnosis.check(meeting.session, machine, what, Result.GOOD, by=by, at=NOW)
    cleaning.clean(meeting.session, machine, by=by, at=NOW)
    diagnosis.grade(meeting.session, machine, Grade.A, by=by, at=NOW)
    return machine


@pytest.mark.parametrize("released_first", [True, False])
def test_a_function_found_broken_as_the_computer_is_released_keeps_it_off_the_shelf_or_comes_too_late(
    meeting: Meeting, released_first: bool
) -> None:
    machine = _tested(meeting)

    def breaks(session: Session, found: Machine, by: Person) -> None:
        diagnosis.check(session, found, Check.SCREEN, Result.FAILED, by=by, at=NOW)

    def releases(session: Session, found: Machine, by: Person) -> None:
        release_to_stock(session, found, "A1", by=by, at=NOW)

    flows = (
        flow(Machine, machine.id, meeting.cast.sam, releases),
        flow(Machine, machine.id, meeting.cast.kim, breaks),
    )
    ended = meeting.meet(*(flows if released_first else flows[::-1]))
    assert ended == (("done", "wrong-state") if released_first else ("done", "not-tested"))


@pytest.mark.parametrize("lost_first", [True, False])
def test_what_may_be_exposed_by_a_loss_is_counted_as_it_stands(meeting: Meeting, lost_first: bool) -> None:
    machine, _ = _proven(meeting)
    other = a_received(meeting)
    drive = open_sightings(meeting.session, other)[0].drive

    def loses(session: Session, found: Machine, by: Person) -> None:
        open_sightings(session, found)
        losses.lose(session, found, losses.Loss.STOLEN, by=by, at=NOW)

    flows = (sees(machine, drive), flow(Machine, machine.id, meeting.cast.lou, loses))
    ended = meeting.meet(*(flows[::-1] if lost_first else flows))
    assert ended == (("done", "out-of-bench") if lost_first else ("done", "done"))
    lost = next(one for one in history(meeting.session, machine) if one.action == Action.LOSE)
    assert ('"drives_unproven":0' in lost.facts) == lost_first


def test_a_profile_is_not_installed_on_a_drive_that_was_just_taken_out(meeting: Meeting) -> None:
    machine, _ = _proven(meeting)
    (sighting,) = open_sightings(meeting.session, machine)
    kim = meeting.cast.kim.id

    def takes_out(session: Session, found: Sighting, by: Person) -> None:
        remove_drive(session, found, Why.UPGRADE, by=by, witness=session.get_one(Person, kim), at=NOW)

    def installs(session: Session, found: Machine, by: Person) -> None:
        reinstall.reinstall(session, found, "bureau", by=by, at=NOW)

    sam = meeting.cast.sam
    ended = meeting.meet(flow(Sighting, sighting.id, sam, takes_out), flow(Machine, machine.id, sam, installs))
    assert ended == ("done", "no-drive-to-install")


def _sort(session: Session, machine: Machine, by: Person) -> None:
    triage.triage(session, machine, triage.Decision.KEEP, by=by, at=NOW)


def _put_aside(session: Session, machine: Machine, by: Person) -> None:
    holding.hold(session, machine, holding.Hold.PART, by=by, at=NOW)


def _release(session: Session, machine: Machine, by: Person) -> None:
    release_to_stock(session, machine, "A1", by=by, at=NOW)


def _declare_empty(session: Session, machine: Machine, by: Person) -> None:
    witness = session.scalars(select(Person).where(Person.name == "Lou Martin")).one()
    declare_driveless(session, machine, by=by, witness=witness, at=NOW)


@pytest.mark.parametrize(
    ("state", "verb", "refusal"),
    [
        (State.RECEIVED, _sort, "already-triaged"),
        (State.READY, _put_aside, "already-held"),
        (State.REINSTALLED, _release, "wrong-state"),
        (State.RECEIVED, _declare_empty, "already-driveless"),
    ],
)
def test_one_decision_taken_twice_at_once_is_taken_once_and_says_why(
    meeting: Meeting, state: State, verb: Verb[Machine], refusal: str
) -> None:
    cast = meeting.cast
    machine = _tested(meeting) if state == State.REINSTALLED else a_machine(meeting.session, cast, state)
    ended = meeting.meet(flow(Machine, machine.id, cast.sam, verb), flow(Machine, machine.id, cast.kim, verb))
    assert ended == ("done", refusal)


def test_a_computer_put_aside_as_it_is_promised_stays_aside(meeting: Meeting) -> None:
    request = a_request(meeting.session, meeting.cast).id
    machine = a_machine(meeting.session, meeting.cast)

    def promises(session: Session, found: Machine, by: Person) -> None:
        allocate(session, found, session.get_one(Request, request), by=by, at=NOW)

    aside = flow(Machine, machine.id, meeting.cast.sam, _put_aside)
    assert meeting.meet(aside, flow(Machine, machine.id, meeting.cast.ada, promises)) == ("done", "on-hold")


def test_a_shelf_is_written_once_for_each_move(meeting: Meeting) -> None:
    machine = a_machine(meeting.session, meeting.cast)

    def moves(shelf: str) -> Flow:
        return flow(Machine, machine.id, meeting.cast.sam, lambda s, found, by: shelve(s, found, shelf, by=by, at=NOW))

    assert meeting.meet(moves("B1"), moves("C1")) == ("done", "done")
    told = [json.loads(one.facts) for one in history(meeting.session, machine) if one.action == Note.SHELVED]
    assert [(one["was"], one["shelf"]) for one in told] == [("A1", "B1"), ("B1", "C1")]


def test_one_new_drive_told_by_two_reports_at_once_is_seen_once(meeting: Meeting) -> None:
    machine, _ = _proven(meeting)
    drive = open_sightings(meeting.session, a_received(meeting))[0].drive
    assert meeting.meet(sees(machine, drive), sees(machine, drive)) == ("done", "done")
    assert len(open_sightings(meeting.session, meeting.session.get_one(Machine, machine.id))) == 2
