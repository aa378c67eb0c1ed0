"""The judgement of a wipe, from facts alone. Pure: device status, bytes, read-back, challenge and plausibility together.

Whatever proves less than everything is not PASS: UNKNOWN when the facts contradict themselves or are missing, FAIL when they say that it
went wrong, UNHANDLED when nothing was done.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ordi.bench.facts import WipeFacts
from ordi.bench.firmware import contradictions, shortfall
from ordi.bench.smart import contradicts
from ordi.bench.techniques import Level as Level
from ordi.bench.techniques import Technique, level_of
from ordi.machines.drive import Medium


class Verdict(StrEnum):
    """Only PASS is green and opens the gate."""

    PASS = "PASS"  # noqa: S105 - a verdict, not a secret
    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"
    UNHANDLED = "UNHANDLED"


class Assurance(StrEnum):
    """How sure one may be, apart from the level (TRUST.md)."""

    DECLARED = "declared"
    EXECUTED = "executed"
    COUNTER_CHECKED = "counter_checked"
    AUDITED = "audited"


FASTEST = {"sata": 600, "ata": 600, "sas": 2400, "usb": 2500, "nvme": 16_000, "mmc": 400, "loop": 40_000}
"""MB/s that a link can carry at most: SATA 6 Gb/s, SAS 22.5 Gb/s, USB 3.2 Gen 2×2, PCIe 5 ×4, eMMC 5.1 HS400; loop is memory."""

_FASTEST_OF_MEDIUM = {Medium.HDD: 600, Medium.EMMC: 400}


@dataclass(frozen=True)
class Drawn:
    """What the challenge after the commit showed: how many chunks were asked and how many were right."""

    asked: int
    right: int


@dataclass(frozen=True)
class Judgement:
    """A verdict with the codes of its reasons, most telling first. A PASS has one only where its level is less than planned."""

    verdict: Verdict
    reasons: tuple[str, ...]
    level: Level


def judge(
    facts: WipeFacts,
    *,
    size: int,
    medium: str,
    drawn: Drawn | None,
    since_order_ms: int | None,
    test: bool,
    technique: str = Technique.OVERWRITE,
) -> Judgement:
    """Judge a commit for a drive of `size` bytes. `technique`: the job's; a firmware erase counts for the level, never for PASS.

    `drawn`: the answers to the challenge, or nothing when there were none. `since_order_ms`: what the server's own clock counts from
    the job's issue to the commit's arrival. `test`: a demonstration's loop device, whose link has the speed of memory.
    """
    if facts.raw_status.outcome == "refused":
        reason = facts.raw_status.reason or "refused"
        return Judgement(Verdict.UNHANDLED, (f"refused:{reason[:40]}".replace(" ", "-"),), Level.NONE)
    failed = tuple(_failures(facts, size))
    if drawn and drawn.right < drawn.asked:
        failed = ("challenge-mismatch", *failed)
    if failed:
        return Judgement(Verdict.FAIL, failed, Level.NONE)
    doubts = (
        *contradictions(facts, technique),
        *_doubts(facts, size, medium, drawn, since_order_ms, test),
    )
    if doubts:
        return Judgement(Verdict.UNKNOWN, doubts, Level.NONE)
    short = tuple(one for one in (shortfall(facts, technique), _kept_area(facts, medium)) if one)
    return Judgement(Verdict.PASS, short, level_of(medium, Technique.OVERWRITE if short else technique))


def _kept_area(facts: WipeFacts, medium: str) -> str | None:
    """Why an eMMC is not credited with more than its overwrite: a boot area that nobody could empty. RPMB is never reached, and said."""
    if medium != Medium.EMMC:
        return None
    beside = [area for area in facts.areas or () if area.kind != "rpmb"]
    return "boot-area-kept" if facts.areas is None or any(area.why for area in beside) else None


def _failures(facts: WipeFacts, size: int) -> list[str]:
    found = []
    if facts.raw_status.outcome != "completed":
        found.append(f"wipe-{facts.raw_status.outcome}")
    if facts.firmware and facts.firmware.password_left_set:
        found.append("password-left-set")
    if facts.write.errors or facts.read.errors:
        found.append("device-errors")
    if facts.skipped:
        found.append("sectors-skipped")
    if facts.read.mismatches or facts.read.mismatch_ranges:
        found.append("read-back-differs")
    if any(area.differs for area in facts.areas or () if area.kind != "rpmb"):
        found.append("boot-area-differs")
    if facts.write.bytes < size:
        found.append("not-all-written")
    if facts.read.bytes < size:
        found.append("not-all-read")
    return found


def _doubts(
    facts: WipeFacts, size: int, medium: str, drawn: Drawn | None, since_order_ms: int | None, test: bool
) -> list[str]:
    found = []
    if drawn is None or drawn.asked == 0:
        found.append("challenge-unanswered")
    if facts.write.bytes > size or facts.read.bytes > size or size == 0:
        found.append("size-contradicts")
    if facts.raw_status.errno:
        found.append("status-contradicts")
    link = "loop" if test else facts.identity.transport
    limit = FASTEST.get(link) or _FASTEST_OF_MEDIUM.get(Medium(medium), FASTEST["nvme"])
    if any(one.bytes > limit * 1000 * (one.ms + 1) for one in (facts.write, facts.read)):
        found.append("faster-than-its-link")
    if since_order_ms is not None and facts.write.ms + facts.read.ms > since_order_ms * 11 // 10 + 5_000:
        found.append("longer-than-the-clock")
    if contradicts(facts.smart_before, facts.smart_after, facts.identity.serial):
        found.append("smart-contradicts")
    return found
