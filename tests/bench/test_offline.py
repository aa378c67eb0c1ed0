"""Jobs carried on a stick: what they permit, what they prove, and what they never do."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.bench.counter_checks import SameHands, order_check
from ordi.bench.jobs import JobRunning, WipeJob, order_wipe
from ordi.bench.judging import Outcome, answer, commit_facts, give_up, judge_unanswered
from ordi.bench.offline_jobs import (
    LONGEST,
    OfflineStick,
    StickEdited,
    StickUnknown,
    file_of,
    jobs_of,
    prepare,
    take_back,
    waiting_drives,
)
from ordi.bench.under_way import cancel
from ordi.errors import Invalid, NotAllowed
from ordi.machines.drive import Drive, Sanitisation, Standing
from ordi.machines.inventory import OutOfBench
from ordi.machines.journal import history
from ordi.machines.lifecycle import Note, State
from ordi.machines.machine import Machine
from ordi.signatures import SigningKey, b64url, from_b64url, verify
from tests.bench.benches import Bench, honest, report
from tests.cast import Cast
from tests.factories import a_drive, a_machine
from tests.ground.clock import NOW

WEEK = timedelta(days=7)
SIZE = 64 * 1024


@pytest.fixture
def machine(session: Session, cast: Cast) -> Machine:
    return a_machine(session, cast, State.RECEIVED, triage="keep")


@pytest.fixture
def drive(session: Session, machine: Machine) -> Drive:
    return a_drive(session, machine, size=SIZE)


Stick = tuple[OfflineStick, Ed25519PrivateKey]


@pytest.fixture
def stick(session: Session, cast: Cast, machine: Machine, drive: Drive) -> Stick:
    """Lou prepares a stick for Sam."""
    chosen = [(machine, drive)]
    return prepare(session, cast.workshop, chosen, wiper=cast.sam, lasts=WEEK, test=False, by=cast.lou, at=NOW)


def the_job(session: Session, stick: Stick) -> WipeJob:
    (job,) = jobs_of(session, stick[0])
    return job


def brought(stick: Stick, *told: dict[str, Any], key: Ed25519PrivateKey | None = None) -> bytes:
    """The file that comes back with these reports."""
    reports = []
    for one in told:
        body = json.dumps(one).encode()
        signature = (key or stick[1]).sign(b"ordi-offline-report/1\n" + body)
        reports.append({"body": base64.b64encode(body).decode(), "signature": b64url(signature)})
    return json.dumps({"format": "ordi-offline-reports/1", "stick": stick[0].bench.uuid, "reports": reports}).encode()


def taken(session: Session, cast: Cast, stick: Stick, days: float = 2, **changes: Any) -> Outcome:
    """An honest report comes back after some days."""
    body = brought(stick, report(the_job(session, stick), **changes))
    _, (outcome,) = take_back(session, body, by=cast.sam, at=NOW + timedelta(days=days))
    return outcome


def test_the_file_holds_signed_jobs_and_a_key_that_is_kept_nowhere_else(session: Session, stick: Stick) -> None:
    made, key = stick
    signing = SigningKey.of("job", Ed25519PrivateKey.generate())
    told = file_of(session, made, key, signing, "https://ordi.example")
    jwks = {
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "x": b64url(signing.private.public_key().public_bytes_raw()),
                "kid": signing.kid,
                "purpose": "job",
                "nbf": 0,
            }
        ]
    }
    job = verify(told["jobs"][0], jwks, "ordi-job/1")
    assert (job["session"], job["expires"]) == (told["stick"], told["expires"])
    assert from_b64url(told["seed"]) == key.private_bytes_raw()
    assert key.private_bytes_raw() not in (made.bench.public_key, the_job(session, stick).key)


def test_a_report_from_a_stick_is_proved_by_the_drive_and_marked(
    session: Session, cast: Cast, stick: Stick, machine: Machine, drive: Drive
) -> None:
    outcome = taken(session, cast, stick)
    assert (outcome.judgement, drive.standing) == (None, Standing.HOLDS_DATA)
    assert outcome.challenge
    job = the_job(session, stick)
    at = NOW + timedelta(days=5)
    told = answer(session, stick[0].bench, job.uuid, honest(job, outcome.challenge), at=at)
    assert told.proof
    assert (told.proof.verdict, told.proof.offline, told.proof.assurance) == ("PASS", True, "executed")
    assert told.proof.wiper_id == cast.sam.id
    assert machine.state == State.SANITISED


def test_a_report_no_drive_stood_up_for_is_a_claim(session: Session, cast: Cast, stick: Stick, drive: Drive) -> None:
    taken(session, cast, stick)
    assert judge_unanswered(session, at=NOW + timedelta(days=6)) == 0  # the drive has as long as the stick
    assert judge_unanswered(session, at=NOW + timedelta(days=8)) == 1
    proof = session.scalars(select(Sanitisation)).one()
    assert (proof.verdict, proof.reasons) == ("UNKNOWN", "challenge-unanswered")
    assert (proof.offline, proof.assurance) == (True, "declared")
    assert drive.standing == Standing.HOLDS_DATA


def test_a_report_after_the_last_day_proves_nothing(session: Session, cast: Cast, stick: Stick) -> None:
    outcome = taken(session, cast, stick, days=7.1)
    assert outcome.judgement
    assert (outcome.judgement.verdict, outcome.judgement.reasons) == ("UNKNOWN", ("started-late",))


def test_a_report_brought_twice_is_one_and_a_second_one_is_none(session: Session, cast: Cast, stick: Stick) -> None:
    told = report(the_job(session, stick))
    first = take_back(session, brought(stick, told), by=cast.sam, at=NOW + WEEK / 2)[1][0]
    again = take_back(session, brought(stick, told), by=cast.kim, at=NOW + WEEK / 2)[1][0]
    assert again.challenge == first.challenge
    other = taken(session, cast, stick, days=4)
    assert other.judgement
    assert (other.judgement.verdict, other.judgement.reasons) == ("UNKNOWN", ("job-used",))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"identity__serial": "ANOTHER"}, "another-drive"),
        ({"identity__bytes": SIZE * 2}, "another-drive"),
        ({"nonce": "A" * 43}, "wrong-nonce"),
        ({"test": True}, "test-contradicts"),
    ],
)
def test_a_report_of_something_else_proves_nothing(
    session: Session, cast: Cast, stick: Stick, changes: dict[str, Any], why: str
) -> None:
    outcome = taken(session, cast, stick, **changes)
    assert outcome.judgement
    assert (outcome.judgement.verdict, outcome.judgement.reasons) == ("UNKNOWN", (why,))


def test_one_edited_report_spoils_the_whole_file(session: Session, cast: Cast, stick: Stick) -> None:
    good, bad = report(the_job(session, stick)), report(the_job(session, stick))
    told = json.loads(brought(stick, good, bad))
    told["reports"][1]["body"] = base64.b64encode(json.dumps(bad | {"seq": 2}).encode()).decode()
    with pytest.raises(StickEdited):
        take_back(session, json.dumps(told).encode(), by=cast.sam, at=NOW)
    with pytest.raises(StickEdited):
        take_back(session, brought(stick, good, key=Ed25519PrivateKey.generate()), by=cast.sam, at=NOW)
    assert session.scalars(select(Sanitisation)).all() == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"[" * 100_000, b'{"format": "ordi-offline-reports/1"}'])
def test_what_is_no_return_of_a_stick_is_told_so(session: Session, cast: Cast, body: bytes) -> None:
    with pytest.raises(StickUnknown):
        take_back(session, body, by=cast.sam, at=NOW)


def test_who_saw_k_never_checks(session: Session, cast: Cast, stick: Stick, machine: Machine, drive: Drive) -> None:
    outcome = taken(session, cast, stick)
    job = the_job(session, stick)
    assert outcome.challenge
    answer(session, stick[0].bench, job.uuid, honest(job, outcome.challenge), at=NOW + timedelta(days=2))
    assert drive.standing == Standing.SANITISED
    bench = Bench(session, NOW + timedelta(days=3)).adopted(machine, cast.lou)
    with pytest.raises(SameHands):  # Lou prepared the stick
        order_check(session, bench, drive, by=cast.lou, at=NOW + timedelta(days=3))


def test_a_drive_on_a_stick_is_ordered_nowhere_else(
    session: Session, cast: Cast, stick: Stick, machine: Machine, drive: Drive
) -> None:
    assert waiting_drives(session, cast.workshop) == []
    with pytest.raises(JobRunning):
        order_wipe(session, Bench(session, NOW).adopted(machine, cast.sam), drive, by=cast.sam, at=NOW)


def test_a_stick_is_a_leads_for_days_and_for_drives_at_the_bench(
    session: Session, cast: Cast, machine: Machine, drive: Drive
) -> None:
    told: dict[str, Any] = {"wiper": cast.sam, "lasts": WEEK, "test": False, "at": NOW}
    for who in (cast.sam, cast.ada, cast.noor):
        with pytest.raises(NotAllowed):
            prepare(session, cast.workshop, [(machine, drive)], **told, by=who)
    with pytest.raises(NotAllowed):  # Noor wipes nothing of ours
        prepare(session, cast.workshop, [(machine, drive)], **told | {"wiper": cast.noor}, by=cast.lou)
    with pytest.raises(Invalid):
        prepare(session, cast.workshop, [(machine, drive)], **told | {"lasts": LONGEST * 2}, by=cast.lou)
    out = a_machine(session, cast, State.HANDED_OVER)
    with pytest.raises(OutOfBench):
        prepare(session, cast.workshop, [(out, drive)], **told, by=cast.lou)


def test_somebody_of_another_workshop_brings_nothing_back(session: Session, cast: Cast, stick: Stick) -> None:
    with pytest.raises(NotAllowed):
        take_back(session, brought(stick), by=cast.noor, at=NOW)


def test_what_a_report_said_is_kept_as_it_came(session: Session, cast: Cast, stick: Stick) -> None:
    outcome = taken(session, cast, stick)
    assert outcome.commit
    assert commit_facts(outcome.commit).job == the_job(session, stick).uuid
    assert outcome.commit.source == f"stick:{stick[0].bench.uuid}"


@pytest.mark.parametrize("give_it_up", [False, True])
def test_what_a_person_stops_is_in_the_history(
    session: Session, cast: Cast, machine: Machine, stick: Stick, give_it_up: bool
) -> None:
    stop = give_up if give_it_up else cancel
    for _ in range(2):
        stop(session, the_job(session, stick), by=cast.sam, at=NOW)
    told = [event for event in history(session, machine) if event.action == Note.WIPE_STOPPED]
    assert [(event.person_id, json.loads(event.facts)["how"]) for event in told] == [
        (cast.sam.id, "given-up" if give_it_up else "before-start")
    ]
    outcome = taken(session, cast, stick)
    assert outcome.judgement
    assert outcome.judgement.reasons == ("job-used",)
