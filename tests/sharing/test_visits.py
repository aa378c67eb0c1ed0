"""A visit is opened beforehand, made or not, and its few words are forgotten with it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from ordi.errors import Invalid, NotAllowed, NotFound, SomeoneJustDidThis
from ordi.parties.people import Role, appoint, welcome
from ordi.privacy.erasing import Cause as Erased
from ordi.privacy.erasing import erase_for
from ordi.sharing.requests import NotWaiting, withdraw
from ordi.sharing.take_back import take_back
from ordi.sharing.visit_tickets import (
    Standing,
    VisitPlanned,
    VisitTicket,
    not_made,
    plan_visit,
    seen_visit,
    tickets_of,
    visited,
    visitors,
    words_of,
)
from ordi.sharing.visits import Cause, Finding, Heading, visits_of
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.sharing.families import SEALER, a_request, handed_over

TODAY = NOW.date()
WELL = {str(one): str(Finding.WELL) for one in Heading}


def a_visit(session: Session, cast: Cast, cause: str = Cause.BREAKDOWN, words: str = "Sonner deux fois") -> VisitTicket:
    """Inès goes to see a machine that fails."""
    given = handed_over(session, cast)
    return plan_visit(session, given.request, cause, TODAY, cast.ines, words=words, sealer=SEALER, by=cast.ines, at=NOW)


def test_a_visit_that_was_made_fills_the_five_headings_and_forgets_its_words(session: Session, cast: Cast) -> None:
    ticket = a_visit(session, cast)
    assert (words_of(ticket, SEALER), ticket.machine_id is not None) == ("Sonner deux fois", True)
    with pytest.raises(Invalid):
        visited(session, ticket, {str(Heading.SKILLS): Finding.WELL}, by=cast.ines, at=NOW)
    visited(session, ticket, WELL, by=cast.ines, at=NOW)
    assert visits_of(session, ticket.request) == [ticket.visit]
    assert (ticket.state, words_of(ticket, SEALER)) == (Standing.DONE, "")
    with pytest.raises(SomeoneJustDidThis):
        not_made(session, ticket, Standing.ABSENT, by=cast.ines, at=NOW)


@pytest.mark.parametrize("how", [Standing.ABSENT, Standing.CANCELLED])
def test_a_visit_that_was_not_made_leaves_no_finding_and_another_may_be_opened(
    session: Session, cast: Cast, how: Standing
) -> None:
    ticket = a_visit(session, cast)
    with pytest.raises(VisitPlanned):
        plan_visit(session, ticket.request, Cause.BREAKDOWN, TODAY, cast.ines, by=cast.ines, at=NOW)
    not_made(session, ticket, how, by=cast.ines, at=NOW)
    again = plan_visit(session, ticket.request, Cause.BREAKDOWN, TODAY, cast.ines, by=cast.ines, at=NOW)
    assert (tickets_of(session, ticket.request), visits_of(session, ticket.request)) == ([again, ticket], [])
    assert ticket.words_sealed is None


@pytest.mark.parametrize(
    ("what", "field"),
    [({"cause": "boredom"}, "cause"), ({"days": -1}, "day"), ({"days": 400}, "day"), ({"words": "x" * 201}, "words")],
)
def test_a_visit_needs_a_known_cause_a_day_to_come_and_few_words(
    session: Session, cast: Cast, what: dict[str, object], field: str
) -> None:
    request = a_request(session, cast)
    day = TODAY + timedelta(days=int(str(what.get("days", 0))))
    with pytest.raises(Invalid) as refusal:
        plan_visit(
            session,
            request,
            str(what.get("cause", Cause.WIRING)),
            day,
            cast.ines,
            words=str(what.get("words", "")),
            sealer=SEALER,
            by=cast.ines,
            at=NOW,
        )
    assert refusal.value.facts["field"] == field


def test_only_who_visits_for_that_structure_goes_and_an_animator_sees_their_own_alone(
    session: Session, cast: Cast
) -> None:
    ticket = a_visit(session, cast)
    assert {cast.ines, cast.ada, cast.awa} <= set(visitors(session, ticket.request, at=NOW))
    assert cast.noor not in visitors(session, ticket.request, at=NOW)
    with pytest.raises(Invalid):
        plan_visit(session, ticket.request, Cause.WIRING, TODAY, cast.noor, by=cast.ines, at=NOW)
    with pytest.raises(NotAllowed):
        plan_visit(session, ticket.request, Cause.WIRING, TODAY, cast.awa, by=cast.awa, at=NOW)
    hers = plan_visit(session, ticket.request, Cause.WIRING, TODAY, cast.awa, by=cast.ines, at=NOW)
    assert seen_visit(session, cast.awa, hers.code, at=NOW) == hers
    assert seen_visit(session, cast.ada, hers.code, at=NOW) == hers
    for reader in (cast.awa, cast.noor, cast.sam):
        with pytest.raises(NotFound):
            seen_visit(session, reader, ticket.code, at=NOW)
    visited(session, hers, WELL, by=cast.awa, at=NOW)


def test_who_left_the_structure_no_longer_sees_the_visit_they_were_to_make(session: Session, cast: Cast) -> None:
    ticket = a_visit(session, cast)
    mediator = welcome(session, "Malo Le Goff", at=cast.at)
    held = appoint(session, mediator, Role.MEDIATOR, cast.partner, at=cast.at)
    theirs = plan_visit(session, ticket.request, Cause.WIRING, TODAY, mediator, by=cast.ines, at=NOW)
    assert seen_visit(session, mediator, theirs.code, at=NOW) == theirs
    held.until = NOW
    with pytest.raises(NotFound):
        seen_visit(session, mediator, theirs.code, at=NOW)


def test_a_machine_that_comes_back_is_not_visited_any_more(session: Session, cast: Cast) -> None:
    given = handed_over(session, cast)
    ticket = plan_visit(session, given.request, Cause.BREAKDOWN, TODAY, cast.ines, by=cast.ines, at=NOW)
    take_back(session, given, "no_longer_needed", by=cast.sam, at=NOW)
    assert (ticket.state, ticket.ended_by) == (Standing.CANCELLED, cast.sam)
    with pytest.raises(NotWaiting):
        plan_visit(session, given.request, Cause.BREAKDOWN, TODAY, cast.ines, by=cast.ines, at=NOW)


def test_nobody_goes_to_a_family_that_was_forgotten(session: Session, cast: Cast) -> None:
    request = a_request(session, cast)
    ticket = plan_visit(
        session, request, Cause.WIRING, TODAY, cast.ines, words="Au fond", sealer=SEALER, by=cast.ines, at=NOW
    )
    withdraw(session, request, by=cast.ines, at=NOW)
    assert request.household
    done = erase_for(session, request.household, by=cast.ines, at=NOW, remember=lambda _marks: None)
    assert done
    assert done.cause == Erased.ASKED
    session.refresh(ticket)
    assert (ticket.state, ticket.words_sealed) == (Standing.CANCELLED, None)
