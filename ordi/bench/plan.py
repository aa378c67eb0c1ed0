"""What a wipe of a drive will be, from what the drive says it can do: steps, level, time, and what stands in the way.

The best technique that the drive offers is taken; nobody chooses. What the drive then really did is judged afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.bench.techniques import Level, Technique, level_of
from ordi.machines.capabilities import Capabilities
from ordi.machines.drive import Drive, Medium, Standing
from ordi.machines.evidence import Evidence, content_of
from ordi.machines.formats.decoding import NotUnderstood
from ordi.machines.formats.ordi import read
from ordi.machines.hardware import Hardware
from ordi.machines.machine import Machine
from ordi.machines.reports import FORMAT

TYPICAL = {Medium.HDD: 110, Medium.SSD: 380, Medium.NVME: 1100, Medium.EMMC: 90}
"""MB/s that a pass runs at on refurbished machines; a guess until the first progress tells better."""

SLOWEST_TYPICAL = 100
FIRMWARE_MINUTES = 2
"""A block or crypto erase; SSDs announce as much."""


class Before(StrEnum):
    """What a person may agree to before a wipe (docs/protocol.md, `prepare`): the computer sleeps once, the drive shows all it has."""

    WAKE = "wake"
    REVEAL = "reveal"


@dataclass(frozen=True)
class Step:
    """One thing that will happen: `erase` (by the drive itself), `write`, `read`, `check`; how long, in minutes."""

    what: str
    minutes: int


@dataclass(frozen=True)
class Plan:
    """What will be done to one drive. `notes`, `refusal`: codes of sentences; a plan with a refusal is not started."""

    technique: Technique
    level: Level
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()
    refusal: str = ""
    hidden_bytes: int = 0
    boot_bytes: int = 0
    offers: tuple[Before, ...] = ()
    """What somebody may agree to first, to reach further."""
    whole_bytes: int | None = None
    """The size once nothing hides, when that was agreed to."""

    @property
    def minutes(self) -> int:
        """How long all of it takes."""
        return sum(step.minutes for step in self.steps)


def plan(*, medium: str, size: int, transport: str, told: Capabilities, agreed: Set[str] = frozenset()) -> Plan:
    """The plan for a drive of `size` bytes, once what was `agreed` to among what it offers is done."""
    offers = tuple(_before(medium, transport, told))
    agreed = agreed & set(offers)
    whole = told.hidden.whole_bytes if told.hidden and Before.REVEAL in agreed else None
    told, size = _once_done(told, agreed), whole or size
    technique = Technique.OVERWRITE if transport == "usb" else _best(Medium(medium), told)
    level, refusal = level_of(medium, technique), _refusal(told)
    hidden = told.hidden.bytes if told.hidden else 0
    if hidden and level != Level.PURGE:
        refusal = refusal or "hidden-area"
    return Plan(
        technique=technique,
        level=Level.NONE if refusal else level,
        steps=() if refusal else tuple(_steps(technique, medium, size, told)),
        notes=() if refusal else tuple(_notes(medium, transport, technique, told)),
        refusal=refusal,
        hidden_bytes=hidden,
        boot_bytes=told.emmc.boot_bytes if told.emmc else 0,
        offers=offers,
        whole_bytes=whole,
    )


def _before(medium: str, transport: str, told: Capabilities) -> Iterable[Before]:
    """What would let a plan reach further, if somebody agrees."""
    if _refusal(told) or transport == "usb":
        return
    security = told.ata.security if told.ata else None
    if security and security.frozen and security.enhanced and medium == Medium.HDD:
        yield Before.WAKE
    if told.hidden and told.hidden.bytes and medium in (Medium.HDD, Medium.SSD):
        yield Before.REVEAL


def _once_done(told: Capabilities, agreed: Set[str]) -> Capabilities:
    """What the drive will say after that. Only what the drive then really says counts, at the judgement."""
    if Before.WAKE in agreed and told.ata:
        thawed = told.ata.security.model_copy(update={"frozen": False})
        told = told.model_copy(update={"ata": told.ata.model_copy(update={"security": thawed})})
    return told.model_copy(update={"hidden": None}) if Before.REVEAL in agreed else told


def usual(technique: str, medium: str, size: int) -> Plan:
    """What a wipe of `size` bytes by a technique usually takes, whatever its drive said: for a board that asks no inventory."""
    way = Technique(technique)
    return Plan(way, level_of(medium, way), tuple(_steps(way, medium, size, Capabilities())))


def plan_of(drive: Drive, hardware: Hardware | None, agreed: Set[str] = frozenset()) -> Plan:
    """The plan for a drive, with what the machine's last inventory says of it, and what somebody agreed to first."""
    told = capabilities_of(drive, hardware)
    if drive.standing != Standing.HOLDS_DATA:
        agreed = agreed - {Before.REVEAL}  # a drive that is proven clean does not change its size
    return plan(medium=drive.medium, size=drive.bytes, transport=drive.transport, told=told, agreed=agreed)


def capabilities_of(drive: Drive, hardware: Hardware | None) -> Capabilities:
    """What an inventory says this drive can do; nothing when it is not in it, or in it twice."""
    drives = hardware.drives if hardware else ()
    same = [one for one in drives if one.serial == drive.serial and one.bytes == drive.bytes]
    return same[0].capabilities if len(same) == 1 else Capabilities()


def last_inventory(session: Session, machine: Machine) -> Hardware | None:
    """What the last inventory that our agent made during this stay says. One query."""
    query = select(Evidence).where(Evidence.machine_id == machine.id, Evidence.parsed, Evidence.format == FORMAT)
    evidence = session.scalar(query.order_by(Evidence.id.desc()).limit(1))
    if evidence is None:
        return None
    try:
        return read(content_of(evidence))
    except NotUnderstood:
        return None


def _best(medium: Medium, told: Capabilities) -> Technique:
    """The first that the drive offers and that nothing stops, from the best on."""
    return next(iter(_offered(medium, told)), Technique.OVERWRITE)


def _offered(medium: Medium, told: Capabilities) -> Iterable[Technique]:
    if medium == Medium.SSD and told.ata:
        if "block-erase" in told.ata.sanitize:
            yield Technique.ATA_BLOCK_ERASE
        if "crypto-scramble" in told.ata.sanitize and told.ata.encrypts:
            yield Technique.ATA_CRYPTO_SCRAMBLE
    if medium == Medium.HDD and told.ata:
        security = told.ata.security
        if "overwrite" in told.ata.sanitize:
            yield Technique.ATA_OVERWRITE
        if security.enhanced and not (security.frozen or security.enabled):
            yield Technique.ATA_SECURITY_ERASE_ENHANCED
    if medium == Medium.NVME and told.nvme:
        if "block-erase" in told.nvme.sanitize:
            yield Technique.NVME_BLOCK_ERASE
        if "crypto-erase" in told.nvme.sanitize:
            yield Technique.NVME_CRYPTO_ERASE
    if medium == Medium.EMMC and told.emmc and told.emmc.sanitizes:
        yield Technique.EMMC_SANITIZE


def _refusal(told: Capabilities) -> str:
    if told.ata and told.ata.security.locked:
        return "locked"
    if told.opal and told.opal.locked:
        return "locked-by-owner"
    return "removable-flash" if told.card else ""


def _steps(technique: Technique, medium: str, size: int, told: Capabilities) -> Iterable[Step]:
    once = max(1, round(size / (TYPICAL.get(Medium(medium), SLOWEST_TYPICAL) * 1e6) / 60))
    security = told.ata.security if told.ata else None
    if technique == Technique.ATA_OVERWRITE:
        yield Step("erase", once)
    elif technique == Technique.ATA_SECURITY_ERASE_ENHANCED:
        yield Step("erase", (security.enhanced_minutes if security else None) or once)
    elif technique != Technique.OVERWRITE:
        yield Step("erase", FIRMWARE_MINUTES)
    yield from (Step("write", once), Step("read", once))


def _notes(medium: str, transport: str, technique: Technique, told: Capabilities) -> Iterable[str]:
    security = told.ata.security if told.ata else None
    if security and security.frozen and medium == Medium.HDD and technique == Technique.OVERWRITE and security.enhanced:
        yield "frozen"
    if security and security.enabled:
        yield "password-set"
    if told.emmc and told.emmc.boot_from:
        yield "starts-from-boot-area"
    if told.emmc and told.emmc.rpmb_bytes:
        yield "rpmb"
    if transport == "usb":
        yield "usb-bridge"
    if technique == Technique.OVERWRITE and medium in (Medium.SSD, Medium.NVME, Medium.EMMC):
        yield "flash-stays-clear"
