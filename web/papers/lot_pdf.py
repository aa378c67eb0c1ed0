"""The summary of a lot: one sealed PDF, each computer, each drive, what became of it and where its certificate is.

It prints nothing that is not signed; the signed statement (`ordi.bench.lot_statements`) is attached as `lot.jws`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ordi.keys import PdfKey
from web.papers.certificate_words import LIMITS, VERDICTS, WORDS
from web.papers.ink import page, style
from web.papers.lot_words import LOT_WORDS
from web.papers.pdf import ARCHIVAL, render

ATTACHED = "lot.jws"
TONES = {"wiped": "ok", "destroyed": "end", "kept": "end", "removed": "warn", "unproven": "stop"}
"""Green only when every wipe is proven."""


def lot_pdf(payload: dict[str, Any], token: str, pdf_key: PdfKey, *, at: datetime, lang: str = "fr") -> bytes:
    """The sealed summary of the lot that `payload` tells, and `token` signs."""
    from web.papers.sealed import sign_pdf  # here, not above: see pdf.render

    words = LOT_WORDS[lang]
    attachment = (ATTACHED, f"{token}\n".encode(), "application/jose")
    pdf = render(lot_page(payload, lang=lang), style(), [attachment], at=at, variant=ARCHIVAL)
    return sign_pdf(pdf, pdf_key, words["title"], at)


def lot_page(payload: dict[str, Any], *, lang: str = "fr") -> str:
    """The page before it becomes a PDF."""
    words = LOT_WORDS[lang]
    return page(
        "lot.html",
        t=words,
        c=WORDS[lang],
        lang=lang,
        title=words["title"],
        description=words["description"],
        organisation=payload["organisation"]["name"],
        stamp=WORDS[lang]["stamp"] if payload["demonstration"] else None,
        p=payload,
        tones=TONES,
        verdicts=VERDICTS[lang],
        sentence=LIMITS,
    )
