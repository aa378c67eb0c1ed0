"""A family that refuses the check-ins, says nothing, or stops them later is treated like one that accepts them."""

from __future__ import annotations

import json

import pytest
from sqlalchemy.orm import Session

from ordi.fleet import check_ins, help_requests
from ordi.machines.machine import Machine
from ordi.privacy.ends import Thing, file_ends
from ordi.sharing.filing import may_ask
from ordi.sharing.fit import rank
from ordi.sharing.hand_over import hand_over
from ordi.sharing.prices import NoPriceYet, price_of
from ordi.sharing.programmes import Programme
from ordi.sharing.promises import Allocation
from ordi.sharing.requests import Request
from ordi.sharing.rules import HolderKind
from tests.cast import Cast
from tests.fleet.news import enrolled
from tests.ground.clock import NOW
from tests.sharing.families import (
    a_household,
    a_programme,
    a_promise,
    a_request,
    a_signature,
    the_programmes,
)

ANSWERS = [(True, False), (False, False), (None, False), (True, True)]
"""What the family says at the hand-over, and whether it stops the check-ins afterwards."""


@pytest.mark.parametrize(
    "rules",
    [
        {"contract": "gift"},
        {"contract": "loan", "loan_months": 24, "may_keep": True},
        {"contract": "sale", "price_cents": 4500, "points": {"no-computer": 20}},
    ],
    ids=lambda rules: str(rules["contract"]),
)
def test_neither_price_nor_help_nor_warranty_nor_rank_depends_on_the_check_ins(
    session: Session, cast: Cast, rules: dict[str, object]
) -> None:
    programme = a_programme(session, cast, **rules)
    others = [
        one
        for one in the_programmes(session, cast).values()
        if HolderKind.HOUSEHOLD in one.rules.holders
        and not one.rules.needs_code
        and may_ask(session, one.rules, cast.partner, cast.ines, at=NOW)
    ]
    assert len(others) >= 3
    lives = [_life(session, cast, programme, others, *answer) for answer in ANSWERS]
    assert [life for life in lives if life != lives[0]] == []
    warranty = lives[0]["warranty"]
    assert isinstance(warranty, dict)
    assert (Thing.WARRANTY in warranty) == (rules["contract"] == "sale"), "this looks at no warranty"


def _life(
    session: Session, cast: Cast, programme: Programme, others: list[Programme], accepts: bool | None, stops: bool
) -> dict[str, object]:
    """All that could differ, from the hand-over to the next request of the same family."""
    family = a_household(session, cast, f"Nom {accepts} {stops}")
    promise = a_promise(session, cast, request=a_request(session, cast, programme, household=family))
    given = hand_over(session, promise, a_signature(), by=cast.ines, at=NOW, accepts_check_ins=accepts)
    if accepts:
        enrolled(session, cast, given.machine)
    if stops:
        check_ins.stop(session, given.machine, at=NOW)
    end = file_ends(session, at=NOW, only=family)[family.id]
    asked = [a_request(session, cast, other, household=family) for other in others]
    return {
        "price": (price_of(session, given.request), _on_paper(given, "price_cents")),
        "warranty": end.running,
        "until": (given.contract_ends, _on_paper(given, "ends"), end.running, end.ended),
        "help": _helped(session, given.machine),
        "next": [(rank(one, NOW), one.unmet, _price(session, one)) for one in asked],
    }


def _on_paper(given: Allocation, fact: str) -> object:
    assert given.paper is not None
    return json.loads(given.paper.facts)[fact]


def _helped(session: Session, machine: Machine) -> object:
    ticket = help_requests.ask(session, machine, "slow", at=NOW)
    return (ticket.trouble, ticket.asked_at, ticket.closed_at)


def _price(session: Session, request: Request) -> object:
    try:
        return price_of(session, request)
    except NoPriceYet as refusal:
        return refusal.code
