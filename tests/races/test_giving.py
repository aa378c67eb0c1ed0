"""An offer has one answer, a lot one slip and one count, a label one computer."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.bench.loose_drives import Why, remove_drive
from ordi.giving.collections import Collection, collect
from ordi.giving.offers import Declined, Offer, accept, decline, offer, withdraw
from ordi.giving.reception import Reception, admit, close, receive, receive_all
from ordi.machines.custody import CustodyTransfer
from ordi.machines.drive import Sighting, open_sightings
from ordi.machines.labels import Label, label_machine, print_free
from ordi.machines.lifecycle import State
from ordi.machines.lots import Lot
from ordi.machines.machine import Form, Machine
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person
from tests.factories import a_drive, a_machine
from tests.ground.clock import NOW
from tests.races.hands import flow
from tests.races.meeting import Flow, Meeting

pytestmark = pytest.mark.postgresql


def an_offer(meeting: Meeting) -> Offer:
    """Three laptops."""
    return offer(meeting.session, meeting.cast.donor, {Form.LAPTOP: 3}, by=meeting.cast.bruno, at=NOW)


def a_lot(meeting: Meeting) -> Lot:
    """Three laptops promised, Théo to fetch them."""
    cast = meeting.cast
    return accept(meeting.session, an_offer(meeting), cast.workshop, cast.theo, NOW.date(), by=cast.ada, at=NOW)


def accepts(meeting: Meeting, made: Offer) -> Flow:
    """Ada accepts it."""
    workshop = meeting.cast.workshop.id

    def verb(session: Session, found: Offer, by: Person) -> None:
        accept(session, found, session.get_one(Organisation, workshop), None, None, by=by, at=NOW)

    return flow(Offer, made.id, meeting.cast.ada, verb)


def collects(meeting: Meeting, lot: Lot) -> Flow:
    """Théo counts three."""

    def verb(session: Session, found: Lot, by: Person) -> None:
        collect(session, found, count=3, signature=b"png", by=by, at=NOW)

    return flow(Lot, lot.id, meeting.cast.theo, verb)


def test_an_offer_is_accepted_once(meeting: Meeting) -> None:
    made = an_offer(meeting)
    assert meeting.meet(accepts(meeting, made), accepts(meeting, made)) == ("done", "already-answered")
    assert len(list(meeting.session.scalars(select(Machine)))) == 3


@pytest.mark.parametrize("accepted_first", [True, False])
@pytest.mark.parametrize("how", ["declined", "withdrawn"])
def test_an_offer_has_one_answer(meeting: Meeting, how: str, accepted_first: bool) -> None:
    made, cast = an_offer(meeting), meeting.cast
    if how == "declined":
        other = flow(Offer, made.id, cast.ada, lambda s, one, by: decline(s, one, Declined.TOO_FAR, by=by, at=NOW))
    else:
        other = flow(Offer, made.id, cast.bruno, lambda s, one, by: withdraw(s, one, by=by, at=NOW))
    flows = (accepts(meeting, made), other)
    assert meeting.meet(*(flows if accepted_first else flows[::-1])) == ("done", "already-answered")


def test_two_offers_accepted_at_once_have_two_codes_or_one_is_asked_to_try_again(meeting: Meeting) -> None:
    one, other = an_offer(meeting), an_offer(meeting)
    assert meeting.meet(accepts(meeting, one), accepts(meeting, other)) == ("done", "collided")
    assert meeting.meet(accepts(meeting, other), accepts(meeting, other)) == ("done", "already-answered")


def test_a_lot_is_collected_once(meeting: Meeting) -> None:
    lot = a_lot(meeting)
    assert meeting.meet(collects(meeting, lot), collects(meeting, lot)) == ("done", "already-collected")
    assert len(list(meeting.session.scalars(select(Collection)))) == 1


def test_a_computer_received_as_its_lot_is_collected_is_counted_by_one(meeting: Meeting) -> None:
    lot = a_lot(meeting)
    machine = meeting.session.scalars(select(Machine).where(Machine.lot_id == lot.id)).first()
    assert machine

    def brings(session: Session, found: Machine, by: Person) -> None:
        receive(session, found, by=by, at=NOW)

    brought = flow(Machine, machine.id, meeting.cast.sam, brings)
    assert meeting.meet(brought, collects(meeting, lot)) == ("done", "more-than-promised")
    assert set(meeting.session.scalars(select(Machine.state))) == {State.RECEIVED, State.PROMISED}


def test_a_lot_is_taken_in_by_one_of_two(meeting: Meeting) -> None:
    lot = a_lot(meeting)
    collect(meeting.session, lot, count=3, signature=b"png", by=meeting.cast.theo, at=NOW)

    def takes_in(session: Session, found: Lot, by: Person) -> None:
        receive_all(session, found, by=by, at=NOW)

    ended = meeting.meet(flow(Lot, lot.id, meeting.cast.sam, takes_in), flow(Lot, lot.id, meeting.cast.kim, takes_in))
    assert ended == ("done", "wrong-state")
    held = list(meeting.session.scalars(select(CustodyTransfer).where(CustodyTransfer.holder == "workshop")))
    assert len(held) == 3


def test_a_reception_is_closed_once(meeting: Meeting) -> None:
    lot = a_lot(meeting)
    collect(meeting.session, lot, count=3, signature=b"png", by=meeting.cast.theo, at=NOW)
    receive_all(meeting.session, lot, by=meeting.cast.sam, at=NOW)
    closes = flow(Lot, lot.id, meeting.cast.lou, lambda s, found, by: close(s, found, by=by, at=NOW))
    assert meeting.meet(closes, closes) == ("done", "reception-closed")
    assert len(list(meeting.session.scalars(select(Reception)))) == 1


def test_a_label_is_claimed_by_one_computer(meeting: Meeting) -> None:
    (label,) = print_free(meeting.session, meeting.cast.workshop, 1, by=meeting.cast.sam, at=NOW)

    def sticks(session: Session, found: Label, by: Person) -> None:
        admit(session, found, Form.LAPTOP, by=by, at=NOW)

    stuck = flow(Label, label.id, meeting.cast.sam, sticks)
    assert meeting.meet(stuck, stuck) == ("done", "label-taken")
    assert len(list(meeting.session.scalars(select(Machine)))) == 1


def test_a_label_printed_twice_at_once_is_one_label(meeting: Meeting) -> None:
    machine = a_machine(meeting.session, meeting.cast, State.RECEIVED)
    prints = flow(Machine, machine.id, meeting.cast.sam, lambda s, found, by: label_machine(s, found, by=by, at=NOW))
    assert meeting.meet(prints, prints) == ("done", "carries-one")
    assert len(list(meeting.session.scalars(select(Label)))) == 1


def test_a_drive_is_taken_out_once(meeting: Meeting) -> None:
    machine = a_machine(meeting.session, meeting.cast, State.RECEIVED)
    a_drive(meeting.session, machine)
    (sighting,) = open_sightings(meeting.session, machine)
    kim = meeting.cast.kim.id

    def takes_out(session: Session, found: Sighting, by: Person) -> None:
        remove_drive(session, found, Why.FAULTY, by=by, witness=session.get_one(Person, kim), at=NOW)

    out = flow(Sighting, sighting.id, meeting.cast.sam, takes_out)
    assert meeting.meet(out, out) == ("done", "already-removed")
