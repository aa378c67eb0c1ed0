"""The park as its workshop follows it, and the family's own page behind the secret of its leaflet."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp, TestResponse

from ordi.fleet.help_requests import HelpRequest, ask
from ordi.fleet.leaflets import print_leaflet
from ordi.machines.journal import record
from ordi.machines.lifecycle import Action, State
from ordi.machines.machine import Machine
from ordi.parties.people import Person
from tests.cast import Cast
from tests.factories import a_machine
from tests.fleet.news import a_drive_told, enrolled, news, tell
from tests.ground.clock import NOW
from tests.web.conftest import form_to

Enter = Callable[[Person], TestApp]


@pytest.fixture
def machine(session: Session, cast: Cast, app: object) -> Machine:
    return a_machine(session, cast, State.HANDED_OVER)


@pytest.fixture
def secret(session: Session, cast: Cast, machine: Machine) -> str:
    made = print_leaflet(session, machine, by=cast.ines, at=NOW)
    session.commit()
    return made


def test_ines_prints_a_leaflet_whose_code_opens_the_familys_page(
    cast: Cast, enter: Enter, visitor: TestApp, session: Session, machine: Machine
) -> None:
    session.commit()
    page = form_to(enter(cast.ines).get(f"/fleet/machines/{machine.tag}/leaflet"), "/leaflet").submit()
    address = re.search(r"/O/[A-Z2-7]{26}", page.text)
    assert address
    assert page.html.select_one(".sewn svg")
    assert "Mon ordinateur" in visitor.get(address[0]).text
    assert "Mon ordinateur" in visitor.get(address[0].lower()).text


def test_the_familys_page_tells_the_verdict_and_no_person(
    session: Session, cast: Cast, visitor: TestApp, machine: Machine, secret: str
) -> None:
    enrolment = enrolled(session, cast, machine)
    tell(session, enrolment, news(session, machine, drives=[a_drive_told(session, machine, pending=4)]))
    session.commit()
    page = visitor.get(f"/o/{secret}").text
    assert_can_be_heard(visitor.get(f"/o/{secret}"))
    assert "À réparer" in page
    for never in ("Inès", "CCAS", "Dupont", str(machine.serial)):
        assert never not in page


def assert_can_be_heard(page: TestResponse) -> None:
    """What the page says first is what its button reads aloud, in the page's language."""
    (button,) = page.html.select("button[data-listen][hidden]")
    heard = page.html.find(id=button["data-listen"])
    assert heard["lang"] == page.html.html["lang"]
    assert heard.select("section.hello b")


def test_one_press_asks_for_help_and_nothing_of_it_can_be_read_back(
    session: Session, visitor: TestApp, secret: str
) -> None:
    page = visitor.get(f"/o/{secret}")
    answered = form_to(page, "/help").submit("trouble", value="no_sound", status=302).follow()
    assert "C’est noté" in answered.text
    assert "C’est noté" not in visitor.get(f"/o/{secret}").text
    assert [one.trouble for one in session.scalars(select(HelpRequest))] == ["no_sound"]


def test_the_family_stops_and_starts_the_news(
    session: Session, cast: Cast, visitor: TestApp, machine: Machine, secret: str
) -> None:
    enrolment = enrolled(session, cast, machine)
    session.commit()
    page = form_to(visitor.get(f"/o/{secret}"), "/stop").submit(status=302).follow()
    assert "Il n’envoie plus rien" in page.text
    session.refresh(enrolment)
    assert enrolment.stopped_at
    form_to(page, "/resume").submit(status=302)
    session.refresh(enrolment)
    assert enrolment.stopped_at is None


def test_a_wrong_an_old_and_a_returned_leaflet_answer_alike(
    session: Session, cast: Cast, visitor: TestApp, machine: Machine, secret: str
) -> None:
    wrong = visitor.get(f"/o/{'A' * 26}", status=404)
    record(session, machine, Action.TAKE_BACK, by=cast.sam, at=NOW)
    session.commit()
    returned = visitor.get(f"/o/{secret}", status=404)
    assert wrong.html.select_one("main").text == returned.html.select_one("main").text
    visitor.get(f"/o/{secret}/help", status=405)


def test_looking_changes_nothing(session: Session, visitor: TestApp, machine: Machine, secret: str) -> None:
    before = machine.head_seq
    visitor.get(f"/o/{secret}")
    session.refresh(machine)
    assert machine.head_seq == before


def test_the_park_shows_first_what_needs_somebody(session: Session, cast: Cast, enter: Enter, machine: Machine) -> None:
    well = a_machine(session, cast, State.HANDED_OVER)
    tell(session, enrolled(session, cast, well), news(session, well))
    ill = enrolled(session, cast, machine)
    tell(session, ill, news(session, machine, drives=[a_drive_told(session, machine, reallocated=2)]))
    session.commit()
    page = enter(cast.ada).get("/fleet")
    assert "2 secteurs remplacés" in page.text
    rows = [row.select_one("th").text for row in page.html.select("tbody tr")]
    assert [machine.tag in rows[0], well.tag in rows[1]] == [True, True]
    watch = enter(cast.ada).get("/fleet?view=watch")
    assert [machine.tag in watch.text, well.tag in watch.text] == [True, False]


def test_noor_of_another_pole_sees_no_park_of_ours(
    session: Session, cast: Cast, enter: Enter, machine: Machine
) -> None:
    tell(session, enrolled(session, cast, machine), news(session, machine))
    ticket = ask(session, machine, "slow", at=NOW)
    session.commit()
    browser = enter(cast.noor)
    assert machine.tag not in browser.get("/fleet").text
    page = browser.get("/fleet/help")
    assert machine.tag not in page.text
    csrf = browser.get("/sign-in/mine").html.select_one("input[name=csrf_token]")["value"]
    browser.post(f"/fleet/help/{ticket.id}/take", {"csrf_token": csrf}, status=404)
    browser.get(f"/fleet/machines/{machine.tag}/enrol", status=404)
    browser.get(f"/fleet/machines/{machine.tag}/leaflet", status=404)


def test_an_animator_takes_a_ticket_and_closes_it(session: Session, cast: Cast, enter: Enter, machine: Machine) -> None:
    ask(session, machine, "black_screen", at=NOW)
    session.commit()
    browser = enter(cast.awa)
    page = form_to(browser.get("/fleet/help"), "/take").submit(status=302).follow()
    assert "Awa Diop s’en occupe" in page.text
    page = form_to(page, "/close").submit(status=302).follow()
    assert "Personne n’attend d’aide" in page.text


def test_an_alert_is_settled_once(session: Session, cast: Cast, enter: Enter, machine: Machine) -> None:
    tell(
        session,
        enrolled(session, cast, machine),
        news(session, machine, drives=[a_drive_told(session, machine, pending=1)]),
    )
    session.commit()
    page = enter(cast.lou).get("/fleet")
    form_to(page, "/settle").submit(status=302)
    form_to(page, "/settle").submit(status=409)


def test_sam_prepares_a_machine_and_reads_its_token_once(
    session: Session, cast: Cast, enter: Enter, machine: Machine
) -> None:
    session.commit()
    browser = enter(cast.sam)
    page = form_to(browser.get(f"/fleet/machines/{machine.tag}/enrol"), "/enrol").submit()
    token = re.search(r"ORDI_ENROLMENT_TOKEN=([A-Za-z0-9_-]{43}) ordi-agent enrol", page.text)
    assert token
    assert token[1] not in browser.get(f"/fleet/machines/{machine.tag}/enrol").text


def test_the_machines_page_draws_its_health(session: Session, cast: Cast, enter: Enter, machine: Machine) -> None:
    enrolment = enrolled(session, cast, machine)
    for used in (30, 34, 40):
        tell(session, enrolment, news(session, machine, disk_percent=used))
    session.commit()
    page = enter(cast.sam).get(f"/machines/{machine.tag}")
    assert page.html.select_one("svg.chart path.line")
    assert "Tout va bien" in page.text
