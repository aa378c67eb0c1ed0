"""Take-back: the machine comes home with somebody's data on it, and begins again at the bench.

Its enrolment and its leaflet end by themselves: they hold for the stay they were made in.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from ordi.errors import Invalid
from ordi.machines.custody import Holder, transfer
from ordi.machines.journal import record
from ordi.machines.lifecycle import Action
from ordi.papers import PaperKind, issue
from ordi.parties.people import Person
from ordi.sharing.allocation import Allocation, Ending, NotAllocated, end
from ordi.sharing.repairs import end_with_take_back
from ordi.sharing.requests import RequestState
from ordi.sharing.visit_tickets import call_off


class Reason(StrEnum):
    """Why a machine comes back."""

    LOAN_ENDED = "loan_ended"
    BROKEN = "broken"
    UNSUITED = "unsuited"
    NO_LONGER_NEEDED = "no_longer_needed"
    MOVED_AWAY = "moved_away"


class FilesKept(StrEnum):
    """Before a drive is wiped for an exchange, the family's files are offered to it, copied in its presence."""

    COPIED = "copied"
    DECLINED = "declined"
    IMPOSSIBLE = "impossible"


EXCHANGED = (Reason.BROKEN, Reason.UNSUITED)
"""After these the family still needs a machine: its request waits again."""


def take_back(
    session: Session,
    allocation: Allocation,
    reason: str,
    *,
    files: str = "",
    came: tuple[str, ...] = (),
    by: Person,
    at: datetime,
) -> None:
    """Receive a machine back at its workshop. `files`: what became of the family's own, as `FilesKept`; `came`: codes of what came with it.

    Raises `Invalid`, `NotAllocated`, `NotAllowed`.
    """
    if files and files not in {str(one) for one in FilesKept}:
        raise Invalid(field="files", why="unknown")
    if reason not in {str(one) for one in Reason}:
        raise Invalid(field="reason", why="unknown")
    machine, request = allocation.machine, allocation.request
    session.flush()
    session.refresh(request, with_for_update=True)
    session.refresh(allocation, with_for_update=True)
    if allocation.handed_over_at is None or allocation.ended_at is not None:
        raise NotAllocated(request=request.code, tag=machine.tag)
    record(session, machine, Action.TAKE_BACK, by=by, at=at, request=request.code, reason=reason)
    end_with_take_back(session, machine, by=by, at=at)
    call_off(session, machine, by=by, at=at)
    transfer(session, machine, Holder.WORKSHOP, machine.workshop, by=by, at=at)
    machine.partner = None
    machine.triage, machine.grade, machine.shelf = "", None, ""  # sorted and graded anew: it has lived since
    issue(
        session,
        PaperKind.TAKE_BACK_RECEIPT,
        f"allocation:{allocation.id}",
        {"tag": machine.tag, "request": request.code, "reason": reason, "files": files, "came": list(came)},
        by_id=by.id,
        at=at,
    )
    if reason not in EXCHANGED:
        request.state, request.ended_at = RequestState.CLOSED, at
    end(session, allocation, Ending.TAKEN_BACK, at=at)
