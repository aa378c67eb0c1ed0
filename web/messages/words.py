"""Messages as their senders read them."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ordi.messages.outbox import Channel, Message, Posting
from ordi.sharing.telling import Telling
from ordi.sharing.translations import Sheet
from web.wording import refusals
from web.wording.words import Words, said

refusals.learn(
    {
        "text-too-long": refusals.Telling(
            _l("Ce SMS dépasse d’un envoi : %(over)s signes de trop."),
            _l("Raccourcissez le nom du lieu, ou choisissez la lettre."),
        ),
        "texts-changed": refusals.Telling(
            _l("Un de ces textes a changé pendant que vous lisiez."),
            _l("Relisez la page, puis mettez votre nom."),
        ),
    }
)

CHANNELS: Words = {
    Channel.MAIL: _l("Courriel"),
    Channel.TEXT: _l("SMS"),
    Channel.LETTER: _l("Lettre"),
    Channel.SPOKEN: _l("À dire"),
}
SHEETS: Words = {
    Sheet.CONSENT: _l("Le consentement lu à voix haute"),
    Sheet.HAND_OVER: _l("Le résumé du reçu"),
    Sheet.MESSAGES: _l("Les messages"),
    Sheet.RESULTS: _l("Les réponses aux appels à projets"),
}
SHEET_ICONS = {
    Sheet.CONSENT: "listen",
    Sheet.HAND_OVER: "handed-over",
    Sheet.MESSAGES: "message",
    Sheet.RESULTS: "flag",
}
TELLINGS: Words = {
    Telling.BOOKED: _l("Rendez-vous pris"),
    Telling.MOVED: _l("Rendez-vous changé"),
    Telling.CANCELLED: _l("Rendez-vous annulé"),
    Telling.REMINDER: _l("Rappel du rendez-vous"),
    Telling.MISSED: _l("Pas venu : un autre rendez-vous"),
    Telling.MISSED_AGAIN: _l("Pas venu : à rappeler"),
    Telling.NO_ANSWER: _l("Un ordinateur est gardé : sans réponse"),
    Telling.LOAN_ENDS: _l("Le prêt finit : garder ou rendre ?"),
    Telling.LOAN_REMINDER: _l("Le prêt finit : réponse attendue"),
    Telling.LOAN_KEPT: _l("Fin de prêt : il est à eux"),
    Telling.LOAN_RETURN: _l("Fin de prêt : à rapporter"),
    Telling.REPAIRED: _l("L’ordinateur est réparé"),
    Telling.TRAINING_MEETING: _l("Ateliers : réunion d’information"),
    Telling.TRAINING_BEGINS: _l("Ateliers : invitation aux séances"),
    "call_accepted": _l("Appel à projets : accepté"),
    "call_in_part": _l("Appel à projets : accepté en partie"),
    "call_waiting": _l("Appel à projets : en attente"),
    "call_refused": _l("Appel à projets : pas retenu"),
}


def told(kind: str) -> str:
    """What a message says, in a few words."""
    return said(TELLINGS, kind)


def look(message: Message) -> tuple[str, str, str]:
    """Tone, pictogram and words of where a message is."""
    spoken, letter = message.channel == Channel.SPOKEN, message.channel == Channel.LETTER
    looks = {
        Posting.WAITING: ("now", "call", _("À dire")) if spoken else ("wait", "hourglass", _("À imprimer") if letter else _("Partira bientôt")),
        Posting.PILED: ("now", "printer", _("En cours d’impression")),
        Posting.SENDING: ("wait", "hourglass", _("En train de partir")),
        Posting.SENT: ("ok", "check", _("Dit") if spoken else _("Imprimé") if letter else _("Envoyé")),
        Posting.PERHAPS_SENT: ("warn", "question", _("Peut-être envoyé")),
        Posting.FAILED: ("stop", "cross", _("Pas parti")),
        Posting.DROPPED: ("end", "minus", _("Plus utile")),
    }  # fmt: skip
    return looks[Posting(message.state)]


def trouble(message: Message) -> str:
    """Why it is not gone, and what to do."""
    if message.state == Posting.PERHAPS_SENT:
        return _("La ligne a coupé. Demandez à la famille, ou renvoyez : elle l’aura peut-être deux fois.")
    if message.state == Posting.FAILED:
        return _("Le numéro ou l’adresse est refusé. Vérifiez la fiche, puis renvoyez, ou dites-le.")
    if message.state == Posting.WAITING and message.trouble:
        return _("Pas encore possible : un autre essai se fera tout seul.")
    return ""
