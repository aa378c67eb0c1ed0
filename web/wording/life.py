"""A machine's life in words: states, actions, notes."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from ordi.machines.custody import Holder
from ordi.machines.labels import Again
from ordi.machines.lifecycle import Action, Note, State
from ordi.machines.machine import Form
from web.wording.words import Words

STATES: Words = {
    State.PROMISED: _l("Promis"),
    State.COLLECTED: _l("Collecté"),
    State.RECEIVED: _l("Reçu"),
    State.SANITISED: _l("Effacé"),
    State.REINSTALLED: _l("Réinstallé"),
    State.READY: _l("Prêt"),
    State.ALLOCATED: _l("Attribué"),
    State.HANDED_OVER: _l("Remis"),
    State.DISMANTLED: _l("Démonté"),
    State.RECYCLED: _l("Recyclé"),
    State.CANCELLED: _l("Annulé"),
    State.REFUSED: _l("Refusé"),
    State.LOST: _l("Perdu"),
}

ACTIONS: Words = {
    Action.PROMISE: _l("Promettre"),
    Action.COLLECT: _l("Collecter"),
    Action.RECEIVE: _l("Recevoir"),
    Action.ADMIT: _l("Faire entrer"),
    Action.CANCEL: _l("Annuler"),
    Action.REFUSE: _l("Refuser"),
    Action.SANITISE: _l("Confirmer l’effacement"),
    Action.REINSTALL: _l("Réinstaller"),
    Action.RELEASE_TO_STOCK: _l("Mettre en stock"),
    Action.ALLOCATE: _l("Attribuer"),
    Action.RELEASE: _l("Rendre au stock"),
    Action.HAND_OVER: _l("Remettre"),
    Action.TAKE_BACK: _l("Reprendre"),
    Action.REOPEN: _l("Rouvrir"),
    Action.DISMANTLE: _l("Démonter"),
    Action.RECYCLE: _l("Recycler"),
    Action.LOSE: _l("Déclarer perdu"),
    Action.FIND: _l("Retrouver"),
}

DONE: Words = {
    Action.PROMISE: _l("C’est promis."),
    Action.COLLECT: _l("C’est collecté."),
    Action.RECEIVE: _l("C’est reçu."),
    Action.ADMIT: _l("C’est entré à l’atelier."),
    Action.CANCEL: _l("C’est annulé."),
    Action.REFUSE: _l("C’est refusé, et c’est écrit."),
    Action.SANITISE: _l("L’effacement est prouvé."),
    Action.REINSTALL: _l("C’est réinstallé."),
    Action.RELEASE_TO_STOCK: _l("C’est en stock."),
    Action.ALLOCATE: _l("C’est attribué."),
    Action.RELEASE: _l("C’est rendu au stock."),
    Action.HAND_OVER: _l("C’est remis."),
    Action.TAKE_BACK: _l("C’est repris. Ses disques sont à effacer de nouveau."),
    Action.REOPEN: _l("C’est rouvert."),
    Action.DISMANTLE: _l("C’est démonté."),
    Action.RECYCLE: _l("C’est recyclé."),
    Action.LOSE: _l("La perte est déclarée."),
    Action.FIND: _l("C’est retrouvé. Tout est à contrôler de nouveau."),
}

NOTES: Words = {
    Note.LABELLED: _l("Étiquette posée"),
    Note.TRIAGED: _l("Tri"),
    Note.INVENTORIED: _l("Inventaire"),
    Note.DESCRIBED: _l("Fiche complétée"),
    Note.MERGED: _l("Réuni à une autre fiche"),
    Note.ABSORBED: _l("Deux fiches réunies"),
    Note.PARTED: _l("Deux fiches séparées"),
    Note.DRIVE_SIGHTED: _l("Disque trouvé"),
    Note.DRIVE_ELSEWHERE: _l("Disque vu ailleurs"),
    Note.DRIVE_REMOVED: _l("Disque retiré"),
    Note.DRIVE_DESTROYED: _l("Disque détruit"),
    Note.DRIVELESS: _l("Aucun disque"),
    Note.WIPE_ORDERED: _l("Effacement lancé"),
    Note.WIPE_STOPPED: _l("Effacement arrêté"),
    Note.WIPE_JUDGED: _l("Effacement jugé"),
    Note.REMOTE_STARTED: _l("Démarrage par le réseau"),
    Note.COUNTER_CHECKED: _l("Second contrôle"),
    Note.CERTIFIED: _l("Certificat"),
    Note.DIAGNOSED: _l("Diagnostic"),
    Note.GRADED: _l("Catégorie"),
    Note.CLEANED: _l("Nettoyage"),
    Note.PUT_ASIDE: _l("Mis de côté"),
    Note.RESUMED: _l("Repris"),
    Note.SHELVED: _l("Rangé"),
    Note.CORRECTED: _l("Corrigé"),
    Note.CUSTODY: _l("Prise en charge"),
    Note.ENROLMENT_PREPARED: _l("Raccordement préparé"),
    Note.ENROLLED: _l("Raccordé"),
    Note.HEALTH_CHANGED: _l("Santé"),
    Note.CHECK_INS_STOPPED: _l("Nouvelles arrêtées"),
    Note.HELP_ASKED: _l("Demande d’aide"),
    Note.FOLLOW_UP_ENDED: _l("Suivi terminé"),
    Note.SWAP_REPORTED: _l("Changement de disque signalé"),
    Note.AUDIT_DRAWN: _l("Tiré au sort"),
    Note.AUDITED: _l("Audit"),
    Note.LATE_CONTRADICTION: _l("Effacement démenti"),
    Note.AREA_REVEALED: _l("Zone cachée levée"),
    Note.CERTIFICATE_ANNULLED: _l("Certificat annulé"),
    Note.QUARANTINED: _l("Quarantaine"),
    Note.RELEASED: _l("Quarantaine levée"),
    Note.CLAIMED: _l("Effacement déclaré"),
    Note.TASK_OPENED: _l("À faire"),
    Note.TASK_CLOSED: _l("Tâche close"),
    Note.PART_TAKEN: _l("Pièce sortie"),
    Note.PART_FITTED: _l("Pièce montée"),
    Note.PART_PASSED_ON: _l("Pièce passée à un autre"),
    Note.PART_GIVEN: _l("Pièce mise avec"),
    Note.PART_AWAITED: _l("Attend une pièce"),
    Note.PART_GIVEN_UP: _l("N’attend plus"),
    Note.REPAIRED: _l("Réparé"),
    Note.INCIDENT_STEP: _l("Démarche après une perte"),
    Note.INCIDENT_CLOSED: _l("Dossier de perte clos"),
    Note.PHOTOGRAPHED: _l("Photo"),
    Note.PHOTO_REMOVED: _l("Photo retirée"),
}

HELD: Words = {
    "hold": _l("Mis de côté"),
    "part": _l("Attend une pièce"),
    "second": _l("Attend le second contrôle"),
    "claimed": _l("Appartenance à vérifier"),
}

TRIAGE: Words = {"keep": _l("Gardé"), "dismantle": _l("À démonter"), "refuse": _l("Refusé"), "": _l("Pas encore trié")}

FORMS: Words = {
    Form.LAPTOP: _l("Portable"),
    Form.DESKTOP: _l("Fixe"),
    Form.ALL_IN_ONE: _l("Tout-en-un"),
    Form.UNKNOWN: _l("Ordinateur"),
}

HOLDERS: Words = {
    Holder.DONOR: _l("Donateur"),
    Holder.DRIVER: _l("Transport"),
    Holder.WORKSHOP: _l("Atelier"),
    Holder.PARTNER: _l("Structure partenaire"),
    Holder.HOUSEHOLD: _l("Foyer"),
    Holder.RECYCLER: _l("Recycleur"),
}

LABELLED_AGAIN: Words = {
    Again.TORN: _l("Abîmée"),
    Again.LOST: _l("Tombée"),
    Again.UNREADABLE: _l("Ne se scanne plus"),
    Again.SECOND: _l("Une deuxième dessus"),
    Again.NEW_CASE: _l("Nouveau boîtier"),
    Again.NOT_PRINTED: _l("Mal imprimée"),
}
"""Why a computer that carries its label gets another."""
