"""What a firmware erase is worth, from its facts. It adds to the level when all of its evidence holds; it never makes a PASS."""

from __future__ import annotations

import re

from ordi.bench.facts import Firmware, WipeFacts
from ordi.bench.techniques import Technique

LEAST_MARKS = 2
"""The first and the last mebibyte."""

BAD_SENSE = "sense data"
"""hdparm prints it on its error output when the drive aborted the command, and ends with status 0."""

_SENSE = re.compile(r"sense data, sb\[\]:\s*((?:[0-9a-fA-F]{2}\s*)+)")

ASKS = ("--sanitize", "--security-erase", "--security-set-pass", "sanact=", "ses=", "mmc sanitize", "DISCARD")
"""What marks a command that erases, among those that only look."""


def contradictions(facts: WipeFacts, technique: str) -> list[str]:
    """In what a report contradicts the job or itself about the firmware erase: it is then not believed at all."""
    told = facts.firmware
    if technique == Technique.OVERWRITE:
        return ["firmware-contradicts"] if told is not None else []
    if told is None or told.technique != technique:
        return ["firmware-contradicts"]
    claimed = told.ending == "completed" or told.markers.changed > 0
    too_many = told.markers.changed + told.markers.unread > told.markers.written
    if (claimed and not (told.offered and told.accepted)) or too_many:
        return ["firmware-contradicts"]
    return []


def shortfall(facts: WipeFacts, technique: str) -> str | None:
    """Why the firmware erase that was ordered is not credited; None when its evidence holds, or when none was ordered.

    Offered by the capability bits, accepted without a sense error, ended, and every random mark gone. "Success" from an idle
    drive counts for nothing: only the marks, or the erase seen at work, tell it from an erase that never ran.
    """
    if technique == Technique.OVERWRITE or facts.firmware is None:
        return None
    told = facts.firmware
    if told.ending != "completed":
        known = ("not-offered", "frozen", "locked", "refused", "failed", "unreadable")
        return f"firmware-{told.ending}" if told.ending in known else "firmware-failed"
    if aborted(told):
        return "firmware-refused"
    marks = told.markers
    if marks.written < LEAST_MARKS or marks.changed < marks.written:
        return "firmware-marks-stay" if told.seen_running or marks.written else "firmware-unseen"
    return None


def aborted(told: Firmware) -> bool:
    """Whether a command that erases was answered with a failure, whatever the bench made of it."""
    orders = [
        step for step in told.steps if any(word in step.command for word in ASKS) and "status" not in step.command
    ]
    return not orders or any(step.status != 0 or _bad_sense(step.stderr or "") for step in orders)


def _bad_sense(said: str) -> bool:
    """Whether sense data tells of more than "recovered": key 1, 00/1D, and an ATA status without error (SAT-4), is a success."""
    if BAD_SENSE not in said:
        return False
    found = _SENSE.search(said)
    told = bytes.fromhex("".join(found[1].split())) if found else b""
    if len(told) >= 14 and told[0] & 0x7F in (0x70, 0x71):
        key, additional, status = told[2] & 0x0F, told[12:14], told[4]
    elif len(told) >= 22 and told[0] & 0x7F in (0x72, 0x73) and told[8] == 0x09:
        key, additional, status = told[1] & 0x0F, told[2:4], told[21]
    else:
        return True
    return key != 1 or additional != b"\x00\x1d" or bool(status & 0x21)
