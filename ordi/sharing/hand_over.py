"""Hand-over: the gate a last time, the signature, the paper; from this moment a family's data is on the machine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.errors import Invalid, Refused, SomeoneJustDidThis
from ordi.machines.custody import Holder, transfer
from ordi.machines.drive import fill
from ordi.machines.journal import record
from ordi.machines.lifecycle import Action
from ordi.papers import PARIS, PaperKind, issue
from ordi.parties.access import may
from ordi.parties.people import Person
from ordi.sharing.allocation import Allocation, NotAllocated
from ordi.sharing.bookings import Booking, end_booking
from ordi.sharing.class_lists import ClassPupil
from ordi.sharing.consents import ConsentTakenBack, taken_back
from ordi.sharing.months import months_after
from ordi.sharing.naming import naming_of
from ordi.sharing.packs import write_pack
from ordi.sharing.placements import PARTS, Placement, PlacementMissing, placement_of
from ordi.sharing.prices import check_price, owed
from ordi.sharing.requests import NotWaiting, Request, RequestState
from ordi.sharing.rules import Contract
from ordi.sharing.school_years import end_before
from ordi.sharing.signatures import redrawn
from ordi.sharing.training import has_finished
from ordi.sharing.warranty import warranty_end


class Means(StrEnum):
    """How it was paid."""

    CASH = "cash"
    CHEQUE = "cheque"
    CARD = "card"
    TRANSFER = "transfer"


class TrainingFirst(Refused):
    """In this programme the machine goes home at the end of the sessions."""

    code = "training-first"


class PaperDayImpossible(Refused):
    """Nobody signs before the machine was promised, nor tomorrow."""

    code = "paper-day-impossible"


@dataclass(frozen=True)
class OnPaper:
    """Signed with ink, on a day without a network; typed in afterwards, and kept as such."""

    day: date
    witness: Person


@dataclass(frozen=True)
class Pack:
    """Codes of what goes with the machine: what was handed over, which of it was read from a label, what is missing."""

    handed: tuple[str, ...] = ()
    scanned: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


NOTHING_ELSE = Pack()


def hand_over(
    session: Session,
    allocation: Allocation,
    signed: bytes | OnPaper,
    *,
    by: Person,
    at: datetime,
    pack: Pack = NOTHING_ELSE,
    accepts_check_ins: bool | None = None,
    paid_by: Means | None = None,
    happened_at: datetime | None = None,
    in_place_of: Allocation | None = None,
) -> Allocation:
    """Give the machine to who it was promised to, signed. Its drives count as holding data from now on.

    `signed` is a drawn signature, or the sheet that was signed. `pack` and the answer about check-ins stand on the paper;
    `paid_by` gives a receipt of payment, numbered without a gap; `happened_at` is when a desk without a network says it was.
    `in_place_of`: the failing machine it replaces, whose contract goes on: same end, nothing to pay again. Raises
    `SignatureUnusable`, `PaperDayImpossible`, `Invalid` (witness), `NotAllocated`, `SomeoneJustDidThis`, `NotWaiting` (withdrawn),
    `NotAllowed`, `NoLegalRule` (a sale's warranty), `PlacementMissing`, `TrainingFirst`, `ConsentTakenBack`, `PriceAboveCap`, `PublicDonorMachine`, and the gate's own refusals.
    """
    signature = None if isinstance(signed, OnPaper) else redrawn(signed)
    machine, request = allocation.machine, allocation.request
    session.flush()
    session.refresh(request, with_for_update=True)
    session.refresh(allocation, with_for_update=True)
    if allocation.handed_over_at is not None:
        raise SomeoneJustDidThis(request=request.code, tag=machine.tag)
    if not allocation.standing:
        raise NotAllocated(request=request.code, tag=machine.tag)
    if request.state != RequestState.ALLOCATED:
        raise NotWaiting(request=request.code, state=request.state)
    placed = _check_programme(session, request)
    on = at.astimezone(PARIS).date()
    price = 0 if in_place_of else owed(session, allocation)
    check_price(session, request.programme.rules, price, machine, on)
    if isinstance(signed, OnPaper):
        _check_paper(allocation, signed, at)
        allocation.signed_on_paper, allocation.witness, on = signed.day, signed.witness, signed.day
        happened_at = min(at, datetime.combine(signed.day, time(12), PARIS))
    record(session, machine, Action.HAND_OVER, by=by, at=at, happened_at=happened_at, request=request.code)
    fill(session, machine)
    holder = Holder.PARTNER if request.household_id is None else Holder.HOUSEHOLD
    keeper = placed.keeper if placed else request.partner
    transfer(session, machine, holder, keeper, by=by, at=at, signature=signature)
    end_booking(session, allocation, Booking.KEPT, at=at)
    allocation.handed_over_at, allocation.handed_over_by = at, by
    allocation.contract_ends = in_place_of.contract_ends if in_place_of else contract_end(session, request, on)
    write_pack(session, allocation, pack.handed, pack.missing, pack.scanned, by=by, at=at)
    warranty = warranty_end(session, request.programme.rules, on)
    facts: dict[str, object] = {
        "tag": machine.tag,
        "request": request.code,
        "contract": request.programme.contract,
        "price_cents": price,
        "ends": allocation.contract_ends.isoformat() if allocation.contract_ends else None,
        "warranty": warranty.isoformat() if warranty else None,
        "bag": list(pack.handed),
        "missing": list(pack.missing),
        "accepts_check_ins": accepts_check_ins,
    }
    if placed:
        facts["placed"] = {name: getattr(placed, name).name for name in PARTS} | {"place": placed.place}
    if in_place_of:
        facts["in_place_of"] = in_place_of.machine.tag
    if isinstance(signed, OnPaper):
        facts["signed_on_paper"] = signed.day.isoformat()
    about = f"allocation:{allocation.id}"
    allocation.paper = issue(session, PaperKind.HAND_OVER_RECEIPT, about, facts, by_id=by.id, at=at)
    if paid_by is not None and price:
        paid: dict[str, object] = {"tag": machine.tag, "request": request.code, "price_cents": price, "means": paid_by}
        issue(session, PaperKind.PAYMENT_RECEIPT, about, paid, by_id=by.id, at=at)
    if (naming := naming_of(session, machine)) is not None:  # it bore this name while it was built, and until now
        naming.ended_at = at
    request.state = RequestState.HANDED_OVER
    if request.household is not None:
        request.household.last_contact_at = at
    session.flush()
    return allocation


def _check_paper(allocation: Allocation, sheet: OnPaper, at: datetime) -> None:
    first, today = allocation.at.astimezone(PARIS).date(), at.astimezone(PARIS).date()
    if not first <= sheet.day <= today:
        raise PaperDayImpossible(tag=allocation.machine.tag, first=f"{first:%d/%m/%Y}")
    if not may(sheet.witness, "sharing.hand-over", allocation.request.partner, at=at):
        raise Invalid(field="witness", why="unknown")


def _check_programme(session: Session, request: Request) -> Placement | None:
    """What the programme asks before a machine leaves; who owns, keeps and runs it, where that is said."""
    rules = request.programme.rules
    placed = placement_of(session, request) if rules.placed else None
    if taken_back(session, request.household_id):
        raise ConsentTakenBack(request=request.code)
    if rules.placed and placed is None:
        raise PlacementMissing(request=request.code)
    if rules.training and rules.training.before_hand_over and not has_finished(session, request):
        raise TrainingFirst(request=request.code)
    return placed


def contract_end(session: Session, request: Request, on: date) -> date | None:
    """The day a loan begun on a day ends, of a child its class's own; gifts and sales do not end."""
    programme, rules = request.programme, request.programme.rules
    if programme.contract != Contract.LOAN:
        return None
    if rules.loan_until and rules.loan_ends:
        name = session.scalar(select(ClassPupil.class_name).where(ClassPupil.request_id == request.id))
        return end_before(rules.loan_until, name or "", rules.loan_ends, on) or rules.loan_ends
    return rules.loan_ends or months_after(on, rules.loan_months or 0)
