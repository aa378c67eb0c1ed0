"""The receipt of a payment: what was paid, by whom, how, for what. One A4 page, numbered without a gap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ordi.keys import PdfKey
from ordi.money import euros
from web.papers.kept import kept_pdf


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
    return kept_pdf(
        "payment.html",
        paid,
        pdf_key,
        title=f"Reçu de paiement {paid.number}",
        description=f"Paiement pour l’ordinateur {paid.tag}",
        organisation=paid.organisation,
        one_page=True,
        price=euros(paid.cents),
    )
