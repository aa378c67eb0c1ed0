"""The end of the loans of a class list: who is asked, who answered, who is silent; letters for all of it in one act."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from ordi.messages.outbox import Channel, Message, Posting
from ordi.papers import PARIS
from ordi.parties.access import may, require
from ordi.parties.people import Person
from ordi.sharing.class_lists import ClassList, ClassPupil
from ordi.sharing.loan_ends import AHEAD, WITH_COUPON, Answer, LoanEnd, ask
from ordi.sharing.promises import Allocation
from ordi.sharing.requests import Request, RequestState
from ordi.sharing.rules import Silence


class Stand(StrEnum):
    """Where the end of one loan is."""

    LATER = "later"
    """It ends in more than three months."""
    TO_ASK = "to-ask"
    SILENT = "silent"
    """Asked, and nobody answered yet."""
    KEEP = "keep"
    RETURN = "return"
    """The family brings it back; it is not here yet."""
    BACK = "back"


@dataclass(frozen=True)
class Loan:
    """The loan of one child."""

    pupil: int
    class_name: str
    request: str
    tag: str
    allocation: int
    ends: date | None
    """Nothing once it is a gift."""
    letters: int
    stand: Stand
    by_silence: bool = False
    over: bool = False
    """The day is past."""


@dataclass(frozen=True)
class Ends:
    """Of a class: its loans by where they stand, and when they end."""

    name: str
    first: date | None
    last: date | None
    stands: dict[Stand, int]

    @property
    def lent(self) -> int:
        """All of them, whatever became of them."""
        return sum(self.stands.values())


def loans_of(session: Session, the_list: ClassList, *, at: datetime) -> list[Loan]:
    """The loans of a list, by class: of each child the machine it had last. One query."""
    query = (
        select(ClassPupil.id, ClassPupil.class_name, Allocation, LoanEnd)
        .join(Request, Request.id == ClassPupil.request_id)
        .join(Allocation, Allocation.request_id == Request.id)
        .outerjoin(LoanEnd, LoanEnd.allocation_id == Allocation.id)
        .where(
            ClassPupil.list_id == the_list.id,
            ClassPupil.name_sealed.is_not(None),
            Allocation.handed_over_at.is_not(None),
            Request.state.in_((RequestState.HANDED_OVER, RequestState.CLOSED)),
        )
        .options(joinedload(Allocation.machine), joinedload(Allocation.request))
        .order_by(ClassPupil.class_name, ClassPupil.id, Allocation.id)
    )
    today = at.astimezone(PARIS).date()
    found: dict[int, Loan] = {}
    for pupil, class_name, lent, end in session.execute(query):
        found.pop(pupil, None)
        if lent.contract_ends is not None or end is not None:  # a gift from the beginning has no end
            stand = _stand(lent, end, today)
            found[pupil] = Loan(
                pupil,
                class_name,
                lent.request.code,
                lent.machine.tag,
                lent.id,
                lent.contract_ends,
                end.letters if end else 0,
                stand,
                bool(end and end.by_silence),
                lent.contract_ends is not None and lent.contract_ends < today,
            )
    return list(found.values())


def by_class(loans: Iterable[Loan]) -> list[Ends]:
    """Class after class, in the order in which they come."""
    told: dict[str, list[Loan]] = {}
    for one in loans:
        told.setdefault(one.class_name, []).append(one)
    found = []
    for name, rows in told.items():
        days = sorted(one.ends for one in rows if one.ends)
        stands = {stand: sum(one.stand == stand for one in rows) for stand in Stand}
        found.append(Ends(name, days[0] if days else None, days[-1] if days else None, stands))
    return found


def next_letter(loans: Iterable[Loan]) -> int:
    """The number of the letter that is next: 1 while somebody was not written to, else one more than the silent have had."""
    waits = [one.letters for one in loans if one.stand in (Stand.TO_ASK, Stand.SILENT)]
    return min(waits, default=0) + 1 if waits else 0


def ask_list(session: Session, the_list: ClassList, letter: int, *, by: Person, at: datetime) -> int:
    """Letter number `letter` for each family of the list that did not answer and had fewer: how many.

    So the same press twice writes once. Raises `NotAllowed`.
    """
    _may_ask(by, the_list, at)
    today = at.astimezone(PARIS).date()
    held = session.scalars(
        select(Allocation)
        .join(ClassPupil, ClassPupil.request_id == Allocation.request_id)
        .where(
            ClassPupil.list_id == the_list.id,
            ClassPupil.name_sealed.is_not(None),
            Allocation.ended_at.is_(None),
            Allocation.handed_over_at.is_not(None),
            Allocation.contract_ends <= today + AHEAD,
        )
        .options(
            joinedload(Allocation.machine),
            joinedload(Allocation.request).options(joinedload(Request.household), joinedload(Request.programme)),
        )
        .order_by(Allocation.id)
        .with_for_update(of=Allocation),
        execution_options={"populate_existing": True},
    ).all()
    known = select(LoanEnd).where(LoanEnd.allocation_id.in_([one.id for one in held]))
    ends = {one.allocation_id: one for one in session.scalars(known, execution_options={"populate_existing": True})}
    had = {one.id: ends[one.id].letters if one.id in ends else 0 for one in held}
    waits = [one for one in held if had[one.id] < letter and not (one.id in ends and ends[one.id].answer)]
    classes = select(ClassPupil.request_id, ClassPupil.class_name).where(ClassPupil.list_id == the_list.id)
    class_of = dict(session.execute(classes).tuples().all())
    waits.sort(key=lambda one: (class_of[one.request_id], one.id))  # the pile is given out class by class
    for one in waits:
        ask(session, one, by=by, at=at)
    return len(waits)


def letters_of(the_list: ClassList) -> Select[int]:
    """The requests of a list, for its letters among the messages."""
    return select(ClassPupil.request_id).where(ClassPupil.list_id == the_list.id)


def letters_waiting(session: Session, the_list: ClassList) -> int:
    """Letters about the end of a list's loans that nobody has printed yet."""
    query = select(func.count()).where(
        Message.request_id.in_(letters_of(the_list)),
        Message.kind.in_(WITH_COUPON),
        Message.channel == Channel.LETTER,
        Message.state == Posting.WAITING,
    )
    return session.scalar(query) or 0


def silent_for_good(session: Session, the_list: ClassList, *, by: Person, at: datetime) -> list[Allocation]:
    """The loans whose day is past, asked and unanswered: what was declared may be applied. Raises `NotAllowed`.

    None where the programme declared that one goes on asking.
    """
    require(by, "sharing.allocate", the_list.partner, at=at)
    if the_list.programme.rules.silence == Silence.REMIND:
        return []
    query = (
        select(Allocation)
        .join(ClassPupil, ClassPupil.request_id == Allocation.request_id)
        .join(LoanEnd, LoanEnd.allocation_id == Allocation.id)
        .where(
            ClassPupil.list_id == the_list.id,
            Allocation.ended_at.is_(None),
            Allocation.contract_ends < at.astimezone(PARIS).date(),
            LoanEnd.answer == "",
            LoanEnd.asked_at.is_not(None),
        )
        .order_by(Allocation.id)
    )
    return list(session.scalars(query))


def loan_of(session: Session, pupil: ClassPupil) -> Allocation | None:
    """The machine a child has on loan."""
    return session.scalar(
        select(Allocation).where(
            Allocation.request_id == pupil.request_id,
            Allocation.ended_at.is_(None),
            Allocation.handed_over_at.is_not(None),
        )
    )


def _may_ask(by: Person, the_list: ClassList, at: datetime) -> None:
    if not may(by, "sharing.allocate", the_list.partner, at=at):
        require(by, "requests.write", the_list.partner, at=at)


def _stand(lent: Allocation, end: LoanEnd | None, today: date) -> Stand:
    if lent.ended_at is not None:
        return Stand.BACK
    if end is not None and end.answer:
        return Stand.KEEP if end.answer == Answer.KEEP else Stand.RETURN
    if end is not None and end.letters:
        return Stand.SILENT
    return Stand.LATER if lent.contract_ends is None or lent.contract_ends > today + AHEAD else Stand.TO_ASK
