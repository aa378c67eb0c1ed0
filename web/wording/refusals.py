"""What a refusal says: the fact, then what to do. One for each code; a room adds its own with `learn`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from web.wording import bench, life, people
from web.wording.reasons import REASONS
from web.wording.words import Words, said

_NOT_YET = _l("Pas encore possible")


@dataclass(frozen=True)
class Telling:
    """The sentences of one refusal; `%(name)s` takes the fact of that name, in words."""

    what: str
    mend: str
    title: str = _NOT_YET


REFUSALS: dict[str, Telling] = {
    "refused": Telling(_l("Une règle l’empêche."), _l("Demandez à la coordination de votre pôle.")),
    "not-allowed": Telling(
        _l("Vos rôles ne le permettent pas ici."),
        _l("Demandez à une personne dont c’est le travail, ou à l’administration du réseau."),
        _l("Ce n’est pas dans vos rôles"),
    ),
    "someone-just-did-this": Telling(
        _l("Quelqu’un vient d’agir au même endroit."),
        _l("Regardez ce qui a changé, puis recommencez s’il le faut."),
        _l("Quelqu’un vient de le faire"),
    ),
    "not-found": Telling(
        _l("Cela n’existe pas, ou pas pour vous."),
        _l("Vérifiez ce que vous avez tapé, ou cherchez autrement."),
        _l("Introuvable"),
    ),
    "not-understood": Telling(_l("Rien n’a pu être lu dans ce fichier."), _l("Il est gardé, et sera relu.")),
    "invalid": Telling(
        _l("Une réponse ne peut pas être prise telle quelle : %(field)s."), _l("Corrigez-la et renvoyez.")
    ),
    "mistyped-tag": Telling(
        _l("« %(text)s » n’est pas une étiquette : une lettre est fausse ou deux sont inversées."),
        _l("Scannez l’étiquette, ou retapez ses sept caractères."),
        _l("Étiquette mal lue"),
    ),
    "wrong-parent": Telling(
        _l("%(kind)s ne peut pas être rangé là."), _l("Choisissez une organisation de ce genre : %(wanted)s.")
    ),
    "role-does-not-fit": Telling(
        _l("Le rôle « %(role)s » n’existe pas dans une organisation de ce genre : %(kind)s."),
        _l("Choisissez un autre rôle ou une autre organisation."),
    ),
    "token-refused": Telling(_l("Ce jeton n’ouvre pas cela."), _l("Demandez-en un à l’administration du réseau.")),
    "not-inventoried": Telling(
        _l("On ne sait pas encore ce qu’il y a dans %(tag)s."),
        _l("Faites l’inventaire à l’établi, ou constatez à deux qu’il n’a pas de disque."),
    ),
    "drives-not-clean": Telling(
        _l("Un disque de %(tag)s contient peut-être des données."), _l("Effacez-le, ou dites à deux où il est passé.")
    ),
    "drive-elsewhere": Telling(
        _l("Un disque noté dans %(tag)s a été vu dans %(other)s : %(drive)s."),
        _l("À l’établi, notez à deux qu’il est retiré de %(tag)s, puis refaites l’inventaire."),
        _l("Un disque est ailleurs"),
    ),
    "below-asked": Telling(
        _l("Le donateur demande « %(asked)s » ; un disque de %(tag)s n’atteint que « %(level)s » : %(drives)s."),
        _l("Effacez-le de nouveau à un niveau plus haut, ou retirez-le à deux."),
        _l("Pas au niveau demandé"),
    ),
    "destroy-below-asked": Telling(
        _l("Le donateur demande « %(asked)s » ; un disque de %(tag)s n’atteint que « %(level)s » : %(drives)s."),
        _l("Effacez-le de nouveau à un niveau plus haut. S’il n’y arrive pas, détruisez-le, à deux."),
        _l("Pas au niveau demandé"),
    ),
    "counter-check-asked": Telling(
        _l("Le donateur demande un second contrôle ; personne ne l’a fait sur %(drives)s."),
        _l("Une autre personne contrôle le disque. S’il est déjà réinstallé, effacez-le d’abord de nouveau."),
        _l("Second contrôle demandé"),
    ),
    "audit-due": Telling(
        _l("Un disque de %(tag)s est tiré au sort : %(drives)s."),
        _l("Une troisième personne le relit en entier avant la suite."),
        _l("Audit à faire"),
    ),
    "in-quarantine": Telling(
        _l("%(tag)s est en quarantaine : un contrôle a trouvé un disque mal effacé."),
        _l("Relisez ou effacez de nouveau ses disques ; la coordination lève ensuite la quarantaine."),
        _l("En quarantaine"),
    ),
    "not-kept": Telling(_l("%(tag)s n’est pas encore trié."), _l("Dites d’abord si on le garde.")),
    "not-tested": Telling(
        _l("Le diagnostic de %(tag)s n’est pas complet."), _l("Terminez-le : ce qui n’est pas testé n’est pas bon.")
    ),
    "not-cleaned": Telling(_l("%(tag)s n’a pas été nettoyé."), _l("Nettoyez-le, puis notez-le.")),
    "on-hold": Telling(_l("%(tag)s est mis de côté."), _l("Reprenez-le d’abord.")),
    "wrong-state": Telling(
        _l("« %(action)s » ne part pas de l’étape « %(state)s »."),
        _l("Revenez à l’ordinateur : ses boutons disent ce qui est possible."),
    ),
    "out-of-bench": Telling(
        _l("%(tag)s n’est pas à l’établi : il est à l’étape « %(state)s »."), _l("Recevez-le d’abord.")
    ),
    "bad-report": Telling(_l("Ce rapport ne peut pas être lu."), _l("Refaites l’inventaire avec une version récente.")),
    "seal-broken": Telling(
        _l("Une donnée scellée ne s’ouvre pas."), _l("Prévenez l’administration : les clés ou la base ont changé.")
    ),
    "signature-refused": Telling(
        _l("Cette signature ne prouve rien."), _l("Prévenez l’atelier : rien n’a été accepté.")
    ),
    "keys-refused": Telling(
        _l("Les clés de ce serveur ne sont pas utilisables."), _l("Lancez « ordi doctor » sur le serveur.")
    ),
    "session-not-yours": Telling(
        _l("Ce code n’est pas celui de l’écran."),
        _l("Scannez le code affiché par l’ordinateur, et comparez les trois images."),
    ),
    "session-taken": Telling(
        _l("Quelqu’un a déjà pris ce poste d’établi."), _l("Redémarrez l’ordinateur et scannez de nouveau.")
    ),
    "session-over": Telling(_l("Ce poste d’établi est terminé."), _l("Redémarrez l’ordinateur et scannez de nouveau.")),
    "too-much": Telling(
        _l("Trop d’envois en peu de temps."), _l("Attendez une minute, puis recommencez. Rien n’est perdu.")
    ),
    "too-many-waiting": Telling(
        _l("Trop de postes d’établi attendent d’être pris en main."),
        _l("Prenez en main ceux qui attendent, ou recommencez dans dix minutes. Rien n’est perdu."),
    ),
    "too-much-left": Telling(
        _l("Ce poste d’établi a déjà laissé beaucoup d’inventaires."),
        _l("Prenez-le en main, ou redémarrez l’ordinateur. Rien n’est perdu."),
    ),
    "tests-not-here": Telling(_l("Les disques d’essai ne servent qu’en démonstration."), _l("Prenez un vrai disque.")),
    "drive-not-there": Telling(_l("Ce disque n’a pas été vu dans cet ordinateur."), _l("Refaites l’inventaire.")),
    "job-running": Telling(_l("Un effacement est déjà en cours sur ce disque."), _l("Attendez sa fin, ou arrêtez-le.")),
    "same-hands": Telling(_l("Qui a effacé un disque ne le contrôle pas."), _l("Passez la main à une autre personne.")),
    "same-boot": Telling(
        _l("Le second contrôle demande un autre démarrage."),
        _l("Éteignez l’ordinateur, rallumez-le, puis recommencez."),
    ),
    "nothing-to-check": Telling(_l("Il n’y a pas d’effacement prouvé à contrôler."), _l("Effacez d’abord ce disque.")),
    "no-such-job": Telling(
        _l("Aucun travail de ce poste n’attend cette réponse."),
        _l("Regardez l’ordinateur, puis relancez l’effacement."),
    ),
    "not-proven": Telling(
        _l("Seul un effacement prouvé a un certificat : celui-ci dit « %(verdict)s »."),
        _l("Effacez de nouveau ce disque."),
    ),
    "already-annulled": Telling(_l("Ce papier est déjà annulé."), _l("Prenez celui qui le remplace.")),
    "paper-too-long": Telling(_l("Ce papier ne tient pas sur ses pages."), _l("Raccourcissez le texte libre.")),
    "label-too-small": Telling(
        _l("Le carré serait trop petit pour être lu."), _l("Choisissez des étiquettes plus grandes.")
    ),
    "pdf-seal-refused": Telling(
        _l("Ce PDF n’est pas ce que nous avons scellé."), _l("Demandez l’original à qui vous l’a remis.")
    ),
    "bad-body": Telling(_l("Le message ne peut pas être lu : %(why)s."), _l("Voyez docs/protocol.md.")),
    "cloned": Telling(
        _l("Deux ordinateurs disent être le même."), _l("Prévenez l’atelier : une personne doit trancher.")
    ),
}

FACTS: dict[str, Words | Callable[[str], str]] = {
    "action": life.ACTIONS,
    "state": life.STATES,
    "reason": {**REASONS, **life.HELD},
    "missing": bench.CHECKS,
    "check": bench.CHECKS,
    "role": people.ROLES,
    "kind": people.KINDS,
    "wanted": people.KINDS,
    "permission": people.PERMISSIONS,
    "level": bench.LEVELS,
    "asked": bench.LEVELS,
    "verdict": bench.VERDICTS,
}
"""How the values of a fact of this name are said: a table of words, or what looks them up."""


def learn(refusals: Mapping[str, Telling]) -> None:
    """Add the refusals of a room; two rooms never share a code."""
    twice = refusals.keys() & REFUSALS.keys()
    if twice:
        raise ValueError(f"already told: {', '.join(sorted(twice))}")
    REFUSALS.update(refusals)


def fact_in_words(name: str, value: Any) -> str:
    """One fact as the reader says it."""
    if isinstance(value, list):
        return ", ".join(fact_in_words(name, one) for one in value)
    if isinstance(value, str) and name in FACTS:
        saying = FACTS[name]
        return saying(value) if callable(saying) else said(saying, value)
    return "" if value is None else str(value)


def told(sentence: str, facts: Mapping[str, Any]) -> str:
    """A sentence with its facts; one that is missing leaves a blank rather than an error."""
    words: defaultdict[str, str] = defaultdict(str, {name: fact_in_words(name, value) for name, value in facts.items()})
    return str(sentence) % words
