"""The collection slip: what left the donor, counted on the spot and signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ordi.keys import PdfKey
from web.papers.ink import signature_picture
from web.papers.kept import kept_pdf


@dataclass(frozen=True)
class CollectionSlip:
    """What a slip states."""

    number: str
    organisation: str
    donor: str
    place: str
    lot: str
    driver: str
    counted: int
    promised: int
    tags: tuple[str, ...]
    at: datetime
    phone: str
    missing_because: str = ""
    """Why fewer came, in words."""
    surplus: int = 0
    signatory: str = ""
    signature: bytes | None = None
    demonstration: bool = False


def slip_pdf(facts: CollectionSlip, pdf_key: PdfKey | None = None) -> bytes:
    """The slip as A4; with a key, sealed. Raise `NotASignature`."""
    return kept_pdf(
        "slip.html",
        facts,
        pdf_key,
        title=f"Bon de collecte {facts.number}",
        description=f"Prise en charge du lot {facts.lot}",
        organisation=facts.organisation,
        drawn=None if facts.signature is None else signature_picture(facts.signature),
    )
