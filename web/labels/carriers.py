"""What can carry a label: a room names its kind of thing here, and the label room does the rest.

    @carries("bin")
    def bins(code: str) -> Batch:                            # raises `NotFound`: none, or not this reader's
        found = bin_seen(db(), me(), code, at=now())
        face = Face(code, our_address("P", code), lines=(found.name,), more=(found.workshop.name,))
        return Batch(found.workshop, found.name, url_for("parts.bin", code=code), [Carried(face)])

A page then leads to `url_for("labels.choose", kind="bin", code=code)`. The square's address is a page that the room answers
(`/P/<code>`, in upper case): a phone's own camera opens it, and so does the scan box.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ordi.errors import NotFound
from ordi.labels.printings import Item
from ordi.machines.machine import Machine
from ordi.parties.access import may
from ordi.parties.organisations import Organisation
from web.clock import now
from web.guards import me
from web.papers.label_faces import Face


@dataclass(frozen=True)
class Carried:
    """One label, and the computer it is for, if it is for one: its printing is then in that computer's history."""

    face: Face
    machine: Machine | None = None

    @property
    def item(self) -> Item:
        """As it is kept when it is printed."""
        face = self.face
        return Item(face.code, face.url, face.lines, face.more, self.machine)


@dataclass(frozen=True)
class Batch:
    """Labels printed together."""

    workshop: Organisation
    title: str
    back: str
    """The page these labels belong to."""
    labels: Sequence[Carried]


Carrier = Callable[[str], Batch]
CARRIERS: dict[str, Carrier] = {}


def carries(kind: str) -> Callable[[Carrier], Carrier]:
    """Name a kind of thing that carries a label: at most twelve small letters."""

    def add(found: Carrier) -> Carrier:
        if CARRIERS.setdefault(kind, found) is not found:
            raise ValueError(f"two carriers called {kind}")
        return found

    return add


def batch_of(kind: str, code: str) -> Batch:
    """What is to be printed, for who prints at its workshop. Raises `NotFound`."""
    if kind not in CARRIERS:
        raise NotFound(kind=kind[:12])
    batch = CARRIERS[kind](code)
    if not batch.labels or not may(me(), "labels.print", batch.workshop, at=now()):
        raise NotFound(kind=kind)
    return batch
