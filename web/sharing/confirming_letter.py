"""What a service's office is written when its requests have been silent for long. Codes only: no family is named in a mail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ordi.papers import PARIS
from ordi.sharing.requests import Request
from ordi.sharing.still_wanted import ANSWER_WITHIN

KIND = "still-wanted"
LISTED = 40


def letter(asked: Sequence[Request], base_url: str, *, at: datetime) -> tuple[str, str]:
    """Subject and body, in French as everything an office is sent."""
    many = len(asked) > 1
    subject = f"{len(asked)} demandes sans nouvelles : toujours utiles ?" if many else "Une demande toujours utile ?"
    until = (at + ANSWER_WITHIN).astimezone(PARIS).strftime("%d/%m/%Y")
    codes = [f"- {one.code}, {one.programme.name}" for one in asked[:LISTED]]
    more = [f"et {len(asked) - LISTED} autres"] if len(asked) > LISTED else []
    body = [
        "Bonjour,",
        "",
        "Nous n’avons pas eu de nouvelles depuis longtemps de :",
        *codes,
        *more,
        "",
        "Dites-nous d’un geste si l’ordinateur est toujours utile :",
        f"{base_url}/sharing/confirm",
        "",
        f"Sans réponse le {until}, {'elles ne seront' if many else 'elle ne sera'} plus proposée{'s' if many else ''}. "
        "La place reste gardée : une réponse suffit à la retrouver.",
        "Après un an sans nouvelles, une demande est fermée.",
    ]
    return subject, "\n".join(body) + "\n"
