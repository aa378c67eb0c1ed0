"""Two records of one computer become one: nothing is lent, nothing is hidden, and it can be undone until something happens."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ordi.bench.counters import counters
from ordi.bench.jobs import order_wipe
from ordi.bench.judging import advance
from ordi.bench.loose_drives import Why, remove_drive
from ordi.bench.lot_statements import lot_statement
from ordi.bench.merging import (
    Cause,
    JobUnderWay,
    KeepTheOther,
    NotMergeable,
    SameMachine,
    TooLateToPart,
    TwoGifts,
    merge,
    merges_of,
    part,
)
from ordi.bench.offline_jobs import waiting_drives
from ordi.bench.quarantines import StillDoubtful, doubtful, held_by, lift, quarantine
from ordi.database import make_engine, make_sessions
from ordi.errors import NotAllowed, NotFound, Refused
from ordi.giving.outcomes import outcomes
from ordi.giving.reception import count_of
from ordi.machines import evidence, gate
from ordi.machines.drive import Drive, DrivelessRecord, Sanitisation, Sighting, Standing, open_sightings
from ordi.machines.gate import DrivesNotClean, NotInventoried, clean_drives
from ordi.machines.journal import MergedAway, history, record, verify
from ordi.machines.lifecycle import Action, Need, Note, State
from ordi.machines.lots import Lot
from ordi.machines.machine import Machine, seen
from ordi.machines.policy import Demand, set_policy, unmet
from ordi.machines.quarantine import Quarantine, quarantine_of
from ordi.signatures import SigningKey
from tests.bench.benches import Bench
from tests.cast import Cast, assemble
from tests.factories import a_drive, a_machine, wiped
from tests.ground.databases import Databases


def twins(
    session: Session, cast: Cast, gone: State = State.RECEIVED, kept: State = State.RECEIVED
) -> tuple[Machine, Machine]:
    """Two records of one computer, of one gift."""
    return a_machine(session, cast, gone, drives=0), a_machine(session, cast, kept, drives=0)


def test_the_tag_of_the_merged_record_leads_to_the_other(session: Session, cast: Cast, now: datetime) -> None:
    gone, kept = twins(session, cast)
    merge(session, gone, kept, Cause.TWICE, by=cast.lou, at=now)
    assert seen(session, cast.sam, gone.tag, at=now) is kept
    with pytest.raises(NotFound):
        seen(session, cast.noor, gone.tag, at=now)
    assert history(session, gone)[-1].action == Note.MERGED
    assert history(session, kept)[-1].action == Note.ABSORBED
    assert list(verify(session)) == []


def test_the_merged_record_does_nothing_more(session: Session, cast: Cast, now: datetime) -> None:
    gone, kept = a_machine(session, cast, State.SANITISED), a_machine(session, cast, State.SANITISED)
    merge(session, gone, kept, Cause.LABELLED, by=cast.lou, at=now)
    with pytest.raises(MergedAway):
        record(session, gone, Action.DISMANTLE, by=cast.sam, at=now)


def test_a_drive_seen_under_the_merged_record_holds_the_other_back_until_it_is_proven(
    session: Session, cast: Cast, now: datetime
) -> None:
    gone, kept = twins(session, cast)
    drive = a_drive(session, gone)
    own = a_drive(session, kept)
    wiped(session, cast, kept, own)
    merge(session, gone, kept, Cause.TWICE, by=cast.lou, at=now)
    assert {one.drive_id for one in open_sightings(session, kept)} == {drive.id, own.id}
    with pytest.raises(DrivesNotClean):
        clean_drives(session, kept)
    wiped(session, cast, kept, drive)
    clean_drives(session, kept)


def test_an_inventory_of_the_merged_record_never_speaks_for_the_other(
    session: Session, cast: Cast, now: datetime
) -> None:
    gone, kept = twins(session, cast)
    wiped(session, cast, gone, a_drive(session, gone))
    merge(session, gone, kept, Cause.TWICE, by=cast.lou, at=now)
    with pytest.raises(NotInventoried):
        clean_drives(session, kept)


def test_the_one_that_goes_on_is_looked_at_afresh(session: Session, cast: Cast, now: datetime) -> None:
    gone, kept = a_machine(session, cast, State.RECEIVED), a_machine(session, cast, State.READY)
    before = kept.stay
    merge(session, gone, kept, Cause.TWICE, by=cast.lou, at=now)
    assert (kept.state, kept.stay) == (State.RECEIVED, before + 1)
    assert not gate.inventoried(session, kept)


def test_removing_a_drive_that_both_had_removes_it_from_both(session: Session, cast: Cast, now: datetime) -> None:
    gone, kept = twins(session, cast)
    drive = a_drive(session, gone)
    again = a_drive(session, kept)
    merge(session, gone, kept, Cause.TWICE, by=cast.lou, at=now)
    for sighting in open_sightings(session, kept):
        remove_drive(session, sighting, Why.FAULTY, by=cast.sam, witness=cast.kim, at=now)
    assert open_sightings(session, kept) == []
    assert {drive.standing, again.standing} == {Standing.HOLDS_DATA}
    assert [one.action for one in history(session, kept)].count(Note.DRIVE_REMOVED) == 2


@pytest.mark.parametrize("state", [State.ALLOCATED, State.HANDED_OVER, State.RECYCLED, State.LOST, State.DISMANTLED])
def test_what_is_promised_out_or_gone_is_not_merged(session: Session, cast: Cast, now: datetime, state: State) -> None:
    one, other = a_machine(session, cast, state), a_machine(session, cast, State.RECEIVED)
    for gone, kept in ((one, other), (other, one)):
        with pytest.raises((NotMergeable, KeepTheOther)):
            merge(session, gone, kept, Cause.TWICE, by=cast.lou, at=now)


def test_the_record_that_holds_the_gift_goes_on(session: Session, cast: Cast, now: datetime) -> None:
    given, found = a_machine(session, cast, State.PROMISED), a_machine(session, cast, State.RECEIVED, donor=None)
    with pytest.raises(KeepTheOther):
        merge(session, given, found, Cause.TWICE, by=cast.lou, at=now)
    merge(session, found, given, Cause.TWICE, by=cast.lou, at=now)
    record(session, given, Action.RECEIVE, by=cast.sam, at=now)
    assert given.donor is cast.donor


def test_the_record_with_the_longer_past_goes_on(session: Session, cast: Cast, now: datetime) -> None:
    came_back, fresh = a_machine(session, cast, State.READY), a_machine(session, cast, State.RECEIVED)
    record(session, came_back, Action.REOPEN, by=cast.sam, at=now)
    with pytest.raises(KeepTheOther) as refused:
        merge(session, came_back, fresh, Cause.TWICE, by=cast.lou, at=now)
    assert refused.value.facts["why"] == "stay"


def test_two_gifts_are_two_computers(session: Session, cast: Cast, now: datetime) -> None:
    one, other = twins(session, cast)
    other = a_machine(session, cast, State.RECEIVED, donor=cast.other_donor)
    with pytest.raises(TwoGifts):
        merge(session, one, other, Cause.TWICE, by=cast.lou, at=now)


def test_a_record_is_not_merged_into_itself_nor_twice(session: Session, cast: Cast, now: datetime) -> None:
    gone, kept = twins(session, cast)
    with pytest.raises(SameMachine):
        merge(session, kept, kept, Cause.TWICE, by=cast.lou, at=now)
    merge(session, gone, kept, Cause.TWICE, by=cast.lou, at=now)
    third = a_machine(session, cast, State.RECEIVED)
    with pytest.raises((NotMergeable, SameMachine)):
        merge(session, gone, third, Cause.TWICE, by=cast.lou, at=now)
    with pytest.raises(KeepTheOther):
        merge(session, kept, third, Cause.TWICE, by=cast.lou, at=now)
    merge(session, third, kept, Cause.TWICE, by=cast.lou, at=now)


def test_nothing_is_merged_while_a_drive_is_being_wiped(session: Session, cast: Cast, now: datetime) -> None:
    gone, kept = twins(session, cast)
    drive = a_drive(session, gone)
    order_wipe(session, Bench(session, now).adopted(gone, cast.sam), drive, by=cast.sam, at=now)
    with pytest.raises(JobUnderWay):
        merge(session, gone, kept, Cause.TWICE, by=cast.lou, at=now)


@pytest.mark.parametrize("who", ["sam", "vic", "noor", "aude", "zoe", "ines"])
def test_only_a_lead_or_the_coordination_merges(session: Session, cast: Cast, now: datetime, who: str) -> None:
    gone, kept = twins(session, cast)
    with pytest.raises(NotAllowed):
        merge(session, gone, kept, Cause.TWICE, by=getattr(cast, who), at=now)


def test_a_merge_is_undone_while_nothing_else_has_happened(session: Session, cast: Cast, now: datetime) -> None:
    gone, kept = twins(session, cast)
    dirty = a_drive(session, gone)
    merge(session, gone, kept, Cause.TWICE, by=cast.lou, at=now)
    (done,) = merges_of(session, kept)
    part(session, done, by=cast.ada, at=now)
    assert gone.current is gone
    assert seen(session, cast.sam, gone.tag, at=now) is gone
    assert [one.drive_id for one in open_sightings(session, gone)] == [dirty.id]
    assert open_sightings(session, kept) == []
    assert [history(session, one)[-1].action for one in (gone, kept)] == [Note.PARTED] * 2
    assert list(verify(session)) == []


def test_a_merge_is_not_undone_once_something_has_happened(session: Session, cast: Cast, now: datetime) -> None:
    gone, kept = twins(session, cast)
    done = merge(session, gone, kept, Cause.TWICE, by=cast.lou, at=now)
    record(session, kept, Note.CLEANED, by=cast.sam, at=now)
    with pytest.raises(TooLateToPart):
        part(session, done, by=cast.lou, at=now)


def test_no_way_from_a_merge_to_a_family_without_proof(session: Session, cast: Cast, now: datetime) -> None:
    """A kept machine moves on by itself when its drives are proven clean: a merged record's dirty drive stops that."""
    gone, kept = twins(session, cast)
    dirty, clean = a_drive(session, gone), a_drive(session, kept)
    kept.triage = "keep"
    wiped(session, cast, kept, clean)
    merge(session, gone, kept, Cause.TWICE, by=cast.lou, at=now)
    advance(session, kept, by=cast.sam, at=now)
    assert kept.state == State.RECEIVED
    wiped(session, cast, kept, dirty)
    advance(session, kept, by=cast.sam, at=now)
    assert kept.state == State.SANITISED


RAW = {
    "lent without a word": "UPDATE machines SET merged_into_id = {kept} WHERE id = {gone}",
    "into itself": "UPDATE machines SET merged_into_id = {gone} WHERE id = {gone}",
    "parted without a word": "UPDATE machines SET merged_into_id = NULL WHERE id = {merged}",
    "moved on": "UPDATE machines SET state = 'dismantled', head_seq = head_seq + 1, head_hash = 'x' WHERE id = {merged}",
    "passed on": "UPDATE machines SET merged_into_id = {gone} WHERE id = {merged}",
    "a drive put under it": "INSERT INTO sightings (machine_id, drive_id, evidence_id, at) SELECT {merged}, drive_id, evidence_id + 0, at FROM sightings WHERE machine_id = {kept}",
}  # fmt: skip


@pytest.mark.parametrize("how", RAW)
def test_the_database_itself_refuses(session: Session, cast: Cast, now: datetime, how: str) -> None:
    gone, kept = twins(session, cast)
    a_drive(session, kept)
    merged = a_machine(session, cast, State.RECEIVED)
    merge(session, merged, kept, Cause.TWICE, by=cast.lou, at=now)
    session.commit()
    with pytest.raises(IntegrityError, match="ordi:"):
        session.execute(text(RAW[how].format(gone=gone.id, kept=kept.id, merged=merged.id)))


def test_the_database_itself_holds_a_merged_record_s_dirty_drive_against_the_other(
    session: Session, cast: Cast, now: datetime
) -> None:
    gone, kept = twins(session, cast)
    a_drive(session, gone)
    clean = a_drive(session, kept)
    kept.triage = "keep"
    wiped(session, cast, kept, clean)
    merge(session, gone, kept, Cause.TWICE, by=cast.lou, at=now)
    session.commit()
    for state in ("sanitised", "reinstalled"):
        _step_by_hand(session, kept, state)
    with pytest.raises(IntegrityError, match="ordi:machines_gate"):
        _step_by_hand(session, kept, "ready")


def _step_by_hand(session: Session, machine: Machine, state: str) -> None:
    """A move with an event of its own, written past every rule of the domain."""
    session.refresh(machine)
    session.execute(
        text(
            "INSERT INTO events (machine_id, seq, action, from_state, to_state, happened_at, recorded_at, facts, prev_hash, hash)"
            " SELECT id, head_seq + 1, 'x', state, :state, state_since, state_since, '{}', head_hash, :hash FROM machines WHERE id = :id"
        ),
        {"id": machine.id, "state": state, "hash": state},
    )
    session.execute(
        text("UPDATE machines SET state = :state, head_seq = head_seq + 1, head_hash = :hash WHERE id = :id"),
        {"id": machine.id, "state": state, "hash": state},
    )


def test_two_merges_in_opposite_ways_at_once_end_in_one(databases: Databases, now: datetime) -> None:
    url = databases.copy()
    engine = make_engine(url)
    sessions = make_sessions(engine)
    with sessions() as first:
        cast = assemble(first, now)
        gone, kept = twins(first, cast)
        first.commit()
        ids, lou = (gone.id, kept.id), cast.lou.id

    def act(pair: tuple[int, int]) -> str:
        with sessions() as session:
            one, other = (session.get_one(Machine, key) for key in pair)
            try:
                merge(session, one, other, Cause.TWICE, by=session.get_one(type(cast.lou), lou), at=now)
                session.commit()
            except Refused as refused:
                return refused.code
            return "merged"

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(act, (ids, ids[::-1])))
    with sessions() as last:
        assert list(verify(last)) == []
        merged = [one for one in (last.get_one(Machine, key) for key in ids) if one.merged_into_id]
        assert len(merged) == 1
    engine.dispose()
    databases.drop(url)
    assert told.count("merged") == 1
    assert told[1 - told.index("merged")] in ("not-mergeable", "same-machine", "keep-the-other")


# what follows a drive seen under the merged record


def a_wiped_twin(session: Session, cast: Cast, now: datetime) -> tuple[Machine, Machine, Drive]:
    """A computer with no gift of its own and a drive that Sam wiped; it was ours all along, under another record."""
    gone = a_machine(session, cast, State.RECEIVED, drives=0, donor=None, triage="keep")
    kept = a_machine(session, cast, State.RECEIVED, drives=0, triage="keep")
    drive = a_drive(session, gone, at=now)
    wiped(session, cast, gone, drive, at=now)
    two_people = DrivelessRecord(machine_id=kept.id, stay=kept.stay, by_id=cast.sam.id, witness_id=cast.kim.id, at=now)
    session.add(two_people)
    merge(session, gone, kept, Cause.TWICE, by=cast.lou, at=now)
    clean_drives(session, kept)
    return gone, kept, drive


def a_quarantine(session: Session, cast: Cast, now: datetime) -> Quarantine:
    """Another drive that Sam wiped the same day did not hold what he left there."""
    other = a_machine(session, cast, State.RECEIVED, drives=0)
    return quarantine(session, wiped(session, cast, other, a_drive(session, other, at=now), at=now), "audit", at=now)


def test_a_quarantine_holds_the_one_that_goes_on_for_the_drives_of_the_other(
    session: Session, cast: Cast, now: datetime
) -> None:
    gone, kept, drive = a_wiped_twin(session, cast, now)
    opened = a_quarantine(session, cast, now)
    assert kept in held_by(session, opened)
    assert gone not in held_by(session, opened)
    assert drive in [one.drive for one in doubtful(session, opened)]
    assert quarantine_of(session, kept) is opened
    with pytest.raises(gate.InQuarantine):
        gate.NEEDS[Need.NOT_QUARANTINED](session, kept)
    with pytest.raises(StillDoubtful) as refusal:
        lift(session, opened, "vu", by=cast.ada, at=now)
    assert kept.tag in refusal.value.facts["tags"]
    assert gone.tag not in refusal.value.facts["tags"]


def test_a_wipe_under_the_merged_record_holds_the_lot_of_the_other(session: Session, cast: Cast, now: datetime) -> None:
    gone, kept, drive = a_wiped_twin(session, cast, now)
    kept.lot = Lot(
        code="L-2026-901", donor=cast.donor, workshop=cast.workshop, promised_count=1, created_at=now, collected_at=now
    )
    session.flush()
    proof = session.scalars(select(Sanitisation).where(Sanitisation.drive_id == drive.id)).one()
    assert proof.machine is gone
    assert quarantine(session, proof, "audit", at=now).lot is kept.lot


def test_what_a_donor_asks_follows_a_drive_seen_under_the_merged_record(
    session: Session, cast: Cast, now: datetime
) -> None:
    _, kept, drive = a_wiped_twin(session, cast, now)
    set_policy(session, cast.donor, Demand("purge"), by=cast.ada, at=now)
    assert [one.sighting.drive for one in unmet(session, kept)] == [drive]
    with pytest.raises(gate.BelowAsked):
        gate.NEEDS[Need.AS_ASKED](session, kept)


@pytest.mark.parametrize("guard", ["as_asked", "quarantine"])
def test_the_database_holds_the_same_of_the_merged_record_s_drives(
    session: Session, cast: Cast, now: datetime, guard: str
) -> None:
    _, kept, _ = a_wiped_twin(session, cast, now)
    if guard == "as_asked":
        set_policy(session, cast.donor, Demand("purge"), by=cast.ada, at=now)
    else:
        a_quarantine(session, cast, now)
    for state in ("sanitised", "reinstalled"):
        _step_by_hand(session, kept, state)
    with pytest.raises(IntegrityError, match=f"ordi:machines_{guard}"):
        _step_by_hand(session, kept, "ready")


def test_the_wall_and_the_stick_count_a_merged_computer_once(session: Session, cast: Cast, now: datetime) -> None:
    before = counters(session, cast.workshop, at=now)
    gone, kept = twins(session, cast)
    drive = a_drive(session, gone, at=now)
    merge(session, gone, kept, Cause.TWICE, by=cast.lou, at=now)
    after = counters(session, cast.workshop, at=now)
    assert after.waiting[State.RECEIVED] == before.waiting[State.RECEIVED] + 1
    assert after.unproven_drives == before.unproven_drives + 1
    assert gone not in after.oldest
    assert (kept, drive) in waiting_drives(session, cast.workshop)
    assert gone not in [machine for machine, _ in waiting_drives(session, cast.workshop)]


def test_a_lot_tells_a_merged_computer_once_with_the_drives_of_both(
    session: Session, cast: Cast, now: datetime
) -> None:
    lot = Lot(
        code="L-2026-902", donor=cast.donor, workshop=cast.workshop, promised_count=1, created_at=now, collected_at=now
    )
    session.add(lot)
    gone, kept = (a_machine(session, cast, State.RECEIVED, drives=0, lot=lot) for _ in range(2))
    wiped(session, cast, gone, a_drive(session, gone, at=now), at=now)
    merge(session, gone, kept, Cause.TWICE, by=cast.lou, at=now)
    (told,) = outcomes(session, lot)
    assert (told.tag, told.drives, told.drives_clean) == (kept.tag, 1, 1)
    assert [len(pile) for pile in count_of(session, lot).__dict__.values()].count(1) == 1
    payload, _ = lot_statement(session, lot, SigningKey.of("certificate", Ed25519PrivateKey.generate()), at=now)
    assert [(one["tag"], len(one["drives"])) for one in payload["machines"]] == [(kept.tag, 1)]
    assert payload["drives"] == {"wiped": 1}


def test_a_drive_seen_under_both_records_goes_back_to_the_donor_as_it_came_and_one_from_elsewhere_does_not(
    session: Session, cast: Cast, now: datetime
) -> None:
    gone, kept = twins(session, cast)
    drive = a_drive(session, gone)
    sighted(session, kept, drive, now)
    merge(session, gone, kept, Cause.TWICE, by=cast.lou, at=now)
    assert gate.strange(session, kept) == []
    undone = session.begin_nested()
    _step_by_hand(session, kept, "refused")
    undone.rollback()
    session.refresh(kept)
    sighted(session, a_machine(session, cast, State.RECEIVED, drives=0), drive, now)
    assert {one.drive_id for one in gate.strange(session, kept)} == {drive.id}
    with pytest.raises(IntegrityError, match="ordi:machines_returned"), session.begin_nested():
        _step_by_hand(session, kept, "refused")


def sighted(session: Session, machine: Machine, drive: Drive, at: datetime) -> None:
    """A drive is seen under one more record, as two inventories of one computer see it."""
    kept = evidence.keep(session, str(uuid4()), "ordi-inventory/1", b"{}", source="session:test", at=at)
    kept.machine_id, kept.stay, kept.bench, kept.parsed = machine.id, machine.stay, True, True
    session.add(Sighting(machine=machine, drive=drive, evidence_id=kept.id, at=at))
    session.flush()
