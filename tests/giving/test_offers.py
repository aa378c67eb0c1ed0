"""What a donor offers, and the answer it gets."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.errors import Invalid, NotAllowed
from ordi.giving.offers import (
    AlreadyAnswered,
    Answer,
    Declined,
    NotADriver,
    NotOurWorkshop,
    accept,
    decline,
    offer,
    offers_seen_by,
    withdraw,
)
from ordi.machines.lifecycle import State
from ordi.machines.machine import Form, Machine
from ordi.machines.policy import Demand, asked_of_lot, asked_of_machine, policy_of
from tests.cast import Cast

TEN = {Form.LAPTOP: 8, Form.DESKTOP: 2}


def test_bruno_offers_ten_computers(session: Session, cast: Cast, now: datetime) -> None:
    made = offer(session, cast.donor, TEN, note="Quai B", by=cast.bruno, at=now)
    assert (made.code, made.count, made.answer) == ("P-2026-001", 10, Answer.WAITING)


def test_the_second_offer_of_the_year_has_the_next_number(session: Session, cast: Cast, now: datetime) -> None:
    offer(session, cast.donor, TEN, by=cast.bruno, at=now)
    assert offer(session, cast.donor, TEN, by=cast.ada, at=now).code == "P-2026-002"


@pytest.mark.parametrize("counts", [{}, {Form.LAPTOP: 0}, {Form.LAPTOP: -1, Form.DESKTOP: 3}, {Form.LAPTOP: 501}])
def test_an_offer_of_nothing_or_too_much_is_not_an_offer(
    session: Session, cast: Cast, now: datetime, counts: dict[Form, int]
) -> None:
    with pytest.raises(Invalid):
        offer(session, cast.donor, counts, by=cast.bruno, at=now)


def test_nobody_offers_in_another_donors_name(session: Session, cast: Cast, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        offer(session, cast.other_donor, TEN, by=cast.bruno, at=now)


def test_a_stricter_wipe_once_asked_stays_asked(session: Session, cast: Cast, now: datetime) -> None:
    offer(session, cast.donor, TEN, minimum_level="purge", by=cast.bruno, at=now)
    offer(session, cast.donor, TEN, minimum_level="clear", by=cast.bruno, at=now)
    stands = policy_of(session, cast.donor)
    assert stands is not None
    assert (stands.demand, stands.set_by, stands.set_at) == (Demand("purge", destroy=True), cast.bruno, now)


def test_what_an_accepted_offer_asks_holds_for_its_lot(session: Session, cast: Cast, now: datetime) -> None:
    made = offer(session, cast.donor, TEN, minimum_level="purge", by=cast.bruno, at=now)
    lot = accept(session, made, cast.workshop, cast.theo, None, by=cast.ada, at=now)
    (machine, *_) = session.scalars(select(Machine).where(Machine.lot_id == lot.id))
    assert asked_of_lot(session, lot) == asked_of_machine(session, machine) == Demand("purge", destroy=True)


def test_an_accepted_offer_becomes_a_lot_of_promised_machines_with_tags(
    session: Session, cast: Cast, now: datetime
) -> None:
    made = offer(session, cast.donor, TEN, by=cast.bruno, at=now)
    lot = accept(session, made, cast.workshop, cast.theo, date(2026, 11, 20), by=cast.ada, at=now)
    machines = session.scalars(select(Machine).where(Machine.lot_id == lot.id)).all()
    assert (lot.code, lot.promised_count, made.lot) == ("L-2026-001", 10, lot)
    assert {m.state for m in machines} == {State.PROMISED}
    assert sorted(m.form for m in machines) == [Form.DESKTOP] * 2 + [Form.LAPTOP] * 8
    assert len({m.tag for m in machines}) == 10


def test_an_offer_is_answered_once(session: Session, cast: Cast, now: datetime) -> None:
    made = offer(session, cast.donor, TEN, by=cast.bruno, at=now)
    accept(session, made, cast.workshop, cast.theo, None, by=cast.ada, at=now)
    with pytest.raises(AlreadyAnswered):
        decline(session, made, Declined.TOO_FAR, by=cast.ada, at=now)
    with pytest.raises(AlreadyAnswered):
        withdraw(session, made, by=cast.bruno, at=now)


def test_an_offer_is_declined_with_a_reason(session: Session, cast: Cast, now: datetime) -> None:
    made = offer(session, cast.donor, TEN, by=cast.bruno, at=now)
    decline(session, made, Declined.TOO_OLD, by=cast.ada, at=now)
    assert (made.answer, made.reason) == (Answer.DECLINED, "too_old")


@pytest.mark.parametrize("who", ["sam", "lou", "theo", "bruno", "noor"])
def test_only_the_poles_coordinator_decides(session: Session, cast: Cast, now: datetime, who: str) -> None:
    made = offer(session, cast.donor, TEN, by=cast.bruno, at=now)
    with pytest.raises(NotAllowed):
        accept(session, made, cast.workshop, cast.theo, None, by=getattr(cast, who), at=now)


def test_a_lot_goes_to_a_workshop_of_the_donors_pole_and_a_driver_of_that_workshop(
    session: Session, cast: Cast, now: datetime
) -> None:
    made = offer(session, cast.donor, TEN, by=cast.bruno, at=now)
    with pytest.raises(NotOurWorkshop):
        accept(session, made, cast.other_workshop, None, None, by=cast.ada, at=now)
    with pytest.raises(NotADriver):
        accept(session, made, cast.second_workshop, cast.theo, None, by=cast.ada, at=now)


def test_bruno_and_ada_see_an_offer_that_noor_does_not(session: Session, cast: Cast, now: datetime) -> None:
    made = offer(session, cast.donor, TEN, by=cast.bruno, at=now)
    for who in (cast.bruno, cast.ada):
        assert session.scalars(offers_seen_by(who, at=now)).all() == [made]
    for who in (cast.noor, cast.sam, cast.theo, cast.ines):
        assert session.scalars(offers_seen_by(who, at=now)).all() == []
