"""A visit as its pages show it: opened from a machine or a call, read on a phone, closed where one stands."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.fleet.help_requests import ask
from ordi.parties.households import HouseholdReading, erase
from ordi.parties.people import Person
from ordi.sharing.allocation import Allocation
from ordi.sharing.visit_tickets import VisitTicket, plan_visit
from ordi.sharing.visits import Heading
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.sharing.families import handed_over
from tests.web.conftest import form_to

Enter = Callable[[Person], TestApp]
TODAY = NOW.date()


@pytest.fixture
def given(session: Session, cast: Cast, app: object) -> Allocation:
    """A machine with a family whose name was forgotten: these tests do not hold the application's key."""
    made = handed_over(session, cast)
    assert made.request.household
    erase(session, made.request.household, at=NOW)
    session.commit()
    return made


def test_a_call_of_the_family_leads_to_a_visit_and_its_end_to_the_follow_up(
    session: Session, cast: Cast, enter: Enter, given: Allocation
) -> None:
    ask(session, given.machine, "no_internet", at=NOW)
    session.commit()
    ines = enter(cast.ines)
    form = form_to(ines.get("/fleet/help").click(description="Prévoir une visite").follow(), "/visits/new")
    assert (form["origin"].value, form["cause"].value) == ("call", "connection")
    form["words"] = "Sonner deux fois"
    page = form.submit().follow()
    assert "Sonner deux fois" in page
    assert "La famille a demandé de l’aide" in page
    assert "Un câble réseau" in ines.get("/sharing/visits")
    assert "une visite jusqu’à demain" in ines.get("/")
    form = form_to(page, "/made")
    for heading in Heading:
        form[f"heading-{heading}"] = "help_needed" if heading == Heading.PROVIDER else "well"
    assert "La visite est notée" in form.submit().follow()
    assert "Le contrat internet : besoin d’aide" in ines.get(f"/sharing/requests/{given.request.code}/follow")
    assert "Visite faite" in ines.get(f"/sharing/requests/{given.request.code}")
    assert session.scalars(select(VisitTicket.words_sealed)).all() == [None]


def test_a_machine_and_its_request_lead_to_a_visit_too(cast: Cast, enter: Enter, given: Allocation) -> None:
    ines = enter(cast.ines)
    for start in (f"/machines/{given.machine.tag}", f"/sharing/requests/{given.request.code}/follow"):
        page = ines.get(start).click(description="Prévoir une visite")
        page = page.follow() if page.status_int == 302 else page
        assert page.request.path == f"/sharing/requests/{given.request.code}/visits/new"


def test_nobody_at_home_is_noted_with_one_press(session: Session, cast: Cast, enter: Enter, given: Allocation) -> None:
    ticket = plan_visit(session, given.request, "breakdown", TODAY, cast.ines, by=cast.ines, at=NOW)
    session.commit()
    ines = enter(cast.ines)
    page = ines.get(f"/sharing/visits/{ticket.code}")
    form = next(one for one in page.forms.values() if "state" in one.fields and one["state"].value == "absent")
    assert "Personne n’était là." in form.submit().follow()
    assert "Prévoir une autre visite" in ines.get(f"/sharing/visits/{ticket.code}")
    assert "Personne n’était là : panne" in ines.get(f"/sharing/requests/{given.request.code}")


def test_an_animator_reads_their_visit_and_no_address(
    session: Session, cast: Cast, enter: Enter, given: Allocation
) -> None:
    ticket = plan_visit(session, given.request, "wiring", TODAY, cast.awa, by=cast.ines, at=NOW)
    session.commit()
    before = len(session.scalars(select(HouseholdReading.id)).all())
    page = enter(cast.awa).get("/sharing/visits").click(description=ticket.code)
    assert f"demandez-la à {cast.ines.name}" in page
    assert len(session.scalars(select(HouseholdReading.id)).all()) == before
    enter(cast.ines).get(f"/sharing/visits/{ticket.code}")
    assert len(session.scalars(select(HouseholdReading.id)).all()) == before + 1
