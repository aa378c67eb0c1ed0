"""The minutes of a call's deliberation: what was decided on each project, with its points and why, to be signed by who was there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ordi.keys import PdfKey
from web.papers.kept import kept_pdf


@dataclass(frozen=True)
class Decision:
    """One line: `tenths` of a point out of a hundred, nothing when nobody gave marks."""

    application: str
    partner: str
    outcome: str
    granted: int
    tenths: int | None
    because: str

    @property
    def points(self) -> str:
        """As they are printed: `66,3`."""
        return "–" if self.tenths is None else f"{self.tenths // 10},{self.tenths % 10}"


@dataclass(frozen=True)
class Minutes:
    """What the minutes state."""

    number: str
    pole: str
    call: str
    title: str
    decisions: Sequence[Decision]
    criteria: Sequence[tuple[str, int, int]]
    present: Sequence[str]
    at: datetime
    demonstration: bool = False


def minutes_pdf(stated: Minutes, pdf_key: PdfKey | None = None) -> bytes:
    """The minutes; with a key, sealed."""
    return kept_pdf(
        "minutes.html",
        stated,
        pdf_key,
        title=f"Procès-verbal {stated.number}",
        description=f"Décisions de l’appel à projets {stated.call}",
        organisation=stated.pole,
    )
