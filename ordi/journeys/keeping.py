"""The end of a loan and the computer's own news: who keeps it is asked anew, and nothing but a yes lets it go on telling."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from ordi.fleet.check_ins import resume, stop
from ordi.parties.people import Person
from ordi.sharing import loan_ends
from ordi.sharing.allocation import Allocation
from ordi.sharing.filing import Reading
from ordi.sharing.loan_ends import Answer, LoanEnd


def answer(
    session: Session,
    allocation: Allocation,
    said: str,
    reading: Reading | None,
    *,
    accepts_check_ins: bool,
    by: Person,
    at: datetime,
) -> LoanEnd:
    """What a family says of its loan; kept, its news go on or stop as it says. Raises what `loan_ends.answered` raises."""
    end = loan_ends.answered(session, allocation, said, reading, accepts_check_ins=accepts_check_ins, by=by, at=at)
    if end.answer == Answer.KEEP:
        (resume if accepts_check_ins else stop)(session, allocation.machine, at=at)
    return end


def silent(session: Session, allocation: Allocation, *, by: Person, at: datetime) -> LoanEnd:
    """Nobody answered: what was declared holds, and a machine that is kept tells nothing more. Raises what `loan_ends.silent` raises."""
    end = loan_ends.silent(session, allocation, by=by, at=at)
    if end.answer == Answer.KEEP:
        stop(session, allocation.machine, at=at)
    return end
