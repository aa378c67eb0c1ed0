"""What a wipe of a drive will be, from what the drive says it can do: steps, level, time, and what stands in the way.

The best technique that the drive offers is taken; nobody chooses. What the drive then really did is judged afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.bench.techniques import Level, Technique, level_of
from ordi.machines.capabilities import Capabilities
from ordi.machines.drive import Drive, Medium
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

    @property
    def minutes(self) -> int:
        """How long all of it takes."""
        return sum(step.minutes for step in self.steps)


def plan(*, medium: str, size: int, transport: str, told: Capabilities) -> Plan:
    """The plan for a drive of `size` bytes."""
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
    )


def plan_of(drive: Drive, hardware: Hardware | None) -> Plan:
    """The plan for a drive, with what the machine's last inventory says of it."""
    return plan(medium=drive.medium, size=drive.bytes, transport=drive.transport, told=capabilities_of(drive, hardware))


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
    if told.emmc and told.emmc.boot_bytes:
        yield "boot-areas"
    if transport == "usb":
        yield "usb-bridge"
    if technique == Technique.OVERWRITE and medium in (Medium.SSD, Medium.NVME, Medium.EMMC):
        yield "flash-stays-clear"
