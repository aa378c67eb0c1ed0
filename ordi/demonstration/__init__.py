"""The demonstration network: invented people, places and computers, whose past was walked through the real verbs.

Nothing is written past the gate: each computer was promised, fetched, received, wiped by a simulated bench that answers
the challenge from its key, tried, cleaned, allocated. The same seed makes the same network: who, where, which computer, in which state.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import Random

from sqlalchemy.orm import Session

from ordi import legal_rules
from ordi.demonstration.bins import stocked_bins
from ordi.demonstration.calls import calls
from ordi.demonstration.classes import a_class_leaves, a_school
from ordi.demonstration.colleagues import colleagues
from ordi.demonstration.communes import known_places
from ordi.demonstration.families import Families
from ordi.demonstration.gifts import Gift, gifts
from ordi.demonstration.labels import free_labels
from ordi.demonstration.lives import Lives
from ordi.demonstration.losses import stolen
from ordi.demonstration.network import FOUNDED, found_network
from ordi.demonstration.offers import waiting_offers
from ordi.demonstration.places import listed
from ordi.demonstration.silences import silences
from ordi.keys import KeyRing

__all__ = ["FOUNDED", "build", "growing"]

SEED = 2026
MACHINES = 400
NEWS = timedelta(days=42)
"""Gifts younger than this fill the benches and the shelves: they come first."""


def build(session: Session, *, ring: KeyRing, at: datetime, seed: int = SEED, machines: int = MACHINES) -> None:
    """Fill an empty database. Certificates are issued where the ring's key was in force when the wipe was judged."""
    for _ in growing(session, ring=ring, at=at, seed=seed, machines=machines):
        pass


def growing(
    session: Session, *, ring: KeyRing, at: datetime, seed: int = SEED, machines: int = MACHINES
) -> Iterator[None]:
    """Fill an empty database part by part; after each, everything made so far is whole and may be committed.

    The first part has something for everybody: who there is, the oldest gift (families who live with it), the gifts
    of these weeks, what waits. Each part after it is one more gift of the past, the last with a class whose loans end.
    """
    random = Random(seed)  # noqa: S311 - invented data, not a secret
    with session.no_autoflush, _nothing_thrown_away():
        legal_rules.ship(session)
        network = found_network(session, at=at)
        known_places(session, at=at)
        listed(session, network.workshops[0].coordinator, at=at)
        families = Families(session, network, ring.sealer(), random, at=at)
        lives = Lives(session, network, families, ring, random, at=at)
        oldest, *others = gifts(network, random, machines, at=at)
        lives.walk(oldest)
        for gift in others:
            if _is_news(gift, at):
                lives.walk(gift)
        waiting_offers(session, network, random, at=at)
        families.wait(at=at)
        free_labels(session, network, random, at=at)
        stocked_bins(session, network, random, at=at)
        stolen(session, network, at=at)
        calls(session, network, at=at)
        silences(session, network, ring.sealer(), at=at)
        a_school(session, network, ring.sealer(), at=at)
        colleagues(session, network, ring.sealer(), at=at)
        session.flush()
        yield
        older = [gift for gift in others if not _is_news(gift, at)]
        for gift in older:
            if gift is older[-1]:
                a_class_leaves(session, network, ring.sealer(), at=at)
            lives.walk(gift)
            session.flush()
            yield


def _is_news(gift: Gift, at: datetime) -> bool:
    return gift.offered_at > at - NEWS


@contextmanager
def _nothing_thrown_away() -> Iterator[None]:
    """Everything made here is kept: looking for garbage again and again would cost a fifth of the time."""
    was_looking = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_looking:
            gc.enable()
