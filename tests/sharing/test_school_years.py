"""Used until 6e: each class of a list has its own end, on the day on which a school year ends."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.sharing.class_desks import serve
from ordi.sharing.promises import Allocation
from ordi.sharing.rules import Contract, Rules, problems
from ordi.sharing.school_years import Level, end_before, level_of
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.sharing.classes import a_school_loan, an_open_list, pupils_of, sent

JULY = date(2030, 7, 5)


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("CE2 A", Level.CE2),
        ("cm1b", Level.CM1),
        ("Cm1 B", Level.CM1),
        ("6ème 3", Level.SIXIEME),
        ("6e4", Level.SIXIEME),
        ("6EB", Level.SIXIEME),
        ("CP1 Liberté", Level.CP),
        ("Terminale STI", Level.TERMINALE),
        ("CM1-CM2", Level.CM1),
        ("CM1/CM2 Dupont", Level.CM1),
        ("Les Tilleuls", None),
        ("", None),
    ],
)
def test_a_classs_name_tells_its_level_and_of_two_the_lower(name: str, level: Level | None) -> None:
    assert level_of(name) == level


@pytest.mark.parametrize(
    ("name", "on", "end"),
    [
        ("CM2", date(2026, 11, 23), date(2027, 7, 5)),
        ("CE2", date(2026, 11, 23), date(2029, 7, 5)),
        ("CE2", date(2027, 3, 1), date(2029, 7, 5)),  # the same school year
        ("CM2", date(2027, 7, 20), date(2028, 7, 5)),  # the year is over: the next one
        ("5e", date(2026, 11, 23), date(2027, 7, 5)),  # there already
        ("Les Tilleuls", date(2026, 11, 23), None),
    ],
)
def test_a_loan_ends_with_the_school_year_before_the_entry(name: str, on: date, end: date | None) -> None:
    assert end_before(Level.SIXIEME, name, JULY, on) == end


@given(
    level=st.sampled_from(Level),
    entry=st.sampled_from(Level),
    last_day=st.dates(date(2020, 1, 1), date(2040, 12, 31)),
    on=st.dates(date(2020, 1, 1), date(2040, 12, 31)),
)
def test_every_end_lies_ahead_and_a_level_lower_is_a_year_later(
    level: Level, entry: Level, last_day: date, on: date
) -> None:
    end = end_before(entry, level, last_day, on)
    assert end
    assert end > on
    order = list(Level)
    if 0 < order.index(level) < order.index(entry):
        before = end_before(entry, order[order.index(level) - 1], last_day, on)
        assert before
        assert before.year == end.year + 1


def test_children_of_one_list_are_lent_until_their_own_6e(session: Session, cast: Cast) -> None:
    programme = a_school_loan(session, cast, loan_until="6e")
    text = "CM2;Amina Diallo;Fatou Diallo\nCE2 B;Léo Martin;Anne Martin\nLes Tilleuls;Zoé Roy;Luc Roy"
    the_list = an_open_list(session, cast, text, programme)
    for pupil in pupils_of(session, the_list):
        serve(session, the_list, sent((pupil.id, a_machine(session, cast).tag)), by=cast.eva, at=NOW)
    ends = session.scalars(select(Allocation.contract_ends).order_by(Allocation.id)).all()
    assert [one.year for one in ends if one] == [2027, 2029, 2029]  # what tells no level ends as the programme says
    assert {(one.month, one.day) for one in ends if one} == {(7, 5)}


def test_a_programme_that_ends_by_class_says_on_which_day_a_year_ends() -> None:
    rules = Rules(code="pret", name="Prêt", contract=Contract.LOAN, open_from=NOW.date(), loan_months=12)
    assert list(problems(rules)) == []
    assert list(problems(rules.model_copy(update={"loan_until": Level.SIXIEME}))) == [("loan_until", "without-day")]
