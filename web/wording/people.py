"""People in words: roles, organisations, what they may do."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from ordi.parties.organisations import Kind, Nature
from ordi.parties.people import Role
from web.wording.words import Words

ROLES: Words = {
    Role.TECHNICIAN: _l("Technicien"),
    Role.LEAD: _l("Responsable d’atelier"),
    Role.DRIVER: _l("Chauffeur"),
    Role.COORDINATOR: _l("Coordination du pôle"),
    Role.SOCIAL_WORKER: _l("Travail social"),
    Role.PARTNER_LEAD: _l("Responsable de structure"),
    Role.ANIMATOR: _l("Animation"),
    Role.MEDIATOR: _l("Médiation"),
    Role.LANDLORD_OFFICER: _l("Bailleur"),
    Role.SCHOOL_OFFICER: _l("École"),
    Role.SIGNATORY: _l("Signataire d’association"),
    Role.VOLUNTEER: _l("Bénévole"),
    Role.FUNDER: _l("Financeur"),
    Role.DONOR_CONTACT: _l("Donateur"),
    Role.AUDITOR: _l("Audit"),
    Role.ADMINISTRATOR: _l("Administration"),
}

KINDS: Words = {
    Kind.NETWORK: _l("Réseau"),
    Kind.POLE: _l("Pôle"),
    Kind.WORKSHOP: _l("Atelier"),
    Kind.DONOR: _l("Donateur"),
    Kind.PARTNER: _l("Structure partenaire"),
    Kind.FUNDER: _l("Financeur"),
}

NATURES: Words = {
    Nature.PUBLIC: _l("Public"),
    Nature.COMPANY: _l("Entreprise"),
    Nature.INDIVIDUAL: _l("Particulier"),
    Nature.ASSOCIATION: _l("Association"),
}

SCOPES: Words = {
    "evidence:write": _l("envoyer des inventaires"),
    "machines:read": _l("lire les ordinateurs"),
    "figures:read": _l("lire les chiffres"),
    "journal:read": _l("lire les têtes du journal"),
}

PERMISSIONS: Words = {
    "machines.look-up": _l("reconnaître une étiquette"),
    "machines.see": _l("voir un ordinateur"),
    "machines.list": _l("voir la liste des ordinateurs"),
    "machines.history": _l("lire toute la vie d’un ordinateur"),
    "machines.export": _l("exporter la liste des ordinateurs"),
    "machines.merge": _l("réunir deux fiches d’un même ordinateur"),
    "parts.work": _l("ranger, sortir et monter des pièces"),
    "parts.see": _l("voir les pièces et ce qui manque"),
    "parts.plan": _l("dire combien garder de chaque pièce"),
    "bench.correct": _l("corriger un lot, un numéro ou une catégorie en stock"),
    "incidents.see": _l("voir les pertes et les vols"),
    "incidents.follow": _l("suivre une perte ou un vol"),
    "labels.print": _l("imprimer des étiquettes"),
    "labels.printers": _l("tenir la liste des imprimantes à étiquettes"),
    "giving.offer": _l("proposer un don"),
    "giving.see": _l("voir les dons"),
    "giving.decide": _l("décider d’un don"),
    "giving.collect": _l("collecter"),
    "giving.receive": _l("recevoir un lot"),
    "bench.work": _l("travailler à l’établi"),
    "bench.wipe": _l("effacer"),
    "bench.adopt": _l("prendre en main un poste d’établi"),
    "bench.remote": _l("démarrer un ordinateur par le réseau"),
    "network.hosts": _l("tenir la liste des postes joints par le réseau"),
    "bench.offline": _l("préparer une clé pour effacer sans réseau"),
    "bench.devices": _l("enregistrer un appareil de l’atelier"),
    "bench.counter-check": _l("faire le second contrôle"),
    "bench.audit": _l("auditer un effacement"),
    "bench.waive": _l("renoncer à un audit"),
    "bench.quarantine": _l("voir les quarantaines"),
    "bench.lift": _l("lever une quarantaine"),
    "bench.destroy": _l("détruire un disque"),
    "bench.witness": _l("être témoin"),
    "bench.intake": _l("faire entrer un ordinateur"),
    "bench.wall": _l("voir le tableau de l’atelier"),
    "evidence.see": _l("voir les preuves"),
    "certificates.see": _l("voir les certificats"),
    "requests.write": _l("écrire une demande"),
    "requests.apply": _l("demander pour une association"),
    "requests.see": _l("voir les demandes"),
    "requests.count": _l("compter les demandes de sa structure"),
    "requests.needs": _l("voir les besoins"),
    "calls.see": _l("lire les appels à projets"),
    "calls.run": _l("ouvrir un appel à projets et le décider"),
    "calls.apply": _l("répondre à un appel à projets"),
    "calls.judge": _l("noter les projets d’un appel"),
    "directory.see": _l("consulter l’annuaire"),
    "directory.write": _l("mettre l’annuaire à jour"),
    "households.read": _l("ouvrir le dossier d’un foyer"),
    "households.erase": _l("effacer le dossier d’un foyer"),
    "messages.see": _l("voir les messages aux familles"),
    "sharing.book": _l("prendre un rendez-vous"),
    "sharing.desks": _l("dire les heures de remise"),
    "sharing.repair": _l("réparer l’ordinateur d’un foyer"),
    "sharing.allocate": _l("attribuer"),
    "sharing.hand-over": _l("remettre"),
    "sharing.take-back": _l("reprendre"),
    "sharing.programmes": _l("écrire les dispositifs"),
    "sharing.follow": _l("suivre un foyer"),
    "sharing.loans": _l("suivre les fins de prêt"),
    "sharing.train": _l("tenir des ateliers"),
    "fleet.see": _l("voir la santé des ordinateurs"),
    "fleet.enrol": _l("raccorder un ordinateur"),
    "fleet.help": _l("répondre aux demandes d’aide"),
    "network.figures": _l("voir les chiffres"),
    "network.people": _l("gérer les personnes"),
    "network.tokens": _l("gérer les jetons"),
    "network.log": _l("lire le journal du réseau"),
    "network.privacy": _l("tenir les règles de vie privée"),
    "network.heads": _l("dire à qui le journal public est envoyé"),
}
