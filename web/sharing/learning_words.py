"""The words and pictures of learning: the seven gestures, why somebody leaves, what comes after."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from ordi.sharing.levels import Gesture, Onward
from ordi.sharing.seats import Leaving
from ordi.sharing.training import Step
from web.wording.words import Words

QUESTIONS: Words = {
    Gesture.SWITCH_ON: _l("Allumer et éteindre l’ordinateur"),
    Gesture.MOUSE: _l("Cliquer là où l’on veut"),
    Gesture.KEYBOARD: _l("Écrire une phrase au clavier"),
    Gesture.SEARCH: _l("Chercher une adresse sur internet"),
    Gesture.MAIL: _l("Lire et écrire un e-mail"),
    Gesture.ATTACH: _l("Joindre un document à un e-mail"),
    Gesture.PAPERWORK: _l("Faire une démarche en ligne"),
}
GESTURE_ICONS: Words = {
    Gesture.SWITCH_ON: "power",
    Gesture.MOUSE: "mouse",
    Gesture.KEYBOARD: "keyboard",
    Gesture.SEARCH: "search",
    Gesture.MAIL: "mail",
    Gesture.ATTACH: "link",
    Gesture.PAPERWORK: "papers",
}
LEAVING: Words = {
    Leaving.WORK: _l("A trouvé un travail"),
    Leaving.HOURS: _l("Les horaires ne vont pas"),
    Leaving.TOO_FAR: _l("C’est trop loin"),
    Leaving.LEVEL: _l("Le niveau ne va pas"),
    Leaving.NO_ANSWER: _l("Ne répond plus"),
    Leaving.NOT_WANTED: _l("N’en veut plus"),
    Leaving.OTHER: _l("Autre raison"),
}
LEAVING_ICONS: Words = {
    Leaving.WORK: "job",
    Leaving.HOURS: "clock",
    Leaving.TOO_FAR: "map",
    Leaving.LEVEL: "rank",
    Leaving.NO_ANSWER: "message-off",
    Leaving.NOT_WANTED: "hand",
    Leaving.OTHER: "other",
}
ONWARD: Words = {
    Onward.ALONE: _l("Se débrouille sans aide"),
    Onward.ANOTHER_GROUP: _l("Continue dans un autre groupe"),
    Onward.DROP_IN: _l("Revient quand il faut"),
    Onward.SOMEWHERE_ELSE: _l("Va vers une autre structure"),
}
WAY: Words = {
    Step.LISTED: _l("Pré-liste"),
    Step.WRITTEN_TO: _l("Lettre"),
    Step.INFORMED: _l("Réunion"),
    Step.COMMITTED: _l("Engagement"),
    Step.CERTIFIED: _l("Certificat"),
}
ONWARD_ICONS: Words = {
    Onward.ALONE: "check",
    Onward.ANOTHER_GROUP: "group",
    Onward.DROP_IN: "help",
    Onward.SOMEWHERE_ELSE: "route",
}
