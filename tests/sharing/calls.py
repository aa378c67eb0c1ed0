"""Calls and who applies to them: small hands for the tests of calls for projects."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ordi.parties.organisations import Kind, Nature, Organisation, found
from ordi.parties.people import Person, Role, appoint, welcome
from ordi.sharing.applications import Application, Writing, file, save
from ordi.sharing.calls import Applicant, Call, Criterion, Opening, open_call
from ordi.sharing.scoring import Sheet, appoint_juror, give_marks
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.sharing.families import a_programme

PROJECT = "Des ateliers de quartier, deux après-midi par semaine, avec les mères du centre."


def a_call(session: Session, cast: Cast, **said: object) -> Call:
    """A call of Ada's for associations and public services: ten machines, four each, until in two weeks."""
    programme = said.get("programme") or a_programme(
        session, cast, "appel", holder="association", unit_cost_cents=10_00
    )
    given: dict[str, object] = {
        "programme": programme,
        "title": "Ordinateurs solidaires",
        "words": "Pour des projets qui accompagnent.",
        "opens": NOW.date(),
        "closes": NOW.date() + timedelta(days=14),
        "applicants": (Applicant.ASSOCIATION, Applicant.SERVICE),
        "machines": 10,
        "most_each": 4,
        "criteria": (Criterion("Qui s’en servira, et comment", 3, 5), Criterion("Le projet peut durer", 1, 10)),
    } | said
    return open_call(session, cast.pole, Opening(**given), by=cast.ada, at=NOW)  # type: ignore[arg-type]


def an_association(
    session: Session, cast: Cast, name: str = "Club des Deux-Rives", **details: str
) -> tuple[Organisation, Person]:
    """An association of our pole and who signs for it."""
    club = found(session, Kind.PARTNER, name, parent=cast.pole, at=cast.at, nature=Nature.ASSOCIATION, **details)
    signs = welcome(session, f"Signataire de {name}", at=cast.at)
    appoint(session, signs, Role.SIGNATORY, club, at=cast.at)
    return club, signs


def an_application(
    session: Session,
    call: Call,
    partner: Organisation,
    by: Person,
    *,
    joint: Sequence[tuple[Organisation, str]] = (),
    at: datetime = NOW,
) -> Application:
    """Three machines for a project, filed."""
    filed = save(session, call, partner, Writing(PROJECT, 3, "", ("paperwork",), joint), by=by, at=at)
    file(session, filed, by=by, at=at)
    return filed


def a_jury(session: Session, cast: Cast, call: Call) -> None:
    """Lou of the workshop and Paul of a partner judge."""
    for person in (cast.lou, cast.paul):
        appoint_juror(session, call, person, by=cast.ada, at=NOW)


def marked(session: Session, application: Application, by: Person, *marks: int, at: datetime) -> Sheet:
    """Marks in the order of the criteria."""
    criteria = application.call.criteria
    return give_marks(
        session, application, {one.id: mark for one, mark in zip(criteria, marks, strict=True)}, by=by, at=at
    )
