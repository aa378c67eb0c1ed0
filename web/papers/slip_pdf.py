"""The collection slip: what left the donor, counted on the spot and signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ordi.keys import PdfKey
from web.papers.ink import page, signature_picture, style
from web.papers.pdf import render


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
    html = page(
        "slip.html",
        lang="fr",
        title=f"Bon de collecte {facts.number}",
        description=f"Prise en charge du lot {facts.lot}",
        organisation=facts.organisation,
        stamp="DONNÉES DE DÉMONSTRATION" if facts.demonstration else None,
        f=facts,
        drawn=None if facts.signature is None else signature_picture(facts.signature),
        sealed=pdf_key is not None,
    )
    pdf = render(html, style(), at=facts.at)
    if pdf_key is None:
        return pdf
    from web.papers.sealed import sign_pdf  # here, not above: see pdf.render

    return sign_pdf(pdf, pdf_key, f"Bon de collecte {facts.number}", facts.at)
