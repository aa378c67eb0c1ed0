"""A service of several people: one is away and is covered, one left and her families were handed on this morning."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.demonstration.families import Families
from ordi.demonstration.network import Network, Partner
from ordi.parties.covers import away, today
from ordi.parties.organisations import Kind, Organisation, found
from ordi.parties.people import Membership, Person, Role, appoint, welcome
from ordi.sealing import Sealer
from ordi.sharing.hand_ons import hand_on

HERE, GONE = "Nadia Ferrand", "Colette Marchal"
SISTER, SISTERS_WORKER, SISTERS_SIRET = "Épicerie sociale du CCAS", "Samira Jolly", "00000000100016"


def colleagues(session: Session, network: Network, sealer: Sealer, *, at: datetime) -> None:
    """Nadia is away and Inès covers her; Colette left, and Inès was given her families; another service of theirs has one of its own."""
    families = Families(session, network, sealer, Random(12), at=at)  # noqa: S311 - invented data, not a secret
    ines = network.workshops[0].partners[0]
    begun = at - timedelta(days=300)
    nadia, colette = (_worker(session, name, ines.organisation, begun) for name in (HERE, GONE))
    for days in (34, 21, 8):
        families.ask(nadia, at=at - timedelta(days=days), programme="emploi")
    for days in (51, 27):
        families.ask(colette, at=at - timedelta(days=days), programme="ecole")
    session.flush()
    first = today(at)
    away(session, ines.organisation, ines.worker, first, first + timedelta(days=9), by=nadia.worker, at=at)
    hand_on(session, ines.organisation, colette.worker, ines.worker, by=_lead(session, ines.organisation), at=at)
    colette.worker.left_at = at
    sister = found(
        session,
        Kind.PARTNER,
        SISTER,
        parent=ines.organisation.parent,
        at=begun,
        nature=ines.organisation.nature,
        siret=SISTERS_SIRET,
        commune=ines.organisation.commune,
        phone="01 99 00 43 21",
    )
    families.ask(_worker(session, SISTERS_WORKER, sister, begun), at=at - timedelta(days=5), programme="emploi")


def _worker(session: Session, name: str, place: Organisation, at: datetime) -> Partner:
    person = welcome(session, name, at=at)
    appoint(session, person, Role.SOCIAL_WORKER, place, at=at)
    return Partner(place, person)


def _lead(session: Session, place: Organisation) -> Person:
    held = select(Membership).where(Membership.organisation_id == place.id, Membership.role == Role.PARTNER_LEAD)
    return session.scalars(held.order_by(Membership.id).limit(1)).one().person
