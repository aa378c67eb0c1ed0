"""`mmc extcsd read`: what an eMMC offers, and the areas beside the one that is wiped (JEDEC JESD84-B51, EXT_CSD)."""

import re
from dataclasses import dataclass

from agent.parsers.reading import Unreadable

REGISTER = re.compile(r"\[(?P<name>[A-Z_]+)(?:\[\d+\])?:\s*0x(?P<value>[0-9a-fA-F]{1,8})\]")
SANITIZES = 1 << 6
"""SEC_FEATURE_SUPPORT, SEC_SANITIZE."""
BOOT_UNIT = 128 * 1024
"""Bytes of a BOOT_SIZE_MULT; each of the two boot areas has as many."""


@dataclass(frozen=True)
class Emmc:
    """`boot_bytes`: both boot areas together, outside the drive that is seen."""

    sanitizes: bool
    boot_bytes: int


def registers(printed: bytes) -> Emmc:
    """Read `mmc extcsd read`. Raise Unreadable when it shows no register."""
    text = printed.decode("utf-8", "replace")
    found = {one["name"]: int(one["value"], 16) for one in REGISTER.finditer(text)}
    if "SEC_FEATURE_SUPPORT" not in found:
        raise Unreadable("no registers")
    boot = found.get("BOOT_SIZE_MULTI", found.get("BOOT_SIZE_MULT", 0))
    return Emmc(bool(found["SEC_FEATURE_SUPPORT"] & SANITIZES), 2 * boot * BOOT_UNIT)
