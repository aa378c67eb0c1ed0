"""The certificate of attendance: what was learnt together, how often, and what it opens. One A4 page, numbered without a gap.

It bears no name: whoever trains reads codes only. The person writes theirs on the line.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ordi.keys import PdfKey
from ordi.money import euros
from web.papers.kept import kept_pdf


@dataclass(frozen=True)
class Attended:
    """What a certificate of attendance states."""

    number: str
    organisation: str
    programme: str
    group: str
    level: str
    """Nothing: mixed levels."""
    request: str
    holder: str
    """The organisation that was trained; nothing for a person, who writes their name."""
    days: tuple[datetime, ...]
    """The sessions they came to."""
    planned: int
    minutes: int
    """One session."""
    at: datetime
    unlocked_cents: int | None = None
    """The price it opens, when it opens one."""
    demonstration: bool = False

    @property
    def hours(self) -> str:
        """The time they were there: `12 h 30`."""
        whole, rest = divmod(len(self.days) * self.minutes, 60)
        return f"{whole}\u00a0h" + (f"\u00a0{rest:02d}" if rest else "")


def training_pdf(told: Attended, pdf_key: PdfKey | None = None) -> bytes:
    """The certificate; with a key, sealed."""
    return kept_pdf(
        "training.html",
        told,
        pdf_key,
        title=f"Attestation de présence {told.number}",
        description=f"Ateliers suivis, demande {told.request}",
        organisation=told.organisation,
        one_page=True,
        price=None if told.unlocked_cents is None else euros(told.unlocked_cents),
    )
