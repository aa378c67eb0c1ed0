"""From the donor's door to the workshop: ten promised, nine came, one nobody announced."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.errors import NotAllowed
from ordi.giving.collections import (
    AlreadyCollected,
    Missing,
    MoreThanPromised,
    NotInThisLot,
    WhyMissing,
    collect,
    lots_seen_by,
    promised_in,
    slip_of,
)
from ordi.giving.offers import accept, offer
from ordi.giving.outcomes import outcomes
from ordi.giving.reception import (
    LotOfAnotherWorkshop,
    NothingReceived,
    ReceptionClosed,
    admit,
    close,
    count_of,
    receive,
    receive_all,
)
from ordi.machines.custody import CustodyTransfer, Holder
from ordi.machines.journal import WrongState, verify
from ordi.machines.labels import print_free
from ordi.machines.lifecycle import State
from ordi.machines.lots import Lot
from ordi.machines.machine import Form
from tests.cast import Cast


@pytest.fixture
def lot(session: Session, cast: Cast, now: datetime) -> Lot:
    """Ten laptops promised, Théo to fetch them."""
    made = offer(session, cast.donor, {Form.LAPTOP: 10}, by=cast.bruno, at=now)
    return accept(session, made, cast.workshop, cast.theo, now.date(), by=cast.ada, at=now)


def test_ten_promised_nine_came(session: Session, cast: Cast, now: datetime, lot: Lot) -> None:
    slip = collect(session, lot, count=9, reason=Missing.NOT_FOUND, signature=b"png", by=cast.theo, at=now)
    count = count_of(session, lot)
    assert (slip.code, slip.counted, slip.missing, slip.reason) == ("B-2026-0001", 9, 1, "not_found")
    assert (len(count.missing), len(count.cancelled)) == (9, 1)
    assert slip_of(session, lot) is slip
    assert not list(verify(session))


def test_fewer_than_promised_needs_a_reason(session: Session, cast: Cast, now: datetime, lot: Lot) -> None:
    with pytest.raises(WhyMissing):
        collect(session, lot, count=9, by=cast.theo, at=now)


def test_machines_are_counted_by_the_labels_stuck_on_them(
    session: Session, cast: Cast, now: datetime, lot: Lot
) -> None:
    stuck = [machine.tag for machine in promised_in(session, lot)[3:6]]
    collect(session, lot, tags=[*stuck, stuck[0].lower()], reason=Missing.BROKEN, by=cast.theo, at=now)
    assert [machine.tag for machine in count_of(session, lot).missing] == stuck


def test_a_label_of_elsewhere_is_not_counted(session: Session, cast: Cast, now: datetime, lot: Lot) -> None:
    (stray,) = print_free(session, cast.workshop, 1, by=cast.sam, at=now)
    with pytest.raises(NotInThisLot) as refused:
        collect(session, lot, tags=[stray.tag], reason=Missing.BROKEN, by=cast.theo, at=now)
    assert refused.value.facts["tags"] == [stray.tag]


def test_eleven_are_not_counted_where_ten_were_promised(session: Session, cast: Cast, now: datetime, lot: Lot) -> None:
    with pytest.raises(MoreThanPromised):
        collect(session, lot, count=11, by=cast.theo, at=now)


def test_a_lot_is_collected_once(session: Session, cast: Cast, now: datetime, lot: Lot) -> None:
    collect(session, lot, count=10, by=cast.theo, at=now)
    with pytest.raises(AlreadyCollected):
        collect(session, lot, count=10, by=cast.theo, at=now)


def test_a_driver_does_only_their_own_rounds(session: Session, cast: Cast, now: datetime, lot: Lot) -> None:
    for who in (cast.noor, cast.sam, cast.bruno):
        with pytest.raises(NotAllowed):
            collect(session, lot, count=10, by=who, at=now)
    lot.driver_id = cast.kim.id
    with pytest.raises(NotAllowed):
        collect(session, lot, count=10, by=cast.theo, at=now)
    collect(session, lot, count=10, by=cast.ada, at=now)


def test_custody_goes_from_donor_to_driver_to_workshop(session: Session, cast: Cast, now: datetime, lot: Lot) -> None:
    collect(session, lot, count=10, signature=b"png", by=cast.theo, at=now)
    machine = receive_all(session, lot, by=cast.sam, at=now)[0]
    chain = session.scalars(
        select(CustodyTransfer).where(CustodyTransfer.machine_id == machine.id).order_by(CustodyTransfer.id)
    ).all()
    assert [step.holder for step in chain] == [Holder.DRIVER, Holder.WORKSHOP]
    assert [step.signature for step in chain] == [b"png", None]


def test_reception_lists_the_missing_and_the_surplus(session: Session, cast: Cast, now: datetime, lot: Lot) -> None:
    collect(session, lot, count=9, reason=Missing.KEPT_BY_DONOR, by=cast.theo, at=now)
    for machine in count_of(session, lot).missing[:8]:
        receive(session, machine, by=cast.sam, at=now)
    (label,) = print_free(session, cast.workshop, 1, by=cast.sam, at=now)
    extra = admit(session, label, Form.DESKTOP, lot=lot, by=cast.sam, at=now)
    closed = close(session, lot, by=cast.lou, at=now)
    assert (closed.received, closed.missing, closed.surplus) == (8, 1, 1)
    assert count_of(session, lot).surplus == [extra]
    assert (extra.donor, extra.state) == (cast.donor, State.RECEIVED)
    with pytest.raises(ReceptionClosed):
        close(session, lot, by=cast.lou, at=now)


def test_nothing_received_is_nothing_to_close(session: Session, cast: Cast, now: datetime, lot: Lot) -> None:
    with pytest.raises(NothingReceived):
        close(session, lot, by=cast.lou, at=now)


def test_a_machine_is_received_once(session: Session, cast: Cast, now: datetime, lot: Lot) -> None:
    machine = promised_in(session, lot)[0]
    receive(session, machine, by=cast.sam, at=now)
    with pytest.raises(WrongState):
        receive(session, machine, by=cast.kim, at=now)


def test_a_surplus_stays_in_its_workshop(session: Session, cast: Cast, now: datetime, lot: Lot) -> None:
    (label,) = print_free(session, cast.other_workshop, 1, by=cast.noor, at=now)
    with pytest.raises(LotOfAnotherWorkshop):
        admit(session, label, lot=lot, by=cast.noor, at=now)


def test_each_sees_their_own_lots(session: Session, cast: Cast, now: datetime, lot: Lot) -> None:
    for who in (cast.theo, cast.bruno, cast.ada, cast.lou):
        assert session.scalars(lots_seen_by(who, at=now)).all() == [lot]
    for who in (cast.noor, cast.ines, cast.sam):
        assert session.scalars(lots_seen_by(who, at=now)).all() == []


def test_a_round_is_its_drivers_until_the_next_morning(session: Session, cast: Cast, now: datetime, lot: Lot) -> None:
    collect(session, lot, count=10, signature=b"png", by=cast.theo, at=now)
    late = datetime(2026, 11, 16, 22, 59, tzinfo=UTC)  # a minute to midnight in France
    assert session.scalars(lots_seen_by(cast.theo, at=late)).all() == [lot]
    assert session.scalars(lots_seen_by(cast.theo, at=late + timedelta(minutes=1))).all() == []
    assert session.scalars(lots_seen_by(cast.bruno, at=late + timedelta(minutes=1))).all() == [lot]


def test_the_donor_reads_what_became_of_each(session: Session, cast: Cast, now: datetime, lot: Lot) -> None:
    collect(session, lot, count=9, reason=Missing.NOT_FOUND, by=cast.theo, at=now)
    kinds = [outcome.kind for outcome in outcomes(session, lot)]
    assert kinds == ["under_way"] * 9 + ["cancelled"]
