"""An access, a seat in a group and a visit are served under the rules of a programme, like a machine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from ordi.errors import Refused
from ordi.sharing.allocation import allocate
from ordi.sharing.blocks import CriteriaMissing, OutsideProgramme
from ordi.sharing.connections import connect
from ordi.sharing.consents import ConsentTakenBack, take_back_consent
from ordi.sharing.derogations import Derogation, derogate
from ordi.sharing.filing import Filing, Reading, file_request
from ordi.sharing.programmes import Programme
from ordi.sharing.quotas import BudgetSpent, QuotaReached
from ordi.sharing.requests import Request, attest
from ordi.sharing.seats import Leaving, admit, enlist, leave
from ordi.sharing.training import Step, open_group
from ordi.sharing.visits import Cause, Finding, Heading, visit
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.sharing.families import a_household, a_programme, a_request, handed_over
from tests.sharing.test_thirteen import ask_for

Serve = Callable[[Session, Cast, Request], object]
BROUGHT = {
    "services": ("machine", "connection", "training", "visit"),
    "connection": {"free_months": 3, "then_cents": 100},
    "training": {"sessions": 1, "minutes": 60},
    "visits": 1,
}
EVERY_HEADING = {str(one): str(Finding.WELL) for one in Heading}


def unverified(session: Session, cast: Cast, programme: Programme) -> Request:
    """A request of which nobody verified anything yet."""
    family, consent = a_household(session, cast, "Bo"), Reading("2026-1", "fr")
    filing = Filing(programme=programme, needs=("paperwork",), household=family, consent=consent)
    return file_request(session, cast.partner, filing, by=cast.ines, at=NOW)


def an_access(session: Session, cast: Cast, request: Request) -> object:
    return connect(session, request, by=cast.ines, at=NOW)


def a_seat(session: Session, cast: Cast, request: Request) -> object:
    days = [NOW - timedelta(days=1)]
    group = open_group(session, cast.partner, request.programme, days, by=cast.awa, at=NOW)
    return enlist(session, group, request, by=cast.awa, at=NOW)


def a_visit(session: Session, cast: Cast, request: Request) -> object:
    return visit(session, request, Cause.INSTALLATION, EVERY_HEADING, by=cast.ines, at=NOW)


def a_promised_machine(session: Session, cast: Cast, request: Request) -> object:
    return allocate(session, a_machine(session, cast), request, by=cast.ada, at=NOW)


SERVICES = pytest.mark.parametrize("serve", [an_access, a_seat, a_visit, a_promised_machine])


@SERVICES
def test_a_condition_nobody_verified_stops_it_until_somebody_does(session: Session, cast: Cast, serve: Serve) -> None:
    programme = a_programme(session, cast, criteria=("lives-here",), **BROUGHT)
    request = unverified(session, cast, programme)
    with pytest.raises(CriteriaMissing):
        serve(session, cast, request)
    attest(session, request, ["lives-here"], by=cast.ines, at=NOW)
    assert serve(session, cast, request)


@SERVICES
def test_another_territory_stops_it_unless_a_person_says_why_not(session: Session, cast: Cast, serve: Serve) -> None:
    request = ask_for(session, cast, a_programme(session, cast, postcodes=("29200",), **BROUGHT))
    with pytest.raises(OutsideProgramme):
        serve(session, cast, request)
    derogate(session, request, Derogation.URGENT, by=cast.ada, at=NOW)
    assert serve(session, cast, request)


@SERVICES
@pytest.mark.parametrize(
    ("limit", "refusal"),
    [({"quota": {"total": 1}}, QuotaReached), ({"budget_cents": 90_00, "unit_cost_cents": 60_00}, BudgetSpent)],
)
def test_what_serves_one_request_is_counted_once_and_leaves_none_for_the_next(
    session: Session, cast: Cast, serve: Serve, limit: dict[str, object], refusal: type[Refused]
) -> None:
    programme = a_programme(session, cast, **BROUGHT, **limit)
    first, second = ask_for(session, cast, programme), ask_for(session, cast, programme, name="Bo")
    serve(session, cast, first)
    for again in (an_access, a_seat, a_visit):
        if again is not serve:
            assert again(session, cast, first), "who is served already is not counted again"
    for other in (an_access, a_seat, a_visit, a_promised_machine):
        with pytest.raises(refusal):
            other(session, cast, second)


@pytest.mark.parametrize("serve", [an_access, a_seat, a_visit])
def test_a_consent_taken_back_stops_it(session: Session, cast: Cast, serve: Serve) -> None:
    family = a_household(session, cast)
    request = a_request(session, cast, a_programme(session, cast, **BROUGHT), household=family)
    take_back_consent(session, family, "fr", by=cast.ines, at=NOW)
    with pytest.raises(ConsentTakenBack):
        serve(session, cast, request)


def test_a_waiting_list_takes_everybody_and_the_rules_are_asked_when_a_seat_is_given(
    session: Session, cast: Cast
) -> None:
    programme = a_programme(session, cast, criteria=("lives-here",), **BROUGHT)
    days = [NOW - timedelta(days=1)]
    group = open_group(session, cast.partner, programme, days, by=cast.awa, at=NOW, places=1)
    seated = enlist(session, group, a_request(session, cast, programme), by=cast.awa, at=NOW)
    request = unverified(session, cast, programme)
    waits = enlist(session, group, request, by=cast.awa, at=NOW)
    assert waits.step == Step.WAITING
    leave(session, seated, Leaving.WORK, by=cast.awa, at=NOW)
    with pytest.raises(CriteriaMissing):
        admit(session, waits, by=cast.awa, at=NOW)
    attest(session, request, ["lives-here"], by=cast.ines, at=NOW)
    admit(session, waits, by=cast.awa, at=NOW)
    assert group.seated == [waits]


def test_a_visit_to_who_has_their_machine_is_help_and_never_refused(session: Session, cast: Cast) -> None:
    programme = a_programme(session, cast, quota={"total": 1})
    given = handed_over(session, cast, request=ask_for(session, cast, programme))
    take_back_consent(session, given.request.household, "fr", by=cast.ines, at=NOW)  # type: ignore[arg-type]
    assert a_visit(session, cast, given.request)


def test_a_visit_that_the_programme_does_not_bring_takes_nobody_s_place(session: Session, cast: Cast) -> None:
    programme = a_programme(session, cast, quota={"total": 1})
    visited, served = ask_for(session, cast, programme), ask_for(session, cast, programme, name="Bo")
    a_visit(session, cast, visited)
    assert a_promised_machine(session, cast, served)
