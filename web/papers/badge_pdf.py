"""A person's badge, the size of a bank card, on a sheet to cut out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from web.papers.ink import page, style
from web.papers.pdf import render
from web.papers.qr import picture


@dataclass(frozen=True)
class BadgeFacts:
    """What a badge shows; `code` opens the door together with four pictures that are not on it."""

    name: str
    place: str
    op_code: str
    code: str
    at: datetime


def badge_pdf(facts: BadgeFacts) -> bytes:
    """The badge on one A4 page."""
    html = page(
        "badge.html",
        lang="fr",
        title="Badge d’établi",
        description="Badge d’établi",
        organisation=facts.place,
        stamp=None,
        f=facts,
        qr=picture(facts.code),
    )
    return render(html, style(), at=facts.at, pages=1)
