"""Three poles, five workshops, their donors and partners, and a person for every role. All invented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.parties.organisations import Kind, Nature, Organisation, found
from ordi.parties.people import Person, Role, appoint, welcome
from ordi.sharing.desks import open_desk
from ordi.sharing.programmes import Programme, written_as
from ordi.sharing.shipped import ship

FOUNDED = timedelta(days=800)


@dataclass
class Partner:
    """A partner organisation and who files its requests."""

    organisation: Organisation
    worker: Person


@dataclass
class Workshop:
    """A workshop and its hands: two technicians or more, a lead, a driver."""

    organisation: Organisation
    technicians: list[Person]
    lead: Person
    driver: Person
    coordinator: Person
    donors: list[tuple[Organisation, Person]]
    partners: list[Partner]


@dataclass
class Network:
    """Everyone."""

    workshops: list[Workshop] = field(default_factory=list)
    programmes: dict[str, Programme] = field(default_factory=dict)


_POLES = (
    ("Pôle des Deux-Rives", "Besançon", "25000"),
    ("Pôle du Littoral", "Brest", "29200"),
    ("Pôle des Terrils", "Lens", "62300"),
)
_WORKSHOPS = (
    (0, "Atelier de la Gare", ("Sam Petit", "Kim Tran"), "Lou Martin", "Théo Garnier"),
    (0, "Atelier du Canal", ("Rosa Vidal", "Ilan Cohen"), "Max Perrin", "Nina Colin"),
    (1, "Atelier du Port", ("Yann Le Goff", "Mona Kerbrat"), "Gwen Riou", "Loïc Salaün"),
    (1, "Atelier des Capucins", ("Enzo Marzin", "Lila Abgrall"), "Tiago Lopes", "Maël Prigent"),
    (2, "Atelier de la Fosse 11", ("Jade Lecocq", "Omar Belkacem"), "Ludo Wattiez", "Zélie Carlier"),
)
_COORDINATORS = ("Ada Benali", "Noor Aziz", "Hélène Delattre")
_DONORS = (
    (0, "Mutuelle du Doubs", Nature.COMPANY, "Bruno Faure"),
    (0, "Ville de Montfaucon", Nature.PUBLIC, "Claire Jobard"),
    (0, "Horlogerie Jurassienne", Nature.COMPANY, "Denis Vuillemin"),
    (1, "Ville de Landerlac", Nature.PUBLIC, "Erwan Quéré"),
    (1, "Chantiers de la Penfeld", Nature.COMPANY, "Fatou Sarr"),
    (2, "Agglomération du Bassin", Nature.PUBLIC, "Gilles Dubois"),
    (2, "Filature Wallon", Nature.COMPANY, "Hugo Lesage"),
)
_PARTNERS = (
    (0, "CCAS de Planoise", Nature.PUBLIC, "Inès Moreau"),
    (0, "Mission locale des Deux-Rives", Nature.ASSOCIATION, "Jules Renaud"),
    (1, "Centre social de Kérourien", Nature.ASSOCIATION, "Katell Morvan"),
    (2, "CCAS de Lens-Est", Nature.PUBLIC, "Leïla Haddou"),
)
_SIRETS = {"CCAS de Planoise": "00000000100008"}
_OTHERS = (
    ("Paul Roche", Role.PARTNER_LEAD),
    ("Awa Diop", Role.ANIMATOR),
    ("Malik Haddad", Role.MEDIATOR),
    ("Lise Caron", Role.LANDLORD_OFFICER),
    ("Éva Lopez", Role.SCHOOL_OFFICER),
    ("Saïd Amrani", Role.SIGNATORY),
)


def found_network(session: Session, *, at: datetime) -> Network:
    """Found the organisations, welcome the people and write the programmes, long before anything happened."""
    begun = at - FOUNDED
    network = Network()
    top = found(session, Kind.NETWORK, "Ordi (démonstration)", at=begun, siret="00000000000000")
    poles = [
        found(session, Kind.POLE, name, parent=top, at=begun, commune=town, postcode=code, phone="01 99 00 12 34")
        for name, town, code in _POLES
    ]
    hands = [_workshop(session, poles[pole], rest, begun) for pole, *rest in _WORKSHOPS]
    coordinators = [
        _person(session, name, Role.COORDINATOR, pole, begun) for name, pole in zip(_COORDINATORS, poles, strict=True)
    ]
    partners = [_partner(session, poles[pole], rest, begun) for pole, *rest in _PARTNERS]
    donors = [_donor(session, poles[pole], rest, begun) for pole, *rest in _DONORS]
    _others(session, top, partners[0].organisation, hands[0][0], begun)
    for (pole, *_rest), (organisation, technicians, lead, driver) in zip(_WORKSHOPS, hands, strict=True):
        network.workshops.append(
            Workshop(
                organisation,
                technicians,
                lead,
                driver,
                coordinators[pole],
                [donor for donor, row in zip(donors, _DONORS, strict=True) if row[0] == pole],
                [partner for partner, row in zip(partners, _PARTNERS, strict=True) if row[0] == pole],
            )
        )
    for room in network.workshops:
        hours = dict.fromkeys(range(1, 6), "9h-12h, 14h-17h")
        open_desk(session, room.organisation, hours, minutes=30, at_once=2, by=room.coordinator, at=begun)
    ship(session, at=begun)
    for programme in session.scalars(select(Programme)):
        # a demonstration looks back further than the programmes that come with Ordi
        ends = (at + timedelta(days=80)).date() if programme.rules.loan_ends else None
        rules = programme.rules.model_copy(update={"open_from": begun.date(), "loan_ends": ends})
        if programme.code == "associations":
            rules = rules.model_copy(update={"unit_cost_cents": 45_00})  # so that a call can have a budget
        programme.written = written_as(rules)
        network.programmes[programme.code] = programme
    session.flush()
    return network


def _workshop(
    session: Session, pole: Organisation, row: Sequence[object], at: datetime
) -> tuple[Organisation, list[Person], Person, Person]:
    name, technicians, lead, driver = row
    room = found(
        session,
        Kind.WORKSHOP,
        str(name),
        parent=pole,
        at=at,
        commune=pole.commune,
        postcode=pole.postcode,
        phone="01 99 00 56 78",
    )
    assert isinstance(technicians, tuple)
    return (
        room,
        [_person(session, one, Role.TECHNICIAN, room, at) for one in technicians],
        _person(session, str(lead), Role.LEAD, room, at),
        _person(session, str(driver), Role.DRIVER, room, at),
    )


def _partner(session: Session, pole: Organisation, row: Sequence[object], at: datetime) -> Partner:
    name, nature, worker = row
    place = found(session, Kind.PARTNER, str(name), parent=pole, at=at, nature=str(nature), commune=pole.commune)
    place.siret = _SIRETS.get(place.name)
    return Partner(place, _person(session, str(worker), Role.SOCIAL_WORKER, place, at))


def _donor(session: Session, pole: Organisation, row: Sequence[object], at: datetime) -> tuple[Organisation, Person]:
    name, nature, contact = row
    place = found(
        session,
        Kind.DONOR,
        str(name),
        parent=pole,
        at=at,
        nature=str(nature),
        commune=pole.commune,
        postcode=pole.postcode,
        street="12 rue de l’Exemple",
    )
    return place, _person(session, str(contact), Role.DONOR_CONTACT, place, at)


def _others(session: Session, top: Organisation, partner: Organisation, workshop: Organisation, at: datetime) -> None:
    for name, role in _OTHERS:
        _person(session, name, role, partner, at)
    _person(session, "Vic Lemoine", Role.VOLUNTEER, workshop, at)
    funder = found(session, Kind.FUNDER, "Fondation du Haut-Jura", parent=top, at=at)
    _person(session, "Fanny Leroy", Role.FUNDER, funder, at)
    _person(session, "Aude Simon", Role.AUDITOR, top, at)
    _person(session, "Zoé Klein", Role.ADMINISTRATOR, top, at)


def _person(session: Session, name: str, role: Role, place: Organisation, at: datetime) -> Person:
    person = welcome(session, name, at=at)
    appoint(session, person, role, place, at=at)
    return person
