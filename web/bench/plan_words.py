"""The plan of a wipe in plain words: what will happen, what reaches further, what stands in the way and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from web.wording.refusals import Telling, learn
from web.wording.words import Words, said

STEPS: Words = {
    "erase": _l("Le disque s’efface lui-même"),
    "write": _l("Tout le disque est réécrit"),
    "read": _l("Chaque octet est relu"),
    "check": _l("64 endroits tirés au sort sont contrôlés"),
}

ICONS = {"erase": "spark", "write": "wipe", "read": "search", "check": "draw"}

NOTES: Words = {
    "frozen": _l("Ce disque est gelé : il ne pourra s’effacer lui-même qu’après une mise en veille."),
    "password-set": _l("Un mot de passe est posé sur ce disque. Enlevez-le, sinon il se verrouille à l’arrêt."),
    "starts-from-boot-area": _l("Sa zone de démarrage sert à la carte : elle n’est pas effacée."),
    "rpmb": _l("Sa zone RPMB est fermée à clé : personne ne peut l’effacer."),
    "usb-bridge": _l("Relié par USB : seul ce que le boîtier montre est effacé."),
    "flash-stays-clear": _l("Réécrit, il garde des zones hors d’atteinte : le niveau reste Clear."),
}


@dataclass(frozen=True)
class Way:
    """What stands in the way, and what to do."""

    what: str
    mend: str


REFUSALS: dict[str, Way] = {
    "locked": Way(
        _l("Ce disque est verrouillé par un mot de passe."), _l("Demandez-le au donateur, ou détruisez le disque.")
    ),
    "locked-by-owner": Way(
        _l("Ce disque chiffré est verrouillé par son ancien propriétaire."),
        _l("Remettez-le à zéro avec le code PSID de son étiquette, puis refaites l’inventaire. Sinon, détruisez-le."),
    ),
    "removable-flash": Way(
        _l("C’est une carte mémoire : elle ne s’efface pas avec certitude."), _l("Retirez-la et détruisez-la.")
    ),
    "hidden-area": Way(
        _l("Ce disque a une zone cachée."),
        _l("Acceptez ci-dessous de la lever. Si le disque ne la rend pas, détruisez-le."),
    ),
}

BEFORE: dict[str, Way] = {
    "wake": Way(
        _l("Mettre en veille une fois"),
        _l("L’écran s’éteint un quart de minute, puis revient. Le disque pourra alors s’effacer lui-même."),
    ),
    "reveal": Way(_l("Lever la zone cachée"), _l("Le disque montre tout ce qu’il a, pour de bon, et tout est effacé.")),
}
"""What a person may agree to before a wipe."""

RAID = Way(
    _l("Un mode RAID (Intel RST, VMD…) cache peut-être des disques."),
    _l("Dans le BIOS, choisissez AHCI, puis redémarrez sur la clé Ordi : l’inventaire se refait."),
)


def step(code: str) -> str:
    """One step of a plan."""
    return said(STEPS, code)


def note(code: str) -> str:
    """What is said beside a plan."""
    return said(NOTES, code)


learn(
    {
        "not-wipeable": Telling(
            _l("Le disque %(drive)s ne peut pas être effacé ainsi."), _l("Sa page dit ce qui bloque, et quoi faire.")
        )
    }
)
