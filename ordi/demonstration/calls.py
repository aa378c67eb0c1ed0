"""Three calls for projects of the first pole: one decided, one being marked, one open. All invented."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.demonstration.network import Network
from ordi.parties.organisations import Kind, Nature, Organisation, found, pole_of
from ordi.parties.people import Membership, Person, Role, appoint, welcome
from ordi.sharing.applications import Application, Outcome, Writing, file, save
from ordi.sharing.calls import Applicant, Call, Criterion, Opening, open_call
from ordi.sharing.deliberating import Because, Verdict, deliberate
from ordi.sharing.scoring import Conflict, appoint_juror, declare, give_marks

_CLUBS = (
    ("Les Fils du Canal", "Nora Vasseur", "8 quai des Teinturiers"),
    ("Atelier des Voisins", "Basile Tournay", "21 rue du Four-à-Chaux"),
    ("Radio Trois Ponts", "Odile Marquand", "3 place du Vieux-Moulin"),
)
_PROJECTS = (
    "Chaque mercredi, les enfants de l’immeuble tiennent le journal du quartier avec leurs aînés.\nDeux bénévoles sont"
    " là ; le centre social prête la salle et garde les ordinateurs fermés à clé.",
    "Des voisins aident des voisins : papiers en ligne, courriels, photos. Deux permanences par semaine, avec café.",
    "Des jeunes sans travail montent des émissions de radio, du son jusqu’à la mise en ligne, avec un technicien.",
)
_CRITERIA = (
    Criterion("Qui s’en servira, et avec quelle aide", 4, 5),
    Criterion("Le projet se fait avec d’autres structures", 2, 5),
    Criterion("Il peut durer après la première année", 1, 5),
)


def calls(session: Session, network: Network, *, at: datetime) -> None:
    """What was decided in the spring, what people mark now, what is open."""
    pole = pole_of(network.workshops[0].organisation)
    ada, partners = network.workshops[0].coordinator, network.workshops[0].partners
    ccas = partners[0].organisation
    lead, paul, said = (
        network.workshops[0].lead,
        _holder(session, Role.PARTNER_LEAD),
        _holder(session, Role.SIGNATORY),
    )
    clubs = [_club(session, pole, *row, at=at - timedelta(days=200)) for row in _CLUBS]
    programme = network.programmes["associations"]

    def opened(title: str, words: str, days_ago: int, days: int, machines: int, budget_cents: int = 0) -> Call:
        then = at - timedelta(days=days_ago)
        said_of_it = Opening(
            programme,
            title,
            words,
            then.date(),
            then.date() + timedelta(days=days),
            (Applicant.ASSOCIATION, Applicant.SERVICE, Applicant.EPN),
            machines,
            4,
            _CRITERIA,
            budget_cents=budget_cents,
        )
        call = open_call(session, pole, said_of_it, by=ada, at=then)
        for person in (ada, lead, paul):
            appoint_juror(session, call, person, by=ada, at=then)
        return call

    def applied(
        call: Call, number: int, machines: int, joint: tuple[tuple[Organisation, str], ...] = ()
    ) -> Application:
        club, signs = clubs[number]
        writing = Writing(_PROJECTS[number], machines, "laptop" if number else "", ("paperwork", "learning"), joint)
        written = save(session, call, club, writing, by=signs, at=call.opened_at)
        file(session, written, by=signs, at=call.opened_at)
        return written

    def marks(one: Application, by: Person, *values: int, days_ago: int) -> None:
        given = {line.id: value for line, value in zip(one.call.criteria, values, strict=True)}
        give_marks(session, one, given, by=by, at=at - timedelta(days=days_ago))

    past = opened(
        "Ordinateurs de quartier, printemps", "Pour des projets qui aident des voisins à s’y mettre.", 90, 20, 6
    )
    kept, halved, refused = (applied(past, n, machines) for n, machines in ((1, 3), (0, 4), (2, 2)))
    for one, values in ((kept, (5, 4, 4)), (halved, (4, 3, 4)), (refused, (2, 1, 3))):
        marks(one, ada, *values, days_ago=60)
        marks(one, lead, *(max(0, value - 1) for value in values), days_ago=59)
    marks(kept, paul, 5, 5, 3, days_ago=58)
    marks(refused, paul, 2, 2, 2, days_ago=58)
    declare(session, halved, Conflict.RELATIVE, by=paul, at=at - timedelta(days=58))
    verdicts = {
        kept.code: Verdict(Outcome.ACCEPTED, 3),
        halved.code: Verdict(Outcome.IN_PART, 2),
        refused.code: Verdict(Outcome.REFUSED, 0, Because.TOO_VAGUE),
    }
    deliberate(session, past, verdicts, [lead, paul], by=ada, at=at - timedelta(days=50))

    judged = opened(
        "Projets communs d’automne", "Deux structures au moins, une salle ouverte à tous, des heures d’aide.", 30, 21, 8
    )
    first = applied(judged, 0, 3, ((ccas, "oriente les familles et prête la salle"),))
    second = applied(judged, 2, 4)
    marks(second, lead, 4, 2, 3, days_ago=3)
    marks(first, lead, 5, 5, 4, days_ago=3)
    declare(session, first, Conflict.MEMBER, by=paul, at=at - timedelta(days=2))

    running = opened(
        "Des écrans pour apprendre",
        "Pour des ateliers gratuits, avec quelqu’un qui aide, de janvier à juin.",
        6,
        30,
        10,
        budget_cents=300_00,
    )
    applied(running, 1, 4)
    begun = Writing("Un coin informatique dans le hall du CCAS, ouvert le", 2, "desktop", ("paperwork",))
    save(session, running, ccas, begun, by=said, at=at - timedelta(days=1))


def _holder(session: Session, role: Role) -> Person:
    """The first person who holds a role."""
    return session.scalars(
        select(Person).join(Membership).where(Membership.role == role).order_by(Person.id).limit(1)
    ).one()


def _club(
    session: Session, pole: Organisation, name: str, person: str, street: str, *, at: datetime
) -> tuple[Organisation, Person]:
    club = found(
        session,
        Kind.PARTNER,
        name,
        parent=pole,
        at=at,
        nature=Nature.ASSOCIATION,
        commune=pole.commune,
        postcode=pole.postcode,
        street=street,
    )
    signs = welcome(session, person, at=at)
    appoint(session, signs, Role.SIGNATORY, club, at=at)
    return club, signs
