"""The minutes of a committee: the list it read, without names, what it moved and why, to be signed by who was there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ordi.keys import PdfKey
from web.papers.kept import kept_pdf


@dataclass(frozen=True)
class Line:
    """One request: its place and points that day (no points: it waited no more), what was decided, and why."""

    place: int
    request: str
    points: int | None
    decision: str
    why: str


@dataclass(frozen=True)
class CommitteeMinutes:
    """What the minutes state."""

    number: str
    pole: str
    lines: Sequence[Line]
    present: Sequence[str]
    at: datetime
    demonstration: bool = False

    @property
    def moved(self) -> int:
        """How many requests were moved."""
        return sum(1 for one in self.lines if one.why)


def committee_pdf(stated: CommitteeMinutes, pdf_key: PdfKey | None = None) -> bytes:
    """The minutes; with a key, sealed."""
    return kept_pdf(
        "committee.html",
        stated,
        pdf_key,
        title=f"Procès-verbal {stated.number}",
        description="Décisions de la commission sur la liste d’attente",
        organisation=stated.pole,
    )
