"""Requests without news: one that its service is asked about, one to confirm, one that a year of silence closed."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from sqlalchemy.orm import Session

from ordi.demonstration.families import Families
from ordi.demonstration.network import Network
from ordi.sealing import Sealer
from ordi.sharing import still_wanted

FILED = (430, 260, 200)
"""Days ago, so that the three stand at the three steps of silence."""


def silences(session: Session, network: Network, sealer: Sealer, *, at: datetime) -> None:
    """File them with the first partner of the first workshop, then let the clock do its work."""
    families = Families(session, network, sealer, Random(365), at=at)  # noqa: S311 - invented data, not a secret
    partner = network.workshops[0].partners[0]
    for days in FILED:
        families.ask(partner, at=at - timedelta(days=days), programme="emploi")
    session.flush()
    for days in (240, 200, 75, 40, 10, 3):
        then = at - timedelta(days=days)
        still_wanted.close_silent(session, at=then)
        still_wanted.set_aside(session, at=then)
        still_wanted.ask(session, at=then)
