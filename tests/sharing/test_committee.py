"""A committee reads the list without names, moves who it wants with a reason, and signs minutes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from ordi.errors import Invalid, NotAllowed
from ordi.sharing.allocation import allocate
from ordi.sharing.committee import Decided, Move, NobodyBeside, Why, decide, may_sit, minutes_of, stated
from ordi.sharing.proposals import proposals
from ordi.sharing.requests import Request, RequestState
from ordi.sharing.waiting import in_order, waiting_requests
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.sharing.families import a_request

LATER = NOW + timedelta(days=2)
FIRST = Decided(Move.FIRST, Why.LONG_WAIT)


def order(session: Session, cast: Cast) -> list[str]:
    """The codes of who waits, in the order of the list."""
    return [one.request.code for one in in_order(waiting_requests(session, cast.pole), LATER)]


@pytest.fixture
def three(session: Session, cast: Cast) -> list[Request]:
    """Three families that weigh the same."""
    return [a_request(session, cast) for _ in range(3)]


def test_who_is_moved_passes_before_or_after_whatever_the_points(
    session: Session, cast: Cast, three: list[Request]
) -> None:
    read = order(session, cast)
    decided = {read[2]: FIRST, read[0]: Decided(Move.LATER, Why.BRIDGED)}
    decide(session, cast.pole, read, decided, [cast.paul], by=cast.ada, at=LATER)
    assert order(session, cast) == [read[2], read[1], read[0]]
    machine = a_machine(session, cast)
    best = [one.request.code for one in proposals(session, cast.pole, at=LATER) if one.best]
    assert best == [read[2]]
    assert machine is not None


def test_the_next_committee_may_put_it_back_in_its_order(session: Session, cast: Cast, three: list[Request]) -> None:
    read = order(session, cast)
    decide(session, cast.pole, read, {read[2]: FIRST}, [cast.paul], by=cast.ada, at=LATER)
    again = order(session, cast)
    decide(session, cast.pole, again, {}, [cast.paul], by=cast.ada, at=LATER)
    assert order(session, cast) == read
    assert all(one.moved == "" and one.moved_at is None for one in three)


def test_the_minutes_keep_the_list_as_it_was_read_and_who_was_there(
    session: Session, cast: Cast, three: list[Request]
) -> None:
    read = order(session, cast)
    paper = decide(session, cast.pole, read, {read[1]: FIRST}, [cast.paul, cast.ada], by=cast.ada, at=LATER)
    lines, present = stated(paper)
    assert [(one["request"], one["move"], one["why"]) for one in lines] == [
        (read[0], "", ""),
        (read[1], "first", "long_wait"),
        (read[2], "", ""),
    ]
    assert present == [cast.ada.op_code, cast.paul.op_code]
    assert minutes_of(session, cast.pole) == [paper]
    assert minutes_of(session, cast.other_pole) == []


def test_who_was_served_meanwhile_is_told_so_and_not_moved(session: Session, cast: Cast, three: list[Request]) -> None:
    read = order(session, cast)
    served = next(one for one in three if one.code == read[0])
    allocate(session, a_machine(session, cast), served, by=cast.ada, at=LATER)
    paper = decide(session, cast.pole, read, {read[0]: FIRST}, [cast.paul], by=cast.ada, at=LATER)
    assert stated(paper)[0][0] == {"request": read[0], "points": None, "move": "", "why": ""}
    assert (served.moved, served.state) == ("", RequestState.ALLOCATED)


def test_nobody_decides_alone_nor_for_another_pole(session: Session, cast: Cast, three: list[Request]) -> None:
    read = order(session, cast)
    for beside in ([], [cast.ada], [cast.noor], [cast.sam]):
        with pytest.raises(NobodyBeside):
            decide(session, cast.pole, read, {}, beside, by=cast.ada, at=LATER)
    for stranger in (cast.noor, cast.paul, cast.ines):
        with pytest.raises(NotAllowed):
            decide(session, cast.pole, read, {}, [cast.paul], by=stranger, at=LATER)
    assert cast.noor not in may_sit(session, cast.pole, at=LATER)


def test_a_move_has_a_reason_that_fits_and_a_request_that_was_read(
    session: Session, cast: Cast, three: list[Request]
) -> None:
    read = order(session, cast)
    wrong: list[tuple[list[str], dict[str, Decided]]] = [
        (read, {read[0]: Decided(Move.FIRST)}),
        (read, {read[0]: Decided(Move.FIRST, Why.BRIDGED)}),
        (read[:1], {read[1]: FIRST}),
        ([*read, "D-1999-0001"], {}),
        ([*read, read[0]], {}),
        ([], {}),
    ]
    for seen, decided in wrong:
        with pytest.raises(Invalid):
            decide(session, cast.pole, seen, decided, [cast.paul], by=cast.ada, at=LATER)
    assert minutes_of(session, cast.pole) == []
