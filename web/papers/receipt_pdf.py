"""The receipt and contract of a hand-over: one A4 page in plain French, with what to do when it breaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from ordi.keys import PdfKey
from web.papers.ink import signature_picture
from web.papers.kept import kept_pdf
from web.papers.label_faces import tag_url
from web.papers.qr import picture

_KINDS = {
    "loan": ("C’est un prêt", "Gratuit"),
    "gift": ("C’est un don", "Gratuit, et à vous"),
    "sale": ("C’est un achat", "À vous"),
}


@dataclass(frozen=True)
class Summary:
    """The same in short, in the family's language; who translated answers for it."""

    lang: str
    title: str
    text: str
    rtl: bool = False
    review: str = ""
    """Who reviewed the translation, or that nobody has; nothing for French."""


@dataclass(frozen=True)
class HandOver:
    """What a receipt states. Nothing here is looked up: the caller knows what this reader may see."""

    number: str
    organisation: str
    public_url: str
    tag: str
    description: str
    """`Portable Dell Latitude 5490`"""
    kind: Literal["loan", "gift", "sale"]
    recipient: str
    giver: str
    """`Inès, CCAS de Landerlac`"""
    bag: tuple[str, ...]
    phone: str
    hours: str
    promise: str
    """What is done when it breaks, in a sentence."""
    at: datetime
    until: date | None = None
    event: str = ""
    """What that day is: the entry into 6e."""
    at_the_end: str = ""
    """What happens at the end of a loan, in a sentence."""
    warranty: str = ""
    """Until when, and who promises it, in a sentence."""
    price_cents: int = 0
    reconditioned: bool = True
    """Whether the gate was passed: only then is the word printed."""
    first_session: str = ""
    accepts_check_ins: bool | None = None
    missing: tuple[str, ...] = ()
    """What is still to be handed over."""
    in_place_of: str = ""
    """The machine it replaces, under the same contract."""
    placed: tuple[tuple[str, str], ...] = ()
    """Who owns, keeps and runs it and where it stands, when these differ: (part, who)."""
    signed_on_paper: date | None = None
    witness: str = ""
    recipient_signature: bytes | None = None
    giver_signature: bytes | None = None
    summary: Summary | None = None
    copy_for: str = "exemplaire de la famille"
    demonstration: bool = False


def receipt_pdf(facts: HandOver, pdf_key: PdfKey | None = None) -> bytes:
    """The receipt, on one A4 page wherever it fits; with a key, sealed. Raise `NotASignature`."""
    title, kept = _KINDS[facts.kind]
    return kept_pdf(
        "receipt.html",
        facts,
        pdf_key,
        title=f"Reçu de remise {facts.number}",
        description=f"Remise de l’ordinateur {facts.tag}",
        organisation=facts.organisation,
        one_page=True,
        may_run_over=True,  # a family with a full bag still gets its receipt
        kind_title=title,
        kind_kept=kept,
        price=_euros(facts.price_cents),
        qr=picture(tag_url(facts.public_url, facts.tag)),
        signatures=[
            ("La personne qui reçoit", facts.recipient, _drawn(facts.recipient_signature)),
            ("La personne qui remet", facts.giver, _drawn(facts.giver_signature)),
        ],
    )


def _drawn(png: bytes | None) -> str | None:
    return None if png is None else signature_picture(png)


def _euros(cents: int) -> str | None:
    return None if cents == 0 else f"{cents // 100},{cents % 100:02}\u00a0€"
