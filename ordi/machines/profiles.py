"""Software profiles: what a machine is reinstalled with. Data: a programme names one by its code."""

from __future__ import annotations

from dataclasses import dataclass

from ordi.machines.machine import Machine

GIB = 1024**3


@dataclass(frozen=True)
class Profile:
    """A profile: its desktop, what is added to it, and the least memory it runs well in. Its name is in the face's words."""

    code: str
    desktop: str
    packages: tuple[str, ...]
    least_memory_bytes: int


_BASE = ("firefox-esr", "libreoffice", "vlc", "ordi-agent")

PROFILES: tuple[Profile, ...] = (
    Profile("bureau", "xfce", (*_BASE, "thunderbird", "simple-scan"), 4 * GIB),
    Profile("ecole", "xfce", (*_BASE, "gcompris-qt", "tuxmath", "geogebra"), 4 * GIB),
    Profile("gros_caracteres", "xfce", (*_BASE, "orca", "onboard", "magnus"), 4 * GIB),
    Profile("association", "xfce", (*_BASE, "thunderbird", "scribus", "gimp", "paprefs"), 8 * GIB),
    Profile("formation", "xfce", (*_BASE, "klavaro", "scratch"), 4 * GIB),
    Profile("leger", "lxqt", ("falkon", "abiword", "gnumeric", "ordi-agent"), 2 * GIB),
)

BY_CODE = {profile.code: profile for profile in PROFILES}


def fits(profile: Profile, machine: Machine) -> bool:
    """Whether a machine has the memory; not known is not refused."""
    return machine.memory_bytes is None or machine.memory_bytes >= profile.least_memory_bytes * 9 // 10
