"""Hand-over: the gate a last time, the signature, the paper; from this moment a family's data is on the machine."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from ordi.errors import SomeoneJustDidThis
from ordi.machines.custody import Holder, transfer
from ordi.machines.drive import fill
from ordi.machines.journal import record
from ordi.machines.lifecycle import Action
from ordi.papers import PARIS, PaperKind, issue
from ordi.parties.people import Person
from ordi.sharing.allocation import Allocation, NotAllocated
from ordi.sharing.programmes import Contract, Programme
from ordi.sharing.requests import NotWaiting, RequestState
from ordi.sharing.signatures import redrawn


def hand_over(
    session: Session,
    allocation: Allocation,
    signature_png: bytes,
    *,
    by: Person,
    at: datetime,
    bag: tuple[str, ...] = (),
    accepts_check_ins: bool | None = None,
) -> Allocation:
    """Give the machine to who it was promised to, signed. Its drives count as holding data from now on.

    `bag` are the codes of what goes with it: they and the answer about check-ins stand on the paper. Raises `SignatureUnusable`, `NotAllocated`, `SomeoneJustDidThis`, `NotWaiting` (withdrawn), `NotAllowed`, and the
    gate's own refusals.
    """
    signature = redrawn(signature_png)
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
    record(session, machine, Action.HAND_OVER, by=by, at=at, request=request.code)
    fill(session, machine)
    holder = Holder.PARTNER if request.household_id is None else Holder.HOUSEHOLD
    transfer(session, machine, holder, request.partner, by=by, at=at, signature=signature)
    allocation.handed_over_at, allocation.handed_over_by = at, by
    allocation.contract_ends = contract_end(request.programme, at.astimezone(PARIS).date())
    allocation.paper = issue(
        session,
        PaperKind.HAND_OVER_RECEIPT,
        f"allocation:{allocation.id}",
        {
            "tag": machine.tag,
            "request": request.code,
            "contract": request.programme.contract,
            "price_cents": request.programme.price_cents,
            "ends": allocation.contract_ends.isoformat() if allocation.contract_ends else None,
            "bag": list(bag),
            "accepts_check_ins": accepts_check_ins,
        },
        by_id=by.id,
        at=at,
    )
    request.state = RequestState.HANDED_OVER
    if request.household is not None:
        request.household.last_contact_at = at
    session.flush()
    return allocation


def contract_end(programme: Programme, on: date) -> date | None:
    """The day a loan begun on a day ends; gifts and sales do not end."""
    if programme.contract != Contract.LOAN:
        return None
    return programme.loan_ends or _months_after(on, programme.loan_months or 0)


def _months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first_of_next = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    longest = (first_of_next - date(year, month + 1, 1)).days
    return date(year, month + 1, min(day.day, longest))
