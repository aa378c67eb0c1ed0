"""An exchange in one act: the old machine back with data on it, the new one signed for, the file goes on; all, or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ordi.errors import Invalid, NotAllowed, Refused
from ordi.journeys.exchanges import FallsShort, exchange
from ordi.machines.drive import Standing, open_sightings
from ordi.machines.journal import verify
from ordi.machines.lifecycle import State
from ordi.machines.machine import Form, Machine
from ordi.papers import Paper, PaperKind, of_subject
from ordi.sharing.allocation import Allocation, allocate
from ordi.sharing.hand_over import Means, Pack, hand_over
from ordi.sharing.packs import missing_of
from ordi.sharing.repairs import bring_in
from ordi.sharing.requests import RequestState
from ordi.sharing.signatures import SignatureUnusable
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.sharing.families import a_programme, a_promise, a_request, a_signature, handed_over


def exchanged(session: Session, cast: Cast, given: Allocation, other: Machine, **said: object) -> Allocation:
    """Ada exchanges it."""
    told: dict[str, object] = {"reason": "broken", "files": "copied", "by": cast.ada, "at": NOW} | said
    return exchange(session, given, other, a_signature(), **told)  # type: ignore[arg-type]


def test_the_old_comes_back_to_be_wiped_and_the_new_goes_on_under_the_same_end(session: Session, cast: Cast) -> None:
    loan = a_programme(session, cast, "pret", contract="loan", loan_months=12)
    given = handed_over(session, cast, request=a_request(session, cast, loan))
    old, other = given.machine, a_machine(session, cast)
    repair = bring_in(session, old, "slow", by=cast.sam, at=NOW)
    made = exchanged(session, cast, given, other, accepts_check_ins=True)
    assert (old.state, other.state) == (State.RECEIVED, State.HANDED_OVER)
    assert {one.drive.standing for one in open_sightings(session, old)} <= {Standing.HOLDS_DATA}
    assert (made.request, made.contract_ends, made.request.state) == (
        given.request,
        given.contract_ends,
        RequestState.HANDED_OVER,
    )
    assert repair.outcome == "exchanged"
    assert made.paper
    stated = json.loads(made.paper.facts)
    assert (stated["in_place_of"], stated["accepts_check_ins"]) == (old.tag, True)
    (back,) = of_subject(session, f"allocation:{given.id}", PaperKind.TAKE_BACK_RECEIPT)
    assert json.loads(back.facts)["files"] == "copied"
    assert list(verify(session)) == []


def test_nothing_is_paid_twice_and_what_was_awaited_still_is(session: Session, cast: Cast) -> None:
    sale = a_programme(session, cast, "vente", contract="sale", price_cents=10_00)
    promise = a_promise(session, cast, request=a_request(session, cast, sale))
    pack = Pack(("charger",), (), ("mouse", "leaflet"))
    given = hand_over(session, promise, a_signature(), by=cast.ines, at=NOW, pack=pack, paid_by=Means.CASH)
    made = exchanged(session, cast, given, a_machine(session, cast), pack=Pack(("mouse",)))
    assert made.paper
    assert json.loads(made.paper.facts)["price_cents"] == 0
    receipts = select(func.count()).select_from(Paper).where(Paper.kind == PaperKind.PAYMENT_RECEIPT)
    assert session.scalar(receipts) == 1
    assert [one.code for one in missing_of(session, made)] == ["leaflet"]


Spoil = Callable[[Session, Cast, Machine], object]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda s, cast, other: allocate(s, other, a_request(s, cast), by=cast.ada, at=NOW),
        lambda _s, _cast, other: setattr(other, "memory_bytes", 1024**3),
    ],
    ids=["taken meanwhile", "too weak"],
)
def test_when_the_new_one_cannot_go_the_old_one_stays(session: Session, cast: Cast, spoil: Spoil) -> None:
    given, other = handed_over(session, cast), a_machine(session, cast)
    spoil(session, cast, other)
    before = session.scalar(select(func.count()).select_from(Paper))
    with pytest.raises(Refused):
        exchanged(session, cast, given, other)
    session.expire_all()
    assert (given.machine.state, given.ended_at) == (State.HANDED_OVER, None)
    assert session.scalar(select(func.count()).select_from(Paper)) == before
    assert list(verify(session)) == []


def test_a_machine_that_lacks_what_the_family_needs_does_not_replace_one(session: Session, cast: Cast) -> None:
    given = handed_over(session, cast, request=a_request(session, cast, needs=("paperwork", "laptop")))
    other = a_machine(session, cast)
    other.form = Form.DESKTOP
    session.flush()
    with pytest.raises(FallsShort) as refusal:
        exchanged(session, cast, given, other)
    assert refusal.value.facts["lacks"] == ["portable"]


def test_an_exchange_says_why_what_became_of_the_files_and_who_may(session: Session, cast: Cast) -> None:
    given, other = handed_over(session, cast), a_machine(session, cast)
    for wrong in ({"reason": "loan_ended"}, {"files": ""}, {"files": "lost"}):
        with pytest.raises(Invalid):
            exchanged(session, cast, given, other, **wrong)
    for who in (cast.sam, cast.ines, cast.noor):
        with pytest.raises(NotAllowed):
            exchanged(session, cast, given, other, by=who)
    with pytest.raises(SignatureUnusable):
        exchange(session, given, other, a_signature(drawn=False), reason="broken", files="copied", by=cast.ada, at=NOW)
    with pytest.raises(Refused):
        exchanged(session, cast, given, given.machine)
    exchanged(session, cast, given, other)
    with pytest.raises(Refused):
        exchanged(session, cast, given, a_machine(session, cast))
