"""How a drive can be sanitised, and the level each way reaches on each medium: derived here, once, and chosen nowhere.

SANITISATION.md, after NIST SP 800-88 Rev. 2. Every technique ends with the overwrite, which is what the read-back proves.
"""

from __future__ import annotations

from enum import StrEnum

from ordi.machines.drive import Medium


class Level(StrEnum):
    """From nothing to a drive in pieces. An overwrite is Clear, whatever the medium."""

    NONE = "none"
    CLEAR = "clear"
    PURGE = "purge"
    DESTROY = "destroy"


class Technique(StrEnum):
    """What a job asks of a drive, in the agent's words (docs/protocol.md)."""

    OVERWRITE = "overwrite-aes256ctr"
    ATA_BLOCK_ERASE = "ata-sanitize-block-erase"
    ATA_CRYPTO_SCRAMBLE = "ata-sanitize-crypto-scramble"
    ATA_OVERWRITE = "ata-sanitize-overwrite"
    ATA_SECURITY_ERASE = "ata-security-erase"
    ATA_SECURITY_ERASE_ENHANCED = "ata-security-erase-enhanced"
    NVME_BLOCK_ERASE = "nvme-sanitize-block-erase"
    NVME_CRYPTO_ERASE = "nvme-sanitize-crypto-erase"
    NVME_FORMAT = "nvme-format-user-data-erase"
    NVME_FORMAT_CRYPTO = "nvme-format-crypto-erase"
    EMMC_SANITIZE = "emmc-sanitize"
    EMMC_SECURE_TRIM = "emmc-secure-trim"


PURGES: dict[Medium, frozenset[Technique]] = {
    Medium.HDD: frozenset({Technique.ATA_OVERWRITE, Technique.ATA_SECURITY_ERASE_ENHANCED}),
    Medium.SSD: frozenset({Technique.ATA_BLOCK_ERASE, Technique.ATA_CRYPTO_SCRAMBLE}),
    Medium.NVME: frozenset({Technique.NVME_BLOCK_ERASE, Technique.NVME_CRYPTO_ERASE}),
    Medium.EMMC: frozenset({Technique.EMMC_SANITIZE}),
}
"""What reaches Purge, when it is proved that it ran. All the rest is Clear."""


def level_of(medium: str, technique: str) -> Level:
    """The level that a technique reaches on a medium."""
    ways = PURGES.get(Medium(medium), frozenset())
    return Level.PURGE if technique in ways else Level.CLEAR
