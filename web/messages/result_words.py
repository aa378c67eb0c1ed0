"""What the result of a call says: the decision, why in a sentence, and what to do next."""

from __future__ import annotations

from ordi.sharing.applications import Outcome
from ordi.sharing.deliberating import Because

LANGUAGES = ("fr", "en")
SUBJECT = {"fr": "Appel à projets {call} : la réponse", "en": "Call for projects {call}: the answer"}
DECIDED: dict[Outcome, dict[str, tuple[str, ...]]] = {
    Outcome.ACCEPTED: {
        "fr": (
            "Votre projet est accepté : {granted}, comme demandé.",
            "Vous n’avez rien à faire. Vos demandes sont déjà dans la liste ; nous vous appelons pour la remise.",
        ),
        "en": (
            "Your project is accepted: {granted}, as asked for.",
            "There is nothing to do. Your requests are already in the list; we will call you for the hand-over.",
        ),
    },
    Outcome.IN_PART: {
        "fr": (
            "Votre projet est accepté en partie : {granted}, sur {asked} demandés.",
            "Vos demandes sont déjà dans la liste. Si le projet ne peut pas se faire ainsi, appelez le {phone}.",
        ),
        "en": (
            "Your project is accepted in part: {granted}, of {asked} asked for.",
            "Your requests are already in the list. If the project cannot be done this way, call {phone}.",
        ),
    },
    Outcome.WAITING: {
        "fr": ("Votre projet est sur la liste d’attente de l’appel.",),
        "en": ("Your project is on the waiting list of the call.",),
    },
    Outcome.REFUSED: {
        "fr": ("Votre projet n’est pas retenu cette fois.",),
        "en": ("Your project was not chosen this time.",),
    },
}
BECAUSE: dict[Because, dict[str, tuple[str, ...]]] = {
    Because.OTHERS_FIRST: {
        "fr": (
            "D’autres projets ont eu plus de points et tout est attribué.",
            "Si des ordinateurs se libèrent, ou à l’appel suivant, votre projet peut passer : appelez le {phone}.",
        ),
        "en": (
            "Other projects had more points and everything is given.",
            "If computers become free, or at the next call, your project may pass: call {phone}.",
        ),
    },
    Because.OUT_OF_SUBJECT: {
        "fr": (
            "Il ne répond pas au sujet de l’appel.",
            "Relisez ce que l’appel demande, puis appelez le {phone} : nous cherchons ensemble où il a sa place.",
        ),
        "en": (
            "It does not answer the subject of the call.",
            "Read again what the call asks for, then call {phone}: we will look together for its place.",
        ),
    },
    Because.TOO_VAGUE: {
        "fr": (
            "Il ne dit pas assez qui s’en servira, ni comment.",
            "Écrivez pour qui, où et avec qui, puis déposez-le au prochain appel. Aide : {phone}.",
        ),
        "en": (
            "It does not say enough about who will use it, or how.",
            "Write for whom, where and with whom, then file it at the next call. Help: {phone}.",
        ),
    },
    Because.OTHER_PROGRAMME: {
        "fr": (
            "Un autre dispositif lui va mieux.",
            "Vous pouvez y faire une demande dès maintenant, sans attendre d’appel : appelez le {phone}.",
        ),
        "en": (
            "Another programme suits it better.",
            "You can apply to it now, without waiting for a call: call {phone}.",
        ),
    },
}
