"""The receipt of a return: what came back, with what, and that it is wiped before anybody else has it. One A4 page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ordi.keys import PdfKey
from web.papers.kept import kept_pdf


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
    return kept_pdf(
        "return.html",
        back,
        pdf_key,
        title=f"Reçu de retour {back.number}",
        description=f"Retour de l’ordinateur {back.tag}",
        organisation=back.organisation,
        one_page=True,
    )
