"""What the pages about files say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from flask_babel import lazy_gettext as _l

from ordi.money import euros
from ordi.parties.households import Opening
from ordi.privacy.ends import Thing
from ordi.privacy.erasing import Cause, Erasure
from web.languages import day
from web.sharing import visit_words
from web.sharing import words as sharing
from web.wording import refusals
from web.wording.refusals import FACTS, Telling
from web.wording.words import Words, said

RUNNING: Words = {
    Thing.REQUEST: _l("une demande attend"),
    Thing.LOAN: _l("un prêt est en cours"),
    Thing.WARRANTY: _l("une garantie court"),
    Thing.TRAINING: _l("une formation est en cours"),
    Thing.CONNECTION: _l("un accès internet est ouvert"),
    Thing.GIFT: _l("un don est en cours"),
    Thing.CONTACT: _l("le dossier vient de servir"),
}
"""Why a file is not over."""

WAY_OUT: Words = {
    Thing.REQUEST: _l("Annulez d’abord la demande, si la famille n’en veut plus."),
    Thing.LOAN: _l("Reprenez l’ordinateur, ou attendez la fin du prêt."),
    Thing.WARRANTY: _l("La famille perdrait sa garantie : attendez sa fin."),
    Thing.TRAINING: _l("Retirez d’abord la personne du groupe."),
    Thing.CONNECTION: _l("Fermez d’abord l’accès internet."),
    Thing.GIFT: _l("Recommencez demain."),
    Thing.CONTACT: _l("Recommencez demain."),
}

OPENINGS: Words = {
    Opening.READ: _l("a lu le dossier"),
    Opening.CORRECTED: _l("a corrigé le dossier"),
    Opening.EXPORTED: _l("a remis à la famille ce qui est gardé"),
    Opening.ALIKE: _l("a déposé une demande qui lui ressemble, sans ouvrir ce dossier"),
}
OPENING_ICONS = {
    Opening.READ: "history",
    Opening.CORRECTED: "pencil",
    Opening.EXPORTED: "download",
    Opening.ALIKE: "copied",
}

CAUSES: Words = {
    Cause.RULE: _l("fin de la durée"),
    Cause.ASKED: _l("à la demande de la famille"),
    Cause.RESTORED: _l("après une restauration"),
}

KEPT: tuple[tuple[str, object, object, object], ...] = (
    (
        "household.kept",
        _l("Nom, contacts, langue, mot pour l’atelier, signature d’un foyer"),
        _l("la fin du contrat, du prêt, de la garantie ou de la formation, le refus ou l’abandon de la demande"),
        _l("Pouvoir aider la famille et répondre d’un litige. Ensuite rien ne le justifie."),
    ),
    (
        "household-reading.kept",
        _l("Qui a lu un dossier"),
        _l("la lecture"),
        _l("Retrouver une lecture indue. C’est gardé même quand le dossier est effacé."),
    ),
    (
        "check-in.kept",
        _l("Nouvelles d’un ordinateur"),
        _l("leur arrivée"),
        _l("Voir venir une panne. Elles ne disent rien de la famille."),
    ),
)
"""Each rule that erases by itself: its code in the law's rows, what, from when, why."""

UNITS: Words = {"months": _l("mois"), "days": _l("jours"), "years": _l("ans")}

FACTS["thing"] = RUNNING

refusals.learn(
    {
        "file-still-runs": Telling(
            _l("Ce dossier sert encore : %(thing)s."),
            _l(
                "Terminez d’abord ce qui court : le dossier de la famille dit comment. Elle peut le redemander ensuite."
            ),
        ),
        "file-erased": Telling(
            _l("Ce dossier est effacé : il ne dit plus de qui il s’agit."), _l("Déposez une nouvelle demande.")
        ),
    }
)


def read_day(text: str | None) -> str:
    """A day of an export as it is read."""
    return day(date.fromisoformat(text)) if text else ""


def days(texts: Iterable[str]) -> str:
    """Several of them."""
    return ", ".join(read_day(one[:10]) for one in texts)


def price(cents: int | None) -> str:
    """What was promised to pay; nothing where nothing is."""
    return euros(cents) if cents else ""


def needs(codes: list[str]) -> str:
    """What was asked for."""
    return ", ".join(sharing.need(code) for code in codes)


def verified(facts: Iterable[Mapping[str, str]]) -> str:
    """Which conditions somebody verified, and when."""
    return ", ".join(f"{sharing.criterion(one['what'])} ({read_day(one['on'])})" for one in facts)


def visit(cause: str) -> str:
    """Why somebody came."""
    return said(visit_words.CAUSES, cause)


def rows(past: Iterable[Erasure]) -> list[tuple[str, ...]]:
    """What was erased, in counts."""
    told = []
    for one in past:
        when = f"{day(one.at)}, {said(CAUSES, one.cause)}"
        told.append((when, *(str(count) for count in (one.households, one.notes, one.signatures, one.readings))))
    return told
