"""The cast of every test: people of one pole who do their work, and Noor of another, who sees nothing of ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from ordi.parties.organisations import Kind, Nature, Organisation, found
from ordi.parties.people import Person, Role, appoint, welcome

LONG_AGO = timedelta(days=730)


@dataclass
class Cast:
    """Who is who. `of(role)` finds the person of our pole who holds a role."""

    network: Organisation
    pole: Organisation
    workshop: Organisation
    second_workshop: Organisation
    donor: Organisation
    partner: Organisation
    funder: Organisation
    other_pole: Organisation
    other_workshop: Organisation
    other_donor: Organisation
    other_partner: Organisation

    sam: Person  # technician
    kim: Person  # technician, the second pair of eyes
    lou: Person  # workshop lead
    theo: Person  # driver
    ada: Person  # coordinator of the pole
    ines: Person  # social worker
    paul: Person  # partner lead
    awa: Person  # animator
    malik: Person  # mediator
    lise: Person  # landlord officer
    eva: Person  # school officer
    said: Person  # signatory of an association
    vic: Person  # volunteer
    fanny: Person  # funder
    bruno: Person  # donor contact
    aude: Person  # auditor
    zoe: Person  # administrator
    noor: Person  # coordinator, lead and driver of another pole

    at: datetime

    def of(self, role: Role) -> Person:
        """The person of our pole who holds this role."""
        name = next(name for name, (_, held) in PARTS.items() if role in held and name not in ("noor", "kim"))
        person: Person = getattr(self, name)
        return person


PARTS: dict[str, tuple[str, dict[Role, str]]] = {
    "sam": ("Sam Petit", {Role.TECHNICIAN: "workshop"}),
    "kim": ("Kim Tran", {Role.TECHNICIAN: "workshop"}),
    "lou": ("Lou Martin", {Role.LEAD: "workshop"}),
    "theo": ("Théo Garnier", {Role.DRIVER: "workshop"}),
    "ada": ("Ada Benali", {Role.COORDINATOR: "pole"}),
    "ines": ("Inès Moreau", {Role.SOCIAL_WORKER: "partner"}),
    "paul": ("Paul Roche", {Role.PARTNER_LEAD: "partner"}),
    "awa": ("Awa Diop", {Role.ANIMATOR: "partner"}),
    "malik": ("Malik Haddad", {Role.MEDIATOR: "partner"}),
    "lise": ("Lise Caron", {Role.LANDLORD_OFFICER: "partner"}),
    "eva": ("Éva Lopez", {Role.SCHOOL_OFFICER: "partner"}),
    "said": ("Saïd Amrani", {Role.SIGNATORY: "partner"}),
    "vic": ("Vic Lemoine", {Role.VOLUNTEER: "workshop"}),
    "fanny": ("Fanny Leroy", {Role.FUNDER: "funder"}),
    "bruno": ("Bruno Faure", {Role.DONOR_CONTACT: "donor"}),
    "aude": ("Aude Simon", {Role.AUDITOR: "network"}),
    "zoe": ("Zoé Klein", {Role.ADMINISTRATOR: "network"}),
    "noor": (
        "Noor Aziz",
        {Role.COORDINATOR: "other_pole", Role.LEAD: "other_workshop", Role.DRIVER: "other_workshop"},
    ),
}


def assemble(session: Session, now: datetime) -> Cast:
    """Found the organisations and welcome the people, two years before `now`."""
    at = now - LONG_AGO
    places: dict[str, Organisation] = {}

    def place(key: str, kind: Kind, name: str, parent: str | None = None, **details: str) -> None:
        places[key] = found(session, kind, name, parent=places[parent] if parent else None, at=at, **details)

    place("network", Kind.NETWORK, "Ordi")
    place("pole", Kind.POLE, "Pôle des Deux-Rives", "network")
    place("workshop", Kind.WORKSHOP, "Atelier de la Gare", "pole", commune="Besançon", postcode="25000")
    place("second_workshop", Kind.WORKSHOP, "Atelier du Canal", "pole")
    place(
        "donor",
        Kind.DONOR,
        "Mutuelle du Doubs",
        "pole",
        nature=Nature.COMPANY,
        siret="12345678900014",
        street="4 rue des Tilleuls",
        commune="Besançon",
        postcode="25000",
    )
    place("partner", Kind.PARTNER, "CCAS de Planoise", "pole", nature=Nature.PUBLIC)
    place("funder", Kind.FUNDER, "Fondation du Haut-Jura", "network")
    place("other_pole", Kind.POLE, "Pôle du Littoral", "network")
    place("other_workshop", Kind.WORKSHOP, "Atelier du Port", "other_pole")
    place("other_donor", Kind.DONOR, "Ville de Brest", "other_pole", nature=Nature.PUBLIC)
    place("other_partner", Kind.PARTNER, "Centre social de Kérourien", "other_pole")

    people: dict[str, Person] = {}
    for key, (name, roles) in PARTS.items():
        people[key] = welcome(session, name, at=at)
        for role, where in roles.items():
            appoint(session, people[key], role, places[where], at=at)
    return Cast(**places, **people, at=at)


@pytest.fixture
def cast(session: Session, now: datetime) -> Cast:
    """Everyone, in the database of this test."""
    return assemble(session, now)
