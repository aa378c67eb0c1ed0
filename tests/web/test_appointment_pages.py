"""Booking by clicking, the day's list, the calendar; and that nobody's name leaves with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp, TestResponse

from ordi.messages.outbox import Message
from ordi.parties.households import HouseholdReading
from ordi.parties.people import Person
from ordi.sharing.bookings import Appointment, Booking
from ordi.sharing.desks import open_desk
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.sharing import families
from tests.sharing.families import a_promise

Enter = Callable[[Person], TestApp]
NAME = "Amina Diallo"


@pytest.fixture(autouse=True)
def the_apps_own_keys(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files opened by the tests are sealed with the keys of the application that reads them."""
    monkeypatch.setattr(families, "SEALER", app.extensions["ordi-sealer"])


def press(page: TestResponse, end: str, **fields: str) -> TestResponse:
    """Send the form that leads there."""
    form = next(one for one in page.forms.values() if one.action.endswith(end))
    for name, value in fields.items():
        form[name] = value
    return form.submit()


def booked(session: Session, cast: Cast, enter: Enter) -> Appointment:
    """Inès books the first free moment."""
    open_desk(session, cast.workshop, dict.fromkeys(range(1, 6), "9h-11h"), minutes=30, at_once=1, by=cast.ada, at=NOW)
    promise = a_promise(session, cast)
    session.commit()
    page = enter(cast.ines).get(f"/sharing/requests/{promise.request.code}").click("Prendre rendez-vous")
    first = page.html.select_one("input[name=slot]")["value"]
    press(page, "/appointment", slot=first)
    return session.scalars(select(Appointment)).one()


def test_ines_books_and_the_family_will_be_told(session: Session, cast: Cast, enter: Enter) -> None:
    made = booked(session, cast, enter)
    assert made.begins > NOW
    assert [one.kind for one in session.scalars(select(Message))] == ["booked"]
    page = enter(cast.ada).get("/sharing/appointments")
    assert made.allocation.request.code in page.text
    assert NAME not in page.text


def test_a_moment_somebody_took_meanwhile_is_refused_in_a_sentence(session: Session, cast: Cast, enter: Enter) -> None:
    made = booked(session, cast, enter)
    other = a_promise(session, cast)
    session.commit()
    browser = enter(cast.ines)
    page = browser.get(f"/sharing/requests/{other.request.code}/appointment")
    token = page.forms[max(page.forms)]["csrf_token"].value
    said = {"csrf_token": token, "slot": f"{made.place_id}@{made.begins.isoformat()}"}
    answer = browser.post(f"/sharing/requests/{other.request.code}/appointment", said, status=409)
    assert "vient d’être pris" in answer.text
    browser.post(f"/sharing/requests/{other.request.code}/appointment", said | {"slot": "1@matin"}, status="4*")


def test_who_did_not_come_gets_another_moment_by_one_press(
    session: Session, cast: Cast, enter: Enter, later: Callable[..., None]
) -> None:
    booked(session, cast, enter)
    later(days=4)
    page = enter(cast.ines).get("/sharing/appointments")
    assert "Sont-ils venus" in page.text
    assert "Un autre rendez-vous est proposé" in press(page, "/missed").follow().text
    session.expire_all()
    assert [one.state for one in session.scalars(select(Appointment).order_by(Appointment.id))] == ["missed", "booked"]


def test_the_days_list_has_names_for_who_may_read_them_and_keeps_the_reading(
    session: Session, cast: Cast, enter: Enter
) -> None:
    made = booked(session, cast, enter)
    before = len(session.scalars(select(HouseholdReading)).all())
    sheet = enter(cast.ines).get(f"/sharing/appointments/day/{made.begins:%Y-%m-%d}")
    assert NAME in sheet.text
    assert len(session.scalars(select(HouseholdReading)).all()) == before + 1
    assert NAME not in enter(cast.said).get(f"/sharing/appointments/day/{made.begins:%Y-%m-%d}").text
    enter(cast.ines).get("/sharing/appointments/day/demain", status=404)


def test_the_calendar_has_codes_and_places_and_nobodys_name(session: Session, cast: Cast, enter: Enter) -> None:
    cast.workshop.name = "Atelier; de la Gare,\r\nATTENDEE:mailto:x@y.example " + "é" * 60
    made = booked(session, cast, enter)
    file = enter(cast.ines).get("/sharing/appointments/calendar.ics")
    lines = file.body.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    text = file.body.replace(b"\r\n ", b"").decode()
    assert f"UID:{made.uid}@localhost" in text
    assert f"SUMMARY:Remise {made.allocation.request.code}" in text
    assert "\r\nATTENDEE" not in text
    assert "Atelier\\; de la Gare\\," in text
    assert NAME not in text
    assert "Diallo" not in text


def test_the_hours_of_a_place_are_set_by_its_pole_and_a_slip_is_said(
    session: Session, cast: Cast, enter: Enter
) -> None:
    browser = enter(cast.ada)
    page = browser.get("/sharing/desks").click("Atelier de la Gare")
    form = next(one for one in page.forms.values() if "day-1" in one.fields)
    form["day-1"] = "le matin"
    assert "9h-12h, 14h-17h30" in form.submit(status=422).text
    form["day-1"] = "9h-12h"
    assert "9:00-12:00" in form.submit().follow().text
    enter(cast.noor).get(f"/sharing/desks/{cast.workshop.id}", status=404)
    enter(cast.sam).get("/sharing/desks", status=403)
    closing = browser.get(f"/sharing/desks/{cast.workshop.id}")
    day = (NOW + timedelta(days=8)).date().isoformat()
    said = press(closing, "/closed", first=day, last=day).follow().text.replace("\u00a0", " ")
    assert "du 24 novembre 2026" in said


def test_a_cancelled_appointment_leaves_the_machine_kept(session: Session, cast: Cast, enter: Enter) -> None:
    made = booked(session, cast, enter)
    page = enter(cast.ines).get(f"/sharing/requests/{made.allocation.request.code}/appointment")
    assert "reste gardé" in press(page, "/cancel").follow().text
    session.expire_all()
    assert session.get_one(Appointment, made.id).state == Booking.CANCELLED
