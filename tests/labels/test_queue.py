"""Labels on their way to a printer: none lost, none printed twice in silence."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from ordi.errors import Invalid, NotAllowed
from ordi.labels import queue
from ordi.labels.printers import NotOfAPrinter, Printer, add_printer, calibrate, printers_of, retire_printer
from ordi.labels.printings import Item, Printing, Stage, Way, print_labels
from ordi.labels.stocks import SHIPPED
from tests.cast import Cast


def a_printer(session: Session, cast: Cast, now: datetime, address: str = "192.168.7.9") -> Printer:
    return add_printer(session, cast.workshop, name="Zebra", address=address, by=cast.lou, at=now)


def waiting(session: Session, cast: Cast, now: datetime) -> Printing:
    return print_labels(
        session,
        cast.workshop,
        [Item("B-1", "HTTPS://ORDI.EXAMPLE/P/B-1")],
        SHIPPED["1-62x29"],
        Way.NETWORK,
        uuid=str(uuid4()),
        kind="bin",
        subject="B-1",
        printer=a_printer(session, cast, now),
        by=cast.sam,
        at=now,
    )


def test_only_one_sender_takes_a_printing(session: Session, cast: Cast, now: datetime) -> None:
    made = waiting(session, cast, now)
    assert queue.due(session, at=now) == [made.id]
    assert queue.claim(session, made.id, at=now) is made
    assert queue.claim(session, made.id, at=now) is None
    assert queue.settle(session, made.id, Stage.PRINTED, at=now).stage == Stage.PRINTED
    assert queue.due(session, at=now + timedelta(days=1)) == []


def test_what_a_printer_did_not_take_waits_longer_each_time_then_for_a_person(
    session: Session, cast: Cast, now: datetime
) -> None:
    made, at, tries = waiting(session, cast, now), now, 0
    while queue.due(session, at=at):
        queue.claim(session, made.id, at=at)
        queue.settle(session, made.id, Stage.WAITING, at=at, trouble="paper-out")
        tries += 1
        at += timedelta(hours=1)
    assert tries == len(queue.PAUSES) + 1
    assert (made.stage, made.trouble) == (Stage.WAITING, "paper-out")
    queue.send_again(session, made, by=cast.kim, at=at)
    assert queue.due(session, at=at) == [made.id]


def test_a_sender_that_is_gone_leaves_a_doubt_that_a_person_settles(
    session: Session, cast: Cast, now: datetime
) -> None:
    made = waiting(session, cast, now)
    queue.claim(session, made.id, at=now)
    later = now + queue.ABANDONED + timedelta(seconds=1)
    assert queue.abandon(session, at=later) == 1
    session.expire_all()
    assert made.stage == Stage.PERHAPS
    assert queue.due(session, at=later + timedelta(days=1)) == []
    assert queue.settle(session, made.id, Stage.WAITING, at=later).stage == Stage.PERHAPS
    queue.seen(session, made, by=cast.sam, at=later)
    assert made.stage == Stage.PRINTED
    with pytest.raises(queue.NotWaiting):
        queue.send_again(session, made, by=cast.sam, at=later)


def test_what_is_withdrawn_is_not_sent(session: Session, cast: Cast, now: datetime) -> None:
    made = waiting(session, cast, now)
    with pytest.raises(NotAllowed):
        queue.withdraw(session, made, by=cast.noor, at=now)
    queue.withdraw(session, made, by=cast.sam, at=now)
    assert queue.due(session, at=now + timedelta(days=1)) == []
    assert queue.claim(session, made.id, at=now) is None


def test_only_a_lead_keeps_printers(session: Session, cast: Cast, now: datetime) -> None:
    for who in (cast.sam, cast.ada, cast.noor):
        with pytest.raises(NotAllowed):
            add_printer(session, cast.workshop, name="Zebra", by=who, at=now)
    printer = a_printer(session, cast, now)
    assert printers_of(session, cast.second_workshop) == []
    retire_printer(session, printer, cast.workshop, by=cast.lou, at=now)
    assert printers_of(session, cast.workshop) == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"address": "http://192.168.7.9/"}, "address"),
        ({"address": "a b"}, "address"),
        ({"port": 22}, "port"),
        ({"port": 70000}, "port"),
        ({"dpi": 72}, "dpi"),
    ],
)
def test_what_is_no_printer_is_refused(
    session: Session, cast: Cast, now: datetime, wrong: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        add_printer(session, cast.workshop, **({"name": "Zebra"} | wrong), by=cast.lou, at=now)  # type: ignore[arg-type]
    assert refusal.value.facts["field"] == field


def test_a_calibrated_printer_puts_things_where_they_belong(session: Session, cast: Cast, now: datetime) -> None:
    """It shrinks to 98 % across and 99 % down, and shifts by 1.4 mm and -0.8 mm: what is drawn aimed is printed true."""
    printer = add_printer(session, cast.workshop, name="Bureau", by=cast.lou, at=now)
    calibrate(session, printer, cast.workshop, rulers=(147.0, 198.0), cross=(21.0, 19.0), by=cast.sam, at=now)
    for x, y in ((0.0, 0.0), (105.0, 148.5), (210.0, 297.0)):
        drawn = x * printer.scale_x + printer.shift_x, y * printer.scale_y + printer.shift_y
        assert drawn[0] * 0.98 + 1.4 == pytest.approx(x)
        assert drawn[1] * 0.99 - 0.8 == pytest.approx(y)


@pytest.mark.parametrize(("rulers", "cross"), [((120.0, 200.0), (20.0, 20.0)), ((150.0, 200.0), (40.0, 20.0))])
def test_no_printer_is_that_wrong(
    session: Session, cast: Cast, now: datetime, rulers: tuple[float, float], cross: tuple[float, float]
) -> None:
    printer = add_printer(session, cast.workshop, name="Bureau", by=cast.lou, at=now)
    with pytest.raises(NotOfAPrinter):
        calibrate(session, printer, cast.workshop, rulers=rulers, cross=cross, by=cast.sam, at=now)
    assert printer.calibrated_at is None
