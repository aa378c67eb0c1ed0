"""The bench in words: checks, drives, wipes."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from ordi.machines.checks import Check, Result
from ordi.machines.drive import Medium, Standing
from web.wording.words import Words

CHECKS: Words = {
    Check.POWER: _l("Alimentation"),
    Check.SCREEN: _l("Écran"),
    Check.KEYBOARD: _l("Clavier"),
    Check.POINTER: _l("Pavé tactile"),
    Check.SOUND: _l("Son"),
    Check.PORTS: _l("Prises"),
    Check.NETWORK: _l("Réseau"),
    Check.CAMERA: _l("Caméra"),
    Check.BATTERY: _l("Batterie"),
    Check.MEMORY: _l("Mémoire"),
    Check.DRIVE_HEALTH: _l("Santé du disque"),
    Check.LOCKS: _l("Verrous et comptes"),
    Check.CLEANING: _l("Nettoyage"),
    "grade": _l("Catégorie"),
}

RESULTS: Words = {
    Result.GOOD: _l("Bon"),
    Result.WORN: _l("Usé"),
    Result.FAILED: _l("En panne"),
    Result.ABSENT: _l("N’en a pas"),
}

VERDICTS: Words = {
    "PASS": _l("effacé, prouvé"),
    "UNKNOWN": _l("non prouvé, ne sort pas"),
    "FAIL": _l("échec"),
    "UNHANDLED": _l("PAS effacé"),
}

STANDINGS: Words = {
    Standing.HOLDS_DATA: _l("contient peut-être des données"),
    Standing.SANITISED: _l("effacé, prouvé"),
    Standing.DESTROYED: _l("détruit"),
}

MEDIA: Words = {
    Medium.HDD: _l("Disque dur"),
    Medium.SSD: _l("SSD"),
    Medium.NVME: _l("NVMe"),
    Medium.EMMC: _l("eMMC"),
    Medium.UNKNOWN: _l("Disque"),
}

LEVELS: Words = {
    "none": _l("Aucun"),
    "clear": _l("Clear"),
    "purge": _l("Purge"),
    "destroy": _l("Destroy"),
}

ASSURANCES: Words = {
    "declared": _l("déclaré"),
    "executed": _l("exécuté"),
    "counter-checked": _l("contre-contrôlé"),
    "audited": _l("audité"),
    "offline": _l("exécuté hors ligne"),
}

TECHNIQUES: Words = {
    "overwrite-aes256ctr": _l("réécriture et relecture de tout le disque"),
    "read-drawn-sectors": _l("relecture de secteurs tirés au sort"),
    "manual": _l("déclaré à la main"),
}

PHASES: Words = {
    "open": _l("Attend l’ordinateur"),
    "confirmed": _l("Commence"),
    "writing": _l("Écrit"),
    "reading": _l("Relit"),
    "committed": _l("Contrôle"),
    "judged": _l("Terminé"),
    "refused": _l("Refusé par l’ordinateur"),
    "failed": _l("Échec"),
    "cancelled": _l("Arrêté"),
}
