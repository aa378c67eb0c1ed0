"""Every sentence the agent says to people: French first, English when LANG says so."""

import os
import sys
from collections.abc import Mapping

from agent.encoding import printable

SENTENCES: dict[str, tuple[str, str]] = {
    "adopt": ("Scannez ce code avec votre téléphone, puis l'étiquette de la machine.",
              "Scan this code with your phone, then the machine's label."),
    "pictograms": ("Vérifiez les trois images : {pictograms}", "Check the three pictures: {pictograms}"),
    "no-qr": ("Ouvrez cette adresse sur votre téléphone :", "Open this address on your phone:"),
    "adopted": ("Adoptée : machine {tag}.", "Adopted: machine {tag}."),
    "waiting": ("En attente d'un travail.", "Waiting for a job."),
    "ended": ("La séance est terminée.", "The session has ended."),
    "test": ("ESSAI : disques de démonstration seulement.", "TEST: demonstration disks only."),
    "evidence-saved": ("Inventaire gardé : {sources} sources, {absences} absentes.",
                       "Inventory kept: {sources} sources, {absences} absent."),
    "evidence-sent": ("Inventaire envoyé. Machine : {tag}.", "Inventory sent. Machine: {tag}."),
    "trials": ("La page d'essai s'ouvre sur cet écran.", "The trial page opens on this screen."),
    "memory": ("Mémoire libre essayée : {percent} %.", "Free memory tried: {percent} %."),
    "unreachable": ("Le serveur ne répond pas ({why}). Nouvel essai dans {seconds} s.",
                    "The server does not answer ({why}). Trying again in {seconds} s."),
    "kept-for-later": ("Le serveur ne répond pas ({why}). Gardé, à envoyer plus tard.",
                       "The server does not answer ({why}). Kept, to be sent later."),
    "refused-by-server": ("Le serveur refuse : {code}.", "The server refuses: {code}."),
    "bad-job": ("Travail ignoré : il ne vient pas du serveur ({why}).", "Job ignored: it is not the server's ({why})."),
    "job-wipe": ("Effacement du disque {serial}.", "Wiping drive {serial}."),
    "job-check": ("Contre-contrôle du disque {serial}.", "Counter-check of drive {serial}."),
    "confirmed": ("{serial} : c'est le bon disque. Début.", "{serial}: the right drive. Starting."),
    "erasing": ("{serial} : le disque s'efface lui-même, {percent} %.", "{serial}: the drive erases itself, {percent} %."),
    "writing": ("{serial} : écriture {percent} %.", "{serial}: writing {percent} %."),
    "reading": ("{serial} : relecture {percent} %.", "{serial}: reading back {percent} %."),
    "job-completed": ("{serial} : écrit et relu. {mismatches} octets différents, {errors} erreurs.",
                      "{serial}: written and read back. {mismatches} bytes differ, {errors} errors."),
    "job-failed": ("{serial} : arrêté par une panne du disque ({reason}).", "{serial}: stopped by a drive failure ({reason})."),
    "job-aborted": ("{serial} : interrompu. Le disque n'est PAS effacé.", "{serial}: interrupted. The drive is NOT wiped."),
    "job-refused": ("{serial} : refusé, rien n'a été écrit ({reason}).", "{serial}: refused, nothing was written ({reason})."),
    "job-read": ("{serial} : secteurs relus.", "{serial}: sectors read."),
    "verdict-PASS": ("Effacé, prouvé. Certificat : {certificate}.", "Wiped, proven. Certificate: {certificate}."),
    "verdict-UNKNOWN": ("Non prouvé : ne sort pas ({reasons}).", "Not proven: stays here ({reasons})."),
    "verdict-FAIL": ("Échec ({reasons}).", "Failed ({reasons})."),
    "verdict-UNHANDLED": ("PAS effacé ({reasons}).", "NOT wiped ({reasons})."),
    "stick-no-keys": ("Ce système ne connaît pas les clés du serveur (ORDI_SERVER_KEYS) : rien n'est effacé hors ligne.",
                      "This system does not know the server's keys (ORDI_SERVER_KEYS): nothing is wiped offline."),
    "stick-bad": ("{file} n'est pas le fichier d'une clé, ou il a été modifié.",
                  "{file} is not a stick's file, or it was edited."),
    "stick-nothing": ("Aucun disque d'ici à effacer avec cette clé.", "No drive here to wipe with this stick."),
    "stick-used": ("{serial} : cet ordre a déjà servi.", "{serial}: this job was used already."),
    "stick-expired": ("{serial} : cet ordre n'est plus valable. Rien n'a été écrit.",
                      "{serial}: this job has expired. Nothing was written."),
    "stick-done": ("Hors ligne. Gardé et signé : rapportez {file}.", "Offline. Kept and signed: bring back {file}."),
    "stick-drive-away": ("{serial} : rapport reçu, mais le disque n'est pas ici ({reason}). Branchez-le, puis recommencez.",
                         "{serial}: report taken, but the drive is not here ({reason}). Plug it in, then try again."),
    "stopping": ("Arrêt demandé.", "Asked to stop."),
    "bad-configuration": ("Configuration à corriger : {why}.", "Configuration to correct: {why}."),
    "not-permitted": ("Il faut être root : {why}.", "Only root can: {why}."),
    "not-root": ("Il faut être root pour effacer un disque.", "Only root can wipe a drive."),
    "enrolled": ("Machine {tag} inscrite.", "Machine {tag} enrolled."),
    "already-enrolled": ("Cette machine est déjà inscrite : {tag}.", "This machine is already enrolled: {tag}."),
    "no-token": ("Aucun jeton d'inscription.", "No enrolment token."),
    "not-enrolled": ("Cette machine n'est pas inscrite : rien n'est envoyé.", "This machine is not enrolled: nothing is sent."),
    "is-off": ("Les nouvelles sont arrêtées : rien n'est envoyé.", "Check-ins are off: nothing is sent."),
    "checked-in": ("Nouvelles envoyées : {count}.", "Check-ins sent: {count}."),
    "queued": ("Nouvelles gardées.", "Check-in kept."),
    "nothing-waiting": ("Rien à envoyer.", "Nothing to send."),
    "stopped-by-server": ("Le service a arrêté les nouvelles : clé et file effacées.",
                          "The service stopped check-ins: key and queue removed."),
    "turned-off": ("Arrêté. La clé et les nouvelles en attente sont effacées.",
                   "Off. The key and the waiting check-ins are removed."),
}  # fmt: skip


PICTOGRAMS: dict[str, tuple[str, str]] = {
    "cat": ("un chat", "a cat"), "key": ("une clé", "a key"), "boat": ("un bateau", "a boat"), "sun": ("un soleil", "a sun"),
    "tree": ("des arbres", "trees"), "umbrella": ("un parapluie", "an umbrella"), "bell": ("une cloche", "a bell"),
    "star": ("une étoile", "a star"), "apple": ("une pomme", "an apple"), "fish": ("un poisson", "a fish"),
    "bike": ("un vélo", "a bicycle"), "cloud": ("un nuage", "a cloud"),
}  # fmt: skip
"""The pictures of a session, in the words the server's page says them with; one that a newer server sends keeps its name."""


def pictured(names: tuple[str, ...]) -> str:
    """The pictures of a session in the reader's language."""
    return " · ".join(PICTOGRAMS.get(name, (name, name))[english()] for name in names)


def english(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether to speak English: LANG begins with `en`. Anything else is French."""
    return environ.get("LANG", "").lower().startswith("en")


def sentence(name: str, **facts: object) -> str:
    """The sentence `name` in the reader's language. What hardware or a server said in it is made inert."""
    return SENTENCES[name][english()].format(**{key: printable(value) for key, value in facts.items()})


def say(name: str, **facts: object) -> None:
    """Say a sentence on the terminal, where somebody may be reading; standard output stays for what was asked."""
    sys.stderr.write(sentence(name, **facts) + "\n")
    sys.stderr.flush()
