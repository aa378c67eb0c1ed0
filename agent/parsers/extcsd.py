"""`mmc extcsd read`: what an eMMC offers, and the areas beside the one that is wiped (JEDEC JESD84-B51, EXT_CSD)."""

import re
from dataclasses import dataclass

from agent.parsers.reading import Unreadable

REGISTER = re.compile(r"\[(?P<name>[A-Z_]+)(?:\[\d+\])?:\s*0x(?P<value>[0-9a-fA-F]{1,8})\]")
SECURE_TRIMS, SANITIZES = 1 << 0, 1 << 6
"""SEC_FEATURE_SUPPORT: SECURE_ER_EN, SEC_SANITIZE."""
UNIT = 128 * 1024
"""Bytes of a BOOT_SIZE_MULT (each of the two boot areas has as many) and of a RPMB_SIZE_MULT."""


@dataclass(frozen=True)
class Emmc:
    """`boot_bytes`: both boot areas together, outside the drive that is seen; `rpmb_bytes`: the area that only its key opens.

    `boot_from`: the boot area that the board starts from, 1 or 2; 0 when from none of them, None when the drive does not tell.
    """

    sanitizes: bool
    boot_bytes: int
    secure_trims: bool = False
    rpmb_bytes: int = 0
    boot_from: int | None = None


def registers(printed: bytes) -> Emmc:
    """Read `mmc extcsd read`. Raise Unreadable when it shows no register."""
    text = printed.decode("utf-8", "replace")
    found = {one["name"]: int(one["value"], 16) for one in REGISTER.finditer(text)}
    if "SEC_FEATURE_SUPPORT" not in found:
        raise Unreadable("no registers")
    boot = found.get("BOOT_SIZE_MULTI", found.get("BOOT_SIZE_MULT", 0))
    enabled = found["PARTITION_CONFIG"] >> 3 & 0b111 if "PARTITION_CONFIG" in found else None
    return Emmc(
        sanitizes=bool(found["SEC_FEATURE_SUPPORT"] & SANITIZES),
        boot_bytes=2 * boot * UNIT,
        secure_trims=bool(found["SEC_FEATURE_SUPPORT"] & SECURE_TRIMS),
        rpmb_bytes=found.get("RPMB_SIZE_MULT", 0) * UNIT,
        boot_from=enabled if enabled in (None, 1, 2) else 0,
    )
