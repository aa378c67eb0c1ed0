"""Letters in one PDF: an address that shows in the window of an envelope, the family's language, and the French beneath."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from web.messages.composing import Letter
from web.papers.ink import page, style
from web.papers.pdf import render

LANGUAGE_NAMES = {
    "fr": "Français", "en": "English", "ar": "العربية", "uk": "Українська", "tr": "Türkçe", "pt": "Português",
}  # fmt: skip


def letters_pdf(letters: Sequence[Letter], sender: str, demonstration: bool, *, at: datetime) -> bytes:
    """The letters, each on a page of its own; folded in three they fit a DL envelope with a window on the right."""
    html = page(
        "letters.html",
        lang="fr",
        title="Lettres",
        description=f"{len(letters)} lettres à mettre sous enveloppe à fenêtre",
        organisation=sender,
        stamp="DONNÉES DE DÉMONSTRATION" if demonstration else None,
        letters=letters,
        at=at,
    )
    return render(html, style(), at=at)
