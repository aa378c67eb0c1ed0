"""Labels printed before machines exist, and the one machine that claims each."""

from __future__ import annotations

from datetime import datetime
from random import Random

import pytest
from sqlalchemy.orm import Session

from ordi.errors import Invalid, NotAllowed, NotFound
from ordi.giving.reception import admit
from ordi.machines.journal import history
from ordi.machines.labels import Again, CarriesOne, LabelTaken, free_count, free_label, label_machine, print_free
from ordi.machines.lifecycle import State
from ordi.machines.machine import Form
from ordi.tags import MistypedTag, new_tag
from tests.cast import Cast
from tests.factories import a_machine


def test_a_roll_of_labels_is_printed_before_any_machine(session: Session, cast: Cast, now: datetime) -> None:
    labels = print_free(session, cast.workshop, 24, by=cast.sam, at=now)
    assert len({label.tag for label in labels}) == 24
    assert free_count(session, cast.workshop) == 24


def test_the_same_seed_prints_the_same_tags(session: Session, cast: Cast, now: datetime) -> None:
    first = [Random(7).random() for _ in range(2)]
    assert first[0] == first[1]
    labels = print_free(session, cast.workshop, 2, by=cast.sam, at=now, random=Random(7))
    assert labels[0].tag == new_tag(Random(7))


@pytest.mark.parametrize("count", [0, -1, 481])
def test_no_label_and_too_many_are_refused(session: Session, cast: Cast, now: datetime, count: int) -> None:
    with pytest.raises(Invalid):
        print_free(session, cast.workshop, count, by=cast.sam, at=now)


def test_scanning_a_free_label_opens_intake(session: Session, cast: Cast, now: datetime) -> None:
    (label,) = print_free(session, cast.workshop, 1, by=cast.sam, at=now)
    found = free_label(session, f"HTTPS://ORDI.EXAMPLE/M/{label.tag}", by=cast.sam, at=now)
    machine = admit(session, found, Form.LAPTOP, by=cast.sam, at=now)
    assert (machine.tag, machine.state, label.machine) == (label.tag, State.RECEIVED, machine)
    assert free_count(session, cast.workshop) == 0


def test_a_label_on_another_machine_is_refused(session: Session, cast: Cast, now: datetime) -> None:
    (label,) = print_free(session, cast.workshop, 1, by=cast.sam, at=now)
    admit(session, label, by=cast.sam, at=now)
    with pytest.raises(LabelTaken):
        free_label(session, label.tag, by=cast.kim, at=now)
    with pytest.raises(LabelTaken):
        admit(session, label, by=cast.kim, at=now)


def test_a_tag_nobody_printed_is_not_found(session: Session, cast: Cast, now: datetime) -> None:
    with pytest.raises(NotFound):
        free_label(session, new_tag(), by=cast.sam, at=now)
    with pytest.raises(MistypedTag):
        free_label(session, "K7Q24X-A", by=cast.sam, at=now)


def test_noor_cannot_use_our_labels(session: Session, cast: Cast, now: datetime) -> None:
    (label,) = print_free(session, cast.workshop, 1, by=cast.sam, at=now)
    with pytest.raises(NotFound):
        free_label(session, label.tag, by=cast.noor, at=now)
    with pytest.raises(NotAllowed):
        print_free(session, cast.workshop, 1, by=cast.noor, at=now)


def test_printing_again_is_written_down(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.PROMISED)
    label_machine(session, machine, by=cast.ada, at=now)
    label_machine(session, machine, by=cast.sam, at=now, copies=2)
    notes = [event.facts for event in history(session, machine) if event.action == "labelled"]
    assert notes == ['{"again":false}', '{"again":true,"copies":2}']


def test_a_computer_that_carries_its_label_asks_why_it_needs_another(
    session: Session, cast: Cast, now: datetime
) -> None:
    (label,) = print_free(session, cast.workshop, 1, by=cast.sam, at=now)
    machine = admit(session, label, Form.LAPTOP, by=cast.sam, at=now)
    with pytest.raises(CarriesOne):
        label_machine(session, machine, by=cast.sam, at=now)
    assert label_machine(session, machine, by=cast.sam, at=now, why=Again.TORN) == "torn"
    assert history(session, machine)[-1].facts == '{"again":true,"why":"torn"}'


def test_a_promised_computer_may_be_printed_twice_without_a_word(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.PROMISED)
    for _ in range(2):
        assert label_machine(session, machine, by=cast.ada, at=now) == ""
