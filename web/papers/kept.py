"""The shell of a paper that is kept: its head, its demonstration stamp, its pages, and the pole's seal."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from ordi.keys import PdfKey
from web.papers.ink import page, style
from web.papers.pdf import PaperTooLong, render


class Stated(Protocol):
    """What every kept paper states."""

    @property
    def at(self) -> datetime: ...
    @property
    def demonstration(self) -> bool: ...


def kept_pdf(
    template: str,
    stated: Stated,
    pdf_key: PdfKey | None,
    *,
    title: str,
    description: str,
    organisation: str,
    one_page: bool = False,
    may_run_over: bool = False,
    **facts: Any,
) -> bytes:
    """`template` filled with `stated` (its `f`) and `facts`; with a key, sealed, the title being the seal's reason.

    `one_page` shrinks the letters until it fits: then `PaperTooLong` is raised when it cannot, unless it `may_run_over`.
    """
    html = page(
        template,
        lang="fr",
        title=title,
        description=description,
        organisation=organisation,
        stamp="DONNÉES DE DÉMONSTRATION" if stated.demonstration else None,
        f=stated,
        sealed=pdf_key is not None,
        **facts,
    )
    try:
        pdf = render(html, style(), at=stated.at, pages=1 if one_page else None)
    except PaperTooLong:
        if not may_run_over:
            raise
        pdf = render(html, style(), at=stated.at)
    if pdf_key is None:
        return pdf
    from web.papers.sealed import sign_pdf  # here, not above: see pdf.render

    return sign_pdf(pdf, pdf_key, title, stated.at)
