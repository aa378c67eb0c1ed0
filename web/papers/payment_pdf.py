"""The receipt of a payment: what was paid, by whom, how, for what. One A4 page, numbered without a gap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ordi.keys import PdfKey
from ordi.money import euros
from web.papers.ink import page, style
from web.papers.pdf import render


@dataclass(frozen=True)
class Payment:
    """What a receipt of payment states."""

    number: str
    organisation: str
    payer: str
    taker: str
    cents: int
    means: str
    tag: str
    programme: str
    at: datetime
    demonstration: bool = False


def payment_pdf(paid: Payment, pdf_key: PdfKey | None = None) -> bytes:
    """The receipt; with a key, sealed."""
    html = page(
        "payment.html",
        lang="fr",
        title=f"Reçu de paiement {paid.number}",
        description=f"Paiement pour l’ordinateur {paid.tag}",
        organisation=paid.organisation,
        stamp="DONNÉES DE DÉMONSTRATION" if paid.demonstration else None,
        f=paid,
        price=euros(paid.cents),
        sealed=pdf_key is not None,
    )
    pdf = render(html, style(), at=paid.at, pages=1)
    if pdf_key is None:
        return pdf
    from web.papers.sealed import sign_pdf  # here, not above: see pdf.render

    return sign_pdf(pdf, pdf_key, f"Reçu de paiement {paid.number}", paid.at)
