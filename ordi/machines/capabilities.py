"""What a drive can do to itself and what hides, as a bench inventory read it. Pure readings; what was not told is not there."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

SECTOR = 512
"""Bytes of the sectors that `hdparm -N` counts."""

RAID = "0x0104"
"""PCI class of RAID controllers (PCI Code and ID Assignment Specification)."""
SEES_THROUGH = frozenset({"ahci", "vmd", "nvme"})
"""Drivers that show each drive of a controller in RAID mode by itself."""

Sectors = Annotated[int, Field(ge=0, lt=1 << 53)]
Minutes = Annotated[int, Field(ge=0, le=100_000)]


class Part(BaseModel):
    """What a newer agent adds is ignored."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)


class Security(Part):
    """The ATA security feature set; minutes are the drive's own estimates."""

    supported: bool = False
    enabled: bool = False
    locked: bool = False
    frozen: bool = False
    enhanced: bool = False
    minutes: Minutes | None = None
    enhanced_minutes: Minutes | None = None


class Ata(Part):
    """An ATA drive. `sanitize`: block-erase, crypto-scramble, overwrite."""

    sanitize: list[str] = Field(default=[], max_length=8)
    encrypts: bool = False
    security: Security = Security()


class Nvme(Part):
    """An NVMe controller. `sanitize`: block-erase, crypto-erase, overwrite."""

    sanitize: list[str] = Field(default=[], max_length=8)
    formats: bool = False
    formats_crypto: bool = False


class Emmc(Part):
    """An eMMC; `boot_bytes` and `rpmb_bytes` lie beside the drive that is seen. `boot_from`: where its board starts from."""

    sanitizes: bool = False
    boot_bytes: Sectors = 0
    secure_trims: bool = False
    rpmb_bytes: Sectors = 0
    boot_from: int | None = None


class Opal(Part):
    """The lock of a self-encrypting drive."""

    supported: bool = False
    enabled: bool = False
    locked: bool = False


class Hidden(Part):
    """Sectors the host sees, sectors there are natively (HPA), and behind an overlay (DCO)."""

    visible: Sectors
    native: Sectors
    real: Sectors | None = None

    @property
    def bytes(self) -> int:
        """How much is hidden."""
        return max(0, self.whole_bytes - self.visible * SECTOR)

    @property
    def whole_bytes(self) -> int:
        """The drive's size once nothing hides."""
        return max(self.visible, self.native, self.real or 0) * SECTOR


class Capabilities(Part):
    """All that is known of one drive."""

    ata: Ata | None = None
    nvme: Nvme | None = None
    emmc: Emmc | None = None
    opal: Opal | None = None
    hidden: Hidden | None = None
    card: bool = False
    """A memory card: flash that somebody can take out."""


def read_capabilities(told: Any) -> Capabilities:
    """What a report's `capabilities:<name>` says; nothing known when it has another shape."""
    try:
        return Capabilities.model_validate(told if isinstance(told, dict) else {})
    except ValidationError:
        return Capabilities()


def hidden_by(controllers: Any) -> str:
    """Why drives may be hidden from the inventory: `remapped` (Intel RST hides an NVMe), `raid` (no driver shows them), or empty."""
    listed = controllers if isinstance(controllers, list) else []
    for one in listed:
        if not isinstance(one, dict):
            continue
        if isinstance(one.get("remapped_nvme"), int) and one["remapped_nvme"] > 0:
            return "remapped"
        if str(one.get("class", "")).startswith(RAID) and one.get("driver") not in SEES_THROUGH:
            return "raid"
    return ""
