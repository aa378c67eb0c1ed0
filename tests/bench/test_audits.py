"""The draw nobody can foresee and everybody can repeat, the third person who reads the whole drive, and what a difference holds."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ordi.bench import audit_parts, draws
from ordi.bench.audit_parts import SameSession, judge_part, order_audit, sums_of, sums_waiting
from ordi.bench.audits import (
    NotDrawn,
    NothingToAudit,
    NotTheThird,
    audits_due,
    audits_made,
    claim,
    key_for_tool,
    waive,
)
from ordi.bench.counter_checks import assurance_of, order_check
from ordi.bench.draws import drawn_again, falls, published
from ordi.bench.jobs import WipeJob
from ordi.bench.judging import answer
from ordi.bench.quarantines import AlreadyLifted, StillDoubtful, doubtful, held_by, lift, quarantines_seen_by
from ordi.errors import Invalid, NotAllowed
from ordi.machines.audit import Audit, AuditDraw, audited
from ordi.machines.drive import Drive, Sanitisation, Standing
from ordi.machines.gate import AuditDue, InQuarantine
from ordi.machines.journal import history, record
from ordi.machines.lifecycle import Action, Note, State
from ordi.machines.lots import Lot
from ordi.machines.machine import Machine
from ordi.machines.policy import Demand, set_policy
from ordi.machines.quarantine import Quarantine
from ordi.parties.people import Person
from tests.bench.benches import Bench, honest, overwritten, read_at, wipe
from tests.cast import Cast
from tests.factories import a_drive, a_machine, wiped
from tests.machines.test_gate import refused
from tests.machines.test_raw_sql import _forge

SIZE = 300_000


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every wipe comes out."""
    monkeypatch.setattr(draws, "LEAST_PERCENT", 100)


@pytest.fixture
def lot(session: Session, cast: Cast, now: datetime) -> Lot:
    """A lot of our donor."""
    made = Lot(
        code="L-2026-900", donor=cast.donor, workshop=cast.workshop, promised_count=1, created_at=now, collected_at=now
    )
    session.add(made)
    session.flush()
    return made


def a_wiped(session: Session, cast: Cast, now: datetime, **details: object) -> tuple[Machine, Drive]:
    """A kept machine with one small drive, wiped by Sam."""
    machine = a_machine(session, cast, State.RECEIVED, at=now, triage="keep", **details)
    drive = a_drive(session, machine, size=SIZE, at=now)
    wipe(session, machine, drive, by=cast.sam, at=now)
    return machine, drive


def read_whole(session: Session, machine: Machine, drive: Drive, by: Person, at: datetime, disk: bytes | None = None):
    """An audit from a start of its own, part after part; `disk`: what the drive really holds."""
    bench = Bench(session, at).adopted(machine, by)
    job = order_audit(session, bench, drive, by=by, at=at)
    told = None
    while job is not None:
        challenge = audit_parts.json.loads(job.challenge)
        wiping = session.scalars(
            select(WipeJob).where(WipeJob.drive_id == drive.id, WipeJob.kind == "wipe").order_by(WipeJob.id.desc())
        ).first()
        assert wiping
        said = read_at(disk, challenge) if disk is not None else honest(wiping, challenge)
        told = answer(session, bench, job.uuid, said, at=at)
        job = session.scalar(
            select(WipeJob).where(WipeJob.bench_session_id == bench.id, WipeJob.phase == "open").limit(1)
        )
    return told


def the_disk(session: Session, drive: Drive) -> bytearray:
    """What an honest wipe left on it."""
    job = session.scalars(select(WipeJob).where(WipeJob.drive_id == drive.id, WipeJob.kind == "wipe")).one()
    return overwritten(job)


# the draw


def test_each_wipe_has_its_shares_chance(session: Session) -> None:
    seed = b"a seed of thirty-two bytes, fixed"[:32]
    came = sum(falls(seed, f"job-{n}", 5, 1, 1) for n in range(20_000))
    assert 900 < came < 1100
    assert not any(falls(seed, f"job-{n}", 0, 1, 0) for n in range(100))
    assert all(falls(seed, f"job-{n}", 100, 1, 1) for n in range(100))


def test_never_fewer_than_one_in_twenty_come_out(
    session: Session, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draws, "LEAST_PERCENT", 5)
    monkeypatch.setattr(draws.secrets, "token_bytes", lambda count: b"\0" * count)
    machine = a_machine(session, cast, State.RECEIVED)
    for number in range(40):
        proof = wiped(session, cast, machine, a_drive(session, machine))
        proof_drawn = draws.draw_for_audit(session, proof, at=now)
        assert proof_drawn is not None
        assert proof_drawn.place == number + 1
    came = session.scalars(select(AuditDraw).where(AuditDraw.drawn)).all()
    assert len(came) >= 2


def test_a_draw_can_be_repeated_once_its_month_is_over(
    session: Session, cast: Cast, now: datetime, drawn: None
) -> None:
    a_wiped(session, cast, now)
    (this_month,) = published(session, at=now)
    assert this_month.seed is None
    assert list(drawn_again(session, at=now)) == []
    later = now + timedelta(days=40)
    (over,) = published(session, at=later)
    assert over.seed is not None
    assert draws.hashlib.sha256(bytes.fromhex(over.seed)).hexdigest() == this_month.sha256 == over.sha256
    ((kept, job, same),) = drawn_again(session, at=later)
    assert same
    assert falls(bytes.fromhex(over.seed), job, kept.percent, kept.place, kept.before)
    assert (over.wipes, over.drawn) == (1, 1)


def test_what_a_donor_asks_raises_the_share(session: Session, cast: Cast, now: datetime) -> None:
    set_policy(session, cast.donor, Demand(audit_percent=100), by=cast.ada, at=now)
    a_wiped(session, cast, now)
    assert session.scalars(select(AuditDraw)).one().percent == 100


def test_neither_demonstrations_nor_failures_are_drawn(
    session: Session, cast: Cast, now: datetime, drawn: None
) -> None:
    machine = a_machine(session, cast, State.RECEIVED, triage="keep")
    drive = a_drive(session, machine, size=SIZE)
    wipe(session, machine, drive, by=cast.sam, at=now, read__mismatches=1)
    tried = a_machine(session, cast, State.RECEIVED, triage="keep", demonstration=True)
    invented = a_drive(session, tried, size=SIZE)
    invented.demonstration = True
    wipe(session, tried, invented, by=cast.sam, at=now)
    assert session.scalars(select(AuditDraw)).all() == []


# the gate


def test_a_drawn_drive_goes_no_further_before_its_audit(
    session: Session, cast: Cast, now: datetime, drawn: None
) -> None:
    machine, drive = a_wiped(session, cast, now)
    assert machine.state == State.SANITISED
    assert [one.sanitisation.drive_id for one in audits_due(session, cast.kim, at=now)] == [drive.id]
    assert audits_due(session, cast.noor, at=now) == []
    with pytest.raises(AuditDue):
        record(session, machine, Action.REINSTALL, by=cast.sam, at=now)
    read_whole(session, machine, drive, cast.kim, now)
    assert audits_due(session, cast.kim, at=now) == []
    record(session, machine, Action.REINSTALL, by=cast.sam, at=now)


def test_raw_sql_does_not_go_past_a_draw(session: Session, cast: Cast, now: datetime, drawn: None) -> None:
    machine = a_machine(session, cast, State.READY)
    proof = session.scalars(select(Sanitisation).where(Sanitisation.machine_id == machine.id)).one()
    draws.draw_for_audit(session, proof, at=now)
    with pytest.raises(IntegrityError, match=refused("machines_audited")), session.begin_nested():
        _forge(session, machine, State.ALLOCATED)
    session.refresh(machine)
    session.add(Audit(sanitisation_id=proof.id, how="agent", auditor_id=cast.kim.id, matched=True, at=now))
    session.flush()
    _forge(session, machine, State.ALLOCATED)


def test_wiping_again_does_not_escape_a_draw(
    session: Session, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch, drawn: None
) -> None:
    machine, drive = a_wiped(session, cast, now)
    monkeypatch.setattr(draws, "LEAST_PERCENT", 0)
    wipe(session, machine, drive, by=cast.sam, at=now + timedelta(hours=1))
    assert len(session.scalars(select(AuditDraw).where(AuditDraw.drawn)).all()) == 1
    with pytest.raises(AuditDue):
        record(session, machine, Action.REINSTALL, by=cast.sam, at=now)
    read_whole(session, machine, drive, cast.kim, now + timedelta(hours=2))
    record(session, machine, Action.REINSTALL, by=cast.sam, at=now)


# the third person


def test_the_third_person_is_neither_who_wiped_nor_who_checked(
    session: Session, cast: Cast, now: datetime, drawn: None
) -> None:
    machine, drive = a_wiped(session, cast, now)
    bench = Bench(session, now).adopted(machine, cast.lou)
    job = order_check(session, bench, drive, by=cast.lou, at=now)
    wiping = session.scalars(select(WipeJob).where(WipeJob.drive_id == drive.id, WipeJob.kind == "wipe")).one()
    answer(session, bench, job.uuid, honest(wiping, audit_parts.json.loads(job.challenge)), at=now)
    with pytest.raises(SameSession):
        order_audit(session, bench, drive, by=cast.lou, at=now)
    for who in (cast.sam, cast.lou):
        with pytest.raises(NotTheThird):
            order_audit(session, Bench(session, now).adopted(machine, who), drive, by=who, at=now)
        with pytest.raises(NotTheThird):
            claim(session, drive, True, "rien", by=who, at=now)
        with pytest.raises(NotTheThird):
            key_for_tool(session, drive, by=who, at=now)
    assert "openssl enc -aes-256-ctr" in key_for_tool(session, drive, by=cast.kim, at=now)


def test_the_database_knows_the_third_person_too(session: Session, cast: Cast, now: datetime, drawn: None) -> None:
    a_wiped(session, cast, now)
    proof = session.scalars(select(Sanitisation)).one()
    session.add(Audit(sanitisation_id=proof.id, how="agent", auditor_id=cast.sam.id, matched=True, at=now))
    with pytest.raises(IntegrityError, match=refused("audits_other")):
        session.flush()


def test_an_audit_reads_every_chunk_and_is_told_apart_from_the_level(
    session: Session, cast: Cast, now: datetime, drawn: None
) -> None:
    machine, drive = a_wiped(session, cast, now)
    told = read_whole(session, machine, drive, cast.kim, now)
    assert told is not None
    assert told.judgement is not None
    assert (told.judgement.verdict, told.judgement.level) == ("PASS", "clear")
    (made,) = audits_made(session, cast.lou, at=now)
    assert (made.matched, made.chunks, made.differing, made.auditor) == (True, 1, 0, cast.kim)
    assert audited(session, [made.sanitisation_id])
    assert assurance_of(made.sanitisation, [], audited=True) == "audited"


def test_a_large_drive_is_read_in_parts_and_judged_by_the_worker(
    session: Session, cast: Cast, now: datetime, drawn: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_parts, "CHUNK", 65536)
    monkeypatch.setattr(audit_parts, "PART", 2)
    monkeypatch.setattr(audit_parts, "AT_ONCE", 0)
    machine, drive = a_wiped(session, cast, now)
    told = read_whole(session, machine, drive, cast.kim, now)
    assert told is not None
    assert told.judgement is None
    assert session.scalars(select(Audit)).all() == []
    waiting = [sums_of(session, number) for number in sums_waiting(session)]
    found = [judge_part(session, sums, sums.differing(), at=now) for sums in waiting]
    assert [made is None for made in found] == [True, True, False]
    assert found[-1] is not None
    assert (found[-1].matched, found[-1].chunks) == (True, 5)
    assert sums_waiting(session) == []
    assert judge_part(session, waiting[-1], 1, at=now) is None, "judged once"


def test_one_byte_that_differs_is_found(session: Session, cast: Cast, now: datetime, drawn: None, lot: Lot) -> None:
    machine, drive = a_wiped(session, cast, now, lot=lot)
    disk = the_disk(session, drive)
    disk[123_456] ^= 1
    told = read_whole(session, machine, drive, cast.kim, now, bytes(disk))
    assert told is not None
    assert told.judgement is not None
    assert (told.judgement.verdict, told.judgement.reasons) == ("FAIL", ("audit-differs",))
    session.refresh(drive)
    assert drive.standing == Standing.HOLDS_DATA
    assert machine.state == State.RECEIVED
    (opened,) = session.scalars(quarantines_seen_by(cast.lou, at=now))
    assert (opened.found_by, opened.lot, opened.technician) == ("audit", lot, cast.sam)
    assert {event.action for event in history(session, machine)} >= {Note.AUDITED, Note.QUARANTINED}


def test_a_session_that_answers_nothing_convicts(session: Session, cast: Cast, now: datetime, drawn: None) -> None:
    machine, drive = a_wiped(session, cast, now)
    bench = Bench(session, now).adopted(machine, cast.kim)
    job = order_audit(session, bench, drive, by=cast.kim, at=now)
    told = answer(session, bench, job.uuid, [], at=now)
    assert told.judgement is not None
    assert told.judgement.verdict == "FAIL"


# what is typed, and what is given up


def test_what_somebody_types_is_a_claim_and_never_audited(
    session: Session, cast: Cast, now: datetime, drawn: None
) -> None:
    machine, drive = a_wiped(session, cast, now)
    made = claim(session, drive, True, "cmp : aucune différence", by=cast.kim, at=now)
    assert (made.how, made.chunks) == ("claim", 0)
    assert not audited(session, [made.sanitisation_id])
    record(session, machine, Action.REINSTALL, by=cast.sam, at=now)
    with pytest.raises(NotDrawn):
        claim(session, drive, True, "encore", by=cast.kim, at=now)


def test_a_claim_that_accuses_is_believed(session: Session, cast: Cast, now: datetime, drawn: None) -> None:
    _machine, drive = a_wiped(session, cast, now)
    claim(session, drive, False, "differ: byte 12", by=cast.kim, at=now)
    session.refresh(drive)
    assert drive.standing == Standing.HOLDS_DATA
    assert session.scalars(select(Quarantine)).one().found_by == "claim"


def test_a_coordinator_gives_an_audit_up_with_a_reason(
    session: Session, cast: Cast, now: datetime, drawn: None
) -> None:
    machine, drive = a_wiped(session, cast, now)
    with pytest.raises(NotAllowed):
        waive(session, drive, "personne", by=cast.lou, at=now)
    with pytest.raises(Invalid):
        waive(session, drive, "  ", by=cast.ada, at=now)
    waive(session, drive, "Atelier de deux personnes", by=cast.ada, at=now)
    record(session, machine, Action.REINSTALL, by=cast.sam, at=now)


def test_there_is_nothing_to_audit_on_a_drive_that_holds_data(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.RECEIVED, triage="keep")
    drive = a_drive(session, machine, size=SIZE)
    with pytest.raises(NothingToAudit):
        order_audit(session, Bench(session, now).adopted(machine, cast.kim), drive, by=cast.kim, at=now)


# the quarantine


def test_a_difference_holds_the_lot_and_what_that_technician_wiped_this_month(
    session: Session, cast: Cast, now: datetime, lot: Lot, drawn: None
) -> None:
    machine, drive = a_wiped(session, cast, now, lot=lot)
    same_lot = a_machine(session, cast, State.READY, lot=lot)
    by_sam = a_machine(session, cast, State.READY)
    before = a_machine(session, cast, State.READY, at=now - timedelta(days=60))
    claim(session, drive, False, "differ", by=cast.kim, at=now + timedelta(minutes=1))
    (opened,) = session.scalars(select(Quarantine))
    assert set(held_by(session, opened)) == {machine, same_lot, by_sam}
    for held in (same_lot, by_sam):
        with pytest.raises(InQuarantine):
            record(session, held, Action.ALLOCATE, by=cast.ada, at=now)
        with pytest.raises(IntegrityError, match=refused("machines_quarantine")), session.begin_nested():
            _forge(session, held, State.ALLOCATED)
        session.refresh(held)
    record(session, before, Action.ALLOCATE, by=cast.ada, at=now)


def test_a_promised_machine_waits_in_quarantine_or_goes_back_to_its_shelf(
    session: Session, cast: Cast, now: datetime, lot: Lot, drawn: None
) -> None:
    promised = a_machine(session, cast, State.ALLOCATED, lot=lot)
    _machine, drive = a_wiped(session, cast, now, lot=lot)
    claim(session, drive, False, "differ", by=cast.kim, at=now)
    with pytest.raises(InQuarantine):
        record(session, promised, Action.HAND_OVER, by=cast.ines, at=now)
    record(session, promised, Action.RELEASE, by=cast.ada, at=now)
    with pytest.raises(InQuarantine):
        record(session, promised, Action.ALLOCATE, by=cast.ada, at=now)


def test_a_quarantine_is_lifted_after_the_re_check_with_a_reason(
    session: Session, cast: Cast, now: datetime, lot: Lot, drawn: None
) -> None:
    _bad, drive = a_wiped(session, cast, now, lot=lot)
    good, other = a_wiped(session, cast, now, lot=lot)
    claim(session, drive, False, "differ", by=cast.kim, at=now)
    (opened,) = session.scalars(select(Quarantine))
    assert [one.drive for one in doubtful(session, opened)] == [other]
    with pytest.raises(StillDoubtful) as refusal:
        lift(session, opened, "relu", by=cast.ada, at=now)
    assert refusal.value.facts == {"count": 1, "tags": [good.tag]}
    later = now + timedelta(hours=1)
    read_whole(session, good, other, cast.kim, later)
    assert doubtful(session, opened) == []
    record(session, good, Action.DISMANTLE, by=cast.sam, at=later)
    with pytest.raises(InQuarantine):
        record(session, good, Action.RECYCLE, by=cast.lou, at=later)
    with pytest.raises(NotAllowed):
        lift(session, opened, "relu", by=cast.lou, at=later)
    with pytest.raises(Invalid):
        lift(session, opened, " ", by=cast.ada, at=later)
    lift(session, opened, "Tout a été relu", by=cast.ada, at=later)
    record(session, good, Action.RECYCLE, by=cast.lou, at=later)
    with pytest.raises(AlreadyLifted):
        lift(session, opened, "encore", by=cast.ada, at=later)


def test_a_counter_check_that_differs_opens_a_quarantine_too(session: Session, cast: Cast, now: datetime) -> None:
    machine, drive = a_wiped(session, cast, now)
    bench = Bench(session, now).adopted(machine, cast.lou)
    job = order_check(session, bench, drive, by=cast.lou, at=now)
    answer(session, bench, job.uuid, read_at(bytes(SIZE), audit_parts.json.loads(job.challenge)), at=now)
    assert session.scalars(select(Quarantine)).one().found_by == "counter_check"


def test_raw_sql_lifts_no_quarantine_without_a_name_and_a_reason(
    session: Session, cast: Cast, now: datetime, drawn: None
) -> None:
    _machine, drive = a_wiped(session, cast, now)
    claim(session, drive, False, "differ", by=cast.kim, at=now)
    when = "2026-11-20 09:30:00+00:00"
    for change in (f"lifted_at = '{when}'", f"lifted_at = '{when}', reason = 'x'", "technician_id = NULL"):
        with pytest.raises(IntegrityError, match=refused("quarantines_lift")), session.begin_nested():
            session.execute(text(f"UPDATE quarantines SET {change}"))
    with pytest.raises(IntegrityError, match="ordi:quarantines"), session.begin_nested():
        session.execute(text("DELETE FROM quarantines"))


def test_a_difference_that_is_told_twice_opens_one_quarantine(
    session: Session, cast: Cast, now: datetime, drawn: None
) -> None:
    machine, drive = a_wiped(session, cast, now)
    bench = Bench(session, now).adopted(machine, cast.kim)
    job = order_audit(session, bench, drive, by=cast.kim, at=now)
    for _ in range(2):
        answer(session, bench, job.uuid, ["f" * 64], at=now)
    assert len(session.scalars(select(Audit)).all()) == len(session.scalars(select(Quarantine)).all()) == 1
