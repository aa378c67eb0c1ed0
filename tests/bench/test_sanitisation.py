"""Wipes as a technician with a shell might tell them: only an honest one opens the gate."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ordi.bench.certificates import certificate_of, issue
from ordi.bench.counter_checks import NothingToCheck, SameBoot, SameHands, order_check
from ordi.bench.jobs import DriveNotThere, JobRunning, Phase, WipeJob, latest_proof, order_wipe, signed
from ordi.bench.judging import WipeCommit, answer
from ordi.bench.sessions import NoTestDisksHere, SessionNotYours, SessionOver, SessionTaken, adopt, open_session
from ordi.bench.under_way import progress
from ordi.bench.verdict import Verdict
from ordi.canonical import canonical
from ordi.errors import NotAllowed
from ordi.keys import KeyRing
from ordi.machines.drive import CounterCheck, Drive, Medium, Sanitisation, Standing
from ordi.machines.gate import DrivesNotClean
from ordi.machines.journal import record, verify
from ordi.machines.lifecycle import Action, State
from ordi.machines.machine import Machine
from ordi.signatures import public_bytes
from ordi.signatures import verify as verify_jws
from tests.bench.benches import Bench, honest, overwritten, read_at, report, send, wipe
from tests.bench.owed import FIELDS
from tests.cast import Cast
from tests.factories import a_drive, a_machine

Setting = tuple[Machine, Drive]


@pytest.fixture
def kept(session: Session, cast: Cast, now: datetime) -> Setting:
    """A machine received and kept, with one small drive that holds data."""
    machine = a_machine(session, cast, State.RECEIVED, triage="keep")
    return machine, a_drive(session, machine, medium=Medium.HDD, size=512 * 1024 + 512)


def test_an_honest_wipe_is_proven_and_moves_the_machine(
    session: Session, cast: Cast, kept: Setting, now: datetime
) -> None:
    machine, drive = kept
    outcome = wipe(session, machine, drive, by=cast.sam, at=now)
    assert outcome.judgement
    assert outcome.judgement.verdict == Verdict.PASS
    assert drive.standing == Standing.SANITISED
    assert machine.state == State.SANITISED
    assert list(verify(session)) == []


@pytest.mark.parametrize(
    ("changes", "verdict", "reason"),
    [
        ({"write__bytes": 512}, "FAIL", "not-all-written"),
        ({"read__bytes": 512 * 1024}, "FAIL", "not-all-read"),
        ({"read__mismatches": 1}, "FAIL", "read-back-differs"),
        ({"write__errors": [{"offset": 0, "errno": 5}]}, "FAIL", "device-errors"),
        ({"skipped": [[0, 512]]}, "FAIL", "sectors-skipped"),
        ({"raw_status": {"outcome": "aborted"}}, "FAIL", "wipe-aborted"),
        ({"raw_status": {"outcome": "refused", "reason": "mounted"}}, "UNHANDLED", "refused:mounted"),
        ({"write__ms": 0, "read__ms": 0}, "PASS", ""),
        ({"nonce": "guessed"}, "UNKNOWN", "wrong-nonce"),
        ({"identity__serial": "ANOTHER"}, "UNKNOWN", "another-drive"),
        ({"identity__bytes": 1024}, "UNKNOWN", "another-drive"),
        ({"technique": "blkdiscard"}, "UNKNOWN", "another-technique"),
        ({"test": True}, "UNKNOWN", "test-contradicts"),
        ({"read__ms": 10**9}, "UNKNOWN", "longer-than-the-clock"),
    ],
)
def test_a_report_proves_only_what_its_facts_say(
    session: Session, cast: Cast, kept: Setting, now: datetime, changes: dict[str, Any], verdict: str, reason: str
) -> None:
    machine, drive = kept
    outcome = wipe(session, machine, drive, by=cast.sam, at=now, **changes)
    assert outcome.judgement
    assert outcome.judgement.verdict == verdict
    assert reason in " ".join(outcome.judgement.reasons)
    assert (drive.standing == Standing.SANITISED) == (verdict == "PASS")
    stored = session.scalars(select(WipeCommit).order_by(WipeCommit.id.desc())).first()
    assert stored
    assert stored.verdict == verdict


def test_a_large_drive_wiped_faster_than_its_link_is_not_believed(
    session: Session, cast: Cast, kept: Setting, now: datetime
) -> None:
    machine, _ = kept
    drive = a_drive(session, machine)
    bench = Bench(session, now).adopted(machine, cast.sam)
    job = order_wipe(session, bench, drive, by=cast.sam, at=now)
    outcome = send(session, report(job), bench=bench, at=now)
    assert outcome.challenge

    answers = honest(job, outcome.challenge)
    judged = answer(session, bench, job.uuid, answers, at=now).judgement
    assert judged
    assert (judged.verdict, judged.reasons) == (Verdict.UNKNOWN, ("faster-than-its-link",))


def test_a_disk_that_dropped_a_write_fails_the_challenge(
    session: Session, cast: Cast, kept: Setting, now: datetime
) -> None:
    machine, drive = kept
    bench = Bench(session, now).adopted(machine, cast.sam)
    job = order_wipe(session, bench, drive, by=cast.sam, at=now)
    disk = overwritten(job)
    disk[0] ^= 1
    challenge = send(session, report(job), bench=bench, at=now).challenge
    assert challenge
    judged = answer(session, bench, job.uuid, read_at(bytes(disk), challenge), at=now).judgement
    assert judged
    assert judged.verdict == Verdict.FAIL
    assert "challenge-mismatch" in judged.reasons
    assert drive.standing == Standing.HOLDS_DATA


def test_facts_without_a_job_prove_nothing_and_are_kept(
    session: Session, cast: Cast, kept: Setting, now: datetime
) -> None:
    machine, drive = kept
    bench = Bench(session, now).adopted(machine, cast.sam)
    job = order_wipe(session, bench, drive, by=cast.sam, at=now)
    told = report(job) | {"job": str(uuid4())}
    outcome = send(session, told, bench=bench, at=now)
    assert outcome.judgement
    assert (outcome.judgement.verdict, outcome.judgement.reasons) == (Verdict.UNKNOWN, ("no-job",))
    assert session.scalar(select(WipeCommit).where(WipeCommit.uuid == told["uuid"]))
    with pytest.raises(DrivesNotClean):
        record(session, machine, Action.SANITISE, by=cast.sam, at=now)


def test_another_session_cannot_report_somebody_s_job(
    session: Session, cast: Cast, kept: Setting, now: datetime
) -> None:
    machine, drive = kept
    bench = Bench(session, now).adopted(machine, cast.sam)
    job = order_wipe(session, bench, drive, by=cast.sam, at=now)
    other = Bench(session, now).adopted(a_machine(session, cast, State.RECEIVED), cast.kim)
    outcome = send(session, report(job), bench=other, at=now)
    assert outcome.judgement
    assert outcome.judgement.reasons == ("no-job",)
    assert job.phase == Phase.OPEN


def test_a_commit_replayed_gives_the_first_answer_and_a_job_serves_once(
    session: Session, cast: Cast, kept: Setting, now: datetime
) -> None:
    machine, drive = kept
    bench = Bench(session, now).adopted(machine, cast.sam)
    job = order_wipe(session, bench, drive, by=cast.sam, at=now)
    told = report(job, raw_status={"outcome": "failed"})
    first = send(session, told, bench=bench, at=now)
    again = send(session, told, bench=bench, at=now)
    assert first.judgement
    assert again.judgement == first.judgement
    late = send(session, report(job), bench=bench, at=now)
    assert late.judgement
    assert late.judgement.verdict == Verdict.UNKNOWN
    assert "job-used" in late.judgement.reasons
    assert len(session.scalars(select(Sanitisation).where(Sanitisation.job_uuid == job.uuid)).all()) == 1


def test_two_jobs_never_run_on_one_drive(session: Session, cast: Cast, kept: Setting, now: datetime) -> None:
    machine, drive = kept
    bench = Bench(session, now).adopted(machine, cast.sam)
    order_wipe(session, bench, drive, by=cast.sam, at=now)
    with pytest.raises(JobRunning):
        order_wipe(session, bench, drive, by=cast.sam, at=now)


def test_a_session_is_adopted_once_by_somebody_of_the_workshop_who_saw_its_code(
    session: Session, cast: Cast, kept: Setting, now: datetime
) -> None:
    machine, _ = kept
    bench = Bench(session, now).hello()
    with pytest.raises(SessionNotYours):
        adopt(session, bench, machine, "0" * 20, by=cast.sam, at=now)
    with pytest.raises(NotAllowed):
        adopt(session, bench, machine, bench.fingerprint, by=cast.noor, at=now)
    adopt(session, bench, machine, bench.fingerprint, by=cast.sam, at=now)
    with pytest.raises(SessionTaken):
        adopt(session, bench, a_machine(session, cast, State.RECEIVED), bench.fingerprint, by=cast.sam, at=now)


def test_an_adoption_ends_after_a_working_day(session: Session, cast: Cast, kept: Setting, now: datetime) -> None:
    machine, drive = kept
    bench = Bench(session, now).adopted(machine, cast.sam)
    with pytest.raises(SessionOver):
        order_wipe(session, bench, drive, by=cast.sam, at=now + timedelta(hours=12))


def test_a_drive_never_seen_in_this_machine_is_not_wiped_there(
    session: Session, cast: Cast, kept: Setting, now: datetime
) -> None:
    machine, _ = kept
    stranger = a_drive(session, a_machine(session, cast, State.RECEIVED))
    bench = Bench(session, now).adopted(machine, cast.sam)
    with pytest.raises(DriveNotThere):
        order_wipe(session, bench, stranger, by=cast.sam, at=now)


def test_test_disks_are_for_a_demonstration(session: Session, now: datetime) -> None:
    bench = Bench(session, now)

    with pytest.raises(NoTestDisksHere):
        open_session(
            session,
            bench.uuid,
            public_bytes(bench.key),
            agent="",
            image_sha256=None,
            host_uuid=None,
            test=True,
            demonstration=False,
            at=now,
        )


def _checked(session: Session, cast: Cast, machine: Machine, drive: Drive, now: datetime, *, flip: bool = False) -> Any:
    wipe(session, machine, drive, by=cast.sam, at=now)

    proof = latest_proof(session, drive)
    assert proof
    wiped = session.scalars(select(WipeJob).where(WipeJob.uuid == proof.job_uuid)).one()
    bench = Bench(session, now).adopted(machine, cast.lou)
    job = order_check(session, bench, drive, by=cast.lou, at=now)

    disk = overwritten(wiped)
    if flip:
        disk[-1] ^= 1
    return answer(session, bench, job.uuid, read_at(bytes(disk), json.loads(job.challenge)), at=now)


def test_a_counter_check_by_another_person_from_another_boot_raises_the_assurance(
    session: Session, cast: Cast, kept: Setting, now: datetime, tmp_path: Any
) -> None:
    machine, drive = kept
    outcome = _checked(session, cast, machine, drive, now)
    ring = KeyRing.open(tmp_path / "keys", at=now)
    certificate = issue(session, outcome.proof, ring.signing("certificate", now), at=now, publish_key=True)
    told = verify_jws(certificate.jws, ring.jwks(now), "ordi-certificate/1")
    assert told["sanitisation"]["assurance"] == "counter_checked"
    assert told["verifier"]["op_code"] == cast.lou.op_code
    assert told["wiper"]["op_code"] == cast.sam.op_code
    assert told["sanitisation"]["key_published"]
    assert cast.sam.name not in canonical(told)


def test_a_counter_check_that_differs_closes_the_gate_again(
    session: Session, cast: Cast, kept: Setting, now: datetime
) -> None:
    machine, drive = kept
    outcome = _checked(session, cast, machine, drive, now, flip=True)
    assert outcome.judgement.verdict == Verdict.FAIL
    assert drive.standing == Standing.HOLDS_DATA
    assert machine.state == State.RECEIVED


def test_the_wiper_does_not_check_their_own_wipe(session: Session, cast: Cast, kept: Setting, now: datetime) -> None:
    machine, drive = kept
    wipe(session, machine, drive, by=cast.lou, at=now)
    with pytest.raises(SameHands):
        order_check(session, Bench(session, now).adopted(machine, cast.lou), drive, by=cast.lou, at=now)
    with pytest.raises(NotAllowed):
        order_check(session, Bench(session, now).adopted(machine, cast.kim), drive, by=cast.kim, at=now)


def test_the_same_boot_does_not_check_its_own_wipe(session: Session, cast: Cast, kept: Setting, now: datetime) -> None:
    machine, drive = kept
    bench = Bench(session, now).adopted(machine, cast.sam)
    job = order_wipe(session, bench, drive, by=cast.sam, at=now)
    challenge = send(session, report(job), bench=bench, at=now).challenge
    assert challenge
    answer(session, bench, job.uuid, read_at(bytes(overwritten(job)), challenge), at=now)
    with pytest.raises(SameBoot):
        order_check(session, bench, drive, by=cast.lou, at=now)


def test_the_database_itself_refuses_a_check_by_the_wiper(
    session: Session, cast: Cast, kept: Setting, now: datetime
) -> None:
    machine, drive = kept
    proof = wipe(session, machine, drive, by=cast.lou, at=now).proof
    assert proof
    session.add(
        CounterCheck(
            sanitisation_id=proof.id, job_uuid=str(uuid4()), checker_id=cast.lou.id, sectors=1, matched=1, at=now
        )
    )
    with pytest.raises(IntegrityError, match="ordi:counter_checks_other"):
        session.flush()


def test_an_unwiped_drive_has_nothing_to_check_and_no_certificate(
    session: Session, cast: Cast, kept: Setting, now: datetime
) -> None:
    machine, drive = kept
    with pytest.raises(NothingToCheck):
        order_check(session, Bench(session, now).adopted(machine, cast.lou), drive, by=cast.lou, at=now)
    failed = wipe(session, machine, drive, by=cast.sam, at=now, read__mismatches=3)
    assert failed.proof
    assert certificate_of(session, failed.proof) is None


def test_a_job_is_signed_and_a_check_never_carries_the_key(
    session: Session, cast: Cast, kept: Setting, now: datetime, tmp_path: Any
) -> None:
    machine, drive = kept
    ring = KeyRing.open(tmp_path / "keys", at=now)
    bench = Bench(session, now).adopted(machine, cast.sam)
    job = order_wipe(session, bench, drive, by=cast.sam, at=now)
    told = verify_jws(signed(job, ring.signing("job", now)), ring.jwks(now), "ordi-job/1")
    assert (told["tag"], told["serial"], told["bytes"]) == (machine.tag, drive.serial, drive.bytes)
    assert "key" in told
    job.phase = Phase.CANCELLED
    wipe(session, machine, drive, by=cast.sam, at=now)
    check = order_check(session, Bench(session, now).adopted(machine, cast.lou), drive, by=cast.lou, at=now)
    told = verify_jws(signed(check, ring.signing("job", now)), ring.jwks(now), "ordi-job/1")
    assert "key" not in told
    assert len(told["challenge"]["offsets"]) > 1


def test_late_news_of_a_job_changes_nothing(session: Session, cast: Cast, kept: Setting, now: datetime) -> None:
    machine, drive = kept
    bench = Bench(session, now).adopted(machine, cast.sam)
    job = order_wipe(session, bench, drive, by=cast.sam, at=now)
    progress(session, job, seq=3, phase=Phase.READING, done=10, reason=None, at=now)
    progress(session, job, seq=2, phase=Phase.WRITING, done=5, reason=None, at=now)
    assert (job.phase, job.done_bytes) == (Phase.READING, 10)


def test_a_certificate_has_every_field_that_is_owed(
    session: Session, cast: Cast, kept: Setting, now: datetime, tmp_path: Any
) -> None:
    machine, drive = kept
    drive.model, drive.wwn = "Samsung SSD 860", "0x5002538d4243a2b1"
    outcome = _checked(session, cast, machine, drive, now)
    told = issue(
        session, outcome.proof, KeyRing.open(tmp_path / "keys", at=now).signing("certificate", now), at=now
    ).payload
    for owed, path in FIELDS.items():
        place: Any = told
        for part in path.split("."):
            assert part in place, f"{owed}: nowhere ({path})"
            place = place[part]
    assert told["drive"]["manufacturer"] == "Samsung"
    assert told["wiper"]["place"] == told["verifier"]["place"] == cast.workshop.name
    assert told["destination"] == "reuse"
    assert told["sanitisation"]["bench_key"], "the key that signed the evidence, beside the organisation's own"
