"""The bench in words: questions at arm's length, choices, profiles, refusals."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from ordi.bench.corrections import UNDONE, Because
from ordi.bench.destruction import How, WhyDestroyed
from ordi.bench.diagnosis import Below
from ordi.bench.holding import Hold
from ordi.bench.loose_drives import Why
from ordi.bench.losses import Loss
from ordi.bench.merging import Cause
from ordi.bench.triage import Correction, Reason
from ordi.errors import Refused
from ordi.machines.checks import Check
from web.wording import reasons, refusals
from web.wording.corrections import WHAT
from web.wording.corrections import value as value
from web.wording.refusals import Telling
from web.wording.words import said

QUESTIONS: dict[str, Any] = {
    Check.POWER: _l("S’allume-t-il, et reste-t-il allumé ?"),
    Check.SCREEN: _l("L’écran est-il entier, clair, sans tache ?"),
    Check.KEYBOARD: _l("Toutes les touches répondent-elles ?"),
    Check.POINTER: _l("Le pavé bouge-t-il et clique-t-il ?"),
    Check.SOUND: _l("Entend-on le son ?"),
    Check.PORTS: _l("Les prises tiennent-elles une clé USB ?"),
    Check.NETWORK: _l("Le Wi-Fi et le câble marchent-ils ?"),
    Check.CAMERA: _l("La caméra montre-t-elle une image ?"),
    Check.BATTERY: _l("La batterie tient-elle une heure ?"),
    Check.MEMORY: _l("Le test de mémoire passe-t-il ?"),
    Check.DRIVE_HEALTH: _l("Le disque se dit-il en bonne santé ?"),
    Check.TOUCH: _l("Le doigt agit-il partout sur l’écran ?"),
    Check.MICROPHONE: _l("Le micro entend-il votre voix ?"),
    Check.BIOS_LOCK: _l("Entre-t-on dans le BIOS sans mot de passe ?"),
    Check.MDM_LOCK: _l("Démarre-t-il sans demander le compte d’une entreprise ?"),
    Check.APPLE_LOCK: _l("Démarre-t-il sans demander le compte Apple de quelqu’un ?"),
    Check.TRACKER_LOCK: _l("Computrace (Absolute) est-il éteint ?"),
}

ANSWERS: dict[str, Any] = {
    "good": _l("Oui, bon"),
    "worn": _l("Oui, mais usé"),
    "failed": _l("Non"),
    "absent": _l("N’en a pas"),
}

REASONS: dict[str, Any] = {
    Reason.TOO_OLD: _l("Trop vieux"),
    Reason.BROKEN: _l("En panne"),
    Reason.INCOMPLETE: _l("Incomplet"),
    Reason.LOCKED: _l("Verrouillé"),
    Reason.UNSAFE: _l("Dangereux"),
    Reason.NOT_A_COMPUTER: _l("Pas un ordinateur"),
    Reason.PARTS_WANTED: _l("Besoin des pièces"),
    Reason.NOT_WORTH_IT: _l("Réparation trop longue ou trop chère"),
}

REASON_ICONS: dict[str, Any] = {
    Reason.TOO_OLD: "clock",
    Reason.BROKEN: "cross",
    Reason.INCOMPLETE: "part",
    Reason.LOCKED: "lock",
    Reason.UNSAFE: "alert",
    Reason.NOT_A_COMPUTER: "question",
    Reason.PARTS_WANTED: "dismantled",
    Reason.NOT_WORTH_IT: "scale",
}

CORRECTIONS: dict[str, Any] = {
    Correction.MISTAKE: _l("C’était une erreur"),
    Correction.REPAIRED: _l("Il a été réparé"),
    Correction.NEW_LOOK: _l("Regardé de nouveau"),
}

REGRADINGS: dict[str, Any] = {
    "mistake": _l("C’était une erreur"),
    "repaired": _l("Il a été réparé"),
    "worse": _l("Il s’est abîmé"),
    "new_look": _l("Regardé de nouveau"),
}

USES: dict[str, Any] = {
    "office": _l("Bureautique et courriel"),
    "school": _l("École"),
    "video": _l("Visioconférence"),
    "pictures": _l("Photo et dessin"),
    "games": _l("Jeux légers"),
}

NEEDS: dict[str, Any] = {
    "memory": _l("mémoire"),
    "cores": _l("puissance"),
    "flash": _l("disque rapide"),
    "processor": _l("processeur"),
    "drive": _l("place sur le disque"),
    "tpm": _l("puce de sécurité (TPM 2.0)"),
    "firmware": _l("démarrage UEFI"),
}

THREE: dict[str, Any] = {"yes": _l("Oui"), "no": _l("Non"), "unknown": _l("On ne sait pas")}

BELOW: dict[str, Any] = {
    Below.SCRATCHED: _l("Coque rayée"),
    Below.MARKED: _l("Traces ou autocollants"),
    Below.NOISY: _l("Bruyant"),
    Below.SLOW: _l("Lent"),
}

CORRECTED = WHAT

BECAUSE: dict[str, Any] = {
    Because.MISTAKE: _l("C’était une erreur"),
    Because.LABEL: _l("Mauvaise étiquette"),
    Because.NEW_LOOK: _l("Regardé de nouveau"),
}

HOLDS: dict[str, Any] = {
    Hold.PART: _l("Il manque une pièce"),
    Hold.HOLD: _l("Mettre de côté"),
    Hold.SECOND: _l("Une autre personne doit voir"),
    Hold.CLAIMED: _l("À qui est-il vraiment ?"),
}

WHYS: dict[str, Any] = {
    Why.FAULTY: _l("Disque en panne"),
    Why.WIPE_FAILED: _l("Effacement raté"),
    Why.TO_DESTROY: _l("À détruire"),
    Why.UPGRADE: _l("Remplacé par un meilleur"),
    Why.FOR_PARTS: _l("Pour un autre ordinateur"),
    Why.DONOR_KEEPS: _l("Le donateur le garde"),
}

HOWS: dict[str, Any] = {
    How.SHREDDED: _l("Broyé"),
    How.DRILLED: _l("Percé"),
    How.CRUSHED: _l("Écrasé"),
    How.DEGAUSSED: _l("Démagnétisé"),
}

DESTRUCTIONS: dict[str, Any] = {
    WhyDestroyed.WIPE_FAILED: _l("Effacement raté"),
    WhyDestroyed.BELOW_ASKED: _l("N’atteint pas le niveau demandé"),
    WhyDestroyed.FAULTY: _l("Disque en panne"),
    WhyDestroyed.LOCKED: _l("Disque verrouillé"),
    WhyDestroyed.DONOR_ASKS: _l("Le donateur le demande"),
}

DESTRUCTION_ICONS = {
    WhyDestroyed.WIPE_FAILED: "wipe",
    WhyDestroyed.BELOW_ASKED: "grade",
    WhyDestroyed.FAULTY: "cross",
    WhyDestroyed.LOCKED: "lock",
    WhyDestroyed.DONOR_ASKS: "donor",
}

LOSSES: dict[str, Any] = {
    Loss.STOLEN: _l("Volé"),
    Loss.NOT_FOUND: _l("Introuvable"),
    Loss.IN_TRANSIT: _l("Perdu en route"),
}

KNOWN: dict[str, Any] = {
    "0": _l("À l’instant"),
    "1": _l("Hier"),
    "2": _l("Avant-hier"),
    "3": _l("Il y a trois jours"),
}

PROFILES: dict[str, Any] = {
    "bureau": _l("Bureau"),
    "ecole": _l("École"),
    "gros_caracteres": _l("Gros caractères"),
    "association": _l("Association"),
    "formation": _l("Formation"),
    "leger": _l("Léger, peu de mémoire"),
}

PROFILE_ICONS = {
    "bureau": "desktop",
    "ecole": "school",
    "gros_caracteres": "see",
    "association": "association",
    "formation": "training",
    "leger": "leaf",
}


def profile(code: str) -> str:
    """A software profile."""
    return said(PROFILES, code)


def profile_icon(code: str) -> str:
    """Its pictogram."""
    return str(PROFILE_ICONS[code])


def stop(refusal: Refused) -> tuple[str, str]:
    """What is in the way, and what to do about it."""
    telling = refusals.REFUSALS[refusal.code]
    return refusals.told(telling.what, refusal.facts), refusals.told(telling.mend, refusal.facts)


CAUSES: dict[str, Any] = {
    Cause.TWICE: _l("Entré deux fois"),
    Cause.LABELLED: _l("Deux étiquettes sur le même"),
    Cause.BOARD: _l("Carte mère changée"),
}

WHYS_NOT_READ: dict[str, Any] = {
    "empty": _l("Le fichier est vide."),
    "not-json": _l("Le fichier est coupé ou abîmé."),
    "not-xml": _l("Le fichier est coupé ou abîmé."),
    "too-deep": _l("Le fichier n’a pas une forme lisible."),
    "entities": _l("Le fichier contient des renvois interdits."),
    "nothing-readable": _l("Rien dedans ne décrit un ordinateur."),
    "not-an-inventory": _l("Ce n’est pas un inventaire."),
    "unknown-format": _l("Ce n’est pas un format connu."),
    "reader-failed": _l("Ordi n’a pas su le lire. Il est gardé et sera relu."),
    "unreadable": _l("Une partie du fichier est illisible."),
    "out-of-bench": _l("Cet ordinateur n’est pas à l’atelier : rien n’a été changé."),
    "nobody-answers": _l("Personne ne répond de ce qui l’a envoyé."),
    "not-allowed": _l("Qui répond de l’envoi n’a plus le droit de faire entrer un ordinateur."),
    "two-machines": _l("Il ressemble à plusieurs ordinateurs."),
    "other-serial": _l("Même identifiant, autre numéro de série."),
    "other-uuid": _l("Même numéro de série, autre identifiant."),
    "elsewhere": _l("Un autre atelier a un ordinateur pareil."),
    "tag-unreadable": _l("L’étiquette donnée n’existe pas."),
    "drive-unknown": _l("Il parle d’un disque que personne n’a encore vu."),
    "drive-known": _l("Il ne dit pas son numéro, mais un de ses disques est connu."),
}


def why_not(code: str) -> str:
    """Why a report has no machine, or could not be read."""
    first = code.replace(":", " ").split(" ")[0] if code else ""
    return said(WHYS_NOT_READ, first) if first in WHYS_NOT_READ else ""


reasons.learn(
    {
        UNDONE: _l("correction annulée"),
        **BECAUSE,
        **CAUSES,
        **BELOW,
        **REASONS,
        **CORRECTIONS,
        **REGRADINGS,
        **DESTRUCTIONS,
        **WHYS,
        **HOWS,
        **LOSSES,
    }
)
refusals.learn(
    {
        "already-triaged": Telling(
            _l("%(tag)s est déjà trié."), _l("Pour changer, corrigez le tri en disant pourquoi.")
        ),
        "not-triaged": Telling(_l("%(tag)s n’est pas encore trié."), _l("Triez-le d’abord.")),
        "why-not-kept": Telling(_l("Il manque la raison."), _l("Dites pourquoi on ne garde pas %(tag)s.")),
        "diagnosis-incomplete": Telling(
            _l("Le diagnostic de %(tag)s n’est pas complet."), _l("Testez ou réparez ce qui reste.")
        ),
        "above-the-rule": Telling(
            _l("La règle donne %(grade)s à %(tag)s."), _l("On peut donner moins, avec une raison ; jamais plus.")
        ),
        "why-below": Telling(_l("La règle donne %(grade)s à %(tag)s."), _l("Dites pourquoi vous donnez moins.")),
        "locked": Telling(
            _l("%(tag)s est verrouillé par son ancien propriétaire."),
            _l("Demandez au donateur de lever le verrou : la lettre est prête, page « Tester »."),
        ),
        "why-regraded": Telling(_l("%(tag)s a déjà une catégorie."), _l("Dites pourquoi elle change.")),
        "already-held": Telling(_l("%(tag)s est déjà de côté."), _l("Reprenez-le d’abord.")),
        "not-held": Telling(_l("%(tag)s n’est pas de côté."), _l("Revenez à sa page.")),
        "too-little-memory": Telling(_l("%(tag)s n’a pas assez de mémoire pour ce profil."), _l("Prenez « Léger ».")),
        "no-drive-to-install": Telling(
            _l("%(tag)s n’a pas de disque."), _l("Montez un disque effacé, puis refaites l’inventaire.")
        ),
        "already-decided": Telling(
            _l("Quelqu’un a déjà dit quel ordinateur c’est."), _l("Revenez à la liste : il n’y est plus.")
        ),
        "nothing-readable": Telling(
            _l("Ce fichier ne dit rien d’un ordinateur."), _l("Rangez-le, ou demandez un autre fichier.")
        ),
        "nobody-answers": Telling(
            _l("Personne ne répond de ce qui a envoyé ce fichier."), _l("Dites vous-même quel ordinateur c’est.")
        ),
        "merged-away": Telling(_l("%(tag)s est maintenant %(now)s."), _l("Continuez avec %(now)s.")),
        "same-machine": Telling(_l("C’est déjà la même fiche."), _l("Choisissez deux fiches différentes.")),
        "not-mergeable": Telling(
            _l("%(tag)s est promis à quelqu’un, dehors, ou parti."), _l("Faites-le d’abord revenir à l’atelier.")
        ),
        "keep-the-other": Telling(
            _l("%(tag)s doit rester : il porte le don ou le passé le plus long."), _l("Réunissez dans l’autre sens.")
        ),
        "two-gifts": Telling(
            _l("%(tag)s et %(other)s viennent de deux dons."), _l("Ce sont deux ordinateurs, ou un don est mal noté.")
        ),
        "merge-job-running": Telling(
            _l("Un disque de %(tag)s est en cours d’effacement."), _l("Attendez qu’il finisse, ou arrêtez-le.")
        ),
        "too-late-to-part": Telling(
            _l("Il est arrivé autre chose à %(tag)s depuis."), _l("On ne peut plus séparer les deux fiches.")
        ),
        "same-person": Telling(_l("Il faut deux personnes."), _l("Appelez quelqu’un de l’atelier.")),
        "already-removed": Telling(_l("Ce disque est déjà noté comme retiré."), _l("Revenez à la page.")),
        "still-inside": Telling(
            _l("Le disque …%(serial)s est encore dans %(tag)s."), _l("Retirez-le d’abord, devant témoin.")
        ),
        "already-destroyed": Telling(_l("Le disque …%(serial)s est déjà détruit."), _l("Revenez à la liste.")),
        "photo-unusable": Telling(
            _l("La photo manque, ou ne peut pas être lue."),
            _l("Prenez une photo du disque détruit : JPEG, PNG ou WebP, 7 Mo au plus."),
        ),
        "degaussed-flash": Telling(
            _l("Un aimant n’efface pas le disque …%(serial)s."), _l("Percez-le, écrasez-le ou broyez-le.")
        ),
        "drives-known": Telling(_l("%(tag)s contient un disque connu."), _l("Effacez-le, ou retirez-le à deux.")),
        "already-driveless": Telling(_l("C’est déjà constaté pour %(tag)s."), _l("Revenez à sa page.")),
        "witness-unknown": Telling(
            _l("Ce nom ou ce mot de passe n’est pas celui du témoin."), _l("Le témoin retape les siens.")
        ),
        "witness-badge-unknown": Telling(
            _l("Ce badge ou ces images ne sont pas ceux du témoin."),
            _l("Le témoin recommence, sur un appareil de l’atelier, ou tape son mot de passe."),
        ),
        "witness-waits": Telling(
            _l("Trop d’essais pour ce témoin."), _l("Attendez %(seconds)s secondes, puis recommencez.")
        ),
    }
)
