"""Free labels, a sheet a workshop, for computers that nobody announced."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from sqlalchemy.orm import Session

from ordi.demonstration.network import Network
from ordi.machines.labels import print_free

SHEET = 24


def free_labels(session: Session, network: Network, random: Random, *, at: datetime) -> None:
    """One sheet in the drawer of each workshop."""
    for number, workshop in enumerate(network.workshops):
        when = at - timedelta(days=9 + 11 * number)
        print_free(session, workshop.organisation, SHEET, by=workshop.lead, at=when, random=random)
