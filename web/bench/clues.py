"""What helps a person to judge a function: where to look, what the machine said of it, and whom to write to about a lock."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from ordi.machines.checks import Check
from ordi.machines.fitted import Fitted
from ordi.machines.machine import Machine
from web.wording.bench import CHECKS
from web.wording.sizes import memory
from web.wording.words import said

CLUES: dict[str, Any] = {
    Check.SCREEN: _l("Couleurs en plein écran : cherchez un point qui ne change pas."),
    Check.KEYBOARD: _l("Chaque touche s’allume sur la page d’essai."),
    Check.SOUND: _l("Un son à gauche, puis à droite."),
    Check.PORTS: _l("Essayez chaque prise avec une clé."),
    Check.BIOS_LOCK: _l("Au démarrage, tenez F2, F12 ou Suppr."),
    Check.MDM_LOCK: _l("Autopilot ne se voit pas d’ici : regardez au premier démarrage de Windows."),
    Check.APPLE_LOCK: _l("« Verrouillage d’activation » : il demande un identifiant Apple."),
    Check.TRACKER_LOCK: _l("Dans le BIOS, page Sécurité. S’il n’y est pas : oui."),
}
"""Where to look."""


def seen(check: Check, told: Fitted) -> str:
    """What the machine's own report says of a function; nothing when it said nothing."""
    say = _SEEN.get(check)
    return say(told) if say else ""


def _battery(told: Fitted) -> str:
    if told.battery_wear is None:
        return ""
    if told.battery_cycles is None:
        return _("Usure %(wear)s %%", wear=told.battery_wear)
    return _("Usure %(wear)s %%, %(cycles)s cycles", wear=told.battery_wear, cycles=told.battery_cycles)


def _memory(told: Fitted) -> str:
    if told.memory_tested is None:
        return ""
    if told.memory_errors:
        return _("%(size)s essayés : des erreurs", size=memory(told.memory_tested))
    return _("%(size)s essayés, aucune erreur", size=memory(told.memory_tested))


def _network(told: Fitted) -> str:
    if told.wifi == 0:
        return _("Aucun Wi-Fi vu")
    if told.wifi_networks is not None:
        return ngettext("Un réseau Wi-Fi entendu", "%(num)s réseaux Wi-Fi entendus", told.wifi_networks)
    return _("Wi-Fi vu") if told.wifi else ""


def _ports(told: Fitted) -> str:
    return ngettext("Une prise USB", "%(num)s prises USB", told.usb_ports) if told.usb_ports else ""


def _cameras(told: Fitted) -> str:
    return ngettext("Une caméra vue", "%(num)s caméras vues", told.cameras) if told.cameras else ""


def _speakers(told: Fitted) -> str:
    return _("Aucune carte son vue") if told.speakers == 0 else ""


def _pointer(told: Fitted) -> str:
    return _("Aucun pavé tactile vu") if told.touchpad is False else ""


def _tracker(told: Fitted) -> str:
    return _("Son BIOS installe un programme dans Windows : regardez bien.") if told.wpbt else ""


_SEEN = {
    Check.BATTERY: _battery,
    Check.MEMORY: _memory,
    Check.NETWORK: _network,
    Check.PORTS: _ports,
    Check.CAMERA: _cameras,
    Check.SOUND: _speakers,
    Check.POINTER: _pointer,
    Check.TRACKER_LOCK: _tracker,
}

_ASKS: dict[str, Any] = {
    Check.BIOS_LOCK: _l("nous dire comment retirer le mot de passe du BIOS"),
    Check.MDM_LOCK: _l("retirer l’appareil d’Autopilot et de votre outil de gestion (Intune, ABM, autre)"),
    Check.APPLE_LOCK: _l("retirer l’appareil de votre compte sur iCloud.com/find, puis d’Apple Business Manager"),
    Check.TRACKER_LOCK: _l("désactiver Absolute (Computrace) pour cet appareil dans votre console"),
}


def letter(machine: Machine, check: Check, name: str) -> dict[str, str]:
    """A message to the donor, ready to be sent: its subject and its text. It names the machine, nobody else than who writes."""
    named = " ".join(filter(None, (machine.manufacturer, machine.model))) or _("cet ordinateur")
    return {
        "subject": _("%(machine)s (%(tag)s) est verrouillé", machine=named, tag=machine.tag),
        "text": _(
            "Bonjour,\n\nVous nous avez donné %(machine)s, numéro de série %(serial)s (notre étiquette %(tag)s). Merci !\n\n"
            "Il est encore verrouillé : %(lock)s. Pour qu’il serve de nouveau, pouvez-vous %(ask)s ?\n\n"
            "Sans cela, nous ne pourrons que le démonter.\n\n%(name)s, %(workshop)s",
            machine=named,
            serial=machine.serial or _("inconnu"),
            tag=machine.tag,
            lock=said(CHECKS, check).lower(),
            ask=_ASKS[check],
            name=name,
            workshop=machine.workshop.name,
        ),
    }
