"""Parts: out of one machine, into a bin, into another; followed or counted, and never a way around the gate."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ordi.bench.bins import Bin, BinClosed, BinNotEmpty, Stock, bin_seen, close_bin, followed_in, inside, open_bin
from ordi.bench.dismantling import dismantle
from ordi.bench.fitting import NotKit, SameMachineTwice, fit, give_along, parts_in, pass_on
from ordi.bench.holding import AlreadyHeld, AnotherPerson, Hold, hold, resume
from ordi.bench.part_kinds import Family, PartKind, kind_of, serves
from ordi.bench.part_ledger import NotThatMany, PartMove
from ordi.bench.part_moves import IsADrive, Origin, PartElsewhere, WhyScrapped, carry, put_in, scrap, take_out
from ordi.bench.shortages import awaited, lying, proposals, set_minimum, wait_for, waiting_in, wanted
from ordi.bench.stock_takes import count_bin
from ordi.bench.triage import Reason
from ordi.bench.waits import end, waits_of
from ordi.errors import Invalid, NotAllowed, NotFound, SomeoneJustDidThis
from ordi.machines.checks import BenchCheck, Check, Result, asked_of, results, untested
from ordi.machines.drive import open_sightings
from ordi.machines.gate import DrivesNotClean, clean_drives
from ordi.machines.journal import WrongState, history, verify
from ordi.machines.lifecycle import Note, State
from ordi.machines.machine import Machine
from tests.cast import Cast
from tests.factories import a_drive, a_machine


def a_bin(session: Session, cast: Cast, now: datetime) -> Bin:
    return open_bin(session, cast.workshop, "Barrettes", "a 3", by=cast.sam, at=now)


def a_stick(session: Session, gb: str = "4") -> PartKind:
    return kind_of(session, Family.MEMORY, {"type": "DDR3", "shape": "sodimm", "gb": gb})


def a_charger(session: Session, watts: str) -> PartKind:
    return kind_of(session, Family.CHARGER, {"volts": "19.5", "plug": "7.4x5.0", "watts": watts})


def told(session: Session, machine: Machine) -> list[str]:
    return [event.action for event in history(session, machine)]


def tried(session: Session, cast: Cast, machine: Machine, now: datetime) -> None:
    """Everything works on it."""
    session.add_all(
        BenchCheck(machine_id=machine.id, stay=machine.stay, name=name, result=Result.GOOD, by_id=cast.sam.id, at=now)
        for name in asked_of(machine)
    )
    session.flush()


def the_ledger_says(session: Session, box: Bin) -> int:
    """What the lines of the ledger leave in a bin, followed parts too."""
    came = select(func.coalesce(func.sum(PartMove.count), 0)).where(PartMove.to_bin_id == box.id)
    went = select(func.coalesce(func.sum(PartMove.count), 0)).where(PartMove.from_bin_id == box.id)
    here = PartMove.workshop_id == box.workshop_id
    return int(session.scalar(came.where(here)) or 0) - int(session.scalar(went.where(here)) or 0)


def lies(session: Session, box: Bin) -> int:
    return sum(heap.count for heap in inside(session, box)) + len(followed_in(session, box))


def test_the_same_part_is_one_kind_and_a_fact_that_is_missing_or_invented_is_refused(session: Session) -> None:
    assert a_stick(session) is a_stick(session)
    assert a_stick(session) is not a_stick(session, "8")
    for facts in ({"type": "DDR3", "shape": "sodimm"}, {"type": "DDR9", "shape": "sodimm", "gb": "4"}):
        with pytest.raises(Invalid):
            kind_of(session, Family.MEMORY, facts)


def test_a_stronger_charger_serves_a_weaker_one_not_and_another_size_of_memory_never(session: Session) -> None:
    assert serves(a_charger(session, "90"), a_charger(session, "65"))
    assert not serves(a_charger(session, "45"), a_charger(session, "65"))
    assert not serves(a_stick(session, "8"), a_stick(session, "4"))


def test_a_part_goes_from_one_machine_through_a_bin_into_another(session: Session, cast: Cast, now: datetime) -> None:
    giver, taker = a_machine(session, cast, State.DISMANTLED), a_machine(session, cast, State.SANITISED)
    box, kind = a_bin(session, cast, now), a_stick(session)
    take_out(session, giver, kind, box, count=2, by=cast.sam, at=now)
    assert lies(session, box) == the_ledger_says(session, box) == 2
    fit(session, taker, box, kind, by=cast.kim, at=now)
    assert lies(session, box) == the_ledger_says(session, box) == 1
    assert Note.PART_TAKEN in told(session, giver)
    assert Note.PART_FITTED in told(session, taker)
    assert list(verify(session)) == []


def test_a_part_followed_by_its_serial_tells_both_machines(session: Session, cast: Cast, now: datetime) -> None:
    giver, taker = a_machine(session, cast, State.DISMANTLED), a_machine(session, cast, State.RECEIVED)
    box, kind = a_bin(session, cast, now), a_stick(session)
    part = take_out(session, giver, kind, box, serial=" MEM 77 ", by=cast.sam, at=now)
    assert part is not None
    assert part.serial == "MEM 77"
    fit(session, taker, box, kind, part=part, by=cast.sam, at=now)
    assert parts_in(session, taker) == [part]
    assert told(session, giver)[-1] == Note.PART_PASSED_ON
    with pytest.raises(PartElsewhere):  # it is in the other machine now
        take_out(session, giver, kind, box, serial="MEM 77", by=cast.sam, at=now)
    again = take_out(session, taker, kind, box, serial="MEM 77", by=cast.sam, at=now)
    assert again is part
    assert followed_in(session, box) == [part]


def test_a_part_goes_straight_from_one_machine_to_another(session: Session, cast: Cast, now: datetime) -> None:
    giver, taker = a_machine(session, cast, State.RECEIVED), a_machine(session, cast, State.REINSTALLED)
    pass_on(session, giver, taker, a_stick(session), by=cast.sam, at=now)
    assert told(session, giver)[-1] == Note.PART_PASSED_ON
    assert told(session, taker)[-1] == Note.PART_FITTED
    with pytest.raises(SameMachineTwice):
        pass_on(session, taker, taker, a_stick(session), by=cast.sam, at=now)


def test_what_a_part_changes_is_tried_again_and_nothing_else(session: Session, cast: Cast, now: datetime) -> None:
    machine, box, kind = a_machine(session, cast, State.REINSTALLED), a_bin(session, cast, now), a_stick(session)
    tried(session, cast, machine, now)
    put_in(session, box, kind, Origin.BOUGHT, by=cast.sam, at=now)
    fit(session, machine, box, kind, by=cast.sam, at=now)
    assert untested(session, machine) == [Check.POWER, Check.MEMORY]
    assert results(session, machine)[Check.SCREEN] == Result.GOOD


def test_fitting_opens_no_gate(session: Session, cast: Cast, now: datetime) -> None:
    machine, box, kind = a_machine(session, cast, State.RECEIVED), a_bin(session, cast, now), a_stick(session)
    a_drive(session, machine, at=now)
    put_in(session, box, kind, Origin.FOUND, by=cast.sam, at=now)
    before = [(one.drive_id, one.drive.standing) for one in open_sightings(session, machine)]
    fit(session, machine, box, kind, by=cast.sam, at=now)
    assert [(one.drive_id, one.drive.standing) for one in open_sightings(session, machine)] == before
    with pytest.raises(DrivesNotClean):
        clean_drives(session, machine)


def test_a_drive_is_no_part(session: Session, cast: Cast, now: datetime) -> None:
    machine, box = a_machine(session, cast, State.RECEIVED), a_bin(session, cast, now)
    drive = a_drive(session, machine, at=now)
    with pytest.raises(IsADrive):
        take_out(session, machine, a_stick(session), box, serial=drive.serial, by=cast.sam, at=now)
    assert "drive" not in set(Family)


def test_a_part_is_built_in_only_on_the_bench(session: Session, cast: Cast, now: datetime) -> None:
    box, kind = a_bin(session, cast, now), a_stick(session)
    put_in(session, box, kind, Origin.BOUGHT, count=5, by=cast.sam, at=now)
    for state in (State.READY, State.ALLOCATED, State.HANDED_OVER, State.RECYCLED):
        with pytest.raises(WrongState):
            fit(session, a_machine(session, cast, state), box, kind, by=cast.sam, at=now)
    assert lies(session, box) == 5


def test_a_charger_goes_along_with_a_machine_in_stock_and_a_memory_stick_does_not(
    session: Session, cast: Cast, now: datetime
) -> None:
    machine, box = a_machine(session, cast, State.READY), a_bin(session, cast, now)
    charger, stick = a_charger(session, "65"), a_stick(session)
    for kind in (charger, stick):
        put_in(session, box, kind, Origin.DONATED, by=cast.sam, at=now)
    give_along(session, machine, box, charger, by=cast.sam, at=now)
    assert told(session, machine)[-1] == Note.PART_GIVEN
    assert untested(session, machine) == []
    with pytest.raises(NotKit):
        give_along(session, machine, box, stick, by=cast.sam, at=now)


def test_a_bin_never_gives_more_than_it_holds(session: Session, cast: Cast, now: datetime) -> None:
    box, kind = a_bin(session, cast, now), a_stick(session)
    put_in(session, box, kind, Origin.BOUGHT, count=2, by=cast.sam, at=now)
    with pytest.raises(NotThatMany):
        scrap(session, box, kind, WhyScrapped.BROKEN, count=3, by=cast.sam, at=now)
    for count in (0, -1, 1000):
        with pytest.raises(Invalid):
            put_in(session, box, kind, Origin.BOUGHT, count=count, by=cast.sam, at=now)
    scrap(session, box, kind, WhyScrapped.BROKEN, count=2, by=cast.sam, at=now)
    assert session.scalars(select(Stock.count)).all() == [0]


def test_parts_move_between_bins_and_an_empty_bin_is_put_away(session: Session, cast: Cast, now: datetime) -> None:
    box, other, kind = a_bin(session, cast, now), a_bin(session, cast, now), a_stick(session)
    part = put_in(session, box, kind, Origin.BOUGHT, serial="M1", by=cast.sam, at=now)
    put_in(session, box, kind, Origin.BOUGHT, count=3, by=cast.sam, at=now)
    with pytest.raises(BinNotEmpty):
        close_bin(session, box, by=cast.sam, at=now)
    carry(session, box, other, kind, count=3, by=cast.sam, at=now)
    carry(session, box, other, kind, part=part, by=cast.sam, at=now)
    assert lies(session, other) == the_ledger_says(session, other) == 4
    assert the_ledger_says(session, box) == 0
    close_bin(session, box, by=cast.sam, at=now)
    with pytest.raises(BinClosed):
        put_in(session, box, kind, Origin.BOUGHT, by=cast.sam, at=now)
    with pytest.raises(Invalid):
        carry(session, other, other, kind, by=cast.sam, at=now)


def test_a_count_puts_the_bin_right_and_keeps_the_difference(session: Session, cast: Cast, now: datetime) -> None:
    box, kind = a_bin(session, cast, now), a_stick(session)
    put_in(session, box, kind, Origin.BOUGHT, count=5, by=cast.sam, at=now)
    seen = put_in(session, box, kind, Origin.BOUGHT, serial="M1", by=cast.sam, at=now)
    put_in(session, box, kind, Origin.BOUGHT, serial="M2", by=cast.sam, at=now)
    assert seen is not None
    assert count_bin(session, box, {kind.id: 3}, {seen.id}, version=box.version, by=cast.kim, at=now) == 3
    assert lies(session, box) == the_ledger_says(session, box) == 4
    assert followed_in(session, box) == [seen]
    assert box.counted_at == now


def test_a_count_that_began_before_something_moved_is_refused(session: Session, cast: Cast, now: datetime) -> None:
    box, kind = a_bin(session, cast, now), a_stick(session)
    began = box.version
    put_in(session, box, kind, Origin.BOUGHT, by=cast.sam, at=now)
    with pytest.raises(SomeoneJustDidThis):
        count_bin(session, box, {}, set(), version=began, by=cast.kim, at=now)


def test_a_machine_waits_for_a_part_by_name_and_is_proposed_the_first_that_comes(
    session: Session, cast: Cast, now: datetime
) -> None:
    first, second = (a_machine(session, cast, State.SANITISED) for _ in range(2))
    box, kind = a_bin(session, cast, now), a_stick(session)
    for machine in (first, second):
        wait_for(session, machine, kind, by=cast.sam, at=now)
        assert machine.held_for == "part"
    assert wait_for(session, first, kind, by=cast.sam, at=now) is waits_of(session, first)[0]
    assert proposals(waiting_in(session, cast.workshop), lying(session, [cast.workshop])) == {}
    put_in(session, box, kind, Origin.DONATED, by=cast.sam, at=now)
    assert [wait.machine for wait in awaited(session, cast.workshop, kind)] == [first, second]
    ready = proposals(waiting_in(session, cast.workshop), lying(session, [cast.workshop]))
    assert [wait.machine for wait in waiting_in(session, cast.workshop) if wait.id in ready] == [first]
    fit(session, first, box, kind, by=cast.sam, at=now)
    assert first.held_for == ""
    assert waits_of(session, first) == []
    assert told(session, first)[-2:] == [Note.PART_FITTED, Note.RESUMED]


def test_a_wait_ends_when_the_machine_goes_another_way(session: Session, cast: Cast, now: datetime) -> None:
    apart, taken_up, given_up = (a_machine(session, cast, State.RECEIVED) for _ in range(3))
    for machine in (apart, taken_up, given_up):
        wait_for(session, machine, a_stick(session), by=cast.sam, at=now)
    dismantle(session, apart, Reason.BROKEN, by=cast.sam, at=now)
    resume(session, taken_up, by=cast.sam, at=now)
    end(session, waits_of(session, given_up)[0], "given_up", by=cast.sam, at=now)
    assert waiting_in(session, cast.workshop) == []
    assert given_up.held_for == ""


def test_what_is_put_aside_for_something_else_waits_for_no_part(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    hold(session, machine, Hold.CLAIMED, by=cast.sam, at=now)
    with pytest.raises(AlreadyHeld):
        wait_for(session, machine, a_stick(session), by=cast.sam, at=now)
    with pytest.raises(WrongState):
        wait_for(session, a_machine(session, cast, State.RECYCLED), a_stick(session), by=cast.sam, at=now)


def test_who_asks_for_a_second_look_does_not_give_it(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    hold(session, machine, Hold.SECOND, by=cast.sam, at=now)
    with pytest.raises(AnotherPerson):
        resume(session, machine, by=cast.sam, at=now)
    resume(session, machine, by=cast.kim, at=now)
    assert machine.held_for == ""


def test_what_to_find_counts_the_waiting_and_the_least_and_names_who_has_some(
    session: Session, cast: Cast, now: datetime
) -> None:
    stick, charger = a_stick(session), a_charger(session, "65")
    for _ in range(2):
        wait_for(session, a_machine(session, cast, State.RECEIVED), stick, by=cast.sam, at=now)
    set_minimum(session, cast.workshop, charger, 3, by=cast.lou, at=now)
    box = a_bin(session, cast, now)
    put_in(session, box, a_charger(session, "90"), Origin.DONATED, by=cast.sam, at=now)
    next_door = Bin(
        tag="000000-0",
        workshop=cast.second_workshop,
        name="",
        place="",
        version=1,
        opened_at=now,
        counted_at=None,
        closed_at=None,
    )
    session.add_all([next_door, Stock(bin=next_door, kind=stick, count=6)])
    session.flush()
    found = {one.kind.id: one for one in wanted(session, cast.workshop)}
    assert (found[stick.id].missing, found[stick.id].elsewhere) == (2, [(cast.second_workshop, 6)])
    assert (found[charger.id].missing, found[charger.id].stocked) == (2, 1)


@pytest.mark.parametrize("who", ["ada", "theo", "ines", "bruno", "noor", "vic", "aude"])
def test_only_the_bench_of_a_workshop_touches_its_bins(session: Session, cast: Cast, now: datetime, who: str) -> None:
    box, person = a_bin(session, cast, now), getattr(cast, who)
    with pytest.raises(NotAllowed):
        put_in(session, box, a_stick(session), Origin.BOUGHT, by=person, at=now)
    with pytest.raises(NotAllowed):
        set_minimum(session, cast.workshop, a_stick(session), 2, by=person, at=now)
    if who in ("noor", "bruno", "vic"):
        with pytest.raises(NotFound):
            bin_seen(session, person, box.tag, at=now)
