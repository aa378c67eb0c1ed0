"""The end of a loan: the family is asked, keeps the machine or returns it; what silence means was declared in advance."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ordi.database import Base
from ordi.errors import Invalid, Refused
from ordi.messages.outbox import drop_about
from ordi.papers import PARIS, Paper, PaperKind, issue
from ordi.parties.access import may, require
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person
from ordi.sharing.allocation import Allocation, NotAllocated
from ordi.sharing.class_lists import ClassPupil
from ordi.sharing.consents import give
from ordi.sharing.filing import NoConsent, Reading
from ordi.sharing.requests import Request
from ordi.sharing.rules import Contract, Silence
from ordi.sharing.telling import Telling, tell
from ordi.sharing.warranty import warranty_of

AHEAD = timedelta(days=90)
"""How early the families are asked."""
WITH_COUPON = (Telling.LOAN_ENDS, Telling.LOAN_REMINDER)


class Answer(StrEnum):
    """What the family says."""

    KEEP = "keep"
    RETURN = "return"


class MayNotKeep(Refused):
    """This loan ends with a return."""

    code = "may-not-keep"


class NotAskedYet(Refused):
    """Nobody's silence counts before they were asked, and before the day."""

    code = "not-asked-yet"


class LoanEnd(Base):
    """What was asked and answered at the end of a loan."""

    __tablename__ = "loan_ends"

    allocation_id: Mapped[int] = mapped_column(ForeignKey("allocations.id"), primary_key=True)
    asked_at: Mapped[datetime | None]
    letters: Mapped[int] = mapped_column(default=0)
    answer: Mapped[str] = mapped_column(String(8), default="")
    by_silence: Mapped[bool] = mapped_column(default=False)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    answered_at: Mapped[datetime | None]
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("papers.id"))

    paper: Mapped[Paper | None] = relationship()


def ending(session: Session, pole: Organisation, on: date) -> list[Allocation]:
    """The loans of a pole that end within three months or ended, without an answer yet."""
    return list(
        session.scalars(
            select(Allocation)
            .join(Request, Request.id == Allocation.request_id)
            .join(Organisation, Organisation.id == Request.partner_id)
            .outerjoin(LoanEnd, LoanEnd.allocation_id == Allocation.id)
            .where(
                Organisation.path.startswith(pole.path, autoescape=True),
                Allocation.ended_at.is_(None),
                Allocation.handed_over_at.is_not(None),
                Allocation.contract_ends <= on + AHEAD,
                (LoanEnd.answer == "") | LoanEnd.allocation_id.is_(None),
            )
            .options(
                joinedload(Allocation.machine),
                joinedload(Allocation.request).options(joinedload(Request.programme), joinedload(Request.partner)),
            )
            .order_by(Allocation.contract_ends, Allocation.id)
        )
    )


def ask(session: Session, allocation: Allocation, *, by: Person, at: datetime) -> LoanEnd:
    """The letter with its coupon leaves, the first time or again. Raises `NotAllowed`, `NotAllocated`."""
    _require(session, by, allocation, at)
    end = end_of(session, allocation)
    end.asked_at = end.asked_at or at
    end.letters += 1
    session.flush()
    _say(session, allocation, Telling.LOAN_ENDS if end.letters == 1 else Telling.LOAN_REMINDER, end.letters, at)
    return end


def ask_all(session: Session, allocations: Iterable[Allocation], *, by: Person, at: datetime) -> int:
    """A campaign: everybody of a list who was not asked yet. How many. Raises `NotAllowed`."""
    new = [one for one in allocations if end_of(session, one).asked_at is None]
    for one in new:
        ask(session, one, by=by, at=at)
    return len(new)


def answered(
    session: Session,
    allocation: Allocation,
    answer: str,
    reading: Reading | None,
    *,
    accepts_check_ins: bool = False,
    by: Person,
    at: datetime,
) -> LoanEnd:
    """The family answers. To keep is a gift, with its paper, and consent asked anew; a return waits for the machine.

    `accepts_check_ins` is what it says of the computer's news once it is its own: `ordi.journeys.keeping` does it.
    Raises `NotAllowed`, `NotAllocated`, `Invalid`, `MayNotKeep`, `NoConsent`.
    """
    _require(session, by, allocation, at)
    if answer not in set(Answer):
        raise Invalid(field="answer", why="unknown")
    end = end_of(session, allocation)
    household = allocation.request.household
    if answer == Answer.KEEP and household is not None:
        if reading is None:
            raise NoConsent(programme=allocation.request.programme.code)
        asks = "sharing.allocate" if may(by, "sharing.allocate", household.partner, at=at) else "requests.write"
        give(session, household, reading.version, reading.language, by=by, at=at, asks=asks)
    _settle(session, allocation, end, Answer(answer), accepts_check_ins, by=by, at=at)
    return end


def silent(session: Session, allocation: Allocation, *, by: Person, at: datetime) -> LoanEnd:
    """Nobody answered: what the programme declared in advance holds. Raises `NotAllowed`, `NotAllocated`, `NotAskedYet`.

    Silence accepts nothing: a machine that is kept so sends no news any more, until its family says so.
    """
    require(by, "sharing.allocate", allocation.request.partner, at=at)
    _standing(session, allocation)
    end = end_of(session, allocation)
    ends = allocation.contract_ends
    if end.answer:
        raise NotAllocated(request=allocation.request.code, tag=allocation.machine.tag)
    if end.asked_at is None or ends is None or at.astimezone(PARIS).date() <= ends:
        raise NotAskedYet(request=allocation.request.code)
    silence = allocation.request.programme.rules.silence
    if silence == Silence.REMIND:
        return ask(session, allocation, by=by, at=at)
    end.by_silence = True
    kept = silence == Silence.KEEP
    _settle(session, allocation, end, Answer.KEEP if kept else Answer.RETURN, None, by=by, at=at)
    _say(session, allocation, Telling.LOAN_KEPT if kept else Telling.LOAN_RETURN, end.letters, at)
    return end


def end_of(session: Session, allocation: Allocation) -> LoanEnd:
    """What is known of a loan's end."""
    found = session.get(LoanEnd, allocation.id)
    if found is None:
        found = LoanEnd(allocation_id=allocation.id, letters=0, answer="", by_silence=False)
        session.add(found)
        session.flush()
    return found


def _settle(
    session: Session,
    allocation: Allocation,
    end: LoanEnd,
    answer: Answer,
    accepts_check_ins: bool | None,
    *,
    by: Person,
    at: datetime,
) -> None:
    if answer == Answer.KEEP:
        if not allocation.request.programme.rules.may_keep:
            raise MayNotKeep(request=allocation.request.code)
        warranty = warranty_of(session, allocation)
        facts: dict[str, object] = {
            "tag": allocation.machine.tag,
            "request": allocation.request.code,
            "contract": str(Contract.GIFT),
            "price_cents": 0,
            "ends": None,
            "warranty": warranty.isoformat() if warranty else None,
            "bag": [],
            "accepts_check_ins": accepts_check_ins,
            "kept_after_loan": True,
        }
        end.paper = issue(
            session, PaperKind.HAND_OVER_RECEIPT, f"allocation:{allocation.id}", facts, by_id=by.id, at=at
        )
        allocation.paper, allocation.contract_ends = end.paper, None
    drop_about(session, _about(allocation), at=at)
    end.answer, end.by_id, end.answered_at = answer, by.id, at
    session.flush()


def _about(allocation: Allocation) -> str:
    return f"loan:{allocation.id}"


def _say(session: Session, allocation: Allocation, telling: Telling, number: int, at: datetime) -> None:
    """By letter wherever there is an address: the coupon is answered by people who have nothing else.

    A pupil of a list without an address brings it home from school.
    """
    day = allocation.contract_ends or at.astimezone(PARIS).date()
    about, once = _about(allocation), f"{allocation.id}:{number}"
    told: dict[str, object] = {"day": day.isoformat()}
    request = allocation.request
    by_hand = telling in WITH_COUPON and session.scalar(
        select(ClassPupil.id).where(ClassPupil.request_id == request.id, ClassPupil.name_sealed.is_not(None))
    )
    tell(session, request, telling, told, about=about, once=once, on_paper=True, by_hand=bool(by_hand), at=at)


def _require(session: Session, by: Person, allocation: Allocation, at: datetime) -> None:
    if not may(by, "sharing.allocate", allocation.request.partner, at=at):
        require(by, "requests.write", allocation.request.partner, at=at)
    _standing(session, allocation)


def _standing(session: Session, allocation: Allocation) -> None:
    """Hold the loan: two who answer, or write, at once wait here for each other, and what is known of its end is read anew."""
    session.flush()
    session.refresh(allocation, with_for_update={"of": Allocation})
    if (end := session.get(LoanEnd, allocation.id)) is not None:
        session.refresh(end)
    if allocation.handed_over_at is None or allocation.ended_at is not None or allocation.contract_ends is None:
        raise NotAllocated(request=allocation.request.code, tag=allocation.machine.tag)
