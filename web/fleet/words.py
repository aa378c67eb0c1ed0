"""Health, contact, alerts and help in words. Three verdicts for people; every verdict says why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from ordi.fleet.alerts import AlertKind
from ordi.fleet.check_ins import Contact
from ordi.fleet.help_requests import Trouble
from ordi.machines.health import Health
from web.wording import refusals
from web.wording.refusals import Telling
from web.wording.words import Words, said

HEALTHS: Words = {
    Health.GOOD: _l("Tout va bien"),
    Health.WATCH: _l("À surveiller"),
    Health.REPAIR: _l("À réparer"),
    Health.UNKNOWN: _l("Pas encore de nouvelles"),
}

HEALTH_TONES: Words = {Health.GOOD: "ok", Health.WATCH: "warn", Health.REPAIR: "stop", Health.UNKNOWN: "wait"}
HEALTH_ICONS: Words = {Health.GOOD: "check", Health.WATCH: "alert", Health.REPAIR: "part", Health.UNKNOWN: "hourglass"}

PARTS: Words = {
    "drive": _l("Disque"),
    "battery": _l("Batterie"),
    "space": _l("Place libre"),
    "heat": _l("Température"),
}

PART_ICONS: Words = {"drive": "drive", "battery": "battery", "space": "space", "heat": "heat"}

PART_VERDICTS: Words = {
    Health.GOOD: _l("Bien"),
    Health.WATCH: _l("À surveiller"),
    Health.REPAIR: _l("À réparer"),
    Health.UNKNOWN: _l("Inconnu"),
}

CONTACTS: Words = {
    Contact.NEVER: _l("Jamais de nouvelles"),
    Contact.ON_TIME: _l("À l’heure"),
    Contact.LATE: _l("En retard"),
    Contact.OUT_OF_CONTACT: _l("Muet"),
    Contact.STOPPED: _l("Arrêté"),
}

CONTACT_LOOKS: Mapping[str, tuple[str, str]] = {
    Contact.NEVER: ("todo", "clock"),
    Contact.ON_TIME: ("ok", "check"),
    Contact.LATE: ("warn", "clock"),
    Contact.OUT_OF_CONTACT: ("wait", "offline"),
    Contact.STOPPED: ("todo", "stop"),
}

TROUBLES: Words = {
    Trouble.NO_POWER: _l("Ne s’allume pas"),
    Trouble.SLOW: _l("Trop lent"),
    Trouble.NO_INTERNET: _l("Pas d’internet"),
    Trouble.NO_SOUND: _l("Pas de son"),
    Trouble.BLACK_SCREEN: _l("Écran noir"),
    Trouble.CALL_ME: _l("Me rappeler"),
}

TROUBLE_ICONS: Words = {
    Trouble.NO_POWER: "power",
    Trouble.SLOW: "slow",
    Trouble.NO_INTERNET: "wifi-off",
    Trouble.NO_SOUND: "volume-off",
    Trouble.BLACK_SCREEN: "screen-off",
    Trouble.CALL_ME: "phone",
}

ALERTS: Words = {
    AlertKind.HEALTH: _l("Santé"),
    AlertKind.SWAP: _l("Un disque a changé"),
    AlertKind.CLONE: _l("Deux ordinateurs parlent d’une même voix"),
    AlertKind.COUNTERS: _l("Un disque dément son effacement"),
}

ALERT_ICONS: Words = {
    AlertKind.HEALTH: "health",
    AlertKind.SWAP: "drive",
    AlertKind.CLONE: "copy",
    AlertKind.COUNTERS: "alert",
}

SENT = (
    ("drive", _l("L’état du disque")),
    ("battery", _l("L’état de la batterie")),
    ("heat", _l("La température")),
    ("memory", _l("La mémoire")),
    ("space", _l("La place libre")),
    ("clock", _l("Depuis quand il est allumé")),
)
"""Everything `payload.allowed` keeps, for families."""

NEVER_SENT = (
    ("photo-off", _l("Vos photos")),
    ("message-off", _l("Vos messages")),
    ("world-off", _l("Les sites visités")),
    ("pin-off", _l("Où vous êtes")),
)


USED = _l("Disque")
CAPACITY = _l("Batterie")


def health(code: str) -> str:
    """The verdict."""
    return said(HEALTHS, code)


def health_look(code: str) -> tuple[str, str]:
    """Its tone and pictogram."""
    return HEALTH_TONES.get(code, "wait"), HEALTH_ICONS.get(code, "hourglass")


def contact(code: str) -> str:
    """Whether news come."""
    return said(CONTACTS, code)


def contact_look(code: str) -> tuple[str, str]:
    """How that looks."""
    return CONTACT_LOOKS[Contact(code)]


def trouble(code: str) -> str:
    """What is wrong."""
    return said(TROUBLES, code)


def alert(code: str) -> str:
    """What kind of thing happened."""
    return said(ALERTS, code)


def part_of(parts: Mapping[str, str]) -> list[tuple[str, str, str, str]]:
    """The parts of a machine as the family sees them: pictogram, name, tone, verdict."""
    return [
        (PART_ICONS[name], said(PARTS, name), HEALTH_TONES[level], said(PART_VERDICTS, level))
        for name, level in parts.items()
        if name in ("drive", "battery", "space")
    ]


def why(reason: Mapping[str, Any]) -> str:
    """One reason of a verdict, as a sentence."""
    value = int(reason.get("value", 0))
    code = str(reason.get("code", ""))
    sentence = _REASONS[code](value) if code in _REASONS else code
    return _("%(drive)s : %(what)s", drive=reason["drive"], what=sentence) if reason.get("drive") else sentence


def whys(reasons: Iterable[Mapping[str, Any]]) -> str:
    """Several reasons in a row."""
    return ", ".join(why({**reason, "drive": ""}) for reason in reasons)


_REASONS: Mapping[str, Callable[[int], str]] = {
    "self-test-failing": lambda _value: _("le disque dit lui-même qu’il va lâcher"),
    "reallocated": lambda n: ngettext("un secteur remplacé", "%(num)s secteurs remplacés", n),
    "reported_uncorrect": lambda n: ngettext("une erreur non corrigée", "%(num)s erreurs non corrigées", n),
    "command_timeout": lambda _value: _("le disque met trop de temps à répondre"),
    "pending": lambda n: ngettext("un secteur illisible", "%(num)s secteurs illisibles", n),
    "offline_uncorrect": lambda n: ngettext("un secteur perdu", "%(num)s secteurs perdus", n),
    "critical_warning": lambda _value: _("le disque lance une alerte"),
    "available_spare": lambda n: _("il reste %(n)s %% de réserve", n=n),
    "percentage_used": lambda n: _("usé à %(n)s %%", n=n),
    "media_errors": lambda n: ngettext("une erreur de lecture", "%(num)s erreurs de lecture", n),
    "unread": lambda _value: _("le disque n’a pas pu être lu"),
    "battery-worn": lambda n: _("la batterie a perdu %(n)s %% de sa capacité", n=n),
    "disk-full": lambda n: _("le disque est plein à %(n)s %%", n=n),
    "too-hot": lambda n: _("il chauffe : %(n)s °C", n=n),
}

refusals.learn(
    {
        "not-reinstalled": Telling(
            _l("%(tag)s n’a pas encore de système."), _l("Réinstallez-le d’abord, puis recommencez.")
        ),
        "token-unknown": Telling(_l("Ce code n’ouvre rien."), _l("Préparez l’ordinateur de nouveau à l’établi.")),
        "token-expired": Telling(_l("Le code de %(tag)s est trop vieux."), _l("Préparez-le de nouveau à l’établi.")),
        "token-used": Telling(
            _l("Le code de %(tag)s a déjà servi."), _l("Si un disque a été copié, préparez chaque ordinateur à part.")
        ),
        "counter-replayed": Telling(
            _l("Ces nouvelles de %(tag)s sont déjà passées."), _l("L’atelier regarde s’il y a une copie.")
        ),
        "already-settled": Telling(
            _l("L’alerte sur %(tag)s est déjà réglée."), _l("Revenez à la liste : elle est à jour.")
        ),
    }
)
