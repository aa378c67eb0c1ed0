"""Two senders of the same labels (a press and the worker, or two presses): they come out of the printer once."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from ordi.labels import queue
from ordi.labels.printers import add_printer
from ordi.labels.printings import Item, Printing, Stage, Way, print_labels
from ordi.labels.stocks import SHIPPED
from ordi.parties.people import Person
from tests.ground.clock import NOW
from tests.races.hands import flow
from tests.races.meeting import Act, Flow, Meeting

pytestmark = pytest.mark.postgresql


def waiting(meeting: Meeting) -> Printing:
    """One label that waits for a printer of the network."""
    cast = meeting.cast
    printer = add_printer(meeting.session, cast.workshop, name="Zebra", address="192.168.7.9", by=cast.lou, at=NOW)
    label, stock = Item("B-1", "HTTPS://ORDI.EXAMPLE/P/B-1"), SHIPPED["1-62x29"]
    told = {"uuid": str(uuid4()), "kind": "bin", "subject": "B-1", "printer": printer, "by": cast.sam, "at": NOW}
    return print_labels(meeting.session, cast.workshop, [label], stock, Way.NETWORK, **told)  # type: ignore[arg-type]


def sends(number: int, took: list[int]) -> Flow:
    """A sender that saw it among those due, then takes it if nobody else has."""

    def look(session: Session) -> Act:
        assert queue.due(session, at=NOW) == [number]

        def act() -> None:
            if queue.claim(session, number, at=NOW) is not None:
                took.append(number)

        return act

    return look


def test_two_senders_of_the_same_labels_take_them_once(meeting: Meeting) -> None:
    number = waiting(meeting).id
    took: list[int] = []
    assert meeting.meet(sends(number, took), sends(number, took)) == ("done", "done")
    assert took == [number]
    sent = meeting.session.get_one(Printing, number)
    assert (sent.stage, sent.attempts) == (Stage.SENDING, 1)


def test_labels_on_their_way_are_not_withdrawn(meeting: Meeting) -> None:
    number = waiting(meeting).id
    took: list[int] = []

    def withdraws(session: Session, printing: Printing, by: Person) -> None:
        queue.withdraw(session, printing, by=by, at=NOW)

    ended = meeting.meet(sends(number, took), flow(Printing, number, meeting.cast.sam, withdraws))
    assert ended == ("done", "printing-not-waiting")
    assert took == [number]


def test_what_ended_late_does_not_undo_what_a_person_must_look_at(meeting: Meeting) -> None:
    number = waiting(meeting).id
    assert queue.claim(meeting.session, number, at=NOW) is not None
    late = NOW + queue.ABANDONED + timedelta(seconds=1)

    def gives_up(session: Session) -> Act:
        return lambda: queue.abandon(session, at=late)

    def settles(session: Session) -> Act:
        return lambda: queue.settle(session, number, Stage.PRINTED, at=late)

    assert meeting.meet(gives_up, settles) == ("done", "done")
    assert meeting.session.get_one(Printing, number).stage == Stage.PERHAPS
