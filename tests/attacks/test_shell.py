"""A technician with a shell and curl: whatever they send, nothing ends PASS that was not read back, nothing counter-checked alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp

from agent.signing import DurableCounter, Signer
from ordi.bench.counter_checks import assurance_of, checks_of
from ordi.bench.jobs import order_wipe
from ordi.bench.judging import WipeCommit
from ordi.bench.verdict import Assurance
from ordi.machines.drive import CounterCheck, Medium, Sanitisation, Standing
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.parties.people import Person
from ordi.parties.tokens import make_token
from ordi.signatures import from_b64url
from tests.attacks.shell import SIZE, Disk, Shell, adopt, another, drawn_alike, drive_of, press
from tests.cast import Cast
from tests.factories import a_drive, a_machine
from tests.ground.clock import NOW
from tests.web.test_api import BASE

Enter = Callable[[Person], TestApp]
HALF_PERCENT = SIZE // 200


@pytest.fixture
def machine(session: Session, cast: Cast) -> Machine:
    """A computer to keep."""
    made = a_machine(session, cast, State.RECEIVED, triage="keep")
    session.commit()
    return made


@pytest.fixture
def wiping(speaker: Shell, session: Session, cast: Cast, enter: Enter, machine: Machine) -> dict[str, Any]:
    """Sam adopts it and orders the wipe; the job it was given."""
    return ordered(speaker.boot(Disk()), session, enter(cast.sam), machine)


def ordered(shell: Shell, session: Session, browser: TestApp, machine: Machine) -> dict[str, Any]:
    """Somebody adopts a live system and orders the wipe; the job it is given."""
    assert adopt(browser, shell, machine, session).status_int == 302
    assert press(browser, f"/machines/{machine.tag}/wipe", "/wipe").status_int == 302
    return shell.job()


def full(session: Session, machine: Machine) -> bool:
    """Whether its drive counts as holding data, and no proof says otherwise."""
    standing = drive_of(session, machine).standing
    proofs = session.scalars(select(Sanitisation.verdict).where(Sanitisation.machine_id == machine.id)).all()
    return standing == Standing.HOLDS_DATA and "PASS" not in proofs and machine.state == State.RECEIVED


def wiped(speaker: Shell, job: dict[str, Any], **changes: Any) -> Any:
    """Overwrite, report and answer; the last answer."""
    speaker.overwrite(job)
    drawn = speaker.commit(speaker.facts(job, **changes)).json["challenge"]
    return speaker.answers(job["job"], drawn).json


def test_an_honest_wipe_ends_pass_so_that_the_others_prove_something(
    speaker: Shell, session: Session, machine: Machine, wiping: dict[str, Any]
) -> None:
    assert full(session, machine)
    assert wiped(speaker, wiping)["verdict"] == "PASS"
    assert drive_of(session, machine).standing == Standing.SANITISED


def test_all_pass_facts_without_a_job_prove_nothing(
    speaker: Shell, session: Session, cast: Cast, enter: Enter, machine: Machine
) -> None:
    speaker.boot(Disk())
    invented = {"job": "7d444840-9dc0-41d1-b245-5ffdce74fad2", "nonce": "A" * 43, "technique": "overwrite-aes256ctr"}
    before = speaker.commit(speaker.facts(invented))
    assert adopt(enter(cast.sam), speaker, machine, session).status_int == 302
    after = speaker.commit(speaker.facts(invented))
    for answer in (before, after):
        assert (answer.json["verdict"], answer.json["reasons"]) == ("UNKNOWN", ["no-job"])
    answer = speaker.answers(invented["job"], {"nonce": "A" * 43, "bytes": 4096, "offsets": [0]})
    assert (answer.status_int, answer.json["code"]) == (409, "no-such-job")
    assert full(session, machine)


def test_a_token_proves_no_wipe_even_with_a_real_job(
    visitor: TestApp, speaker: Shell, session: Session, cast: Cast, machine: Machine, wiping: dict[str, Any]
) -> None:
    _, secret = make_token(session, "script", ["evidence:write"], cast.workshop, by=None, at=NOW, answers=cast.sam)
    session.commit()
    bearer = {"Authorization": f"Bearer {secret}"}
    answer = visitor.post_json("/api/v1/sanitisations", speaker.facts(wiping), headers=bearer)
    assert (answer.json["verdict"], answer.json["reasons"]) == ("UNKNOWN", ["no-job"])
    assert full(session, machine)


def test_another_sessions_job_is_not_reported_by_ones_own(
    visitor: TestApp,
    tmp_path: Path,
    speaker: Shell,
    session: Session,
    cast: Cast,
    enter: Enter,
    machine: Machine,
    wiping: dict[str, Any],
) -> None:
    other = another(visitor, tmp_path, speaker.disk)
    assert adopt(enter(cast.kim), other, machine, session).status_int == 302
    assert other.get("/api/v1/jobs").json["jobs"] == []
    assert other.commit(other.facts(wiping)).json["reasons"] == ["no-job"]
    stopped = {
        "uuid": wiping["job"],
        "job": wiping["job"],
        "seq": 9,
        "phase": "failed",
        "bytes": 0,
        "total": 0,
        "monotonic_ms": 0,
    }
    assert other.post(f"/api/v1/jobs/{wiping['job']}/progress", stopped).json["code"] == "no-such-job"
    assert full(session, machine)
    assert wiped(speaker, wiping)["verdict"] == "PASS"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"identity__serial": "ANOTHER"}, "another-drive"),
        ({"identity__bytes": SIZE - 512}, "another-drive"),
        ({"nonce": "B" * 43}, "wrong-nonce"),
        ({"technique": "blkdiscard"}, "another-technique"),
        ({"test": True}, "test-contradicts"),
    ],
)
def test_another_drives_job_and_another_jobs_words_do_not_fit(
    speaker: Shell, session: Session, machine: Machine, wiping: dict[str, Any], changes: dict[str, Any], reason: str
) -> None:
    speaker.overwrite(wiping)
    answer = speaker.commit(speaker.facts(wiping, **changes)).json
    assert answer["challenge"] is None
    assert answer["verdict"] == "UNKNOWN"
    assert reason in answer["reasons"]
    assert full(session, machine)


def test_the_job_of_one_drive_is_not_done_on_another(
    speaker: Shell, session: Session, cast: Cast, machine: Machine, wiping: dict[str, Any]
) -> None:
    second = a_drive(session, machine, medium=Medium.HDD, size=SIZE)
    theirs = order_wipe(session, speaker.bench(session), second, by=cast.sam, at=NOW)
    session.commit()
    job = wiping | {"job": theirs.uuid, "nonce": theirs.nonce}
    speaker.overwrite(wiping)
    answer = speaker.commit(speaker.facts(job))
    assert (answer.json["verdict"], answer.json["reasons"]) == ("UNKNOWN", ["another-drive"])
    session.expire_all()
    assert second.standing == Standing.HOLDS_DATA


def test_a_replayed_commit_gets_the_first_answer_and_proves_nothing_twice(
    speaker: Shell, session: Session, machine: Machine, wiping: dict[str, Any]
) -> None:
    told = speaker.facts(wiping, read__mismatches=3)
    first = speaker.commit(told).json
    assert first["challenge"]
    assert speaker.commit(told).json == first
    verdict = speaker.answers(wiping["job"], first["challenge"]).json
    assert verdict["verdict"] == "FAIL"
    assert speaker.commit(told).json["verdict"] == "FAIL"
    nicer = speaker.commit(speaker.facts(wiping)).json
    assert (nicer["verdict"], nicer["reasons"]) == ("UNKNOWN", ["job-used"])
    speaker.overwrite(wiping)
    assert speaker.answers(wiping["job"], first["challenge"]).json["verdict"] == "FAIL"
    assert full(session, machine)


def test_a_commit_replayed_under_another_key_or_with_one_byte_changed_is_not_even_read(
    speaker: Shell, visitor: TestApp, tmp_path: Path, session: Session, wiping: dict[str, Any]
) -> None:
    path, body = "/api/v1/sanitisations", b'{"uuid": 1}'
    headers = speaker.signer.headers("POST", BASE + path, body)
    strange = Signer(Ed25519PrivateKey.generate(), DurableCounter(tmp_path / "strange"))
    for sent, told in (
        (body + b" ", headers),
        (body, strange.headers("POST", BASE + path, body)),
        (body, speaker.signer.headers("POST", "http://elsewhere" + path, body)),
        (body, speaker.signer.headers("GET", BASE + path, body)),
        (body, speaker.signer.headers("POST", BASE + "/api/v1/evidence", body)),
    ):
        assert visitor.post(path, sent, headers=told, expect_errors=True).status_int == 401
    assert session.scalars(select(WipeCommit)).all() == []


def test_a_disk_that_is_smaller_than_it_says_fails(
    speaker: Shell, session: Session, cast: Cast, enter: Enter, machine: Machine
) -> None:
    job = ordered(speaker.boot(Disk(holds=SIZE // 2)), session, enter(cast.sam), machine)
    answer = wiped(speaker, job)
    assert (answer["verdict"], answer["reasons"][0]) == ("FAIL", "challenge-mismatch")
    assert full(session, machine)


def test_half_a_percent_left_is_found_by_the_read_back(
    speaker: Shell, session: Session, cast: Cast, enter: Enter, machine: Machine
) -> None:
    left = Disk(drops=range(SIZE // 3, SIZE // 3 + HALF_PERCENT))
    job = ordered(speaker.boot(left), session, enter(cast.sam), machine)
    speaker.overwrite(job)
    different = speaker.differing(job)
    assert different > HALF_PERCENT * 9 // 10
    answer = speaker.commit(speaker.facts(job, read__mismatches=different)).json
    last = speaker.answers(job["job"], answer["challenge"]).json
    assert last["verdict"] == "FAIL"
    assert "read-back-differs" in last["reasons"]
    assert full(session, machine)


def test_half_a_percent_left_at_the_end_is_always_asked_for(
    speaker: Shell, session: Session, machine: Machine, wiping: dict[str, Any]
) -> None:
    speaker.disk.drops = range(SIZE - HALF_PERCENT, SIZE)
    answer = wiped(speaker, wiping)
    assert (answer["verdict"], answer["reasons"]) == ("FAIL", ["challenge-mismatch"])
    assert full(session, machine)


def test_half_a_percent_hidden_by_a_liar_who_knows_the_key_is_found_by_the_second_person(
    speaker: Shell,
    visitor: TestApp,
    tmp_path: Path,
    session: Session,
    cast: Cast,
    enter: Enter,
    machine: Machine,
    wiping: dict[str, Any],
) -> None:
    speaker.disk.drops = range(SIZE // 3, SIZE // 3 + HALF_PERCENT)
    speaker.overwrite(wiping)
    drawn = speaker.commit(speaker.facts(wiping)).json["challenge"]
    told = speaker.answers(wiping["job"], drawn, key=from_b64url(wiping["key"])).json
    proof = session.scalars(select(Sanitisation)).one()
    assert (
        told["verdict"] == proof.verdict
    )  # one alone, with the key, is believed until the second look: as every certificate says
    assert assurance_of(proof, checks_of(session, proof)) == Assurance.EXECUTED

    second = another(visitor, tmp_path, speaker.disk)
    lou = enter(cast.lou)
    assert adopt(lou, second, machine, session).status_int == 302
    with drawn_alike(7):
        page, drive = f"/machines/{machine.tag}/wipe", drive_of(session, machine).id
        assert press(lou, page, f"/check/{drive}").status_int == 302
    check = second.job()
    assert "key" not in check
    found = second.answers(check["job"], check["challenge"]).json
    assert (found["verdict"], found["reasons"]) == ("FAIL", ["counter-check-differs"])
    session.expire_all()
    assert assurance_of(proof, checks_of(session, proof)) == Assurance.EXECUTED
    assert drive_of(session, machine).standing == Standing.HOLDS_DATA
    assert machine.state == State.RECEIVED


def test_the_same_person_is_not_the_second_whatever_they_start(
    speaker: Shell, visitor: TestApp, tmp_path: Path, session: Session, cast: Cast, enter: Enter, machine: Machine
) -> None:
    lou = enter(cast.lou)
    assert wiped(speaker, ordered(speaker.boot(Disk()), session, lou, machine))["verdict"] == "PASS"
    again = another(visitor, tmp_path, speaker.disk)
    assert adopt(lou, again, machine, session).status_int == 302
    answer = press(lou, f"/machines/{machine.tag}/wipe", f"/check/{drive_of(session, machine).id}")
    assert answer.status_int == 409
    assert again.get("/api/v1/jobs").json["jobs"] == []
    assert session.scalars(select(CounterCheck)).all() == []
    kim = enter(cast.kim)  # a technician countersigns nothing
    forms = kim.get("/sign-in/mine").forms.values()
    token = next(form["csrf_token"].value for form in forms if "csrf_token" in form.fields)
    refused = kim.post(
        f"/machines/{machine.tag}/check/{drive_of(session, machine).id}", {"csrf_token": token}, expect_errors=True
    )
    assert refused.status_int == 403


def test_the_wipes_own_start_does_not_answer_the_check(
    speaker: Shell,
    visitor: TestApp,
    tmp_path: Path,
    session: Session,
    cast: Cast,
    enter: Enter,
    machine: Machine,
    wiping: dict[str, Any],
) -> None:
    assert wiped(speaker, wiping)["verdict"] == "PASS"
    second, lou = another(visitor, tmp_path, speaker.disk), enter(cast.lou)
    assert adopt(lou, second, machine, session).status_int == 302
    press(lou, f"/machines/{machine.tag}/wipe", f"/check/{drive_of(session, machine).id}")
    check = second.job()
    answer = speaker.answers(check["job"], check["challenge"], key=from_b64url(wiping["key"]))
    assert answer.json["code"] == "no-such-job"
    assert session.scalars(select(CounterCheck)).all() == []


def test_a_session_adopted_by_nobody_gets_no_job_and_proves_nothing(
    speaker: Shell, session: Session, cast: Cast, machine: Machine
) -> None:
    speaker.boot(Disk())
    assert speaker.get("/api/v1/jobs").json == {"session_state": "waiting", "poll_after_s": 3, "jobs": []}
    bench = speaker.bench(session)
    assert (bench.adopter_id, bench.machine_id) == (None, None)
    a_drive(session, machine, medium=Medium.HDD, size=SIZE)
    session.commit()
    assert full(session, machine)


def test_a_swapped_code_is_refused_and_its_pictograms_are_of_the_key_it_names(
    speaker: Shell, visitor: TestApp, tmp_path: Path, session: Session, cast: Cast, enter: Enter, machine: Machine
) -> None:
    speaker.boot(Disk())
    theirs = another(visitor, tmp_path, Disk())
    mine, other = speaker.bench(session), theirs.bench(session)
    sam = enter(cast.sam)
    swapped = f"/B/{speaker.uuid.replace('-', '').upper()}/{other.fingerprint}"
    page = sam.get(swapped, expect_errors=True)
    assert page.status_int == 409
    token = sam.get(speaker.screen(session)).forms["adopt"]["csrf_token"].value
    forced = sam.post(swapped, {"tag": machine.tag, "csrf_token": token}, expect_errors=True)
    assert forced.status_int == 409
    session.expire_all()
    assert (mine.adopter_id, other.adopter_id) == (None, None)
    assert speaker.get("/api/v1/jobs").json["jobs"] == []
