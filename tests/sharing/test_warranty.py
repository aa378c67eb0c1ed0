"""How long a machine is guaranteed: by law when it is sold, by the programme's own promise when it is given or lent."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from ordi.privacy.ends import Thing, file_ends
from ordi.sharing.allocation import Allocation
from ordi.sharing.filing import Reading
from ordi.sharing.loan_ends import answered, ask
from ordi.sharing.months import months_after
from ordi.sharing.programmes import RulesUnusable
from ordi.sharing.warranty import warranty_of
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.sharing.families import a_programme, a_request, handed_over

TODAY = NOW.date()
LOAN = {"contract": "loan", "loan_months": 6, "may_keep": True}
SALE = {"contract": "sale", "price_cents": 30_00}


def given(session: Session, cast: Cast, **rules: object) -> Allocation:
    """A machine handed over today under these rules."""
    return handed_over(session, cast, request=a_request(session, cast, a_programme(session, cast, **rules)))


def on_paper(promise: Allocation) -> str | None:
    """What its paper says of the warranty."""
    assert promise.paper
    said: str | None = json.loads(promise.paper.facts)["warranty"]
    return said


@pytest.mark.parametrize(
    ("rules", "months"),
    [({"warranty_months": 6}, 6), (LOAN | {"warranty_months": 12}, 12), (SALE, 24), ({}, None), (LOAN, None)],
)
def test_the_paper_says_what_the_law_or_the_programme_promises(
    session: Session, cast: Cast, rules: dict[str, object], months: int | None
) -> None:
    promise = given(session, cast, **rules)
    until = months_after(TODAY, months) if months else None
    assert warranty_of(session, promise) == until
    assert on_paper(promise) == (until.isoformat() if until else None)


def test_a_loan_that_is_kept_keeps_the_warranty_of_its_first_day(session: Session, cast: Cast) -> None:
    loan = given(session, cast, **LOAN, warranty_months=12)
    ask(session, loan, by=cast.ines, at=NOW)
    answered(session, loan, "keep", Reading("2026-1", "fr"), by=cast.ines, at=NOW + timedelta(days=90))
    assert on_paper(loan) == months_after(TODAY, 12).isoformat()


def test_a_family_s_file_is_kept_while_what_was_promised_runs(session: Session, cast: Cast) -> None:
    gift = given(session, cast, warranty_months=12)
    family = gift.request.household
    assert family
    before = file_ends(session, at=NOW + timedelta(days=300))[family.id]
    assert before.running == {Thing.WARRANTY: months_after(TODAY, 12)}
    over = file_ends(session, at=NOW + timedelta(days=400))[family.id]
    assert (over.running, over.after, over.ended) == ({}, Thing.WARRANTY, months_after(TODAY, 12))


@pytest.mark.parametrize("rules", [SALE, {"contract": "none", "services": ("training",)}])
def test_a_sale_has_the_law_s_and_where_there_is_no_machine_there_is_none(
    session: Session, cast: Cast, rules: dict[str, object]
) -> None:
    with pytest.raises(RulesUnusable) as refusal:
        a_programme(session, cast, **rules, warranty_months=12, training={"sessions": 1, "minutes": 60})
    assert refusal.value.facts["fields"] == ["warranty_months:does-not-fit-contract"]
