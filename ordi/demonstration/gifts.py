"""What was given, when, and how far each computer has come: the plan that the seed decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random

from ordi.demonstration.hours import worked
from ordi.demonstration.network import Network, Workshop
from ordi.machines.machine import Form
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person


class End(StrEnum):
    """How far a computer of the demonstration has come."""

    HANDED_OVER = "handed_over"
    TAKEN_BACK = "taken_back"
    RECYCLED = "recycled"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    LOST = "lost"
    ALLOCATED = "allocated"
    READY = "ready"
    DISMANTLED = "dismantled"
    REINSTALLED = "reinstalled"
    TRIED = "tried"
    SANITISED = "sanitised"
    HELD = "held"
    FAILED = "failed"
    WIPING = "wiping"
    SORTED = "sorted"
    RECEIVED = "received"
    COLLECTED = "collected"
    PROMISED = "promised"


SHARES: dict[End, int] = {
    End.HANDED_OVER: 72,
    End.TAKEN_BACK: 6,
    End.RECYCLED: 14,
    End.CANCELLED: 14,
    End.REFUSED: 10,
    End.LOST: 4,
    End.ALLOCATED: 18,
    End.READY: 54,
    End.DISMANTLED: 14,
    End.REINSTALLED: 20,
    End.TRIED: 12,
    End.SANITISED: 22,
    End.HELD: 8,
    End.FAILED: 8,
    End.WIPING: 2,
    End.SORTED: 24,
    End.RECEIVED: 34,
    End.COLLECTED: 26,
    End.PROMISED: 38,
}
"""Of 400. The order is that of age: what comes first was given long ago."""

THIS_WEEK = (
    End.READY,
    End.READY,
    End.READY,
    End.ALLOCATED,
    End.REINSTALLED,
    End.TRIED,
    End.WIPING,
    End.WIPING,
    End.FAILED,
)
"""A lot of the first workshop that is almost done."""

OLDEST = 320
ALMOST = 11
NEWEST = 6
TURNS = (0, 2, 4, 1, 0, 3, 2, 4, 0, 1, 2, 3, 4, 0)
"""Which workshop takes the next lot: the first, whose people are at the door, often enough to have a computer in every state."""

FORMS = ((Form.LAPTOP, 60), (Form.DESKTOP, 30), (Form.ALL_IN_ONE, 10))


@dataclass(frozen=True)
class Gift:
    """One lot to be."""

    workshop: Workshop
    donor: Organisation
    contact: Person
    offered_at: datetime
    counts: dict[Form, int]
    ends: list[End]
    """One a computer; those that never came are last."""

    @property
    def came(self) -> int:
        """How many the driver took along."""
        return sum(1 for end in self.ends if end != End.CANCELLED)


def gifts(network: Network, random: Random, machines: int, *, at: datetime) -> Iterator[Gift]:
    """The gifts of a year, oldest first."""
    ends: list[End] = [
        end for end, share in SHARES.items() for _ in range(max(1, round(share * machines / sum(SHARES.values()))))
    ]
    ranks = {end: rank for rank, end in enumerate(SHARES)}
    fresh = [end for end in THIS_WEEK if _taken(ends, end)]
    underway: list[End] = [end for end in ends if end not in (End.COLLECTED, End.PROMISED)]
    underway.sort(key=lambda end: ranks[end] + random.uniform(-3, 3))
    lots = list(_cut(underway, random))
    for number, some in enumerate(lots):
        age = NEWEST + (OLDEST - NEWEST) * (1 - number / len(lots)) ** 2
        yield _gift(network, random, number, some, at - timedelta(days=age))
    yield _gift(network, random, 0, fresh, at - timedelta(days=ALMOST))
    for end, age in ((End.COLLECTED, 3), (End.PROMISED, 2)):
        for number, some in enumerate(_cut([one for one in ends if one == end], random)):
            yield _gift(network, random, number, some, at - timedelta(days=age, hours=random.uniform(0, 8)))


def _taken(ends: list[End], end: End) -> bool:
    if end in ends:
        ends.remove(end)
        return True
    return False


def _cut(ends: list[End], random: Random) -> Iterator[list[End]]:
    while ends:
        size = random.randint(6, 14)
        yield ends[:size]
        ends = ends[size:]


def _gift(network: Network, random: Random, number: int, ends: list[End], offered_at: datetime) -> Gift:
    workshop = network.workshops[TURNS[number % len(TURNS)]]
    donor, contact = workshop.donors[number % len(workshop.donors)]
    random.shuffle(ends)
    ends.sort(key=lambda end: end == End.CANCELLED)
    forms = random.choices([form for form, _ in FORMS], [share for _, share in FORMS], k=len(ends))
    when = offered_at.replace(hour=random.randint(8, 16), minute=random.randrange(60), second=0, microsecond=0)
    return Gift(workshop, donor, contact, worked(when), dict(Counter(forms)), ends)
