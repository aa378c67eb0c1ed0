"""`hdparm`: what an ATA drive can do to itself, whether a password or a freeze stops it, and how its Sanitize goes.

hdparm prints for people; the marks looked for are those of its source (identify.c, hdparm.c; 9.43 to 9.65).
"""

import re
from dataclasses import dataclass
from typing import Literal

from agent.parsers.reading import Unreadable

SANITIZE_COMMANDS = {
    "BLOCK_ERASE_EXT command": "block-erase",
    "CRYPTO_SCRAMBLE_EXT command": "crypto-scramble",
    "OVERWRITE_EXT command": "overwrite",
}

FEATURE = re.compile(r"^\t\s+\*?\t(?P<name>.+?)\s*$", re.MULTILINE)
SECURITY = re.compile(r"^Security:.*\n(?P<lines>(?:[ \t].*\n?)*)", re.MULTILINE)
MINUTES = re.compile(r"(\d+)min for (ENHANCED )?SECURITY ERASE UNIT")
NATIVE = re.compile(r"max sectors\s*=\s*(\d+)/(\d+)")
REAL = re.compile(r"Real max sectors:\s*(\d+)")
STATE = re.compile(r"State:\s+(SD\d)")
SENSE = re.compile(r"sense data, sb\[\]:\s*((?:[0-9a-fA-F]{2}\s*)+)")
PROGRESS = re.compile(r"Progress:\s+0x[0-9a-f]+ \((\d+)%\)")

COMPLAINTS = ("bad/missing sense data", "questionable sense data", "failed", "error reason", "not supported", "Invalid")
"""What hdparm writes on its error output where a drive aborted a command, often with status 0."""


@dataclass(frozen=True)
class Security:
    """The ATA security feature set. Minutes are the drive's own estimates."""

    supported: bool = False
    enabled: bool = False
    locked: bool = False
    frozen: bool = False
    enhanced: bool = False
    minutes: int | None = None
    enhanced_minutes: int | None = None


@dataclass(frozen=True)
class Ata:
    """What `hdparm -I` says a drive can do. `sanitize` holds block-erase, crypto-scramble, overwrite."""

    sanitize: frozenset[str]
    encrypts: bool
    security: Security


@dataclass(frozen=True)
class Sanitize:
    """One answer to `--sanitize-status`. `ended_well` is a flag that an idle drive may carry from any time before."""

    state: Literal["idle", "frozen", "running", "failed"]
    percent: int | None
    ended_well: bool


def identify(printed: bytes) -> Ata:
    """Read `hdparm -I`. Raise Unreadable when no ATA drive answered."""
    text = printed.decode("utf-8", "replace")
    if "Model Number:" not in text:
        raise Unreadable("no ATA drive")
    features = {found["name"] for found in FEATURE.finditer(text)}
    offered = "SANITIZE feature set" in features
    return Ata(
        sanitize=frozenset(way for name, way in SANITIZE_COMMANDS.items() if offered and name in features),
        encrypts="Device encrypts all user data" in features,
        security=security(text),
    )


def security(text: str) -> Security:
    """The Security part: each line is a word, with `not` before it when it is not so."""
    found = SECURITY.search(text)
    if found is None:
        return Security()
    lines = [" ".join(line.split()) for line in found["lines"].splitlines()]
    minutes = {bool(enhanced): int(told) for told, enhanced in MINUTES.findall(found["lines"])}
    return Security(
        supported="supported" in lines,
        enabled="enabled" in lines,
        locked="locked" in lines,
        frozen="frozen" in lines,
        enhanced="supported: enhanced erase" in lines,
        minutes=minutes.get(False),
        enhanced_minutes=minutes.get(True),
    )


def native_sectors(printed: bytes, complained: bytes) -> tuple[int, int] | None:
    """(visible, native) sectors of `hdparm -N`; None where the answer cannot be meant, as behind many USB bridges."""
    found = NATIVE.search(printed.decode("utf-8", "replace"))
    if found is None or b"invalid" in printed or complaint(complained):
        return None
    visible, native = int(found[1]), int(found[2])
    return (visible, native) if 0 < visible <= native else None


def real_sectors(printed: bytes, complained: bytes) -> int | None:
    """The sectors there are behind a Device Configuration Overlay (`hdparm --dco-identify`); None where it does not tell."""
    found = REAL.search(printed.decode("utf-8", "replace"))
    return int(found[1]) if found and not complaint(complained) and int(found[1]) > 1 else None


def sanitize_status(printed: bytes) -> Sanitize:
    """Read `hdparm --sanitize-status`. Raise Unreadable when it shows no state."""
    text = printed.decode("utf-8", "replace")
    found, progress = STATE.search(text), PROGRESS.search(text)
    states: dict[str, Literal["idle", "frozen", "running", "failed"]] = {
        "SD0": "idle", "SD1": "frozen", "SD2": "running", "SD3": "failed", "SD4": "idle",
    }  # fmt: skip
    if found is None or found[1] not in states:
        raise Unreadable("no sanitize state")
    return Sanitize(
        state=states[found[1]],
        percent=int(progress[1]) if progress else None,
        ended_well="Completed Without Error" in text,
    )


def complaint(complained: bytes) -> str | None:
    """The line of hdparm's error output that says the drive did not do it; None when there is none."""
    for line in complained.decode("utf-8", "replace").splitlines():
        if any(mark in line for mark in COMPLAINTS) and not recovered(line):
            return " ".join(line.split())
    return None


def recovered(line: str) -> bool:
    """Whether a line of sense data says that all went well: some kernels answer so to ATA commands that succeeded.

    Sense key 1 with additional sense 00/1D, "ATA pass-through information available" (SAT-4), and neither the error nor the
    device fault bit in the ATA status that comes along. In fixed format that status is byte 4; in descriptor format, byte 13 of
    the ATA Status Return descriptor, which is 21.
    """
    found = SENSE.search(line)
    told = bytes(int(pair, 16) for pair in found[1].split()) if found else b""
    if len(told) >= 14 and told[0] & 0x7F in (0x70, 0x71):
        key, additional, status = told[2] & 0x0F, told[12:14], told[4]
    elif len(told) >= 22 and told[0] & 0x7F in (0x72, 0x73) and told[8] == 0x09:
        key, additional, status = told[1] & 0x0F, told[2:4], told[21]
    else:
        return False
    return key == 1 and additional == b"\x00\x1d" and not status & 0x21
