"""A machine's history as sentences. The event holds a code and facts; who did it and when stand beside, on the page."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from ordi.machines.lifecycle import Action, Note
from web.wording import bench, corrections, incidents, life, parts, repairs
from web.wording.looks import TONES, VERDICT_TONES
from web.wording.reasons import reason
from web.wording.sizes import size
from web.wording.words import said

Facts = Mapping[str, Any]


def event_sentence(event: Any, names: Mapping[int, str] | None = None) -> str:
    """The sentence of one event. `names` gives the name of each person a fact may point to."""
    facts: dict[str, Any] = json.loads(event.facts)
    make = SENTENCES.get(event.action)
    sentence = make(facts) if make else said(life.NOTES, event.action)
    why = facts.get("because") or facts.get("reason")
    if why:
        sentence = _("%(sentence)s : %(why)s", sentence=sentence, why=reason(str(why)))
    witness = (names or {}).get(facts.get("witness", 0))
    if witness:
        sentence = _("%(sentence)s, devant %(name)s", sentence=sentence, name=witness)
    return sentence


def event_tone(event: Any) -> str:
    """Failures stay visible: a wipe's tone is its verdict's, everything else its trade's."""
    facts: dict[str, Any] = json.loads(event.facts)
    if event.action == Note.WIPE_JUDGED:
        return VERDICT_TONES.get(str(facts.get("verdict")), "wait")
    if event.action == Note.COUNTER_CHECKED and facts.get("matched") != facts.get("sectors"):
        return "stop"
    if event.action == Note.AUDITED and not facts.get("matched"):
        return "stop"
    if event.action == Note.HEALTH_CHANGED:
        return {"good": "ok", "watch": "warn", "repair": "stop"}.get(str(facts.get("health")), "share")
    return TONES.get(event.action, "todo")


def people_in(events: list[Any]) -> set[int]:
    """The people a page must name to tell these events."""
    found = {event.person_id for event in events}
    for event in events:
        found.add(json.loads(event.facts).get("witness"))
    return {one for one in found if isinstance(one, int)}


def _labelled(facts: Facts) -> str:
    if facts.get("why"):
        return _("Étiquette imprimée de nouveau : %(why)s", why=said(life.LABELLED_AGAIN, str(facts["why"])).lower())
    if facts.get("again"):
        return _("Étiquette imprimée de nouveau")
    return _("Étiquette posée")


def _inventoried(facts: Facts) -> str:
    drives = int(facts.get("drives", 0))
    if drives == 0:
        return _("Inventaire fait à l’établi : aucun disque vu")
    return ngettext(
        "Inventaire fait à l’établi : un disque vu", "Inventaire fait à l’établi : %(num)s disques vus", drives
    )


def _described(facts: Facts) -> str:
    return _("Complété d’après un fichier %(format)s", format=said(bench.FORMATS, str(facts.get("format", ""))))


def _merged(facts: Facts) -> str:
    return _("C’est le même ordinateur que %(tag)s : sa vie continue là", tag=facts.get("tag", "?"))


def _absorbed(facts: Facts) -> str:
    return _("La fiche %(tag)s parlait du même ordinateur : réunies ici", tag=facts.get("tag", "?"))


def _parted(facts: Facts) -> str:
    return _("Séparé de %(tag)s : ce sont deux ordinateurs", tag=facts.get("tag", "?"))


def _sighted(facts: Facts) -> str:
    return _(
        "Disque trouvé dedans : %(medium)s, %(size)s",
        medium=said(bench.MEDIA, str(facts.get("medium", "unknown"))),
        size=size(facts.get("bytes")),
    )


def _remote_started(facts: Facts) -> str:
    return _("Démarrage par le réseau demandé, poste « %(host)s »", host=str(facts.get("host", "")))


def _stopped(facts: Facts) -> str:
    if facts.get("how") == "asked":
        return _("Arrêt de l’effacement demandé à l’ordinateur")
    if facts.get("how") == "given-up":
        return _("Effacement abandonné : l’ordinateur ne répond plus. Le disque contient encore des données")
    return _("Effacement arrêté avant de commencer. Le disque contient encore des données")


def _judged(facts: Facts) -> str:
    verdict = said(bench.VERDICTS, str(facts.get("verdict", "UNKNOWN")))
    level = facts.get("level")
    if facts.get("verdict") == "PASS" and level:
        return _("Disque %(verdict)s (niveau %(level)s)", verdict=verdict, level=said(bench.LEVELS, str(level)))
    return _("Effacement d’un disque : %(verdict)s", verdict=verdict)


def _counter_checked(facts: Facts) -> str:
    if facts.get("matched") != facts.get("sectors"):
        return _("Second contrôle : le disque ne porte PAS ce qui devait y être")
    return _("Second contrôle par une autre personne : tout concorde")


def _graded(facts: Facts) -> str:
    return _("Catégorie %(grade)s", grade=facts.get("grade", "?"))


def _triaged(facts: Facts) -> str:
    choice = facts.get("decision") or facts.get("triage") or ""
    return _("Tri : %(decision)s", decision=said(life.TRIAGE, str(choice)).lower())


def _diagnosed(facts: Facts) -> str:
    check = facts.get("check")
    if check:
        return _(
            "Diagnostic : %(check)s, %(result)s",
            check=said(bench.CHECKS, str(check)).lower(),
            result=said(bench.RESULTS, str(facts.get("result", ""))).lower(),
        )
    return _("Diagnostic fait")


def _custody(facts: Facts) -> str:
    holder = said(life.HOLDERS, str(facts.get("holder", "")))
    if facts.get("signed"):
        return _("Pris en charge : %(holder)s, signé", holder=holder)
    return _("Pris en charge : %(holder)s", holder=holder)


def _aside(facts: Facts) -> str:
    return said(life.HELD, str(facts.get("held_for") or facts.get("mark") or "hold"))


def _shelved(facts: Facts) -> str:
    shelf = facts.get("shelf") or facts.get("place")
    return _("Rangé : %(shelf)s", shelf=shelf) if shelf else _("Rangé")


def _reinstalled(facts: Facts) -> str:
    profile = facts.get("profile")
    return _("Réinstallé, profil %(profile)s", profile=profile) if profile else _("Réinstallé")


def _certified(facts: Facts) -> str:
    code = facts.get("certificate") or facts.get("code")
    return _("Certificat %(code)s établi", code=code) if code else _("Certificat établi")


def _health(facts: Facts) -> str:
    told = {"good": _("tout va bien"), "watch": _("à surveiller"), "repair": _("à réparer")}
    return _("Santé : %(health)s", health=told.get(str(facts.get("health")), _("inconnue")))


def _audited(facts: Facts) -> str:
    told = {
        "agent": _("Audit par une troisième personne : tout le disque relu, tout concorde"),
        "claim": _("Audit déclaré par une troisième personne : rien à signaler"),
        "waived": _("Audit abandonné par la coordination"),
    }
    if not facts.get("matched"):
        return _("Audit : le disque ne porte PAS ce qui devait y être")
    return told[str(facts.get("how"))]


def _follow_up_ended(facts: Facts) -> str:
    if not facts.get("tickets"):
        return _("Ses alertes sont closes : il est de retour")
    return _("Ses demandes d’aide et ses alertes sont closes : il est de retour")


def _task_opened(facts: Facts) -> str:
    return _("À faire : %(task)s", task=bench.task(str(facts.get("kind", "")), str(facts.get("what", ""))).lower())


def _task_closed(facts: Facts) -> str:
    task = bench.task(str(facts.get("kind", "")), str(facts.get("what", "")))
    return _("%(task)s, %(outcome)s", task=task, outcome=said(bench.OUTCOMES, str(facts.get("outcome", ""))).lower())


def _plain(text: Callable[[], str]) -> Callable[[Facts], str]:
    return lambda _facts: text()


SENTENCES: dict[str, Callable[[Facts], str]] = {
    Action.PROMISE: _plain(lambda: _("Promis par le donateur")),
    Action.COLLECT: _plain(lambda: _("Collecté chez le donateur")),
    Action.RECEIVE: _plain(lambda: _("Reçu à l’atelier")),
    Action.ADMIT: _plain(lambda: _("Entré directement à l’atelier")),
    Action.CANCEL: _plain(lambda: _("Annulé : il n’est pas venu")),
    Action.REFUSE: _plain(lambda: _("Refusé à l’entrée")),
    Action.SANITISE: _plain(lambda: _("Tous ses disques sont effacés, avec preuve")),
    Action.REINSTALL: _reinstalled,
    Action.RELEASE_TO_STOCK: _plain(lambda: _("Mis en stock, reconditionné : les quatre étapes sont faites")),
    Action.ALLOCATE: _plain(lambda: _("Attribué à une demande")),
    Action.RELEASE: _plain(lambda: _("Rendu au stock")),
    Action.HAND_OVER: _plain(lambda: _("Remis")),
    Action.TAKE_BACK: _plain(lambda: _("Repris : ses disques contiennent de nouveau des données")),
    Action.REOPEN: _plain(lambda: _("Rouvert à l’établi")),
    Action.DISMANTLE: _plain(lambda: _("Démonté pour ses pièces")),
    Action.RECYCLE: _plain(lambda: _("Parti au recyclage")),
    Action.LOSE: _plain(lambda: _("Déclaré perdu")),
    Action.FIND: _plain(lambda: _("Retrouvé : tout est à contrôler de nouveau")),
    Note.LABELLED: _labelled,
    Note.TRIAGED: _triaged,
    Note.INVENTORIED: _inventoried,
    Note.DESCRIBED: _described,
    Note.MERGED: _merged,
    Note.ABSORBED: _absorbed,
    Note.PARTED: _parted,
    Note.DRIVE_SIGHTED: _sighted,
    Note.DRIVE_ELSEWHERE: _plain(lambda: _("Un de ses disques a été vu dans un autre ordinateur")),
    Note.DRIVE_REMOVED: _plain(lambda: _("Disque retiré")),
    Note.DRIVE_DESTROYED: _plain(lambda: _("Disque détruit")),
    Note.DRIVELESS: _plain(lambda: _("Constaté à deux : aucun disque dedans")),
    Note.WIPE_ORDERED: _plain(lambda: _("Effacement d’un disque lancé")),
    Note.WIPE_STOPPED: _stopped,
    Note.WIPE_JUDGED: _judged,
    Note.REMOTE_STARTED: _remote_started,
    Note.COUNTER_CHECKED: _counter_checked,
    Note.CERTIFIED: _certified,
    Note.DIAGNOSED: _diagnosed,
    Note.GRADED: _graded,
    Note.CLEANED: _plain(lambda: _("Nettoyé")),
    Note.PUT_ASIDE: _aside,
    Note.RESUMED: _plain(lambda: _("Repris")),
    Note.SHELVED: _shelved,
    Note.CORRECTED: corrections.corrected,
    Note.CUSTODY: _custody,
    Note.FOLLOW_UP_ENDED: _follow_up_ended,
    Note.ENROLMENT_PREPARED: _plain(lambda: _("Prêt à donner de ses nouvelles")),
    Note.ENROLLED: _plain(lambda: _("Donne de ses nouvelles")),
    Note.HEALTH_CHANGED: _health,
    Note.CHECK_INS_STOPPED: _plain(lambda: _("Les nouvelles ont été arrêtées par le foyer")),
    Note.HELP_ASKED: _plain(lambda: _("De l’aide a été demandée")),
    Note.AUDIT_DRAWN: _plain(lambda: _("Tiré au sort : une troisième personne relira un disque en entier")),
    Note.AUDITED: _audited,
    Note.LATE_CONTRADICTION: _plain(
        lambda: _(
            "Un compteur du disque, qui ne peut que monter, est plus bas qu’à l’effacement : plus rien n’est prouvé"
        )
    ),
    Note.AREA_REVEALED: lambda facts: _(
        "Sa zone cachée est levée : le disque montre %(whole)s", whole=size(int(facts.get("bytes", 0)))
    ),
    Note.CERTIFICATE_ANNULLED: _plain(lambda: _("Le certificat est annulé")),
    Note.QUARANTINED: _plain(lambda: _("En quarantaine : ne sort pas")),
    Note.RELEASED: _plain(lambda: _("La quarantaine est levée")),
    Note.CLAIMED: _plain(lambda: _("Effacement déclaré par un autre outil : ne prouve rien, n’ouvre rien")),
    Note.PHOTOGRAPHED: _plain(lambda: _("Photo prise")),
    Note.PHOTO_REMOVED: _plain(lambda: _("Photo retirée")),
    Note.TASK_OPENED: _task_opened,
    Note.TASK_CLOSED: _task_closed,
    **parts.SENTENCES,
    Note.REPAIRED: repairs.repaired,
    Note.INCIDENT_STEP: incidents.step_done,
    Note.INCIDENT_CLOSED: incidents.closed,
    Note.SWAP_REPORTED: _plain(lambda: _("Un changement de disque a été signalé : à vérifier à l’atelier")),
}
