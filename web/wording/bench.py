"""The bench in words: checks, drives, wipes."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from ordi.bench.tasks import Outcome, WhyDropped, Work
from ordi.machines.checks import Check, How, Result
from ordi.machines.drive import Medium, Standing
from web.wording.words import Words, said

CHECKS: Words = {
    Check.POWER: _l("Alimentation"),
    Check.SCREEN: _l("Écran"),
    Check.TOUCH: _l("Écran tactile"),
    Check.KEYBOARD: _l("Clavier"),
    Check.POINTER: _l("Pavé tactile"),
    Check.SOUND: _l("Son"),
    Check.MICROPHONE: _l("Micro"),
    Check.PORTS: _l("Prises"),
    Check.NETWORK: _l("Réseau"),
    Check.CAMERA: _l("Caméra"),
    Check.BATTERY: _l("Batterie"),
    Check.MEMORY: _l("Mémoire"),
    Check.DRIVE_HEALTH: _l("Santé du disque"),
    Check.BIOS_LOCK: _l("Mot de passe du BIOS"),
    Check.MDM_LOCK: _l("Compte d’entreprise"),
    Check.APPLE_LOCK: _l("Compte Apple"),
    Check.TRACKER_LOCK: _l("Traceur Computrace"),
    Check.CLEANING: _l("Nettoyage"),
    "grade": _l("Catégorie"),
}

RESULTS: Words = {
    Result.GOOD: _l("Bon"),
    Result.WORN: _l("Usé"),
    Result.FAILED: _l("En panne"),
    Result.ABSENT: _l("N’en a pas"),
}

HOWS: Words = {
    How.PERSON: _l("regardé"),
    How.AGENT: _l("mesuré"),
    How.BROWSER: _l("essayé sur lui"),
}

TASKS: Words = {
    Work.REPAIR: _l("Réparer"),
    Work.PART: _l("Trouver la pièce"),
    Work.DISMANTLE: _l("Démonter"),
    Work.LOCK: _l("Lever le verrou"),
}

OUTCOMES: Words = {Outcome.DONE: _l("Fait"), Outcome.DROPPED: _l("Abandonné")}

DROPS: Words = {
    WhyDropped.MISTAKE: _l("C’était une erreur"),
    WhyDropped.NO_PART: _l("Pièce introuvable"),
    WhyDropped.NOT_WORTH_IT: _l("Ne vaut pas la réparation"),
    WhyDropped.DISMANTLED: _l("Démonté"),
}


def task(kind: str, what: str) -> str:
    """What is to be done: « Réparer : écran »."""
    about = said(CHECKS, what)
    return f"{said(TASKS, kind)} : {about.lower()}" if about and what != kind else said(TASKS, kind)


VERDICTS: Words = {
    "PASS": _l("effacé, prouvé"),
    "UNKNOWN": _l("non prouvé, ne sort pas"),
    "FAIL": _l("échec"),
    "UNHANDLED": _l("PAS effacé"),
    "DESTROYED": _l("détruit"),
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

FORMATS: Words = {
    "ordi-inventory/1": _l("Ordi"),
    "ordi": _l("Ordi"),
    "glpi": _l("GLPI"),
    "ereuse": _l("eReuse"),
    "lshw": _l("lshw"),
    "dmidecode": _l("dmidecode"),
    "smartctl": _l("smartctl"),
    "unknown": _l("inconnu"),
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
    "counter_checked": _l("contre-contrôlé"),
    "audited": _l("audité"),
    "offline": _l("exécuté hors ligne"),
}

TECHNIQUES: Words = {
    "overwrite-aes256ctr": _l("réécriture et relecture de tout le disque"),
    "ata-sanitize-block-erase": _l("effacement par le disque (ATA Sanitize, blocs), puis réécriture et relecture"),
    "ata-sanitize-crypto-scramble": _l("effacement par le disque (ATA Sanitize, clé), puis réécriture et relecture"),
    "ata-sanitize-overwrite": _l("effacement par le disque (ATA Sanitize, réécriture), puis réécriture et relecture"),
    "ata-security-erase": _l("effacement par le disque (ATA Security Erase), puis réécriture et relecture"),
    "ata-security-erase-enhanced": _l(
        "effacement par le disque (ATA Security Erase renforcé), puis réécriture et relecture"
    ),
    "nvme-sanitize-block-erase": _l("effacement par le disque (NVMe Sanitize, blocs), puis réécriture et relecture"),
    "nvme-sanitize-crypto-erase": _l("effacement par le disque (NVMe Sanitize, clé), puis réécriture et relecture"),
    "nvme-format-user-data-erase": _l("effacement par le disque (NVMe Format), puis réécriture et relecture"),
    "nvme-format-crypto-erase": _l("effacement par le disque (NVMe Format, clé), puis réécriture et relecture"),
    "emmc-sanitize": _l("effacement par le disque (eMMC Sanitize), puis réécriture et relecture"),
    "emmc-secure-trim": _l("effacement par le disque (eMMC Secure Trim), puis réécriture et relecture"),
    "read-drawn-sectors": _l("relecture de secteurs tirés au sort"),
    "manual": _l("déclaré à la main"),
    "physical-destruction": _l("destruction du disque, vue par deux personnes"),
}

PHASES: Words = {
    "open": _l("Attend l’ordinateur"),
    "confirmed": _l("Commence"),
    "erasing": _l("S’efface lui-même"),
    "writing": _l("Réécrit"),
    "reading": _l("Relit"),
    "committed": _l("Contrôle"),
    "judged": _l("Terminé"),
    "refused": _l("Refusé par l’ordinateur"),
    "failed": _l("Échec"),
    "cancelled": _l("Arrêté"),
}

PICTOGRAMS: Words = {
    "cat": _l("un chat"),
    "key": _l("une clé"),
    "boat": _l("un bateau"),
    "sun": _l("un soleil"),
    "tree": _l("des arbres"),
    "umbrella": _l("un parapluie"),
    "bell": _l("une cloche"),
    "star": _l("une étoile"),
    "apple": _l("une pomme"),
    "fish": _l("un poisson"),
    "bike": _l("un vélo"),
    "cloud": _l("un nuage"),
}

WIPE_REASONS: Words = {
    "no-job": _l("aucun ordre d’effacement ne correspond"),
    "job-used": _l("cet ordre a déjà servi"),
    "not-adopted": _l("personne ne répondait de cette séance"),
    "started-late": _l("l’ordre n’était plus valable"),
    "wrong-nonce": _l("le rapport ne vient pas de cet ordre"),
    "another-drive": _l("ce n’est pas le disque demandé"),
    "another-wwn": _l("ce n’est pas le disque demandé"),
    "another-technique": _l("ce n’est pas la méthode demandée"),
    "test-contradicts": _l("un essai ne prouve rien"),
    "drive-filled-since": _l("le disque a resservi depuis"),
    "challenge-mismatch": _l("le disque ne contient pas ce qui devait y être écrit"),
    "challenge-unanswered": _l("l’ordinateur n’a pas pu relire les endroits tirés au sort"),
    "wipe-failed": _l("le disque a répondu par une erreur"),
    "wipe-aborted": _l("l’effacement a été interrompu"),
    "device-errors": _l("des secteurs sont illisibles"),
    "sectors-skipped": _l("des secteurs n’ont pas été écrits"),
    "read-back-differs": _l("la relecture ne retrouve pas ce qui a été écrit"),
    "not-all-written": _l("le disque n’a pas été écrit en entier"),
    "not-all-read": _l("le disque n’a pas été relu en entier"),
    "size-contradicts": _l("la taille annoncée se contredit"),
    "status-contradicts": _l("le disque se contredit"),
    "faster-than-its-link": _l("plus rapide que ce disque ne le peut"),
    "longer-than-the-clock": _l("plus long que le temps écoulé"),
    "smart-contradicts": _l("les compteurs du disque se contredisent"),
    "firmware-contradicts": _l("ce qui est dit de l’effacement par le disque se contredit"),
    "password-left-set": _l("un mot de passe est resté sur le disque"),
    "firmware-not-offered": _l("le disque ne sait finalement pas s’effacer lui-même"),
    "firmware-frozen": _l("le disque était gelé : il ne s’est pas effacé lui-même"),
    "firmware-locked": _l("le disque était verrouillé : il ne s’est pas effacé lui-même"),
    "firmware-refused": _l("le disque a refusé de s’effacer lui-même"),
    "firmware-failed": _l("le disque n’a pas réussi à s’effacer lui-même"),
    "firmware-unreadable": _l("le disque n’a pas dit s’il s’est effacé lui-même"),
    "firmware-marks-stay": _l("rien ne prouve que le disque s’est effacé lui-même"),
    "firmware-unseen": _l("rien ne prouve que le disque s’est effacé lui-même"),
    "boot-area-kept": _l("une zone de démarrage n’a pas pu être effacée"),
    "boot-area-differs": _l("une zone de démarrage ne contient pas ce qui y a été écrit"),
    "counter-check-differs": _l("le second contrôle trouve autre chose"),
    "counter_check": _l("le second contrôle trouve autre chose"),
    "counters": _l("un compteur du disque a reculé"),
    "refused:mounted": _l("le disque est utilisé par le système"),
    "refused:boot-disk": _l("l’ordinateur a démarré sur ce disque"),
    "refused:held": _l("le disque est utilisé par un autre programme"),
    "refused:read-only": _l("le disque est protégé en écriture"),
    "refused:removable": _l("le disque est amovible"),
    "refused:wrong-serial": _l("ce n’est pas le disque demandé"),
    "refused:wrong-size": _l("ce n’est pas le disque demandé"),
    "refused:no-such-drive": _l("le disque n’est plus là"),
    "refused:changed": _l("le disque a changé entre-temps"),
    "refused:ambiguous": _l("deux disques portent ce numéro de série"),
    "refused:wrong-wwn": _l("ce n’est pas le disque demandé"),
    "refused:swap": _l("le disque est utilisé par le système"),
    "refused:zero-length": _l("le disque ne répond plus : taille nulle"),
    "refused:not-permitted": _l("l’agent n’avait pas le droit d’ouvrir le disque"),
    "refused:expired": _l("l’ordre n’était plus valable"),
    "refused:power-cycle-needed": _l("la zone cachée est levée : éteignez, rallumez, refaites l’inventaire"),
    "refused:area-stays": _l("le disque ne rend pas sa zone cachée : à détruire"),
    "refused:unknown-technique": _l("la clé Ordi est trop ancienne pour cette méthode"),
}
