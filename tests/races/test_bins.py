"""Two hands in one bin: the last part goes into one computer, and a count says nothing of what moved meanwhile."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.bench.bins import Bin, Stock, open_bin
from ordi.bench.fitting import fit
from ordi.bench.part_kinds import Family, PartKind, kind_of
from ordi.bench.part_moves import Origin, put_in
from ordi.bench.stock_takes import count_bin
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.parties.people import Person
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.races.hands import flow
from tests.races.meeting import Flow, Meeting

pytestmark = pytest.mark.postgresql


def a_bin(meeting: Meeting, count: int) -> tuple[Bin, PartKind]:
    """A bin with so many memory sticks."""
    box = open_bin(meeting.session, meeting.cast.workshop, "Barrettes", by=meeting.cast.sam, at=NOW)
    kind = kind_of(meeting.session, Family.MEMORY, {"type": "DDR3", "shape": "sodimm", "gb": "4"})
    put_in(meeting.session, box, kind, Origin.DONATED, count=count, by=meeting.cast.sam, at=NOW)
    return box, kind


def fits(meeting: Meeting, box: Bin, kind: PartKind, who: Person) -> Flow:
    """Somebody fits one of them in a computer of its own."""
    machine = a_machine(meeting.session, meeting.cast, State.SANITISED)

    def verb(session: Session, found: Machine, by: Person) -> None:
        fit(session, found, session.get_one(Bin, box.id), session.get_one(PartKind, kind.id), by=by, at=NOW)

    return flow(Machine, machine.id, who, verb)


@pytest.mark.parametrize(("count", "second"), [(1, "not-that-many"), (2, "done")], ids=["the last", "one each"])
def test_two_take_from_one_bin_and_it_never_owes(meeting: Meeting, count: int, second: str) -> None:
    box, kind = a_bin(meeting, count)
    cast = meeting.cast
    ended = meeting.meet(fits(meeting, box, kind, cast.sam), fits(meeting, box, kind, cast.kim))
    assert ended == ("done", second)
    assert meeting.session.scalars(select(Stock.count).where(Stock.bin_id == box.id)).one() == 0


def test_a_count_that_meets_a_hand_in_the_bin_is_refused(meeting: Meeting) -> None:
    box, kind = a_bin(meeting, 3)
    began = box.version

    def counts(session: Session, found: Bin, by: Person) -> None:
        count_bin(session, found, {kind.id: 3}, set(), version=began, by=by, at=NOW)

    ended = meeting.meet(fits(meeting, box, kind, meeting.cast.sam), flow(Bin, box.id, meeting.cast.kim, counts))
    assert ended == ("done", "someone-just-did-this")
    assert meeting.session.scalars(select(Stock.count).where(Stock.bin_id == box.id)).one() == 2
