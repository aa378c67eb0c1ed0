"""The hand-over, signed, and the way back."""

from __future__ import annotations

import io
import json
import zlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin
from sqlalchemy.orm import Session

from ordi.errors import Invalid, NotAllowed, SomeoneJustDidThis
from ordi.fleet.enrolment import enrol, prepare
from ordi.machines.custody import Holder, holder_of
from ordi.machines.drive import Standing, open_sightings
from ordi.machines.evidence import keep
from ordi.machines.gate import DrivesNotClean, clean_drives
from ordi.machines.journal import verify
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.papers import PaperKind, annul, of_subject
from ordi.parties.organisations import Nature
from ordi.sharing.allocation import Allocation, NotAllocated, allocate, release
from ordi.sharing.filing import Filing, file_request
from ordi.sharing.hand_over import Means, hand_over
from ordi.sharing.months import months_after
from ordi.sharing.prices import PriceAboveCap, owed, set_price
from ordi.sharing.requests import NotWaiting, RequestState, attest, withdraw
from ordi.sharing.signatures import KEPT_WIDTH, SignatureUnusable, redrawn
from ordi.sharing.take_back import take_back
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.sharing.families import a_programme, a_promise, a_request, a_signature, handed_over, the_programmes


def test_a_hand_over_changes_the_holder_and_fills_the_drives(session: Session, cast: Cast) -> None:
    given = handed_over(session, cast)
    machine = given.machine
    holder = holder_of(session, machine)
    assert machine.state == State.HANDED_OVER
    assert holder
    assert (holder.holder, holder.organisation, bool(holder.signature)) == (Holder.HOUSEHOLD, cast.partner, True)
    assert {one.drive.standing for one in open_sightings(session, machine)} == {Standing.HOLDS_DATA}
    assert list(verify(session)) == []


def test_each_hand_over_has_a_paper_numbered_without_a_gap(session: Session, cast: Cast) -> None:
    labels = []
    for _ in range(3):
        paper = handed_over(session, cast).paper
        assert paper
        labels.append(paper.label)
    assert labels == ["R-2026-0001", "R-2026-0002", "R-2026-0003"]


def test_a_hand_over_that_is_rolled_back_gives_its_number_back(session: Session, cast: Cast) -> None:
    promise = a_promise(session, cast)
    nested = session.begin_nested()
    hand_over(session, promise, a_signature(), by=cast.ines, at=NOW)
    nested.rollback()
    session.expire_all()
    paper = hand_over(session, promise, a_signature(), by=cast.ines, at=NOW).paper
    assert paper
    assert paper.number == 1


def test_an_annulled_paper_keeps_its_number(session: Session, cast: Cast) -> None:
    first = handed_over(session, cast).paper
    assert first
    annul(session, first, "wrong-person", at=NOW)
    second = handed_over(session, cast).paper
    assert second
    assert (first.number, second.number) == (1, 2)


def test_a_loan_has_an_end_and_a_gift_has_none(session: Session, cast: Cast) -> None:
    school = the_programmes(session, cast)["ecole"]
    loan = handed_over(session, cast, request=a_request(session, cast, school, needs=("school",)))
    assert loan.contract_ends == date(2029, 7, 5)
    assert handed_over(session, cast).contract_ends is None


@given(day=st.dates(date(2020, 1, 1), date(2040, 12, 31)), months=st.integers(1, 60))
def test_so_many_months_later_is_that_many_months_later(day: date, months: int) -> None:
    end = months_after(day, months)
    assert (end.year - day.year) * 12 + end.month - day.month == months
    assert end.day <= day.day


def test_an_associations_machine_is_held_by_the_association(session: Session, cast: Cast) -> None:
    programme = the_programmes(session, cast)["associations"]
    filing = Filing(programme, ("printer",), ("local-project",))
    request = file_request(session, cast.partner, filing, by=cast.said, at=NOW)
    attest(session, request, ["local-project"], by=cast.ada, at=NOW)
    promise = allocate(session, a_machine(session, cast), request, by=cast.ada, at=NOW)
    given = hand_over(session, promise, a_signature(), by=cast.said, at=NOW)
    holder = holder_of(session, given.machine)
    assert holder
    assert holder.holder == Holder.PARTNER
    assert given.contract_ends == date(2029, 11, 16)


def test_without_a_signature_nothing_is_handed_over(session: Session, cast: Cast) -> None:
    promise = a_promise(session, cast)
    with pytest.raises(SignatureUnusable) as refusal:
        hand_over(session, promise, a_signature(drawn=False), by=cast.ines, at=NOW)
    assert refusal.value.facts["why"] == "blank"
    assert promise.machine.state == State.ALLOCATED


def test_what_else_a_picture_carries_is_not_kept() -> None:
    hidden = PngImagePlugin.PngInfo()
    hidden.add_text("stroke-timing", "12ms 40ms")
    sent = io.BytesIO()
    Image.open(io.BytesIO(a_signature((1200, 400)))).save(sent, "PNG", pnginfo=hidden)
    kept = redrawn(sent.getvalue())
    assert b"stroke" not in kept
    assert Image.open(io.BytesIO(kept)).width == KEPT_WIDTH


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (b"GIF89a", "not-a-picture"),
        (b"", "not-a-picture"),
        (b"x" * 600_000, "too-big"),
    ],
)
def test_what_is_no_picture_is_refused(sent: bytes, why: str) -> None:
    with pytest.raises(SignatureUnusable) as refusal:
        redrawn(sent)
    assert refusal.value.facts["why"] == why


def test_a_small_file_that_opens_into_a_huge_picture_is_refused() -> None:
    header = b"\x89PNG\r\n\x1a\n"
    size = (30_000).to_bytes(4, "big") * 2 + b"\x08\x00\x00\x00\x00"
    chunk = b"IHDR" + size
    bomb = header + len(size).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
    with pytest.raises(SignatureUnusable):
        redrawn(bomb)


def test_half_a_picture_is_refused() -> None:
    with pytest.raises(SignatureUnusable):
        redrawn(a_signature()[:60])


@given(sent=st.binary(max_size=200))
def test_no_bytes_break_the_signature(sent: bytes) -> None:
    with pytest.raises(SignatureUnusable):
        redrawn(a_signature()[:8] + sent)


def test_a_machine_is_handed_over_once(session: Session, cast: Cast) -> None:
    given = handed_over(session, cast)
    with pytest.raises(SomeoneJustDidThis):
        hand_over(session, given, a_signature(), by=cast.ines, at=NOW)


def test_a_released_or_withdrawn_promise_is_not_handed_over(session: Session, cast: Cast) -> None:
    released = a_promise(session, cast)
    release(session, released, by=cast.ada, at=NOW)
    withdrawn = a_promise(session, cast)
    withdraw(session, withdrawn.request, by=cast.ines, at=NOW)
    with pytest.raises(NotAllocated):
        hand_over(session, released, a_signature(), by=cast.ines, at=NOW)
    with pytest.raises(NotWaiting):
        hand_over(session, withdrawn, a_signature(), by=cast.ines, at=NOW)


@pytest.mark.parametrize("who", ["sam", "paul", "noor", "bruno", "vic"])
def test_who_does_not_meet_the_family_does_not_hand_over(session: Session, cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        hand_over(session, a_promise(session, cast), a_signature(), by=getattr(cast, who), at=NOW)


def test_a_machine_that_comes_back_begins_again_with_somebodys_data_on_it(session: Session, cast: Cast) -> None:
    promise = a_promise(session, cast)
    machine = promise.machine
    token = prepare(session, machine, by=cast.sam, at=NOW)
    enrolment = enrol(session, token=token, public_key=b"k" * 32, uuid="3f2b8d6e-0000-4000-8000-000000000001", at=NOW)
    hand_over(session, promise, a_signature(), by=cast.ines, at=NOW)
    assert enrolment.current
    take_back(session, promise, "loan_ended", by=cast.sam, at=NOW)
    holder = holder_of(session, machine)
    assert holder
    assert (machine.state, machine.partner, holder.holder) == (State.RECEIVED, None, Holder.WORKSHOP)
    assert promise.request.state == RequestState.CLOSED
    assert not enrolment.current
    with pytest.raises(DrivesNotClean):
        clean_drives_again(session, machine)


def clean_drives_again(session: Session, machine: Machine) -> None:
    """Look inside on this stay, then ask the gate."""
    evidence = keep(session, "3f2b8d6e-0000-4000-8000-000000000002", "ordi-inventory/1", b"{}", source="test", at=NOW)
    evidence.machine_id, evidence.stay, evidence.bench = machine.id, machine.stay, True
    session.flush()
    clean_drives(session, machine)


@pytest.mark.parametrize("reason", ["broken", "unsuited"])
def test_a_family_whose_machine_broke_waits_for_another(session: Session, cast: Cast, reason: str) -> None:
    given = handed_over(session, cast)
    take_back(session, given, reason, by=cast.sam, at=NOW)
    assert given.request.state == RequestState.WAITING
    allocate(session, a_machine(session, cast), given.request, by=cast.ada, at=NOW)


def test_a_take_back_says_why_and_leaves_a_paper(session: Session, cast: Cast) -> None:
    given = handed_over(session, cast)
    with pytest.raises(Invalid):
        take_back(session, given, "bad-temper", by=cast.sam, at=NOW)
    take_back(session, given, "moved_away", by=cast.sam, at=NOW)
    (paper,) = of_subject(session, f"allocation:{given.id}", PaperKind.TAKE_BACK_RECEIPT)
    assert paper.label == "T-2026-0001"
    with pytest.raises(NotAllocated):
        take_back(session, given, "moved_away", by=cast.sam, at=NOW)


def a_landlords_sale(session: Session, cast: Cast, nature: str = Nature.COMPANY) -> Allocation:
    """A machine promised to a tenant at the landlord's price, 45 €."""
    sale = a_programme(session, cast, contract="sale", partner_sets_price=True)
    set_price(session, cast.partner, sale, 45_00, by=cast.said, at=NOW)
    cast.donor.nature = nature
    return a_promise(session, cast, request=a_request(session, cast, sale))


@pytest.mark.parametrize(("since", "pays"), [(900_00, 45_00), (30_00, 30_00)], ids=["dearer since", "cheaper since"])
def test_a_family_pays_at_most_what_was_promised(session: Session, cast: Cast, since: int, pays: int) -> None:
    promise = a_landlords_sale(session, cast)
    set_price(session, cast.partner, promise.request.programme, since, by=cast.said, at=NOW)
    assert owed(session, promise) == pays
    gone = hand_over(session, promise, a_signature(), by=cast.ines, at=NOW, paid_by=Means.CASH)
    assert gone.paper is not None
    assert json.loads(gone.paper.facts)["price_cents"] == pays
    (receipt,) = of_subject(session, f"allocation:{gone.id}", PaperKind.PAYMENT_RECEIPT)
    assert json.loads(receipt.facts)["price_cents"] == pays


def test_a_public_donors_machine_is_not_handed_over_above_the_cap(session: Session, cast: Cast) -> None:
    promise = a_landlords_sale(session, cast, Nature.PUBLIC)
    promise.price_cents = None  # promised before prices were kept
    set_price(session, cast.partner, promise.request.programme, 900_00, by=cast.said, at=NOW)
    with pytest.raises(PriceAboveCap) as refusal:
        hand_over(session, promise, a_signature(), by=cast.ines, at=NOW)
    assert refusal.value.facts["price"] == "900\u00a0€"
    assert (promise.machine.state, promise.handed_over_at) == (State.ALLOCATED, None)
