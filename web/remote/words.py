"""Starts over SSH in words: each step, and for each failure what it is and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from ordi.bench.remote_starts import RemoteStart, Step
from web.wording import refusals
from web.wording.refusals import Telling
from web.wording.words import said

STEPS: dict[str, Any] = {
    Step.ASKED: _l("Demandé"),
    Step.CONNECTING: _l("Appelle l’ordinateur"),
    Step.CHECKING: _l("Regarde ce qu’il a"),
    Step.COPYING: _l("Copie le programme"),
    Step.STARTING: _l("Démarre le programme"),
    Step.WAITING: _l("Attend son bonjour"),
    Step.STARTED: _l("Le programme tourne"),
    Step.FAILED: _l("Pas démarré"),
}

SHOWN = (Step.CONNECTING, Step.CHECKING, Step.COPYING, Step.STARTING, Step.WAITING)
"""The steps of a start, in order."""

_AGAIN = _l("Recommencez.")

FAILURES: dict[str, tuple[Any, Any]] = {
    "no-networks": (
        _l("Ce serveur n’a le droit d’appeler aucun ordinateur."),
        _l("L’administration du serveur règle ORDI_BENCH_NETWORKS, le réseau de l’établi."),
    ),
    "unknown-name": (
        _l("Aucun ordinateur ne porte ce nom sur le réseau."),
        _l("Corrigez l’adresse du poste, ou mettez son numéro."),
    ),
    "outside-networks": (
        _l("Cette adresse n’est pas dans le réseau de l’établi."),
        _l("Corrigez l’adresse du poste. Rien n’a été appelé."),
    ),
    "unreachable": (
        _l("L’ordinateur ne répond pas."),
        _l("Vérifiez qu’il est allumé, câblé, et que SSH y est démarré. Puis recommencez."),
    ),
    "timed-out": (_l("L’ordinateur met trop de temps à répondre."), _l("Vérifiez le câble, puis recommencez.")),
    "no-ssh": (
        _l("Ce qui répond là ne parle pas SSH comme il faut."),
        _l("Vérifiez le port du poste et le service SSH de l’ordinateur."),
    ),
    "unknown-host-key": (
        _l("Ordi ne connaît pas la clé de cet ordinateur, et n’accepte aucune clé inconnue."),
        _l("Lisez sa clé sur son propre écran et notez-la dans la liste des postes."),
    ),
    "wrong-host-key": (
        _l("Un autre ordinateur répond à cette adresse : sa clé n’est pas celle du poste."),
        _l("Ne continuez pas. S’il a été réinstallé, lisez sa nouvelle clé sur son écran et notez-la."),
    ),
    "key-refused": (
        _l("L’ordinateur refuse la clé de l’atelier."),
        _l("Copiez la clé publique de l’atelier dans son fichier authorized_keys, puis recommencez."),
    ),
    "no-root": (
        _l("Ce compte n’a pas tous les droits sur l’ordinateur."),
        _l("Prenez le compte root, ou donnez-lui sudo sans mot de passe."),
    ),
    "no-python": (_l("L’ordinateur n’a pas Python."), _l("Installez python3, ou démarrez-le sur la clé Ordi.")),
    "old-python": (
        _l("Le Python de l’ordinateur est trop ancien : il faut 3.11 ou plus."),
        _l("Démarrez-le sur la clé Ordi."),
    ),
    "no-modules": (
        _l("Il manque des modules à son Python."),
        _l("Installez python3-cryptography et python3-psutil, ou démarrez-le sur la clé Ordi."),
    ),
    "no-folder": (
        _l("Le dossier de travail ne peut pas être utilisé sur l’ordinateur."),
        _l("Vérifiez le dossier du poste : il doit être à root seul."),
    ),
    "disk-full": (
        _l("Il n’y a plus de place sur l’ordinateur pour le programme."),
        _l("Libérez de la place, ou choisissez un autre dossier pour ce poste."),
    ),
    "copy-failed": (_l("Le programme n’a pas pu être copié."), _AGAIN),
    "copy-differs": (
        _l("Le programme copié n’est pas celui qui a été envoyé."),
        _l("Recommencez. Si cela revient, n’utilisez plus cet ordinateur ainsi."),
    ),
    "agent-ended": (_l("Le programme s’est arrêté aussitôt."), _l("Lisez ce qu’il a dit, corrigez, recommencez.")),
    "no-hello": (
        _l("Le programme tourne, mais Ordi n’a pas reçu son bonjour."),
        _l("Vérifiez que l’ordinateur joint ce serveur, puis recommencez : rien ne sera démarré deux fois."),
    ),
    "dropped": (
        _l("La ligne est tombée."),
        _l("Recommencez : un programme déjà démarré continue, il sera retrouvé."),
    ),
    "interrupted": (
        _l("Ordi s’est arrêté pendant le démarrage."),
        _l("Recommencez : un programme déjà démarré continue, il sera retrouvé."),
    ),
    "failed": (_l("L’ordinateur a répondu par une erreur."), _l("Lisez ce qu’il a dit, corrigez, recommencez.")),
    "broken": (_l("Ordi s’est trompé en route, et c’est noté."), _AGAIN),
}


@dataclass(frozen=True)
class Knot:
    """One step of a start, on the page: done, now, or to come."""

    tone: str
    icon: str
    name: str


def step(code: str) -> str:
    """A step of a start."""
    return said(STEPS, code)


def knots(start: RemoteStart) -> list[Knot]:
    """The steps of a start, each with how it stands."""
    where = start.failed_at if start.step == Step.FAILED else start.step
    order = [*SHOWN, Step.STARTED]
    at = 0 if where == Step.ASKED else order.index(Step(where))
    found = []
    for number, one in enumerate(SHOWN):
        if number < at:
            tone, icon = "ok", "check"
        elif number == at:
            tone, icon = ("stop", "cross") if start.step == Step.FAILED else ("now", "hourglass")
        else:
            tone, icon = "todo", "minus"
        found.append(Knot(tone, icon, step(one)))
    return found


def failure(start: RemoteStart) -> tuple[str, str]:
    """What went wrong, and what to do."""
    what, mend = FAILURES.get(start.reason, FAILURES["failed"])
    return str(what), str(mend)


refusals.learn(
    {
        "start-under-way": Telling(
            _l("Un démarrage est déjà en cours pour cet ordinateur ou ce poste."), _l("Attendez sa fin.")
        ),
        "start-not-ready": Telling(
            _l("Le programme de %(tag)s n’a pas encore dit bonjour."), _l("Attendez, ou démarrez-le de nouveau.")
        ),
    }
)
