"""A family that takes its consent back hears nothing more, loses nothing, and is asked again by a person."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.errors import NotAllowed
from ordi.fleet import help_requests
from ordi.fleet.enrolment import current_enrolment
from ordi.messages.outbox import Message, Posting
from ordi.parties.households import Household
from ordi.privacy.ends import file_ends
from ordi.privacy.silence import take_back
from ordi.sharing.allocation import allocate
from ordi.sharing.consents import Consent, ConsentTakenBack, give
from ordi.sharing.fit import rank
from ordi.sharing.hand_over import hand_over
from ordi.sharing.prices import price_of
from ordi.sharing.programmes import Programme
from ordi.sharing.proposals import proposals
from ordi.sharing.telling import Telling, tell
from ordi.sharing.waiting import in_order, waiting_requests
from tests.cast import Cast
from tests.factories import a_machine
from tests.fleet.news import enrolled
from tests.ground.clock import NOW
from tests.sharing.families import a_household, a_programme, a_promise, a_request, a_signature


@pytest.mark.parametrize(
    "rules",
    [
        {"contract": "gift"},
        {"contract": "loan", "loan_months": 24, "may_keep": True},
        {"contract": "sale", "price_cents": 4500, "points": {"no-computer": 20}},
    ],
    ids=lambda rules: str(rules["contract"]),
)
def test_neither_price_nor_help_nor_warranty_nor_rank_depends_on_consent(
    session: Session, cast: Cast, rules: dict[str, object]
) -> None:
    programme, other = a_programme(session, cast, **rules), a_programme(session, cast, code="autre", price_cents=0)
    stays, silent = (_life(session, cast, programme, other, silent) for silent in (False, True))
    assert silent == stays


def _life(session: Session, cast: Cast, programme: Programme, other: Programme, silent: bool) -> dict[str, object]:
    """All that could differ: what it has, what it is owed, and where its next request stands."""
    family = a_household(session, cast, f"Nom {silent}")
    promise = a_promise(session, cast, request=a_request(session, cast, programme, household=family))
    given = hand_over(session, promise, a_signature(), by=cast.ines, at=NOW)
    waiting = a_request(session, cast, other, household=family)
    behind = a_request(session, cast, other, household=a_household(session, cast, f"Derrière {silent}"))
    if silent:
        take_back(session, family, "uk", by=cast.ines, at=NOW)
    order = [one.request.id for one in in_order(waiting_requests(session, cast.pole), NOW)]
    end = file_ends(session, at=NOW, only=family)[family.id]
    ticket = help_requests.ask(session, given.machine, "slow", at=NOW)
    assert given.paper is not None
    return {
        "price": (price_of(session, given.request), json.loads(given.paper.facts)["price_cents"]),
        "until": (given.contract_ends, end.running, end.ended),
        "help": (ticket.trouble, ticket.asked_at, ticket.closed_at),
        "next": (waiting.state, waiting.unmet, rank(waiting, NOW), price_of(session, waiting)),
        "before who came after": order.index(waiting.id) < order.index(behind.id),
    }


def silent_family(session: Session, cast: Cast) -> Household:
    """Who took its consent back, in Ukrainian."""
    family = a_household(session, cast)
    give(session, family, "2026-1", "uk", by=cast.ines, at=NOW)
    take_back(session, family, "uk", by=cast.ines, at=NOW)
    return family


def test_what_was_said_is_kept_with_its_language_and_its_reader(session: Session, cast: Cast) -> None:
    family = silent_family(session, cast)
    said = session.scalars(select(Consent).where(Consent.household_id == family.id).order_by(Consent.id)).all()
    assert [(one.given, one.language, one.reader_id) for one in said] == [
        (True, "uk", cast.ines.id),
        (False, "uk", cast.ines.id),
    ]
    for not_theirs in (cast.sam, cast.noor, cast.ada):
        with pytest.raises(NotAllowed):
            take_back(session, family, "fr", by=not_theirs, at=NOW)


def test_nothing_is_promised_until_a_person_asked_again_and_the_place_stays(session: Session, cast: Cast) -> None:
    request, machine = a_request(session, cast), a_machine(session, cast)
    family = request.household
    assert family is not None
    take_back(session, family, "fr", by=cast.ines, at=NOW)
    (proposal,) = proposals(session, cast.pole, at=NOW)
    assert (proposal.request, proposal.best) == (request, None)
    assert proposal.blocked is not None
    assert proposal.blocked.code == "consent-taken-back"
    with pytest.raises(ConsentTakenBack):
        allocate(session, machine, request, by=cast.ada, at=NOW)
    give(session, family, "2026-1", "fr", by=cast.ines, at=NOW)
    promise = allocate(session, machine, request, by=cast.ada, at=NOW)
    take_back(session, family, "fr", by=cast.ines, at=NOW)
    with pytest.raises(ConsentTakenBack):
        hand_over(session, promise, a_signature(), by=cast.ines, at=NOW)
    assert promise.standing, "what was promised stays put aside until a person decides"


def test_no_message_that_needs_it_leaves_any_more_and_what_a_contract_owes_is_said(
    session: Session, cast: Cast
) -> None:
    request = a_request(session, cast)
    family = request.household
    assert family is not None
    for telling in (Telling.BOOKED, Telling.LOAN_ENDS):
        tell(session, request, telling, {}, about=f"{telling}:1", once="1", at=NOW)
    take_back(session, family, "fr", by=cast.ines, at=NOW)
    session.expire_all()
    states = {one.kind: one.state for one in session.scalars(select(Message))}
    assert states == {Telling.BOOKED: Posting.DROPPED, Telling.LOAN_ENDS: Posting.WAITING}
    assert tell(session, request, Telling.REMINDER, {}, about="r:1", once="1", at=NOW) is None
    assert tell(session, request, Telling.REPAIRED, {}, about="p:1", once="1", at=NOW) is not None


def test_its_computer_sends_nothing_more(session: Session, cast: Cast) -> None:
    promise = a_promise(session, cast)
    given = hand_over(session, promise, a_signature(), by=cast.ines, at=NOW, accepts_check_ins=True)
    enrolled(session, cast, given.machine)
    assert given.request.household is not None
    take_back(session, given.request.household, "fr", by=cast.ines, at=NOW)
    enrolment = current_enrolment(session, given.machine)
    assert enrolment is not None
    assert enrolment.stopped_at == NOW
