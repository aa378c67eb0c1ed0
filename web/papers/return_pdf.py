"""The receipt of a return: what came back, with what, and that it is wiped before anybody else has it. One A4 page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ordi.keys import PdfKey
from web.papers.ink import page, style
from web.papers.pdf import render


@dataclass(frozen=True)
class Return:
    """What a receipt of return states. It names no family."""

    number: str
    organisation: str
    tag: str
    description: str
    request: str
    reason: str
    files: str
    came: tuple[str, ...]
    taker: str
    phone: str
    at: datetime
    demonstration: bool = False


def return_pdf(back: Return, pdf_key: PdfKey | None = None) -> bytes:
    """The receipt; with a key, sealed."""
    html = page(
        "return.html",
        lang="fr",
        title=f"Reçu de retour {back.number}",
        description=f"Retour de l’ordinateur {back.tag}",
        organisation=back.organisation,
        stamp="DONNÉES DE DÉMONSTRATION" if back.demonstration else None,
        f=back,
        sealed=pdf_key is not None,
    )
    pdf = render(html, style(), at=back.at, pages=1)
    if pdf_key is None:
        return pdf
    from web.papers.sealed import sign_pdf  # here, not above: see pdf.render

    return sign_pdf(pdf, pdf_key, f"Reçu de retour {back.number}", back.at)
