"""Parts in words: families, what is known of each kind, and what became of them in a machine's history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ordi.bench.part_kinds import FACTS, Family
from ordi.machines.lifecycle import Note
from web.wording.words import Words, said

Facts = Mapping[str, Any]

FAMILIES: Words = {
    Family.MEMORY: _l("Barrette"),
    Family.CHARGER: _l("Chargeur"),
    Family.BATTERY: _l("Batterie"),
    Family.KEYBOARD: _l("Clavier de portable"),
    Family.PANEL: _l("Dalle d’écran"),
    Family.FAN: _l("Ventilateur"),
    Family.WIFI: _l("Carte Wi-Fi"),
    Family.TOUCHPAD: _l("Pavé tactile"),
    Family.CAMERA: _l("Caméra"),
    Family.SPEAKER: _l("Haut-parleur"),
    Family.POWER_SUPPLY: _l("Alimentation"),
    Family.BOARD: _l("Carte mère"),
    Family.MONITOR: _l("Écran"),
    Family.MOUSE: _l("Souris"),
    Family.USB_KEYBOARD: _l("Clavier"),
    Family.CABLE: _l("Câble"),
}

FAMILY_ICONS: dict[str, str] = {
    Family.MEMORY: "memory",
    Family.CHARGER: "charger",
    Family.BATTERY: "battery",
    Family.KEYBOARD: "keyboard",
    Family.PANEL: "laptop",
    Family.FAN: "heat",
    Family.WIFI: "wifi",
    Family.TOUCHPAD: "touchpad",
    Family.CAMERA: "camera",
    Family.SPEAKER: "speaker",
    Family.POWER_SUPPLY: "power",
    Family.BOARD: "nvme",
    Family.MONITOR: "screen",
    Family.MOUSE: "mouse",
    Family.USB_KEYBOARD: "type",
    Family.CABLE: "usb",
}

ASKED: Words = {
    "type": _l("Quelle sorte ?"),
    "shape": _l("Pour portable ou pour fixe ?"),
    "gb": _l("Combien de Go ?"),
    "volts": _l("Combien de volts ?"),
    "plug": _l("Quelle prise ?"),
    "watts": _l("Combien de watts ?"),
    "inches": _l("Combien de pouces ?"),
    "pins": _l("Combien de broches ?"),
    "fits": _l("Pour quel modèle ?"),
    "slot": _l("Quel connecteur ?"),
    "format": _l("Quel format ?"),
    "socket": _l("Quelle entrée ?"),
    "link": _l("Quelle prise ?"),
    "cable": _l("Quel câble ?"),
}

_SAID: Words = {
    "sodimm": _l("portable"),
    "dimm": _l("fixe"),
    "mini-pcie": _l("mini-PCIe"),
    "m2": _l("M.2"),
    "usb": _l("USB"),
    "usb-b": _l("USB d’imprimante"),
    "usb-c": _l("USB-C"),
    "ps2": _l("PS/2"),
    "magsafe": _l("MagSafe"),
    "rectangular": _l("rectangulaire"),
    "mains": _l("secteur"),
    "vga": _l("VGA"),
    "dvi": _l("DVI"),
    "hdmi": _l("HDMI"),
    "displayport": _l("DisplayPort"),
    "rj45": _l("réseau"),
    "atx": _l("ATX"),
    "sfx": _l("SFX"),
    "tfx": _l("TFX"),
}


def family(code: str) -> str:
    """What a part is."""
    return said(FAMILIES, code)


def icon(code: str) -> str:
    """Its pictogram."""
    return FAMILY_ICONS.get(code, "part")


def choice(fact: str, value: str) -> str:
    """One value of a fact, with its unit."""
    if fact == "gb":
        return _("%(n)s Go", n=value)
    if fact == "volts":
        return _("%(n)s V", n=value.replace(".", ","))
    if fact == "watts":
        return _("%(n)s W", n=value)
    if fact == "inches":
        return _("%(n)s pouces", n=value.replace(".", ","))
    if fact == "pins":
        return _("%(n)s broches", n=value)
    if fact == "plug" and "x" in value:
        return _("ronde %(size)s mm", size=value.replace(".", ",").replace("x", " × "))
    return said(_SAID, value)


def called(named: Facts) -> str:
    """A kind in words: "Barrette DDR3, portable, 4 Go"."""
    code = str(named.get("family", ""))
    known = FACTS[Family(code)] if code in set(Family) else ()
    told = [choice(fact.name, str(named[fact.name])) for fact in known if named.get(fact.name)]
    if not told:
        return family(code) or _("Pièce")
    if code == Family.MEMORY:
        return f"{family(code)} {', '.join(told)}"
    if known[0].name == "fits":
        return _("%(part)s de %(model)s", part=family(code), model=told[0])
    return f"{family(code)} {', '.join(told)}"


def _which(facts: Facts) -> str:
    part = facts.get("part")
    name = called(part) if isinstance(part, Mapping) else _("une pièce")
    count = facts.get("count")
    return f"{count} × {name}" if isinstance(count, int) and count > 1 else name


def _taken(facts: Facts) -> str:
    return _("Pièce sortie, rangée dans le bac %(bin)s : %(part)s", part=_which(facts), bin=facts.get("bin", "?"))


def _fitted(facts: Facts) -> str:
    if facts.get("of"):
        return _("Pièce montée, venue de %(tag)s : %(part)s", part=_which(facts), tag=facts["of"])
    return _("Pièce montée : %(part)s", part=_which(facts))


def _passed_on(facts: Facts) -> str:
    return _("Sa pièce est maintenant dans %(tag)s : %(part)s", part=_which(facts), tag=facts.get("to", "?"))


SENTENCES: dict[str, Callable[[Facts], str]] = {
    Note.PART_TAKEN: _taken,
    Note.PART_FITTED: _fitted,
    Note.PART_PASSED_ON: _passed_on,
    Note.PART_GIVEN: lambda facts: _("Mis avec l’ordinateur : %(part)s", part=_which(facts)),
    Note.PART_AWAITED: lambda facts: _("Attend : %(part)s", part=_which(facts)),
    Note.PART_GIVEN_UP: lambda facts: _("N’attend plus : %(part)s", part=_which(facts)),
}
