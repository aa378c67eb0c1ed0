"""The end of a list's loans: everybody is written to once, who is silent again, and each answer does what it says."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ordi.errors import NotAllowed
from ordi.fleet.enrolment import Enrolment
from ordi.journeys import keeping
from ordi.journeys.returns import take_back
from ordi.machines.lifecycle import State
from ordi.messages.outbox import Channel, Message, Posting
from ordi.papers import PARIS, Paper
from ordi.sharing.allocation import NotAllocated
from ordi.sharing.class_desks import serve
from ordi.sharing.class_lists import ClassList
from ordi.sharing.class_loans import (
    Loan,
    Stand,
    ask_list,
    by_class,
    letters_waiting,
    loans_of,
    next_letter,
    silent_for_good,
)
from ordi.sharing.consents import Consent
from ordi.sharing.filing import NoConsent, Reading
from ordi.sharing.loan_ends import Answer, MayNotKeep
from ordi.sharing.promises import Allocation
from tests.cast import Cast
from tests.factories import a_machine
from tests.fleet.news import enrolled
from tests.ground.clock import NOW
from tests.sharing.classes import a_school_loan, an_open_list, pupils_of, sent

TEXT = (
    "CM2;Amina Diallo;Fatou Diallo;0612345678\nCM2;Léo Martin;Anne Martin\nCE2;Zoé Roy;Luc Roy\nCM2;Ugo Petit;Eve Petit"
)
JUNE = datetime.combine(date(2027, 6, 1), time(9), PARIS)
AUGUST = datetime.combine(date(2027, 8, 1), time(9), PARIS)
READ = Reading("2026-1", "fr")


def lent(session: Session, cast: Cast, **rules: object) -> ClassList:
    """Amina, Léo and Ugo of CM2 until July 2027, Zoé of CE2 until July 2029: each has an enrolled machine."""
    the_list = an_open_list(session, cast, TEXT, a_school_loan(session, cast, loan_until="6e", **rules))
    for pupil in pupils_of(session, the_list):
        machine = a_machine(session, cast)
        enrolled(session, cast, machine)
        serve(session, the_list, sent((pupil.id, machine.tag)), by=cast.eva, at=NOW)
    return the_list


def of_list(session: Session, the_list: ClassList) -> list[Allocation]:
    """The loans in the order of the lines."""
    found = {one.request_id: one for one in session.scalars(select(Allocation).where(Allocation.ended_at.is_(None)))}
    return [found[one.request_id] for one in pupils_of(session, the_list)]


def stands(session: Session, the_list: ClassList, at: datetime) -> list[Stand]:
    """Where each child's loan is, in the order of the lines."""
    loans = {one.pupil: one for one in loans_of(session, the_list, at=at)}
    return [loans[one.id].stand for one in pupils_of(session, the_list)]


def first(loans: list[Loan], stand: Stand) -> list[str]:
    """The classes that have a loan standing so."""
    return [one.name for one in by_class(loans) if one.stands[stand]]


def test_a_class_is_asked_when_its_own_end_comes_near(session: Session, cast: Cast) -> None:
    the_list = lent(session, cast)
    assert stands(session, the_list, NOW) == [Stand.LATER] * 4
    assert next_letter(loans_of(session, the_list, at=NOW)) == 0
    assert ask_list(session, the_list, 1, by=cast.ada, at=NOW) == 0
    loans = loans_of(session, the_list, at=JUNE)
    assert (first(loans, Stand.TO_ASK), first(loans, Stand.LATER)) == (["CM2"], ["CE2"])
    assert ask_list(session, the_list, 1, by=cast.eva, at=JUNE) == 3
    assert stands(session, the_list, JUNE) == [Stand.SILENT, Stand.SILENT, Stand.LATER, Stand.SILENT]


def test_a_letter_is_written_once_however_often_it_is_pressed_and_again_to_the_silent(
    session: Session, cast: Cast
) -> None:
    the_list = lent(session, cast)
    amina, leo, _zoe, ugo = of_list(session, the_list)
    assert [ask_list(session, the_list, 1, by=cast.ada, at=JUNE) for _ in range(2)] == [3, 0]
    keeping.answer(session, amina, Answer.RETURN, None, accepts_check_ins=False, by=cast.ada, at=JUNE)
    assert next_letter(loans_of(session, the_list, at=JUNE)) == 2
    assert [ask_list(session, the_list, 2, by=cast.ada, at=JUNE) for _ in range(2)] == [2, 0]
    rows = session.execute(select(Message.request_id, Message.kind, Message.state).order_by(Message.id)).tuples()
    assert list(rows) == [
        (amina.request_id, "loan_ends", Posting.DROPPED),
        (leo.request_id, "loan_ends", Posting.WAITING),
        (ugo.request_id, "loan_ends", Posting.WAITING),
        (leo.request_id, "loan_reminder", Posting.WAITING),
        (ugo.request_id, "loan_reminder", Posting.WAITING),
    ]
    assert set(session.scalars(select(Message.channel))) == {Channel.LETTER}, "without an address, school brings it"
    assert letters_waiting(session, the_list) == 4


@pytest.mark.parametrize("agrees", [True, False])
def test_who_keeps_it_has_a_gift_a_new_consent_and_says_anew_whether_it_gives_news(
    session: Session, cast: Cast, agrees: bool
) -> None:
    the_list = lent(session, cast)
    amina, *_others = of_list(session, the_list)
    before = session.scalar(select(func.count()).select_from(Consent))
    with pytest.raises(NoConsent):
        keeping.answer(session, amina, Answer.KEEP, None, accepts_check_ins=agrees, by=cast.eva, at=JUNE)
    keeping.answer(session, amina, Answer.KEEP, READ, accepts_check_ins=agrees, by=cast.eva, at=JUNE)
    assert amina.paper
    told = json.loads(amina.paper.facts)
    assert (told["contract"], told["accepts_check_ins"]) == ("gift", agrees)
    assert session.scalar(select(func.count()).select_from(Consent)) == (before or 0) + 1
    stopped = select(Enrolment.stopped_at).where(Enrolment.machine_id == amina.machine_id)
    assert (session.scalars(stopped).one() is None) == agrees
    assert stands(session, the_list, JUNE)[0] == Stand.KEEP
    with pytest.raises(NotAllocated):  # sent twice: one paper
        keeping.answer(session, amina, Answer.KEEP, READ, accepts_check_ins=agrees, by=cast.eva, at=JUNE)


def test_a_yes_starts_the_news_of_a_computer_that_had_stopped(session: Session, cast: Cast) -> None:
    the_list = lent(session, cast)
    amina, *_others = of_list(session, the_list)
    enrolment = session.scalars(select(Enrolment).where(Enrolment.machine_id == amina.machine_id)).one()
    enrolment.stopped_at = NOW
    keeping.answer(session, amina, Answer.KEEP, READ, accepts_check_ins=True, by=cast.eva, at=JUNE)
    assert enrolment.stopped_at is None


def test_what_is_returned_waits_for_the_machine_and_goes_to_the_bench(session: Session, cast: Cast) -> None:
    the_list = lent(session, cast)
    amina, *_others = of_list(session, the_list)
    keeping.answer(session, amina, Answer.RETURN, None, accepts_check_ins=False, by=cast.eva, at=JUNE)
    assert stands(session, the_list, JUNE)[0] == Stand.RETURN
    take_back(session, amina, "loan_ended", by=cast.lou, at=JUNE)
    assert amina.machine.state == State.RECEIVED
    assert stands(session, the_list, JUNE)[0] == Stand.BACK


def test_who_said_return_may_still_keep_it(session: Session, cast: Cast) -> None:
    the_list = lent(session, cast)
    amina, *_others = of_list(session, the_list)
    for said in (Answer.RETURN, Answer.KEEP):
        keeping.answer(session, amina, said, READ, accepts_check_ins=False, by=cast.eva, at=JUNE)
    assert stands(session, the_list, JUNE)[0] == Stand.KEEP


@pytest.mark.parametrize(("silence", "stand"), [("keep", Stand.KEEP), ("return", Stand.RETURN)])
def test_silence_means_what_was_declared_after_the_day_and_accepts_nothing(
    session: Session, cast: Cast, silence: str, stand: Stand
) -> None:
    the_list = lent(session, cast, silence=silence)
    ask_list(session, the_list, 1, by=cast.ada, at=JUNE)
    assert silent_for_good(session, the_list, by=cast.ada, at=JUNE) == []
    over = silent_for_good(session, the_list, by=cast.ada, at=AUGUST)
    for one in over:
        keeping.silent(session, one, by=cast.ada, at=AUGUST)
    assert stands(session, the_list, AUGUST) == [stand, stand, Stand.LATER, stand]
    asked = select(func.count()).where(Enrolment.stopped_at.is_not(None))
    assert session.scalar(asked) == (3 if silence == "keep" else 0)
    assert silent_for_good(session, the_list, by=cast.ada, at=AUGUST) == []


def test_where_one_goes_on_asking_silence_settles_nothing(session: Session, cast: Cast) -> None:
    the_list = lent(session, cast)
    ask_list(session, the_list, 1, by=cast.ada, at=JUNE)
    assert silent_for_good(session, the_list, by=cast.ada, at=AUGUST) == []


def test_a_loan_to_return_is_not_kept(session: Session, cast: Cast) -> None:
    the_list = lent(session, cast, may_keep=False)
    amina, *_others = of_list(session, the_list)
    with pytest.raises(MayNotKeep):
        keeping.answer(session, amina, Answer.KEEP, READ, accepts_check_ins=True, by=cast.eva, at=JUNE)


def test_others_write_to_nobody(session: Session, cast: Cast) -> None:
    the_list = lent(session, cast)
    for who in (cast.awa, cast.noor, cast.sam):
        with pytest.raises(NotAllowed):
            ask_list(session, the_list, 1, by=who, at=JUNE)
    with pytest.raises(NotAllowed):
        silent_for_good(session, the_list, by=cast.eva, at=AUGUST)


def test_a_list_that_was_given_has_no_loan(session: Session, cast: Cast) -> None:
    programme = a_school_loan(session, cast, contract="gift", loan_ends=None, may_keep=False)
    the_list = an_open_list(session, cast, TEXT, programme)
    amina, *_others = pupils_of(session, the_list)
    serve(session, the_list, sent((amina.id, a_machine(session, cast).tag)), by=cast.eva, at=NOW)
    assert loans_of(session, the_list, at=NOW + timedelta(days=900)) == []
    assert session.scalars(select(Paper.id)).all()
