"""Kinds of parts, as data: a family, and the few facts that say whether one part may stand for another.

A drive is no family here and never will be: a drive out of a machine is a loose drive, with a rule of its own (`loose_drives`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ordi.canonical import canonical
from ordi.database import Base
from ordi.errors import Invalid
from ordi.machines.checks import LOCKS, Check


class Family(StrEnum):
    """What a part is."""

    MEMORY = "memory"
    CHARGER = "charger"
    BATTERY = "battery"
    KEYBOARD = "keyboard"
    PANEL = "panel"
    FAN = "fan"
    WIFI = "wifi"
    TOUCHPAD = "touchpad"
    CAMERA = "camera"
    SPEAKER = "speaker"
    POWER_SUPPLY = "power_supply"
    BOARD = "board"
    MONITOR = "monitor"
    MOUSE = "mouse"
    USB_KEYBOARD = "usb_keyboard"
    CABLE = "cable"


@dataclass(frozen=True)
class Fact:
    """One thing to know of a part. `choices` are pressed; none: the model of computer it fits, a few words.

    `least`: more serves as well (a charger of 90 W where 65 are needed).
    """

    name: str
    choices: tuple[str, ...] = ()
    least: bool = False


FITS = Fact("fits")
_INCHES = Fact("inches", ("11.6", "12.5", "13.3", "14", "15.6", "17.3"))
_SCREENS = Fact("inches", ("17", "19", "20", "22", "24", "27"))

FACTS: dict[Family, tuple[Fact, ...]] = {
    Family.MEMORY: (
        Fact("type", ("DDR2", "DDR3", "DDR3L", "DDR4", "DDR5")),
        Fact("shape", ("sodimm", "dimm")),
        Fact("gb", ("1", "2", "4", "8", "16", "32")),
    ),
    Family.CHARGER: (
        Fact("volts", ("12", "15", "16", "18.5", "19", "19.5", "20")),
        Fact("plug", ("usb-c", "4.5x3.0", "5.5x1.7", "5.5x2.5", "7.4x5.0", "7.9x5.5", "magsafe", "rectangular")),
        Fact("watts", ("30", "45", "60", "65", "85", "90", "120", "130"), least=True),
    ),
    Family.BATTERY: (FITS,),
    Family.KEYBOARD: (FITS,),
    Family.PANEL: (_INCHES, Fact("pins", ("30", "40"))),
    Family.FAN: (FITS,),
    Family.WIFI: (Fact("slot", ("mini-pcie", "m2", "usb")),),
    Family.TOUCHPAD: (FITS,),
    Family.CAMERA: (FITS,),
    Family.SPEAKER: (FITS,),
    Family.POWER_SUPPLY: (Fact("format", ("atx", "sfx", "tfx")),),
    Family.BOARD: (FITS,),
    Family.MONITOR: (_SCREENS, Fact("socket", ("vga", "dvi", "hdmi", "displayport"))),
    Family.MOUSE: (Fact("link", ("usb", "ps2")),),
    Family.USB_KEYBOARD: (Fact("link", ("usb", "ps2")),),
    Family.CABLE: (Fact("cable", ("mains", "vga", "dvi", "hdmi", "displayport", "rj45", "usb-b")),),
}

KIT = frozenset({Family.CHARGER, Family.MONITOR, Family.MOUSE, Family.USB_KEYBOARD, Family.CABLE})
"""What goes along with a machine without being built in."""

TRIED_BY: dict[Family, tuple[Check, ...]] = {
    Family.MEMORY: (Check.POWER, Check.MEMORY),
    Family.CHARGER: (),
    Family.BATTERY: (Check.BATTERY,),
    Family.KEYBOARD: (Check.KEYBOARD,),
    Family.PANEL: (Check.SCREEN, Check.TOUCH),
    Family.FAN: (Check.POWER,),
    Family.WIFI: (Check.NETWORK,),
    Family.TOUCHPAD: (Check.POINTER,),
    Family.CAMERA: (Check.CAMERA, Check.MICROPHONE),
    Family.SPEAKER: (Check.SOUND,),
    Family.POWER_SUPPLY: (Check.POWER,),
    Family.BOARD: (Check.POWER, Check.SOUND, Check.PORTS, Check.NETWORK, Check.MEMORY, *sorted(LOCKS)),
    **dict.fromkeys(KIT, ()),
}
"""What must be tried again once such a part was changed: what was found before no longer speaks for the machine."""

LONGEST = 60
"""Characters of the model a part fits."""


class PartKind(Base):
    """One kind: every workshop of the network calls it the same. It names nobody and no place."""

    __tablename__ = "part_kinds"
    __table_args__ = (UniqueConstraint("family", "facts"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    family: Mapped[str] = mapped_column(String(16))
    facts: Mapped[str] = mapped_column(String(200))
    """Canonical JSON: the same facts are the same text."""

    @property
    def told(self) -> dict[str, str]:
        """Its facts."""
        told: dict[str, str] = json.loads(self.facts)
        return told

    @property
    def named(self) -> dict[str, str]:
        """How a history names it: its family and facts."""
        return {"family": self.family, **self.told}


def kind_of(session: Session, family: Family, told: Mapping[str, str]) -> PartKind:
    """The kind with these facts, made when nobody had one yet. Raises `Invalid` for a fact that is missing or unknown."""
    facts = canonical(_read(family, told))
    wanted = select(PartKind).where(PartKind.family == family, PartKind.facts == facts)
    found = session.scalar(wanted)
    if found is None:
        found = PartKind(family=family, facts=facts)
        session.add(found)
        session.flush()
    return found


def serves(have: PartKind, want: PartKind) -> bool:
    """Whether a part of one kind does what another is awaited for."""
    if have.family != want.family:
        return False
    has, asked = have.told, want.told
    for fact in FACTS[Family(have.family)]:
        one, other = has[fact.name], asked[fact.name]
        if one.casefold() != other.casefold() and not (fact.least and float(one) >= float(other)):
            return False
    return True


def _read(family: Family, told: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for fact in FACTS[family]:
        said = " ".join(str(told.get(fact.name, "")).split())[:LONGEST]
        if not said:
            raise Invalid(field=fact.name, why="missing")
        if fact.choices and said not in fact.choices:
            raise Invalid(field=fact.name, why="unknown")
        if not said.isprintable():
            raise Invalid(field=fact.name, why="unknown")
        found[fact.name] = said
    return found
