"""Repaired with the data kept: to the bench, and back to the same household; nobody else can have it meanwhile."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.errors import Invalid, NotAllowed, NotFound, Refused
from ordi.machines.custody import Holder, holder_of
from ordi.machines.drive import Standing, open_sightings
from ordi.machines.journal import record
from ordi.machines.lifecycle import Action, State
from ordi.messages.outbox import Message
from ordi.sharing.allocation import NotAllocated, allocate
from ordi.sharing.repairs import (
    InRepair,
    NotInRepair,
    NotOut,
    Repair,
    bring_in,
    bring_unlabelled,
    give_back,
    mended,
    repair_of,
    seen_repair,
)
from ordi.sharing.requests import RequestState
from ordi.sharing.signatures import SignatureUnusable
from ordi.sharing.take_back import FilesKept, take_back
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.sharing.families import a_request, a_signature, handed_over


def in_repair(session: Session, cast: Cast) -> Repair:
    return bring_in(session, handed_over(session, cast).machine, "slow", by=cast.sam, at=NOW)


def test_a_repair_goes_to_the_bench_and_back_to_the_same_household_with_its_data(session: Session, cast: Cast) -> None:
    repair = in_repair(session, cast)
    machine = repair.machine
    assert machine
    held = holder_of(session, machine)
    assert held
    assert (held.holder, machine.state) == (Holder.WORKSHOP, State.HANDED_OVER)
    mended(session, repair, by=cast.sam, at=NOW)
    mended(session, repair, by=cast.sam, at=NOW)
    assert session.scalars(select(Message.kind)).all() == ["repaired"]
    give_back(session, repair, a_signature(), by=cast.sam, at=NOW)
    back = holder_of(session, machine)
    assert back
    assert (back.holder, back.organisation, bool(back.signature)) == (Holder.HOUSEHOLD, cast.partner, True)
    assert {one.drive.standing for one in open_sightings(session, machine)} == {Standing.HOLDS_DATA}
    assert (repair.outcome, machine.state) == ("mended", State.HANDED_OVER)


def test_no_step_takes_a_machine_in_repair_to_anybody_else(session: Session, cast: Cast) -> None:
    machine = in_repair(session, cast).machine
    assert machine
    other = a_request(session, cast)
    with pytest.raises(Refused):
        allocate(session, machine, other, by=cast.ada, at=NOW)
    for action in Action:
        if action == Action.TAKE_BACK:
            continue
        for person in (cast.ada, cast.lou, cast.sam, cast.ines):
            with pytest.raises(Refused):
                record(session, machine, action, by=person, at=NOW)
    assert machine.state == State.HANDED_OVER


def test_once_taken_back_it_is_not_given_back_and_begins_again_at_the_bench(session: Session, cast: Cast) -> None:
    repair = in_repair(session, cast)
    machine, allocation = repair.machine, repair.allocation
    assert machine
    assert allocation
    take_back(session, allocation, "broken", files=FilesKept.COPIED, by=cast.lou, at=NOW)
    assert (machine.state, repair.outcome) == (State.RECEIVED, "exchanged")
    assert allocation.request.state == RequestState.WAITING
    with pytest.raises(NotInRepair):
        give_back(session, repair, a_signature(), by=cast.sam, at=NOW)
    assert {one.drive.standing for one in open_sightings(session, machine)} <= {Standing.HOLDS_DATA}


def test_a_machine_given_to_another_family_since_never_goes_back_to_the_first(session: Session, cast: Cast) -> None:
    repair, other = in_repair(session, cast), handed_over(session, cast)
    repair.allocation = other
    session.flush()
    with pytest.raises(NotAllocated):
        give_back(session, repair, a_signature(), by=cast.sam, at=NOW)


def test_only_a_machine_that_is_out_is_repaired_so_and_once_at_a_time(session: Session, cast: Cast) -> None:
    with pytest.raises(NotOut):
        bring_in(session, a_machine(session, cast), "slow", by=cast.sam, at=NOW)
    machine = in_repair(session, cast).machine
    assert machine
    with pytest.raises(InRepair):
        bring_in(session, machine, "slow", by=cast.sam, at=NOW)
    assert repair_of(session, machine)


def test_the_signature_of_who_takes_it_back_is_asked(session: Session, cast: Cast) -> None:
    with pytest.raises(SignatureUnusable):
        give_back(session, in_repair(session, cast), None, by=cast.sam, at=NOW)


def test_a_thing_without_a_label_has_a_number_and_no_owner(session: Session, cast: Cast) -> None:
    codes = [bring_unlabelled(session, cast.workshop, "printer", "other", by=cast.sam, at=NOW).code for _ in range(2)]
    assert codes == ["AR-2026-0001", "AR-2026-0002"]
    found = seen_repair(session, cast.kim, "ar-2026-0001", at=NOW)
    give_back(session, found, None, by=cast.kim, at=NOW)
    assert found.outcome == "as_it_came"
    assert (found.machine_id, found.allocation_id) == (None, None)
    for wrong in (("boat", "other"), ("printer", "sad")):
        with pytest.raises(Invalid):
            bring_unlabelled(session, cast.workshop, *wrong, by=cast.sam, at=NOW)


def test_another_pole_neither_repairs_ours_nor_reads_it(session: Session, cast: Cast) -> None:
    given = handed_over(session, cast)
    with pytest.raises(NotAllowed):
        bring_in(session, given.machine, "slow", by=cast.noor, at=NOW)
    repair = bring_in(session, given.machine, "slow", by=cast.sam, at=NOW)
    with pytest.raises(NotFound):
        seen_repair(session, cast.noor, repair.code, at=NOW)
    with pytest.raises(NotAllowed):
        give_back(session, repair, a_signature(), by=cast.ines, at=NOW)


def test_a_family_is_exchanged_only_after_its_files_were_offered(session: Session, cast: Cast) -> None:
    given = handed_over(session, cast)
    with pytest.raises(Invalid):
        take_back(session, given, "broken", files="perhaps", by=cast.lou, at=NOW)
    take_back(session, given, "broken", files=FilesKept.DECLINED, by=cast.lou, at=NOW)
    assert given.request.state == RequestState.WAITING
    assert given.machine.state == State.RECEIVED
