"""The minutes of a call's deliberation: what was decided on each project, with its points and why, to be signed by who was there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ordi.keys import PdfKey
from web.papers.ink import page, style
from web.papers.pdf import render


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
    html = page(
        "minutes.html",
        lang="fr",
        title=f"Procès-verbal {stated.number}",
        description=f"Décisions de l’appel à projets {stated.call}",
        organisation=stated.pole,
        stamp="DONNÉES DE DÉMONSTRATION" if stated.demonstration else None,
        f=stated,
        sealed=pdf_key is not None,
    )
    pdf = render(html, style(), at=stated.at)
    if pdf_key is None:
        return pdf
    from web.papers.sealed import sign_pdf  # here, not above: see pdf.render

    return sign_pdf(pdf, pdf_key, f"Procès-verbal {stated.number}", stated.at)
