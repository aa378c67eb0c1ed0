"""Each field of a check-in, told to whoever lives with the machine. A test compares this list with what is really kept."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

FIELDS: dict[str, str] = {
    "agent": _l("la version du programme Ordi"),
    "at": _l("la date et l’heure de l’ordinateur"),
    "uptime_s": _l("depuis combien de secondes il est allumé"),
    "cpu_percent": _l("combien travaille le processeur"),
    "memory_bytes": _l("combien de mémoire il a"),
    "memory_percent": _l("combien de mémoire est prise"),
    "disk_percent": _l("combien du disque est pris"),
    "temperature_c": _l("la température"),
    "battery.percent": _l("la charge de la batterie"),
    "battery.full": _l("ce que la batterie garde encore"),
    "battery.full_design": _l("ce qu’elle gardait neuve"),
    "battery.cycles": _l("combien de fois elle a été chargée"),
    "drives.name": _l("le nom du disque dans le système"),
    "drives.model": _l("le modèle du disque"),
    "drives.serial_hash": _l("une empreinte de son numéro de série, pour voir s’il a été changé"),
    "drives.passed": _l("si le disque se dit bon"),
    "drives.power_on_hours": _l("combien d’heures il a tourné"),
    "drives.reallocated": _l("combien de secteurs ont été remplacés"),
    "drives.reported_uncorrect": _l("combien d’erreurs n’ont pas été réparées"),
    "drives.command_timeout": _l("combien d’ordres sont restés sans réponse"),
    "drives.pending": _l("combien de secteurs attendent d’être remplacés"),
    "drives.offline_uncorrect": _l("combien de secteurs sont illisibles"),
    "drives.critical_warning": _l("les alertes du disque NVMe"),
    "drives.available_spare": _l("ce qui lui reste de réserve"),
    "drives.percentage_used": _l("son usure"),
    "drives.media_errors": _l("ses erreurs de lecture"),
    "absences.source": _l("ce qui n’a pas pu être lu"),
    "absences.reason": _l("pourquoi"),
}
