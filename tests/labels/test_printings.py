"""What was printed is kept: who, when, what, how often, and where the sheet stopped."""

import json
from datetime import datetime
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ordi.errors import Invalid, NotAllowed, NotFound
from ordi.giving.reception import admit
from ordi.labels.printings import Item, Printing, Stage, Way, cells_taken, labels_of, print_labels, printing_seen
from ordi.labels.stocks import SHIPPED
from ordi.machines.journal import history
from ordi.machines.labels import Again, CarriesOne, print_free
from ordi.machines.machine import Machine
from tests.cast import Cast

SHEET, ROLL = SHIPPED["24-70x37"], SHIPPED["1-62x29"]


def printed(session: Session, cast: Cast, now: datetime, items: list[Item], **how: object) -> Printing:
    given = {
        "stock": SHEET, "way": Way.PAPER, "uuid": str(uuid4()), "kind": "free", "subject": "1", "by": cast.sam, "at": now,
    } | how  # fmt: skip
    return print_labels(session, cast.workshop, items, **given)  # type: ignore[arg-type]


def some(count: int) -> list[Item]:
    return [Item(f"B-{number}", f"HTTPS://ORDI.EXAMPLE/P/B-{number}", ("Vis",)) for number in range(count)]


def received(session: Session, cast: Cast, now: datetime) -> Machine:
    (label,) = print_free(session, cast.workshop, 1, by=cast.sam, at=now)
    return admit(session, label, by=cast.sam, at=now)


def test_a_printing_is_kept_as_it_was(session: Session, cast: Cast, now: datetime) -> None:
    made = printed(session, cast, now, some(3), copies=2, used=[0, 1, 99])
    assert (made.stage, made.used, made.left_over) == (Stage.HANDED_OUT, "0 1", "0 1 2 3 4 5 6 7")
    first, *_rest = labels_of(session, made)
    assert (first.code, first.url, first.lines) == ("B-0", "HTTPS://ORDI.EXAMPLE/P/B-0", (("Vis",), ()))


def test_the_next_printing_finds_the_cells_of_the_last(session: Session, cast: Cast, now: datetime) -> None:
    printed(session, cast, now, some(5))
    assert cells_taken(session, cast.workshop, SHEET) == [0, 1, 2, 3, 4]
    printed(session, cast, now, some(19), used=cells_taken(session, cast.workshop, SHEET))
    assert cells_taken(session, cast.workshop, SHEET) == []
    assert cells_taken(session, cast.second_workshop, SHEET) == []


def test_pressed_twice_it_is_printed_once(session: Session, cast: Cast, now: datetime) -> None:
    machine, key = received(session, cast, now), str(uuid4())
    item = Item(machine.tag, machine.tag, machine=machine)
    for _ in range(2):
        printed(session, cast, now, [item], uuid=key, why=Again.TORN)
    assert session.scalar(select(func.count(Printing.id)).where(Printing.uuid == key)) == 1
    assert [event.action for event in history(session, machine)].count("labelled") == 2


def test_a_reprint_says_why_and_how_many_on_the_computers_history(session: Session, cast: Cast, now: datetime) -> None:
    machine = received(session, cast, now)
    item = Item(machine.tag, machine.tag, machine=machine)
    with pytest.raises(CarriesOne):
        printed(session, cast, now, [item])
    made = printed(session, cast, now, [item], why=Again.NEW_CASE, copies=3)
    assert [one.again for one in labels_of(session, made)] == ["new_case"]
    last = history(session, machine)[-1]
    assert (last.person_id, json.loads(last.facts)) == (cast.sam.id, {"again": True, "copies": 3, "why": "new_case"})


@pytest.mark.parametrize("how", [{"copies": 0}, {"copies": 11}, {"way": Way.NETWORK}])
def test_what_cannot_be_printed_is_refused(session: Session, cast: Cast, now: datetime, how: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        printed(session, cast, now, some(1), **how)


def test_nothing_and_too_many_are_refused(session: Session, cast: Cast, now: datetime) -> None:
    for count, copies in ((0, 1), (101, 10)):
        with pytest.raises(Invalid):
            printed(session, cast, now, some(count), copies=copies)


def test_noor_prints_nothing_of_ours_and_reads_none_of_it(session: Session, cast: Cast, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        printed(session, cast, now, some(1), by=cast.noor)
    made = printed(session, cast, now, some(1))
    with pytest.raises(NotFound):
        printing_seen(session, made.uuid, cast.noor, at=now)
    with pytest.raises(NotFound):
        printed(session, cast, now, some(1), uuid=made.uuid, by=cast.kim)
    assert printing_seen(session, made.uuid, cast.kim, at=now) is made
