"""Offers that still wait for an answer, and one that was declined."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from sqlalchemy.orm import Session

from ordi.demonstration.network import Network
from ordi.giving.offers import Declined, decline, offer
from ordi.machines.machine import Form

_NOTES = ("Quai de livraison, sonner à l’accueil", "Deuxième étage avec ascenseur", "Entre 9 h et 12 h")


def waiting_offers(session: Session, network: Network, random: Random, *, at: datetime) -> None:
    """One waiting offer a pole, and one declined."""
    for number, workshop in enumerate(network.workshops[::2]):
        donor, contact = workshop.donors[0]
        counts = {Form.LAPTOP: random.randint(4, 20), Form.DESKTOP: random.randint(0, 10)}
        offer(session, donor, counts, note=_NOTES[number], by=contact, at=at - timedelta(hours=3 + 20 * number))
    workshop = network.workshops[0]
    donor, contact = workshop.donors[-1]
    old = offer(session, donor, {Form.DESKTOP: 12}, by=contact, at=at - timedelta(days=40))
    decline(session, old, Declined.TOO_OLD, by=workshop.coordinator, at=at - timedelta(days=38))
